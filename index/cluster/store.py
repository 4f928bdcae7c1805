"""The store on a cluster: documents are written in bulk, and seen when they are committed.

There may be several writers at once. What each writes carries the turn of the archive's changes as its
version, so that of two versions of a document the later one stays, in whatever order they come.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable
from contextlib import suppress
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from uuid import uuid4

from index.cluster.client import cluster_of
from index.cluster.commits import Commit, Commits, Writer
from index.cluster.held import ClusterHeld
from index.cluster.indices import opened, written
from index.cluster.place import ClusterPlace
from index.cluster.records import DocumentRecord
from index.cluster.stories import settle
from index.cluster.writing import Waiting, Writing
from index.errors import DatelineError
from index.model import Article
from index.storing import Held

_TOGETHER, _TOGETHER_CHARS = 256, 2_000_000  # documents that are sent together
_COMMIT_WAIT_S = 600.0  # for others who commit
_BEAT_S = 20.0
_TURNS = 32  # bits of a version that are the archive's turn; the others count the epochs


class ClusterStore:
    """Adds, replaces and deletes documents; see `storing.Store`.

    A version is the archive's turn behind the index's epoch: a number in the index that grows when an
    archive comes to write whose turns lie before those that were written, as one does that was lost and
    begun anew, or restored. No clock has a part in it.

    Args:
        place: where the index is; it is made where there is none.
        index: its own name, where it is not the one that readers see.
    """

    alone = False

    def __init__(self, place: ClusterPlace, index: str | None = None) -> None:
        self._cluster = cluster_of(place)
        if index is None:
            found = opened(self._cluster)
            self._index, self.made = found.index, found.made
        else:
            told = self._cluster.ask("GET", f"/{index}/_mapping")[index]["mappings"]["_meta"]
            self._index, self.made = index, str(told["made"])
        self._by = uuid4().hex
        self._commits = Commits(self._cluster, self._index)
        with written(self._cluster, self._index):
            self._seen = self._commits.read()
        self._followed = False
        self._beaten = time.monotonic()
        self._turn = 0
        self._writing = Writing(self._cluster, self._index, self._by)
        self.held = ClusterHeld(self._cluster, self._index, self._others_hold)
        self._queue: dict[str, Waiting] = {}
        self._chars = 0

    @property
    def generation(self) -> int:
        """Number of the newest commit."""
        with written(self._cluster, self._index):
            return self._commits.read().generation

    def __enter__(self) -> ClusterStore:
        """Be a writer, one of several."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit on a clean end; else what is not committed is left to who writes next."""
        if kind is None:
            self.commit()
            self._leave()
        else:
            with suppress(DatelineError):
                self._leave(undone=True)

    # --- documents

    def put(self, document: str, digest: str, articles: Iterable[Article], *, turn: int = 0) -> Held:
        """Add a document's articles in place of what the index holds of it."""
        now = datetime.now(UTC).replace(microsecond=0)
        timed = [a if a.added else replace(a, added=now, updated=now) for a in articles]
        paragraphs = [p for a in timed for p in a.paragraphs]
        dates, names = sum(len(p.dates) for p in paragraphs), sum(len(p.entities) for p in paragraphs)
        held = Held(digest, len(timed), len(paragraphs), dates, names)
        counts = (held.articles, held.paragraphs, held.dates, held.entities)
        self._wait(Waiting(document, self._version(turn), digest, timed, counts))
        self._chars += sum(len(p.text) for p in paragraphs)
        self.held.note(document, held)
        return held

    def delete(self, document: str, *, turn: int = 0) -> bool:
        """Remove a document; returns whether the index held it."""
        there = document in self.held
        self._wait(Waiting(document, self._version(turn)))
        self.held.note(document, None)
        return there

    def send(self) -> dict[str, str]:
        """Write what waits; see `storing.Store`."""
        queue, self._queue, self._chars = self._queue, {}, 0
        if queue:
            if self._followed and time.monotonic() - self._beaten > _BEAT_S:
                self._say(lambda _: None)
            with written(self._cluster, self._index):
                self._writing.write(queue.values())
        refused, self._writing.refused = self._writing.refused, {}
        for id_ in refused:
            self.held.note(id_, None)
        return refused

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        if self._queue:
            self._writing.refused |= self.send()
        if self._writing.open:
            with written(self._cluster, self._index):
                self._commit()
        self.held.settled()

    # --- one of several writers, of an archive

    def follow(self, newest: Callable[[], int]) -> None:
        """Be a writer of an archive; see `storing.Store`."""

        def work(commit: Commit) -> bool:
            at = newest()
            if at < commit.turn:
                commit.epoch, commit.turn, commit.writers = commit.epoch + 1, at, {}
            commit.writers = {name: w for name, w in commit.writers.items() if w.alive}
            commit.writers[self._by] = Writer(time.time())
            self._turn = at
            return True

        with written(self._cluster, self._index):
            self._seen = self._commits.change(work)
        self._followed = True

    # --- how

    def _version(self, turn: int) -> int:
        """Without a turn it is the archive's newest; without an archive, what comes last stays."""
        self._turn = max(self._turn, turn)
        return self._seen.epoch << _TURNS | (turn or max(self._turn, self._seen.turn))

    def _wait(self, document: Waiting) -> None:
        full = len(self._queue) >= _TOGETHER or self._chars >= _TOGETHER_CHARS
        if full or document.id in self._queue:
            self._writing.refused |= self.send()
        self._queue[document.id] = document

    def _commit(self) -> None:
        self._commits.take(self._by, _COMMIT_WAIT_S)
        try:
            self._show()
        except BaseException:
            with suppress(DatelineError):
                self._say(self._unlock)
            raise

    def _show(self) -> None:
        self._refresh()
        writing, go_on = self._writing, lambda: self._commits.go_on(self._by)
        if settle(self._cluster, self._index, writing.touched, writing.left, go_on):
            self._refresh()
        self._writing.close()
        self._say(self._next)

    def _next(self, commit: Commit) -> None:
        commit.generation += 1
        commit.turn = max(commit.turn, self._turn)
        self._unlock(commit)

    def _unlock(self, commit: Commit) -> None:
        if commit.lock is not None and commit.lock[0] == self._by:
            commit.lock = None

    def _refresh(self) -> None:
        self._cluster.ask("POST", f"/{self._index}/_refresh", timeout_s=120.0)

    def _leave(self, *, undone: bool = False) -> None:
        def work(commit: Commit) -> None:
            if not undone:
                commit.writers.pop(self._by, None)
            elif self._by in commit.writers:
                commit.writers[self._by].at = 0.0

        if self._followed:
            self._say(work)

    def _say(self, work: Callable[[Commit], object]) -> None:
        """Change the commit document, and say by the way that this writer lives."""

        def changed(commit: Commit) -> bool:
            if self._by in commit.writers:
                commit.writers[self._by].at = time.time()
            work(commit)
            return True

        with written(self._cluster, self._index):
            self._seen = self._commits.change(changed)
        self._beaten = time.monotonic()

    def _others_hold(self, record: DocumentRecord) -> bool:
        other = self._seen.writers.get(record.by)
        return record.by != self._by and other is not None and other.alive


__all__ = ["ClusterHeld", "ClusterStore"]
