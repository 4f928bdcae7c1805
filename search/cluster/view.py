"""From which commit does this process answer? A point in time of the cluster's, and what was decided."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager, suppress
from typing import Any

from index.archive import Archive
from index.cluster.client import NO_INDEX, Body, Cluster, cluster_of
from index.cluster.documents import COMMIT
from index.cluster.indices import Behind, behind
from index.cluster.place import ClusterPlace
from index.decisions import NOTHING
from index.errors import ClusterBusyError, ClusterRefusedError, DatelineError

LOOK_AGAIN_S = 0.2
"""How long a process may answer from its point in time before it looks for a newer commit."""

KEPT = "10m"
"""How long a point in time stays open after it was asked last; so long a cursor reads on in it."""

_MISSING = 404  # a point in time that ended, or went with its node


class View:
    """One commit of an index on a cluster. What is asked of it is answered of that commit alone.

    Attributes:
        cluster: that is asked.
        behind: the index.
        generation: number of the commit.
        decisions: of editors, in force.
        pit: id of the point in time.
        memo: what was worked out of this commit, by what it is; gone with it.
        shared: whether a cursor names the point in time, so that it is left open.
    """

    def __init__(self, cluster: Cluster, index: Behind, generation: int) -> None:
        self.cluster = cluster
        self.behind = index
        self.generation = generation
        self.decisions = NOTHING
        self.memo: dict[str, Any] = {}
        self.shared = False
        self.pit = self._opened()

    @property
    def identity(self) -> str:
        """Name the index, the commit and what was decided; equal names give equal answers."""
        return f"{self.behind.made} {self.generation} {self.decisions.version}"

    def search(self, body: Body, pit: str | None = None) -> dict[str, Any]:
        """Search this commit, or the point in time of a cursor.

        Raises:
            ClusterUnreachableError, ClusterBusyError, ClusterRefusedError: there is no whole answer;
                the last one with status 404 where the cursor's point in time is gone.
        """
        if pit is not None and pit != self.pit:
            return self.cluster.search(_at(body, pit))
        try:
            return self.cluster.search(_at(body, self.pit))
        except (ClusterRefusedError, ClusterBusyError) as error:
            self._again(error)
            return self.cluster.search(_at(body, self.pit))

    def searches(self, bodies: Sequence[Body]) -> list[dict[str, Any]]:
        """Several searches of this commit in one request."""
        try:
            return self.cluster.searches([_at(body, self.pit) for body in bodies])
        except (ClusterRefusedError, ClusterBusyError) as error:
            self._again(error)
            return self.cluster.searches([_at(body, self.pit) for body in bodies])

    def again(self) -> View:
        """The same commit with a point in time of its own, for what lasts."""
        made = View(self.cluster, self.behind, self.generation)
        made.decisions = self.decisions
        made.memo = dict(self.memo)
        return made

    def close(self) -> None:
        """Let go of the point in time, unless a cursor names it; it ends by itself then."""
        if not self.shared:
            with suppress(DatelineError):
                self.cluster.ask("DELETE", "/_search/point_in_time", {"pit_id": [self.pit]})

    def _opened(self) -> str:
        try:
            return self._opened_in(self.behind.index)
        except (ClusterRefusedError, ClusterBusyError) as error:
            if NO_INDEX not in error.reason:
                raise
            # It was built anew: the same is in the one that took its place, which is looked at next.
            return self._opened_in(self.cluster.place.name)

    def _opened_in(self, index: str) -> str:
        path = f"/{index}/_search/point_in_time"
        found = self.cluster.ask("POST", path, keep_alive=KEPT, allow_partial_pit_creation=False)
        return str(found["pit_id"])

    def _again(self, error: ClusterRefusedError | ClusterBusyError) -> None:
        """Open another point in time where this one ended, or went with its node."""
        if isinstance(error, ClusterRefusedError) and error.status != _MISSING:
            raise error
        self.pit = self._opened()


def _at(body: Body, pit: str) -> Mapping[str, Any]:
    return {**body, "pit": {"id": pit, "keep_alive": KEPT}}


class Views:
    """The newest commit of an index, opened when first needed and replaced after a commit or a decision.

    One request at a time is answered; more requests are served by more processes.
    """

    def __init__(self, place: ClusterPlace, archive: Archive | None) -> None:
        self._place = place
        self._archive = archive
        self._lock = threading.RLock()
        self._open: View | None = None
        self._looked = 0.0

    @contextmanager
    def current(self) -> Iterator[View]:
        """The newest commit for the length of a request.

        Raises:
            IndexMissingError: there is no index yet.
            ClusterUnreachableError, ClusterBusyError, ClusterRefusedError: there is no answer.
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: what editors
                decided cannot be read; without it hidden names would be shown.
        """
        with self._lock:
            yield self._refreshed()

    def look_again(self) -> None:
        """Look for a newer commit and decisions when asked next."""
        self._looked = 0.0

    def close(self) -> None:
        """Let go of the point in time."""
        with self._lock:
            if self._open is not None:
                self._open.close()
            self._open = None

    def _refreshed(self) -> View:
        now = time.monotonic()
        if self._open is not None and now - self._looked < LOOK_AGAIN_S:
            return self._open
        cluster = cluster_of(self._place)
        found = self._open
        told = cluster.find("GET", f"/{self._place.name}/_doc/{COMMIT}", routing=COMMIT)
        seen = (told["_index"], int(told["_source"]["generation"])) if told else ("", -1)
        if found is None or (found.behind.index, found.generation) != seen:
            index = behind(cluster)  # tells what is wrong with it
            found = View(cluster, index, seen[1])
            if self._open is not None:
                self._open.close()
            self._open = found
        found.decisions = self._archive.decisions() if self._archive else NOTHING
        self._looked = now
        return found
