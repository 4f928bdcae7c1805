"""Xapian 1.4, through its own Python binding, which distributions bring for their own Python.

As its documentation has it: TermGenerator with a stemmer and the query parser with the same one;
facets by a ValueCountMatchSpy a value slot, with `checkatleast` of all documents for exact counts, and
the chosen value as a boolean term with a prefix (howtos/facets, howtos/boolean_filters). To the spies of
1.4 a slot holds one string; several values are joined in it and the counts of the joined strings divided
afterwards, which was measured six times as fast as a slot and a spy for each further value. Snippets are
MSet.snippet(). A larger XAPIAN_FLUSH_THRESHOLD is advised for bulk loading at WritableDatabase::commit().
Release 1.4 has no search by edit distance.
"""

from __future__ import annotations

import json
import os
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any

import xapian
from engines.base import HITS, PASSAGE, Answer, UnsupportedError, top

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

os.environ.setdefault("XAPIAN_FLUSH_THRESHOLD", "100000")
_DAY, _MONTH = 0, 1
_SLOTS = {"places": 2, "people": 3, "orgs": 4}
_PREFIX = {"places": "XPLACE:", "people": "XPERSON:", "orgs": "XORG:"}
_FLAGS = xapian.QueryParser.FLAG_DEFAULT | xapian.QueryParser.FLAG_WILDCARD

_BETWEEN = "\n"

Found = tuple[int, list[tuple[dict[str, Any], str]], dict[str, dict[str, int]]]


class Xapian:
    """A document a paragraph."""

    def __init__(self) -> None:
        self._db: Any = None
        self._stemmer = xapian.Stem("en")

    def build(self, news: Iterable[News], folder: Path) -> None:
        """One writer, one commit."""
        self._write(xapian.WritableDatabase(str(folder), xapian.DB_CREATE_OR_OPEN), news)

    def add(self, news: Iterable[News], folder: Path) -> None:
        """One more commit."""
        self._write(xapian.WritableDatabase(str(folder), xapian.DB_OPEN), news)

    def _write(self, db: Any, news: Iterable[News]) -> None:
        generator = xapian.TermGenerator()
        generator.set_stemmer(self._stemmer)
        for article in news:
            for key, text in article.paragraphs:
                document = xapian.Document()
                generator.set_document(document)
                generator.index_text(text)
                document.set_data(
                    json.dumps({"id": key, "headline": article.headline, "day": article.day, "text": text})
                )
                document.add_boolean_term("Q" + key)
                _add_values(document, article)
                db.add_document(document)
        db.commit()
        db.close()

    def open(self, folder: Path) -> None:
        """One database for all queries."""
        self._db = xapian.Database(str(folder))

    def refresh(self) -> None:
        """See the newest commit."""
        self._db.reopen()

    def run(self, query: Query) -> Found:
        """One match with a spy a slot, then ten snippets."""
        enquire = xapian.Enquire(self._db)
        enquire.set_query(self._parse(query))
        if query.kind == "all":
            enquire.set_sort_by_value(_DAY, True)
        spies = {name: xapian.ValueCountMatchSpy(slot) for name, slot in (*_SLOTS.items(), ("month", _MONTH))}
        for spy in spies.values():
            enquire.add_matchspy(spy)
        found = enquire.get_mset(0, HITS, self._db.get_doccount())
        shown = []
        for match in found:
            row = json.loads(match.document.get_data())
            shown.append((row, found.snippet(row["text"], PASSAGE, self._stemmer).decode()))
        counts = {name: _counts(spy) for name, spy in spies.items()}
        return found.get_matches_estimated(), shown, counts

    def answer(self, found: Found) -> Answer:
        """The most frequent values."""
        hits, shown, counts = found
        facets = {kind: top(counts[kind]) for kind in _SLOTS}
        by_month = {int(k): n for k, n in counts["month"].items()}
        return Answer(hits, [row["id"] for row, _ in shown], facets, by_month, [s for _, s in shown])

    def _parse(self, query: Query) -> Any:
        if query.kind == "fuzzy":
            raise UnsupportedError("Xapian 1.4 has no search by edit distance")
        if query.kind == "all":
            return xapian.Query.MatchAll
        parser = xapian.QueryParser()
        parser.set_stemmer(self._stemmer)
        parser.set_stemming_strategy(parser.STEM_SOME)
        parser.set_database(self._db)
        asked = parser.parse_query(_text(query), _FLAGS)
        if query.place:
            asked = xapian.Query(xapian.Query.OP_FILTER, asked, xapian.Query(_PREFIX["places"] + query.place))
        return asked


def _add_values(document: Any, article: News) -> None:
    document.add_value(_DAY, article.day)
    if article.month:
        document.add_value(_MONTH, str(article.month))
    for kind, slot in _SLOTS.items():
        if article.values[kind]:
            document.add_value(slot, _BETWEEN.join(article.values[kind]))
        for value in article.values[kind]:
            document.add_boolean_term(_PREFIX[kind] + value)


def _counts(spy: Any) -> dict[str, int]:
    counts: dict[str, int] = {}
    for item in spy.values():
        for value in item.term.decode().split(_BETWEEN):
            counts[value] = counts.get(value, 0) + item.termfreq
    return counts


def _text(query: Query) -> str:
    words = query.words
    return {
        "or": " OR ".join(words),
        "phrase": f'"{" ".join(words)}"',
        "not": " NOT ".join(words),
        "prefix": f"{words[0]}*",
    }.get(query.kind, " AND ".join(words))


def make() -> Xapian:
    """The adapter."""
    return Xapian()
