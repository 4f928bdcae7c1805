"""Who wrote what, with which key and from where? A log in the archive, bounded."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import sqlalchemy as sa

from index.archive import METADATA, Archive, legible
from index.clock import utc

MAX_LINES = 100_000
"""Lines kept; the oldest are dropped."""
MAX_DAYS = 400
"""Days a line is kept at most."""
MAX_WHAT = 500
"""Characters kept of what was written."""
_PRUNED = 100  # every so many lines old ones are dropped

AUDIT = sa.Table(
    "audit",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("key", sa.String(8), nullable=False),
    sa.Column("name", sa.String(200), nullable=False),
    sa.Column("who", sa.String(200)),
    sa.Column("address", sa.String(64), nullable=False),
    sa.Column("method", sa.String(20), nullable=False),
    sa.Column("route", sa.String(200), nullable=False),
    sa.Column("what", sa.String(MAX_WHAT), nullable=False),
    sa.Column("status", sa.Integer, nullable=False),
)
_LONGEST = {"name": 200, "who": 200, "address": 64, "method": 20, "route": 200, "what": MAX_WHAT}


@dataclass(frozen=True, slots=True)
class Act:
    """Something that was written, or refused to somebody whose key was known.

    Attributes:
        key: id of the key; empty for the one of `DATELINE_API_KEY`, and at the command line.
        name: what the key is called.
        who: the editor, or the login name, where there is one.
        address: from where it came; empty for the command line.
        method: of HTTP, or `command`.
        route: the address's rule, or the command.
        what: ids or numbers of what was written.
        status: of the answer; a command's exit status.
    """

    key: str
    name: str
    who: str | None
    address: str
    method: str
    route: str
    what: str
    status: int


@dataclass(frozen=True, slots=True)
class Line:
    """A line of the log: its number, from 1, when it was written, in UTC, and what it says."""

    number: int
    at: datetime
    act: Act


class AuditLog:
    """The log of one archive; opens nothing until asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def note(self, act: Act) -> None:
        """Write a line; it is in the archive for good when this returns.

        Raises:
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: it cannot be written.
        """
        row = {name: getattr(act, name) for name in Act.__slots__}
        row |= {name: legible(row[name], most) for name, most in _LONGEST.items() if row[name] is not None}

        def put(connection: sa.Connection) -> None:
            number = (connection.execute(sa.select(sa.func.max(AUDIT.c.number))).scalar() or 0) + 1
            connection.execute(sa.insert(AUDIT).values(number=number, at=datetime.now(UTC), **row))
            if number % _PRUNED == 0:
                old = AUDIT.c.at < datetime.now(UTC) - timedelta(days=MAX_DAYS)
                connection.execute(sa.delete(AUDIT).where(old | (AUDIT.c.number <= number - MAX_LINES)))

        self._archive.write(put)

    def lines(
        self, *, key: str | None = None, before: int | None = None, limit: int = 50
    ) -> tuple[Line, ...]:
        """The newest lines first.

        Args:
            key: id of a key: what was done with it alone.
            before: a line's number: older ones alone.
            limit: how many at most.
        """
        asked = sa.select(AUDIT).order_by(AUDIT.c.number.desc()).limit(limit)
        if key is not None:
            asked = asked.where(AUDIT.c.key == key)
        if before is not None:
            asked = asked.where(AUDIT.c.number < before)
        return tuple(_line(row) for row in self._archive.rows(AUDIT, asked))


def _line(row: Any) -> Line:
    return Line(row.number, utc(row.at), Act(**{name: getattr(row, name) for name in Act.__slots__}))
