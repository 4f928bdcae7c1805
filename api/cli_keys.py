"""`dateline keys` and `dateline audit`: who may read, write and decide by HTTP, and who wrote what."""

from __future__ import annotations

import getpass
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import click

from api import terminal
from api.options import archive_of, chosen, index_option, json_option
from api.settings import Settings
from index.audit import Act, AuditLog, Line
from index.errors import DatelineError
from index.keys import SCOPES, Key, Keys

_DAYS = re.compile(r"(\d{1,5})d")


@click.group("keys")
def keys_group() -> None:
    """Make, list and revoke keys: who may read, write and decide by HTTP."""


class _Until(click.ParamType[datetime]):
    """A day, whose end it is, or a number of days from now, in UTC."""

    name = "until"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> datetime:
        days = _DAYS.fullmatch(str(value))
        try:
            if days:
                return datetime.now(UTC) + timedelta(days=int(days[1]))
            made = datetime.strptime(str(value), "%Y-%m-%d").replace(tzinfo=UTC) + timedelta(days=1)
        except (ValueError, OverflowError):
            self.fail(
                "use a day such as 2027-01-31, its end in UTC, or days from now such as 90d", param, ctx
            )
        if made <= datetime.now(UTC):
            self.fail("that is past", param, ctx)
        return made


@keys_group.command("add")
@click.argument("name")
@click.option("--scope", "scopes", multiple=True, required=True, type=click.Choice(SCOPES),
              help="What it is for; may repeat.")  # fmt: skip
@click.option("--expires", type=_Until(), metavar="DAY", help="Last day, or days from now such as 90d.")
@index_option
@json_option
@click.pass_obj
def add_command(settings: Settings, name: str, scopes: tuple[Any, ...], expires: datetime | None,
                index_path: Path | None, as_json: bool) -> None:  # fmt: skip
    """Make a key and print it; nobody can be told it again.

    read: reading while DATELINE_READING is closed. write: documents in and out. desk: editors'
    decisions and logs, and reading.
    """
    archive = archive_of(chosen(settings, index=index_path))
    made, text = Keys(archive).add(name, scopes, expires)
    _audit(AuditLog(archive), "keys add", made)
    if as_json:
        click.echo(terminal.json_text({**_json(made), "key": text}))
        return
    click.echo(text)
    click.echo(f"{_line(made)}\nKeep it now: it is not shown again.", err=True)


@keys_group.command("list")
@index_option
@json_option
@click.pass_obj
def list_command(settings: Settings, index_path: Path | None, as_json: bool) -> None:
    """List the keys, the newest first: what each is for, when it was last used, and whether it is taken."""
    keys = Keys(archive_of(chosen(settings, index=index_path))).all()
    if as_json:
        click.echo(terminal.json_text([_json(key) for key in keys]))
        return
    for key in keys:
        click.echo(_line(key))
    if not keys:
        click.echo("there are none; `dateline keys add NAME --scope write` makes one", err=True)


@keys_group.command("revoke")
@click.argument("id_", metavar="ID")
@index_option
@json_option
@click.pass_obj
def revoke_command(settings: Settings, id_: str, index_path: Path | None, as_json: bool) -> None:
    """Take a key back: no server takes it from now on, and the sessions opened with it end."""
    archive = archive_of(chosen(settings, index=index_path))
    found = Keys(archive).revoke(id_)
    _audit(AuditLog(archive), "keys revoke", found)
    click.echo(terminal.json_text(_json(found)) if as_json else _line(found))


@click.command("audit")
@index_option
@click.option("--key", metavar="ID", help="What was done with the key of this id alone.")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=20, show_default=True, metavar="N", help="The newest."
)
@json_option
@click.pass_obj
def audit_command(
    settings: Settings, index_path: Path | None, key: str | None, limit: int, as_json: bool
) -> None:
    """Tell who wrote what by HTTP, with which key and from where, and who changed keys; the newest first."""
    lines = AuditLog(archive_of(chosen(settings, index=index_path))).lines(key=key, limit=limit)
    if as_json:
        from api.auditing import line_json

        click.echo(terminal.json_text([line_json(line) for line in lines]))
        return
    for line in lines:
        click.echo(_told(line))
    if not lines:
        click.echo("nothing of the kind was noted", err=True)


def _audit(log: AuditLog, command: str, key: Key) -> None:
    what = f"{key.name} ({', '.join(key.scopes)})"
    act = Act(key.id, key.name, _login(), "", "command", command, what, 0)
    try:
        log.note(act)
    except DatelineError as error:  # the key is changed, and that cannot wait for the log
        click.echo(f"note: this is not in the audit: {error}", err=True)


def _login() -> str | None:
    try:
        return getpass.getuser()
    except (OSError, KeyError):  # as in a container
        return None


def _json(key: Key) -> dict[str, Any]:
    from api.render import second

    times = {name: getattr(key, name) for name in ("created", "used", "expires", "revoked")}
    told = {name: second(at) for name, at in times.items()}
    return {"id": key.id, "name": key.name, "scopes": list(key.scopes), "state": key.state, **told}


def _line(key: Key) -> str:
    used = f"used {terminal.minute(key.used)}" if key.used else "never used"
    ends = f"  until {terminal.minute(key.expires)}" if key.expires else ""
    told = f"{key.id}  {key.state:<7}  {','.join(key.scopes):<15}  made {terminal.minute(key.created)}"
    return f"{told}  {used}{ends}  {terminal.safe(key.name)}"


def _told(line: Line) -> str:
    act = line.act
    who = f"{act.name} ({act.who})" if act.who else act.name
    told = "  ".join(filter(None, (who, act.address, f"{act.method} {act.route}", act.what)))
    status = act.status or "-"  # commands have none
    return f"{line.number:>6}  {terminal.minute(line.at)}  {status:>3}  {terminal.safe(told)}"
