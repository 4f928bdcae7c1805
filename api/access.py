"""Who may do what by HTTP? A key, and what it is for."""

from __future__ import annotations

import hmac
from collections.abc import Callable
from functools import wraps
from typing import Any, Literal, TypeVar

from flask import request
from werkzeug.exceptions import Forbidden, Unauthorized

from api.context import current_settings

Scope = Literal["read", "write", "desk"]

_Made = TypeVar("_Made")
KEY_NEEDED: dict[str, Any] = {"security": [{"ApiKey": []}, {"Bearer": []}]}
"""What the description says of an address that asks for the key."""


def check_key(scope: Scope) -> None:
    """Go on only where the request has a key for this; 403 while none is set, 401 for a wrong one."""
    del scope
    key = current_settings().api_key
    if not key:
        raise Forbidden("Writing by HTTP is off; set DATELINE_API_KEY on the server to allow it.")
    given = request.headers.get("X-API-Key", "")
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    if scheme.lower() == "bearer":
        given = token.strip()
    if not hmac.compare_digest(given.encode(), key.encode()):
        raise Unauthorized("Send the key as `Authorization: Bearer KEY` or `X-API-Key: KEY`.")


def needs(scope: Scope) -> Callable[[Callable[..., _Made]], Callable[..., _Made]]:
    """Let only those in who have a key for this."""

    def guard(view: Callable[..., _Made]) -> Callable[..., _Made]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> _Made:
            check_key(scope)
            return view(*args, **kwargs)

        return guarded

    return guard
