"""When may an answer be kept, and how is an unchanged one told? (RFC 9110, section 13)."""

from __future__ import annotations

from collections.abc import Callable
from hashlib import blake2b
from typing import Any

from flask import Response, json, make_response, request

from api.context import current_engine


def cached_json(make: Callable[[], Any]) -> Response:
    """Answer with JSON that changes only with the index and the request's own address.

    The tag is weak, since compression and the time taken may differ. Where the client
    has the answer already, `make` is not called at all.
    """
    tag = etag()
    if tag in request.if_none_match or request.if_none_match.contains_weak(tag):
        answer = make_response(b"", 304)
    else:
        answer = make_response(json.dumps(make()), 200)
        answer.headers["Content-Type"] = "application/json"
    answer.set_etag(tag, weak=True)
    answer.headers["Cache-Control"] = "private, no-cache"
    return answer


def etag() -> str:
    """Name the answer to this request from the newest commit."""
    identity = f"{current_engine().identity()} {request.full_path}"
    return blake2b(identity.encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()
