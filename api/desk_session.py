"""Who is at the desk? Signing in with the key, a signed cookie, and a token in every form.

No state is kept on the server, so every process knows every session; another key ends them all.
The cookie is signed by a secret made of the key, and only who had the key is ever given one.
"""

from __future__ import annotations

import hashlib
import hmac
import secrets
import time
from collections import OrderedDict
from dataclasses import dataclass
from ipaddress import ip_address

from flask import Response, request
from itsdangerous import BadSignature, URLSafeTimedSerializer

from api.context import current_settings

HOURS = 10
"""How long a session lasts: a working day."""

MAX_WRONG, WRONG_S = 10, 300
"""Wrong keys that an address may send to one process within so many seconds."""

COOKIE = "dateline_desk"
FORM_COOKIE = "dateline_desk_form"
"""Of somebody who is not signed in yet: what the form that signs in must say again."""

_PATH = "/desk"
_ADDRESSES = 10_000  # remembered at most


@dataclass(frozen=True, slots=True)
class Session:
    """Somebody at the desk: who, and what tells this session from others."""

    who: str
    nonce: str


def current_session() -> Session | None:
    """Whose request this is, or None where the cookie is missing, changed, too old or of another key."""
    held = request.cookies.get(COOKIE, "")
    try:
        who, nonce = _serializer().loads(held, max_age=HOURS * 3600)
    except (BadSignature, ValueError, TypeError):
        return None
    return Session(str(who), str(nonce))


def right_key(given: str) -> bool:
    """Whether it is the server's key; takes as long for any key of a length."""
    return hmac.compare_digest(_bytes(given), _bytes(current_settings().api_key))


def sign_in(answer: Response, who: str) -> None:
    """Give a session to whoever gets the answer."""
    value = _serializer().dumps((who, secrets.token_urlsafe(16)))
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


class Attempts:
    """Wrong keys by address, as far as this process was sent them."""

    def __init__(self) -> None:
        self._wrong: OrderedDict[str, list[float]] = OrderedDict()

    def wait_s(self, address: str) -> int:
        """Seconds until an address may try again; 0: now."""
        since = time.monotonic() - WRONG_S
        recent = [at for at in self._wrong.get(address, ()) if at > since]
        return max(1, int(recent[-MAX_WRONG] - since) + 1) if len(recent) >= MAX_WRONG else 0

    def note(self, address: str) -> None:
        """Note a wrong key."""
        wrong = self._wrong.pop(address, [])[1 - MAX_WRONG :]
        self._wrong[address] = [*wrong, time.monotonic()]
        while len(self._wrong) > _ADDRESSES:
            self._wrong.popitem(last=False)

    def forget(self, address: str) -> None:
        """Somebody there has the key."""
        self._wrong.pop(address, None)


def client_address() -> str:
    """From where the request comes: behind a proxy on this machine, what that adds to `X-Forwarded-For`."""
    peer = request.remote_addr or ""
    told = request.headers.get("X-Forwarded-For", "").rpartition(",")[2].strip()
    try:
        return str(ip_address(told)) if ip_address(peer).is_loopback else peer
    except ValueError:
        return peer


def _set(answer: Response, name: str, value: str, age_s: int) -> None:
    answer.set_cookie(
        name, value, age_s, path=_PATH, secure=request.is_secure, httponly=True, samesite="Strict"
    )


def _secret() -> bytes:
    return hashlib.sha256(b"dateline desk " + _bytes(current_settings().api_key)).digest()


def _serializer() -> URLSafeTimedSerializer:
    how = {"key_derivation": "hmac", "digest_method": hashlib.sha256}
    return URLSafeTimedSerializer(_secret(), salt="dateline desk session", signer_kwargs=how)


def _bytes(text: str) -> bytes:
    return text.encode("utf-8", "replace")
