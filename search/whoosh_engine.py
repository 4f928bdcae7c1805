"""The engine on an index in Whoosh's frame."""

from __future__ import annotations

import time
from collections.abc import Iterable
from pathlib import Path

import numpy as np

from index.archive import Archive
from index.errors import NotFoundError
from index.model import ENTITY_KINDS, EntityKind
from index.store import size_on_disk
from search import suggest
from search.answer import Answer, all_of, page_of, totals_of
from search.cards import card_of, day_of, known_entities, known_entity
from search.columns import UNDATED
from search.copies import story_of, story_view
from search.duplicates import likely_duplicates
from search.evidence import evidence_of
from search.execute import plan
from search.filters import count_facets, filtered
from search.limits import Limits, Meter
from search.nodes import Numbers
from search.percolate import FiledSearches, Percolated, Standing, percolated
from search.query import parse
from search.request import SearchRequest
from search.results import (
    ArticleView,
    EntityCard,
    Evidence,
    FacetValue,
    Hit,
    KnownEntity,
    Likeness,
    Page,
    QueryEcho,
    Scan,
    Stats,
    Story,
    StoryView,
    Suggestions,
)
from search.similar import SHARE, key_terms, similar_tree
from search.snapshot import Snapshot
from search.snapshots import Snapshots
from search.spotting import Wanted
from search.views import article_view, whole_hit


class WhooshEngine:
    """Answers from the newest commit of one index; see `search.engine.Engine`."""

    def __init__(self, path: Path, limits: Limits | None = None, archive: Archive | None = None) -> None:
        """Open nothing yet; what editors decided is in the index's own archive unless another is named."""
        self._path = path
        self._limits = limits or Limits()
        self._snapshots = Snapshots(path, archive or Archive(path))

    def generation(self) -> int:
        """Number of the newest commit."""
        with self._snapshots.current() as snap:
            return snap.generation

    def identity(self) -> str:
        """Name the index, its newest commit and what was decided."""
        with self._snapshots.current() as snap:
            return snap.identity

    def look_again(self) -> None:
        """Look for a newer commit and decisions when asked next."""
        self._snapshots.look_again()

    def close(self) -> None:
        """Let go of files."""
        self._snapshots.close()

    def search(self, request: SearchRequest) -> Page:
        """Answer a search."""
        started = time.perf_counter()
        with self._snapshots.current() as snap:
            parsed = parse(request.q, self._limits)
            meter = Meter(self._limits)
            planned = plan(parsed.tree, snap.terms, self._limits, meter)
            answer = Answer(snap, planned.tree, meter)
            found = filtered(snap.columns, answer.rows, request)
            hits, following = page_of(snap, answer, found.kept, request, planned.wanted)
            facets, histograms = count_facets(snap.columns, found, request)
            corrected = suggest.correct(snap.terms, request.q, parsed.tree)
            totals = totals_of(snap.columns, found.kept)
            notes = (*parsed.notes, *planned.notes, *answer.notes)
            return Page(
                query=QueryEcho(request.q, parsed.text, corrected, notes),
                paragraphs=len(found.kept),
                articles=totals.articles,
                stories=totals.stories,
                took_ms=(time.perf_counter() - started) * 1e3,
                hits=hits,
                facets=facets,
                histograms=histograms,
                next=following,
                renamed=snap.columns.names.renamed(request.entities),
            )

    def scan(self, request: SearchRequest) -> Scan:
        """Answer a search with all of its hits."""
        with self._snapshots.current() as snap:
            parsed = parse(request.q, self._limits)
            meter = Meter(self._limits)
            planned = plan(parsed.tree, snap.terms, self._limits, meter)
            answer = Answer(snap, planned.tree, meter)
            kept = filtered(snap.columns, answer.rows, request).kept
            hits, length = all_of(snap, answer, kept, request, planned.wanted)
            notes = (*parsed.notes, *planned.notes, *answer.notes)
            echo = QueryEcho(request.q, parsed.text, notes=notes)
            totals = totals_of(snap.columns, kept)
            return Scan(echo, len(kept), totals.articles, totals.stories, hits, length)

    def article(self, article_id: str, q: str = "") -> ArticleView:
        """A whole article, marked with a query's words."""
        with self._snapshots.current() as snap:
            rows = _rows_of(snap, article_id)
            records = snap.records(rows)
            story = story_view(snap, int(snap.columns.article[rows[0]]), records)
            return article_view(records, self._wanted(snap, q), story)

    def story(self, article_id: str) -> StoryView:
        """The copies of an article, and which of its paragraphs each of them has too."""
        with self._snapshots.current() as snap:
            rows = _rows_of(snap, article_id)
            return story_view(snap, int(snap.columns.article[rows[0]]), snap.records(rows))

    def story_of(self, article_id: str) -> str:
        """Id of an article's story."""
        with self._snapshots.current() as snap:
            return _story_of(snap, article_id).id

    def found_in(self, article_id: str, request: SearchRequest) -> tuple[str, ...]:
        """Ids of an article's paragraphs that answer a search, in reading order."""
        with self._snapshots.current() as snap:
            rows = _rows_of(snap, article_id)
            meter = Meter(self._limits)
            planned = plan(parse(request.q, self._limits).tree, snap.terms, self._limits, meter)
            matching = Answer(snap, planned.tree, meter).rows
            kept = filtered(snap.columns, np.intersect1d(matching, rows, assume_unique=True), request).kept
            return tuple(record.paragraph.id for record in snap.records(rows[np.isin(rows, kept)]))

    def standing(self) -> Standing:
        """Room for saved searches."""
        return FiledSearches(self._limits)

    def percolate(self, searches: Standing, articles: Iterable[str]) -> Percolated:
        """Which saved searches some articles answer."""
        with self._snapshots.current() as snap:
            return percolated(snap, searches, articles)

    def paragraph(self, paragraph_id: str, q: str = "") -> Hit:
        """One paragraph, marked with a query's words."""
        with self._snapshots.current() as snap:
            record = snap.record(_number(snap, paragraph_id))
            return whole_hit(record, self._wanted(snap, q), _story_of(snap, record.article["id"]))

    def entity(self, entity_id: str) -> EntityCard:
        """What the index knows of an entity."""
        with self._snapshots.current() as snap:
            found = card_of(snap, entity_id)
            if found is None:
                raise NotFoundError("entity", entity_id)
            return found

    def known_entity(self, entity_id: str) -> KnownEntity:
        """An entity for its editors, hidden or not."""
        with self._snapshots.current() as snap:
            found = known_entity(snap, entity_id)
            if found is None:
                raise NotFoundError("entity", entity_id)
            return found

    def known_entities(
        self, kind: EntityKind, prefix: str, limit: int, *, hidden: bool
    ) -> tuple[KnownEntity, ...]:
        """Entities for their editors."""
        with self._snapshots.current() as snap:
            return known_entities(snap, kind, prefix, limit, hidden=hidden)

    def evidence(self, entity_id: str, *, read: int = 200, passages: int = 3) -> Evidence:
        """What an entity rests on, hidden or not."""
        with self._snapshots.current() as snap:
            found = evidence_of(snap, entity_id, read=read, passages=passages)
            if found is None:
                raise NotFoundError("entity", entity_id)
            return found

    def written_names(self, ids: Iterable[str]) -> dict[str, str]:
        """Names as the texts have them."""
        with self._snapshots.current() as snap:
            return snap.written_names(ids)

    def duplicates(self) -> tuple[Likeness, ...]:
        """Pairs of entities that are likely one."""
        with self._snapshots.current() as snap:
            return likely_duplicates(snap.columns)

    def facet_values(self, kind: EntityKind, prefix: str, limit: int) -> tuple[FacetValue, ...]:
        """Entities found by typing."""
        with self._snapshots.current() as snap:
            return suggest.find_values(snap.columns, kind, prefix, limit)

    def suggest(self, text: str, limit: int) -> Suggestions:
        """Complete and correct what is being typed."""
        with self._snapshots.current() as snap:
            entities = [
                (kind, value)
                for kind in ENTITY_KINDS
                if text.strip()
                for value in suggest.find_values(snap.columns, kind, text, limit)
            ]
            entities.sort(key=lambda found: -found[1].count)
            return Suggestions(
                text,
                suggest.complete(snap.terms, text, limit),
                tuple(entities[:limit]),
                suggest.correct(snap.terms, text, parse(text, self._limits).tree),
            )

    def similar(self, paragraph_id: str, limit: int) -> Page:
        """Paragraphs that speak of the same."""
        started = time.perf_counter()
        with self._snapshots.current() as snap:
            number = _number(snap, paragraph_id)
            terms = key_terms(snap.terms, snap.record(number).paragraph.text)
            answer = Answer(snap, similar_tree(terms), Meter(self._limits))
            scores = answer.scores(answer.rows)
            near = (answer.rows != number) & (scores >= SHARE * scores.max(initial=0))
            rows = answer.rows[near]
            request = SearchRequest(q="similar", sort="relevance", limit=limit)
            hits, _ = page_of(snap, answer, rows, request, Wanted(stems={w for w, _ in terms}))
            took = (time.perf_counter() - started) * 1e3
            echo = QueryEcho("", " OR ".join(w for w, _ in terms))
            totals = totals_of(snap.columns, rows)
            return Page(echo, len(rows), totals.articles, took, hits, stories=totals.stories)

    def stats(self) -> Stats:
        """How much the index holds."""
        with self._snapshots.current() as snap:
            columns, live = snap.columns, snap.live
            _, firsts = np.unique(columns.article[live], return_index=True)
            days = columns.published[live[firsts]]
            dated = days[days != UNDATED]
            entities = {kind: columns.names.range(kind) for kind in ENTITY_KINDS}
            counts = columns.entity_counts
            return Stats(
                generation=snap.generation,
                documents=snap.documents(),
                articles=len(firsts),
                paragraphs=len(live),
                entities={k: int(np.count_nonzero(counts[n.start : n.stop])) for k, n in entities.items()},
                first=day_of(dated.min()) if len(dated) else None,
                last=day_of(dated.max()) if len(dated) else None,
                undated=len(days) - len(dated),
                bytes=size_on_disk(self._path),
            )

    def _wanted(self, snap: Snapshot, q: str) -> Wanted:
        return plan(parse(q, self._limits).tree, snap.terms, self._limits).wanted


def _rows_of(snap: Snapshot, article_id: str) -> Numbers:
    number = snap.columns.article_number(article_id)
    rows = None if number is None else snap.paragraphs_of(number)
    if rows is None or not len(rows):
        raise NotFoundError("article", article_id)
    return rows


def _story_of(snap: Snapshot, article_id: str) -> Story:
    number = snap.columns.article_number(article_id)
    if number is None or not snap.columns.stories.holds(number):
        raise NotFoundError("article", article_id)
    return story_of(snap, number, article_id)


def _number(snap: Snapshot, paragraph_id: str) -> int:
    number = snap.number(paragraph_id)
    if number is None:
        raise NotFoundError("paragraph", paragraph_id)
    return number
