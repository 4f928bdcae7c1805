"""Which documents were taken, as they came, and what became of each? The archive that indexes are built from.

The archive is written before the index. So that it is known what an index that was killed lacks,
one row says how far which index is; whoever writes next goes on there (see `settling`).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, cast

import sqlalchemy as sa

from index.archive import Archive
from index.clock import utc
from index.contents import decode
from index.errors import ArchiveDamagedError
from index.lifecycle import Shelved, State
from index.model import Document
from index.shelf_tables import ARTICLES, CHANGES, DOCUMENTS, INDEXED, VERSIONS, WAITING
from index.shelving import ChangeKind, Shelving, Taking, Times, newest, shelved
from index.waiting import Hand, chunks

MAX_DAYS = 90
"""Days that changes are kept; who follows them looks more often."""

_KNOWN = [c for c in DOCUMENTS.c if c.name != "content"]
_OLD = 10_000  # changes looked at for being too old, at once
_PAGE = 200


@dataclass(frozen=True, slots=True)
class Change:
    """What happened to an article: it came (`new`), changed (`corrected`), or went (`removed`)."""

    seq: int
    at: datetime
    document: str
    article: str
    kind: ChangeKind


@dataclass(frozen=True, slots=True)
class Place:
    """How far an index is.

    Attributes:
        made: names the index; another one at its place has another name.
        generation: its commit that is meant.
        turn: everything in the archive up to it is in that commit.
        seq: of the last change that is.
        strays: documents of the index that the archive has never seen, as counted last.
    """

    made: str
    generation: int
    turn: int = 0
    seq: int = 0
    strays: int = 0


@dataclass(frozen=True, slots=True)
class OldVersion:
    """What a document held before: its number there, when it came, and the document."""

    version: int | None
    changed: datetime
    document: Document


@dataclass(frozen=True, slots=True)
class Put:
    """What became of documents that were put.

    Attributes:
        times: when each article that is shown was added and updated, by its id.
        turn: that the documents have now.
        raced: ids of those that others changed meanwhile; they were left as they are.
    """

    times: Mapping[str, Times]
    turn: int
    raced: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True)
class Removed:
    """Whether the archive held a document, and not as removed; and the turn of its removal."""

    held: bool
    turn: int


class Shelf:
    """The documents of one archive; opens nothing until asked.

    Args:
        archive: that they lie in.
        revive: whether what an editor removed may come back as it was.
        backlog: documents that a run brings from here to the index first, at most; None: all.
        eager: whether documents that another writer has in hand are indexed all the same, since
            whoever sent them waits for it.

    Attributes:
        hand: what this writer has in hand of what is not in the index yet.
    """

    def __init__(
        self, archive: Archive, *, revive: bool = False, backlog: int | None = None, eager: bool = False
    ) -> None:
        self._archive = archive
        self.eager = eager
        self.revive = revive
        self.backlog = backlog
        self.hand = Hand(archive)

    # --- writing; of an index that has one writer, whoever does holds its lock

    def place(self) -> Place:
        """How far the index is, on tables that are there from now on.

        Raises:
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: nothing can be taken.
        """
        return self._archive.write(_place)

    def put(self, takings: Sequence[Taking], now: datetime | None = None) -> Put:
        """Write documents down, no two of one id, in one transaction.

        They are in hand until `indexed` says that they are in the index.
        """
        now = now or now_utc()

        def work(connection: sa.Connection) -> Shelving:
            made = Shelving(connection, now, self.hand)
            made.put(takings)
            return made

        if not takings:
            return Put({}, 0)
        made = self._archive.write(work, alone=DOCUMENTS)
        self.hand.took(made.mine)
        return Put(made.times, made.turn, frozenset(made.raced))

    def remove(self, id_: str) -> Removed:
        """Note that an editor removed a document; its contents go, the older ones too."""
        now = now_utc()

        def work(connection: sa.Connection) -> tuple[Shelving, bool]:
            held = connection.execute(sa.select(*_KNOWN).where(DOCUMENTS.c.id == id_)).first()
            version = held.version if held else None
            made = Shelving(connection, now, self.hand)
            made.put([Taking(id_, "removed", None, version, None)])
            here = sa.update(DOCUMENTS).where(DOCUMENTS.c.id == id_)
            connection.execute(here.values(content=None))
            connection.execute(sa.delete(VERSIONS).where(VERSIONS.c.document == id_))
            return made, held is not None and held.state != "removed"

        made, there = self._archive.write(work, alone=DOCUMENTS)
        self.hand.took(made.mine)
        return Removed(there, made.turn)

    def indexed(self, made: str, generation: int, strays: int | None = None, *, notes: bool = True) -> None:
        """Note that this commit of this index holds everything that this writer put here so far.

        How far the index is follows from that, since what others have not brought there waits.

        Args:
            made: names the index.
            generation: of its commit.
            strays: documents of it that were never here, where they were counted.
            notes: whether it is noted how far the index is; not while it is unknown what it lacks.
        """

        def work(connection: sa.Connection) -> list[str]:
            moved = self.hand.strike(connection)
            if notes:
                _note(connection, made, generation, strays)
            return moved

        self.hand.struck(self._archive.write(work, alone=DOCUMENTS))

    # --- reading

    def known(self, ids: Sequence[str]) -> dict[str, Shelved]:
        """What is known of documents, by id; those that never came are left out."""
        found: dict[str, Shelved] = {}
        for some in chunks(ids):
            asked = sa.select(*_KNOWN).where(DOCUMENTS.c.id.in_(some))
            found |= {row.id: shelved(row) for row in self._rows(asked)}
        return found

    def documents(self, ids: Sequence[str]) -> Iterator[tuple[Shelved, Document | ArchiveDamagedError]]:
        """Documents as they came, of those of these ids that are held; for a damaged one, what is wrong."""
        for at in range(0, len(ids), _PAGE):
            asked = sa.select(DOCUMENTS).where(DOCUMENTS.c.id.in_(ids[at : at + _PAGE]))
            for row in self._rows(asked.where(DOCUMENTS.c.content.is_not(None))):
                try:
                    yield shelved(row), self._decoded(row.id, row.content)
                except ArchiveDamagedError as error:
                    yield shelved(row), error

    def versions(self, id_: str) -> list[OldVersion]:
        """What a document held before, the oldest first."""
        asked = sa.select(VERSIONS).where(VERSIONS.c.document == id_).order_by(VERSIONS.c.number)
        return [
            OldVersion(row.version, utc(row.changed), self._decoded(id_, row.content))
            for row in self._rows(asked)
        ]

    def all(self, after_turn: int = 0) -> Iterator[Shelved]:
        """Every document that changed after a turn, in pages, whatever its state; by id.

        What changes meanwhile may come as it was or as it is.
        """
        last = ""
        while True:
            asked = sa.select(*_KNOWN).where(DOCUMENTS.c.id > last, DOCUMENTS.c.turn > after_turn)
            rows = self._rows(asked.order_by(DOCUMENTS.c.id).limit(5_000))
            yield from map(shelved, rows)
            if len(rows) < 5_000:
                return
            last = rows[-1].id

    def due(self, now: datetime | None = None) -> list[str]:
        """Ids of documents whose embargo has ended, the earliest first."""
        asked = sa.select(DOCUMENTS.c.id).where(DOCUMENTS.c.due <= (now or now_utc()))
        return [row.id for row in self._rows(asked.order_by(DOCUMENTS.c.due, DOCUMENTS.c.id))]

    def next_due(self) -> datetime | None:
        """When the next embargo ends, or None."""
        (row,) = self._rows(sa.select(sa.func.min(DOCUMENTS.c.due).label("due"))) or [None]
        return utc(row.due) if row is not None and row.due is not None else None

    def embargoed(self) -> int:
        """How many documents wait for an embargo to end, or for being shown since it has."""
        asked = sa.select(sa.func.count().label("n")).where(DOCUMENTS.c.due.is_not(None))
        rows = self._rows(asked.select_from(DOCUMENTS))
        return int(rows[0].n) if rows else 0

    def last_change(self) -> datetime | None:
        """When an article came, was corrected or went last, or None."""
        rows = self._rows(sa.select(CHANGES.c.at).order_by(CHANGES.c.seq.desc()).limit(1))
        return utc(rows[0].at) if rows else None

    def changes(self, after: int, limit: int) -> list[Change]:
        """What happened to articles and is in the index, in order.

        Args:
            after: `seq` of the last one that is known, 0 at the beginning.
            limit: how many at most.
        """
        upto = sa.select(sa.func.coalesce(sa.func.max(INDEXED.c.seq), 0)).scalar_subquery()
        asked = sa.select(CHANGES).where(CHANGES.c.seq > after, CHANGES.c.seq <= upto)
        rows = self._rows(asked.order_by(CHANGES.c.seq).limit(limit))
        return [Change(r.seq, utc(r.at), r.document, r.article, r.kind) for r in rows]

    def times(self, documents: Sequence[str]) -> dict[str, dict[str, tuple[Times, str, bool]]]:
        """By document, by article: when it was added and updated, its digest, and whether it is shown."""
        found: dict[str, dict[str, tuple[Times, str, bool]]] = {}
        for some in chunks(documents):
            for row in self._rows(sa.select(ARTICLES).where(ARTICLES.c.document.in_(some))):
                told = Times(utc(row.added), utc(row.updated)), row.digest, row.gone is None
                found.setdefault(row.document, {})[row.id] = told
        return found

    def states(self) -> dict[State, int]:
        """How many documents there are of each state."""
        asked = sa.select(DOCUMENTS.c.state, sa.func.count().label("n")).group_by(DOCUMENTS.c.state)
        return {cast("State", row.state): int(row.n) for row in self._rows(asked)}

    def last_turn(self) -> int:
        """The newest turn, 0 where nothing was taken yet."""
        (row,) = self._rows(sa.select(sa.func.max(DOCUMENTS.c.turn).label("turn"))) or [None]
        return int(row.turn or 0) if row is not None else 0

    def looked_at_place(self) -> Place | None:
        """How far the index is, None where nothing was taken yet; makes no tables."""
        rows = self._rows(sa.select(INDEXED))
        return _placed(rows[0]) if rows else None

    def _rows(self, asked: sa.Select[Any]) -> list[Any]:
        file = self._archive.file
        if file is not None and not file.exists():
            return []
        with self._archive.reading() as connection:
            if not sa.inspect(connection).has_table(INDEXED.name):
                return []  # an archive that was last written before there were documents in it
            return list(connection.execute(asked).all())

    def _decoded(self, id_: str, content: bytes | None) -> Document:
        try:
            return decode(bytes(content or b""))
        except ValueError as error:
            raise ArchiveDamagedError(self._archive.where, f"document {id_}: {error}") from error


def now_utc() -> datetime:
    """Now, to the second, as the times of articles are."""
    return datetime.now(UTC).replace(microsecond=0)


def _place(connection: sa.Connection) -> Place:
    row = connection.execute(sa.select(INDEXED)).first()
    return _placed(row) if row else Place("", -1)


def _placed(row: Any) -> Place:
    return Place(row.made, row.generation, row.turn, row.seq, row.strays)


def _note(connection: sa.Connection, made: str, generation: int, strays: int | None) -> None:
    """How far the index is: up to the first document that waits."""
    before = _place(connection)
    first = connection.execute(sa.select(sa.func.min(WAITING.c.turn), sa.func.min(WAITING.c.seq))).one()
    turn, seq = newest(connection, DOCUMENTS.c.turn), newest(connection, CHANGES.c.seq)
    turn = turn if first[0] is None else min(turn, first[0] - 1)
    seq = seq if first[1] is None else min(seq, first[1])
    # Writers of one index may note their commits in another order than they were made.
    generation = max(generation, before.generation if before.made == made else 0)
    connection.execute(sa.delete(INDEXED))
    row = {"number": 1, "made": made, "generation": generation, "turn": turn}
    row["strays"] = before.strays if strays is None else strays
    connection.execute(sa.insert(INDEXED).values(**row, seq=max(seq, before.seq)))
    _prune(connection)


def _prune(connection: sa.Connection) -> None:
    """Drop changes that are too old, if the oldest one is."""
    ages = sa.select(CHANGES.c.seq, CHANGES.c.at).order_by(CHANGES.c.seq)
    oldest = connection.execute(ages.limit(1)).first()
    before = now_utc() - timedelta(days=MAX_DAYS)
    if oldest is not None and utc(oldest.at) < before:
        old = [r.seq for r in connection.execute(ages.limit(_OLD)) if utc(r.at) < before]
        connection.execute(sa.delete(CHANGES).where(CHANGES.c.seq <= max(old)))
