"""Alerts by HTTP, behind the key: where a saved search's matches go, and the log of each delivery."""

from __future__ import annotations

from typing import Any, cast

from flask import Response, g, make_response, request
from flask.views import MethodView
from flask_smorest import Blueprint
from marshmallow import Schema, ValidationError, fields, validate

from api.access import KEY_NEEDED, needs
from api.auditing import wrote
from api.context import current_alerts
from api.notifying import channel_json, delivery_json
from api.schemas import OneLine, StrictSchema
from index.channels import KINDS, PACES, Channel
from index.deliveries import Delivery
from index.errors import NotFoundError

blueprint = Blueprint("alerting", __name__, url_prefix="/api/v1", description="Alerts and their deliveries.")
_STATES = ("gathering", "waiting", "sending", "delivered", "failed")


def _text(example: str, *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"example": example})


class AlertBody(StrictSchema):
    """Where a saved search's matches shall go."""

    search = OneLine(required=True, validate=validate.Length(1, 64), metadata={"example": "dam-inquiry"})
    kind = fields.String(required=True, validate=validate.OneOf(KINDS), metadata={"example": "mail"})
    target = OneLine(
        required=True,
        validate=validate.Length(1, 2000),
        metadata={
            "description": "An address, or a mail address.",
            "example": "desk@news.example",
        },
    )
    pace = fields.String(
        load_default="at once",
        validate=validate.OneOf(PACES),
        metadata={
            "description": "How soon: gathered for seconds, the hour, or the day.",
            "example": "at once",
        },
    )
    editor = OneLine(required=True, metadata={"description": "Who makes it.", "example": "anna"})


class AlertsArgs(StrictSchema):
    """Which alerts."""

    search = fields.String(
        load_default=None,
        validate=validate.Length(max=64),
        metadata={"description": "Those of one saved search."},
    )


class DeliveriesArgs(StrictSchema):
    """Which deliveries of an alert."""

    before = fields.String(
        load_default=None, validate=validate.Length(max=40),
        metadata={"description": "`next` of the answer before: older ones alone."},
    )  # fmt: skip
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 500), metadata={"description": "Deliveries at most."}
    )
    state = fields.String(
        load_default="",
        validate=validate.OneOf(("", *_STATES)),
        metadata={"description": "In this state alone."},
    )


class AlertSchema(Schema):
    """An alert, without what is secret of it."""

    id = _text("5f2c9d0b7a1e4c3d")
    search = _text("dam-inquiry")
    name = _text("Dam inquiry")
    kind = _text("webhook")
    target = _text("https://cms.example/…line")
    pace = _text("at once")
    state = fields.String(required=True, validate=validate.OneOf(("on", "off", "failing")))
    meaning = _text("Nothing was sent yet.")
    secrets = fields.Integer(required=True)
    who = _text("anna")
    created = _text("2026-03-01T02:00:00Z")
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class NewAlertSchema(AlertSchema):
    """An alert that was just made, or whose secret was changed."""

    secret = fields.String(
        allow_none=True,
        required=True,
        metadata={
            "description": "Told now and never again.",
            "example": "whsec_C2FVsBQIhrscChlQIMV+b5sSYspob7oD",
        },
    )


class AlertsSchema(Schema):
    """Alerts, and whether anything sends them."""

    alerts = fields.List(fields.Nested(AlertSchema()), required=True)
    courier = fields.Boolean(required=True, metadata={"description": "Whether a courier is at work."})


class AttemptSchema(Schema):
    """One try."""

    at = _text("2026-03-01T02:00:00Z")
    outcome = _text("again")
    status = fields.Integer(required=True, allow_none=True)
    said = _text("503: busy")
    seconds = fields.Float(required=True, allow_none=True)


class DeliverySchema(Schema):
    """One message, under the id that the receiver sees."""

    id = _text("msg_0a1b2c3d4e5f60718293a4b5")
    alert = _text("5f2c9d0b7a1e4c3d")
    event = _text("search.matched")
    state = fields.String(required=True, validate=validate.OneOf(_STATES))
    matches = fields.List(fields.String(), required=True)
    total = fields.Integer(required=True)
    tries = fields.Integer(required=True)
    created = _text("2026-03-01T02:00:00Z")
    next = _text("2026-03-01T02:05:00Z", null=True)
    ended = _text("2026-03-01T02:05:00Z", null=True)
    outlook = _text("It is sent at 02:05:00 UTC on 1 Mar 2026 (try 3 of 8).")
    attempts = fields.List(fields.Nested(AttemptSchema()), required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class DeliveriesSchema(Schema):
    """Deliveries, the newest first."""

    deliveries = fields.List(fields.Nested(DeliverySchema()), required=True)
    next = fields.String(required=True, allow_none=True)


def _private(value: Any, status: int = 200) -> Response:
    answer = make_response(value, status)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def _args(schema: type[StrictSchema]) -> dict[str, Any]:
    given = {name: request.args.getlist(name)[-1] for name in request.args}
    return cast("dict[str, Any]", schema().load(given))


def _told(channel: Channel, **more: Any) -> dict[str, Any]:
    return channel_json(channel, current_alerts().standing(channel)) | more


def _delivery(delivery: Delivery) -> dict[str, Any]:
    alerts = current_alerts()
    try:
        channel: Channel | None = alerts.channels.one(delivery.channel)
    except NotFoundError:
        channel = None
    return delivery_json(delivery, alerts.outlook(delivery, channel))


@blueprint.route("/alerts")
class AllAlerts(MethodView):
    """Alerts as a whole."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": AlertsArgs}],
        summary="Where matches of saved searches go",
        operationId="alerts",
        **KEY_NEEDED,
    )
    @blueprint.response(200, AlertsSchema)
    @needs("desk")
    def get(self) -> Response:
        """Every alert, or those of one `search`; `courier` says whether anything sends them."""
        alerts = current_alerts()
        found = alerts.channels.all(_args(AlertsArgs)["search"])
        return _private({"alerts": [_told(c) for c in found], "courier": alerts.alive()})

    @blueprint.doc(
        requestBody={"required": True, "content": {"application/json": {"schema": AlertBody}}},
        summary="Send a saved search's new matches somewhere",
        operationId="addAlert",
        **KEY_NEEDED,
    )
    @blueprint.response(201, NewAlertSchema)
    @needs("desk")
    def post(self) -> Response:
        """A webhook, Slack or mail; a webhook's secret is told in this answer and never again."""
        body = request.get_json(force=True, silent=True)
        if not isinstance(body, dict):
            raise ValidationError({"body": ["Send a JSON object."]})
        given = AlertBody().load(body)
        g.who = given["editor"]
        channel, secret = current_alerts().add(
            given["search"], given["kind"], given["target"], given["pace"], given["editor"]
        )
        wrote(f"alert {channel.id}")
        answer = _private(_told(channel, secret=secret if channel.kind == "webhook" else None), 201)
        answer.headers["Location"] = f"/api/v1/alerts/{channel.id}"
        return answer


@blueprint.route("/alerts/<alert_id>")
class OneAlert(MethodView):
    """One alert."""

    @blueprint.doc(summary="An alert", operationId="alert", **KEY_NEEDED)
    @blueprint.response(200, AlertSchema)
    @needs("desk")
    def get(self, alert_id: str) -> Response:
        """Where it goes and how it is doing, without what is secret."""
        return _private(_told(current_alerts().channels.one(alert_id)))

    @blueprint.doc(summary="Remove an alert", operationId="removeAlert", **KEY_NEEDED)
    @blueprint.response(204)
    @needs("desk")
    def delete(self, alert_id: str) -> Response:
        """What it sent stays in the log for a while; what waits is not sent."""
        current_alerts().channels.remove(alert_id)
        return _private("", 204)


@blueprint.route("/alerts/<alert_id>/enable")
class EnableAlert(MethodView):
    """An alert that is off."""

    @blueprint.doc(summary="Turn an alert on", operationId="enableAlert", **KEY_NEEDED)
    @blueprint.response(200, AlertSchema)
    @needs("desk")
    def post(self, alert_id: str) -> Response:
        """What waited since it was off is sent."""
        return _private(_told(current_alerts().channels.turn(alert_id, on=True)))


@blueprint.route("/alerts/<alert_id>/disable")
class DisableAlert(MethodView):
    """An alert that is on."""

    @blueprint.doc(summary="Turn an alert off", operationId="disableAlert", **KEY_NEEDED)
    @blueprint.response(200, AlertSchema)
    @needs("desk")
    def post(self, alert_id: str) -> Response:
        """Nothing is sent until it is enabled again; what matches meanwhile is in the search's feed."""
        return _private(_told(current_alerts().channels.turn(alert_id, on=False, why="It was turned off.")))


@blueprint.route("/alerts/<alert_id>/rotate")
class RotateAlert(MethodView):
    """The secret of a webhook."""

    @blueprint.doc(summary="Give a webhook another secret", operationId="rotateAlert", **KEY_NEEDED)
    @blueprint.response(200, NewAlertSchema)
    @needs("desk")
    def post(self, alert_id: str) -> Response:
        """For a day what is sent carries two signatures, with the new secret and with the old one."""
        secret = current_alerts().rotate(alert_id)
        return _private(_told(current_alerts().channels.one(alert_id), secret=secret))


@blueprint.route("/alerts/<alert_id>/test")
class TestAlert(MethodView):
    """A message that says it is a test."""

    @blueprint.doc(summary="Send a test", operationId="testAlert", **KEY_NEEDED)
    @blueprint.response(202, DeliverySchema)
    @needs("desk")
    def post(self, alert_id: str) -> Response:
        """Written down at once and sent by the courier within seconds; its link tells how it went."""
        return _private(_delivery(current_alerts().test(alert_id)), 202)


@blueprint.route("/alerts/<alert_id>/deliveries")
class AlertDeliveries(MethodView):
    """The log of an alert."""

    @blueprint.doc(
        parameters=[{"in": "query", "schema": DeliveriesArgs}],
        summary="What was sent to an alert",
        operationId="deliveries",
        **KEY_NEEDED,
    )
    @blueprint.response(200, DeliveriesSchema)
    @needs("desk")
    def get(self, alert_id: str) -> Response:
        """The newest first, without their tries; `before` the `next` of an answer goes on."""
        args, alerts = _args(DeliveriesArgs), current_alerts()
        before = alerts.deliveries.one(args["before"]) if args["before"] else None
        found = alerts.deliveries.log(alert_id[:32], before, args["limit"] + 1, args["state"])
        if not found:
            alerts.channels.one(alert_id)
        shown = found[: args["limit"]]
        following = shown[-1].id if len(found) > len(shown) else None
        return _private({"deliveries": [_delivery(d) for d in shown], "next": following})


@blueprint.route("/deliveries/<delivery_id>")
class OneDelivery(MethodView):
    """One message."""

    @blueprint.doc(summary="A delivery and each try to send it", operationId="delivery", **KEY_NEEDED)
    @blueprint.response(200, DeliverySchema)
    @needs("desk")
    def get(self, delivery_id: str) -> Response:
        """Each try with its time, status and what the receiver said, and what will happen next."""
        return _private(_delivery(current_alerts().deliveries.one(delivery_id)))


@blueprint.route("/deliveries/<delivery_id>/resend")
class ResendDelivery(MethodView):
    """A message that was given up or delivered."""

    @blueprint.doc(summary="Send a delivery again", operationId="resendDelivery", **KEY_NEEDED)
    @blueprint.response(202, DeliverySchema)
    @needs("desk")
    def post(self, delivery_id: str) -> Response:
        """Under the same id, so that a receiver which took it already knows it."""
        return _private(_delivery(current_alerts().resend(delivery_id)), 202)
