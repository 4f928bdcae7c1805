"""Streams that can be looked into before they are read, and opened from gzip without harm."""

from __future__ import annotations

import io
import zlib
from collections.abc import Iterator
from typing import TYPE_CHECKING, BinaryIO

from index.errors import InputError
from index.readers.allowance import Allowance
from index.readers.base import HEAD_BYTES, Source

if TYPE_CHECKING:
    from _typeshed import WriteableBuffer

_CHUNK = 256 * 1024
# What follows a member is copied: thousands of empty ones in a row must not each copy much.
_PACKED_CHUNK = 16 * 1024


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


def counted(stream: BinaryIO, allowance: Allowance) -> BinaryIO:
    """Pass an input through as it lies, counting what is taken of it."""

    def chunks() -> Iterator[bytes]:
        while chunk := stream.read(_CHUNK):
            allowance.taken += len(chunk)
            yield chunk

    return _buffered(chunks())


def unpacked(chunks: Iterator[bytes], source: Source) -> BinaryIO:
    """Make a stream of what an archive gives, within the input's allowance; raises InputError beyond it."""

    def within() -> Iterator[bytes]:
        for chunk in chunks:
            source.allowance.spend(len(chunk), source.name)
            yield chunk

    return _buffered(within())


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
            beyond the input's allowance.
    """
    head, whole = _peek(stream)
    if head.startswith(b"\x1f\x8b"):
        return _peek(unpacked(_expand(whole, source), source))
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
    """Yield what a gzip file of one or more members holds."""
    member, inside = zlib.decompressobj(wbits=31), False
    while packed := stream.read(_PACKED_CHUNK):
        while packed:
            yield _inflate(member, packed, source)
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
