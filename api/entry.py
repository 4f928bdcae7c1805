"""How does a person read while reading is closed? By a form that takes a key and opens a session."""

from __future__ import annotations

import secrets
from urllib.parse import urlsplit

from flask import Blueprint, Flask, Response, redirect, request, url_for
from werkzeug.exceptions import Unauthorized
from werkzeug.wrappers import Response as AnyResponse

from api import access, problems, reader_session
from api.context import current_settings
from api.limits import QuotaExceeded
from api.pages import html_page

blueprint = Blueprint("entry", __name__)


def register(app: Flask) -> None:
    """Show the form in place of a page that asks for a key."""
    app.register_blueprint(blueprint)
    app.register_error_handler(Unauthorized, _unauthorized)
    app.context_processor(_foot)


def _foot() -> dict[str, bool]:
    """What the foot of every page leads to: the desk where there is one, and the way out of a session."""
    elsewhere = request.blueprint != "desk"  # which has its own
    closed = current_settings().reading == "closed"
    return {
        "to_desk": elsewhere and access.has_desk(),
        "to_sign_out": elsewhere and closed and reader_session.current_key() is not None,
    }


def _unauthorized(error: Unauthorized) -> Response:
    closed = current_settings().reading == "closed" and request.method == "GET"
    if not closed or request.path.startswith("/api/") or not problems.wants_page():
        return problems.http_error(error)
    made = _page(401, to=request.full_path.rstrip("?"))
    made.headers["WWW-Authenticate"] = f'Bearer realm="{access.REALM}"'  # browsers leave it alone
    return made


def _page(status: int, problem: str = "", *, to: str = "") -> Response:
    token = secrets.token_hex(16)
    made = html_page("entry.html", status, token=token, problem=problem, to=to)
    reader_session.entry_token(made, token)
    made.headers["Cache-Control"] = "no-store"
    return made


@blueprint.get("/sign-in")
def form() -> AnyResponse:
    """The form; where reading is open there is nothing to sign in to."""
    to = _own_address(request.args.get("to", ""))
    return _page(200, to=to) if current_settings().reading == "closed" else redirect(to)


@blueprint.post("/sign-in")
def sign_in() -> AnyResponse:
    """Open a session for who has a key that may read."""
    to = _own_address(request.form.get("to", ""))
    if not reader_session.has_entry_token():
        return _page(403, "That form was too old. Please send it again.", to=to)
    try:
        found = access.known(request.form.get("key", "").strip())
    except QuotaExceeded as error:
        made = _page(429, f"Too many wrong keys. Try again in {error.seconds} seconds.", to=to)
        made.headers["Retry-After"] = str(error.seconds)
        return made
    if found is None:
        return _page(401, "That is not a key, or it is no longer taken.", to=to)
    if not found.may("read"):
        return _page(403, "That key is not for reading.", to=to)
    answer = redirect(to, 303)
    reader_session.sign_in(answer, found.key)  # type: ignore[arg-type]
    return answer


@blueprint.post("/sign-out")
def sign_out() -> AnyResponse:
    """End the session, unless a page of another site asks for it."""
    answer = redirect(url_for("pages.search"), 303)
    if request.headers.get("Sec-Fetch-Site", "same-origin") == "same-origin":
        reader_session.sign_out(answer)  # type: ignore[arg-type]
    return answer


def _own_address(told: str) -> str:
    """A page of ours that a form names, else the first: a form leads nowhere else."""
    try:
        parts = urlsplit(told)
    except ValueError:
        return url_for("pages.search")
    plain = told.isprintable() and "\\" not in told and len(told) < 4_000
    inside = told.startswith("/") and not told.startswith("//") and not parts.scheme and not parts.netloc
    return told if plain and inside and parts.path != "/sign-in" else url_for("pages.search")
