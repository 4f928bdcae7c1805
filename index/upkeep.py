"""Is an index whole, and how is it carried elsewhere?"""

from __future__ import annotations

import os
import shutil
import tarfile
import tempfile
from collections.abc import Iterator
from pathlib import Path

from index.archive import FILE, copy_of
from index.columns import commits
from index.columns.segment import OpenSegment
from index.errors import DatelineError, IndexDamagedError, InputError
from index.store import StoreWriter, open_index, segments_folder


def check(path: Path) -> Iterator[str]:
    """Read every file and paragraph of an index and yield what is wrong, a sentence each.

    Every damaged file is named; the paragraphs of the segments that have none are read, too.

    Raises:
        IndexMissingError, IndexVersionError: there is none that can be read.
        IndexDamagedError: its table of contents, which names the files, is damaged.
    """
    open_index(path)
    folder = segments_folder(path)
    damaged = commits.damage(folder)
    yield from map(str, damaged)
    names = {error.path.name for error in damaged}
    seen: set[int] = set()
    _, segments, _ = commits.contents(folder)
    for segment in segments:
        if names.isdisjoint(segment.files()):
            yield from _wrong_in(seen, OpenSegment(folder, segment))


def _wrong_in(seen: set[int], segment: OpenSegment) -> Iterator[str]:
    for row in range(segment.rows):
        if segment.is_live(row):
            try:
                yield from _wrong(seen, segment, row)
            except IndexDamagedError as error:
                yield str(error)


def _wrong(seen: set[int], segment: OpenSegment, row: int) -> Iterator[str]:
    paragraph = segment.record(row).paragraph
    key = int(segment.arrays["ids"][row])
    if key in seen:
        yield f"paragraph {paragraph.id} is there twice"
    seen.add(key)
    spans = [(d.start, d.end) for d in paragraph.dates] + [(e.start, e.end) for e in paragraph.entities]
    for start, end in spans:
        if not 0 <= start < end <= len(paragraph.text):
            yield f"paragraph {paragraph.id} has a mention outside its text"


def backup(path: Path, target: Path, wait_s: float) -> int:
    """Write an index into one compressed file, whole or not at all; writers wait meanwhile.

    The archive in its folder goes along; one elsewhere is backed up by its database's own means.

    Returns:
        The file's size in bytes.
    """
    open_index(path)
    target.parent.mkdir(parents=True, exist_ok=True)
    with StoreWriter(path, wait_s):
        handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
        try:
            with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
                archive.add(path / "dateline.json", "dateline.json")
                segments = segments_folder(path)
                for file in sorted(segments.iterdir()):
                    if file.is_file() and not file.name.endswith("LOCK"):
                        archive.add(file, f"{segments.name}/{file.name}")
                _add_decisions(archive, path / FILE, target.parent)
            Path(temporary).replace(target)
        except BaseException:
            Path(temporary).unlink(missing_ok=True)
            raise
    return target.stat().st_size


def backup_archive(path: Path, target: Path) -> int:
    """Write the archive of a folder into one compressed file, for an index that is on a cluster.

    Returns:
        The file's size in bytes.
    """
    target.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=target.parent, prefix=f".{target.name}.")
    try:
        with os.fdopen(handle, "wb") as stream, tarfile.open(fileobj=stream, mode="w:gz") as archive:
            _add_decisions(archive, path / FILE, target.parent)
        Path(temporary).replace(target)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
    return target.stat().st_size


def _add_decisions(archive: tarfile.TarFile, file: Path, folder: Path) -> None:
    if file.exists():
        with tempfile.TemporaryDirectory(dir=folder, prefix=".archive-") as own:
            copy = Path(own) / FILE
            copy_of(file, copy)
            archive.add(copy, FILE)


def restore_archive(source: Path, path: Path) -> None:
    """Put the archive of a backup into a folder that has none; what else is in the backup stays there.

    Raises:
        InputError: the file is no backup, or holds no archive.
        DatelineError: the folder has an archive.
    """
    target = path / FILE
    if target.exists():
        raise DatelineError(f"{target} is there already; name another folder with `--index`, or move it away")
    path.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory(dir=path, prefix=".restore-") as staged:
        try:
            with tarfile.open(source, "r:gz") as backup:
                backup.extract(FILE, staged, filter="data")
        except KeyError as error:
            raise InputError(str(source), "holds no archive") from error
        except (OSError, tarfile.TarError, EOFError) as error:
            raise InputError(str(source), f"is not a backup that can be read ({error})") from error
        (Path(staged) / FILE).replace(target)


def restore(source: Path, path: Path) -> None:
    """Unpack a backup where there is no index yet.

    Raises:
        InputError: the file is no backup.
        DatelineError: there is something at `path` already.
    """
    if path.exists() and any(path.iterdir()):
        raise DatelineError(f"{path} is not empty; name another folder with `--index`, or move it away")
    path.parent.mkdir(parents=True, exist_ok=True)
    staged = Path(tempfile.mkdtemp(dir=path.parent, prefix=".restore-"))
    try:
        with tarfile.open(source, "r:gz") as archive:
            archive.extractall(staged, filter="data")
        open_index(staged)
        if path.exists():
            path.rmdir()
        staged.replace(path)
    except (OSError, tarfile.TarError, EOFError) as error:
        raise InputError(str(source), f"is not a backup that can be read ({error})") from error
    finally:
        shutil.rmtree(staged, ignore_errors=True)
