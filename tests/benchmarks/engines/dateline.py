"""Dateline itself, through the interfaces that the command line and the server use."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from pathlib import Path
from typing import TYPE_CHECKING

from engines.base import HITS, VALUES, Answer

from index.model import Article, EntityKind, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter, create_index
from search.request import EntityFilter, SearchRequest
from search.results import Page
from search.whoosh_engine import WhooshEngine

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

_KINDS: dict[str, EntityKind] = {"places": "place", "people": "person", "orgs": "org"}


def entity_id(kind: EntityKind, name: str) -> str:
    """Id of a facet value."""
    return stable_id("entity", kind, name)


class Dateline:
    """One document an article; facet values are names at the first word of each paragraph."""

    def __init__(self) -> None:
        self._engine: WhooshEngine | None = None
        self._ids: dict[tuple[EntityKind, str], str] = {}

    def build(self, news: Iterable[News], folder: Path) -> None:
        """One writer, one commit, no names or dates looked for."""
        create_index(folder)
        self.add(news, folder)

    def add(self, news: Iterable[News], folder: Path) -> None:
        """The same writer on what there is."""
        with StoreWriter(folder) as store:
            for article in news:
                store.put(article.id, article.id, [self._article(article)])

    def open(self, folder: Path) -> None:
        """Open the engine that serves."""
        self._engine = WhooshEngine(folder)

    def refresh(self) -> None:
        """Nothing: a worker looks for a new commit by itself."""

    def run(self, query: Query) -> Page:
        """One search, through the query language; every facet in the one request."""
        chosen = EntityFilter(chosen=(entity_id("place", query.place),)) if query.place else EntityFilter()
        request = SearchRequest(
            q=_text(query),
            entities={"place": chosen},
            limit=HITS,
            facets=("place", "person", "org", "published"),
            facet_limit=VALUES,
            interval="month",
        )
        assert self._engine is not None
        return self._engine.search(request)

    def answer(self, found: Page) -> Answer:
        """Facets by the names that other engines give them."""
        facets = {k: [(v.name, v.count) for v in found.facets[kind].values] for k, kind in _KINDS.items()}
        buckets = found.histograms["published"].buckets
        months = {b.first.year * 12 + b.first.month - 1: b.count for b in buckets if b.count}
        snippets = [hit.snippet.text for hit in found.hits]
        return Answer(found.paragraphs, [hit.id for hit in found.hits], facets, months, snippets)

    def _article(self, news: News) -> Article:
        named = [(kind, self._id(kind, name), name) for k, kind in _KINDS.items() for name in news.values[k]]
        paragraphs = []
        start = 0
        for ordinal, (key, text) in enumerate(news.paragraphs, 1):
            word = text.partition(" ")[0]
            end = len(word)
            mentions = tuple([EntityMention(0, end, word, kind, id_, name) for kind, id_, name in named])
            paragraphs.append(Paragraph(key, ordinal, "body", start, start + len(text), text, (), mentions))
            start += len(text) + 2
        day = date.fromisoformat(news.day) if news.day else None
        return Article(
            news.id, news.id, "benchmark", news.headline, "one document", tuple(paragraphs),
            Publication(day, "metadata" if day else None),
        )  # fmt: skip

    def _id(self, kind: EntityKind, name: str) -> str:
        found = self._ids.get((kind, name))
        if found is None:
            found = self._ids[kind, name] = entity_id(kind, name)
        return found


def _text(query: Query) -> str:
    words = query.words
    return {
        "and": " AND ".join(words),
        "or": " OR ".join(words),
        "phrase": f'"{" ".join(words)}"',
        "not": " -".join(words),
        "prefix": f"{''.join(words)}*",
        "fuzzy": f"{''.join(words)}~1",
    }.get(query.kind, "".join(words))


def make() -> Dateline:
    """The adapter."""
    return Dateline()
