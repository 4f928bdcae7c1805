"""The desk's pages of alerts: where matches go, what was sent, each try of it, and what happens next."""

from __future__ import annotations

from flask import Response, redirect, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api import desk_session
from api.auditing import wrote
from api.context import current_alerts, current_saved
from api.desk_frame import blueprint, page
from index.channels import KINDS, PACES, Channel
from index.decisions import fit
from index.deliveries import Delivery
from index.errors import AlertError, DecisionError, FetchError, NotFoundError
from index.saved import SavedSearch

_LOG, _OFFERED = 50, 500  # deliveries of a page, saved searches to choose from


@blueprint.get("/alerts")
def alerts() -> Response:
    """Every alert, and the form that makes one."""
    return alerts_page()


def alerts_page(status: int = 200, problem: str = "") -> Response:
    """The alerts, with what was typed into the form where that was refused."""
    held = current_alerts()
    search = request.values.get("search", "")[:64]
    shown = held.channels.all(search if request.method == "GET" and search else None)
    return page(
        "desk_alerts.html",
        status,
        rows=[(c, held.standing(c)) for c in shown],
        search=search,
        searches=_offered(search),
        kinds=KINDS,
        paces=PACES,
        typed=request.form,
        alive=held.alive(),
        problem=problem,
    )


def _offered(chosen: str) -> tuple[SavedSearch, ...]:
    """The searches of a list to choose from; none where they are too many, or the one chosen is gone."""
    found = current_saved().all()
    known = not chosen or any(s.id == chosen for s in found)
    return found if known and len(found) <= _OFFERED else ()


@blueprint.get("/alerts/<alert_id>")
def alert(alert_id: str) -> Response:
    """One alert and its log."""
    return alert_page(alert_id)


def alert_page(alert_id: str, status: int = 200, problem: str = "", secret: str = "") -> Response:
    """An alert, its newest deliveries, and its secret right after that was made."""
    held = current_alerts()
    channel = held.channels.one(alert_id)
    told = request.args.get("before", "")
    before = held.deliveries.one(told) if told else None
    found = held.deliveries.log(channel.id, before, _LOG + 1)
    return page(
        "desk_alert.html",
        status,
        c=channel,
        search_held=_is_held(channel.search),
        standing=held.standing(channel),
        log=_with_outlook(found[:_LOG], channel),
        before=before,
        following=found[_LOG - 1].id if len(found) > _LOG else None,
        alive=held.alive(),
        secret=secret,
        problem=problem,
    )


def _is_held(search_id: str) -> bool:
    try:
        current_saved().get(search_id)
    except NotFoundError:
        return False
    return True


def _with_outlook(found: tuple[Delivery, ...], channel: Channel) -> list[tuple[Delivery, str]]:
    held = current_alerts()
    return [(held.deliveries.one(d.id), held.outlook(d, channel)) for d in found]


@blueprint.post("/alerts")
def change_alerts() -> AnyResponse:
    """Do what a form asks for: make an alert, change it, test it, send something again."""
    form, action = request.form, request.form.get("action", "")
    alert_id = form.get("alert", "")
    try:
        if action == "add":
            return _added()
        return _changed(action, alert_id)
    except (AlertError, FetchError, DecisionError) as error:
        status = 422 if isinstance(error, FetchError) else 409
        problem = f"Nothing was changed: {error}."
        return alert_page(alert_id, status, problem) if alert_id else alerts_page(status, problem)
    except NotFoundError as error:
        if action != "add":
            raise
        return alerts_page(404, f"Nothing was changed: {error}.")


def _added() -> Response:
    form, session = request.form, desk_session.current_session()
    search, target = (
        fit("add", "The search", form.get("search", "")),
        fit("add", "The address", form.get("target", "")),
    )
    kind, pace = form.get("kind", ""), form.get("pace", "")
    if kind not in KINDS or pace not in PACES:
        raise AlertError("needs a kind and a pace that are offered")
    channel, secret = current_alerts().add(search[:64], kind, target, pace, session.who if session else "")
    wrote(f"alert {channel.id}")
    # The page itself is the answer, not a redirect: a secret belongs into no address.
    return alert_page(channel.id, 201, secret=secret if channel.kind == "webhook" else "")


def _changed(action: str, alert_id: str) -> AnyResponse:
    held = current_alerts()
    wrote(f"{action[:10]} alert {alert_id[:32] or request.form.get('delivery', '')[:40]}")
    if action == "rotate":
        return alert_page(alert_id, secret=held.rotate(alert_id))
    if action == "remove":
        held.channels.remove(alert_id)
        return redirect(url_for(".alerts"), 303)
    if action in ("enable", "disable"):
        why = "" if action == "enable" else "It was turned off."
        held.channels.turn(alert_id, on=action == "enable", why=why)
    elif action == "test":
        held.test(alert_id)
    elif action == "resend":
        alert_id = held.resend(request.form.get("delivery", "")).channel
    else:
        raise AlertError("cannot be changed in that way")
    return redirect(url_for(".alert", alert_id=alert_id), 303)
