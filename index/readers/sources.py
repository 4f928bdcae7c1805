"""What a person names on the command line → outcomes: files, folders, globs, standard input."""

from __future__ import annotations

import glob
import os
import stat
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.readers import read_stream
from index.readers.base import Outcome, Source

STDIN_NAME = "standard input"

_PASSED_OVER = frozenset(("CVS", "_darcs", "__MACOSX", "Thumbs.db", "desktop.ini"))


@dataclass(slots=True)
class Progress:
    """How far reading is; kept up to date by `open_sources`.

    Attributes:
        files_total: files found; known before the first outcome.
        files_done: files read to their end or given up.
        bytes_total: size of all files, as stored.
        bytes_done: bytes taken from them so far, as stored.
        current: name of the file that is being read, or "".
    """

    files_total: int = 0
    files_done: int = 0
    bytes_total: int = 0
    bytes_done: int = 0
    current: str = ""


@dataclass(frozen=True, slots=True)
class _File:
    name: str
    path: Path
    size: int


def open_sources(
    sources: Sequence[str], stdin: BinaryIO | None = None, progress: Progress | None = None
) -> Iterator[Outcome]:
    """Read everything that a person names.

    Args:
        sources: paths of files and folders, globs (`news/*.html`, `**` for any depth), or "-".
        stdin: binary standard input, for "-".
        progress: is kept up to date, if given.

    Yields:
        A Document, or an InputError for each thing that could not be taken: a path
        that is missing or may not be read, a glob that matches nothing, a special
        file, a link out of a folder, binary or empty files, bad records. Folders are
        read in the order of names; hidden files and those of version control are passed over; a
        file that is named twice is read once.
    """
    progress = progress or Progress()
    found = list(_find(sources))
    files = [one for one in found if isinstance(one, _File)]
    progress.files_total = len(files) + sum(1 for one in found if one is None)
    progress.bytes_total = sum(one.size for one in files)
    for one in found:
        if isinstance(one, InputError):
            yield one
        elif one is None:
            yield from _read_stdin(stdin, progress)
        else:
            yield from _read_file(one, progress)


def find_files(sources: Sequence[str]) -> Iterator[str | InputError]:
    """Find the files that a person names, each once, as `open_sources` does; read none."""
    for one in _find([source for source in sources if source != "-"]):
        if one is not None:
            yield one.name if isinstance(one, _File) else one


def _find(sources: Sequence[str]) -> Iterator[_File | InputError | None]:
    """Yield each file once, errors, and None for standard input."""
    seen: set[str | None] = set()
    for source in sources:
        for one in [None] if source == "-" else _expand(source):
            key = os.path.realpath(one.path) if isinstance(one, _File) else None
            if not isinstance(one, InputError):
                if key in seen:
                    continue
                seen.add(key)
            yield one


def _expand(source: str) -> Iterator[_File | InputError]:
    if not source:
        yield InputError(source or '""', "an empty path; name a file, a folder, a glob or -")
    elif os.path.lexists(source) or "\0" in source or not glob.has_magic(source):
        yield from _named(source)
    else:
        matches = sorted(glob.glob(source, recursive=True))  # noqa: PTH207 - the path is kept as given
        if not matches:
            yield InputError(
                source, "matches no file; quote it so that the shell leaves it alone, or check the folder"
            )
        covered: list[str] = []
        for match in matches:
            # `**` matches a folder and all that is in it: the folder's walk has it already.
            if not any(match.startswith(folder) for folder in covered):
                yield from _named(match)
            if Path(match).is_dir():
                covered.append(os.path.join(match, ""))  # noqa: PTH118 - keeps the path as given


def _named(name: str) -> Iterator[_File | InputError]:
    """Find the files of one path that a person named; a link is followed here."""
    try:
        status = os.stat(name)  # noqa: PTH116 - the path is kept as given
    except (OSError, ValueError) as error:
        yield InputError(name, _why(error))
        return
    if stat.S_ISDIR(status.st_mode):
        yield from _walk(name, os.path.realpath(name))
    else:
        yield _file(name, status)


def _walk(folder: str, root: str) -> Iterator[_File | InputError]:
    """Find the files of a folder, names in order; an explicit stack, so that depth costs nothing."""
    stack: list[str] = [folder]
    while stack:
        path = stack.pop()
        try:
            status = os.lstat(path) if path != folder else None
            if status is None or stat.S_ISDIR(status.st_mode):
                with os.scandir(path) as entries:
                    inside = sorted(
                        (entry.path for entry in entries if not _is_hidden(entry.name)), reverse=True
                    )
                stack += inside
            elif stat.S_ISLNK(status.st_mode):
                yield from _link(path, root)
            else:
                yield _file(path, status)
        except OSError as error:
            yield InputError(path, _why(error))


def _link(path: str, root: str) -> Iterator[InputError]:
    """Judge a link inside a folder: it is never followed, since what it leads to inside is read anyway."""
    target = os.path.realpath(path)
    if not os.path.lexists(target):
        yield InputError(path, "a link to nothing; mend or remove it")
    elif os.path.commonpath((target, root)) != root:
        yield UnsupportedInputError(path, f"a link out of the folder; name {target} itself to take it in")


def _file(name: str, status: os.stat_result) -> _File | InputError:
    if not stat.S_ISREG(status.st_mode):
        return UnsupportedInputError(name, "a device, pipe or socket, no file; use - to read from a pipe")
    return _File(name, Path(os.path.abspath(name)), status.st_size)  # noqa: PTH100 - resolve() would follow links


def _is_hidden(name: str) -> bool:
    return name.startswith(".") or name in _PASSED_OVER


def _read_file(file: _File, progress: Progress) -> Iterator[Outcome]:
    before = progress.bytes_done
    progress.current = file.name
    source = Source(_shown(file.name), path=file.path, suffix=_suffix(file.path))
    try:
        # What was a file a moment ago may be a pipe now: opening one must not wait.
        descriptor = os.open(file.path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0))
        with open(descriptor, "rb", buffering=0) as stream:  # noqa: PTH123 - of a descriptor
            for outcome in read_stream(stream, source):
                progress.bytes_done = before + stream.tell()
                yield outcome
    except OSError as error:
        yield InputError(source.name, _why(error))
    progress.bytes_done = before + file.size
    progress.files_done += 1


def _read_stdin(stdin: BinaryIO | None, progress: Progress) -> Iterator[Outcome]:
    progress.current = STDIN_NAME
    if stdin is None:
        yield InputError(STDIN_NAME, "is not there to be read")
    else:
        yield from read_stream(stdin, Source(STDIN_NAME))
    progress.files_done += 1


def _suffix(path: Path) -> str:
    suffixes = [one.lower() for one in path.suffixes[-2:]]
    if suffixes and suffixes[-1] == ".gz":
        suffixes.pop()
    return suffixes[-1] if suffixes else ""


def _shown(name: str) -> str:
    """A name that can be printed and stored: a file's name may hold bytes of any encoding."""
    return name.encode("utf-8", "surrogateescape").decode("utf-8", "replace")


def _why(error: OSError | ValueError) -> str:
    if isinstance(error, FileNotFoundError):
        return "does not exist; check the path"
    if isinstance(error, PermissionError):
        return "may not be read; give this user permission, or leave it out"
    return f"cannot be read ({getattr(error, 'strerror', None) or error})"
