"""Which documents of the archive are not in the index yet, and who has them in hand?

Each is a row until it is committed to the index, so that several writers may be at work: how far the index
is, is told by the first row that waits. A row is in one hand at a time; another writer who takes a newer
version of the document meanwhile leaves the row in that hand, which then finds that it moved, and does it
again. Who is killed says nothing any more, and others take over what it had.

Rows are claimed by `SELECT … FOR UPDATE SKIP LOCKED`, in a transaction of milliseconds:
https://www.postgresql.org/docs/current/sql-select.html#SQL-FOR-UPDATE-SHARE
"""

from __future__ import annotations

import logging
import os
import socket
import threading
from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import uuid4

import sqlalchemy as sa

from index.archive import Archive
from index.clock import utc
from index.errors import DatelineError
from index.shelf_tables import DOCUMENTS, WAITING

LEASE_S = 60.0
"""How long a writer of several that says nothing still has in hand what it had."""

NOBODY = ""
"""Holder of what is to be done again, and not only when it comes to its turn in the queue."""

LONG_AGO = datetime(2000, 1, 1, tzinfo=UTC)
"""Until when what nobody has is held."""

_BEAT_S = LEASE_S / 4
_ALONE = timedelta(days=1)  # who is the only writer is known by that; its rows are taken over by the next one
_AT_ONCE = 400  # ids in one question; databases limit how many a statement may name

log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A document that waits, and is in hand now.

    Attributes:
        id: of the document.
        turn: of the archive's changes that it had then.
        sure: whether an index that has it has all of it: nobody began with it before.
        tries: how many had it in hand before.
    """

    id: str
    turn: int
    sure: bool
    tries: int


class Hand:
    """What one writer has in hand.

    Attributes:
        name: of the writer: machine, process, and a number of this.
        alone: whether it is the only writer of the index; what others had in hand is theirs no more then.
        open: turns by document id of what is in the index with the next commit, if it is not there yet.
        moved: whether something in hand was changed by others, and is to be done again.
    """

    def __init__(self, archive: Archive) -> None:
        self.name = f"{socket.gethostname()[:60]}:{os.getpid()}:{uuid4().hex[:8]}"
        self.alone = True
        self.open: dict[str, int] = {}
        self.moved = False
        self._archive = archive
        self._held: set[str] = set()
        self._end = threading.Event()
        self._beating: threading.Thread | None = None

    def __enter__(self) -> Hand:
        """Take nothing yet."""
        return self

    def __exit__(self, *_: object) -> None:
        """Leave to others what is still in hand."""
        self.rest()

    # --- within a transaction

    def free(self, row: Any, now: datetime) -> bool:
        """Whether a row may be taken in hand, or is."""
        if row is None or row.holder in (None, NOBODY, self.name) or self.alone:
            return True
        return row.until is None or utc(row.until) <= now

    def until(self, now: datetime) -> datetime:
        """When what is taken in hand now falls to others unless it is renewed."""
        return now + (_ALONE if self.alone else timedelta(seconds=LEASE_S))

    def strike(self, connection: sa.Connection) -> list[str]:
        """Strike off what is in the index as it was written down; returns what changed since, put back."""
        moved: list[str] = []
        for some in chunks([*self.open]):
            mine = sa.and_(WAITING.c.id.in_(some), WAITING.c.holder == self.name)
            rows = connection.execute(sa.select(WAITING.c.id, WAITING.c.turn).where(mine)).all()
            moved += [row.id for row in rows if row.turn != self.open[row.id]]
            done = [row.id for row in rows if row.turn == self.open[row.id]]
            connection.execute(sa.delete(WAITING).where(WAITING.c.id.in_(done)))
        self._put_back(connection, moved)
        return moved

    def _put_back(self, connection: sa.Connection, ids: Sequence[str]) -> None:
        for some in chunks(ids):
            here = sa.update(WAITING).where(WAITING.c.id.in_(some), WAITING.c.holder == self.name)
            connection.execute(here.values(holder=NOBODY, until=LONG_AGO))

    # --- what happened

    def took(self, turns: Mapping[str, int]) -> None:
        """Note what was written down, which goes into the index now."""
        self.open |= turns
        self._hold(turns)

    def struck(self, moved: Sequence[str]) -> None:
        """Note that what was open is struck off, or was put back."""
        self._held -= self.open.keys()
        self.open.clear()
        self.moved = self.moved or bool(moved)

    # --- transactions of its own

    def claim(self, limit: int, *, queued: bool) -> list[Claimed]:
        """Take in hand what waits, the oldest first, passing over what others are taking.

        Args:
            limit: how many at most.
            queued: also what nobody had yet, and not only what was left lying.
        """

        def work(connection: sa.Connection) -> list[Claimed]:
            now = clock(connection)
            found = self._claim(connection, self._lying(now), limit, now)
            if queued and len(found) < limit:
                found += self._claim(connection, WAITING.c.holder.is_(None), limit - len(found), now)
            return found

        found = self._archive.share(work)
        self._hold(one.id for one in found)
        return found

    def _claim(
        self, connection: sa.Connection, which: sa.ColumnElement[bool], limit: int, now: datetime
    ) -> list[Claimed]:
        asked = sa.select(WAITING).where(which).order_by(WAITING.c.turn, WAITING.c.id).limit(limit)
        rows = connection.execute(asked.with_for_update(skip_locked=True)).all()
        told = {"holder": self.name, "until": self.until(now), "tries": WAITING.c.tries + 1}
        for some in chunks([row.id for row in rows]):
            connection.execute(sa.update(WAITING).where(WAITING.c.id.in_(some)).values(told))
        return [Claimed(r.id, r.turn, r.tries == 0 and not r.fresh, r.tries) for r in rows]

    def count(self, *, queued: bool) -> int:
        """How many documents could be claimed."""

        def work(connection: sa.Connection) -> int:
            left = self._lying(clock(connection))
            left = sa.or_(WAITING.c.holder.is_(None), left) if queued else left
            return int(connection.execute(sa.select(sa.func.count()).where(left)).scalar() or 0)

        return self._archive.share(work)

    def all(self) -> int:
        """How many documents wait, those that are in anybody's hand included."""
        asked = sa.select(sa.func.count()).select_from(WAITING)
        return int(self._archive.share(lambda connection: connection.execute(asked).scalar()) or 0)

    def tried(self) -> int:
        """How many had that in hand, in vain, which was left lying most often."""

        def work(connection: sa.Connection) -> int:
            asked = sa.select(sa.func.max(WAITING.c.tries)).where(self._lying(clock(connection)))
            return int(connection.execute(asked).scalar() or 0)

        return self._archive.share(work)

    def elsewhere(self, ids: Sequence[str]) -> set[str]:
        """Those of documents that another writer, who is at work, brings into the index."""
        if self.alone:
            return set()

        def work(connection: sa.Connection) -> set[str]:
            live = sa.and_(WAITING.c.holder.not_in([NOBODY, self.name]), WAITING.c.until > clock(connection))
            asked = (sa.select(WAITING.c.id).where(WAITING.c.id.in_(some), live) for some in chunks(ids))
            return {row.id for question in asked for row in connection.execute(question)}

        return self._archive.share(work) if ids else set()

    def waiting(self, ids: Sequence[str]) -> set[str]:
        """Those of documents that are still to be brought into the index, in any hand or in none."""

        def work(connection: sa.Connection) -> set[str]:
            asked = (sa.select(WAITING.c.id).where(WAITING.c.id.in_(some)) for some in chunks(ids))
            return {row.id for question in asked for row in connection.execute(question)}

        return self._archive.share(work) if ids else set()

    def lack(self, ids: Sequence[str], seq: int | None) -> None:
        """Put down what the index lacks, for whoever comes first.

        Args:
            ids: of documents of the archive.
            seq: what changed behind it may be of them; None: what they change is still to come.
        """

        def work(connection: sa.Connection) -> None:
            told = {"fresh": False, "tries": 0, "holder": NOBODY, "until": LONG_AGO, "seq": seq}
            for some in chunks(ids):
                there = sa.select(WAITING.c.id).where(WAITING.c.id.in_(some))
                known = {row.id for row in connection.execute(there)}
                asked = sa.select(DOCUMENTS.c.id, DOCUMENTS.c.turn).where(DOCUMENTS.c.id.in_(some))
                rows = [{"id": r.id, "turn": r.turn, **told} for r in connection.execute(asked)]
                if new := [row for row in rows if row["id"] not in known]:
                    connection.execute(sa.insert(WAITING), new)

        if ids:
            self._archive.write(work, alone=DOCUMENTS)

    def hurry(self, id_: str) -> None:
        """Take a document out of the queue, so that it is done next."""
        here = sa.update(WAITING).where(WAITING.c.id == id_, WAITING.c.holder.is_(None))
        self._archive.share(lambda c: c.execute(here.values(holder=NOBODY, until=LONG_AGO)))
        self.moved = True

    def rest(self) -> None:
        """Leave to others what is still in hand, and hold nothing any more."""
        self._end.set()
        if self._beating is not None:
            self._beating.join()
            self._beating = None
        left = [*self._held]
        self._held.clear()
        self.open.clear()
        if left:
            with suppress(DatelineError):  # then it falls to others when its time is over
                self._archive.share(lambda connection: self._put_back(connection, left))

    def _lying(self, now: datetime) -> sa.ColumnElement[bool]:
        """Which rows somebody began with, or left, and nobody has in hand."""
        if not self.alone:
            return WAITING.c.until <= now
        return sa.and_(WAITING.c.until.is_not(None), WAITING.c.holder != self.name)

    # --- saying that one is still there

    def _hold(self, ids: Iterable[str]) -> None:
        self._held.update(ids)
        if self._held and not self.alone and self._beating is None:
            self._end.clear()
            self._beating = threading.Thread(target=self._beat, name="lease", daemon=True)
            self._beating.start()

    def _beat(self) -> None:
        def work(connection: sa.Connection) -> None:
            until = self.until(clock(connection))
            mine = sa.and_(WAITING.c.until.is_not(None), WAITING.c.holder == self.name)
            connection.execute(sa.update(WAITING).where(mine).values(until=until))

        while not self._end.wait(_BEAT_S):
            try:
                self._archive.share(work)
            except DatelineError as error:
                log.warning("what is in hand could not be held on to: %s", error)


def clock(connection: sa.Connection) -> datetime:
    """The time by the database's clock, which all that share it have in common."""
    if connection.dialect.name == "postgresql":
        return utc(connection.execute(sa.select(sa.func.clock_timestamp())).scalar_one())
    return datetime.now(UTC)


def chunks(ids: Sequence[Any]) -> Iterable[Sequence[Any]]:
    """Ids in parts that one statement may name."""
    return (ids[at : at + _AT_ONCE] for at in range(0, len(ids), _AT_ONCE))
