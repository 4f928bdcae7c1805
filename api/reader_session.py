"""Who reads in a browser while reading is closed? A signed cookie, given for a key that may read."""

from __future__ import annotations

import hmac
import secrets

from flask import Response, request
from itsdangerous import BadSignature

from api.desk_session import HOURS, serializer

COOKIE = "dateline_reader"
FORM_COOKIE = "dateline_entry"
"""Of somebody who is not signed in yet: what the form that signs in must say again."""
_SALT, _FORM_PATH = "dateline reader session", "/sign-in"


def current_key() -> str | None:
    """Id of the key that the session was given for; None where there is no session."""
    try:
        key, _ = serializer(_SALT).loads(request.cookies.get(COOKIE, ""), max_age=HOURS * 3600)
    except (BadSignature, ValueError, TypeError):
        return None
    return str(key)


def sign_in(answer: Response, key: str) -> None:
    """Give a session to whoever gets the answer; it comes along with links from elsewhere, as in mails."""
    value = str(serializer(_SALT).dumps((key, secrets.token_urlsafe(16))))
    answer.set_cookie(COOKIE, value, HOURS * 3600, secure=request.is_secure, httponly=True, samesite="Lax")
    answer.delete_cookie(FORM_COOKIE, path=_FORM_PATH)


def sign_out(answer: Response) -> None:
    """Take the session away."""
    answer.delete_cookie(COOKIE, httponly=True, samesite="Lax", secure=request.is_secure)


def entry_token(answer: Response, token: str) -> None:
    """Let somebody who is not signed in send the form that signs in."""
    answer.set_cookie(
        FORM_COOKIE, token, 3600, path=_FORM_PATH, secure=request.is_secure, httponly=True, samesite="Strict"
    )


def has_entry_token() -> bool:
    """Whether a posted form is one that this browser was given."""
    held, given = request.cookies.get(FORM_COOKIE, ""), request.form.get("token", "")
    return bool(held) and hmac.compare_digest(
        held.encode("utf-8", "replace"), given.encode("utf-8", "replace")
    )
