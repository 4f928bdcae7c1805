"""Many documents in few requests, of a size that nodes take, and again where a node is full or gone."""

from __future__ import annotations

import random
import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from index.cluster.client import Cluster, encoded
from index.cluster.documents import ClusterDocument
from index.errors import ClusterBusyError, ClusterRefusedError, ClusterUnreachableError

REQUEST_BYTES = 8 * 2**20
"""Bytes of one request, if it is not one document that has more."""

MOST_BYTES = 90 * 2**20
"""Bytes of one document at most; nodes take requests of 100 MB (`http.max_content_length`)."""

PATIENCE_S = 120.0
"""Seconds in which a full node, or a shard that moves, is asked again."""

_LINES = 4_000
_AGAIN = frozenset({429, 503})
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
        error: Exception | None = None
        told: list[dict[str, Any]] = []
        try:
            told = cluster.bulk(_lines(actions), index=index)
        except (ClusterBusyError, ClusterUnreachableError) as why:
            error = why
        except ClusterRefusedError as why:
            if why.status != _TOO_LARGE:
                raise
            if len(actions) == 1:
                yield actions[0], {"status": _TOO_LARGE, "error": {"reason": why.reason}}
                return
            # A node, or a proxy before it, takes less than nodes usually do.
            yield from _sent(cluster, index, actions[: len(actions) // 2])
            actions = actions[len(actions) // 2 :]
            continue
        again: list[Action] = [] if told else actions
        for action, one in zip(actions, told, strict=False):
            if int(one["status"]) in _AGAIN:
                again.append(action)
                error = ClusterBusyError(str(cluster.place), reason_of(one))
            else:
                yield action, one
        actions = again
        if actions:
            if error is not None and time.monotonic() + pause > until:
                raise error
            time.sleep(pause * random.uniform(0.5, 1.0))  # noqa: S311 - no secret
            pause = min(2 * pause, _LONGEST_PAUSE_S)


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
