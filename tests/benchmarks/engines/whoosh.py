"""Stock Whoosh: the maintained distribution, with its own codec, analyser, facets and highlighter.

As its documentation has it: for bulk indexing a larger `limitmb` and an unbounded stem cache (batch.html);
facets by `groupedby` with a FieldFacet each, `allow_overlap` where a paragraph has several values, and the
`Count` map since only counts are wanted; `sortable` fields for what is grouped or sorted (facets.html);
the pinpoint fragmenter on a field with `chars=True`, the fastest highlighter it has (highlight.html);
FuzzyTermPlugin for fuzzy terms (parsing.html); a `filter` query for the chosen value (searching.html).
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

from engines.base import HITS, PASSAGE, Answer, top
from whoosh import fields, index
from whoosh.analysis import StemmingAnalyzer
from whoosh.highlight import PinpointFragmenter
from whoosh.qparser import FuzzyTermPlugin, QueryParser
from whoosh.query import Every, Term
from whoosh.searching import Searcher
from whoosh.sorting import Count, FieldFacet

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

_KINDS = ("places", "people", "orgs")


def _schema() -> fields.Schema:
    return fields.Schema(
        id=fields.ID(stored=True, unique=True),
        text=fields.TEXT(analyzer=StemmingAnalyzer(cachesize=-1), stored=True, chars=True),
        headline=fields.STORED,
        day=fields.DATETIME(stored=True, sortable=True),
        month=fields.NUMERIC(sortable=True),
        **{kind: fields.KEYWORD(commas=True) for kind in _KINDS},
    )


class Whoosh:
    """A document a paragraph."""

    def __init__(self) -> None:
        self._searcher: Searcher | None = None
        self._facets = {kind: FieldFacet(kind, allow_overlap=True) for kind in _KINDS}
        self._facets["month"] = FieldFacet("month")
        self._parser = QueryParser("text", _schema(), plugins=None)
        self._parser.add_plugin(FuzzyTermPlugin())

    def build(self, news: Iterable[News], folder: Path) -> None:
        """One writer in one process, one commit."""
        self._write(index.create_in(str(folder), _schema()), news)

    def add(self, news: Iterable[News], folder: Path) -> None:
        """One more commit."""
        self._write(index.open_dir(str(folder)), news)

    def _write(self, made: index.FileIndex, news: Iterable[News]) -> None:
        writer = made.writer(limitmb=256)
        for article in news:
            values: dict[str, Any] = {kind: ",".join(article.values[kind]) for kind in _KINDS}
            if article.day:
                values["day"] = datetime.fromisoformat(article.day).replace(tzinfo=UTC).replace(tzinfo=None)
            values |= {"month": article.month, "headline": article.headline}
            for key, text in article.paragraphs:
                writer.add_document(id=key, text=text, **values)
        writer.commit()

    def open(self, folder: Path) -> None:
        """One searcher for all queries."""
        self._searcher = index.open_dir(str(folder)).searcher()

    def refresh(self) -> None:
        """A searcher of the newest commit."""
        assert self._searcher is not None
        self._searcher = self._searcher.refresh()

    def run(self, query: Query) -> tuple[int, list[tuple[Any, str]], dict[str, dict[Any, int]]]:
        """One search with four groupings, then ten highlights."""
        assert self._searcher is not None
        asked = Every() if query.kind == "all" else self._parser.parse(_text(query))
        chosen = Term("places", query.place) if query.place else None
        newest = {"sortedby": "day", "reverse": True} if query.kind == "all" else {}
        found = self._searcher.search(
            asked, limit=HITS, groupedby=self._facets, maptype=Count, filter=chosen, **newest
        )
        found.fragmenter = PinpointFragmenter(maxchars=PASSAGE)
        shown = [(hit.fields(), hit.highlights("text", top=1) or hit["text"][:PASSAGE]) for hit in found]
        counts = {name: dict(found.groups(name)) for name in self._facets}
        return len(found), shown, counts

    def answer(self, found: tuple[int, list[tuple[Any, str]], dict[str, dict[Any, int]]]) -> Answer:
        """Groups as counts; the group without a value is none."""
        hits, shown, counts = found
        facets = {kind: top({k: n for k, n in counts[kind].items() if k}) for kind in _KINDS}
        months = {int(k): n for k, n in counts["month"].items() if k}
        return Answer(hits, [row["id"] for row, _ in shown], facets, months, [s for _, s in shown])


def _text(query: Query) -> str:
    words = query.words
    return {
        "or": " OR ".join(words),
        "phrase": f'"{" ".join(words)}"',
        "not": " NOT ".join(words),
        "prefix": f"{words[0]}*",
        "fuzzy": f"{words[0]}~1",
    }.get(query.kind, " ".join(words))


def make() -> Whoosh:
    """The adapter."""
    return Whoosh()
