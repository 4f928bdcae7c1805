"""Which requests are written into the audit, and how is it read by HTTP?"""

from __future__ import annotations

import logging
from typing import Any

from flask import Flask, Response, g, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from prometheus_client import Counter

from api import answers, limits
from api.access import KEY_NEEDED, Caller, needs
from api.context import current_audit
from api.schemas import AuditArgs
from index.audit import Act, Line
from index.errors import DatelineError

log = logging.getLogger(__name__)
blueprint = Blueprint("auditing", __name__, url_prefix="/api/v1", description="Who wrote what.")

LOST = Counter("dateline_audit_lost_total", "Writes that could not be written into the audit.")


def wrote(*what: object) -> None:
    """Say what this request writes: ids, a decision's number; it stands in the audit."""
    g.setdefault("wrote", []).extend(map(str, what))


def register(app: Flask) -> None:
    """Write every request that writes, and whose key is known, into the audit before it is answered."""
    app.after_request(_note)


def _note(answer: Response) -> Response:
    found: Caller | None = g.get("caller")
    if found is None or not limits.writes():
        return answer
    rule = str(request.url_rule) if request.url_rule is not None else request.path
    told = g.get("wrote") or [f"{name}={value}" for name, value in (request.view_args or {}).items()]
    act = Act(
        key=found.key,
        name=found.name,
        who=g.get("who"),
        address=limits.client_address(),
        method=request.method,
        route=rule,
        what=" ".join(told),
        status=answer.status_code,
    )
    try:
        current_audit().note(act)
    except DatelineError as error:
        # The write is done and cannot be taken back; what the log would have said stands here.
        LOST.inc()
        log.warning("not in the audit: %r: %s", act, error)
    return answer


@blueprint.route("/audit")
class Audit(MethodView):
    """The audit as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": AuditArgs}],
        summary="Who wrote what, with which key and from where",
        operationId="audit",
        **KEY_NEEDED,
    )
    @blueprint.response(200, answers.AuditSchema)
    @needs("desk")
    def get(self) -> Response:
        """Writes, the newest first, and what was refused to those whose key was known."""
        args = AuditArgs().load({name: request.args.getlist(name)[-1] for name in request.args})
        found = current_audit().lines(key=args["key"], before=args["before"], limit=args["limit"] + 1)
        shown = found[: args["limit"]]
        following = shown[-1].number if len(found) > len(shown) else None
        answer = make_response({"lines": [line_json(line) for line in shown], "next": following})
        answer.headers["Cache-Control"] = "no-store"
        return answer


def line_json(line: Line) -> dict[str, Any]:
    """A line of the audit as JSON."""
    act = {name: getattr(line.act, name) for name in Act.__slots__}
    return {"number": line.number, "at": line.at.isoformat(), **act}
