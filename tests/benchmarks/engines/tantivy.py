"""Tantivy, through tantivy-py, one indexing thread.

As its documentation has it: `en_stem` for text and the writer as a context, which waits for merges
(docs/tutorials.md); terms aggregations on fast fields with the `raw` tokenizer, all in one request
(docs.rs/tantivy, module aggregation); one SnippetGenerator a query (docs/tutorials.md). `date_histogram`
knows no calendar months, only fixed lengths, so months are numbers with a `histogram` of interval 1,
which gives the same counts as everyone's. What is only shown is one stored field.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import tantivy
from engines.base import HITS, PASSAGE, VALUES, Answer

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

_KINDS = ("places", "people", "orgs")
_HEAP = 512_000_000  # bytes before a segment is written; Dateline's default, too
_AGGREGATIONS: dict[str, Any] = {
    **{kind: {"terms": {"field": kind, "size": VALUES}} for kind in _KINDS},
    "month": {"histogram": {"field": "month", "interval": 1.0, "min_doc_count": 1}},
}


def _schema() -> tantivy.Schema:
    builder = tantivy.SchemaBuilder()
    builder.add_text_field("id", stored=True, tokenizer_name="raw", index_option="basic")
    builder.add_text_field("text", stored=True, tokenizer_name="en_stem")
    for kind in _KINDS:
        builder.add_text_field(kind, fast=True, tokenizer_name="raw", index_option="basic")
    builder.add_integer_field("month", fast=True)
    builder.add_date_field("day", fast=True)
    builder.add_bytes_field("record", stored=True)
    return builder.build()


class Tantivy:
    """A document a paragraph."""

    def __init__(self) -> None:
        self._schema = _schema()
        self._index: tantivy.Index | None = None
        self._searcher: tantivy.Searcher | None = None

    def build(self, news: Iterable[News], folder: Path) -> None:
        """One commit."""
        self._write(tantivy.Index(self._schema, path=str(folder)), news)

    def add(self, news: Iterable[News], folder: Path) -> None:
        """One more commit."""
        self._write(tantivy.Index.open(str(folder)), news)

    def _write(self, index: tantivy.Index, news: Iterable[News]) -> None:
        with index.writer(heap_size=_HEAP, num_threads=1) as writer:
            for article in news:
                for document in _documents(article):
                    writer.add_document(document)

    def open(self, folder: Path) -> None:
        """One searcher for all queries; it is a snapshot."""
        self._index = tantivy.Index.open(str(folder))
        self.refresh()

    def refresh(self) -> None:
        """Load the newest commit."""
        assert self._index is not None
        self._index.reload()
        self._searcher = self._index.searcher()

    def run(self, query: Query) -> tuple[int, list[tuple[dict[str, Any], str]], dict[str, Any]]:
        """Two passes, as the binding offers: the top ten with the count, and the aggregations."""
        assert self._searcher is not None
        parsed = self._parse(query)
        newest = "day" if query.kind == "all" else None
        found = self._searcher.search(parsed, limit=HITS, count=True, order_by_field=newest)
        counts = self._searcher.aggregate(parsed, _AGGREGATIONS)
        marker = tantivy.SnippetGenerator.create(self._searcher, parsed, self._schema, "text")
        marker.set_max_num_chars(PASSAGE)
        shown = []
        for _, address in found.hits:
            document = self._searcher.doc(address)
            snippet = marker.snippet_from_doc(document).to_html() or document.get_first("text")[:PASSAGE]
            shown.append(({"id": document.get_first("id"), **_record(document)}, snippet))
        return found.count, shown, counts

    def answer(self, found: tuple[int, list[tuple[dict[str, Any], str]], dict[str, Any]]) -> Answer:
        """Buckets as counts."""
        hits, shown, counts = found
        facets = {k: [(b["key"], int(b["doc_count"])) for b in counts[k]["buckets"]] for k in _KINDS}
        months = {int(b["key"]): int(b["doc_count"]) for b in counts["month"]["buckets"] if b["doc_count"]}
        return Answer(hits, [row["id"] for row, _ in shown], facets, months, [s for _, s in shown])

    def _parse(self, query: Query) -> tantivy.Query:
        assert self._index is not None
        words = query.words
        if query.kind == "all":
            return tantivy.Query.all_query()
        if query.kind == "prefix":
            return tantivy.Query.regex_query(self._schema, "text", f"{words[0]}.*")
        if query.kind == "fuzzy":
            # Not a prefix, one edit, a swap of neighbours is one.
            return self._index.parse_query(words[0], ["text"], fuzzy_fields={"text": (False, 1, True)})
        text = {
            "and": " ".join(f"+{w}" for w in words),
            "phrase": f'"{" ".join(words)}"',
            "not": f"+{words[0]} " + " ".join(f"-{w}" for w in words[1:]),
        }.get(query.kind, " ".join(words))
        if query.place:
            text = f'+({text}) +places:"{query.place}"'
        return self._index.parse_query(text, ["text"])


def _record(document: tantivy.Document) -> dict[str, Any]:
    record: dict[str, Any] = json.loads(bytes(document.get_first("record")))
    return record


def _documents(article: News) -> Iterable[tantivy.Document]:
    record = json.dumps({"headline": article.headline, "day": article.day}).encode()
    values = {kind: list(article.values[kind]) for kind in _KINDS}
    if article.day:
        values["day"] = [datetime.fromisoformat(article.day).replace(tzinfo=UTC)]
        values["month"] = [article.month]
    for key, text in article.paragraphs:
        yield tantivy.Document(id=key, text=text, record=record, **values)


def make() -> Tantivy:
    """The adapter."""
    return Tantivy()
