"""`dateline alerts`, `courier`: where matches of saved searches go, and what became of each delivery."""

from __future__ import annotations

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api import terminal
from api.notifying import Alerts, channel_json, delivery_json, saved_names, second
from api.options import archive_of, chosen, index_option, json_option, login, saved_search
from api.settings import Settings
from index.channels import KINDS, PACES, Channel
from index.deliveries import Delivery
from index.errors import NotFoundError
from index.saved import SavedSearches


@click.group("alerts")
def alerts_group() -> None:
    """Send new matches of saved searches to webhooks, Slack and mail, and see what became of it."""


def _alerts(settings: Settings, index_path: Path | None) -> Alerts:
    settings = chosen(settings, index=index_path)
    archive = archive_of(settings)
    return Alerts(settings, archive, saved_names(archive))


def _common(command: Callable[..., None]) -> Callable[..., None]:
    return click.pass_obj(json_option(index_option(command)))


@alerts_group.command("list")
@click.option("--search", metavar="SEARCH", help="Those of one saved search, by its id or name.")
@_common
def list_command(settings: Settings, search: str | None, index_path: Path | None, as_json: bool) -> None:
    """List alerts, and how each is doing."""
    alerts = _alerts(settings, index_path)
    if search is not None:
        search = saved_search(SavedSearches(archive_of(chosen(settings, index=index_path))), search).id
    found = alerts.channels.all(search)
    told = [channel_json(c, alerts.standing(c)) for c in found]
    if as_json:
        click.echo(terminal.json_text({"alerts": told, "courier": alerts.alive()}))
        return
    for row in told:
        name = f" ({row['name']})" if row["name"] else ""
        head = f"{row['id']}  {row['state']:<7}  {row['kind']:<7}  {row['pace']:<7}"
        click.echo(terminal.safe(f"{head}  {row['search']}{name} to {row['target']}: {row['meaning']}"))
    if not found:
        click.echo("there are no alerts", err=True)
    _say_whether_sent(alerts)


@alerts_group.command("add")
@click.argument("search", metavar="SEARCH")
@click.argument("kind", type=click.Choice(KINDS))
@click.argument("target")
@click.option("--pace", type=click.Choice(PACES), default="at once", show_default=True,
              help="How soon: within a minute, or gathered for the hour or the day.")  # fmt: skip
@click.option("--editor", metavar="NAME", help="Who makes it; else the login name.")
@_common
def add_command(settings: Settings, search: str, kind: Any, target: str, pace: Any, editor: str | None,
                index_path: Path | None, as_json: bool) -> None:  # fmt: skip
    """Send new matches of SEARCH, the id or name of a saved one, to TARGET: an address or a mail address.

    A webhook's secret is printed now and never again.
    """
    alerts = _alerts(settings, index_path)
    found = saved_search(SavedSearches(archive_of(chosen(settings, index=index_path))), search)
    channel, secret = alerts.add(found.id, kind, target, pace, editor or login("--editor"))
    _print_with_secret(alerts, channel, secret, as_json=as_json)


@alerts_group.command("rotate")
@click.argument("alert")
@_common
def rotate_command(settings: Settings, alert: str, index_path: Path | None, as_json: bool) -> None:
    """Give a webhook another secret; for a day the old one signs along."""
    alerts = _alerts(settings, index_path)
    secret = alerts.rotate(alert)
    _print_with_secret(alerts, alerts.channels.one(alert), secret, as_json=as_json)


def _print_with_secret(alerts: Alerts, channel: Channel, secret: str, *, as_json: bool) -> None:
    signs = channel.kind == "webhook"
    if as_json:
        told = channel_json(channel, alerts.standing(channel)) | {"secret": secret if signs else None}
        click.echo(terminal.json_text(told))
        return
    click.echo(terminal.safe(f"{channel.id}  {channel.kind} to {channel.shown}, {channel.pace}"))
    if signs:
        click.echo(f"secret (shown only now): {secret}")


@alerts_group.command("remove")
@click.argument("alert")
@_common
def remove_command(settings: Settings, alert: str, index_path: Path | None, as_json: bool) -> None:
    """Remove an alert; what waits is not sent."""
    _alerts(settings, index_path).channels.remove(alert)
    click.echo(terminal.json_text({"removed": alert}) if as_json else f"{alert}: removed")


@alerts_group.command("enable")
@click.argument("alert")
@_common
def enable_command(settings: Settings, alert: str, index_path: Path | None, as_json: bool) -> None:
    """Turn an alert on that is off; what waits is sent."""
    _turn(_alerts(settings, index_path), alert, on=True, as_json=as_json)


@alerts_group.command("disable")
@click.argument("alert")
@_common
def disable_command(settings: Settings, alert: str, index_path: Path | None, as_json: bool) -> None:
    """Turn an alert off, without removing it."""
    _turn(_alerts(settings, index_path), alert, on=False, as_json=as_json)


def _turn(alerts: Alerts, alert: str, *, on: bool, as_json: bool) -> None:
    channel = alerts.channels.turn(alert, on=on, why="" if on else "It was turned off.")
    told = channel_json(channel, alerts.standing(channel))
    click.echo(terminal.json_text(told) if as_json else f"{alert}: {'on' if on else 'off'}")


@alerts_group.command("test")
@click.argument("alert")
@_common
def test_command(settings: Settings, alert: str, index_path: Path | None, as_json: bool) -> None:
    """Send a message that says it is a test, now, and tell what the receiver said."""
    alerts = _alerts(settings, index_path)
    _send_now(settings, alerts, alerts.test(alert), index_path, as_json=as_json)


@alerts_group.command("resend")
@click.argument("delivery")
@_common
def resend_command(settings: Settings, delivery: str, index_path: Path | None, as_json: bool) -> None:
    """Send a delivery again that was given up or taken, under the same id."""
    alerts = _alerts(settings, index_path)
    _send_now(settings, alerts, alerts.resend(delivery), index_path, as_json=as_json)


def _send_now(
    settings: Settings, alerts: Alerts, delivery: Delivery, index_path: Path | None, *, as_json: bool
) -> None:
    from api.courier import courier_of

    courier_of(chosen(settings, index=index_path)).one(delivery.id)
    held = alerts.deliveries.one(delivery.id)
    _print_delivery(alerts, held, as_json=as_json)
    sys.exit(1 if held.attempts and held.attempts[-1].outcome in ("again", "failed", "gone") else 0)


@alerts_group.command("log")
@click.argument("one", required=False, metavar="[ALERT|DELIVERY]")
@click.option("--failed", is_flag=True, help="Those that were given up alone.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="The newest."
)
@_common
def log_command(settings: Settings, one: str | None, failed: bool, limit: int, index_path: Path | None,
                as_json: bool) -> None:  # fmt: skip
    """Tell what was sent, the newest first: of all alerts, of one, or each try of one delivery."""
    alerts = _alerts(settings, index_path)
    if one and one.startswith("msg_"):
        _print_delivery(alerts, alerts.deliveries.one(one), as_json=as_json)
        return
    if one:
        alerts.channels.one(one)
    found = alerts.deliveries.log(one, limit=limit, state="failed" if failed else "")
    if as_json:
        click.echo(terminal.json_text([_told(alerts, d) for d in found]))
        return
    for delivery in found:
        head = f"{delivery.id}  {second(delivery.created)}  {delivery.state:<9}  {delivery.event}"
        outlook = alerts.outlook(delivery, _channel(alerts, delivery))
        click.echo(terminal.safe(f"{head} ({delivery.total}) to {delivery.channel}: {outlook}"))
    if not found:
        click.echo("nothing of the kind was sent", err=True)


def _print_delivery(alerts: Alerts, delivery: Delivery, *, as_json: bool) -> None:
    if as_json:
        click.echo(terminal.json_text(_told(alerts, delivery)))
        return
    click.echo(f"{delivery.id}  {delivery.event} ({delivery.total})  {delivery.state}")
    for number, attempt in enumerate(delivery.attempts, 1):
        took = "" if attempt.seconds is None else f" ({attempt.seconds:.1f} s)"
        told = f"  {number}. {second(attempt.at)}  {attempt.outcome}{took}: {attempt.said}"
        click.echo(terminal.safe(told))
    click.echo(f"  {alerts.outlook(delivery, _channel(alerts, delivery))}")


def _told(alerts: Alerts, delivery: Delivery) -> dict[str, Any]:
    return delivery_json(delivery, alerts.outlook(delivery, _channel(alerts, delivery)))


def _channel(alerts: Alerts, delivery: Delivery) -> Channel | None:
    try:
        return alerts.channels.one(delivery.channel)
    except NotFoundError:
        return None


def _say_whether_sent(alerts: Alerts) -> None:
    if not alerts.alive():
        click.echo("no courier is at work: `dateline serve` runs one, or start `dateline courier`", err=True)


@click.command("courier")
@index_option
@click.option("--once", is_flag=True, help="Do what there is to do now, and end; for a timer.")
@click.option("--beside", type=int, hidden=True, help="Id of the process with which it ends.")
@click.pass_obj
def courier_command(settings: Settings, index_path: Path | None, once: bool, beside: int | None) -> None:
    """Find new matches of saved searches and send the alerts that are due, until stopped.

    `dateline serve` runs one beside itself unless DATELINE_COURIER is off. One is at work at a time;
    another one waits, and goes on half a minute after the first was killed.
    """
    from api.courier import courier_of, run_courier

    courier = courier_of(chosen(settings, index=index_path), patient=once)
    if not once:
        run_courier(courier, beside)
        return
    tried = courier.once()
    courier.leave()
    click.echo(f"{tried} deliveries were tried", err=True)
