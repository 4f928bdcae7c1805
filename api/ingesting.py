"""The log of what was ingested by HTTP, behind the key."""

from __future__ import annotations

from typing import Any

from flask import Response, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint

from api import answers, render
from api.access import KEY_NEEDED, needs
from api.context import current_ingests, current_settings
from api.keeping import running
from api.schemas import FailuresArgs, IngestsArgs, StrictSchema
from index.ingests import Run

blueprint = Blueprint("ingesting", __name__, url_prefix="/api/v1", description="What was ingested.")


def running_now() -> frozenset[int]:
    """Numbers of the runs that are going on."""
    return running(current_settings(), current_ingests())


def _load(schema: type[StrictSchema]) -> Any:
    return schema().load({name: request.args.getlist(name)[-1] for name in request.args})


def _private(value: Any) -> Response:
    answer = make_response(value)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _next(shown: tuple[Any, ...], limit: int) -> int | None:
    return shown[limit - 1].number if len(shown) > limit else None


@blueprint.route("/ingests")
class Ingests(MethodView):
    """Runs of indexing as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": IngestsArgs}],
        summary="What was ingested, by command and by HTTP, and how it went",
        operationId="ingests",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.IngestsSchema)
    @needs("desk")
    def get(self) -> Response:
        """Runs, the newest first; `failed=true`: those alone of which something is not in the index."""
        args = _load(IngestsArgs)
        found = current_ingests().runs(failed=args["failed"], before=args["before"], limit=args["limit"] + 1)
        alive = running_now() if any(r.ended is None for r in found) else frozenset()
        told = [render.run_json(r, alive) for r in found[: args["limit"]]]
        return _private({"ingests": told, "next": _next(found, args["limit"])})


@blueprint.route("/ingests/<int:number>")
class OneIngest(MethodView):
    """One run of indexing."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": FailuresArgs}],
        summary="One run, and each input of it that is not in the index, with reason and remedy",
        operationId="ingest",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.IngestedSchema)
    @needs("desk")
    def get(self, number: int) -> Response:
        """A run and what failed of it, in order; the first 1,000 failures of a run are kept."""
        args, log = _load(FailuresArgs), current_ingests()
        run: Run = log.run(number)
        found = log.failures(number, after=args["after"], limit=args["limit"] + 1)
        told = [render.failure_json(f) for f in found[: args["limit"]]]
        body = render.run_json(run, running_now() if run.ended is None else frozenset())
        return _private(body | {"failures": told, "next": _next(found, args["limit"])})
