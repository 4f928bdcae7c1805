"""Rows of different lengths in flat arrays, and texts in one blob."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array, narrow

Int32s = NDArray[np.int32]
Int64s = NDArray[np.int64]
Keys = NDArray[np.uint64]


def offsets_of(lengths: Array) -> Int64s:
    """Where each row begins: `[0, l0, l0 + l1, …]`, one longer than `lengths`."""
    out = np.zeros(len(lengths) + 1, dtype=np.int64)
    np.cumsum(lengths, out=out[1:])
    return out


def places(starts: Array, lengths: Array) -> Int64s:
    """Places of all values of some rows, row by row.

    Args:
        starts: where each row's values begin.
        lengths: how many each has.

    Returns:
        One place a value, `lengths.sum()` of them.
    """
    ends = np.cumsum(lengths, dtype=np.int64)
    total = int(ends[-1]) if len(ends) else 0
    shift = np.asarray(starts, dtype=np.int64) - (ends - lengths)
    out = np.repeat(shift, lengths)
    out += np.arange(total, dtype=np.int64)
    return out


def key_of(id_: str) -> int:
    """64 bits that stand for an id: itself where it is 16 hexadecimal digits, else its BLAKE2b.

    Sorting by it is the same on every machine.
    """
    if len(id_) == 16:
        try:
            value = int(id_, 16)
            if f"{value:016x}" == id_:
                return value
        except ValueError:
            pass
    data = id_.encode("utf-8", "surrogatepass")
    return int.from_bytes(blake2b(data, digest_size=8).digest(), "big")


def keys_of(ids: Iterable[str]) -> Keys:
    """Keys of many ids."""
    held = list(ids)
    keys = hex_keys(held)
    return np.fromiter(map(key_of, held), dtype=np.uint64) if keys is None else keys


def hex_keys(ids: Sequence[str]) -> Keys | None:
    """Keys of ids that all are 16 hexadecimal digits, at once; None where one is not."""
    whole = "".join(ids)
    if any(len(id_) != 16 for id_ in ids):
        return None
    try:
        data = bytes.fromhex(whole)
    except ValueError:
        return None
    return np.frombuffer(data, dtype=">u8").astype(np.uint64) if data.hex() == whole else None


def to_hex(key: int) -> str:
    """The id that a key of 16 hexadecimal digits stands for."""
    return f"{key:016x}"


def pack(texts: Sequence[str]) -> tuple[Array, Array]:
    """Texts as (offsets, bytes of UTF-8)."""
    whole = "".join(texts)
    data = whole.encode("utf-8", "surrogatepass")
    if len(data) == len(whole):
        lengths = np.fromiter(map(len, texts), dtype=np.int64, count=len(texts))
    else:
        sizes = (len(t) if t.isascii() else len(t.encode("utf-8", "surrogatepass")) for t in texts)
        lengths = np.fromiter(sizes, dtype=np.int64, count=len(texts))
    return narrow(offsets_of(lengths)), np.frombuffer(data, dtype=np.uint8)


class Strings(Sequence[str]):
    """Texts of one blob, decoded when asked for."""

    def __init__(self, offsets: Array, blob: Array) -> None:
        self.offsets = offsets
        self.blob = blob
        self._bytes = memoryview(blob.data)

    def __len__(self) -> int:
        return len(self.offsets) - 1

    def raw(self, number: int) -> bytes:
        """One text in UTF-8."""
        return bytes(self._bytes[int(self.offsets[number]) : int(self.offsets[number + 1])])

    def many(self, numbers: Int64s) -> list[bytes]:
        """Some texts in UTF-8; raises ValueError where the offsets do not fit the blob."""
        starts, ends = self.offsets[numbers].tolist(), self.offsets[numbers + 1].tolist()
        size, data = len(self._bytes), self._bytes
        if any(not 0 <= a <= b <= size for a, b in zip(starts, ends, strict=True)):
            raise ValueError("the offsets of a text lie outside of it")
        return [bytes(data[a:b]) for a, b in zip(starts, ends, strict=True)]

    def __getitem__(self, number: int) -> str:  # type: ignore[override]
        return self.raw(number).decode("utf-8", "surrogatepass")

    def __iter__(self) -> Iterator[str]:
        data = bytes(self._bytes)
        ends: list[int] = self.offsets.tolist()
        for n in range(len(ends) - 1):
            yield data[ends[n] : ends[n + 1]].decode("utf-8", "surrogatepass")

    def first_from(self, wanted: bytes) -> int:
        """Number of the first text that is not smaller, where the texts are sorted as bytes."""
        low, high = 0, len(self)
        while low < high:
            middle = (low + high) // 2
            if self.raw(middle) < wanted:
                low = middle + 1
            else:
                high = middle
        return low

    def find(self, wanted: bytes) -> int | None:
        """Number of a text where the texts are sorted, or None."""
        at = self.first_from(wanted)
        return at if at < len(self) and self.raw(at) == wanted else None

    def beginning(self, prefix: bytes) -> tuple[int, int]:
        """Numbers from and to of the sorted texts that begin so."""
        low = self.first_from(prefix)
        if not prefix:
            return 0, len(self)
        # The smallest bytes above all that begin so: the last byte below 255 counted up.
        above = prefix.rstrip(b"\xff")
        high = self.first_from(above[:-1] + bytes([above[-1] + 1])) if above else len(self)
        return low, high
