"""Which paragraphs of an index on a cluster speak of the same?"""

from __future__ import annotations

import time
from typing import Any

from index.cluster.client import Body
from search.cluster.lowering import lowered
from search.cluster.reading import SHOWN, paragraphs, record_of, records_of, stories_of
from search.cluster.units import read_totals, totals
from search.cluster.view import View
from search.cluster.words import ClusterWords
from search.execute import HEADLINE_BOOST
from search.limits import Limits, Meter
from search.results import Hit, Page, QueryEcho
from search.similar import SHARE, key_terms, similar_tree
from search.spotting import Wanted
from search.views import hit_of

_BOOSTED: Body = {
    "functions": [{"filter": {"term": {"kind": "headline"}}, "weight": HEADLINE_BOOST}],
    "boost_mode": "multiply",
}
_BEST_FIRST = [
    {"_score": {"order": "desc"}},
    {"published": {"order": "desc", "missing": "_last"}},
    {"article_key": {"order": "asc"}},
    {"ordinal": {"order": "asc"}},
]


def similar_page(view: View, paragraph_id: str, limit: int) -> Page:
    """Paragraphs that share a paragraph's key words, the likest first, itself left out.

    Raises:
        NotFoundError: there is no such paragraph.
    """
    started = time.perf_counter()
    record = record_of(view, paragraph_id)
    words = ClusterWords(view)
    terms = key_terms(words, record.paragraph.text)
    echo = QueryEcho("", " OR ".join(w for w, _ in terms))
    asked = lowered(similar_tree(terms), words, Meter(Limits()))
    if asked is None:
        return Page(echo, 0, 0, (time.perf_counter() - started) * 1e3, ())
    near = _near(view, paragraph_id, asked)
    body = {**SHOWN, "query": near, "sort": _BEST_FIRST, "size": limit, "track_total_hits": True}
    found = view.search({**body, "aggs": totals()})
    articles, stories = read_totals(found["aggregations"])
    hits = _hits(view, found["hits"]["hits"], Wanted(stems={w for w, _ in terms}), near)
    took = (time.perf_counter() - started) * 1e3
    return Page(echo, int(found["hits"]["total"]["value"]), articles, took, hits, stories=stories)


def _near(view: View, paragraph_id: str, asked: Body) -> Body:
    """The others that score a share of the best score there is, which mostly is the paragraph's own."""
    matching = {"must": [asked], "filter": [paragraphs()]}
    query = {"function_score": {"query": {"bool": matching}, **_BOOSTED}}
    best = view.search({"size": 1, "query": query, "_source": False})["hits"]["max_score"]
    others = {**matching, "must_not": [{"term": {"id": paragraph_id}}]}
    least = SHARE * (best or 0.0)
    return {"function_score": {"query": {"bool": others}, **_BOOSTED, "min_score": least}}


def _hits(view: View, hits: list[dict[str, Any]], wanted: Wanted, near: Body) -> tuple[Hit, ...]:
    records = list(records_of(view, hits))
    stories = stories_of(view, [record.article["id"] for record in records], near) if records else {}
    return tuple(
        hit_of(record, round(hit["_score"], 4), wanted, stories.get(record.article["id"]))
        for hit, record in zip(hits, records, strict=True)
    )
