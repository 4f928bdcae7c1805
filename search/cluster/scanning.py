"""All hits of a search on a cluster, from one point in time, read as they are taken."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from index.columns.ragged import key_of
from search.cluster.asking import Asked, asked_of
from search.cluster.paging import Told, best_of, field_of, folded, hits_body
from search.cluster.searching import hits_of
from search.cluster.units import MOST_STORIES, read_totals, totals
from search.cluster.view import View
from search.limits import Limits
from search.request import SearchRequest
from search.results import Hit, QueryEcho, Scan

_BATCH = 256  # hits read back at once
_STORIES = 500  # stories whose shown article is asked for at once
_COPIED = {"term": {"copied": True}}


def all_of(view: View, request: SearchRequest, limits: Limits) -> Scan:
    """Answer a search with all of its hits.

    Args:
        view: of the commit; the scan reads from a point in time of its own.
        request: the search, whose limit and cursor are not looked at.
        limits: of its query.
    """
    own = view.again()
    try:
        asked = asked_of(own, request, limits)
        body = {"query": asked.query(late=True), "size": 0, "track_total_hits": True, "aggs": totals()}
        told = own.search(body)
        articles, stories = read_totals(told["aggregations"])
        paragraphs = int(told["hits"]["total"]["value"])
        shown = _shown_articles(own, asked)
        length = _length(own, asked, shown, (paragraphs, articles, stories))
    except BaseException:
        own.close()
        raise
    echo = QueryEcho(request.q, asked.parsed.text, notes=asked.notes)
    return Scan(echo, paragraphs, articles, stories, _hits(own, asked, shown), length)


def _hits(view: View, asked: Asked, shown: Mapping[str, str]) -> Iterator[Hit]:
    """Hits in order; where they are grouped, the first of each article or story is the best of it."""
    body = {**hits_body(asked), "size": _BATCH, "_source": ["record"]}
    unit = folded(asked.request) if asked.request.group != "none" else None
    seen: set[int] = set()
    place: dict[str, Any] = {}
    try:
        while True:
            hits: list[Told] = view.search({**body, **place})["hits"]["hits"]
            yield from hits_of(view, asked, list(_fresh(hits, unit, seen, shown)))
            if len(hits) < _BATCH:
                return
            place = {"search_after": hits[-1]["sort"]}
    finally:
        view.close()


def _fresh(hits: list[Told], unit: str | None, seen: set[int], shown: Mapping[str, str]) -> Iterator[Told]:
    for hit in hits:
        if unit is not None:
            key = key_of(field_of(hit, unit))
            if key in seen:
                continue
            seen.add(key)
        elif shown.get(field_of(hit, "story"), field_of(hit, "article")) != field_of(hit, "article"):
            continue
        yield hit


def _shown_articles(view: View, asked: Asked) -> dict[str, str]:
    """By story of several articles, the one that is shown; nothing where all are, or one hit of each."""
    if not asked.request.folds or asked.request.group != "none":
        return {}
    found: dict[str, str] = {}
    for stories in _copied_stories(view, asked):
        best = best_of(view, asked, "story", stories)
        found |= {story: field_of(hit, "article") for story, hit in best.items()}
    return found


def _copied_stories(view: View, asked: Asked) -> Iterator[list[str]]:
    """Stories of several articles among the matches, some at a time."""
    source = {"sources": [{"story": {"terms": {"field": "story"}}}], "size": _STORIES}
    after: dict[str, Any] = {}
    while True:
        body = {
            "query": asked.matching(_COPIED),
            "size": 0,
            "aggs": {"stories": {"composite": {**source, **after}}},
        }
        told = view.search(body)["aggregations"]["stories"]
        if told["buckets"]:
            yield [b["key"]["story"] for b in told["buckets"]]
        if "after_key" not in told or len(told["buckets"]) < _STORIES:
            return
        after = {"after": told["after_key"]}


def _length(view: View, asked: Asked, shown: Mapping[str, str], found: tuple[int, int, int]) -> int:
    """How many hits there are, of so many paragraphs, articles and stories."""
    paragraphs, articles, stories = found
    if asked.request.group != "none":
        return stories if asked.request.folds else articles
    if not shown:
        return paragraphs
    bodies = [{"query": asked.matching(_COPIED), "size": 0, "track_total_hits": True}]
    kept = sorted(shown.values())
    for at in range(0, len(kept), MOST_STORIES):
        some = {"terms": {"article": kept[at : at + MOST_STORIES]}}
        bodies.append({"query": asked.matching(some), "size": 0, "track_total_hits": True})
    copied, *rest = (int(told["hits"]["total"]["value"]) for told in view.searches(bodies))
    return paragraphs - copied + sum(rest)
