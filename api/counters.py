"""How often did somebody ask lately, counted over all processes of one server?

A table in memory that the processes share: the master makes it before it forks. Each line counts for
one subject, in a window of time that begins with its first request. A line's bucket is locked by
POSIX's record locks (fcntl(2)), which the kernel takes back from a process that is killed.
"""

from __future__ import annotations

import fcntl
import math
import mmap
import os
import secrets
import struct
import tempfile
import threading
import time
import weakref
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from hashlib import blake2b

_LINE = struct.Struct("<QdQ")  # the subject's digest, when its window ends, how much is used up
_LINES = 8  # of a bucket
_BUCKETS = 8_192
_SIZE = _LINE.size * _LINES  # bytes of a bucket


@dataclass(frozen=True, slots=True)
class Quota:
    """So many requests within so many seconds."""

    requests: int
    seconds: int


@dataclass(frozen=True, slots=True)
class Left:
    """What is left of a quota.

    Attributes:
        requests: how many may still come in the window.
        seconds: until the window ends, rounded up.
        allowed: whether what was asked for was within it.
    """

    requests: int
    seconds: int
    allowed: bool


class Counters:
    """A table of counters; 65,536 subjects are remembered at once, 1.5 MB.

    Attributes:
        secret: random bytes that the processes share, and nobody else knows.
    """

    def __init__(self) -> None:
        folder = "/dev/shm" if os.path.isdir("/dev/shm") else None  # noqa: PTH112, S108
        self._file, name = tempfile.mkstemp(prefix="dateline-limits-", dir=folder)
        os.unlink(name)  # noqa: PTH108 - it goes with the last process
        os.ftruncate(self._file, _BUCKETS * _SIZE)
        self._map = mmap.mmap(self._file, _BUCKETS * _SIZE)
        self._alone = threading.Lock()  # a record lock holds between processes, not between threads
        self.secret = secrets.token_bytes(32)
        weakref.finalize(self, os.close, self._file)

    def take(self, subject: str, quota: Quota, cost: int = 1) -> Left:
        """Count a request; one over the quota is not counted, so that asking on does not lengthen the wait.

        Args:
            subject: who asks, and for what kind of thing.
            quota: how much that may be.
            cost: 0 only looks.
        """
        now = time.monotonic()  # of the machine, so all processes tell the same time
        seen = blake2b(subject.encode("utf-8", "replace"), digest_size=8, key=self.secret).digest()
        digest = int.from_bytes(seen, "little")
        start = digest % _BUCKETS * _SIZE
        with self._alone, self._locked(start):
            lines = list(_LINE.iter_unpack(self._map[start : start + _SIZE]))
            place = _place(lines, digest, now)
            held, end, used = lines[place]
            if held != digest or end <= now:
                end, used = now + quota.seconds, 0
            allowed = used + max(cost, 1) <= quota.requests
            if allowed and cost:
                used += cost
                _LINE.pack_into(self._map, start + place * _LINE.size, digest, end, used)
        return Left(max(0, quota.requests - used), max(1, math.ceil(end - now)), allowed)

    @contextmanager
    def _locked(self, start: int) -> Iterator[None]:
        fcntl.lockf(self._file, fcntl.LOCK_EX, _SIZE, start)
        try:
            yield
        finally:
            fcntl.lockf(self._file, fcntl.LOCK_UN, _SIZE, start)


def _place(lines: list[tuple[int, float, int]], digest: int, now: float) -> int:
    """The subject's own line, else one that is free, else that of whoever asked least."""
    best, least = 0, math.inf
    for place, (held, end, used) in enumerate(lines):
        if held == digest:
            return place
        weight = -1 if end <= now else used
        if weight < least:
            best, least = place, weight
    return best


_shared: list[Counters] = []


def share() -> None:
    """Make the table that the processes forked from this one will count in; done once."""
    if not _shared:
        _shared.append(Counters())


def counters() -> Counters:
    """The table of the server that this process belongs to, or one of its own."""
    return _shared[0] if _shared else Counters()
