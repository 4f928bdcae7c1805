"""Days of publication of an archive so long that a cluster does not count each day in one answer.

A cluster tells of so many buckets in an answer and of no more (`search.max_buckets`, 65,535 unless it is
set): by day, of 179 years where paragraphs or articles are counted, and of fewer where stories are, since
these take buckets of their own, and where names and times spoken of are counted as well.
https://docs.opensearch.org/latest/install-and-configure/configuring-opensearch/search-settings/

So paragraphs are counted first, by day or else by month, which decides on the interval; then what counts
once is counted in the buckets that are shown.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any

import numpy as np

from index.errors import ClusterBucketsError
from search.cluster.histograms import Wanted, by_published, in_buckets_of, published_aggs
from search.cluster.units import Unit, units_of_articles
from search.histograms import ENDS, INTERVALS, Days, bucket_numbers, of_days
from search.request import DayRange
from search.results import Bucket, Histogram, Interval

_MOST_RANGES = 20_000  # that are asked for at once, of paragraphs: months of 1,600 years
_COARSE: tuple[Interval, ...] = ("month", "quarter", "year")

Ask = Callable[[Mapping[str, Any]], Mapping[str, Any]]
"""Puts aggregations beneath the histogram's own filter; returns what the cluster tells of them."""


def long_histogram(ask: Ask, unit: Unit, interval: Wanted, within: DayRange) -> Histogram:
    """Count by day of publication, in several questions; see `search.histograms.published_histogram`.

    Raises:
        ClusterBucketsError: even that is too much.
    """
    try:
        found, finest = _by_day(ask), interval
    except ClusterBucketsError:
        found, finest = _by_month(ask, interval, within)
    shown = of_days(found, finest, within)
    if unit == "none":
        return shown
    told = ask(_in_ranges(((b.first, b.last) for b in shown.buckets), unit))
    counted, undated = in_buckets_of(told, unit)
    counts = [units_of_articles(unit, [bucket]) for bucket in counted]
    buckets = tuple(Bucket(b.first, b.last, n, n) for b, n in zip(shown.buckets, counts, strict=True))
    return Histogram(shown.interval, buckets, undated)


def _by_day(ask: Ask) -> Days:
    told = ask(published_aggs("none"))
    return _days(((int(b["key"]), int(b["doc_count"])) for b in told["days"]["buckets"]), told)


def _by_month(ask: Ask, interval: Wanted, within: DayRange) -> tuple[Days, Wanted]:
    """Months, or longer ones, by their first day; and the finest interval that there can be."""
    ends = ask({"first": {"min": {"field": "published"}}, "last": {"max": {"field": "published"}}})
    days = np.array([ends["first"]["value"], ends["last"]["value"]], dtype=np.int64)
    for grain in _COARSE:
        low, high = bucket_numbers(days, grain).tolist()
        if high - low < _MOST_RANGES:
            break
    told = ask(_in_ranges(map(ENDS[grain], range(low, high + 1)), "none"))
    filled = (b for b in told["days"]["buckets"] if b["doc_count"])
    found = _days(((int(b["from"]), int(b["doc_count"])) for b in filled), told)
    wanted = of_days(found, interval, within).interval if interval == "auto" else interval
    return found, max(wanted, grain, key=INTERVALS.index)


def _in_ranges(ranges: Iterable[tuple[date, date]], unit: Unit) -> dict[str, Any]:
    """Aggregations that count between days, the last one of each included, and without a day."""
    asked = [{"from": first.toordinal(), "to": last.toordinal() + 1} for first, last in ranges]
    return by_published({"range": {"field": "published", "ranges": asked}}, unit)


def _days(counted: Iterable[tuple[int, int]], told: Mapping[str, Any]) -> Days:
    days, counts = np.array(list(counted), dtype=np.int64).reshape(-1, 2).T
    return Days(days.astype(np.int32), counts, int(told["undated"]["doc_count"]))


__all__ = ["Ask", "long_histogram"]
