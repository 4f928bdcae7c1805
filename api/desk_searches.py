"""Saved searches at the desk: which there are, what each found, and the forms that save and change them."""

from __future__ import annotations

from collections.abc import Mapping
from urllib.parse import parse_qsl

from flask import Response, redirect, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api import desk_session
from api.alerts import canonical
from api.context import current_saved
from api.desk_frame import blueprint, number_of, page
from api.pages import understand
from api.schemas import search_request
from index.errors import SavedSearchError
from index.saved import MAX_QUERY, SavedSearch, State

_MATCHES = 50
_DONE: Mapping[str, str] = {
    "saved": "Saved. What is added from now on is matched.",
    "changed": "Changed.",
    "paused": "Paused: what is added meanwhile is not matched.",
    "resumed": "Going on: what is added from now on is matched.",
    "removed": "Removed, with what it had found.",
}


@blueprint.get("/searches")
def searches() -> Response:
    """The saved searches, and a form that saves one more."""
    return searches_page()


def searches_page(status: int = 200, problem: str = "") -> Response:
    """The list, with what was typed where that was refused."""
    saved, given = current_saved(), request.values
    counts = saved.counts()
    query = given.get("query")
    return page(
        "desk_searches.html",
        status,
        rows=[(s, counts.get(s.id)) for s in saved.all()],
        query=None if query is None else query[:MAX_QUERY],
        name=given.get("name") or _suggested(query or ""),
        done=_done(),
        problem=problem,
    )


def _suggested(query: str) -> str:
    """What a search may be called: its words."""
    try:
        return search_request(_pairs(query)).q.strip()[:100]
    except ValidationError:
        return ""


def _pairs(query: str) -> MultiDict[str, str]:
    return MultiDict(parse_qsl(query, keep_blank_values=True))


def _done() -> str:
    return _DONE.get(request.args.get("done", ""), "")


@blueprint.post("/searches")
def save_search() -> AnyResponse:
    """Save a search."""
    form, session = request.form, desk_session.current_session()
    try:
        query = canonical(form.get("query", ""))
        made = current_saved().create(form.get("name", ""), session.who if session else "", query)
    except (SavedSearchError, ValidationError) as error:
        return searches_page(422, _why(error))
    return redirect(url_for(".saved_search", search_id=made.id, done="saved"), 303)


@blueprint.get("/searches/<search_id>")
def saved_search(search_id: str) -> Response:
    """One saved search and what it found."""
    return search_page(current_saved().get(search_id))


def search_page(search: SavedSearch, status: int = 200, problem: str = "") -> Response:
    """A search, its feeds and matches, with what was typed where that was refused."""
    saved, before = current_saved(), number_of(request.args.get("before"), 0, 2**53)
    found = saved.matches(search.id, before or None, _MATCHES + 1)
    following = found[_MATCHES - 1].number if len(found) > _MATCHES else None
    return page(
        "desk_search.html",
        status,
        search=search,
        stories=saved.shown_stories(search.id),
        matches=found[:_MATCHES],
        before=before,
        following=following,
        typed=request.form,
        done=_done(),
        problem=problem,
    )


@blueprint.post("/searches/<search_id>")
def change_search(search_id: str) -> AnyResponse:
    """Rename or change a search, pause, resume or remove it."""
    saved, form = current_saved(), request.form
    search, action = saved.get(search_id), form.get("action", "")
    try:
        if action == "remove":
            saved.remove(search.id)
            return redirect(url_for(".searches", done="removed"), 303)
        if action in ("pause", "resume"):
            state: State = "paused" if action == "pause" else "active"
            saved.change(search.id, state=state)
        elif action == "change":
            saved.change(search.id, name=form.get("name", ""), query=canonical(form.get("query", "")))
        else:
            return search_page(search, 422, "That form asks for nothing that is known here.")
    except (SavedSearchError, ValidationError) as error:
        return search_page(search, 422, _why(error))
    done = {"pause": "paused", "resume": "resumed"}.get(action, "changed")
    return redirect(url_for(".saved_search", search_id=search.id, done=done), 303)


def _why(error: SavedSearchError | ValidationError) -> str:
    if isinstance(error, SavedSearchError):
        return f"Nothing was changed: {error.reason}."
    told = understand(_pairs(request.form.get("query", ""))).problems
    return f"Nothing was changed: the query cannot be used ({'; '.join(told)})."
