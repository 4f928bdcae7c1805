"""Who is the one courier of an archive, and how far has it read the matches?

A lease in the database that ends by itself: who holds it renews it, and when it is killed another
one goes on after half a minute. It is a promise about duplicates, not what prevents them: each
delivery is claimed by itself.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import sqlalchemy as sa

from index.archive import METADATA, Archive
from index.channels import rows_of
from index.clock import utc
from index.gathering import Matches, gather

LEASE_S = 30
"""How long a courier that says nothing still counts as the one."""

COURIER = sa.Table(
    "courier",
    METADATA,
    sa.Column("name", sa.String(20), primary_key=True),
    sa.Column("holder", sa.String(100), nullable=False),
    sa.Column("until", sa.DateTime(timezone=True), nullable=False),
    sa.Column("cursor", sa.String(100), nullable=False),
)
_MINE = COURIER.c.name == "courier"


@dataclass(frozen=True, slots=True)
class Holder:
    """Who has the lease, until when, and the place in the matches."""

    name: str
    until: datetime
    cursor: str


class Lease:
    """The courier's place in one archive.

    Args:
        archive: that it is of.
        name: of who asks for it; host and process.
    """

    def __init__(self, archive: Archive, name: str) -> None:
        self._archive = archive
        self._name = name[:100]

    def take(self, now: datetime) -> bool:
        """Take the lease, or renew it; False while another one has it."""

        def work(connection: sa.Connection) -> bool:
            held = _held(connection)
            until = now + timedelta(seconds=LEASE_S)
            if held is None:
                row = {"name": "courier", "holder": self._name, "until": until, "cursor": ""}
                connection.execute(sa.insert(COURIER).values(row))
                return True
            if held.name not in ("", self._name) and held.until > now:
                return False
            values = {"holder": self._name, "until": until}
            connection.execute(sa.update(COURIER).where(_MINE).values(values))
            return True

        return self._archive.write(work)

    def give(self, now: datetime) -> None:
        """Give it back, so that the next one need not wait."""
        mine = sa.update(COURIER).where(_MINE, COURIER.c.holder == self._name)
        self._archive.write(lambda connection: connection.execute(mine.values(holder="", until=now)))

    def holder(self) -> Holder | None:
        """Who has it, or had it last; None where nobody ever had."""
        return holder(self._archive)

    def queue(self, matches: Matches, now: datetime, limit: int = 500) -> bool:
        """Put new matches into messages, and move on behind them in the same transaction.

        Returns:
            Whether there were any; there may be more.
        """
        held = self.holder()
        if held is None:
            return False
        found, cursor = matches.after(held.cursor, limit)
        if cursor == held.cursor:
            return False

        def work(connection: sa.Connection) -> bool:
            on = sa.update(COURIER).where(_MINE, COURIER.c.cursor == held.cursor).values(cursor=cursor)
            if connection.execute(on).rowcount != 1:
                return False  # another courier was here
            gather(connection, found, now)
            return True

        return self._archive.write(work)


def holder(archive: Archive) -> Holder | None:
    """Who is the courier of an archive, or was last."""
    for row in rows_of(archive, sa.select(COURIER)):
        return Holder(row.holder, utc(row.until), row.cursor)
    return None


def courier_alive(archive: Archive, now: datetime | None = None) -> bool:
    """Whether a courier is at work on an archive."""
    held = holder(archive)
    return held is not None and held.name != "" and held.until > (now or utc_now())


def utc_now() -> datetime:
    """The time, in UTC."""
    return datetime.now(UTC)


def _held(connection: sa.Connection) -> Holder | None:
    row = connection.execute(sa.select(COURIER).where(_MINE)).one_or_none()
    return None if row is None else Holder(row.holder, utc(row.until), row.cursor)
