"""How does the reader of an alert's mail end it? By a signed link, without signing in.

A look at the link changes nothing, since mail programs look at links by themselves; its button, and
a mail program's own one (RFC 8058), turn the alert off. It is not removed: an editor sees why it is off.
"""

from __future__ import annotations

import hmac

from flask import Blueprint, Response, make_response, render_template, request
from werkzeug.exceptions import NotFound

from api.access import guards_itself
from api.alert_messages import unsubscribe_token
from api.context import current_alerts
from index.channels import Channel
from index.errors import NotFoundError

blueprint = Blueprint("unsubscribing", __name__)
_WHY = "Its reader wants no more of these mails."


@blueprint.route("/alerts/unsubscribe/<alert_id>/<token>", methods=("GET", "POST"))
@guards_itself
def unsubscribe(alert_id: str, token: str) -> Response:
    """Ask whether an alert by mail shall end, or end it."""
    channel = _channel(alert_id, token)
    if request.method == "POST" and channel.on:
        channel = current_alerts().channels.turn(alert_id, on=False, why=_WHY)
    answer = make_response(render_template("unsubscribe.html", channel=channel))
    answer.headers["Cache-Control"] = "no-store"
    answer.headers["X-Robots-Tag"] = "noindex, nofollow"
    answer.headers["Referrer-Policy"] = "no-referrer"
    return answer


def _channel(alert_id: str, token: str) -> Channel:
    no_link = NotFound("This link is of no alert, or of one that was removed.")
    try:
        channel = current_alerts().channels.one(alert_id)
    except NotFoundError as error:  # told like a wrong token: ids are nobody's business
        raise no_link from error
    if not hmac.compare_digest(unsubscribe_token(channel).encode(), token.encode("utf-8", "replace")):
        raise no_link
    return channel
