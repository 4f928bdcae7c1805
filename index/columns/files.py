"""How does one array lie in one file, and is it still what was written?

Files are NumPy's own `.npy`, so that anyone can inspect a segment. They are read through
a memory map: every process of a server shares one copy.
"""

from __future__ import annotations

import contextlib
import ctypes
import io
import mmap
import os
import zlib
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import IndexDamagedError

Array = NDArray[Any]
Sums = dict[str, tuple[int, int]]
"""By file name: its bytes and the CRC-32 of all of them."""

_WRITERS = 4  # files that are written, or waited for, at a time

_NARROW = (np.uint8, np.uint16, np.uint32)


def narrow(array: Array) -> Array:
    """Non-negative numbers in the smallest unsigned type that holds them all."""
    most = int(array.max(initial=0))
    kind = next((k for k in _NARROW if most <= np.iinfo(k).max), np.uint64)
    return array.astype(kind, copy=False)


@dataclass(frozen=True, slots=True)
class Chunks:
    """An array that is made when it is written, and never held as a whole.

    Attributes:
        dtype: of its values.
        shape: as a whole; the parts lie behind each other on its first axis.
        parts: makes them, in order.
    """

    dtype: np.dtype[Any]
    shape: tuple[int, ...]
    parts: Callable[[], Iterable[Array]]


def write_array(path: Path, array: Array | Chunks) -> tuple[int, int]:
    """Write one array and wait until the disk has it; returns its file's bytes and CRC-32."""
    parts = array.parts() if isinstance(array, Chunks) else [array]
    descr = np.lib.format.dtype_to_descr(array.dtype)
    told = {"descr": descr, "fortran_order": False, "shape": array.shape}
    header = io.BytesIO()
    np.lib.format.write_array_header_1_0(header, told)
    size, crc = len(header.getvalue()), zlib.crc32(header.getvalue())
    with path.open("wb") as stream:
        stream.write(header.getvalue())
        for part in parts:
            body = memoryview(np.ascontiguousarray(part).data).cast("B") if part.size else b""
            stream.write(body)
            size, crc = size + len(body), zlib.crc32(body, crc)
        stream.flush()
        os.fsync(stream.fileno())
    return size, crc


def write_arrays(paths: Mapping[Path, Array | Chunks]) -> list[tuple[int, int]]:
    """Write many arrays at once, as `write_array` does each; the disk waits for none, nor NumPy for it."""
    with ThreadPoolExecutor(_WRITERS) as pool:
        return list(pool.map(write_array, paths.keys(), paths.values()))


def sync_folder(path: Path) -> None:
    """Wait until the disk has the folder's names."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def checksum(path: Path) -> tuple[int, int]:
    """Bytes and CRC-32 of a file."""
    with path.open("rb") as stream:
        size = os.fstat(stream.fileno()).st_size
        if size == 0:
            return 0, 0
        with mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ) as data:
            return size, zlib.crc32(data)


def open_array(path: Path, size: int, crc: int | None) -> Array:
    """Map an array for reading.

    Args:
        path: its file.
        size: bytes that it had when it was written.
        crc: CRC-32 of all of them, or None to look at the header alone.

    Raises:
        FileNotFoundError: it is gone; a newer commit may have removed it.
        IndexDamagedError: it is not what was written.
    """
    with path.open("rb") as stream:
        found = os.fstat(stream.fileno()).st_size
        if found != size or size == 0:
            raise IndexDamagedError(path, f"it has {found} bytes where {size} were written")
        data = mmap.mmap(stream.fileno(), size, access=mmap.ACCESS_READ)
    if crc is not None and zlib.crc32(data) != crc:
        raise IndexDamagedError(path, "it does not hold what was written (checksum)")
    return _mapped(path, data)


def release(array: Array) -> None:
    """Give back the memory of a map that was read through; read again, it comes from the file."""
    held: Any = array
    while isinstance(held, np.ndarray):
        held = held.base
    held = held.obj if isinstance(held, memoryview) else held
    if isinstance(held, mmap.mmap) and hasattr(mmap, "MADV_DONTNEED"):
        held.madvise(mmap.MADV_DONTNEED)


def trim() -> None:
    """Give memory that was freed back to the system, where the C library is one that can be asked to.

    Many small texts freed between large arrays otherwise stay with the process, a few hundred MB.
    """
    with contextlib.suppress(OSError, AttributeError, TypeError):
        ctypes.CDLL(None).malloc_trim(0)


def _mapped(path: Path, data: mmap.mmap) -> Array:
    head = io.BytesIO(data[:256])
    try:
        np.lib.format.read_magic(head)
        shape, fortran, dtype = np.lib.format.read_array_header_1_0(head)
    except Exception as error:  # NumPy raises whatever its parser met
        raise IndexDamagedError(path, f"its header cannot be read ({error})") from error
    count = int(np.prod(shape, dtype=np.int64))
    if fortran or dtype.hasobject or head.tell() + count * dtype.itemsize != len(data):
        raise IndexDamagedError(path, "its header does not fit its length")
    return np.frombuffer(data, dtype, count, head.tell()).reshape(shape)
