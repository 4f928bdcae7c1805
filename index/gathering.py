"""How do matches become messages? Those of a short time go into one, and a burst cannot send hundreds.

What is gathered is written down in the transaction that moves on behind the matches, so that a match
is in one message of each channel, and in no second one, whenever the courier is killed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, Protocol

import sqlalchemy as sa

from index.channels import CHANNELS, Channel, channel_of
from index.clock import utc
from index.deliveries import Event, new_row
from index.delivery_tables import DELIVERIES

MAX_MATCHES = 100
"""Matches told in one message; of more, how many there are."""
MAX_GATHERING = 10
"""Messages of one channel that may wait to be sent for the first time."""
WINDOWS = ((3, 5), (10, 60), (20, 300), (10**9, 900))
"""Up to so many messages of a channel in the last hour, matches are gathered for so many seconds."""
DAILY_HOUR = 6
"""When a day's matches are sent, UTC."""

_D = DELIVERIES.c


@dataclass(frozen=True, slots=True)
class Found:
    """A match of a saved search, as an alert tells it.

    Attributes:
        id: of the match, stable.
        search: id of the saved search.
        search_name: what it is called.
        article: its id.
        headline: of the article, or None.
        url: where readers find it at its publisher, or None.
        snippet: words of it that answer the search; plain text.
        published: ISO 8601 day or time, or None.
        added: ISO 8601 time at which it was taken in, or None.
        kind: `new`, or `corrected` where it matched before and its text was changed.
        at: when it was found, in UTC.
        query: the search as its canonical query string.
    """

    id: str
    search: str
    search_name: str
    article: str
    headline: str | None
    url: str | None
    snippet: str
    published: str | None
    added: str | None
    kind: Literal["new", "corrected"]
    at: datetime
    query: str = ""


class Matches(Protocol):
    """Where new matches come from."""

    def after(self, cursor: str, limit: int) -> tuple[Sequence[Found], str]:
        """Matches behind a cursor, in the order in which they were found, and the cursor behind them.

        Args:
            cursor: empty for the first.
            limit: how many at most; fewer than there are say nothing of the end.
        """


def gather(connection: sa.Connection, found: Sequence[Found], now: datetime) -> int:
    """Put matches into messages, for the transaction that moves the cursor on behind them.

    Matches of a channel within a short time go into one message; how short, its pace and how much it
    was sent lately say. What matched before a channel was made is not sent to it.

    Returns:
        How many were put into some message.
    """
    searches = {f.search for f in found}
    asked = sa.select(CHANNELS).where(CHANNELS.c.search.in_(searches), CHANNELS.c.state == "on")
    count = 0
    for channel in map(channel_of, connection.execute(asked)):
        mine = [f for f in found if f.search == channel.search and f.at >= channel.created]
        count += len(mine)
        for event, some in _events(channel, mine):
            _gather(connection, channel, event, some, now)
    return count


def _events(channel: Channel, found: Sequence[Found]) -> list[tuple[Event, list[Found]]]:
    """Programs get what is new and what was corrected apart, people get it together."""
    if channel.kind != "webhook":
        return [("search.matched", list(found))] if found else []
    new = [f for f in found if f.kind == "new"]
    corrected = [f for f in found if f.kind == "corrected"]
    told: list[tuple[Event, list[Found]]] = [("search.matched", new), ("search.corrected", corrected)]
    return [(event, some) for event, some in told if some]


def _gather(
    connection: sa.Connection, channel: Channel, event: Event, found: list[Found], now: datetime
) -> None:
    """Put matches into the message that is being gathered, or into new ones where it is full."""
    gathering = (_D.channel == channel.id) & (_D.state == "gathering") & (_D.event == event)
    open_ = list(connection.execute(sa.select(DELIVERIES).where(gathering).order_by(_D.next_at, _D.id)))
    left = [_told(f) for f in found]
    if open_ and (room := MAX_MATCHES - len(open_[-1].matches)) > 0:
        _extend(connection, open_[-1], left[:room], len(left[:room]))
        left = left[room:]
    while left and len(open_) < (MAX_GATHERING if channel.kind == "webhook" else 1):
        due = _first_try(connection, channel, now)
        if open_:
            due = max(due, utc(open_[-1].next_at) + timedelta(seconds=WINDOWS[0][1]))
        row = new_row(channel, event, tuple(left[:MAX_MATCHES]), now, due)
        connection.execute(sa.insert(DELIVERIES).values(row))
        open_.append(connection.execute(sa.select(DELIVERIES).where(_D.id == row["id"])).one())
        left = left[MAX_MATCHES:]
    if left:
        last = connection.execute(sa.select(DELIVERIES).where(_D.id == open_[-1].id)).one()
        _extend(connection, last, [], len(left))


def _extend(connection: sa.Connection, row: Any, matches: list[dict[str, Any]], count: int) -> None:
    values = {"matches": [*row.matches, *matches], "total": row.total + count}
    connection.execute(sa.update(DELIVERIES).where(_D.id == row.id).values(values))


def _first_try(connection: sa.Connection, channel: Channel, now: datetime) -> datetime:
    if channel.pace == "hourly":
        return now.replace(minute=0, second=0, microsecond=0) + timedelta(hours=1)
    if channel.pace == "daily":
        today = now.replace(hour=DAILY_HOUR, minute=0, second=0, microsecond=0)
        return today if now < today else today + timedelta(days=1)
    lately = (_D.channel == channel.id) & (_D.created > now - timedelta(hours=1))
    count = connection.execute(sa.select(sa.func.count()).select_from(DELIVERIES).where(lately)).scalar() or 0
    return now + timedelta(seconds=next(seconds for most, seconds in WINDOWS if count < most))


def _told(found: Found) -> dict[str, Any]:
    return asdict(found) | {"at": found.at.isoformat()}
