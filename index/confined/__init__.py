"""Libraries that read binary and tangled formats, run in a process whose time, memory and reach are bounded.

PDF, Word, feeds, pages and Markdown are read by other people's code, which a hostile file can make
slow, large or curious. It runs in a child: processor time by the size of the file, memory by
`RLIMIT_AS`, no network, no file but Python's own. A file that breaks it costs that file.
"""

from __future__ import annotations

import atexit
import json
import os
import select
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any, Literal

from index.errors import InputError, UnsupportedInputError

Kind = Literal["pdf", "word", "feed", "markdown", "html", "fragment"]

MEMORY_BYTES = 1024 * 1024 * 1024
"""Address space of the child, its libraries included."""

IDLE_S = 60
"""Seconds without work after which the child ends itself."""

WALL_S = 120
"""Seconds by the clock after which the child is given up whatever it does, at the least."""

_MB = 1024 * 1024
# Processor seconds: some to begin with, more by the megabyte, and never beyond the last. Real files
# take a third of it at most; a small hostile one is given up after three. Less is too little: a machine
# that is shared may count a pause of its own as time of the process.
_SECONDS: dict[Kind, tuple[float, float, float]] = {
    "pdf": (3.0, 1.0, 10.0),  # more by the page
    "word": (3.0, 3.0, 30.0),
    "feed": (3.0, 0.5, 10.0),  # more by the entry
    "markdown": (3.0, 1.5, 15.0),
    "html": (3.0, 1.0, 20.0),
    "fragment": (3.0, 1.0, 10.0),
}
_MAX_REPLY_BYTES = 256 * _MB
_CHUNK = 1 << 20


def extract(kind: Kind, data: bytes, name: str, more_s: float = 0.0) -> Any:
    """Have one file read in the child.

    Args:
        kind: which of the modules of this package reads it.
        data: the whole file.
        name: of the file, for errors.
        more_s: processor seconds that it may take beyond those that its size allows.

    Returns:
        What that module's `extract` gives: plain JSON values.

    Raises:
        InputError: it is damaged, or takes too much time or memory.
        UnsupportedInputError: there is no text in it.
    """
    base, by_mb, most = _SECONDS[kind]
    seconds = min(most, base + by_mb * len(data) / _MB) + more_s
    with _LOCK:
        reply = _asked(kind, data, seconds, name)
    if "refused" in reply:
        error = UnsupportedInputError if reply["unsupported"] else InputError
        raise error(name, reply["refused"])
    return reply["value"]


def _asked(kind: Kind, data: bytes, seconds: float, name: str) -> dict[str, Any]:
    for last in (False, True):
        child = _child()
        try:
            child.send(json.dumps([kind, len(data), seconds]).encode() + b"\n", data)
        except OSError:
            # It was idle for long and ended as we wrote; a new one takes it.
            _drop()
            if last:
                raise InputError(name, "the process that reads it cannot be started; try again") from None
            continue
        try:
            reply: dict[str, Any] = json.loads(child.receive(WALL_S + 10 * seconds))
        except (EOFError, TimeoutError, ValueError):
            _drop()
            raise InputError(
                name, f"takes longer to read than {seconds:.0f} s of the processor, or breaks what reads it; "
                "save it anew from the program that it is of"
            ) from None  # fmt: skip
        if reply.get("over"):
            _drop()
        return reply
    raise AssertionError


class _Child:
    """One process that reads files in turn."""

    def __init__(self) -> None:
        root = str(Path(__file__).resolve().parents[2])
        paths = [root, *filter(None, [os.environ.get("PYTHONPATH")])]
        self._process = subprocess.Popen(  # noqa: S603 - our own module under our own interpreter
            # -P: what lies in the working folder is no module of ours, whatever its name.
            [sys.executable, "-P", "-m", "index.confined", str(MEMORY_BYTES), str(IDLE_S)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(paths)},
            start_new_session=True,  # Ctrl-C is for the parent to answer
        )

    @property
    def alive(self) -> bool:
        return self._process.poll() is None

    def send(self, *parts: bytes) -> None:
        pipe = self._process.stdin
        if pipe is None:
            raise BrokenPipeError
        for part in parts:
            pipe.write(part)
        pipe.flush()

    def receive(self, seconds: float) -> bytes:
        """Take one reply: its length as a line, then JSON.

        Raises:
            EOFError: the child ended.
            TimeoutError: it did not answer in time.
            ValueError: it answered with more than is held.
        """
        deadline = time.monotonic() + seconds
        data = b""
        while b"\n" not in data:
            data += self._read(deadline)
        head, _, rest = data.partition(b"\n")
        size = int(head)
        if size > _MAX_REPLY_BYTES:
            raise ValueError("a reply beyond the limit")
        parts, held = [rest], len(rest)
        while held < size:
            parts.append(self._read(deadline))
            held += len(parts[-1])
        return b"".join(parts)

    def _read(self, deadline: float) -> bytes:
        pipe = self._process.stdout
        if pipe is None or not select.select([pipe], [], [], max(0.0, deadline - time.monotonic()))[0]:
            raise TimeoutError
        data = os.read(pipe.fileno(), _CHUNK)
        if not data:
            raise EOFError
        return data

    def close(self) -> None:
        self._process.kill()
        self._process.wait()
        for pipe in (self._process.stdin, self._process.stdout):
            if pipe is not None:
                try:
                    pipe.close()
                except OSError:  # what was not written any more
                    continue


_LOCK = threading.Lock()
_held: list[_Child] = []
_inherited: list[_Child] = []


def _child() -> _Child:
    if _held and not _held[0].alive:
        _drop()
    if not _held:
        _held.append(_Child())
    return _held[0]


def _drop() -> None:
    while _held:
        _held.pop().close()


def _forget() -> None:
    """In a fork: the child is the parent's, its pipes must not be spoken into by two."""
    global _LOCK  # noqa: PLW0603 - another thread may have held it at the fork
    _LOCK = threading.Lock()
    _inherited.extend(_held)
    _held.clear()


os.register_at_fork(after_in_child=_forget)
atexit.register(_drop)
