"""Who may do what by HTTP? A key, or a session that was opened with one, and what it is for.

Every address is closed unless it says otherwise: while reading is closed, whatever is not in `OPEN`
and has no guard of its own (`needs`, `guards_itself`, the desk) asks for a key that may read.
"""

from __future__ import annotations

import hmac
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any, TypeVar

from flask import Flask, current_app, g, request
from werkzeug.datastructures import WWWAuthenticate
from werkzeug.exceptions import Forbidden, Unauthorized

from api import limits, reader_session
from api.context import current_keys, current_settings
from index.errors import DatelineError
from index.keys import SCOPES, Key, Scope

log = logging.getLogger(__name__)

_Made = TypeVar("_Made")
KEY_NEEDED: dict[str, Any] = {"security": [{"ApiKey": []}, {"Bearer": []}]}
"""What the description says of an address that asks for the key."""

OPEN = frozenset({
    "health.alive", "health.ready", "health.metrics",  # counts, and no word of a text
    "static", "docs", "docs_asset", "embed.script", "problem_type",  # the same for every archive
    "api-docs.openapi_json", "opensearch.description",
    "entry.form", "entry.sign_in", "entry.sign_out",  # where one shows the key
})  # fmt: skip
"""Endpoints that anybody may ask while reading is closed."""

REALM = "Dateline archive"
"""What a key opens; the space has it written in quotes, as RFC 7617 asks."""

_GUARD = "dateline_guard"  # an attribute of views that look after themselves


@dataclass(frozen=True, slots=True)
class Caller:
    """Somebody whose key is known.

    Attributes:
        key: its id; empty for the one of `DATELINE_API_KEY`.
        name: what it is called.
        scopes: what it is for.
        record: what the archive knows of it; None for the one of `DATELINE_API_KEY`.
    """

    key: str
    name: str
    scopes: tuple[Scope, ...]
    record: Key | None = None

    def may(self, scope: Scope) -> bool:
        """Whether the key is for this; who may decide may read what is decided about."""
        return scope in self.scopes or (scope == "read" and "desk" in self.scopes)


class InsufficientScope(Forbidden):
    """The key is known, and is not for this."""

    name = "Insufficient scope"

    def __init__(self, scope: Scope) -> None:
        super().__init__(f"This key is not for this: it lacks the scope `{scope}`.")


def caller() -> Caller | None:
    """Whose key the request carries, or None; looked up once a request.

    That an address has sent too many wrong keys is told where a key is needed; what is open is open.
    """
    if "caller" not in g:
        g.caller = None
        given = _given()
        try:
            g.caller = known(given) if given else _in_session()
        except limits.QuotaExceeded as refused:
            g.refused = refused
    found: Caller | None = g.caller
    return found


def known(text: str) -> Caller | None:
    """Whose key a text is, or None; then the address is noted as having sent a wrong one.

    Raises:
        QuotaExceeded: it has sent too many. A key of the archive's own form is looked up all the same: 256
            random bits are not found by trying, and nobody is locked out by a neighbour's mistakes.
    """
    found = current_keys().find(text)
    if found is not None:
        return _of(found)
    limits.refuse_guesses()
    if right_setting(text):
        return _SETTING
    limits.note_wrong_key()
    return None


def right_setting(text: str) -> bool:
    """Whether it is the server's own key; takes as long for any text of a length."""
    key = current_settings().api_key
    given = text.encode("utf-8", "replace")
    return bool(key) and hmac.compare_digest(given, key.encode("utf-8", "replace"))


def holder(key: str) -> Caller | None:
    """Whose session it is that was opened with the key of an id; None once it is taken back."""
    if not key:
        return _SETTING if current_settings().api_key else None
    found = current_keys().live(key)
    return None if found is None else _of(found)


def is_on() -> bool:
    """Whether there is any key, without which nobody can write or decide by HTTP."""
    return bool(current_settings().api_key) or current_keys().any_live()


def has_desk() -> bool:
    """Whether pages for all lead to the desk; not where keys cannot be read: reading goes on without."""
    if "has_desk" not in g:
        try:
            g.has_desk = is_on()
        except DatelineError:
            g.has_desk = False
    return bool(g.has_desk)


def check_key(scope: Scope) -> None:
    """Go on only where the request has a key for this.

    Raises:
        Forbidden: there is no key on this server, or the one sent is for something else.
        Unauthorized: the key is missing, wrong or no longer taken.
        QuotaExceeded: the address has sent too many wrong ones.
    """
    if scope == "read" and current_settings().reading == "open":
        return
    found = caller()
    if found is not None and found.may(scope):
        return
    if found is not None:
        raise InsufficientScope(scope)
    if "refused" in g:
        raise g.refused
    if not is_on():
        raise Forbidden(
            "This needs a key, and there is none on this server; `dateline keys add` makes one, "
            "or set DATELINE_API_KEY."
        )
    told = "Send a key as `Authorization: Bearer KEY` or `X-API-Key: KEY`."
    raise Unauthorized(told, www_authenticate=_challenges(scope))


def needs(scope: Scope) -> Callable[[Callable[..., _Made]], Callable[..., _Made]]:
    """Let only those in who have a key for this; `read`: while reading is closed."""

    def guard(view: Callable[..., _Made]) -> Callable[..., _Made]:
        @wraps(view)
        def guarded(*args: Any, **kwargs: Any) -> _Made:
            check_key(scope)
            return view(*args, **kwargs)

        return guards_itself(guarded)

    return guard


def guards_itself(view: _Made) -> _Made:
    """Say of a view that it lets nobody in without asking, so that it needs no key for reading too."""
    setattr(view, _GUARD, True)
    return view


def register(app: Flask) -> None:
    """Close what is not open, and note which keys are used."""
    limits.register(app, _whose)
    app.before_request(_close)
    app.teardown_request(_note_use)


def _whose() -> str | None:
    """Id of the key that the request is counted under; None: by its address."""
    found = caller()
    return None if found is None else found.key


def _close() -> None:
    if current_settings().reading == "open" or request.method == "OPTIONS" or request.blueprint == "desk":
        return
    if request.endpoint not in OPEN and not _has_guard():
        check_key("read")


def _has_guard() -> bool:
    view: Any = current_app.view_functions.get(request.endpoint or "")
    of_class = getattr(view, "view_class", None)
    if of_class is not None:
        method = "get" if request.method == "HEAD" else request.method.lower()
        view = getattr(of_class, method, None)
    return bool(getattr(view, _GUARD, False))


def _given() -> str:
    """The key that the request carries.

    HTTP Basic, which programs that read feeds know, is taken for reading alone: browsers send it
    along with forms of other sites.
    """
    scheme, _, token = request.headers.get("Authorization", "").partition(" ")
    own = request.headers.get("X-API-Key")
    if scheme.lower() == "bearer":
        # None at all is a wrong one, and so are two: nobody can tell which is meant.
        return token.strip() if token.strip() and own in (None, token.strip()) else "-"
    if own is not None:
        return own
    basic = request.authorization if scheme.lower() == "basic" else None
    return (basic.password or "") if basic is not None and request.method in ("GET", "HEAD") else ""


def _in_session() -> Caller | None:
    """Who reads in a browser, while reading is closed; a session opens nothing else."""
    if current_settings().reading == "open" or request.method not in ("GET", "HEAD"):
        return None
    key = reader_session.current_key()
    return None if key is None else holder(key)


def _challenges(scope: Scope) -> list[WWWAuthenticate]:
    """How one may show a key; a browser is not asked to open its own window for it."""
    bearer = WWWAuthenticate("bearer", {"realm": REALM})
    if scope != "read" or "Sec-Fetch-Mode" in request.headers:
        return [bearer]
    return [WWWAuthenticate("basic", {"realm": REALM, "charset": "UTF-8"}), bearer]


def _note_use(_: BaseException | None) -> None:
    found: Caller | None = g.get("caller")
    if found is None or found.record is None:
        return
    try:
        current_keys().note_use(found.record)
    except DatelineError as error:
        log.warning("that key %s is used is not written down: %s", found.key, error)


def _of(key: Key) -> Caller:
    return Caller(key.id, key.name, key.scopes, key)


_SETTING = Caller("", "DATELINE_API_KEY", SCOPES)
