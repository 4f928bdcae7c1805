"""How often does each name and each day occur among the matches?

Counts are of paragraphs, or of articles where the answer is grouped. All functions take
paragraph numbers and the columns of one snapshot.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date, timedelta
from typing import Literal, NamedTuple

import numpy as np
from numpy.typing import NDArray

from search.execute import Numbers
from search.request import DayRange, EntityFilter
from search.results import Bucket, Facet, FacetValue, Histogram, Interval
from search.snapshot import UNDATED, Columns, Values

Mask = NDArray[np.bool_]

MAX_BUCKETS = 4_000
"""Buckets of a histogram, ten years of days; an interval that fills more is made coarser."""

_LONGEST = 1_000  # buckets that one interval may fill

_INTERVALS: tuple[Interval, ...] = ("day", "week", "month", "quarter", "year")
# How many buckets of each length a histogram of a page's width shows well.
_AUTO_BUCKETS: dict[Interval, int] = {"day": 31, "week": 26, "month": 48, "quarter": 48}
_DAYS: dict[Interval, float] = {"day": 1, "week": 7, "month": 30.4, "quarter": 91.3}


def expand(offsets: NDArray[np.int64], rows: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of all values of some rows of compressed sparse rows.

    Returns:
        Two arrays of one length: for each value the index into `rows` it belongs to,
        and its place in the values.
    """
    starts = offsets[rows]
    lengths = offsets[rows + 1] - starts
    owner = np.repeat(np.arange(len(rows)), lengths)
    return owner, np.repeat(starts, lengths) + _ranks(lengths)


def _ranks(lengths: NDArray[np.int64]) -> NDArray[np.int64]:
    """Count from 0 within each of some runs: of the lengths 2 and 3 it is 0 1 0 1 2."""
    return np.arange(lengths.sum()) - np.repeat(np.cumsum(lengths) - lengths, lengths)


def entity_mask(values: Values, rows: Numbers, wanted: EntityFilter) -> Mask:
    """Which rows pass a filter on names."""
    keep = np.ones(len(rows), dtype=np.bool_)
    owner, places = expand(values.offsets, rows)
    numbers = values.numbers[places]
    named = [_naming(values, owner, numbers, len(rows), i) for i in wanted.chosen]
    if named:
        together = np.logical_and if wanted.all else np.logical_or
        keep &= np.asarray(together.reduce(named), dtype=np.bool_)
    for entity in wanted.excluded:
        keep &= ~_naming(values, owner, numbers, len(rows), entity)
    return keep


def _naming(values: Values, owner: NDArray[np.int64], numbers: Numbers, rows: int, entity: str) -> Mask:
    mask = np.zeros(rows, dtype=np.bool_)
    number = values.number_of.get(entity)
    if number is not None:
        mask[owner[numbers == number]] = True
    return mask


def published_mask(columns: Columns, rows: Numbers, within: DayRange, undated: str | None) -> Mask:
    """Which rows were published on the wanted days.

    Undated articles pass unless days are wanted; `undated` include, exclude and only
    overrule that.
    """
    days = columns.published[rows]
    dated = days != UNDATED
    if undated == "only":
        return np.asarray(~dated)
    first, last = _ends(within)
    keep = dated & (days >= first) & (days <= last)
    if undated == "include" or (undated is None and not within):
        keep |= ~dated
    return np.asarray(keep)


def mentioned_mask(columns: Columns, rows: Numbers, within: DayRange) -> Mask:
    """Which rows mention a day, or an interval that holds one, of the wanted ones."""
    if not within:
        return np.ones(len(rows), dtype=np.bool_)
    offsets, firsts, lasts = columns.mentioned
    owner, places = expand(offsets, rows)
    first, last = _ends(within)
    keep = np.zeros(len(rows), dtype=np.bool_)
    keep[owner[(firsts[places] <= last) & (lasts[places] >= first)]] = True
    return keep


def _ends(within: DayRange) -> tuple[int, int]:
    first = within.first.toordinal() if within.first else date.min.toordinal()
    last = within.last.toordinal() if within.last else date.max.toordinal()
    return first, last


def names_facet(values: Values, rows: Numbers, units: Numbers, wanted: EntityFilter, limit: int) -> Facet:
    """Count the names of some rows.

    Args:
        values: the names of all paragraphs.
        rows: those to count.
        units: what counts once: the row's own number, or its article's.
        wanted: chosen and excluded names, listed whatever their count.
        limit: names listed beside these.
    """
    owner, places = expand(values.offsets, rows)
    numbers = values.numbers[places].astype(np.int64)
    if units is not rows:  # a row names a name once, an article may name it in many rows
        pairs = np.unique(units[owner].astype(np.int64) * max(1, len(values.ids)) + numbers)
        numbers = pairs % max(1, len(values.ids))
    counts = np.bincount(numbers, minlength=len(values.ids))
    listed = _most_frequent(values, counts, limit)
    always = [values.number_of[i] for i in (*wanted.chosen, *wanted.excluded) if i in values.number_of]
    listed += [n for n in dict.fromkeys(always) if n not in listed]
    chosen, excluded = set(wanted.chosen), set(wanted.excluded)
    made = tuple(
        FacetValue(
            values.ids[n], values.names[n], int(counts[n]), values.ids[n] in chosen, values.ids[n] in excluded
        )
        for n in listed
    )
    other = int(counts.sum()) - sum(v.count for v in made)
    return Facet(made, other, int(np.count_nonzero(counts)))


def _most_frequent(values: Values, counts: NDArray[np.int64], limit: int) -> list[int]:
    found = np.flatnonzero(counts)
    if len(found) > limit:
        least = np.partition(counts[found], -limit)[-limit]
        found = found[counts[found] >= least]
    return sorted((int(n) for n in found), key=lambda n: (-counts[n], values.names[n], values.ids[n]))[:limit]


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
    days = columns.published[rows]
    dated = days != UNDATED
    undated = len(np.unique(units[~dated]))
    return _histogram(Spans(days[dated], days[dated], units[dated]), interval, within, undated)


def mentioned_histogram(
    columns: Columns, rows: Numbers, units: Numbers, interval: Interval | Literal["auto"], within: DayRange
) -> Histogram:
    """Count by the days mentioned; an interval counts once in every bucket that it overlaps.

    The arguments are those of `published_histogram`.
    """
    offsets, firsts, lasts = columns.mentioned
    owner, places = expand(offsets, rows)
    undated = len(np.unique(units)) - len(np.unique(units[owner]))
    return _histogram(Spans(firsts[places], lasts[places], units[owner]), interval, within, undated)


class Spans(NamedTuple):
    """Closed intervals of days, or of bucket numbers, and what each counts for."""

    first: NDArray[np.integer]
    last: NDArray[np.integer]
    units: Numbers


def _histogram(spans: Spans, wanted: Interval | Literal["auto"], within: DayRange, undated: int) -> Histogram:
    finest = _auto_interval(spans, within) if wanted == "auto" else wanted
    for interval in _INTERVALS[_INTERVALS.index(finest) :]:
        starts, lengths, counts = _stretches(_in_buckets(spans, interval))
        if lengths.sum() <= MAX_BUCKETS:
            break
    numbers = np.repeat(starts, lengths) + _ranks(lengths)
    ends = _ENDS[interval]
    buckets = zip(numbers.tolist(), np.repeat(counts, lengths).tolist(), strict=True)
    return Histogram(interval, tuple(Bucket(*ends(n), count) for n, count in buckets), undated)


def _auto_interval(spans: Spans, within: DayRange) -> Interval:
    first, last, _ = spans
    low, high = _ends(within)
    inside = (first <= high) & (last >= low)
    if within.first and within.last and inside.any():
        first, last = np.maximum(first[inside], low), np.minimum(last[inside], high)
    if len(first) == 0:
        return "month"
    # The bulk decides: one mention of the Middle Ages must not turn all into years.
    span = np.quantile(last, 0.98) - np.quantile(first, 0.02)
    return next((i for i, most in _AUTO_BUCKETS.items() if span / _DAYS[i] <= most), "year")


def _in_buckets(spans: Spans, interval: Interval) -> Spans:
    low, high = _bucket_numbers(spans.first, interval), _bucket_numbers(spans.last, interval)
    # A century in a histogram of days says nothing of a day: it counts where it begins.
    return Spans(low, np.where(high - low >= _LONGEST, low, high), spans.units)


def _stretches(spans: Spans) -> tuple[NDArray[np.int64], NDArray[np.int64], NDArray[np.int64]]:
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


def _bucket_numbers(days: NDArray[np.integer], interval: Interval) -> NDArray[np.int64]:
    ordinals = days.astype(np.int64)
    if interval == "day":
        return ordinals
    if interval == "week":
        return (ordinals - 1) // 7  # ordinal 1 was a Monday
    months = (ordinals - _EPOCH).astype("datetime64[D]").astype("datetime64[M]").astype(np.int64) + 1970 * 12
    return months // {"month": 1, "quarter": 3, "year": 12}[interval]


_EPOCH = date(1970, 1, 1).toordinal()


def _months(number: int, length: int) -> tuple[date, date]:
    first, final = number * length, number * length + length - 1
    year, month = divmod(final, 12)
    return date(first // 12, first % 12 + 1, 1), date(year, month + 1, monthrange(year, month + 1)[1])


def _week(number: int) -> tuple[date, date]:
    first = date.fromordinal(number * 7 + 1)
    return first, min(first + timedelta(days=6), date.max) if first < date(9999, 12, 25) else date.max


_ENDS: dict[Interval, Callable[[int], tuple[date, date]]] = {
    "day": lambda n: (date.fromordinal(n), date.fromordinal(n)),
    "week": _week,
    "month": lambda n: _months(n, 1),
    "quarter": lambda n: _months(n, 3),
    "year": lambda n: _months(n, 12),
}
