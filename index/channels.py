"""Where do a saved search's alerts go? Webhooks, Slack and mail, kept in the archive.

A channel is never deleted by an error: one whose receiver does not want it any more is turned off,
with the reason, and can be turned on again. Secrets are shown once and lie in the archive, since
signing needs them.
"""

from __future__ import annotations

import base64
import re
import secrets
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal, cast, get_args
from urllib.parse import urlsplit

import sqlalchemy as sa

from index.archive import METADATA, Archive
from index.clock import utc
from index.errors import AlertError, NotFoundError

Kind = Literal["webhook", "slack", "mail"]
Pace = Literal["at once", "hourly", "daily"]

KINDS: tuple[Kind, ...] = get_args(Kind)
PACES: tuple[Pace, ...] = get_args(Pace)
MAX_CHANNELS = 1_000
"""Channels of one archive."""
OLD_SECRET = timedelta(days=1)
"""How long what is sent is signed with the old secret, too, after a rotation."""

_M = sa.DateTime(timezone=True)
CHANNELS = sa.Table(
    "channels",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("search", sa.String(64), nullable=False, index=True),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("target", sa.String(2000), nullable=False),
    sa.Column("secret", sa.String(100), nullable=False),
    sa.Column("old_secret", sa.String(100)),
    sa.Column("old_until", _M),
    sa.Column("pace", sa.String(10), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("why", sa.String(500), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("created", _M, nullable=False),
    sa.Column("not_before", _M),
)
MAIL_ADDRESS = re.compile(r"[A-Za-z0-9.!#$%&'*+/=?^_{|}~-]{1,64}@[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63})*")
"""A mail address in plain letters: nothing in it can end a header or begin another recipient."""


@dataclass(frozen=True, slots=True)
class Channel:
    """Where the matches of one saved search go.

    Attributes:
        id: of it.
        search: id of the saved search.
        name: what the search is called, as a person is told it.
        kind: `webhook` (Standard Webhooks), `slack` (an incoming webhook) or `mail`.
        target: an address, or a mail address. The former is a secret where it is Slack's.
        secrets: signs what is sent; while a rotation is young the old one is there, too.
        pace: how soon: `at once` (within a minute), or gathered for the hour or the day.
        on: whether anything is sent.
        why: it is off.
        who: made it.
        created: when; what matched before is not sent.
        not_before: nothing is sent before, as the receiver asked; or None.
    """

    id: str
    search: str
    name: str
    kind: Kind
    target: str
    secrets: tuple[str, ...]
    pace: Pace
    on: bool
    why: str
    who: str
    created: datetime
    not_before: datetime | None = None

    @property
    def shown(self) -> str:
        """The target as it is listed: what may be a secret of an address is left out."""
        if self.kind == "mail":
            return self.target
        parts = urlsplit(self.target)
        rest = self.target.partition("://")[2].partition("/")[2]
        tail = rest[-4:] if len(rest) >= 16 else ""
        return f"{parts.scheme}://{parts.netloc}/{'…' if rest else ''}{tail}"


class Channels:
    """The channels of one archive; opens nothing until asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def all(self, search: str | None = None) -> tuple[Channel, ...]:
        """Every channel, or those of one search, the oldest first."""
        asked = sa.select(CHANNELS).order_by(CHANNELS.c.created, CHANNELS.c.id)
        if search is not None:
            asked = asked.where(CHANNELS.c.search == search)
        return tuple(channel_of(row) for row in rows_of(self._archive, asked))

    def one(self, id_: str) -> Channel:
        """A channel.

        Raises:
            NotFoundError: there is none of the id.
        """
        asked = sa.select(CHANNELS).where(CHANNELS.c.id == id_[:32])
        for row in rows_of(self._archive, asked):
            return channel_of(row)
        raise NotFoundError("alert", id_, "among the alerts; `dateline alerts list` lists them")

    def add(
        self, search: tuple[str, str], kind: Kind, target: str, pace: Pace, who: str
    ) -> tuple[Channel, str]:
        """Make a channel; whether an address may be posted to has been looked at before.

        Args:
            search: id and name of the saved search.
            kind: of the channel.
            target: an address, or a mail address.
            pace: how soon.
            who: makes it.

        Returns:
            The channel, and its secret, which is told here and never again.

        Raises:
            AlertError: it cannot be made, or is there already.
        """
        if kind == "mail" and not (MAIL_ADDRESS.fullmatch(target) and len(target) <= 254):
            raise AlertError("is no mail address (name@example.org, in plain letters)")
        if not 0 < len(search[0]) <= 64 or not search[0].isprintable():
            raise AlertError("names no saved search")
        secret = new_secret()
        row = {
            "id": secrets.token_hex(8),
            "search": search[0],
            "name": search[1][:200],
            "kind": kind,
            "target": target,
            "secret": secret,
            "pace": pace,
            "state": "on",
            "why": "",
            "who": who[:200],
            "created": datetime.now(UTC),
        }

        def work(connection: sa.Connection) -> None:
            same = sa.select(CHANNELS.c.id).where(
                CHANNELS.c.search == search[0], CHANNELS.c.kind == kind, CHANNELS.c.target == target
            )
            if (found := connection.execute(same).scalar()) is not None:
                raise AlertError(f"is there already: alert {found} sends this search to the same place")
            count = connection.execute(sa.select(sa.func.count()).select_from(CHANNELS)).scalar() or 0
            if count >= MAX_CHANNELS:
                raise AlertError(f"is one too many: there are {count:,} already; remove some")
            connection.execute(sa.insert(CHANNELS).values(**row))

        self._archive.write(work)
        return self.one(str(row["id"])), secret

    def remove(self, id_: str) -> None:
        """Delete a channel; what it sent stays in the log for a while, what waits is not sent.

        Raises:
            NotFoundError: there is none of the id.
        """
        self.one(id_)
        self._archive.write(lambda c: c.execute(sa.delete(CHANNELS).where(CHANNELS.c.id == id_)))

    def turn(self, id_: str, *, on: bool, why: str = "") -> Channel:
        """Turn a channel on or off.

        Raises:
            NotFoundError: there is none of the id.
        """
        self.one(id_)
        now: dict[str, Any] = {"state": "on" if on else "off", "why": why[:500], "not_before": None}
        self._archive.write(lambda c: c.execute(sa.update(CHANNELS).where(CHANNELS.c.id == id_).values(now)))
        return self.one(id_)

    def rotate(self, id_: str, now: datetime) -> str:
        """Give a channel another secret; for a day what is sent is signed with the old one, too.

        Raises:
            NotFoundError: there is none of the id.
            AlertError: it is no webhook, and so signs nothing.
        """
        if self.one(id_).kind != "webhook":
            raise AlertError("signs nothing: only webhooks have a secret to rotate")
        made = new_secret()
        values = {"old_secret": CHANNELS.c.secret, "old_until": now + OLD_SECRET, "secret": made}
        self._archive.write(
            lambda c: c.execute(sa.update(CHANNELS).where(CHANNELS.c.id == id_).values(values))
        )
        return made


def new_secret() -> str:
    """256 random bits as Standard Webhooks writes a symmetric secret."""
    return "whsec_" + base64.b64encode(secrets.token_bytes(32)).decode()


def channel_of(row: Any) -> Channel:
    """A channel out of its row."""
    old = [row.old_secret] if row.old_secret and utc(row.old_until) > datetime.now(UTC) else []
    return Channel(
        id=row.id,
        search=row.search,
        name=row.name,
        kind=cast("Kind", row.kind),
        target=row.target,
        secrets=(row.secret, *old),
        pace=cast("Pace", row.pace),
        on=row.state == "on",
        why=row.why,
        who=row.who,
        created=utc(row.created),
        not_before=None if row.not_before is None else utc(row.not_before),
    )


def rows_of(archive: Archive, asked: sa.Select[Any]) -> list[Any]:
    """Rows of the tables of alerts; none where the archive has not got them yet."""
    if archive.file is not None and not archive.file.exists():
        return []
    with archive.reading() as connection:
        if not sa.inspect(connection).has_table(CHANNELS.name):
            return []  # an archive that was last written before there were alerts
        return list(connection.execute(asked).all())
