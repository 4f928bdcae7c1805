"""SQLite's FTS5, from Python's standard library.

As its documentation has it (sqlite.org/fts5.html): the tokenizer `porter unicode61`, an external content
table, `ORDER BY rank` rather than by bm25(), snippet() for the rows of the page alone, and the `optimize`
command after bulk loading. Facets are joined tables, counted over the matches, which are found once a
query and kept in a temporary table. One transaction loads everything. There is no fuzzy search in it
(spellfix1 is an extension that no build of Python brings).
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.base import HITS, VALUES, Answer, UnsupportedError

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

_KINDS = ("places", "people", "orgs")
_SCHEMA = """
CREATE TABLE paragraph(id INTEGER PRIMARY KEY, key TEXT UNIQUE, headline TEXT, day TEXT, month INTEGER,
    text TEXT);
CREATE VIRTUAL TABLE words USING fts5(text, content='paragraph', content_rowid='id',
    tokenize='porter unicode61');
CREATE TABLE name(id INTEGER PRIMARY KEY, kind TEXT, name TEXT, UNIQUE(kind, name));
""" + "".join(
    f"CREATE TABLE {k}(paragraph INTEGER, name INTEGER, PRIMARY KEY(paragraph, name)) WITHOUT ROWID;"
    for k in _KINDS
)
_INDEXES = "CREATE INDEX newest ON paragraph(day, month);" + "".join(
    f"CREATE INDEX {k}_by_name ON {k}(name, paragraph);" for k in _KINDS
)
_PASSAGE = 40  # tokens of a snippet, about as many characters as everyone's

Found = tuple[int, list[Any], dict[str, list[Any]], list[Any]]


class Fts5:
    """A row a paragraph."""

    def __init__(self) -> None:
        self._db: sqlite3.Connection | None = None

    def build(self, news: Iterable[News], folder: Path) -> None:
        """Load in one transaction, index the facets, optimize."""
        db = sqlite3.connect(folder / "index.db")
        db.executescript("PRAGMA journal_mode=WAL; PRAGMA synchronous=NORMAL;" + _SCHEMA)
        _load(db, news)
        db.executescript(_INDEXES)
        db.execute("INSERT INTO words(words) VALUES('optimize')")
        db.commit()
        db.executescript("ANALYZE; PRAGMA wal_checkpoint(TRUNCATE)")
        db.close()

    def add(self, news: Iterable[News], folder: Path) -> None:
        """One more transaction."""
        db = sqlite3.connect(folder / "index.db")
        _load(db, news)
        db.close()

    def open(self, folder: Path) -> None:
        """One connection, with a table of its own for the matches."""
        self._db = sqlite3.connect(folder / "index.db", isolation_level=None)
        self._db.execute("PRAGMA temp_store=MEMORY")
        self._db.execute("CREATE TEMP TABLE found(id INTEGER PRIMARY KEY, month INTEGER)")

    def refresh(self) -> None:
        """Nothing: each statement sees the newest commit."""

    def run(self, query: Query) -> Found:
        """Match once, then the page and the facets."""
        assert self._db is not None
        if query.kind == "all":
            return self._everything(self._db)
        text, chosen = _text(query), ""
        given = {"text": text, "place": query.place}
        if query.place:
            # One look a match; with IN, SQLite asks for the words of every paragraph of the place instead.
            chosen = (
                "AND EXISTS (SELECT 1 FROM places WHERE paragraph = words.rowid AND name = "
                "(SELECT id FROM name WHERE kind = 'places' AND name = :place))"
            )
        self._db.execute("DELETE FROM found")
        hits = self._db.execute(
            f"INSERT INTO found SELECT words.rowid, month FROM words JOIN paragraph p ON p.id = words.rowid "
            f"WHERE words MATCH :text {chosen}", given,
        ).rowcount  # fmt: skip
        page = self._db.execute(
            f"SELECT p.key, p.headline, p.day, s FROM (SELECT rowid AS r, rank AS k, "
            f"snippet(words, 0, '<b>', '</b>', '…', {_PASSAGE}) AS s "
            f"FROM words WHERE words MATCH :text {chosen} ORDER BY rank LIMIT {HITS}) "
            f"JOIN paragraph p ON p.id = r ORDER BY k", given,
        ).fetchall()  # fmt: skip
        return hits, page, *_counted(self._db, "found CROSS JOIN", "found")

    def _everything(self, db: sqlite3.Connection) -> Found:
        hits = db.execute("SELECT count(*) FROM paragraph").fetchone()[0]
        page = db.execute(
            f"SELECT key, headline, day, substr(text, 1, 240) FROM paragraph ORDER BY day DESC LIMIT {HITS}"
        ).fetchall()
        return hits, page, *_counted(db, "", "paragraph")

    def answer(self, found: Found) -> Answer:
        """Rows as values."""
        hits, page, facets, months = found
        counted = {month: count for month, count in months if month}
        return Answer(hits, [row[0] for row in page], facets, counted, [row[3] for row in page])


def _counted(db: sqlite3.Connection, among: str, table: str) -> tuple[dict[str, list[Any]], list[Any]]:
    facets = {kind: _facet(db, kind, among) for kind in _KINDS}
    return facets, db.execute(f"SELECT month, count(*) FROM {table} GROUP BY month").fetchall()


def _facet(db: sqlite3.Connection, kind: str, among: str) -> list[Any]:
    # A CROSS JOIN is read from left to right: from the matches to their values, never from all values.
    joined = f"{among} {kind} ON paragraph = found.id" if among else kind
    return db.execute(
        f"SELECT n.name, c FROM (SELECT name AS v, count(*) AS c FROM {joined} "
        f"GROUP BY v ORDER BY c DESC LIMIT {VALUES}) JOIN name n ON n.id = v ORDER BY c DESC, n.name"
    ).fetchall()


def _load(db: sqlite3.Connection, news: Iterable[News]) -> None:
    known = {(kind, name): number for number, kind, name in db.execute("SELECT id, kind, name FROM name")}
    last = db.execute("SELECT coalesce(max(id), 0) FROM paragraph").fetchone()[0]
    with db:
        for article in news:
            rows = [
                (last + n, key, article.headline, article.day, article.month, text)
                for n, (key, text) in enumerate(article.paragraphs, 1)
            ]
            last += len(rows)
            db.executemany("INSERT INTO paragraph VALUES(?,?,?,?,?,?)", rows)
            db.executemany("INSERT INTO words(rowid, text) VALUES(?,?)", [(r[0], r[5]) for r in rows])
            for kind in _KINDS:
                numbers = [_number(db, known, kind, name) for name in article.values[kind]]
                pairs = [(r[0], number) for r in rows for number in numbers]
                db.executemany(f"INSERT INTO {kind} VALUES(?,?)", pairs)


def _number(db: sqlite3.Connection, known: dict[tuple[str, str], int], kind: str, name: str) -> int:
    if (kind, name) not in known:
        row = db.execute("INSERT INTO name(kind, name) VALUES(?,?)", (kind, name))
        known[kind, name] = row.lastrowid or 0
    return known[kind, name]


def _text(query: Query) -> str:
    quoted = [f'"{w}"' for w in query.words]
    if query.kind == "fuzzy":
        raise UnsupportedError("FTS5 has no fuzzy search")
    return {
        "or": " OR ".join(quoted),
        "phrase": f'"{" ".join(query.words)}"',
        "not": " NOT ".join(quoted),
        "prefix": f"{quoted[0]} *",
    }.get(query.kind, " AND ".join(quoted))


def make() -> Fts5:
    """The adapter."""
    return Fts5()
