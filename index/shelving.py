"""What is written of documents that were taken, within one transaction?"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Literal

import sqlalchemy as sa

from index.clock import utc
from index.lifecycle import Shelved, State
from index.shelf_tables import ARTICLES, CHANGES, DOCUMENTS, INDEXED, MAX_NAME, VERSIONS, WAITING
from index.waiting import LONG_AGO, NOBODY, Hand, chunks, clock

ChangeKind = Literal["new", "corrected", "removed"]

MAX_VERSIONS = 10
"""Older contents kept of a document; the oldest are dropped."""


@dataclass(frozen=True, slots=True)
class Taking:
    """A document as it goes into the archive.

    Attributes:
        id: of the document.
        state: that it has from now on.
        due: when its embargo ends.
        version: that is remembered of it.
        row: identity, source, format, digest and content; None where they stay as they are.
        articles: ids and digests of those that are shown from now on; None: those that were.
        known: whether the index has shown it before the archive knew it, which is no news.
        queued: whether its content is still to be analysed, by whoever comes to it.
        still: whether what is held of it, as it is found now, is what was decided upon.
    """

    id: str
    state: State
    due: datetime | None
    version: int | None
    row: Mapping[str, Any] | None
    articles: Mapping[str, str] | None = field(default_factory=dict)
    known: bool = False
    queued: bool = False
    still: Callable[[Shelved | None], bool] = lambda _: True


@dataclass(frozen=True, slots=True)
class Times:
    """When an article was added and updated, in UTC."""

    added: datetime
    updated: datetime


class Shelving:
    """One transaction's work; made anew where it is done again.

    Attributes:
        turn: that what is put has from now on.
        times: of the articles that are shown now, by id.
        raced: ids of what was not put, since others changed it after it was decided upon.
        mine: turns by id of what was put and is in the writer's hand until it is in the index.
    """

    def __init__(self, connection: sa.Connection, now: datetime, hand: Hand) -> None:
        self._connection = connection
        self._now = now
        self._hand = hand
        self.turn = newest(connection, DOCUMENTS.c.turn) + 1
        # Old changes are dropped: the number of the last one may stand in the other table alone.
        self._seq = max(newest(connection, CHANGES.c.seq), newest(connection, INDEXED.c.seq))
        self.times: dict[str, Times] = {}
        self.raced: list[str] = []
        self.mine: dict[str, int] = {}
        self._changes: list[dict[str, Any]] = []
        self._new_articles: list[dict[str, Any]] = []
        self._other_articles: list[dict[str, Any]] = []

    def put(self, takings: Sequence[Taking]) -> None:
        """Write documents, no two of one id, and their articles and changes."""
        ids = [t.id for t in takings]
        held = {row.id: row for row in self._rows(DOCUMENTS, DOCUMENTS.c.id, ids)}
        self.raced = [t.id for t in takings if not t.still(shelved(held[t.id]) if t.id in held else None)]
        takings = [t for t in takings if t.id not in self.raced]
        articles: dict[str, list[Any]] = {}
        for row in self._rows(ARTICLES, ARTICLES.c.document, ids):
            articles.setdefault(row.document, []).append(row)
        waiting = {row.id: row for row in self._rows(WAITING, WAITING.c.id, ids)}
        self._keep_versions([t for t in takings if t.row and t.id in held], held)
        self._write_documents(takings, held)
        self._write_waiting(takings, held, waiting)
        for taking in takings:
            if taking.articles is not None:
                before, row = held.get(taking.id), waiting.get(taking.id)
                again = _again(taking, before, fresh=row is not None and row.fresh)
                self._articles(taking, articles.get(taking.id, []), again=again)
        self._write_articles()

    def _rows(self, table: sa.Table, of: sa.Column[Any], ids: Sequence[str]) -> Iterable[Any]:
        columns = [c for c in table.c if c.name != "content"]
        for some in chunks(ids):
            yield from self._connection.execute(sa.select(*columns).where(of.in_(some)))

    def _keep_versions(self, replaced: Sequence[Taking], held: Mapping[str, Any]) -> None:
        """Move contents that are replaced by others among the older ones."""
        ids = [t.id for t in replaced if t.row and held[t.id].digest not in (None, t.row["digest"])]
        copied = ("version", "changed", "digest", "content")
        for some in chunks(ids):
            old = sa.select(DOCUMENTS.c.id, *(DOCUMENTS.c[name] for name in copied)).where(
                DOCUMENTS.c.id.in_(some), DOCUMENTS.c.content.is_not(None)
            )
            self._connection.execute(sa.insert(VERSIONS).from_select(["document", *copied], old))
            self._prune_versions(some)

    def _prune_versions(self, ids: Sequence[str]) -> None:
        numbers: dict[str, list[int]] = {}
        asked = sa.select(VERSIONS.c.document, VERSIONS.c.number).where(VERSIONS.c.document.in_(ids))
        for row in self._connection.execute(asked.order_by(VERSIONS.c.number)):
            numbers.setdefault(row.document, []).append(row.number)
        old = [number for mine in numbers.values() for number in mine[:-MAX_VERSIONS]]
        for some in chunks(old):
            self._connection.execute(sa.delete(VERSIONS).where(VERSIONS.c.number.in_(some)))

    def _write_documents(self, takings: Sequence[Taking], held: Mapping[str, Any]) -> None:
        new: list[dict[str, Any]] = []
        whole: list[dict[str, Any]] = []
        state: list[dict[str, Any]] = []
        for t in takings:
            told = {"state": t.state, "due": t.due, "version": t.version}
            told |= {"changed": self._now, "turn": self.turn}
            if t.id not in held:
                row = t.row or {"identity": "", "source": "", "format": "", "digest": None, "content": None}
                new.append({"id": t.id, "first_seen": self._now, **told, **row})
            else:
                (whole if t.row else state).append({"key": t.id, **told, **(t.row or {})})
        if new:
            self._connection.execute(sa.insert(DOCUMENTS), new)
        for rows in (whole, state):
            if rows:
                here = sa.update(DOCUMENTS).where(DOCUMENTS.c.id == sa.bindparam("key"))
                self._connection.execute(
                    here.values({n: sa.bindparam(n) for n in rows[0] if n != "key"}), rows
                )

    def _write_waiting(
        self, takings: Sequence[Taking], held: Mapping[str, Any], waiting: Mapping[str, Any]
    ) -> None:
        """Put down what is not in the index until it is struck off."""
        now = clock(self._connection)
        made = [self._waits(t, held.get(t.id), waiting.get(t.id), now) for t in takings]
        if new := [row for row in made if row["id"] not in waiting]:
            self._connection.execute(sa.insert(WAITING), new)
        if old := [{"key": row["id"], **row} for row in made if row["id"] in waiting]:
            here = sa.update(WAITING).where(WAITING.c.id == sa.bindparam("key"))
            self._connection.execute(here.values({n: sa.bindparam(n) for n in old[0] if n != "key"}), old)

    def _waits(self, taking: Taking, before: Any, row: Any, now: datetime) -> dict[str, Any]:
        noted = None if taking.queued and taking.articles is None else self._seq
        told = {
            "id": taking.id,
            "turn": self.turn,
            "seq": row.seq if row is not None and row.seq is not None else noted,
            "fresh": taking.articles is None and _is_fresh(taking, before, row),
            "tries": row.tries if row is not None else 0,
        }
        if not self._hand.free(row, now):  # another one has it in hand, and finds that it moved
            return {**told, "holder": row.holder, "until": row.until}
        if taking.queued:
            # What is not to be shown any more is not put behind all that waits.
            shown = taking.state == "current"
            return {**told, "holder": None if shown else NOBODY, "until": None if shown else LONG_AGO}
        self.mine[taking.id] = self.turn
        tries = max(int(told["tries"] or 0), 1)
        return {**told, "tries": tries, "holder": self._hand.name, "until": self._hand.until(now)}

    def _articles(self, taking: Taking, rows: Sequence[Any], *, again: bool) -> None:
        """Compare the articles of a document with those that it had.

        Args:
            taking: with those that are shown now.
            rows: those that it had.
            again: whether the same content was analysed anew; what is cut in other places is no news.
        """
        shown = taking.articles or {}
        silent = again or taking.known
        earlier = {row.id: row for row in rows}
        first = min((row.added for row in rows), default=self._now) if again else self._now
        for id_, digest in shown.items():
            row = earlier.get(id_)
            if row is None:
                self._shown(taking.id, id_, digest, utc(first))
                self._change(taking.id, id_, "new", silent=silent)
            else:
                self._shown_again(taking.id, row, digest, silent=silent)
        for row in rows:
            if row.gone is None and row.id not in shown:
                self._other_articles.append(_article(row, gone=self._now))
                self._change(taking.id, row.id, "removed", silent=silent)

    def _shown(self, document: str, id_: str, digest: str, at: datetime) -> None:
        row = {"id": id_, "document": document, "digest": digest, "gone": None}
        self._new_articles.append({**row, "added": at, "updated": at})
        self.times[id_] = Times(at, at)

    def _shown_again(self, document: str, row: Any, digest: str, *, silent: bool) -> None:
        corrected = row.digest != digest
        updated = self._now if corrected and not silent else utc(row.updated)
        self.times[row.id] = Times(utc(row.added), updated)
        if corrected or row.gone is not None:
            self._other_articles.append(_article(row, digest=digest, updated=updated, gone=None))
            self._change(document, row.id, "corrected" if corrected else "new", silent=silent)

    def _change(self, document: str, article: str, kind: ChangeKind, *, silent: bool) -> None:
        if not silent:
            self._seq += 1
            row = {"seq": self._seq, "at": self._now, "document": document}
            self._changes.append({**row, "article": article, "kind": kind})

    def _write_articles(self) -> None:
        if self._new_articles:
            self._connection.execute(sa.insert(ARTICLES), self._new_articles)
        if self._other_articles:
            here = sa.update(ARTICLES).where(ARTICLES.c.id == sa.bindparam("key"))
            told: dict[str, Any] = {n: sa.bindparam(n) for n in ("digest", "updated", "gone")}
            self._connection.execute(here.values(told), self._other_articles)
        if self._changes:
            self._connection.execute(sa.insert(CHANGES), self._changes)


def _article(row: Any, **changed: Any) -> dict[str, Any]:
    return {"key": row.id, "digest": row.digest, "updated": utc(row.updated), "gone": row.gone, **changed}


def _again(taking: Taking, before: Any, *, fresh: bool) -> bool:
    """Whether what is taken is the same content as before, of which everything was noted."""
    if before is None or fresh or not before.state == taking.state == "current":
        return False
    return taking.row is None or bool(taking.row["digest"] == before.digest)


def _is_fresh(taking: Taking, before: Any, row: Any) -> bool:
    """Whether the articles of what waits are still to be noted."""
    if taking.state != "current" or (row is not None and row.fresh):
        return taking.state == "current"
    return taking.queued and not _again(taking, before, fresh=False)


def described(identity: str, source: str, format_: str) -> dict[str, str]:
    """What a row tells a person of a document: characters that any database keeps, not too many."""
    return {"identity": legible(identity), "source": legible(source), "format": legible(format_)[:40]}


def legible(text: str) -> str:
    """Text for people: no control characters, no half surrogate pairs, not too long."""
    shown = text[: MAX_NAME + 1]
    if not shown.isprintable():
        shown = "".join(c if c.isprintable() else " " if c.isspace() else "\ufffd" for c in shown)
    return shown if len(shown) <= MAX_NAME else f"{shown[: MAX_NAME - 1]}…"


def newest(connection: sa.Connection, column: sa.Column[Any]) -> int:
    """The highest number of a column, 0 where there is none."""
    return int(connection.execute(sa.select(sa.func.max(column))).scalar() or 0)


def shelved(row: Any) -> Shelved:
    """A row of the documents."""
    due = None if row.due is None else utc(row.due)
    return Shelved(row.id, row.version, row.state, due, row.digest, row.turn, utc(row.changed))
