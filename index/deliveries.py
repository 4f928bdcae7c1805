"""What is sent, what was, and what did the receiver say? Deliveries of alerts, kept in the archive.

A delivery is written down before it is sent, under the id that it keeps over every try. While it is
under way it is `sending`; one that was left so, since its courier was killed, had an unknown outcome
and is tried again under the same id. So nothing is lost, and a receiver that remembers ids takes
nothing twice (https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md).
"""

from __future__ import annotations

import random
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Literal, cast

import sqlalchemy as sa

from index.archive import Archive, legible
from index.channels import CHANNELS, Channel, channel_of, rows_of
from index.clock import utc
from index.delivery_tables import ATTEMPTS, DELIVERIES, MAX_SAID
from index.errors import AlertError, NotFoundError

State = Literal["gathering", "waiting", "sending", "delivered", "failed"]
Result = Literal["delivered", "again", "failed", "gone"]
Event = Literal["search.matched", "search.corrected", "alert.test"]

PAUSES_S = (5, 300, 1_800, 7_200, 18_000, 36_000, 50_400)
"""Between the tries, as the standard's example has them: eight tries within 32 hours."""
TRIES = len(PAUSES_S) + 1
MAX_WAIT_S = 86_400
"""A receiver's `Retry-After` is honoured up to a day."""
STALE_S = 120
"""After which what is being sent counts as left by its courier."""
KEPT_DAYS = 30
"""How long what ended, or waits for a channel that is off, is kept."""
_D, _A = DELIVERIES.c, ATTEMPTS.c
_DUE = ("gathering", "waiting")


@dataclass(frozen=True, slots=True)
class Attempt:
    """One try to send a delivery.

    Attributes:
        number: of it among all.
        at: when it began.
        outcome: `delivered`, `again`, `failed`, `gone`; `sending` while it goes on, and `unknown` where
            the courier was killed meanwhile.
        status: of HTTP or SMTP, or None where there was none.
        said: what the receiver said, or what went wrong.
        seconds: it took.
    """

    number: int
    at: datetime
    outcome: str
    status: int | None
    said: str
    seconds: float | None


@dataclass(frozen=True, slots=True)
class Delivery:
    """One message to one channel.

    Attributes:
        id: the `webhook-id`, the same at every try.
        channel: id of the channel.
        event: what happened.
        state: `gathering` matches, `waiting` for a try, `sending`, `delivered`, `failed`.
        matches: as told in it, each a `Found` as a mapping.
        total: matches that it is about; more than told where there were too many.
        tries: begun so far.
        created: when it was begun to gather.
        next_at: when it is sent, or tried again; None once it ended.
        ended: when it was delivered or given up.
        attempts: the tries, the oldest first, where asked for.
    """

    id: str
    channel: str
    event: Event
    state: State
    matches: tuple[Mapping[str, Any], ...]
    total: int
    tries: int
    created: datetime
    next_at: datetime | None
    ended: datetime | None
    attempts: tuple[Attempt, ...] = ()


@dataclass(frozen=True, slots=True)
class Job:
    """A delivery that is to be sent now, where to, and the attempt that it is."""

    delivery: Delivery
    channel: Channel
    attempt: int


@dataclass(frozen=True, slots=True)
class Outcome:
    """How a try ended.

    Attributes:
        result: `delivered`; `again` later; `failed` for good; `gone`: the receiver wants nothing any more.
        status: of HTTP or SMTP, or None.
        said: what the receiver said, or what went wrong.
        seconds: it took.
        wait_s: seconds that the receiver asks to be left alone, or None.
    """

    result: Result
    status: int | None
    said: str
    seconds: float = 0.0
    wait_s: float | None = None


class Deliveries:
    """What is sent from one archive; opens nothing until asked.

    Args:
        archive: where all is kept.
        jitter: by what a pause is multiplied, so that many do not come back at once.
    """

    def __init__(
        self,
        archive: Archive,
        jitter: Callable[[], float] = lambda: random.uniform(1, 1.2),  # noqa: S311
    ) -> None:
        self._archive = archive
        self._jitter = jitter

    def test(self, channel: Channel, now: datetime) -> str:
        """Write down a message that says only that it is a test; it is sent at once.

        Raises:
            AlertError: the channel is off.
        """
        if not channel.on:
            raise AlertError("is off; enable it before testing it")
        row = new_row(channel, "alert.test", (), now, now) | {"state": "waiting"}
        self._archive.write(lambda c: c.execute(sa.insert(DELIVERIES).values(row)))
        return str(row["id"])

    def resend(self, id_: str, now: datetime) -> None:
        """Send again what was given up or delivered, under the same id.

        Raises:
            NotFoundError: there is no such delivery, or its channel is gone.
            AlertError: it is on its way anyhow.
        """
        held = self.one(id_)
        if held.state not in ("failed", "delivered"):
            raise AlertError("is not at its end yet: it will be sent without that")
        if not rows_of(self._archive, sa.select(CHANNELS.c.id).where(CHANNELS.c.id == held.channel)):
            raise NotFoundError("alert", held.channel, "any more; it was removed")
        values = {"state": "waiting", "tries": 0, "next_at": now, "ended": None}
        self._archive.write(lambda c: c.execute(sa.update(DELIVERIES).where(_D.id == id_).values(values)))

    # What the courier does.

    def claim(self, now: datetime, limit: int, only: str | None = None) -> list[Job]:
        """Take what is due, one a channel, and write down that it is being sent.

        Args:
            now: in UTC.
            limit: how many at most.
            only: id of the one delivery to take, due or not.
        """
        if not self._due(now, only):
            return []  # the usual case costs a look, no write
        return self._archive.write(lambda connection: _claimed(connection, now, limit, only))

    def _due(self, now: datetime, only: str | None) -> bool:
        return bool(rows_of(self._archive, _due(now, only).limit(1)))

    def settle(self, job: Job, outcome: Outcome, now: datetime) -> None:
        """Write down how a try ended, and what happens next."""

        def work(connection: sa.Connection) -> None:
            told: dict[str, Any] = {"outcome": outcome.result, "status": outcome.status}
            told |= {"said": legible(outcome.said, MAX_SAID), "seconds": outcome.seconds}
            connection.execute(sa.update(ATTEMPTS).where(_A.id == job.attempt).values(told))
            newest = sa.select(sa.func.max(_A.id)).where(_A.delivery == job.delivery.id)
            if connection.execute(newest).scalar() != job.attempt:
                return  # another courier took this one to be left, and tries it itself
            values, channel = self._next(job, outcome, now)
            mine = sa.update(DELIVERIES).where(_D.id == job.delivery.id, _D.state == "sending")
            connection.execute(mine.values(values))
            of = sa.update(CHANNELS).where(CHANNELS.c.id == job.channel.id)
            connection.execute(of.values(channel))

        self._archive.write(work)

    def _next(self, job: Job, outcome: Outcome, now: datetime) -> tuple[dict[str, Any], dict[str, Any]]:
        """What becomes of the delivery, and of its channel."""
        wait = min(outcome.wait_s or 0.0, MAX_WAIT_S)
        # Slack takes a message a second of each webhook; others are grateful for it.
        channel: dict[str, Any] = {"not_before": now + timedelta(seconds=max(1.0, wait))}
        tries = job.delivery.tries
        if outcome.result == "again" and tries < TRIES:
            pause = max(PAUSES_S[tries - 1] * self._jitter(), wait)
            return {
                "state": "waiting",
                "next_at": now + timedelta(seconds=pause),
                "claimed_at": None,
            }, channel
        if outcome.result == "gone":
            channel |= {
                "state": "off",
                "why": legible(f"The receiver wants nothing any more: {outcome.said}", MAX_SAID),
            }
        state = "delivered" if outcome.result == "delivered" else "failed"
        return {"state": state, "next_at": None, "claimed_at": None, "ended": now}, channel

    def recover(self, now: datetime) -> int:
        """Put back what a courier that is gone was sending; its outcome is unknown."""
        left = sa.and_(_D.state == "sending", _D.claimed_at < now - timedelta(seconds=STALE_S))
        if not rows_of(self._archive, sa.select(_D.id).where(left).limit(1)):
            return 0

        def work(connection: sa.Connection) -> int:
            ids = list(connection.execute(sa.select(_D.id).where(left)).scalars())
            said = "the courier ended before it knew the outcome; it is sent again under the same id"
            under_way = sa.and_(_A.delivery.in_(ids), _A.outcome == "sending")
            connection.execute(sa.update(ATTEMPTS).where(under_way).values(outcome="unknown", said=said))
            back = sa.update(DELIVERIES).where(_D.id.in_(ids), _D.state == "sending")
            connection.execute(back.values(state="waiting", next_at=now, claimed_at=None))
            return len(ids)

        return self._archive.write(work)

    def prune(self, now: datetime) -> None:
        """Drop what ended long ago, and what waits for a channel that is gone or off for as long."""
        old = now - timedelta(days=KEPT_DAYS)
        gone = _D.channel.not_in(sa.select(CHANNELS.c.id))

        def work(connection: sa.Connection) -> None:
            drop = sa.delete(DELIVERIES).where(
                (_D.ended < old) | (_D.created < old) & (_D.state != "sending")
            )
            connection.execute(drop)
            waits = sa.update(DELIVERIES).where(gone, _D.state.in_(_DUE))
            connection.execute(waits.values(state="failed", next_at=None, ended=now))
            connection.execute(sa.delete(ATTEMPTS).where(_A.delivery.not_in(sa.select(_D.id))))

        self._archive.write(work)

    # What is told.

    def log(
        self, channel: str | None = None, before: Delivery | None = None, limit: int = 50, state: str = ""
    ) -> tuple[Delivery, ...]:
        """Deliveries, the newest first, without their attempts.

        Args:
            channel: its alone.
            before: older than this one alone.
            limit: how many at most.
            state: those in this state alone.
        """
        asked = sa.select(DELIVERIES).order_by(_D.created.desc(), _D.id.desc()).limit(limit)
        if channel is not None:
            asked = asked.where(_D.channel == channel)
        if state:
            asked = asked.where(_D.state == state)
        if before is not None:
            asked = asked.where(
                (_D.created < before.created) | (_D.created == before.created) & (_D.id < before.id)
            )
        return tuple(_delivery(row) for row in rows_of(self._archive, asked))

    def one(self, id_: str) -> Delivery:
        """A delivery with its attempts.

        Raises:
            NotFoundError: there is none of the id, or it was dropped.
        """
        for row in rows_of(self._archive, sa.select(DELIVERIES).where(_D.id == id_[:40])):
            tried = sa.select(ATTEMPTS).where(_A.delivery == row.id).order_by(_A.id)
            attempts = tuple(
                Attempt(a.id, utc(a.at), a.outcome, a.status, a.said, a.seconds)
                for a in rows_of(self._archive, tried)
            )
            return _delivery(row, attempts)
        raise NotFoundError("delivery", id_, "in the log; old ones are dropped")

    def counts(self) -> dict[str, int]:
        """How many deliveries of the log are in each state."""
        asked = sa.select(_D.state, sa.func.count().label("number")).group_by(_D.state)
        return {row.state: int(row.number) for row in rows_of(self._archive, asked)}


def new_row(
    channel: Channel, event: Event, matches: tuple[dict[str, Any], ...], now: datetime, due: datetime
) -> dict[str, Any]:
    """A delivery that begins, as a row."""
    return {
        "id": f"msg_{secrets.token_hex(12)}",
        "channel": channel.id,
        "event": event,
        "state": "gathering",
        "matches": list(matches),
        "total": len(matches),
        "tries": 0,
        "created": now,
        "next_at": due,
    }


def _due(now: datetime, only: str | None) -> sa.Select[Any]:
    """Deliveries whose time has come, of channels that may be sent to; what was never tried goes first."""
    asked = sa.select(DELIVERIES).join(CHANNELS, CHANNELS.c.id == _D.channel)
    asked = asked.where(_D.state.in_(_DUE), CHANNELS.c.state == "on")
    if only is not None:
        return asked.where(_D.id == only)
    free = CHANNELS.c.not_before.is_(None) | (CHANNELS.c.not_before <= now)
    return asked.where(_D.next_at <= now, free).order_by(_D.tries, _D.next_at)


def _claimed(connection: sa.Connection, now: datetime, limit: int, only: str | None) -> list[Job]:
    busy = set(connection.execute(sa.select(_D.channel).where(_D.state == "sending")).scalars())
    jobs: list[Job] = []
    slim = _due(now, only).with_only_columns(_D.id, _D.channel, _D.tries)
    for row in connection.execute(slim.limit(50 * limit)).all():
        if len(jobs) == limit:
            break
        if row.channel in busy:
            continue
        busy.add(row.channel)
        values = {"state": "sending", "tries": row.tries + 1, "claimed_at": now}
        connection.execute(sa.update(DELIVERIES).where(_D.id == row.id).values(values))
        try_ = sa.insert(ATTEMPTS).values(delivery=row.id, at=now, outcome="sending", said="")
        number = connection.execute(try_).inserted_primary_key
        of = connection.execute(sa.select(CHANNELS).where(CHANNELS.c.id == row.channel)).one()
        taken = connection.execute(sa.select(DELIVERIES).where(_D.id == row.id)).one()
        jobs.append(Job(_delivery(taken), channel_of(of), int(number[0]) if number else 0))
    return jobs


def _delivery(row: Any, attempts: tuple[Attempt, ...] = ()) -> Delivery:
    return Delivery(
        id=row.id,
        channel=row.channel,
        event=cast("Event", row.event),
        state=cast("State", row.state),
        matches=tuple(row.matches),
        total=row.total,
        tries=row.tries,
        created=utc(row.created),
        next_at=None if row.next_at is None else utc(row.next_at),
        ended=None if row.ended is None else utc(row.ended),
        attempts=attempts,
    )
