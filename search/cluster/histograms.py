"""On which days, months and years do the matches fall? Asked of a cluster, put together as our columns are.

Days of publication are told one by one. For the times that texts speak of, the cluster tells which there
are and how often; these decide on the interval. It may be known only then, so that the answer in the
interval that is likely is asked for at the same time.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

from index.cluster.client import Body
from index.cluster.mapping import bucket_field, precise_field
from search.cluster.units import ARTICLES, Unit, counting, of_articles, units, units_of_articles
from search.histograms import (
    ENDS,
    INTERVALS,
    MAX_BUCKETS,
    Days,
    Spans,
    auto_interval,
    bucket_numbers,
    empty,
    in_buckets,
    of_days,
    stretches,
)
from search.request import DayRange
from search.results import Bucket, Histogram, Interval

_MOST_SPANS = 10_000  # different times that are told of; of more, those most frequent decide on the interval

Wanted = Interval | Literal["auto"]


# --- days of publication


def published_aggs(unit: Unit) -> dict[str, Any]:
    """Aggregations beneath the histogram's own filter."""
    days = {"histogram": {"field": "published", "interval": 1, "min_doc_count": 1}}
    made = by_published(days, unit)
    return made if unit != "story" else {"days": days, **made}


def by_published(buckets: Body, unit: Unit) -> dict[str, Any]:
    """Aggregations that count in buckets of days of publication, and what has none.

    An article has the day of its paragraphs: these are joined to articles once, and not in each bucket.
    """
    undated = {"missing": {"field": "published"}}
    if unit == "none":
        return {"days": buckets, "undated": undated}
    counted = of_articles(unit)
    more = {"aggs": counted} if counted else {}
    return {
        "articles": {
            **ARTICLES["articles"],
            "aggs": {"days": {**buckets, **more}, "undated": {**undated, **more}},
        }
    }


def in_buckets_of(told: Mapping[str, Any], unit: Unit) -> tuple[Sequence[Mapping[str, Any]], int]:
    """Read the answer to `by_published`: its buckets, and how many units are without a day."""
    found = told if unit == "none" else told["articles"]
    return found["days"]["buckets"], units_of_articles(unit, [found["undated"]])


def read_published(told: Mapping[str, Any], unit: Unit, interval: Wanted, within: DayRange) -> Histogram:
    """Read the answer to `published_aggs`; see `search.histograms.published_histogram`."""
    if not told["doc_count"]:
        return empty(interval)
    buckets, undated = in_buckets_of(told, unit)
    days = np.array([int(b["key"]) for b in buckets], dtype=np.int32)
    if unit != "story":
        counts = np.array([int(b["doc_count"]) for b in buckets], dtype=np.int64)
        return of_days(Days(days, counts, undated), interval, within)
    # A story may have been published on several days: it counts once in each bucket.
    rows: Sequence[Mapping[str, Any]] = told["days"]["buckets"]
    each = np.repeat([int(b["key"]) for b in rows], [int(b["doc_count"]) for b in rows])
    finest = auto_interval(Spans(each, each, each), within) if interval == "auto" else interval
    chosen, numbers = finest, bucket_numbers(days, finest)
    for chosen in INTERVALS[INTERVALS.index(finest) :]:
        numbers = bucket_numbers(days, chosen)
        if len(np.unique(numbers)) <= MAX_BUCKETS:
            break
    together: dict[int, list[Mapping[str, Any]]] = {}
    for number, bucket in zip(numbers.tolist(), buckets, strict=True):
        together.setdefault(number, []).append(bucket)
    counted = ((n, units_of_articles(unit, some)) for n, some in together.items())
    return Histogram(chosen, tuple(Bucket(*ENDS[chosen](n), c, c) for n, c in counted), undated)


# --- times that texts speak of


@dataclass(frozen=True, slots=True)
class Likely:
    """What the next answer is likely to look like, out of the ones before.

    Attributes:
        interval: that was chosen last.
        first: earliest day spoken of.
        last: latest one.
    """

    interval: Interval
    first: int
    last: int

    def bounds(self, interval: Interval) -> dict[str, int] | None:
        """First and last number of its buckets, where they are not too many to ask for unseen."""
        first, last = bucket_numbers(np.array([self.first, self.last]), interval).tolist()
        return {"min": first, "max": last} if last - first < MAX_BUCKETS else None

    def covers(self, first: int, last: int) -> bool:
        """Whether all days of a time are among those seen."""
        return self.first <= first and last <= self.last


@dataclass(frozen=True, slots=True)
class MentionedAsked:
    """The histogram of times spoken of.

    Attributes:
        unit: what counts once.
        interval: the finest.
        within: the days asked for.
    """

    unit: Unit
    interval: Wanted
    within: DayRange

    def aggs(self, likely: Likely | None) -> dict[str, Any]:
        """Aggregations beneath the histogram's own filter: which times there are, and what is likely."""
        spans = {"terms": {"field": "spans", "size": _MOST_SPANS, "shard_size": 2 * _MOST_SPANS}}
        dated = {"filter": {"exists": {"field": "spans"}}, "aggs": counting(self.unit)}
        made: dict[str, Any] = {"spans": spans, "dated": dated, **counting(self.unit)}
        if likely is not None:
            interval = likely.interval if self.interval == "auto" else self.interval
            bounds = likely.bounds(interval)
            made |= self.counted(interval, bounds) if bounds else {}
        return made

    def counted(self, interval: Interval, bounds: Mapping[str, int] | None = None) -> dict[str, Any]:
        """Aggregations that count in one interval."""
        counted = counting(self.unit)
        more = {"aggs": counted} if counted else {}
        hard: dict[str, Any] = {"hard_bounds": bounds} if bounds else {}

        def histogram(field: str) -> dict[str, Any]:
            return {"histogram": {"field": field, "interval": 1, "min_doc_count": 1, **hard}, **more}

        return {"filled": histogram(bucket_field(interval)), "precise": histogram(precise_field(interval))}


@dataclass(frozen=True, slots=True)
class Spoken:
    """Which times the matches speak of.

    Attributes:
        spans: each as often as a paragraph speaks of it.
        undated: units that speak of none.
        nothing: whether there are no matches.
    """

    spans: Spans
    undated: int
    nothing: bool

    def choose(self, wanted: Wanted, within: DayRange) -> Interval:
        """The interval of the histogram, coarse enough to be shown."""
        finest = auto_interval(self.spans, within) if wanted == "auto" else wanted
        for interval in INTERVALS[INTERVALS.index(finest) :]:
            _, lengths, _ = stretches(in_buckets(self.spans, interval))
            if lengths.sum() <= MAX_BUCKETS:
                break
        return interval

    def likely(self, chosen: Interval, before: Likely | None) -> Likely | None:
        """What to expect of the next answer."""
        if not len(self.spans.first):
            return before
        first, last = int(self.spans.first.min()), int(self.spans.last.max())
        if before is not None:
            first, last = min(first, before.first), max(last, before.last)
        return Likely(chosen, first, last)

    def expected(self, likely: Likely | None) -> bool:
        """Whether all times are among those that were seen before."""
        if likely is None or not len(self.spans.first):
            return likely is not None
        return likely.covers(int(self.spans.first.min()), int(self.spans.last.max()))


def read_spoken(told: Mapping[str, Any], asked: MentionedAsked) -> Spoken:
    """Read the first part of the answer to `MentionedAsked.aggs`."""
    found = [(*map(int, b["key"].split("-")), int(b["doc_count"])) for b in told["spans"]["buckets"]]
    first, last, counts = np.array(found, dtype=np.int64).reshape(-1, 3).T
    each = np.repeat(np.arange(len(counts)), counts)
    spans = Spans(first[each], last[each], np.zeros(len(each), np.int32))
    undated = units(asked.unit, [told]) - units(asked.unit, [told["dated"]])
    return Spoken(spans, undated, not told["doc_count"])


def read_mentioned(
    told: Mapping[str, Any], spoken: Spoken, chosen: Interval, asked: MentionedAsked
) -> Histogram:
    """Read the part of the answer that counts in an interval; see `search.histograms.mentioned_histogram`."""
    precise = {int(b["key"]): units(asked.unit, [b]) for b in told["precise"]["buckets"]}
    ends = ENDS[chosen]
    filled = ((int(b["key"]), units(asked.unit, [b])) for b in told["filled"]["buckets"])
    made = tuple(Bucket(*ends(n), count, precise.get(n, 0)) for n, count in filled)
    return Histogram(chosen, made, spoken.undated)


__all__ = [
    "Likely", "MentionedAsked", "Spoken", "by_published", "in_buckets_of", "published_aggs",
    "read_mentioned", "read_published", "read_spoken",
]  # fmt: skip
