"""Many documents in few requests, of a size that nodes take, and again where a node is full or gone."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.cluster.client import Cluster, encoded, failure
from index.cluster.documents import ClusterDocument
from index.errors import ClusterBusyError, ClusterRefusedError, ClusterUnreachableError

REQUEST_BYTES = 8 * 2**20
"""Bytes of one request, if it is not one document that has more."""

MOST_BYTES = 90 * 2**20
"""Bytes of one document at most; nodes take requests of 100 MB (`http.max_content_length`)."""

PATIENCE_S = 120.0
"""Seconds in which a full node, or a shard that moves, is asked again."""

_LINES = 4_000
_OF_INDEX = frozenset({401, 403, 404})  # errors that do not lie in a document
_TOO_LARGE = 413
_FIRST_PAUSE_S, _LONGEST_PAUSE_S = 0.1, 5.0


@dataclass(frozen=True, slots=True)
class Action:
    """One document to be written or deleted.

    Attributes:
        owner: what it is a part of, for who asks what became of it.
        head: the line that says what is done.
        body: the document as JSON; empty where it is deleted.
    """

    owner: str
    head: str
    body: str = ""

    @property
    def size(self) -> int:
        """Bytes of it, about."""
        return len(self.head) + (len(self.body) if self.body.isascii() else len(self.body.encode())) + 2


def put(owner: str, made: ClusterDocument, version: int) -> Action:
    """Write a document, unless a later version of it is there."""
    return Action(owner, _versioned("index", made.id, made.routing, version), encoded(made.body))


def drop(owner: str, id_: str, routing: str, version: int) -> Action:
    """Delete a document, unless a later version of it is there."""
    return Action(owner, _versioned("delete", id_, routing, version))


def swap(owner: str, made: ClusterDocument, at: tuple[int, int] | None) -> Action:
    """Write a document if it is still the one of this sequence number and term; None: if there is none."""
    told: dict[str, Any] = {"_id": made.id, "routing": made.routing}
    if at is None:
        return Action(owner, encoded({"create": told}), encoded(made.body))
    told |= {"if_seq_no": at[0], "if_primary_term": at[1]}
    return Action(owner, encoded({"index": told}), encoded(made.body))


def _versioned(action: str, id_: str, routing: str, version: int) -> str:
    told = {"_id": id_, "routing": routing, "version": version, "version_type": "external_gte"}
    return encoded({action: told})


def send(cluster: Cluster, index: str, actions: Iterable[Action]) -> Iterator[tuple[Action, dict[str, Any]]]:
    """Do all of it, in order of requests; yields what became of each.

    Raises:
        ClusterBusyError, ClusterUnreachableError: for too long.
        ClusterRefusedError: the cluster takes none of it.
    """
    for some in _requests(actions):
        yield from _sent(cluster, index, some)


def _requests(actions: Iterable[Action]) -> Iterator[list[Action]]:
    some: list[Action] = []
    size = 0
    for action in actions:
        if some and (size + action.size > REQUEST_BYTES or len(some) >= _LINES):
            yield some
            some, size = [], 0
        some.append(action)
        size += action.size
    if some:
        yield some


def _sent(cluster: Cluster, index: str, actions: list[Action]) -> Iterator[tuple[Action, dict[str, Any]]]:
    until, pause = time.monotonic() + PATIENCE_S, _FIRST_PAUSE_S
    while actions:
        try:
            done, actions, error = _tried(cluster, index, actions)
        except ClusterRefusedError as why:
            if why.status != _TOO_LARGE:
                raise
            yield from _halved(cluster, index, actions, why)
            return
        yield from done
        if error is not None:
            if time.monotonic() + pause > until:
                raise error
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST_PAUSE_S)


def _tried(
    cluster: Cluster, index: str, actions: list[Action]
) -> tuple[list[tuple[Action, dict[str, Any]]], list[Action], Exception | None]:
    """What became of actions of which that is known, those to be sent again, and why.

    Raises:
        ClusterRefusedError: none of them can be done.
    """
    try:
        told = cluster.bulk(_lines(actions), index=index, count=len(actions))
    except (ClusterBusyError, ClusterUnreachableError) as why:
        return [], actions, why
    done: list[tuple[Action, dict[str, Any]]] = []
    again: list[Action] = []
    error: Exception | None = None
    for action, one in zip(actions, told, strict=True):
        why_not = _failure(cluster, index, one)
        if why_not is None:
            done.append((action, one))
        else:
            again.append(action)
            error = why_not
    return done, again, error


def _failure(cluster: Cluster, index: str, told: dict[str, Any]) -> ClusterBusyError | None:
    """Why one action is to be sent again; None: it is done, or refused for what it is itself.

    Raises:
        ClusterRefusedError: it is refused for the index, which is gone or takes nothing.
    """
    if "error" not in told:
        return None
    found = failure(cluster.place, f"POST /{index}/_bulk", int(told["status"]), told["error"])
    if isinstance(found, ClusterBusyError):
        return found
    if found.status in _OF_INDEX:
        raise found
    return None


def _halved(
    cluster: Cluster, index: str, actions: list[Action], why: ClusterRefusedError
) -> Iterator[tuple[Action, dict[str, Any]]]:
    """Send in two requests what was too large for one: a node, or a proxy before it, may take less."""
    if len(actions) == 1:
        yield actions[0], {"status": _TOO_LARGE, "error": {"reason": why.reason}}
        return
    middle = len(actions) // 2
    yield from _sent(cluster, index, actions[:middle])
    yield from _sent(cluster, index, actions[middle:])


def _lines(actions: Sequence[Action]) -> Iterator[str]:
    for action in actions:
        yield action.head
        if action.body:
            yield action.body


def reason_of(told: dict[str, Any]) -> str:
    """Why something was not done, in the cluster's words."""
    error = told.get("error") or {}
    cause = error.get("caused_by") or {}
    return str(cause.get("reason") or error.get("reason") or error.get("type") or told.get("status"))[:500]
