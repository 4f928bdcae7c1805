from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import charts
from api.addresses import Address
from search.request import DayRange, SearchRequest
from search.results import Bucket, Histogram


def year(number: int, count: int = 1) -> Bucket:
    return Bucket(date(number, 1, 1), date(number, 12, 31), count, count)


def test_bars_stand_where_their_interval_does():
    drawn = charts.chart(
        "published", Histogram("year", (year(2010, 4), year(2012, 2)), 3), SearchRequest(), Address("/")
    )
    step = 100 / charts.FEWEST_SLOTS
    assert [bar.x for bar in drawn.bars] == pytest.approx([0, 2 * step])
    assert [(bar.y, bar.height) for bar in drawn.bars] == [(0, 64), (32, 32)]
    assert drawn.bars[0].href == "/?published_from=2010&published_to=2010"
    assert (drawn.undated, drawn.undated_href) == (3, "/?undated=only")
    assert drawn.everything is None
    assert drawn.words == "2010 to 2012"


def test_what_names_a_longer_time_is_drawn_above_what_lies_within():
    mixed = Bucket(date(2010, 1, 1), date(2010, 1, 31), 4, 1)
    drawn = charts.chart("mentioned", Histogram("month", (mixed,), 0), SearchRequest(), Address("/"))
    assert [(bar.height, bar.firm) for bar in drawn.bars] == [(64, 16)]


def test_bars_outside_the_chosen_days_are_told_apart():
    asked = SearchRequest(published=DayRange(date(2012, 1, 1), date(2012, 12, 31)))
    here = Address.of("/", [("published_from", "2012"), ("published_to", "2012")])
    drawn = charts.chart("published", Histogram("year", (year(2010), year(2012)), 0), asked, here)
    assert [bar.inside for bar in drawn.bars] == [False, True]
    assert drawn.everything == "/"


def test_days_that_can_be_told_apart_fill_the_picture():
    asked = SearchRequest(mentioned=DayRange(date(2011, 1, 1), None))
    drawn = charts.chart(
        "mentioned", Histogram("year", (year(2010), year(2011), year(2012)), 0), asked, Address("/")
    )
    assert [bar.label for bar in drawn.bars] == ["2011", "2012"]


def test_a_chosen_day_that_stands_alone_is_shown_among_its_neighbours():
    chosen = DayRange(date(1066, 1, 1), date(1066, 12, 31))
    found = Histogram("year", (year(1066), *(year(n, 5) for n in range(1990, 2020))), 0)
    drawn = charts.chart("mentioned", found, SearchRequest(mentioned=chosen), Address("/"))
    assert [(bar.label, bar.inside) for bar in drawn.bars] == [("1066", True)]


def test_one_mention_of_the_middle_ages_does_not_press_the_others_into_a_corner():
    found = Histogram("year", (year(1066), *(year(n, 5) for n in range(1990, 2020)), year(2525)), 0)
    drawn = charts.chart("mentioned", found, SearchRequest(), Address("/"))
    assert [bar.label for bar in drawn.bars] == [str(n) for n in range(1990, 2020)]
    assert [(o.label, o.href) for o in drawn.beyond] == [
        ("Earlier days", "/?mentioned_from=1066&mentioned_to=1066"),
        ("Later days", "/?mentioned_from=2525&mentioned_to=2525"),
    ]


@pytest.mark.parametrize("interval", ["year", "quarter", "month", "week", "day"])
@given(days=st.lists(st.dates(), min_size=1, max_size=30, unique=True))
def test_any_days_can_be_drawn(interval, days):
    buckets = tuple(Bucket(day, day, 1, 1) for day in sorted(days))
    drawn = charts.chart("mentioned", Histogram(interval, buckets, 0), SearchRequest(), Address("/"))
    assert drawn.bars
    assert all(0 <= bar.x < 100 for bar in drawn.bars)
    assert len(drawn.ticks) <= charts.MOST_TICKS


def test_no_days_draw_nothing():
    drawn = charts.chart("published", Histogram("month", (), 0), SearchRequest(), Address("/"))
    assert (drawn.bars, drawn.ticks) == ((), ())


@pytest.mark.parametrize(
    ("first", "last", "label", "start", "end"),
    [
        (date(2014, 3, 1), date(2014, 3, 31), "All of 2014", "2014", "2014"),
        (date(2014, 1, 1), date(2014, 12, 31), "2010 to 2019", "2010", "2019"),
        (date(2014, 5, 1), date(2015, 4, 30), "2010 to 2019", "2010", "2019"),
        (date(1990, 1, 1), date(2015, 4, 30), None, None, None),
        (date(1910, 1, 1), date(1919, 12, 31), "1900 to 1999", "1900", "1999"),
        (date(1, 1, 1), date(9, 12, 31), "1 to 99", "0001", "0099"),
        (date(9999, 1, 1), date(9999, 12, 31), "9990 to 9999", "9990", "9999"),
        (date(2014, 3, 1), None, None, None, None),
    ],
)
def test_chosen_days_lead_a_step_out(first, last, label, start, end):
    asked = SearchRequest(published=DayRange(first, last))
    drawn = charts.chart("published", Histogram("year", (year(2014),), 0), asked, Address("/"))
    assert (drawn.wider and drawn.wider.label) == label
    if label:
        assert drawn.wider.href == f"/?published_from={start}&published_to={end}"
