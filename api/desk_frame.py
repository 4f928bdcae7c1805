"""The frame of every page of the desk: who is at it, what was just decided, and where it may lead."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlsplit

from flask import Blueprint, Response, render_template, request, url_for

from api import desk_session, deskview
from api.addresses import Address
from api.context import current_desk, current_engine
from api.marking import KIND_WORDS, marked
from index.errors import NotFoundError
from index.model import ENTITY_KINDS

blueprint = Blueprint("desk", __name__, url_prefix="/desk")

FORMS_SHOWN = 8  # ways a name is written


def page(template: str, status: int = 200, **values: Any) -> Response:
    """A page of the desk."""
    session = desk_session.current_session()
    common = {
        "who": session.who if session else "",
        "token": desk_session.form_token(session) if session else "",
        "made": _made() if session else None,
        "here": own_address(request.full_path.rstrip("?")) if request.method == "GET" else "",
        "home": Address(url_for("pages.search")),
    }
    text = render_template(template, **(common | _HELPERS | values))
    return Response(text.encode("utf-8", "replace"), status, mimetype="text/html")


def _made() -> deskview.DecisionView | None:
    """The decision that led here, to be told and undone right there."""
    number = number_of(request.args.get("made"), 0, 10**9)
    if not number:
        return None
    held = current_desk().decisions()
    found = [d for d in held.log if d.number == number]
    return deskview.decision_views(current_engine(), found, held)[0] if found else None


def own_address(told: str) -> str:
    """A page of the desk that a form names, or nothing: a form leads nowhere else."""
    try:
        parts = urlsplit(told)
    except ValueError:
        return ""
    inside = parts.path == "/desk" or parts.path.startswith("/desk/")
    plain = told.isprintable() and "\\" not in told and len(told) < 2_000
    return told if inside and plain and not parts.scheme and not parts.netloc else ""


def number_of(told: str | None, least: int, most: int) -> int:
    """A number of an address, as near as it may be; what is none is the least."""
    return max(least, min(int(told), most)) if told and told.isascii() and told.isdigit() else least


@blueprint.errorhandler(NotFoundError)
def not_found(error: NotFoundError) -> Response:
    """Say that an id names nothing."""
    return page("desk_problem.html", 404, title=f"No such {error.what}", detail=f"{error}.")


_HELPERS: dict[str, Any] = {
    "FORMS_SHOWN": FORMS_SHOWN,
    "ENTITY_KINDS": ENTITY_KINDS,
    "kind_words": KIND_WORDS,
    "marked": marked,
    "moment": deskview.moment,
    "quoted": deskview.quoted,
}
