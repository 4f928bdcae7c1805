"""Where paragraphs are kept: one folder with an index in Whoosh's frame, one writer at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator, MutableMapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from whoosh.index import FileIndex

from index.columns import commits
from index.columns.segment import OpenSegment
from index.columns.writer import ColumnsWriter
from index.errors import (
    DatelineError,
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    IndexVersionError,
)
from index.model import Article
from index.schema import FORMAT, whoosh_schema

_SEGMENTS = "whoosh"
_MARKER = "dateline.json"

MEMORY_MB = 512
"""Megabytes that building an index may take unless told otherwise."""

# Of the memory allowed, what one segment's building may take; the rest is Python's and a merge's.
_FOR_BUILDING = 0.75


@dataclass(frozen=True, slots=True)
class Held:
    """What the index holds of one document."""

    digest: str
    articles: int
    paragraphs: int
    dates: int
    entities: int


def segments_folder(path: Path) -> Path:
    """Folder of the segments of the index at `path`."""
    return path / _SEGMENTS


def open_index(path: Path) -> FileIndex:
    """Open an index for reading.

    Raises:
        IndexMissingError: there is none at `path`.
        IndexVersionError: it has another format.
        IndexDamagedError: its files cannot be read.
    """
    marker = path / _MARKER
    try:
        found = str(json.loads(marker.read_text("utf-8"))["format"])
    except FileNotFoundError:
        raise IndexMissingError(path) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(marker, str(error)) from error
    if found != FORMAT:
        raise IndexVersionError(path, found, FORMAT)
    try:
        return commits.open_folder(segments_folder(path))
    except DatelineError:
        raise
    except Exception as error:  # Whoosh raises whatever its unpickler met
        raise IndexDamagedError(segments_folder(path), str(error) or type(error).__name__) from error


def marker_of(path: Path) -> str:
    """Name this very index: another one at the same path has another marker."""
    try:
        return str(json.loads((path / _MARKER).read_text("utf-8")).get("made", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def create_index(path: Path) -> FileIndex:
    """Open the index at `path`, making an empty one where there is none."""
    try:
        return open_index(path)
    except IndexMissingError:
        segments = segments_folder(path)
        segments.mkdir(parents=True, exist_ok=True)
        commits.create(segments, whoosh_schema())
        temporary = path / f".{_MARKER}.{os.getpid()}"
        with temporary.open("w", encoding="utf-8") as stream:
            stream.write(json.dumps({"format": FORMAT, "made": uuid4().hex}) + "\n")
            stream.flush()
            os.fsync(stream.fileno())
        temporary.replace(path / _MARKER)
        return open_index(path)


def size_on_disk(path: Path) -> int:
    """Bytes of all files of the index."""
    return sum(f.stat().st_size for f in segments_folder(path).iterdir() if f.is_file())


def writer_at_work(path: Path) -> bool:
    """Whether another process, or this one, is writing to the index now."""
    return commits.lock_is_held(segments_folder(path))


class HeldDocuments(MutableMapping[str, Held]):
    """What is in the index, by document id; looked up in the segments when asked for."""

    def __init__(self, writer: ColumnsWriter) -> None:
        self._writer = writer
        # Plain values, which the collector of garbage need not look at; None: deleted.
        self._fresh: dict[str, tuple[str, int, int, int, int] | None] = {}

    def __getitem__(self, id_: str) -> Held:
        if id_ in self._fresh:
            fresh = self._fresh[id_]
            if fresh is not None:
                return Held(*fresh)
        elif found := self._writer.find(id_):
            return _held(self._writer.segments[found[0]], found[1])
        raise KeyError(id_)

    def __contains__(self, id_: object) -> bool:
        """Whether the index holds a document."""
        if id_ in self._fresh:
            return self._fresh[str(id_)] is not None
        return self._writer.find(str(id_)) is not None

    def __setitem__(self, id_: str, held: Held) -> None:
        self._fresh[id_] = (held.digest, held.articles, held.paragraphs, held.dates, held.entities)

    def __delitem__(self, id_: str) -> None:
        if id_ not in self:
            raise KeyError(id_)
        self._fresh[id_] = None

    def __iter__(self) -> Iterator[str]:
        for segment in self._writer.segments:
            ids = segment.strings("document_ids")
            yield from (id_ for n in segment.live_documents() if (id_ := ids[n]) not in self._fresh)
        yield from [id_ for id_, held in self._fresh.items() if held is not None]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def settled(self) -> None:
        """Everything put or deleted so far is in the segments."""
        self._fresh.clear()


def _held(segment: OpenSegment, number: int) -> Held:
    first, end = segment.document_rows(number)
    articles, dates, entities = segment.arrays["document_counts"][number].tolist()
    return Held(segment.strings("digests")[number], articles, end - first, dates, entities)


class StoreWriter:
    """Adds, replaces and deletes documents; use as a context, which commits on a clean end.

    Args:
        path: folder of the index, made where there is none.
        wait_s: seconds to wait for another writer.
        memory_mb: megabytes that building may take.

    Raises:
        IndexLockedError: another writer did not finish within `wait_s` seconds.
    """

    def __init__(self, path: Path, wait_s: float = 30.0, memory_mb: int = MEMORY_MB) -> None:
        create_index(path)
        lock = commits.take_lock(segments_folder(path), wait_s)
        if lock is None:
            raise IndexLockedError(path, wait_s)
        try:
            self._writer = ColumnsWriter(segments_folder(path), lock, int(memory_mb * 2**20 * _FOR_BUILDING))
        except BaseException:
            lock.release()
            raise
        self.held = HeldDocuments(self._writer)

    def __enter__(self) -> StoreWriter:
        """Hold the writer's lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or drop what was not committed when something went wrong."""
        try:
            if kind is None:
                self._writer.commit()
        finally:
            self._writer.close()

    def put(self, document: str, digest: str, articles: Iterable[Article]) -> Held:
        """Add a document's articles in place of what the index holds of it.

        Articles that do not say when they were added are added now.
        """
        self.delete(document)
        now = datetime.now(UTC).replace(microsecond=0)
        timed = [a if a.added else replace(a, added=now, updated=now) for a in articles]
        made, paragraphs, dates, entities = self._writer.put(document, digest, timed)
        self.held[document] = held = Held(digest, made, paragraphs, dates, entities)
        if not self._writer.waiting:
            self.held.settled()  # so that what is noted of documents does not grow with the input
        return held

    def delete(self, document: str) -> bool:
        """Remove a document; returns whether the index held it."""
        if document not in self.held:
            return False
        del self.held[document]
        self._writer.delete(document)
        return True

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        self._writer.commit()
        self.held.settled()
