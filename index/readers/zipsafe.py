"""A zip archive that can be opened: its directory is looked at before it is believed."""

from __future__ import annotations

import os
import zipfile
from typing import IO

from index.errors import InputError
from index.readers.base import Source

_END = b"PK\x05\x06"
_END_WITHIN = 65_557  # the record and the longest comment behind it
_ENTRY = b"PK\x01\x02"
_MAX_ENTRY_BYTES = 1024


def open_zip(file: IO[bytes], source: Source, most: int) -> zipfile.ZipFile:
    """Open an archive for reading.

    Args:
        file: seekable.
        source: named in errors.
        most: members that it may have.

    Raises:
        InputError: damaged, or with more members; told without making an object of each.
    """
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _END_WITHIN))
    tail = file.read()
    at = tail.rfind(_END)
    if at < 0 or len(tail) < at + 22:
        raise InputError(source.name, "a damaged zip (its directory is missing); fetch it again")
    length = int.from_bytes(tail[at + 12 : at + 16], "little")
    end = size - len(tail) + at
    # 64-bit archives state the length elsewhere; it is no more than what is there.
    length = min(end, length if length != 0xFFFFFFFF else end)
    if length > most * _MAX_ENTRY_BYTES or _count(file, end - length, length) > most:
        raise InputError(source.name, f"a zip of more than {most} members; split it")
    try:
        file.seek(0)
        return zipfile.ZipFile(file)
    except (zipfile.BadZipFile, ValueError, OSError, NotImplementedError, UnicodeError) as error:
        raise InputError(source.name, f"a damaged zip ({error}); fetch it again") from error


def _count(file: IO[bytes], start: int, length: int) -> int:
    file.seek(start)
    count, kept = 0, b""
    while length > 0 and (chunk := file.read(min(length, 1 << 20))):
        length -= len(chunk)
        count += (kept + chunk).count(_ENTRY)
        kept = chunk[-3:]
    return count
