from datetime import date, timedelta

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from search.histograms import MAX_BUCKETS, mentioned_histogram, published_histogram
from search.request import DayRange
from search.snapshot import UNDATED, Columns

ANY = DayRange()


def numbers(values):
    return np.array(values, dtype=np.int32)


def columns(published=(), mentioned=()):
    """Of paragraphs that are articles of their own; `mentioned` has a list of intervals a paragraph."""
    offsets = np.cumsum([0, *map(len, mentioned)])
    ends = [(first.toordinal(), last.toordinal()) for spans in mentioned for first, last in spans]
    count = numbers(range(max(len(published), len(mentioned))))
    days = numbers([day.toordinal() if day else UNDATED for day in published])
    firsts, lasts = numbers([first for first, _ in ends]), numbers([last for _, last in ends])
    return Columns(count, count, count, count > -1, days, count, {}, (offsets, firsts, lasts), count)


def published(days, interval="auto", within=ANY):
    rows = numbers(range(len(days)))
    return published_histogram(columns(published=days), rows, rows, interval, within)


def mentioned(spans, interval="auto", within=ANY, units=None):
    rows = numbers(range(len(spans)))
    units = rows if units is None else numbers(units)
    return mentioned_histogram(columns(mentioned=spans), rows, units, interval, within)


def every_day(first, count, step=1):
    return [first + timedelta(n) for n in range(0, count, step)]


DECADE = every_day(date(2010, 1, 1), 3650)


@pytest.mark.parametrize(
    ("within", "expected"),
    [
        (ANY, "quarter"),
        (DayRange(date(2012, 1, 1), date(2016, 12, 31)), "quarter"),
        (DayRange(date(2016, 1, 1), date(2016, 12, 31)), "month"),
        (DayRange(date(2016, 1, 1), date(2016, 3, 31)), "week"),
        (DayRange(date(2016, 3, 1), date(2016, 3, 31)), "day"),
        (DayRange(date(2016, 3, 1), None), "quarter"),
        (DayRange(None, date(2010, 1, 31)), "quarter"),
        (DayRange(date(1950, 1, 1), date(1950, 1, 31)), "quarter"),
    ],
)
def test_days_asked_for_decide_on_the_interval_when_both_ends_are_known(within, expected):
    assert published(DECADE, within=within).interval == expected
    assert mentioned([[(day, day)] for day in DECADE], within=within).interval == expected


def test_days_asked_for_leave_the_others_counted():
    found = published(DECADE, within=DayRange(date(2016, 3, 1), date(2016, 3, 31)))
    assert [bucket.first for bucket in found.buckets] == DECADE


def test_a_long_mention_is_cut_to_the_days_asked_for():
    spans = [[(date(2000, 1, 1), date(2019, 12, 31))], [(date(2016, 3, 5), date(2016, 3, 5))]]
    found = mentioned(spans, within=DayRange(date(2016, 3, 1), date(2016, 3, 31)))
    assert found.interval == "day"


def test_a_named_interval_is_not_changed_by_the_days_asked_for():
    within = DayRange(date(2016, 3, 1), date(2016, 3, 31))
    assert published(DECADE, "year", within).interval == "year"


def test_what_counts_is_how_many_buckets_are_filled_not_how_far_apart_they_are():
    apart = [date(1800, 1, 1), date(1900, 1, 1), date(2000, 1, 1)]
    assert published(apart, "day").interval == "day"
    assert published(every_day(date(2000, 1, 1), MAX_BUCKETS), "day").interval == "day"
    more = published(every_day(date(2000, 1, 1), MAX_BUCKETS + 1), "day")
    assert (more.interval, len(more.buckets)) == ("week", 573)


def test_a_unit_counts_once_in_a_bucket_however_often_it_mentions_it():
    day, month = (date(2014, 3, 11),) * 2, (date(2014, 3, 1), date(2014, 3, 31))
    found = mentioned([[day, month, day], [day], [month]], "month", units=[0, 0, 1])
    assert [bucket.count for bucket in found.buckets] == [2]


def test_a_time_longer_than_the_bucket_is_told_apart():
    day, month = (date(2014, 3, 11),) * 2, (date(2014, 3, 1), date(2014, 3, 31))
    year = (date(2014, 1, 1), date(2014, 12, 31))
    by_month = mentioned([[day, day, year], [month], [year]], "month", units=[0, 1, 2])
    assert [(b.count, b.precise) for b in by_month.buckets][:4] == [(2, 0), (2, 0), (3, 2), (2, 0)]
    assert [(b.count, b.precise) for b in mentioned([[day], [month], [year]], "year").buckets] == [(3, 3)]
    assert [(b.count, b.precise) for b in published([date(2014, 3, 11)], "month").buckets] == [(1, 1)]


def test_a_century_counts_where_it_begins():
    found = mentioned([[(date(1900, 1, 1), date(1999, 12, 31))]], "day")
    assert [(bucket.first, bucket.count) for bucket in found.buckets] == [(date(1900, 1, 1), 1)]


@given(
    st.lists(st.lists(st.tuples(st.integers(1, 40), st.integers(0, 20)), max_size=3), min_size=1, max_size=8)
)
def test_counting_by_edges_is_counting_one_by_one(drawn):
    spans = [[(date.fromordinal(a), date.fromordinal(a + length)) for a, length in row] for row in drawn]
    units = [n // 2 for n in range(len(spans))]
    told = {
        (unit, day)
        for unit, row in zip(units, spans, strict=True)
        for first, last in row
        for day in range(first.toordinal(), last.toordinal() + 1)
    }
    found = mentioned(spans, "day", units=units)
    assert [(b.first.toordinal(), b.count) for b in found.buckets] == [
        (day, sum(other == day for _, other in told)) for day in sorted({day for _, day in told})
    ]


def test_no_days_have_no_buckets():
    assert (published([None]).buckets, published([None]).undated) == ((), 1)
    assert (mentioned([[], []]).buckets, mentioned([[], []], "week").interval) == ((), "week")
