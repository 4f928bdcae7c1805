"""Whoosh's table of contents, made to outlive a crash, and the files it names.

A commit is a new table: it is written beside the old one, synced, given its name in one
step, and only then is what it no longer names removed. Files are synced before it names
them. Whoever dies on the way leaves files that no table names; the next writer removes them.
"""

from __future__ import annotations

import contextlib
import os
import zlib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.fields import Schema
from whoosh.filedb.filestore import FileStorage
from whoosh.index import TOC, FileIndex
from whoosh.util.filelock import LockBase, try_for

from index.columns.codec import ColumnsSegment
from index.columns.files import Array, Chunks, checksum, sync_folder, write_array, write_arrays
from index.columns.segment import OpenSegment
from index.errors import IndexDamagedError

NAME = "MAIN"
_TRAILER = 4  # bytes of CRC-32 behind what Whoosh reads
_LOCK = f"{NAME}_WRITELOCK"


class DurableStorage(FileStorage):  # type: ignore[misc,unused-ignore]
    """Whoosh's folder of files, whose tables of contents are synced and have a checksum."""

    def rename_file(self, oldname: str, newname: str, safe: bool = False) -> None:
        """Give a finished file its name in one step, once the disk has it."""
        old, new = Path(self._fpath(oldname)), Path(self._fpath(newname))
        if safe and new.exists():
            raise FileExistsError(new)
        with old.open("r+b") as stream:
            crc = zlib.crc32(stream.read())
            stream.write(crc.to_bytes(_TRAILER, "little"))
            stream.flush()
            os.fsync(stream.fileno())
        old.replace(new)
        sync_folder(new.parent)

    def open_file(self, name: str, **kwargs: Any) -> Any:
        """Open a file; a table of contents only when it is what was written.

        Raises:
            IndexDamagedError: it is not.
        """
        if name.endswith(".toc"):
            path = Path(self._fpath(name))
            data = path.read_bytes()
            if zlib.crc32(data[:-_TRAILER]).to_bytes(_TRAILER, "little") != data[-_TRAILER:]:
                raise IndexDamagedError(path, "it does not hold what was written (checksum)")
        return super().open_file(name, **kwargs)


def create(folder: Path, schema: Schema) -> None:
    """Make the first, empty commit of an index where there is none."""
    storage = DurableStorage(str(folder))
    if TOC._latest_generation(storage, NAME) < 0:
        TOC(schema, [], 0).write(storage, NAME)


def open_folder(folder: Path) -> FileIndex:
    """The index of a folder as Whoosh knows it; raises whatever Whoosh met in a damaged one."""
    return FileIndex(DurableStorage(str(folder)), indexname=NAME)


def latest_generation(folder: Path) -> int:
    """Number of the newest commit, -1 where there is none."""
    if not folder.is_dir():
        return -1
    return int(TOC._latest_generation(DurableStorage(str(folder)), NAME))


def contents(folder: Path) -> tuple[int, list[ColumnsSegment], Schema]:
    """Generation, segments and schema of the newest commit."""
    toc = TOC.read(DurableStorage(str(folder)), NAME)
    return int(toc.generation), list(toc.segments), toc.schema


def take_lock(folder: Path, wait_s: float) -> LockBase | None:
    """Become the one writer, or None when another one did not finish in time."""
    lock = DurableStorage(str(folder)).lock(_LOCK)
    return lock if try_for(lock.acquire, timeout=wait_s, delay=0.05) else None


def lock_is_held(folder: Path) -> bool:
    """Whether there is a writer now, as far as one who may not write can tell."""
    lock = DurableStorage(str(folder)).lock(_LOCK)
    try:
        if not lock.acquire():
            return True
    except OSError:  # no such folder, or only to be read
        return (folder / _LOCK).exists()
    lock.release()
    return False


def write_segment(folder: Path, arrays: Mapping[str, Array | Chunks], rows: int) -> ColumnsSegment:
    """Write the files of a new segment, which no commit names yet."""
    segment = ColumnsSegment(NAME)
    sums = write_arrays({segment.file(folder, name): array for name, array in arrays.items()})
    segment.sums = dict(zip(arrays, sums, strict=True))
    segment.rows = rows
    return segment


def write_deletions(folder: Path, segment: ColumnsSegment, live: Array, generation: int) -> None:
    """Write which paragraphs of a segment are deleted from a commit on."""
    segment.deletions = f"{segment.segment_id()}.deleted_{generation}.npy"
    segment.deletions_sum = write_array(folder / segment.deletions, np.packbits(~live))
    segment.deleted = int(len(live) - np.count_nonzero(live))


def commit(folder: Path, schema: Schema, segments: Sequence[ColumnsSegment], generation: int) -> None:
    """Make a commit of segments whose files are written, then remove what it does not name."""
    sync_folder(folder)
    TOC(schema, list(segments), generation).write(DurableStorage(str(folder)), NAME)
    clean(folder, segments, generation)


def clean(folder: Path, segments: Sequence[ColumnsSegment], generation: int) -> None:
    """Remove the files that a commit does not name; only the writer may."""
    kept = {_LOCK, f"_{NAME}_{generation}.toc", *(name for s in segments for name in s.files())}
    for entry in list(os.scandir(folder)):
        if entry.name not in kept and entry.name.startswith((NAME, f"_{NAME}")):
            with contextlib.suppress(OSError):
                Path(entry.path).unlink()


def damage(folder: Path) -> list[IndexDamagedError]:
    """Read every file of the newest commit; what is wrong, an error each."""
    wrong = []
    _, segments, _ = contents(folder)
    for segment in segments:
        expected = {segment.file(folder, name): told for name, told in segment.sums.items()}
        if segment.deletions is not None:
            expected[folder / segment.deletions] = segment.deletions_sum
        for path, told in expected.items():
            try:
                found = checksum(path)
            except OSError as error:
                wrong.append(IndexDamagedError(path, f"it cannot be read ({error.strerror})"))
                continue
            if found != told:
                reason = f"it does not hold what was written ({found[0]} bytes of {told[0]})"
                wrong.append(IndexDamagedError(path, reason))
    return wrong


def open_segments(
    folder: Path, segments: Sequence[ColumnsSegment], mapped: Sequence[OpenSegment] = ()
) -> list[OpenSegment]:
    """Map the segments of a commit, using maps of an earlier one again."""
    earlier = {s.key: s for s in mapped}
    return [OpenSegment(folder, s, earlier.get(str(s.segment_id()))) for s in segments]
