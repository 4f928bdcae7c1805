"""The words, their classes, and the days that have names."""

from __future__ import annotations

import re
from datetime import date

import pytest

from index.dates.grammar import PATTERNS
from index.dates.holidays import RULES, easter, passover
from index.dates.lexicon import CLASSES, LEXICON
from index.dates.tokens import tokenize
from index.dates.values import WELL_FORMED, interval

PUNCTUATION = set("-,.()/")


def test_every_word_has_a_class_that_is_explained() -> None:
    assert {cls for cls, _ in LEXICON.values()} <= set(CLASSES) | PUNCTUATION


@pytest.mark.parametrize("name", sorted(PATTERNS))
def test_no_rule_matches_nothing_or_repeats_without_bound(name: str) -> None:
    pattern = PATTERNS[name]
    assert pattern.match("") is None
    assert not re.search(r"(?<!\\)[*+](?!\?P)", re.sub(r"\[[^]]*\]", "", pattern.pattern))


@pytest.mark.parametrize(
    ("text", "classes"),
    [
        ("may May MAY", "_mm"),
        ("sun Sun", "_w"),
        ("B52 $1984 1984kg 50% #12", "_x_x" + "x_" + "x_" + "_x"),
        ("10.0.12.31 1,984 3.5", "xzx"),
        ("5:30 p.m.", "j"),
        ("1970s ’98 20th", "Kyo"),
    ],
)
def test_tokens_have_classes(text: str, classes: str) -> None:
    assert re.sub("_+", "_", tokenize(text).classes) == re.sub("_+", "_", classes)


@pytest.mark.parametrize(
    ("year", "month", "day"), [(1999, 4, 4), (2000, 4, 23), (2008, 3, 23), (2014, 4, 20), (2024, 3, 31)]
)
def test_easter(year: int, month: int, day: int) -> None:
    assert easter(year) == date(year, month, day)


@pytest.mark.parametrize("name", sorted(RULES))
def test_a_named_day_is_in_its_year(name: str) -> None:
    assert all(RULES[name](year).year == year for year in range(1990, 2040))


@pytest.mark.parametrize(
    "timex", ["2014-02-30", "2014-13", "0000", "P3D", "PAST_REF", "BC0480", "2014-W54", ""]
)
def test_what_covers_no_days_has_no_interval(timex: str) -> None:
    assert interval(timex) is None


@pytest.mark.parametrize(
    "timex", ["2014", "2014-W11-WE", "PXD", "P2Y6M", "XXXX-WXX-2TNI", "BC0480-SP", "201"]
)
def test_values_are_well_formed(timex: str) -> None:
    assert WELL_FORMED.match(timex)


@pytest.mark.parametrize(
    ("year", "month", "day"),
    [(1948, 4, 24), (1973, 4, 17), (2000, 4, 20), (2014, 4, 15), (2016, 4, 23), (2024, 4, 23), (2025, 4, 13)],
)
def test_passover(year: int, month: int, day: int) -> None:
    assert passover(year) == date(year, month, day)
