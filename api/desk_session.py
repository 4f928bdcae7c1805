"""Who is at the desk? Signing in with a key, a signed cookie, and a token in every form.

No state is kept on the server, so every process knows every session. The cookie is signed by a secret
made of `DATELINE_API_KEY`, so that another one ends all sessions, or of random bytes that the
processes of one server share. It names the key that it was given for, and ends with it.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
from dataclasses import dataclass

from flask import Response, g, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.context import current_counters, current_keys, current_settings

HOURS = 10
"""How long a session lasts: a working day."""

COOKIE = "dateline_desk"
FORM_COOKIE = "dateline_desk_form"
"""Of somebody who is not signed in yet: what the form that signs in must say again."""

_PATH = "/desk"


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at the desk: who, what tells this session from others, and the id of the key it is for."""

    who: str
    nonce: str
    key: str


def current_session() -> Session | None:
    """Whose request this is; None where the cookie is missing, changed or too old, or its key is gone."""
    if "desk_session" not in g:
        g.desk_session = _session(request.cookies.get(COOKIE, ""))
    found: Session | None = g.desk_session
    return found


def _session(held: str) -> Session | None:
    try:
        who, nonce, key = serializer("dateline desk session").loads(held, max_age=HOURS * 3600)
    except (BadSignature, ValueError, TypeError):
        return None
    if not key:
        return Session(str(who), str(nonce), "") if current_settings().api_key else None
    found = current_keys().live(str(key))
    return Session(str(who), str(nonce), found.id) if found and "desk" in found.scopes else None


def sign_in(answer: Response, who: str, key: str) -> None:
    """Give a session to whoever gets the answer.

    Args:
        answer: what they get.
        who: their name.
        key: id of the key that they have shown.
    """
    value = serializer("dateline desk session").dumps((who, secrets.token_urlsafe(16), key))
    _set(answer, COOKIE, str(value), HOURS * 3600)
    answer.delete_cookie(FORM_COOKIE, path=_PATH)


def sign_out(answer: Response) -> None:
    """Take the session away."""
    answer.delete_cookie(COOKIE, path=_PATH, httponly=True, samesite="Strict", secure=request.is_secure)


def form_token(session: Session) -> str:
    """What every form of a session says, and no other page can know."""
    return hmac.new(_secret(), f"form {session.nonce}".encode(), hashlib.sha256).hexdigest()


def has_form_token(session: Session) -> bool:
    """Whether a posted form is one of this session's own."""
    return hmac.compare_digest(_bytes(request.form.get("token", "")), form_token(session).encode())


def entry_token(answer: Response, token: str) -> None:
    """Let somebody who is not signed in send the form that signs in."""
    _set(answer, FORM_COOKIE, token, 3600)


def new_entry_token() -> str:
    """A token for that form: the one the browser has already, so that two tabs do not part."""
    held = request.cookies.get(FORM_COOKIE, "")
    return held if held.isalnum() and len(held) == 32 else secrets.token_hex(16)


def has_entry_token() -> bool:
    """Whether a posted form is one that this browser was given."""
    held, given = request.cookies.get(FORM_COOKIE, ""), request.form.get("token", "")
    return bool(held) and hmac.compare_digest(_bytes(held), _bytes(given))


def _set(answer: Response, name: str, value: str, age_s: int) -> None:
    answer.set_cookie(
        name, value, age_s, path=_PATH, secure=request.is_secure, httponly=True, samesite="Strict"
    )


def _secret() -> bytes:
    own = current_settings().api_key
    return hashlib.sha256(b"dateline desk " + (_bytes(own) if own else current_counters().secret)).digest()


def serializer(salt: str) -> URLSafeTimedSerializer:
    """What signs the cookies of one kind of session."""
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(_secret(), salt=salt, signer_kwargs=how)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
