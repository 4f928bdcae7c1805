"""How does an answer travel that is longer than anybody should wait for? In pieces, beside other answers."""

from __future__ import annotations

import threading
import zlib
from collections.abc import Callable, Iterable, Iterator
from itertools import chain

from flask import Response, request

LONG = "dateline.long"
"""Set in the WSGI environment of an answer that `api.worker` may send while it goes on with others."""

AT_ONCE = 8
"""Long answers that one process sends at a time: each holds a thread, and a commit's files."""

_PIECE = 64 * 1024  # bytes
_GZIP = 16 + zlib.MAX_WBITS
_FAST = 1  # of zlib's levels: a fifth of the size already, at the speed of the rest


class Places:
    """How many long answers are under way, and whether there is room for one more."""

    def __init__(self, most: int = AT_ONCE) -> None:
        self._free = threading.BoundedSemaphore(most)

    def take(self) -> Callable[[], None] | None:
        """Take a place, or None where there is none; what is returned gives it back, once."""
        if not self._free.acquire(blocking=False):
            return None
        given = threading.Lock()

        def give_back() -> None:
            if given.acquire(blocking=False):
                self._free.release()

        return give_back


def streamed(lines: Iterator[bytes], media_type: str, give_back: Callable[[], None]) -> Response:
    """An answer in pieces.

    The first piece is made at once, so that what is wrong with the index is a problem with a
    status and not a connection that breaks off. Neither the request nor the application may be
    asked for by `lines`: both are gone by the time that most of it is made.

    Args:
        lines: of any length.
        media_type: of the whole.
        give_back: called when the last byte is sent, or nobody takes it any more.
    """
    pieces = _pieces(lines)
    try:
        first = next(pieces, b"")
    except BaseException:
        give_back()
        raise
    whole = _then(chain((first,), pieces), give_back)
    squeezed = request.accept_encodings.quality("gzip") > 0
    answer = Response(_squeezed(whole) if squeezed else whole)
    answer.call_on_close(give_back)
    answer.headers["Content-Type"] = media_type
    if squeezed:
        answer.headers["Content-Encoding"] = "gzip"
    answer.vary.add("Accept-Encoding")
    if request.method == "HEAD":
        give_back()
    else:
        request.environ[LONG] = True
    return answer


def _then(pieces: Iterable[bytes], done: Callable[[], None]) -> Iterator[bytes]:
    try:
        yield from pieces
    finally:
        done()


def _pieces(lines: Iterator[bytes]) -> Iterator[bytes]:
    kept: list[bytes] = []
    size = 0
    for line in lines:
        kept.append(line)
        size += len(line)
        if size >= _PIECE:
            yield b"".join(kept)
            kept, size = [], 0
    if kept:
        yield b"".join(kept)


def _squeezed(pieces: Iterable[bytes]) -> Iterator[bytes]:
    squeeze = zlib.compressobj(_FAST, wbits=_GZIP)
    for piece in pieces:
        if made := squeeze.compress(piece):
            yield made
    yield squeeze.flush()
