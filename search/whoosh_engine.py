"""The engine on a Whoosh index."""

from __future__ import annotations

import time
from collections import Counter
from datetime import date
from pathlib import Path

import numpy as np
from whoosh import query

from index.errors import CursorExpiredError, NotFoundError
from index.model import ENTITY_KINDS, EntityKind
from index.store import size_on_disk
from search import suggest
from search.execute import Numbers, Plan, Scores, Wanted, matches, plan
from search.facets import expand
from search.filters import count_facets, filtered
from search.query import parse
from search.ranking import boosted, make_cursor, ranked, read_cursor
from search.request import SearchRequest
from search.results import (
    ArticleView,
    EntityCard,
    FacetValue,
    Hit,
    Page,
    QueryEcho,
    Stats,
    Suggestions,
)
from search.similar import key_terms, similar_tree
from search.snapshot import UNDATED, Snapshot
from search.snapshots import Snapshots
from search.views import article_view, hit_of, whole_hit

_SIMILAR_SHARE = 0.2  # of the best score; what lies below shares a word, not a subject
_CARD_PARAGRAPHS = 5_000  # read back to tell how a name is written
_RELATED = 10


class WhooshEngine:
    """Answers from the newest commit of one index; see `search.engine.Engine`."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._snapshots = Snapshots(path)

    def generation(self) -> int:
        """Number of the newest commit."""
        with self._snapshots.current() as snap:
            return snap.generation

    def identity(self) -> str:
        """Name the index and its newest commit."""
        with self._snapshots.current() as snap:
            return snap.identity

    def close(self) -> None:
        """Let go of files."""
        self._snapshots.close()

    def search(self, request: SearchRequest) -> Page:
        """Answer a search."""
        started = time.perf_counter()
        with self._snapshots.current() as snap:
            parsed = parse(request.q)
            planned = plan(parsed.tree, snap.reader)
            rows, scores = _run(snap, planned.tree)
            found = filtered(snap.columns, rows, scores, request)
            kept = found.keep()
            hits, following = _page(snap, rows[kept], scores[kept], request, planned.wanted)
            facets, histograms = count_facets(snap.columns, found, request)
            echo = QueryEcho(
                request.q,
                parsed.text,
                suggest.correct(snap.reader, request.q, parsed.tree),
                (*parsed.notes, *planned.notes),
            )
            return Page(
                query=echo,
                paragraphs=int(kept.sum()),
                articles=len(np.unique(snap.columns.article[rows[kept]])),
                took_ms=(time.perf_counter() - started) * 1e3,
                hits=hits,
                facets=facets,
                histograms=histograms,
                next=following,
            )

    def article(self, article_id: str, q: str = "") -> ArticleView:
        """A whole article, marked with a query's words."""
        with self._snapshots.current() as snap:
            number = snap.article_number(article_id)
            if number is None:
                raise NotFoundError("article", article_id)
            records = [snap.record(int(n)) for n in snap.paragraphs_of(number)]
            return article_view(records, _plan(snap, q).wanted)

    def paragraph(self, paragraph_id: str, q: str = "") -> Hit:
        """One paragraph, marked with a query's words."""
        with self._snapshots.current() as snap:
            return whole_hit(snap.record(_number(snap, paragraph_id)), _plan(snap, q).wanted)

    def entity(self, entity_id: str) -> EntityCard:
        """What the index knows of an entity."""
        with self._snapshots.current() as snap:
            for kind in ENTITY_KINDS:
                number = snap.columns.values[kind].number_of.get(entity_id)
                if number is not None and len(rows := _naming(snap, kind, number)):
                    return _card(snap, kind, number, rows)
            raise NotFoundError("entity", entity_id)

    def facet_values(self, kind: EntityKind, prefix: str, limit: int) -> tuple[FacetValue, ...]:
        """Entities found by typing."""
        with self._snapshots.current() as snap:
            values = snap.columns.values[kind]
            return suggest.find_values(values, _counts(snap, kind), prefix, limit)

    def suggest(self, text: str, limit: int) -> Suggestions:
        """Complete and correct what is being typed."""
        with self._snapshots.current() as snap:
            entities = [
                (kind, value)
                for kind in ENTITY_KINDS
                for value in suggest.find_values(snap.columns.values[kind], _counts(snap, kind), text, limit)
                if text.strip()
            ]
            entities.sort(key=lambda found: -found[1].count)
            return Suggestions(
                text,
                suggest.complete(snap.reader, text, limit),
                tuple(entities[:limit]),
                suggest.correct(snap.reader, text, parse(text).tree),
            )

    def similar(self, paragraph_id: str, limit: int) -> Page:
        """Paragraphs that speak of the same."""
        started = time.perf_counter()
        with self._snapshots.current() as snap:
            number = _number(snap, paragraph_id)
            terms = key_terms(snap.reader, snap.record(number).paragraph.text)
            rows, scores = _run(snap, similar_tree(terms))
            near = (rows != number) & (scores >= _SIMILAR_SHARE * scores.max(initial=0))
            rows, scores = rows[near], scores[near]
            request = SearchRequest(q="similar", sort="relevance", limit=limit)
            hits, _ = _page(snap, rows, scores, request, Wanted(stems={w for w, _ in terms}))
            took = (time.perf_counter() - started) * 1e3
            articles = len(np.unique(snap.columns.article[rows]))
            return Page(QueryEcho("", " OR ".join(w for w, _ in terms)), len(rows), articles, took, hits)

    def stats(self) -> Stats:
        """How much the index holds."""
        with self._snapshots.current() as snap:
            columns, live = snap.columns, snap.live
            _, firsts = np.unique(columns.article[live], return_index=True)
            days = columns.published[live[firsts]]
            dated = days[days != UNDATED]
            return Stats(
                generation=snap.generation,
                documents=len(np.unique(columns.documents[live])),
                articles=len(firsts),
                paragraphs=len(live),
                entities={kind: int(np.count_nonzero(_counts(snap, kind))) for kind in ENTITY_KINDS},
                first=_day(dated.min()) if len(dated) else None,
                last=_day(dated.max()) if len(dated) else None,
                undated=len(days) - len(dated),
                bytes=size_on_disk(self._path),
            )


def _plan(snap: Snapshot, q: str) -> Plan:
    return plan(parse(q).tree, snap.reader)


def _run(snap: Snapshot, tree: query.Query) -> tuple[Numbers, Scores]:
    if isinstance(tree, query.Every):
        return snap.live, np.zeros(len(snap.live), dtype=np.float32)
    if tree == query.NullQuery:
        return np.zeros(0, np.int32), np.zeros(0, np.float32)
    rows, scores = matches(tree, snap.searcher)
    return rows, boosted(snap.columns, rows, scores)


def _page(
    snap: Snapshot, rows: Numbers, scores: Scores, request: SearchRequest, wanted: Wanted
) -> tuple[tuple[Hit, ...], str | None]:
    order = ranked(snap.columns, rows, scores, request)
    start = _after(snap, rows[order], request)
    places = order[start : start + request.limit]
    hits = tuple(hit_of(snap.record(int(rows[p])), round(float(scores[p]), 4), wanted) for p in places)
    more = start + len(places) < len(order)
    return hits, make_cursor(request, hits[-1].id) if more and hits else None


def _after(snap: Snapshot, ordered: Numbers, request: SearchRequest) -> int:
    """Where the page begins: behind the hit that the cursor names, wherever a commit moved it."""
    paragraph_id = read_cursor(request)
    if paragraph_id is None:
        return 0
    number = snap.number(paragraph_id)
    if number is None:
        raise CursorExpiredError("the index has changed and the hit it points at is gone (expired)")
    if request.group == "article":
        found = np.flatnonzero(snap.columns.article[ordered] == snap.columns.article[number])
    else:
        found = np.flatnonzero(ordered == number)
    if len(found) == 0:
        raise CursorExpiredError("the index has changed and the hit it points at no longer matches (expired)")
    return int(found[0]) + 1


def _number(snap: Snapshot, paragraph_id: str) -> int:
    number = snap.number(paragraph_id)
    if number is None:
        raise NotFoundError("paragraph", paragraph_id)
    return number


def _counts(snap: Snapshot, kind: EntityKind) -> list[int]:
    """Live paragraphs that name each value of a kind."""
    values = snap.columns.values[kind]
    _, places = expand(values.offsets, snap.live)
    return [int(n) for n in np.bincount(values.numbers[places], minlength=len(values.ids))]


def _naming(snap: Snapshot, kind: EntityKind, number: int) -> Numbers:
    values = snap.columns.values[kind]
    owner, places = expand(values.offsets, snap.live)
    return np.asarray(snap.live[np.unique(owner[values.numbers[places] == number])])


def _card(snap: Snapshot, kind: EntityKind, number: int, rows: Numbers) -> EntityCard:
    values = snap.columns.values[kind]
    entity = values.ids[number]
    forms: Counter[str] = Counter()
    for row in rows[:_CARD_PARAGRAPHS]:
        forms.update(e.text for e in snap.record(int(row)).paragraph.entities if e.entity == entity)
    days = snap.columns.published[rows]
    dated = days[days != UNDATED]
    return EntityCard(
        id=entity,
        kind=kind,
        name=values.names[number],
        forms=tuple(sorted(forms.items(), key=lambda f: (-f[1], f[0]))),
        paragraphs=len(rows),
        articles=len(np.unique(snap.columns.article[rows])),
        first=_day(dated.min()) if len(dated) else None,
        last=_day(dated.max()) if len(dated) else None,
        related=_related(snap, rows, entity),
    )


def _related(snap: Snapshot, rows: Numbers, entity: str) -> tuple[tuple[EntityKind, FacetValue], ...]:
    found: list[tuple[EntityKind, FacetValue]] = []
    for kind in ENTITY_KINDS:
        values = snap.columns.values[kind]
        _, places = expand(values.offsets, rows)
        counts = np.bincount(values.numbers[places], minlength=len(values.ids))
        top = np.argsort(-counts, kind="stable")[: _RELATED + 1]
        found += [
            (kind, FacetValue(values.ids[n], values.names[n], int(counts[n])))
            for n in top
            if counts[n] and values.ids[n] != entity
        ]
    return tuple(sorted(found, key=lambda f: (-f[1].count, f[1].name))[:_RELATED])


def _day(number: np.int32) -> date:
    return date.fromordinal(int(number))
