"""Documents in, commits out: the one writer of a folder of segments."""

from __future__ import annotations

from array import array
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import numpy as np
from whoosh.fields import Schema
from whoosh.util.filelock import LockBase

from index.columns import commits
from index.columns.buffer import Buffer
from index.columns.codec import ColumnsSegment
from index.columns.files import trim
from index.columns.merge import merge
from index.columns.ragged import key_of
from index.columns.segment import Mask, OpenSegment
from index.model import Article

FANOUT = 6
"""Segments of about one size before they are made one."""

_SMALLEST = 2_000  # paragraphs; segments below count as of one size
_MOST_DELETED = 0.4  # share of a segment from which on it is written anew


class ColumnsWriter:
    """Adds, deletes and commits; holds the writer's lock, which its maker took.

    Args:
        folder: of the segments.
        lock: released by `close`.
        memory: bytes that building may take; a segment is written when it would be more.
    """

    def __init__(self, folder: Path, lock: LockBase, memory: int) -> None:
        self._folder = folder
        self._lock = lock
        self._memory = memory
        self._generation, named, self._schema = self._begin()
        self._named: list[ColumnsSegment] = named
        self._open = commits.open_segments(folder, named)
        self._stale: set[str] = set()  # segments whose deletions are not on disk yet
        self._buffer = Buffer()
        self._known: array[int] | None = None  # keys of the documents in segments, sorted
        self._changed = False

    def _begin(self) -> tuple[int, list[ColumnsSegment], Schema]:
        generation, named, schema = commits.contents(self._folder)
        commits.clean(self._folder, named, generation)
        return generation, named, schema

    @property
    def segments(self) -> Sequence[OpenSegment]:
        """The segments as they are so far; documents not yet in one are in the buffer."""
        return self._open

    @property
    def generation(self) -> int:
        """Number of the newest commit."""
        return self._generation

    @property
    def waiting(self) -> bool:
        """Whether there are documents that are in no segment yet."""
        return len(self._buffer) > 0 or bool(self._buffer.documents)

    def find(self, document: str) -> tuple[int, int] | None:
        """Place among `segments` of a document that is in one, and its number there.

        Nearly all documents are new, which one look at the keys of all tells.
        """
        if self._known is None:
            self._known = _sorted_keys(self._open)
        key = key_of(document)
        at = bisect_left(self._known, key)
        if at == len(self._known) or self._known[at] != key:
            return None
        numbers = ((n, s.document(document)) for n, s in enumerate(self._open))
        return next(((n, number) for n, number in numbers if number is not None), None)

    def put(self, document: str, digest: str, articles: Iterable[Article]) -> tuple[int, int, int, int]:
        """Add a document that is not there; returns its articles, paragraphs, dates and names."""
        counts = self._buffer.put(document, digest, articles)
        self._changed = True
        if self._buffer.memory() > self._memory:
            self._flush()
        return counts

    def delete(self, document: str) -> None:
        """Remove a document wherever it is."""
        self._changed = True
        if document in self._buffer.documents:
            self._buffer.delete(document)
            return
        found = self.find(document)
        if found is not None:
            at, number = found
            segment = self._open[at]
            live: Mask = np.ones(segment.rows, np.bool_) if segment.live is None else segment.live.copy()
            first, end = segment.document_rows(number)
            live[first:end] = False
            self._open[at] = segment.with_live(live)
            self._stale.add(segment.key)

    def commit(self) -> None:
        """Make everything so far visible, if there is anything."""
        if not self._changed:
            return
        self._flush()
        self._drop_empty()
        for group in groups(self._open):
            self._merge(group)
        self._generation += 1
        by_key = {s.segment_id(): s for s in self._named}
        for segment in self._open:
            if segment.key in self._stale and segment.live is not None:
                meta = by_key[segment.key]
                commits.write_deletions(self._folder, meta, segment.live, self._generation)
        self._stale.clear()
        commits.commit(self._folder, self._schema, self._named, self._generation)
        self._changed = False

    def close(self) -> None:
        """Let another writer in; what was not committed is dropped."""
        self._open = []
        self._buffer = Buffer()
        self._lock.release()

    def _flush(self) -> None:
        if not len(self._buffer):
            self._buffer = Buffer()
            return
        dead = self._buffer.dead()
        meta = commits.write_segment(self._folder, self._buffer.arrays(), len(self._buffer))
        self._buffer = Buffer()
        trim()
        self._add(meta, None if not dead.any() else ~dead)

    def _add(self, meta: ColumnsSegment, live: Mask | None = None, at: int | None = None) -> None:
        place = len(self._open) if at is None else at
        segment = OpenSegment(self._folder, meta, written=True)
        self._named.insert(place, meta)
        self._open.insert(place, segment if live is None else segment.with_live(live))
        self._known = None
        if live is not None:
            self._stale.add(segment.key)

    def _merge(self, group: Sequence[OpenSegment]) -> None:
        meta = commits.write_segment(self._folder, merge(group), sum(_live_rows(s) for s in group))
        keys = {s.key for s in group}
        at = min(n for n, s in enumerate(self._open) if s.key in keys)
        self._remove(keys)
        self._add(meta, at=at)

    def _remove(self, keys: set[str]) -> None:
        self._open = [s for s in self._open if s.key not in keys]
        self._named = [s for s in self._named if s.segment_id() not in keys]
        self._stale -= keys
        self._known = None

    def _drop_empty(self) -> None:
        self._remove({s.key for s in self._open if s.live is not None and not s.live.any()})


def groups(segments: Sequence[OpenSegment]) -> Iterator[list[OpenSegment]]:
    """Which segments to make one: FANOUT of a size, or one that is mostly deleted.

    A paragraph is copied once a tier, so a corpus of n costs n log n copies however it came.
    """
    tiers: dict[int, list[OpenSegment]] = {}
    for segment in segments:
        tiers.setdefault(_tier(_live_rows(segment)), []).append(segment)
    merged: set[str] = set()
    for together in tiers.values():
        if len(together) >= FANOUT:
            merged |= {s.key for s in together}
            yield together
    for segment in segments:
        if segment.key not in merged and _live_rows(segment) < segment.rows * (1 - _MOST_DELETED):
            yield [segment]


def _sorted_keys(segments: Sequence[OpenSegment]) -> array[int]:
    keys = np.concatenate([*(s.arrays["document_keys"] for s in segments), np.zeros(0, dtype=np.uint64)])
    return array("Q", np.sort(keys).tobytes())


def _live_rows(segment: OpenSegment) -> int:
    return segment.rows if segment.live is None else int(np.count_nonzero(segment.live))


def _tier(rows: int) -> int:
    tier = 0
    while rows > _SMALLEST:
        rows //= FANOUT
        tier += 1
    return tier
