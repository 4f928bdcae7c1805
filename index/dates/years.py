"""The years a text names outright: what lets an article without a year be dated by its neighbours."""

from __future__ import annotations

import re
from datetime import date

from index.dates import values
from index.dates.grammar import parse
from index.dates.guards import is_no_date
from index.dates.reading import Reading
from index.dates.tokens import tokenize

FIRST, LAST = 1000, 2100
_FIGURES = re.compile(r"\d{4}")


def explicit_years(text: str) -> frozenset[int]:
    """Find the years that a text names, alone or in a date.

    Args:
        text: anything, a whole document included; read once.

    Returns:
        Years 1000 to 2100; prices, counts, scores, labels and book titles are none of them.
    """
    if not _FIGURES.search(text):
        return frozenset()
    tokens = tokenize(text)
    found: set[int] = set()
    for name, match in parse(tokens.classes):
        reading = Reading(tokens, match)
        if not is_no_date(name, reading):
            found.update(_years(name, reading))
    return frozenset(year for year in found if FIRST <= year <= LAST)


def _years(name: str, reading: Reading) -> list[int]:
    if name in ("iso", "numeric"):
        figures = _FIGURES.search(reading.letter("stamp"))
        return [int(figures.group())] if figures else []
    return [reading.number(group) for group in ("year", "after") if reading.classes(group) == "Y"]


def possible_years(weekday: int, number: int, day: int, around: range) -> tuple[int, ...]:
    """The years in which a day of a month falls on a weekday.

    Args:
        weekday: Monday is 1.
        number: month, 1 to 12.
        day: of the month.
        around: the years to look at.
    """
    days = ((year, values.make_date(year, number, day)) for year in around if year > 0)
    return tuple(year for year, found in days if isinstance(found, date) and found.isoweekday() == weekday)
