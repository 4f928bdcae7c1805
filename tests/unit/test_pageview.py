from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import pageview
from api.pageview import Address
from index.model import DateMention, EntityMention
from search.request import DayRange, EntityFilter, SearchRequest
from search.results import Bucket, Facet, FacetValue, Histogram, Page, QueryEcho


def year(number: int, count: int = 1) -> Bucket:
    return Bucket(date(number, 1, 1), date(number, 12, 31), count)


def test_marked_text_is_escaped_piece_by_piece():
    text = '<b>"Crimea"</b> & Putin'
    assert pageview.marked(text, [(4, 10)]) == "&lt;b&gt;&#34;<mark>Crimea</mark>&#34;&lt;/b&gt; &amp; Putin"


def test_marks_count_characters_not_bytes():
    assert pageview.marked("𝒦𝒶 Kerry", [(3, 8)]) == "𝒦𝒶 <mark>Kerry</mark>"


@given(st.text(), st.lists(st.integers(0, 30), max_size=8))
def test_marking_loses_nothing(text, edges):
    cut = sorted({min(edge, len(text)) for edge in edges})
    marks = [(a, b) for a, b in zip(cut[::2], cut[1::2], strict=False) if a < b]
    told = pageview.marked(text, marks)
    assert told.replace("<mark>", "").replace("</mark>", "").unescape() == text
    assert told.count("<mark>") == len(marks)


def test_a_mark_across_an_annotation_is_taken_apart():
    name = EntityMention(4, 14, "John Kerry", "person", "john-kerry", "John <Kerry>")
    assert pageview.annotated("the John Kerry way", [(0, 8), (9, 18)], [name]) == (
        '<mark>the </mark><span class="note name" title="John &lt;Kerry&gt; (person)">'
        "<mark>John</mark> <mark>Kerry</mark></span><mark> way</mark>"
    )


def test_of_overlapping_annotations_the_first_and_longer_stays():
    day = DateMention(0, 10, "April 2014", "2014-04", date(2014, 4, 1), date(2014, 4, 30))
    name = EntityMention(0, 5, "April", "person", "april", "April")
    assert pageview.annotated("April 2014", (), [name, day]) == (
        '<time class="note" datetime="2014-04" title="April 2014">April 2014</time>'
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (
            date(2013, 9, 1),
            date(2013, 11, 30),
            '<span class="note" title="September 2013 to November 2013">x</span>',
        ),
        (None, None, '<span class="note" title="not tied to a day">x</span>'),
        (date(14, 1, 1), date(14, 12, 31), '<time class="note" datetime="0014" title="14">x</time>'),
    ],
)
def test_what_a_time_element_cannot_say_is_a_span(first, last, expected):
    assert pageview.annotated("x", (), [DateMention(0, 1, "x", None, first, last)]) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2014, 1, 1), date(2014, 12, 31), ("2014", "2014")),
        (date(2014, 1, 1), date(2014, 3, 31), ("2014-01", "2014-03")),
        (date(2016, 2, 1), date(2016, 2, 29), ("2016-02", "2016-02")),
        (date(2014, 3, 11), date(2014, 3, 11), ("2014-03-11", "2014-03-11")),
        (date(2014, 3, 1), date(2014, 3, 30), ("2014-03-01", "2014-03-30")),
        (date(9999, 1, 1), date.max, ("9999", "9999")),
    ],
)
def test_an_interval_is_written_as_shortly_as_it_can_be(first, last, expected):
    assert pageview.stamps(first, last) == expected


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (date(2014, 3, 11), date(2014, 3, 11), "11 March 2014"),
        (date(2014, 3, 1), date(2014, 3, 31), "March 2014"),
        (date(2013, 9, 1), date(2013, 11, 30), "September 2013 to November 2013"),
        (date(2014, 3, 1), None, "since 1 March 2014"),
        (None, date(2014, 3, 1), "until 1 March 2014"),
        (None, None, "any day"),
    ],
)
def test_days_in_words(first, last, expected):
    assert pageview.day_words(first, last) == expected


def test_an_address_keeps_what_it_knows_in_one_order():
    here = Address.of("/", [("sort", "newest"), ("utm", "x"), ("q", "a&b"), ("person", ""), ("person", "p")])
    assert str(here) == "/?q=a%26b&person=p&sort=newest"


def test_a_step_starts_at_the_first_result():
    here = Address.of("/", [("q", "a"), ("cursor", "c")])
    assert str(here.choosing("person", "p")) == "/?q=a&person=p"
    assert str(here.having("cursor", "d")) == "/?q=a&cursor=d"


def test_choosing_ends_excluding_and_the_other_way_round():
    here = Address.of("/", [("person", "a"), ("not_person", "b")])
    assert str(here.choosing("person", "b")) == "/?person=a&person=b"
    assert str(here.excluding("person", "a")) == "/?not_person=b&not_person=a"


def test_days_of_publication_rule_out_the_undated():
    here = Address.of("/", [("undated", "only"), ("q", "a")])
    there = here.within("published", date(2014, 3, 1), date(2014, 3, 31))
    assert str(there) == "/?q=a&published_from=2014-03&published_to=2014-03"


def test_half_a_surrogate_pair_does_not_break_an_address():
    assert str(Address.of("/", [("q", "\ud800")])) == "/?q=%3F"


@pytest.mark.parametrize(
    "url",
    ["javascript:alert(1)", "data:text/html,x", "//host/x", "http:x", "http://[", "JAVASCRIPT:x", "", None],
)
def test_only_web_addresses_become_links(url):
    assert pageview.web_address(url) is None


def test_a_web_address_is_linked():
    assert pageview.web_address("https://example.org/a?b=c") == "https://example.org/a?b=c"


def test_bars_stand_where_their_interval_does():
    drawn = pageview.chart(
        "published", Histogram("year", (year(2010, 4), year(2012, 2)), 3), SearchRequest(), Address("/")
    )
    step = 100 / pageview.FEWEST_SLOTS
    assert [bar.x for bar in drawn.bars] == pytest.approx([0, 2 * step])
    assert [(bar.y, bar.height) for bar in drawn.bars] == [(0, 64), (32, 32)]
    assert drawn.bars[0].href == "/?published_from=2010&published_to=2010"
    assert (drawn.undated, drawn.undated_href) == (3, "/?undated=only")
    assert drawn.everything is None


def test_bars_outside_the_chosen_days_are_told_apart():
    asked = SearchRequest(published=DayRange(date(2012, 1, 1), date(2012, 12, 31)))
    here = Address.of("/", [("published_from", "2012"), ("published_to", "2012")])
    drawn = pageview.chart("published", Histogram("year", (year(2010), year(2012)), 0), asked, here)
    assert [bar.inside for bar in drawn.bars] == [False, True]
    assert drawn.everything == "/"


def test_days_that_can_be_told_apart_fill_the_picture():
    asked = SearchRequest(mentioned=DayRange(date(2011, 1, 1), None))
    drawn = pageview.chart(
        "mentioned", Histogram("year", (year(2010), year(2011), year(2012)), 0), asked, Address("/")
    )
    assert [bar.label for bar in drawn.bars] == ["2011", "2012"]


def test_one_mention_of_the_middle_ages_does_not_press_the_others_into_a_corner():
    found = Histogram("year", (year(1066), *(year(n, 5) for n in range(1990, 2020)), year(2525)), 0)
    drawn = pageview.chart("mentioned", found, SearchRequest(), Address("/"))
    assert [bar.label for bar in drawn.bars] == [str(n) for n in range(1990, 2020)]
    assert [(o.label, o.href) for o in drawn.beyond] == [
        ("Earlier days", "/?mentioned_from=1066&mentioned_to=1066"),
        ("Later days", "/?mentioned_from=2525&mentioned_to=2525"),
    ]


@pytest.mark.parametrize("interval", ["year", "quarter", "month", "week", "day"])
@given(days=st.lists(st.dates(), min_size=1, max_size=30, unique=True))
def test_any_days_can_be_drawn(interval, days):
    buckets = tuple(Bucket(day, day, 1) for day in sorted(days))
    drawn = pageview.chart("mentioned", Histogram(interval, buckets, 0), SearchRequest(), Address("/"))
    assert drawn.bars
    assert all(0 <= bar.x < 100 for bar in drawn.bars)
    assert len(drawn.ticks) <= pageview.MOST_TICKS


def test_no_days_draw_nothing():
    drawn = pageview.chart("published", Histogram("month", (), 0), SearchRequest(), Address("/"))
    assert (drawn.bars, drawn.ticks) == ((), ())


@pytest.mark.parametrize(
    ("first", "last", "given", "expected"),
    [
        (date(2016, 1, 1), date(2016, 12, 31), "year", "month"),
        (date(2016, 3, 1), date(2016, 3, 31), "month", "day"),
        (date(2016, 3, 1), date(2016, 3, 31), "day", None),
        (date(1990, 1, 1), date(2020, 1, 1), "year", None),
        (None, date(2020, 1, 1), "year", None),
    ],
)
def test_chosen_days_ask_for_a_finer_interval(first, last, given, expected):
    assert pageview.finer_interval(DayRange(first, last), given) == expected


def test_chips_name_everything_that_narrows():
    asked = SearchRequest(
        entities={"person": EntityFilter(("kerry",), excluded=("putin",))},
        mentioned=DayRange(date(2014, 3, 1), date(2014, 3, 31)),
        undated="exclude",
    )
    pairs = [("person", "kerry"), ("not_person", "putin"), ("mentioned_from", "2014-03")]
    here = Address.of("/", [*pairs, ("mentioned_to", "2014-03"), ("undated", "exclude")])
    chips = pageview.chips(asked, here, {"kerry": "John Kerry"})
    assert [chip.label for chip in chips] == [
        *("John Kerry", "not putin", "mentioned March 2014", "without undated"),
    ]
    assert "person=kerry" not in chips[0].href.replace("not_person", "")
    assert str(here.without(*pageview.FILTERS)) == "/"


def test_a_facet_offers_more_and_joins_two_names():
    values = (FacetValue("a", "A", 2, selected=True), FacetValue("b", "B", 1))
    page = Page(QueryEcho("", ""), 1, 1, 1.0, (), {"person": Facet(values, 9, 30)})
    asked = SearchRequest(entities={"person": EntityFilter(("a", "c"))})
    here = Address.of("/", [("person", "a"), ("person", "c")])
    (panel,) = pageview.facet_panels(asked, page, here)
    assert (panel.hidden, panel.more) == (28, "/?person=a&person=c&facet_limit=30")
    assert panel.rows[0].choose == "/?person=c"
    assert [(mode.label, mode.on) for mode in panel.modes] == [("any of them", True), ("all of them", False)]
    assert panel.modes[1].href == "/?person=a&person=c&person_mode=all"
