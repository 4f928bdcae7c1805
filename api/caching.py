"""When may an answer be kept, and how is an unchanged one told? (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Callable
from functools import cache
from hashlib import blake2b
from importlib import metadata
from pathlib import Path
from typing import Any

import orjson
from flask import Response, json, make_response, request

from api.context import current_engine, current_settings

FOR_EVER = "public, max-age=31536000, immutable"
SHARED_S = 1
"""Seconds that a web server in front may give an answer to others: a commit may take as long to be seen."""
_FOLDER = Path(__file__).parent


def cached_json(make: Callable[[], Any]) -> Response:
    """Answer with JSON that changes only with the index and the request's own address."""

    def answer() -> Response:
        made = make_response(encoded_json(make()), 200)
        made.headers["Content-Type"] = "application/json"
        return made

    return cached(answer)


def encoded_json(value: Any) -> bytes:
    """JSON in UTF-8, or in ASCII where only that can carry it."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:  # half a surrogate pair, which only the escapes of ASCII can carry
        return json.dumps(value).encode("ascii")


def cached(make: Callable[[], Response], *also: object) -> Response:
    """Answer with what changes only with the index, the request's own address, and what is given besides.

    The tag is weak, since compression and the time taken may differ. Where the client
    has the answer already, `make` is not called at all. An answer that is no success,
    or says itself that it must not be kept, gets no tag.

    Args:
        make: makes the answer.
        also: what else changes it.
    """
    tag = etag(*also)
    # Not `tag in if_none_match`: that is true of `*`, whatever there is at the address.
    if tag in request.if_none_match.as_set(include_weak=True):
        answer = make_response(b"", 304)
    else:
        answer = make()
        if answer.status_code != 200 or answer.cache_control.no_store:
            answer.headers["Cache-Control"] = "no-store"
            return answer
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    if _is_for_all():
        # For nginx alone, which hears it before Cache-Control and does not send it on; see deploy/nginx.
        answer.headers["X-Accel-Expires"] = str(SHARED_S)
    return answer


def _is_for_all() -> bool:
    """Whether everybody would get the answer: reading is open, and nothing says who asks."""
    told = ("Authorization", "X-API-Key", "Cookie")
    return current_settings().reading == "open" and not any(name in request.headers for name in told)


def etag(*also: object) -> str:
    """Name the answer to this request: from the newest commit, the address and what is made of both."""
    identity = f"{_looks()} {current_engine().identity()} {also} {request.full_path}"
    return blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


@cache
def _looks() -> str:
    """Name the release and its templates and static files: a new one makes other pages of the same index."""
    seen = blake2b(metadata.version("dateline").encode(), digest_size=8)
    for folder in ("static", "templates"):
        for path in sorted((_FOLDER / folder).iterdir()):
            seen.update(path.read_bytes())
    return seen.hexdigest()
