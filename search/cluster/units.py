"""What counts once: a paragraph, its article, or its story? As aggregations, and what they tell.

An article and its paragraphs lie on one shard and are joined, so that articles are counted exactly,
however many there are. Stories go across shards: of the articles that are copies, the distinct
stories are counted; all others are stories of their own.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Literal

from index.cluster.client import Body

Unit = Literal["none", "article", "story"]
"""As `SearchRequest.group` has it."""

EXACT = 40_000
"""Distinct values up to which the cluster counts nearly exactly (`precision_threshold`); its highest."""

MOST_STORIES = 10_000
"""Stories of copied articles that are told of one bucket."""

ARTICLES: Body = {"articles": {"parent": {"type": "paragraph"}}}

_COPIED: Body = {"term": {"copied": True}}
_STORIES: Body = {"terms": {"field": "story", "size": MOST_STORIES}}


def filtered(filters: Sequence[Body], aggs: Mapping[str, Any]) -> Body:
    """Aggregations of what passes some filters."""
    query: Body = {"bool": {"filter": list(filters)}} if filters else {"match_all": {}}
    return {"filter": query, "aggs": aggs}


def totals() -> dict[str, Any]:
    """Count articles and stories of many paragraphs."""
    stories = {"cardinality": {"field": "story", "precision_threshold": EXACT}}
    return {**ARTICLES, "copied": {"filter": _COPIED, "aggs": {**ARTICLES, "stories": stories}}}


def read_totals(told: Mapping[str, Any]) -> tuple[int, int]:
    """Articles and stories."""
    articles, copied = int(told["articles"]["doc_count"]), told["copied"]
    return articles, articles - int(copied["articles"]["doc_count"]) + int(copied["stories"]["value"])


def counting(unit: Unit) -> dict[str, Any]:
    """Count the units of each bucket, beneath an aggregation; nothing for paragraphs."""
    if unit == "none":
        return {}
    if unit == "article":
        return dict(ARTICLES)
    return {**ARTICLES, "copied": {"filter": _COPIED, "aggs": {**ARTICLES, "stories": _STORIES}}}


def of_articles(unit: Unit) -> dict[str, Any]:
    """Count the units of each bucket of articles, beneath an aggregation; nothing for articles themselves."""
    if unit != "story":
        return {}
    return {"copied": {"filter": _COPIED, "aggs": {"stories": _STORIES}}}


def units_of_articles(unit: Unit, buckets: Iterable[Mapping[str, Any]]) -> int:
    """The units of several buckets of articles that share none, counted once each."""
    own = 0
    copied: set[str] = set()
    for bucket in buckets:
        own += int(bucket["doc_count"])
        if unit == "story":
            own -= int(bucket["copied"]["doc_count"])
            copied.update(one["key"] for one in bucket["copied"]["stories"]["buckets"])
    return own + len(copied)


def units(unit: Unit, buckets: Iterable[Mapping[str, Any]]) -> int:
    """The units of one bucket, or of several that share no article, counted once each."""
    if unit == "none":
        return sum(int(bucket["doc_count"]) for bucket in buckets)
    if unit == "article":
        return sum(int(bucket["articles"]["doc_count"]) for bucket in buckets)
    own = 0
    copied: set[str] = set()
    for bucket in buckets:
        told = bucket["copied"]
        own += int(bucket["articles"]["doc_count"]) - int(told["articles"]["doc_count"])
        copied.update(one["key"] for one in told["stories"]["buckets"])
    return own + len(copied)
