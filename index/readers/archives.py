"""Zip archives of any of the other formats: members one by one, each an input of its own.

Nothing is unpacked to disk and no name of a member is ever a path. What all of them unpack
to together, archives within archives included, is in one account with the archive's size.
"""

from __future__ import annotations

import stat
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import PurePosixPath
from typing import IO, BinaryIO, TypeAlias, cast

from index.errors import InputError, UnsupportedInputError
from index.readers.base import MB, Outcome, Source
from index.readers.streams import unpacked
from index.readers.word import WORD_MAIN, WordReader
from index.readers.zipsafe import open_zip

MAX_MEMBERS = 20_000
MAX_DEPTH = 2
MAX_ARCHIVE_BYTES = 2048 * MB
_HELD_BYTES = 16 * MB
_CHUNK = 256 * 1024
_SHOWN_CHARS = 200
_PASSED_OVER = ("__MACOSX", "Thumbs.db", "desktop.ini")
_ENCRYPTED = 0x1
_CONTENT_TYPES = "[Content_Types].xml"
# Zips that are documents of other programs, by a member that all of them have.
_OTHERS = {
    "xl/workbook.xml": "an Excel workbook; save the sheet as CSV",
    "ppt/presentation.xml": "a PowerPoint presentation; save it as PDF",
    "META-INF/container.xml": "an e-book (EPUB); save it as HTML or text",
    "content.xml": "an OpenDocument file; save it as .docx or text",
}
_BROKEN = (zipfile.BadZipFile, zlib.error, EOFError, OSError, NotImplementedError, RuntimeError, ValueError)


Opener: TypeAlias = Callable[[BinaryIO, Source], Iterator[Outcome]]
"""Reads a member in whatever format it is; errors are yielded, not raised."""


class ZipReader:
    """An archive, streamed member by member."""

    def __init__(self, opener: Opener) -> None:
        self._opener = opener

    name = "zip"
    suffixes = (".zip",)
    media_types = ("application/zip", "application/x-zip-compressed", "application/x-zip")

    def sniff(self, head: bytes) -> int:
        """The signature of a member, or of an empty archive's end."""
        return 95 if head.startswith((b"PK\x03\x04", b"PK\x05\x06")) else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield what the members hold, named `archive.zip!member`, in the archive's order.

        Raises:
            InputError: damaged, too large, or it unpacks to more than the input may.
            UnsupportedInputError: there is no member in it, or it is another program's file.
        """
        with tempfile.SpooledTemporaryFile(_HELD_BYTES) as file:
            _copy(stream, file, source)
            with open_zip(file, source, MAX_MEMBERS) as archive:
                names = set(archive.namelist())
                if WORD_MAIN in names and _CONTENT_TYPES in names:
                    file.seek(0)
                    yield from WordReader().read(cast(BinaryIO, file), source)
                    return
                if len(source.member) >= MAX_DEPTH:
                    raise InputError(
                        source.name, f"an archive deeper than {MAX_DEPTH} levels; unpack the outer ones"
                    )
                other = next(
                    (what for name, what in _OTHERS.items() if name in names and _is_program(names)), None
                )
                if other:
                    raise UnsupportedInputError(source.name, other)
                yield from _members(archive, source, self._opener)


def _is_program(names: set[str]) -> bool:
    return _CONTENT_TYPES in names or "mimetype" in names


def _copy(stream: BinaryIO, file: IO[bytes], source: Source) -> None:
    left = MAX_ARCHIVE_BYTES
    while chunk := stream.read(_CHUNK):
        left -= len(chunk)
        if left < 0:
            raise InputError(source.name, f"a zip larger than {MAX_ARCHIVE_BYTES // MB} MB; split it")
        file.write(chunk)


def _members(archive: zipfile.ZipFile, source: Source, opener: Opener) -> Iterator[Outcome]:
    any_member = False
    for member in archive.infolist():
        if member.is_dir() or _is_hidden(member.filename):
            continue
        any_member = True
        shown = _shown(member.filename)
        inside = replace(
            source, name=f"{source.name}!{shown}", member=(*source.member, member.filename), media_type=None,
            charset=None, suffix=_suffix(member.filename),
        )  # fmt: skip
        refused = _why_not(member, inside)
        if refused:
            yield refused
            continue
        yield from opener(unpacked(_chunks(archive, member, inside), inside), inside)
        if source.allowance.is_spent:
            yield InputError(
                source.name, "unpacks to more than any real archive; what follows in it is not read"
            )
            return
    if not any_member:
        raise UnsupportedInputError(source.name, "an empty zip")


def _why_not(member: zipfile.ZipInfo, inside: Source) -> InputError | None:
    if member.flag_bits & _ENCRYPTED:
        return InputError(inside.name, "encrypted; put it into the archive without a password")
    mode = member.external_attr >> 16
    if stat.S_ISLNK(mode):
        return UnsupportedInputError(inside.name, "a link, no file; put in what it leads to")
    return None


def _chunks(archive: zipfile.ZipFile, member: zipfile.ZipInfo, inside: Source) -> Iterator[bytes]:
    try:
        with archive.open(member) as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except _BROKEN as error:
        told = " ".join(str(error).split())[:120]
        raise InputError(inside.name, f"damaged in the archive ({told}); pack it again") from error


def _is_hidden(name: str) -> bool:
    parts = PurePosixPath(name.replace("\\", "/")).parts
    return any(part in _PASSED_OVER or (part.startswith(".") and part not in (".", "..")) for part in parts)


def _suffix(name: str) -> str:
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix


def _shown(name: str) -> str:
    """A member's name for a person: no control characters, not endless."""
    legible = "".join(char if char.isprintable() else "\ufffd" for char in name[: _SHOWN_CHARS + 1])
    return legible if len(legible) <= _SHOWN_CHARS else f"{legible[: _SHOWN_CHARS - 1]}…"
