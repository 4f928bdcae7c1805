"""Saved searches by HTTP: what was saved, what each found, behind a key."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, cast

from flask import Response, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import ValidationError

from api import saved_answers as answers
from api.access import KEY_NEEDED, needs
from api.alerts import canonical
from api.context import current_saved
from api.schemas import StrictSchema
from index.saved import SavedSearch

blueprint = Blueprint(
    "saving", __name__, url_prefix="/api/v1", description="Saved searches and their matches."
)


def _load(schema: type[StrictSchema]) -> dict[str, Any]:
    given = {name: request.args.getlist(name)[-1] for name in request.args}
    return cast("dict[str, Any]", schema().load(given))


def _body(schema: type[StrictSchema]) -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ValidationError({"body": ["Send a JSON object."]})
    loaded: dict[str, Any] = dict(schema().load(body))
    if "query" in loaded:
        loaded["query"] = _canonical(loaded["query"])
    return loaded


def _canonical(query: str) -> str:
    try:
        return canonical(query)
    except ValidationError as error:
        told = error.messages if isinstance(error.messages, dict) else {"": error.messages}
        raise ValidationError({"query": [f"{n}: {_first(v)}" for n, v in told.items()]}) from error


def _first(told: Any) -> str:
    while isinstance(told, dict | list):
        told = next(iter(told.values() if isinstance(told, dict) else told), "")
    return str(told)


def _needs_body(schema: type[StrictSchema]) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


def _private(value: Any, status: int = 200) -> Response:
    answer = make_response(value, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _told(searches: Iterable[SavedSearch]) -> list[dict[str, Any]]:
    counts = current_saved().counts()
    return [answers.search_json(s, counts.get(s.id)) for s in searches]


@blueprint.route("/searches")
class Searches(MethodView):
    """Saved searches as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": answers.SearchesArgs}],
        summary="Which searches are saved, and what became of them",
        operationId="saved_searches",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.SavedSearchesSchema)
    @needs("desk")
    def get(self) -> Response:
        """Saved searches by name; one that is broken says why, and is tried again until it works."""
        args = _load(answers.SearchesArgs)
        return _private({"searches": _told(current_saved().all(args["owner"], args["state"]))})

    @blueprint.doc(
        summary="Save a search: what is added from now on is matched",
        operationId="save_search",
        **_needs_body(answers.SaveBody),
        **KEY_NEEDED,
    )
    @blueprint.response(201, answers.SavedSearchSchema)
    @needs("desk")
    def post(self) -> Response:
        """Save any search, as the query string of its page; sizes of a page and facets are left out."""
        body = _body(answers.SaveBody)
        (told,) = _told([current_saved().create(body["name"], body["owner"], body["query"])])
        answer = _private(told, 201)
        answer.headers["Location"] = told["links"]["self"]
        return answer


@blueprint.route("/searches/<search_id>")
class Search(MethodView):
    """One saved search."""

    @blueprint.doc(summary="One saved search", operationId="saved_search", **KEY_NEEDED)
    @blueprint.response(200, answers.SavedSearchSchema)
    @needs("desk")
    def get(self, search_id: str) -> Response:
        """A saved search, its state and the addresses of its feeds."""
        (told,) = _told([current_saved().get(search_id)])
        return _private(told)

    @blueprint.doc(
        summary="Rename, change, pause or resume a saved search",
        operationId="change_saved_search",
        **_needs_body(answers.ChangeBody),
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.SavedSearchSchema)
    @needs("desk")
    def patch(self, search_id: str) -> Response:
        """Change what is given; after another query, or a pause, what is added from then on is matched."""
        body = _body(answers.ChangeBody)
        (told,) = _told([current_saved().change(search_id, **body)])
        return _private(told)

    @blueprint.doc(summary="Remove a saved search", operationId="remove_saved_search", **KEY_NEEDED)
    @blueprint.response(204)
    @needs("desk")
    def delete(self, search_id: str) -> Response:
        """Forget a search and its matches; its feeds are gone."""
        current_saved().remove(search_id)
        return make_response(b"", 204)


@blueprint.route("/searches/<search_id>/matches")
class Matches(MethodView):
    """What one saved search found."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": answers.MatchesArgs}],
        summary="What a saved search found",
        operationId="matches",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.MatchesSchema)
    @needs("desk")
    def get(self, search_id: str) -> Response:
        """Matches, the last first: each story once, and its corrections marked."""
        args, saved = _load(answers.MatchesArgs), current_saved()
        limit = args["limit"]
        found = saved.matches(saved.get(search_id).id, args["before"], limit + 1)
        following = found[limit - 1].number if len(found) > limit else None
        return _private({"matches": [answers.match_json(m) for m in found[:limit]], "next": following})
