"""Where paragraphs are kept: one folder with an index in Whoosh's frame, one writer at a time."""

from __future__ import annotations

import json
import os
import re
import shutil
import time
from collections.abc import Callable, Iterable, Iterator, MutableMapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from whoosh.index import FileIndex
from whoosh.util.filelock import FileLock, LockBase

from index.columns import commits
from index.columns.files import sync_folder
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
from index.storing import Held

_SEGMENTS = "whoosh"
_MARKER = "dateline.json"
_FOLDER = re.compile(r"whoosh|segments-[0-9a-f]+")
BUILDING = "building-"
"""How the names of folders begin in which an index is being built anew."""

MEMORY_MB = 512
"""Megabytes that building an index may take unless told otherwise."""

# Of the memory allowed, what one segment's building may take; the rest is Python's and a merge's.
_FORBUILDING = 0.75


@dataclass(frozen=True, slots=True)
class Marker:
    """What `dateline.json` says of an index.

    Attributes:
        format: of what is written.
        made: names this very index; another one at the same path has another name.
        segments: folder of its segments, within the index's own.
    """

    format: str
    made: str
    segments: str = _SEGMENTS


def read_marker(path: Path) -> Marker:
    """Read which index lies at a path.

    Raises:
        IndexMissingError: there is none.
        IndexDamagedError: what tells of it cannot be read.
    """
    file = path / _MARKER
    try:
        told = json.loads(file.read_text("utf-8"))
        made, segments = str(told.get("made", "")), str(told.get("segments", _SEGMENTS))
        marker = Marker(str(told["format"]), made, segments)
    except FileNotFoundError:
        raise IndexMissingError(path) from None
    except (OSError, ValueError, KeyError, TypeError, AttributeError) as error:
        raise IndexDamagedError(file, str(error)) from error
    if not _FOLDER.fullmatch(marker.segments):
        raise IndexDamagedError(file, f"{marker.segments!r} is no folder of segments")
    return marker


def write_marker(path: Path, marker: Marker) -> None:
    """Say which index lies at a path, in one step: from now on readers open that one."""
    told = {"format": marker.format, "made": marker.made}
    told |= {} if marker.segments == _SEGMENTS else {"segments": marker.segments}
    temporary = path / f".{_MARKER}.{os.getpid()}"
    with temporary.open("w", encoding="utf-8") as stream:
        stream.write(json.dumps(told) + "\n")
        stream.flush()
        os.fsync(stream.fileno())
    temporary.replace(path / _MARKER)
    sync_folder(path)


def segments_folder(path: Path) -> Path:
    """Folder of the segments of the index at `path`."""
    try:
        return path / read_marker(path).segments
    except (IndexMissingError, IndexDamagedError):
        return path / _SEGMENTS


def open_index(path: Path) -> FileIndex:
    """Open an index for reading.

    Raises:
        IndexMissingError: there is none at `path`.
        IndexVersionError: it has another format.
        IndexDamagedError: its files cannot be read.
    """
    marker = read_marker(path)
    if marker.format != FORMAT:
        raise IndexVersionError(path, marker.format, FORMAT)
    folder = path / marker.segments
    try:
        return commits.open_folder(folder)
    except DatelineError:
        raise
    except Exception as error:  # Whoosh raises whatever its unpickler met
        raise IndexDamagedError(folder, str(error) or type(error).__name__) from error


def marker_of(path: Path) -> str:
    """Name this very index: another one at the same path has another marker."""
    try:
        return read_marker(path).made
    except (IndexMissingError, IndexDamagedError):
        return ""


def create_index(path: Path) -> FileIndex:
    """Open the index at `path`, making an empty one where there is none."""
    try:
        return open_index(path)
    except IndexMissingError:
        segments = path / _SEGMENTS
        segments.mkdir(parents=True, exist_ok=True)
        commits.create(segments, whoosh_schema())
        write_marker(path, Marker(FORMAT, uuid4().hex))
        return open_index(path)


def lock_index(path: Path, wait_s: float) -> tuple[Path, LockBase]:
    """Become the one writer of the index at `path`; returns the folder of its segments and the lock.

    Raises:
        IndexLockedError: another writer did not finish within `wait_s` seconds.
    """
    until = time.monotonic() + wait_s
    while True:
        folder = segments_folder(path)
        try:
            lock = commits.take_lock(folder, max(0.0, until - time.monotonic()))
        except FileNotFoundError:
            if segments_folder(path) == folder:
                raise
            continue
        if lock is None:
            raise IndexLockedError(path, wait_s)
        if segments_folder(path) == folder:
            return folder, lock
        lock.release()  # while it was waited for, another index was put in the place of this one


def size_on_disk(path: Path) -> int:
    """Bytes of all files of the index."""
    return bytes_of(segments_folder(path))


def bytes_of(folder: Path) -> int:
    """Bytes of all files of a folder, 0 where there is none."""
    return sum(f.stat().st_size for f in folder.iterdir() if f.is_file()) if folder.is_dir() else 0


def writer_at_work(path: Path) -> bool:
    """Whether another process, or this one, is writing to the index now."""
    return commits.lock_is_held(segments_folder(path))


def remove_leftovers(path: Path, *, mine: bool = False) -> None:
    """Remove what another index left that was built or replaced here; only the writer may.

    What is being built now is let be: its maker holds the lock.

    Args:
        path: of the index.
        mine: whether whoever asks holds the lock of rebuilding.
    """
    named = read_marker(path).segments
    left = [
        entry for entry in path.iterdir()
        if entry.is_dir() and entry.name != named
        and (_FOLDER.fullmatch(entry.name) or entry.name.startswith(BUILDING))
    ]  # fmt: skip
    if not left:
        return
    lock = rebuilding_lock(path)
    if mine or lock.acquire():
        for entry in left:
            shutil.rmtree(entry, ignore_errors=True)
        if not mine:
            lock.release()


def rebuilding_lock(path: Path) -> LockBase:
    """Held by whoever builds another index beside the one at `path`."""
    return FileLock(str(path / "reindex.lock"))


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
            return held_in(self._writer.segments[found[0]], found[1])
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

    def look_up(self, ids: Sequence[str]) -> None:
        """Nothing to make ready: the segments are at hand."""

    def forget(self, ids: Sequence[str] | None = None) -> None:
        """Nothing to forget: nobody else writes."""

    def settled(self) -> None:
        """Everything put or deleted so far is in the segments."""
        self._fresh.clear()


def held_in(segment: OpenSegment, number: int) -> Held:
    """What a segment holds of one of its documents, by the number there."""
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

    alone = True

    def __init__(self, path: Path, wait_s: float = 30.0, memory_mb: int = MEMORY_MB) -> None:
        create_index(path)
        folder, lock = lock_index(path, wait_s)
        try:
            self._writer = ColumnsWriter(folder, lock, int(memory_mb * 2**20 * _FORBUILDING))
            self.made = marker_of(path)
            remove_leftovers(path)
        except BaseException:
            lock.release()
            raise
        self.held = HeldDocuments(self._writer)

    @property
    def generation(self) -> int:
        """Number of the newest commit."""
        return self._writer.generation

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

    def put(self, document: str, digest: str, articles: Iterable[Article], *, turn: int = 0) -> Held:  # noqa: ARG002
        """Add a document's articles in place of what the index holds of it; see `storing.Store`.

        There is one writer at a time, so that nothing is stale and no turn is looked at.
        """
        self.delete(document)
        now = datetime.now(UTC).replace(microsecond=0)
        timed = [a if a.added else replace(a, added=now, updated=now) for a in articles]
        made, paragraphs, dates, entities = self._writer.put(document, digest, timed)
        self.held[document] = held = Held(digest, made, paragraphs, dates, entities)
        if not self._writer.waiting:
            self.held.settled()  # so that what is noted of documents does not grow with the input
        return held

    def delete(self, document: str, *, turn: int = 0) -> bool:  # noqa: ARG002
        """Remove a document; returns whether the index held it."""
        if document not in self.held:
            return False
        del self.held[document]
        self._writer.delete(document)
        return True

    def send(self) -> dict[str, str]:
        """Nothing waits, and nothing is refused."""
        return {}

    def follow(self, newest: Callable[[], int]) -> None:
        """There is one writer at a time."""

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        self._writer.commit()
        self.held.settled()
