"""Whatever the text: spans lie inside it and apart, values are well formed, time grows with its length."""

from __future__ import annotations

import re
import time
from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.dates import explicit_years, find_dates, find_publication
from index.model import Metadata

TIMEX3 = re.compile(
    r"(BC)?(\d{4}|XXXX)(-(\d\d|XX)(-(\d\d|XX))?|-W(\d\d|XX)(-(WE|[1-7]))?|-Q[1-4X]|-H[12X]|-(SP|SU|FA|WI))?"
    r"(T(\d\d:\d\d|MO|MI|AF|EV|NI|DT))?"
    r"|(BC)?\d{2,3}|T\d\d:\d\d"
    r"|P(\d+|X)[YMWDQ](\d+M)?|PT(\d+|X)[HMS](\d+[MS])?"
    r"|(PRESENT|PAST|FUTURE)_REF"
)
WORDS = st.sampled_from(
    "the a of in on and to from between late early mid next last this that past few several every"
    " two three twenty hundred thousand first third 3 11 30 31 45 98 1939 2014 2100 9999 0000 1990s"
    " 3/4/2012 2014-03-11 17:30 5pm p.m. March May may march Sunday Tuesday Sept. weekend week weeks"
    " year years century quarter half morning night noon yesterday tomorrow ago earlier later before"
    " after BC AD EST Christmas now recently future fiscal spring fall , . - – ( ) / ' ’s “ ” $ %".split()
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
            assert mention.timex is None or TIMEX3.fullmatch(mention.timex), mention
            assert (mention.first is None) == (mention.last is None)
            if mention.first and mention.last:
                assert mention.timex
                assert mention.first <= mention.last


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
    ],
)
def test_hostile_text_takes_linear_time(unit: str) -> None:
    text = unit * (200_000 // len(unit))
    began = time.process_time()
    find_dates([text], date(2014, 3, 11))
    find_publication(Metadata(), None, [text], {2014})
    assert time.process_time() - began < 4
