"""The commit document of an index: how often it was committed, who writes, and whose turn it is to commit.

It is changed by compare-and-set alone (`if_seq_no`), and read by its id, which sees it at once.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from typing import Any

from index.cluster.client import Cluster
from index.cluster.documents import COMMIT
from index.errors import ClusterBusyError, ClusterRefusedError

ALIVE_S = 120.0
"""Seconds after which a writer that says nothing counts as killed."""

STEAL_S = 30.0
"""Seconds after which one that commits, and says nothing, is passed over."""

_CONFLICT = 409
_TRIES = 200
_PAUSE_S = 0.02


@dataclass(slots=True)
class Writer:
    """One that writes.

    Attributes:
        at: when it said so, in seconds since 1970.
    """

    at: float

    @property
    def alive(self) -> bool:
        """Whether it was heard of lately."""
        return time.time() - self.at < ALIVE_S


@dataclass(slots=True)
class Commit:
    """What the document says.

    Attributes:
        generation: number of the newest commit.
        epoch: counts how often an archive that is behind what it was came to write here.
        turn: the highest of the archive's that was written here in this epoch.
        writers: who writes now, by name.
        lock: who commits now, and how often it said that it goes on.
    """

    generation: int
    epoch: int = 1
    turn: int = 0
    writers: dict[str, Writer] = field(default_factory=dict)
    lock: tuple[str, int] | None = None


def begin(generation: int = 0) -> dict[str, Any]:
    """The document of an index that is made."""
    return _body(Commit(generation))


class Commits:
    """The commit document of one index."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster = cluster
        self._path = f"/{index}/_doc/{COMMIT}"
        self._index = index

    def read(self) -> Commit:
        """What it says now.

        Raises:
            ClusterRefusedError: there is none.
        """
        return self._found()[0]

    def change(self, work: Callable[[Commit], bool]) -> Commit:
        """Change it in one step; `work` is done again where somebody else did so meanwhile.

        Args:
            work: changes what it is given, and says whether that is to be written.

        Raises:
            ClusterBusyError: others keep changing it.
        """
        for _ in range(_TRIES):
            commit, seq, term = self._found()
            if not work(commit):
                return commit
            told = {"if_seq_no": seq, "if_primary_term": term}
            try:
                self._cluster.ask("PUT", self._path, _body(commit), routing=COMMIT, **told)
            except ClusterRefusedError as error:
                if error.status != _CONFLICT:
                    raise
                time.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - no secret
            else:
                return commit
        raise ClusterBusyError(str(self._cluster.place), "too many writers commit at once")

    def take(self, by: str, wait_s: float) -> None:
        """Be the one that commits; where another one is, wait for it.

        Raises:
            ClusterBusyError: it goes on for longer than `wait_s` seconds.
        """
        until = time.monotonic() + wait_s
        seen: tuple[str, int] | None = None
        since = time.monotonic()
        while True:
            found = self.change(partial(_take, by=by, seen=seen, since=since))
            if found.lock is not None and found.lock[0] == by:
                return
            if found.lock != seen:
                seen, since = found.lock, time.monotonic()
            if time.monotonic() > until:
                raise ClusterBusyError(str(self._cluster.place), "another writer commits, and does not end")
            time.sleep(random.uniform(_PAUSE_S, 4 * _PAUSE_S))  # noqa: S311 - no secret

    def go_on(self, by: str) -> None:
        """Say that one that commits goes on.

        Raises:
            ClusterBusyError: another one took its place.
        """

        def work(commit: Commit) -> bool:
            if commit.lock is None or commit.lock[0] != by:
                raise ClusterBusyError(str(self._cluster.place), "another writer took the commit over")
            commit.lock = (by, commit.lock[1] + 1)
            return True

        self.change(work)

    def let_go(self, by: str) -> None:
        """Commit no more, so that others may."""

        def work(commit: Commit) -> bool:
            mine = commit.lock is not None and commit.lock[0] == by
            commit.lock = None if mine else commit.lock
            return mine

        self.change(work)

    def _found(self) -> tuple[Commit, int, int]:
        found = self._cluster.find("GET", self._path, routing=COMMIT)
        if found is None:
            raise ClusterRefusedError(f"the commit of {self._index}", 404, "there is none")
        return _read(found["_source"]), int(found["_seq_no"]), int(found["_primary_term"])


def _take(commit: Commit, *, by: str, seen: tuple[str, int] | None, since: float) -> bool:
    """Take the lock where nobody has it, or one who said nothing since it was looked at first."""
    silent = commit.lock == seen and time.monotonic() - since > STEAL_S
    if commit.lock is None or silent:
        commit.lock = (by, 0)
        return True
    return False


def _read(source: dict[str, Any]) -> Commit:
    told = source.get("record") or {}
    writers = {name: Writer(w["at"]) for name, w in told.get("writers", {}).items()}
    lock = told.get("lock")
    return Commit(
        int(source["generation"]),
        int(told.get("epoch", 1)),
        int(told.get("turn", 0)),
        writers,
        (str(lock[0]), int(lock[1])) if lock else None,
    )


def _body(commit: Commit) -> dict[str, Any]:
    writers = {name: {"at": w.at} for name, w in commit.writers.items()}
    told = {"epoch": commit.epoch, "turn": commit.turn, "writers": writers}
    told |= {"lock": list(commit.lock)} if commit.lock else {}
    return {"type": "commit", "generation": commit.generation, "record": told}
