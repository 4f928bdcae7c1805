"""A request as what a cluster is asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from whoosh import query

from index.cluster.client import Body
from search.cluster.filters import Filters, filters_of
from search.cluster.lowering import lowered, words_of
from search.cluster.view import View
from search.cluster.words import ClusterWords
from search.execute import HEADLINE_BOOST, plan
from search.limits import Limits, Meter
from search.query import Parsed, parse
from search.request import SearchRequest
from search.spotting import Wanted


@dataclass(frozen=True, slots=True)
class Asked:
    """A request, worked out for a commit.

    Attributes:
        request: as it came.
        parsed: its query.
        words: what the query asks of a paragraph; None where it asks for nothing but that there is one.
        nothing: whether no paragraph can match.
        filters: of the request.
        wanted: what to mark.
        notes: what was changed, cut or ignored, a sentence each.
        vocabulary: the words of the commit.
    """

    request: SearchRequest
    parsed: Parsed
    words: Body | None
    nothing: bool
    filters: Filters
    wanted: Wanted
    notes: tuple[str, ...]
    vocabulary: ClusterWords

    @property
    def scored(self) -> bool:
        """Whether the words tell one match from another."""
        return self.words is not None

    def query(self, *more: Body, late: bool = False) -> dict[str, Any]:
        """Ask for the matches, scored.

        Args:
            more: further filters.
            late: whether the filters that facets leave out are part of it.
        """
        filters = [*(self.filters.whole if late else self.filters.early), *more]
        if self.nothing:
            return {"match_none": {}}
        if self.words is None:
            return {"bool": {"filter": filters}}
        headline = {"filter": {"term": {"kind": "headline"}}, "weight": HEADLINE_BOOST}
        matches = {"bool": {"must": [self.words], "filter": filters}}
        return {"function_score": {"query": matches, "functions": [headline], "boost_mode": "multiply"}}

    def matching(self, *more: Body) -> dict[str, Any]:
        """Ask for what a search finds, unscored: for counting, or among other paragraphs."""
        if self.nothing:
            return {"match_none": {}}
        words = [] if self.words is None else [self.words]
        return {"bool": {"filter": [*words, *self.filters.whole, *more]}}


def asked_of(view: View, request: SearchRequest, limits: Limits) -> Asked:
    """Work a request out for a commit; its words are counted there, its patterns expanded."""
    parsed = parse(request.q, limits)
    vocabulary = ClusterWords(view)
    meter = Meter(limits)
    planned = plan(parsed.tree, vocabulary, limits, meter)
    words = None
    if not isinstance(planned.tree, query.Every):
        words = lowered(planned.tree, vocabulary, meter)
    return Asked(
        request=request,
        parsed=parsed,
        words=words,
        nothing=words is None and not isinstance(planned.tree, query.Every),
        filters=filters_of(view, request),
        wanted=planned.wanted,
        notes=(*parsed.notes, *planned.notes, *meter.notes),
        vocabulary=vocabulary,
    )


def wanted_of(view: View, q: str, limits: Limits) -> Wanted:
    """What a query marks in a text."""
    return plan(parse(q, limits).tree, ClusterWords(view), limits).wanted


__all__ = ["Asked", "asked_of", "wanted_of", "words_of"]
