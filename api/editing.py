"""The editor's desk by HTTP: entities, decisions about them, and the log, behind a key."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, g, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError

from api import answers, render
from api.access import KEY_NEEDED, check_key, needs
from api.auditing import wrote
from api.caching import cached_json
from api.context import current_desk, current_engine
from api.schemas import DECISION_BODIES, ActionBody, EntitiesArgs, LogArgs, StrictSchema, UndoBody
from index.decisions import Action, Decision
from index.model import ENTITY_KINDS
from search.results import KnownEntity

blueprint = Blueprint("editing", __name__, url_prefix="/api/v1", description="The editor's desk.")


def _load(schema: type[StrictSchema]) -> dict[str, Any]:
    given = {name: request.args.getlist(name)[-1] for name in request.args}
    return cast("dict[str, Any]", schema().load(given))


def _body() -> dict[str, Any]:
    body = request.get_json(force=True, silent=True)
    if not isinstance(body, dict):
        raise ValidationError({"body": ["Send a JSON object."]})
    return body


def _json_body(schema: Any) -> dict[str, Any]:
    return {"requestBody": {"required": True, "content": {"application/json": {"schema": schema}}}}


@blueprint.route("/entities")
class Entities(MethodView):
    """Entities as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": EntitiesArgs}],
        summary="Find people, organisations and places",
        operationId="entities",
    )
    @blueprint.response(200, answers.KnownEntitiesSchema)
    def get(self) -> Response:
        """Names by typing, pinned ones first, then the most frequent, with what was merged into them.

        `hidden=true` lists what editors hid instead, which needs the key.
        """
        args = _load(EntitiesArgs)

        def make() -> dict[str, Any]:
            return {"entities": [render.known_json(e) for e in _found(args)]}

        if not args["hidden"]:
            return cached_json(make)
        check_key("desk")
        return _private(make())


def _found(args: dict[str, Any]) -> list[KnownEntity]:
    kinds = (args["kind"],) if args["kind"] else ENTITY_KINDS
    engine, limit = current_engine(), args["limit"]
    found = [e for k in kinds for e in engine.known_entities(k, args["prefix"], limit, hidden=args["hidden"])]
    found.sort(key=lambda e: (not e.pinned, -e.count))
    return found[:limit]


def _private(value: Any, status: int = 200) -> Response:
    answer = make_response(value, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


@blueprint.route("/decisions")
class DecisionLog(MethodView):
    """Decisions as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": LogArgs}],
        summary="The log: who decided what, and when",
        operationId="decisions",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.LogSchema)
    @needs("desk")
    def get(self) -> Response:
        """Decisions, the newest first, with those that were undone and the undoings."""
        args, held = _load(LogArgs), current_desk().decisions()
        log = held.about(args["entity"]) if args["entity"] else held.log
        before = [d for d in reversed(log) if args["before"] is None or d.number < args["before"]]
        shown = before[: args["limit"]]
        following = shown[-1].number if len(shown) < len(before) else None
        told = [render.decision_json(d, held.undone, held.idle) for d in shown]
        return _private({"decisions": told, "next": following})

    @blueprint.doc(
        summary="Merge, split, rename, hide, retype or pin entities",
        operationId="decide",
        **_json_body({"oneOf": list(dict.fromkeys(DECISION_BODIES.values()))}),
        **KEY_NEEDED,
    )
    @blueprint.response(201, answers.DecisionSchema)
    @needs("desk")
    def post(self) -> Response:
        """Make a decision; every answer is under it within a second, and it can be undone.

        409 when it would change nothing, 404 when it names an entity or article that is not there.
        """
        body = _body()
        action: Action = ActionBody().load({"action": body.get("action")})["action"]
        return _decided(DECISION_BODIES[action], body)


@blueprint.route("/decisions/<int:number>/undo")
class Undo(MethodView):
    """One decision."""

    @blueprint.doc(
        summary="Undo a decision, or an undoing", operationId="undo", **_json_body(UndoBody), **KEY_NEEDED
    )
    @blueprint.response(201, answers.DecisionSchema)
    @needs("desk")
    def post(self, number: int) -> Response:
        """Put a decision out of force; this is a decision itself, and can be undone."""
        return _made("undo", UndoBody().load(_body()) | {"number": number})


def _decided(schema: type[Schema], body: dict[str, Any]) -> Response:
    given = dict(schema().load(body))
    return _made(given.pop("action"), given)


def _made(action: Action, given: dict[str, Any]) -> Response:
    g.who = given.pop("editor")
    made: Decision = current_desk().decide(g.who, action, given)
    wrote(f"decision {made.number}")
    return _private(render.decision_json(made), 201)
