"""A search on a cluster: the page of hits, what they count, and what is said of the query.

One request asks for hits and counts together. What its answer leaves open (names that tie, an interval
that nobody expected) is asked for by a second one.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from index.cluster.documents import read
from index.errors import ClusterBucketsError, NotFoundError
from index.model import ENTITY_KINDS, EntityKind
from search import suggest
from search.cluster.asking import Asked, asked_of
from search.cluster.decided import decided_of
from search.cluster.facets import (
    SIZES,
    Counted,
    NamesAsked,
    doubt,
    enough,
    names_facet,
    read_names,
)
from search.cluster.histograms import (
    Likely,
    MentionedAsked,
    Spoken,
    published_aggs,
    read_mentioned,
    read_published,
    read_spoken,
)
from search.cluster.long_histograms import long_histogram
from search.cluster.paging import (
    Told,
    field_of,
    folded,
    hits_body,
    make_cursor,
    page_hits,
    place_of,
    read_cursor,
    with_sources,
)
from search.cluster.reading import stories_of
from search.cluster.units import filtered, read_totals, totals
from search.cluster.view import View
from search.filters import HistogramName
from search.limits import Limits
from search.request import EntityFilter, SearchRequest
from search.results import Facet, Histogram, Hit, Page, QueryEcho, Story
from search.views import hit_of

_LIKELY = "likely times"


def page_of(view: View, request: SearchRequest, limits: Limits, started: float) -> Page:
    """Answer a search.

    Args:
        view: of the commit.
        request: the search.
        limits: of its query.
        started: by `time.perf_counter`.

    Raises:
        CursorError: the request's cursor cannot be continued.
    """
    cursor = read_cursor(request)
    asked = asked_of(view, request, limits)
    place = None if cursor is None else place_of(view, asked, cursor)
    counting = Counting(view, asked)
    told = counting.first(place)
    hits = told["hits"]["hits"] if counting.simple else page_hits(view, asked, place, request.limit + 1)
    facets, histograms, notes = counting.read(told["aggregations"])
    shown = hits[: request.limit]
    articles, stories = read_totals(told["aggregations"]["totals"])
    corrected = suggest.correct(asked.vocabulary, request.q, asked.parsed.tree)
    return Page(
        query=QueryEcho(request.q, asked.parsed.text, corrected, (*asked.notes, *notes)),
        paragraphs=int(told["hits"]["total"]["value"]),
        articles=articles,
        stories=stories,
        hits=tuple(hits_of(view, asked, with_sources(view, shown))),
        facets=facets,
        histograms=histograms,
        next=make_cursor(view, request, shown[-1]) if len(hits) > len(shown) else None,
        renamed=decided_of(view).renamed(request.entities),
        took_ms=(time.perf_counter() - started) * 1e3,
    )


def hits_of(view: View, asked: Asked, told: Sequence[Told]) -> Iterator[Hit]:
    """Hits out of what a cluster tells of them, with the stories of their articles."""
    decided = decided_of(view)
    stories = _stories(view, asked, told)
    for hit in told:
        record = decided.record(read(hit["_source"], hit["fields"]))
        score = round(hit["_score"] or 0.0, 4) if asked.scored else 0.0
        yield hit_of(record, score, asked.wanted, stories[record.article["id"]])


def _stories(view: View, asked: Asked, told: Iterable[Told]) -> dict[str, Story]:
    found: dict[str, Story] = {}
    copied: list[str] = []
    for hit in told:
        article = field_of(hit, "article")
        if field_of(hit, "copied"):
            copied.append(article)
        else:
            found[article] = Story(article, 1, 1)
    if copied:
        found |= stories_of(view, list(dict.fromkeys(copied)), asked.matching())
    return found


def found_in(view: View, article_id: str, request: SearchRequest, limits: Limits) -> tuple[str, ...]:
    """Ids of an article's paragraphs that answer a search, in reading order.

    Raises:
        NotFoundError: there is no such article.
    """
    asked = asked_of(view, request, limits)
    here = {"term": {"article": article_id}}
    body = {
        "query": asked.matching(here),
        "sort": [{"ordinal": {"order": "asc"}}],
        "size": 10_000,
        "_source": False,
        "docvalue_fields": ["id"],
    }
    there = {"query": {"bool": {"filter": [here, {"term": {"type": "article"}}]}}, "size": 0}
    found, article = view.searches([body, there])
    if not article["hits"]["total"]["value"]:
        raise NotFoundError("article", article_id)
    return tuple(field_of(hit, "id") for hit in found["hits"]["hits"])


@dataclass
class Counting:
    """What is counted for a page of an answer.

    Attributes:
        view: of the commit.
        asked: the search.
        names: facets of names, by kind.
        times: the histogram of times spoken of, where it is asked for.
        simple: whether the hits are the first of the cluster's own order.
        published: the histogram of days of publication, where it took more than one question.
    """

    view: View
    asked: Asked
    names: dict[EntityKind, NamesAsked] = field(init=False)
    times: MentionedAsked | None = field(init=False, default=None)
    simple: bool = field(init=False)
    published: Histogram | None = field(init=False, default=None)

    def __post_init__(self) -> None:
        request, decided = self.asked.request, decided_of(self.view)
        self.names = {
            kind: NamesAsked(
                kind,
                request.entities.get(kind, EntityFilter()),
                request.facet_limit,
                request.group,
                decided,
            )
            for kind in ENTITY_KINDS
            if kind in request.facets
        }
        if "mentioned" in request.facets:
            self.times = MentionedAsked(request.group, request.interval, request.mentioned)

    @property
    def likely(self) -> Likely | None:
        """What is likely of the times spoken of."""
        found: Likely | None = self.view.memo.get(_LIKELY)
        return found

    def first(self, place: Sequence[Any] | None) -> dict[str, Any]:
        """The first answer: in one request, or in several where there is too much to count in one."""
        body, facets = self.body(place), self._facets()
        try:
            return self.view.search({**body, "aggs": {**body["aggs"], **facets}})
        except ClusterBucketsError:
            told = self.view.search(body)
        for name, aggs in facets.items():
            told["aggregations"] |= self._alone(name, aggs)
        return told

    def _alone(self, name: str, aggs: Mapping[str, Any]) -> Mapping[str, Any]:
        """One facet's answer; less of it where that is too much to count as well."""
        try:
            return self._again({name: aggs})
        except ClusterBucketsError:
            filters = self.asked.filters.but(name)
        if name == "published":
            self.published = self._published()
            return {}
        if name == "mentioned" and self.times is not None:
            return self._again({name: filtered(filters, self.times.aggs(None))})
        names = next(n for kind, n in self.names.items() if kind == name)
        return self._again({name: filtered(filters, names.aggs(SIZES[0]))})

    def _published(self) -> Histogram:
        request, filters = self.asked.request, self.asked.filters.but("published")

        def ask(aggs: Mapping[str, Any]) -> Mapping[str, Any]:
            told: Mapping[str, Any] = self._again({"published": filtered(filters, aggs)})["published"]
            return told

        return long_histogram(ask, request.group, request.interval, request.published)

    def body(self, place: Sequence[Any] | None) -> dict[str, Any]:
        """The first request, without facets: hits and totals."""
        filters, request = self.asked.filters, self.asked.request
        body = {**hits_body(self.asked), "query": self.asked.query(), "track_total_hits": True}
        body["aggs"] = {"totals": filtered(filters.but(), totals())}
        if late := filters.but():
            body["post_filter"] = {"bool": {"filter": late}}
        unit = folded(request)
        self.simple = unit is None or (place is None and request.group != "none")
        if not self.simple:
            return {**body, "size": 0}
        body |= {"size": request.limit + 1, "_source": ["record"]}
        if unit is not None:
            body["collapse"] = {"field": unit}
        return body if place is None else {**body, "search_after": list(place)}

    def _facets(self) -> dict[str, Any]:
        filters = self.asked.filters
        made: dict[str, Any] = {}
        for kind, n in self.names.items():
            made[kind] = filtered(filters.but(kind), n.aggs(SIZES[n.first]))
        if "published" in self.asked.request.facets:
            aggs = published_aggs(self.asked.request.group)
            made["published"] = filtered(filters.but("published"), aggs)
        if self.times is not None:
            made["mentioned"] = filtered(filters.but("mentioned"), self.times.aggs(self.likely))
        return made

    def read(
        self, told: Mapping[str, Any]
    ) -> tuple[dict[EntityKind, Facet], dict[HistogramName, Histogram], list[str]]:
        """Facets, histograms and notes, out of the first answer and what else has to be asked for."""
        request = self.asked.request
        spoken = None if self.times is None else read_spoken(told["mentioned"], self.times)
        counted = {kind: read_names(n, told[kind]) for kind, n in self.names.items()}
        histograms: dict[HistogramName, Histogram] = {}
        more: dict[str, Any] = {}
        for step in range(len(SIZES)):
            more = self._more(counted, step)
            if step == 0 and spoken is not None:
                more |= self._times(told["mentioned"], spoken, histograms)
            if not more:
                break
            found = self._more_of(more)
            for kind in counted.keys() & found.keys():
                counted[kind] = read_names(self.names[kind], found[kind])
            if "mentioned" in found and spoken is not None and self.times is not None:
                chosen = spoken.choose(request.interval, request.mentioned)
                histograms["mentioned"] = read_mentioned(found["mentioned"], spoken, chosen, self.times)
        if "published" in request.facets:
            published = self.published or read_published(
                told["published"], request.group, request.interval, request.published
            )
            histograms = {"published": published, **histograms}  # in the order that both engines have
        facets = {kind: names_facet(self.view, n, counted[kind]) for kind, n in self.names.items()}
        notes = [doubt(n, counted[k]) for k, n in self.names.items() if not enough(n, counted[k])]
        return facets, histograms, notes

    def _more(self, counted: Mapping[EntityKind, Counted], step: int) -> dict[str, Any]:
        """Facets that have to be asked for again, with more names."""
        made: dict[str, Any] = {}
        for kind, n in self.names.items():
            if not enough(n, counted[kind]) and n.first + step + 1 < len(SIZES):
                aggs = n.aggs(SIZES[n.first + step + 1])
                made[kind] = filtered(self.asked.filters.but(kind), aggs)
        return made

    def _times(
        self, told: Mapping[str, Any], spoken: Spoken, histograms: dict[HistogramName, Histogram]
    ) -> dict[str, Any]:
        """Put the histogram of times spoken of into `histograms`, or tell what it has to be asked for by."""
        request, times, likely = self.asked.request, self.times, self.likely
        if times is None:
            return {}
        chosen = spoken.choose(request.interval, request.mentioned)
        self.view.memo[_LIKELY] = spoken.likely(chosen, likely)
        expected = likely.interval if request.interval == "auto" and likely else request.interval
        if spoken.nothing or not len(spoken.spans.first):
            interval = chosen if request.interval == "auto" else request.interval
            histograms["mentioned"] = Histogram(interval, (), spoken.undated)
        elif "filled" in told and expected == chosen and spoken.expected(likely):
            histograms["mentioned"] = read_mentioned(told, spoken, chosen, times)
        else:
            return {"mentioned": filtered(self.asked.filters.but("mentioned"), times.counted(chosen))}
        return {}

    def _more_of(self, more: Mapping[str, Any]) -> Mapping[str, Any]:
        """What has to be asked for again; names of which there are too many stay as they are told."""
        try:
            return self._again(more)
        except ClusterBucketsError:
            found: dict[str, Any] = {}
        for name, aggs in more.items():
            try:
                found |= self._again({name: aggs})
            except ClusterBucketsError:
                if name not in self.names:
                    raise
        return found

    def _again(self, aggs: Mapping[str, Any]) -> Mapping[str, Any]:
        body = {"query": self.asked.query(), "size": 0, "track_total_hits": False, "aggs": aggs}
        found: Mapping[str, Any] = self.view.search(body)["aggregations"]
        return found
