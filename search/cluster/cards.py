"""What does an index on a cluster know of an entity, and on what does it rest?"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.cluster.client import Body
from index.model import ENTITY_KINDS, EntityKind
from search.cluster.decided import Decided, decided_of
from search.cluster.entities import known_entity, meant_by
from search.cluster.facets import SIZES, NamesAsked, names_facet, read_names
from search.cluster.reading import SHOWN, hits_of, paragraphs, records_of
from search.cluster.units import ARTICLES
from search.cluster.view import View
from search.evidence import passage
from search.request import EntityFilter
from search.results import EntityCard, Evidence, FacetValue, Hit
from search.spotting import Wanted
from search.views import hit_of

_CARD_PARAGRAPHS = 5_000  # read back to tell how a name is written, as `search.cards` has it
_RELATED = 10

# By a hash of the article: whichever come first are drawn evenly from all.
_DRAWN = [{"article_key": "asc"}, {"ordinal": "asc"}]
_NEWEST = [
    {"published": {"order": "desc", "missing": "_last"}},
    {"added": {"order": "asc"}},
    {"article_key": {"order": "asc"}},
]
_SPOTS: Body = {
    "_source": ["record.at", "record.text", "record.mentions"],
    "docvalue_fields": [*SHOWN["docvalue_fields"], "article"],
}

Related = tuple[tuple[EntityKind, FacetValue], ...]


@dataclass(frozen=True, slots=True)
class _Counted:
    paragraphs: int
    articles: int
    first: date | None
    last: date | None
    related: Related


def card_of(view: View, entity_id: str) -> EntityCard | None:
    """An entity's card, or None where no paragraph names it."""
    decided = decided_of(view)
    found = meant_by(view, decided, entity_id)
    if found is None:
        return None
    entity, kind, name = found
    query = paragraphs(decided.named(kind, entity))
    counted = _counted(view, decided, query, entity)
    if not counted.paragraphs:
        return None
    decisions = view.decisions
    forms, _ = _forms(view, decided, query, entity, _CARD_PARAGRAPHS)
    return EntityCard(
        id=entity,
        kind=kind,
        name=name,
        forms=forms,
        paragraphs=counted.paragraphs,
        articles=counted.articles,
        first=counted.first,
        last=counted.last,
        related=counted.related,
        also=decisions.merged_into(entity),
        pinned=entity in decisions.pinned,
        decisions=(told := decisions.about(entity)),
        undone={d.number: by for d in told if (by := decisions.undone.get(d.number))},
    )


def evidence_of(view: View, entity_id: str, *, read: int, passages: int) -> Evidence | None:
    """What an entity rests on, hidden or not, or None where neither text nor decision has its id.

    Args:
        view: of the commit.
        entity_id: its own, or one that was merged into it.
        read: paragraphs read back, drawn evenly from all, to tell how it is written.
        passages: shown at most, each of another article, the newest first.
    """
    known = known_entity(view, entity_id)
    if known is None:
        return None
    decided = decided_of(view, hidden=known.hidden)
    query = paragraphs(decided.named(known.kind, known.id))
    counted = _counted(view, decided, query, known.id)
    forms, sample = _forms(view, decided, query, known.id, read)
    return Evidence(
        entity=known,
        forms=forms,
        read=sample,
        paragraphs=counted.paragraphs,
        articles=counted.articles,
        first=counted.first,
        last=counted.last,
        related=counted.related,
        passages=tuple(_passages(view, decided, query, known.id, passages)),
        decisions=view.decisions.about(known.id),
    )


def _counted(view: View, decided: Decided, query: Body, entity: str) -> _Counted:
    asked = [NamesAsked(kind, EntityFilter(), _RELATED + 1, "none", decided) for kind in ENTITY_KINDS]
    aggs: dict[str, Any] = {
        **ARTICLES,
        "first": {"min": {"field": "published"}},
        "last": {"max": {"field": "published"}},
    }
    for names in asked:
        aggs[names.kind] = {"filter": {"match_all": {}}, "aggs": names.aggs(SIZES[0])}
    found = view.search({"size": 0, "track_total_hits": True, "query": query, "aggs": aggs})
    told = found["aggregations"]
    return _Counted(
        paragraphs=int(found["hits"]["total"]["value"]),
        articles=int(told["articles"]["doc_count"]),
        first=_day(told["first"]),
        last=_day(told["last"]),
        related=_related(view, asked, told, entity),
    )


def _related(view: View, asked: list[NamesAsked], told: Mapping[str, Any], entity: str) -> Related:
    """Who else the paragraphs name, the most frequent first."""
    found = [
        (names.kind, value)
        for names in asked
        for value in names_facet(view, names, read_names(names, told[names.kind])).values
        if value.id != entity
    ]
    return tuple(sorted(found, key=lambda f: (-f[1].count, f[1].name))[:_RELATED])


def _day(told: Mapping[str, Any]) -> date | None:
    return None if told["value"] is None else date.fromordinal(int(told["value"]))


def _forms(
    view: View, decided: Decided, query: Body, entity: str, most: int
) -> tuple[tuple[tuple[str, int], ...], int]:
    """How an entity is written in some paragraphs, and how many these are."""
    forms: Counter[str] = Counter()
    read = 0
    spots = map(_with_article, hits_of(view, {**_SPOTS, "query": query, "sort": _DRAWN}, most))
    for record in records_of(view, spots, decided):
        read += 1
        forms.update(e.text for e in record.paragraph.entities if e.entity == entity)
    return tuple(sorted(forms.items(), key=lambda f: (-f[1], f[0]))), read


def _with_article(hit: dict[str, Any]) -> dict[str, Any]:
    """A hit that tells of its article the id alone, which decisions ask for."""
    told = json.dumps([{"id": hit["fields"]["article"][0]}, {}])
    return {**hit, "_source": {"record": {**hit["_source"]["record"], "article": told}}}


def _passages(view: View, decided: Decided, query: Body, entity: str, most: int) -> Iterator[Hit]:
    """Of each of the newest articles the first paragraph, the headline where no other one names it."""
    newest = {"query": query, "sort": _NEWEST, "collapse": {"field": "article"}, "size": most}
    hits = view.search({**newest, "_source": False})["hits"]["hits"] if most else []
    articles = [hit["fields"]["article"][0] for hit in hits]
    headline: Body = {"term": {"kind": "headline"}}
    bodies = [
        _first_of(query, articles, {"bool": {"must_not": [headline]}}),
        _first_of(query, articles, headline),
    ]
    shown: dict[str, dict[str, Any]] = {}
    for answer in view.searches(bodies) if articles else ():
        for hit in answer["hits"]["hits"]:
            shown.setdefault(hit["fields"]["article"][0], hit)
    for record in records_of(view, (shown[article] for article in articles), decided):
        yield passage(hit_of(record, 0.0, Wanted()), entity)


def _first_of(query: Body, articles: list[str], kind: Body) -> Body:
    of_kind = {"bool": {"filter": [query, {"terms": {"article": articles}}, kind]}}
    first = {"sort": [{"ordinal": "asc"}], "collapse": {"field": "article"}, "size": max(1, len(articles))}
    return {**SHOWN, "query": of_kind, **first}
