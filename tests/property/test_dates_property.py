"""Whatever the text: spans lie inside it and apart, values are well formed, time grows with its length."""

from __future__ import annotations

import re
import time
from datetime import date, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import explicit_years, find_dates, find_publication
from index.dates.values import interval
from index.model import Metadata


def is_timex3(value: str) -> bool:
    """TIMEX3's grammar, read part by part: dates, weeks and seasons, times, lengths, references."""
    if value in ("PAST_REF", "PRESENT_REF", "FUTURE_REF"):
        return True
    if value.startswith("P"):
        return _is_length(value[1:])
    day, mark, time_of_day = value.partition("T")
    return (_is_date(day) or (not day and bool(mark))) and (not mark or _is_time(time_of_day))


def _is_length(words: str) -> bool:
    calendar, mark, clock = words.partition("T")
    parts = re.findall(r"(\d+(?:\.\d+)?|X)([A-Z])", calendar if not mark else clock)
    units = "".join(unit for _, unit in parts)
    written = "".join(number + unit for number, unit in parts)
    if mark:
        return not calendar and written == clock and units in ("H", "M", "S", "HM", "MS")
    return written == calendar and units in ("Y", "M", "W", "D", "Q", "YM")


def _is_time(words: str) -> bool:
    if words in ("MO", "MI", "AF", "EV", "NI", "DT"):
        return True
    hour, _, minute = words.partition(":")
    return len(words) == 5 and 0 <= int(hour) <= 24 and 0 <= int(minute) <= 59


def _is_date(words: str) -> bool:
    before_christ, words = words.startswith("BC"), words.removeprefix("BC")
    year, *rest = words.split("-")
    if year.isdigit() and len(year) in (2, 3):
        return not rest
    if len(year) != 4 or not (year.isdigit() or year == "XXXX"):
        return False
    return not rest or _is_part_of_year(year if year.isdigit() and not before_christ else "", rest)


def _is_part_of_year(year: str, rest: list[str]) -> bool:
    first, *more = rest
    if first in ("SP", "SU", "FA", "WI", "H1", "H2", "Q1", "Q2", "Q3", "Q4"):
        return not more
    if first[0] == "W":
        return (first[1:] == "XX" or 1 <= int(first[1:]) <= 53) and (
            not more or more[0] in (*"1234567", "WE")
        )
    if first == "XX":
        return more == ["XX"]
    if not more:
        return 1 <= int(first) <= 12
    return len(first) == len(more[0]) == 2 and date(int(year or 2000), int(first), int(more[0])).day > 0


WORDS = st.sampled_from(
    "the a of in on and to from between late early mid next last this that past few several every"
    " two three twenty hundred thousand first third 3 11 30 31 45 98 1939 2014 2100 9999 0000 1990s"
    " 3/4/2012 2014-03-11 17:30 5pm p.m. March May may march Sunday Tuesday Sept. weekend week weeks"
    " year years century quarter half morning night noon yesterday tomorrow ago earlier later before"
    " after from half other quarters hour hours 2.5 o'clock FY13 H1 Q3 every each will said A.D."
    " B.C. 17:30 GMT on at soon present BC AD EST Christmas Passover now recently future fiscal spring fall"
    " , . - – ( ) / ' ’s “ ” $ %".split()
)
PHRASES = st.lists(WORDS, max_size=30).map(" ".join) | st.lists(WORDS, max_size=30).map("".join)
TEXTS = st.lists(PHRASES | st.text(max_size=80), max_size=4)
DAYS = st.none() | st.dates()


@settings(max_examples=300, deadline=None)
@given(paragraphs=TEXTS, published=DAYS)
def test_mentions_are_sound(paragraphs: list[str], published: date | None) -> None:
    found = find_dates(paragraphs, published)
    assert len(found) == len(paragraphs)
    for text, mentions in zip(paragraphs, found, strict=True):
        reached = 0
        for mention in mentions:
            assert reached <= mention.start < mention.end <= len(text)
            assert mention.text == text[mention.start : mention.end]
            reached = mention.end
            assert mention.timex is None or is_timex3(mention.timex), mention
            assert (mention.first is None) == (mention.last is None)
            if mention.first and mention.last:
                assert mention.timex
                assert mention.first <= mention.last
                own = interval(mention.timex)
                assert own
                assert own[0] == mention.first
                assert own[1] <= mention.last


@settings(max_examples=200, deadline=None)
@given(
    phrase=st.sampled_from(
        "Tuesday|last Friday|next Monday|on Sunday night|yesterday|tomorrow|tonight|three days ago|last night"
        "|this morning|5 p.m. Thursday|the day before yesterday|a week from Monday".split("|")
    ),
    published=st.dates(date(1600, 1, 1), date(2400, 1, 1)),
    weeks=st.integers(1, 500),
)
def test_days_counted_from_publication_move_with_it(phrase: str, published: date, weeks: int) -> None:
    text = f"They met, she said, {phrase}."
    (early,) = find_dates([text], published)[0]
    (late,) = find_dates([text], published + timedelta(weeks=weeks))[0]
    assert early.first
    assert late.first
    assert late.first - early.first == timedelta(weeks=weeks)
    assert find_dates([text], None)[0][0].first is None


@settings(max_examples=150, deadline=None)
@given(
    stamp=st.none() | PHRASES | st.text(max_size=30),
    dateline=st.none() | PHRASES,
    paragraphs=TEXTS,
    years=st.sets(st.integers(1000, 2100), max_size=3),
)
def test_a_publication_is_whole_or_none(
    stamp: str | None, dateline: str | None, paragraphs: list[str], years: set[int]
) -> None:
    found = find_publication(Metadata(published=stamp), dateline, paragraphs, years)
    assert (found.day is None) == (found.by is None)
    assert found.day is None or found.evidence
    assert (found.stamp is not None) == (found.by == "metadata")


@settings(max_examples=100, deadline=None)
@given(text=PHRASES | st.text(max_size=200))
def test_years_named_are_years(text: str) -> None:
    assert all(1000 <= year <= 2100 for year in explicit_years(text))


@pytest.mark.parametrize(
    "unit",
    [
        "1",
        "1 ",
        ".",
        "1.",
        "1,",
        "1,111,",
        "A",
        "A ",
        "(",
        "a ",
        "the ",
        "March ",
        "two ",
        "a few ",
        "-",
        "’",
        "1939-",
        "1939-45,",
        "March 3-",
        "will ",
        "ed ",
        "from ",
        "half a ",
        "two to three ",
        "a week from ",
        "every other ",
        "Monday ",
        "Passover ",
        "A. ",
        "“1984” ",
        "17:30 ",
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    find_dates([text], date(2014, 3, 11))
    find_publication(Metadata(), None, [text], {2014})
    assert time.process_time() - began < 4
