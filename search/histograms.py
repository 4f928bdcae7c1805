"""On which days, months and years do the matches fall?

Counts are of paragraphs, or of articles or stories where the answer is grouped. All functions take
paragraph numbers and the columns of one snapshot.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from functools import lru_cache
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.columns import UNDATED, Columns
from search.facets import ends, expand
from search.nodes import Numbers
from search.request import DayRange
from search.results import Bucket, Histogram, Interval

MAX_BUCKETS = 4_000
"""Buckets of a histogram, ten years of days; an interval that fills more is made coarser."""


_LONGEST = 1_000  # buckets that one interval may fill

_MOST_DAYS = 200_000  # between the first and the last, for counting in an array of all of them
INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
# How many buckets of each length a histogram of a page's width shows well.
_AUTO_BUCKETS: dict[Interval, int] = {"day": 31, "week": 26, "month": 48, "quarter": 48}
_DAYS: dict[Interval, float] = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3}


def _ranks(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count from 0 within each of some runs: of the lengths 2 and 3 it is 0 1 0 1 2."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def published_histogram(
    columns: Columns, rows: Numbers, units: Numbers, interval: Interval | Literal["auto"], within: DayRange
) -> Histogram:
    """Count by day of publication.

    Args:
        columns: of all paragraphs.
        rows: those to count.
        units: what counts once: the row's own number, or its article's.
        interval: the finest; auto is what shows the days `within` well.
        within: the days asked for. All are counted; with both ends these decide on auto.
    """
    if not len(rows):
        return empty(interval)
    grouped = units is not rows
    first = np.unique(units, return_index=True)[1] if grouped else None

    def count() -> Days:
        return _days(columns.published[rows] if first is None else columns.published[rows[first]])

    days = count() if grouped else columns.remember(rows, "published", count)
    return of_days(days, interval, within)


def stories_histogram(
    columns: Columns, rows: Numbers, units: Numbers, interval: Interval | Literal["auto"], within: DayRange
) -> Histogram:
    """Count by day of publication what may have been published on several days: once in each bucket.

    The arguments are those of `published_histogram`.
    """
    if not len(rows):
        return empty(interval)
    days = columns.published[rows]
    dated = days != UNDATED
    spans = Spans(days[dated], days[dated], units[dated])
    return _histogram(spans, interval, within, len(np.unique(units[~dated])))


def empty(interval: Interval | Literal["auto"]) -> Histogram:
    """The histogram of nothing."""
    return Histogram("month" if interval == "auto" else interval, (), 0)


class Days(NamedTuple):
    """Different days, ascending, how often each occurs, and how many there are without a day."""

    days: Numbers
    counts: NDArray[np.int64]
    undated: int


def _days(days: Numbers) -> Days:
    low = int(days.min(initial=0))
    undated = 0
    if low == UNDATED:
        dated = days != UNDATED
        undated = len(days) - int(np.count_nonzero(dated))
        days = days[dated]
    if not len(days):
        return Days(np.zeros(0, np.int32), np.zeros(0, np.int64), undated)
    first = days.min()
    if int(days.max()) - int(first) > _MOST_DAYS:
        found, counts = np.unique(days, return_counts=True)
        return Days(found, counts, undated)
    by_day = np.bincount(days - first)
    at = np.flatnonzero(by_day)
    return Days(at.astype(np.int32) + first, by_day[at], undated)


def of_days(found: Days, wanted: Interval | Literal["auto"], within: DayRange) -> Histogram:
    """The histogram of counts by day."""
    finest = _auto_days(found, within) if wanted == "auto" else wanted
    for interval in INTERVALS[INTERVALS.index(finest) :]:
        numbers = bucket_numbers(found.days, interval)  # ascending, as the days are
        first = np.flatnonzero(np.diff(numbers, prepend=-1))
        if len(first) <= MAX_BUCKETS:
            break
    numbers = numbers[first]
    counts = np.add.reduceat(found.counts, first) if len(first) else first
    ends = ENDS[interval]
    buckets = tuple(
        Bucket(*ends(n), count, count) for n, count in zip(numbers.tolist(), counts.tolist(), strict=True)
    )
    return Histogram(interval, buckets, found.undated)


def _auto_days(found: Days, within: DayRange) -> Interval:
    low, high = ends(within)
    days, counts, _ = found
    inside = (days >= low) & (days <= high)
    if within.first and within.last and inside.any():
        days, counts = days[inside], counts[inside]
    if len(days) == 0:
        return "month"
    span = _quantile(days, counts, 0.98) - _quantile(days, counts, 0.02)
    return next((i for i, most in _AUTO_BUCKETS.items() if span / _DAYS[i] <= most), "year")


def _quantile(days: Numbers, counts: NDArray[np.int64], share: float) -> float:
    """A quantile of days of which each occurs so often, linear between neighbours (Hyndman & Fan 7)."""
    ends = np.cumsum(counts)
    place = (int(ends[-1]) - 1) * share
    below = int(place)
    low = float(days[np.searchsorted(ends, below, side="right")])
    if below + 1 >= int(ends[-1]):
        return low
    high = float(days[np.searchsorted(ends, below + 1, side="right")])
    return low + (high - low) * (place - below)


def mentioned_histogram(
    columns: Columns, rows: Numbers, units: Numbers, interval: Interval | Literal["auto"], within: DayRange
) -> Histogram:
    """Count by the days mentioned; an interval counts once in every bucket that it overlaps.

    The arguments are those of `published_histogram`.
    """
    if not len(rows):
        return empty(interval)
    if units is rows:
        return columns.remember(
            rows, f"mentioned {interval} {within}", lambda: _mentioned(columns, rows, None, interval, within)
        )
    return _mentioned(columns, rows, units, interval, within)


def _mentioned(
    columns: Columns,
    rows: Numbers,
    units: Numbers | None,
    interval: Interval | Literal["auto"],
    within: DayRange,
) -> Histogram:
    offsets, firsts, lasts = columns.mentioned
    lengths, at = expand(offsets, rows)
    if units is None:
        units, undated = rows, len(rows) - int(np.count_nonzero(lengths))
    else:
        undated = len(np.unique(units)) - len(np.unique(units[lengths > 0]))
    return _histogram(Spans(firsts[at], lasts[at], np.repeat(units, lengths)), interval, within, undated)


class Spans(NamedTuple):
    """Closed intervals of days, or of bucket numbers, and what each counts for."""

    first: NDArray[np.integer]
    last: NDArray[np.integer]
    units: Numbers


def _histogram(spans: Spans, wanted: Interval | Literal["auto"], within: DayRange, undated: int) -> Histogram:
    finest = auto_interval(spans, within) if wanted == "auto" else wanted
    for interval in INTERVALS[INTERVALS.index(finest) :]:
        starts, lengths, counts = stretches(in_buckets(spans, interval))
        if lengths.sum() <= MAX_BUCKETS:
            break
    numbers = np.repeat(starts, lengths) + _ranks(lengths)
    ends, precise = ENDS[interval], _precise(spans, interval)
    buckets = zip(numbers.tolist(), np.repeat(counts, lengths).tolist(), strict=True)
    made = tuple([Bucket(*ends(n), count, precise.get(n, 0)) for n, count in buckets])
    return Histogram(interval, made, undated)


def _precise(spans: Spans, interval: Interval) -> dict[int, int]:
    """By bucket, how many units name a time that lies within it."""
    low, high = bucket_numbers(spans.first, interval), bucket_numbers(spans.last, interval)
    within = low == high
    if not within.any():
        return {}
    buckets, lowest = low[within], int(low.min())
    room = int(high.max()) - lowest + 1
    pairs = np.unique(spans.units[within].astype(np.int64) * room + (buckets - lowest))
    found, counts = np.unique(pairs % room, return_counts=True)
    return dict(zip((found + lowest).tolist(), counts.tolist(), strict=True))


def auto_interval(spans: Spans, within: DayRange) -> Interval:
    """The interval that shows some times well."""
    first, last, _ = spans
    low, high = ends(within)
    inside = (first <= high) & (last >= low)
    if within.first and within.last and inside.any():
        first, last = np.maximum(first[inside], low), np.minimum(last[inside], high)
    if len(first) == 0:
        return "month"
    # The bulk decides: one mention of the Middle Ages must not turn all into years.
    span = np.quantile(last, 0.98) - np.quantile(first, 0.02)
    return next((i for i, most in _AUTO_BUCKETS.items() if span / _DAYS[i] <= most), "year")


def in_buckets(spans: Spans, interval: Interval) -> Spans:
    """Numbers of the buckets that times fill, instead of their days."""
    low, high = bucket_numbers(spans.first, interval), bucket_numbers(spans.last, interval)
    # A century in a histogram of days says nothing of a day: it counts where it begins.
    return Spans(low, np.where(high - low >= _LONGEST, low, high), spans.units)


def stretches(spans: Spans) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
    """Count the units in each bucket without listing the buckets of each interval.

    A year in a histogram of days fills 365 buckets, and thousands of paragraphs may name it.

    Returns:
        Of each stretch of neighbouring buckets with one count above 0: its first
        number, its length, and the count.
    """
    first, last = _disjoint(spans)
    edges, place = np.unique(np.concatenate([first, last + 1]), return_inverse=True)
    opened = np.bincount(place[: len(first)], minlength=len(edges))
    closed = np.bincount(place[len(first) :], minlength=len(edges))
    counts = np.cumsum(opened - closed)[:-1]
    filled = counts > 0
    return edges[:-1][filled], np.diff(edges)[filled], counts[filled]


def _disjoint(spans: Spans) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Join intervals of one unit that overlap, so that it counts once in a bucket."""
    if len(spans.first) == 0:
        return np.zeros(0, np.int64), np.zeros(0, np.int64)
    lowest = spans.first.min()
    room = spans.last.max() - lowest + 1
    shift = spans.units.astype(np.int64) * room - lowest  # each unit has a stretch of numbers of its own
    order = np.argsort(spans.first + shift, kind="stable")
    first, last = (spans.first + shift)[order], (spans.last + shift)[order]
    reach = np.maximum.accumulate(last)
    opens = np.flatnonzero(np.concatenate([[True], first[1:] > reach[:-1]]))
    closes = np.concatenate([opens[1:], [len(first)]]) - 1
    back = shift[order][opens]
    return first[opens] - back, reach[closes] - back


def bucket_numbers(days: NDArray[np.integer], interval: Interval) -> NDArray[np.int64]:
    """Number of the bucket that each of some days lies in."""
    ordinals = days.astype(np.int64)
    if interval == "day":
        return ordinals
    if interval == "week":
        return (ordinals - 1) // 7  # ordinal 1 was a Monday
    months = (ordinals - _EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months // {"month": 1, "quarter": 3, "year": 12}[interval]


_EPOCH = date(1970, 1, 1).toordinal()


@lru_cache(maxsize=20_000)
def _months(number: int, length: int) -> tuple[date, date]:
    first, final = number * length, number * length + length - 1
    year, month = divmod(final, 12)
    return date(first // 12, first % 12 + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])


@lru_cache(maxsize=20_000)
def _week(number: int) -> tuple[date, date]:
    first = date.fromordinal(number * 7 + 1)
    return first, min(first + timedelta(days=6), date.max) if first < date(9999, 12, 25) else date.max


ENDS: dict[Interval, Callable[[int], tuple[date, date]]] = {
    "day": lambda n: (date.fromordinal(n), date.fromordinal(n)),
    "week": _week,
    "month": lambda n: _months(n, 1),
    "quarter": lambda n: _months(n, 3),
    "year": lambda n: _months(n, 12),
}
