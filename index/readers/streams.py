"""Streams that can be looked into before they are read, and opened from gzip without harm."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from index.errors import InputError
from index.readers.base import HEAD_BYTES, MB, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

# Real text is packed 3 to 30 times; only made-up data goes beyond 200 for long.
MAX_EXPANSION_RATIO = 200
MAX_EXPANSION_GRACE_BYTES = 64 * MB
MAX_EXPANDED_BYTES = 32 * 1024 * MB

_CHUNK = 256 * 1024


class _Chunks(io.RawIOBase):
    """An iterator of byte strings as a readable stream."""

    def __init__(self, chunks: Iterator[bytes]) -> None:
        self._chunks = chunks
        self._rest = memoryview(b"")

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: WriteableBuffer, /) -> int:
        while not self._rest:
            chunk = next(self._chunks, None)
            if chunk is None:
                return 0
            self._rest = memoryview(chunk)
        target = memoryview(buffer)
        size = min(len(target), len(self._rest))
        target[:size] = self._rest[:size]
        self._rest = self._rest[size:]
        return size


def look_into(stream: BinaryIO, source: Source) -> tuple[bytes, BinaryIO]:
    """Open gzip where there is one, and look at the beginning.

    Args:
        stream: at its start; need not be seekable.
        source: named in errors.

    Returns:
        The first bytes of what is inside (`HEAD_BYTES` where there are as many), and
        a stream of all of it.

    Raises:
        InputError: damaged gzip. The stream raises it too, also when it expands
            beyond the limits of this module.
    """
    head, whole = _peek(stream)
    if head.startswith(b"\x1f\x8b"):
        return _peek(_buffered(_expand(whole, source)))
    return head, whole


def _peek(stream: BinaryIO) -> tuple[bytes, BinaryIO]:
    head = stream.read(HEAD_BYTES)
    return head, _buffered(_rejoin(head, stream))


def _buffered(chunks: Iterator[bytes]) -> BinaryIO:
    return io.BufferedReader(_Chunks(chunks), buffer_size=_CHUNK)


def _rejoin(head: bytes, stream: BinaryIO) -> Iterator[bytes]:
    yield head
    while chunk := stream.read(_CHUNK):
        yield chunk


def _expand(stream: BinaryIO, source: Source) -> Iterator[bytes]:
    """Yield what a gzip file of one or more members holds, within the limits."""
    taken = given = 0
    member, inside = zlib.decompressobj(wbits=31), False
    while packed := stream.read(_CHUNK):
        taken += len(packed)
        while packed:
            chunk = _inflate(member, packed, source)
            given += len(chunk)
            _check_expansion(taken, given, source)
            yield chunk
            packed, inside = member.unconsumed_tail, True
            if member.eof:
                # Padding with NULs after a member is allowed by tape and some tools.
                packed = member.unused_data.lstrip(b"\0")
                member, inside = zlib.decompressobj(wbits=31), False
    if inside:
        yield member.flush()
        if not member.eof:
            raise InputError(source.name, "damaged gzip (it ends in the middle); fetch it again")


def _inflate(member: zlib._Decompress, packed: bytes, source: Source) -> bytes:
    try:
        return member.decompress(packed, _CHUNK)
    except zlib.error as error:
        raise InputError(source.name, f"damaged gzip ({error}); fetch it again") from error


def _check_expansion(taken: int, given: int, source: Source) -> None:
    if given > MAX_EXPANDED_BYTES:
        raise InputError(source.name, f"gzip expands beyond {MAX_EXPANDED_BYTES // MB} MB; split it")
    if given > MAX_EXPANSION_GRACE_BYTES and given > MAX_EXPANSION_RATIO * taken:
        raise InputError(source.name, f"gzip expands more than {MAX_EXPANSION_RATIO} times; unpack it first")
