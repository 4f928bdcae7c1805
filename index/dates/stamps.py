"""Dates that stand alone: what metadata, a dateline or a "Published:" line gives as the day."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date, datetime
from email.utils import parsedate_to_datetime

from index.dates import values
from index.dates.grammar import parse
from index.dates.reading import Reading
from index.dates.tokens import tokenize

_ISO = re.compile(r"(\d{4})-?(\d\d)-?(\d\d)(?=$|[T\s])")
_NUMERIC = re.compile(r"(\d{1,2})[/.-](\d{1,2})[/.-](\d{4})")
_MONTH_NAME = re.compile(r"[A-Za-z]{3}")
_FULL = frozenset(("month_day", "day_month", "month_first", "weekday_bracket"))
# A field that is longer is no date, and reading it would cost.
_LONGEST = 200


def day_of_stamp(stamp: str) -> date | None:
    """Read a day from a metadata field.

    Args:
        stamp: ISO 8601 (`2014-03-11T23:30:00-05:00`), RFC 2822 (`Tue, 11 Mar 2014 ...`), or as
            people write it ("March 11, 2014 5:04 PM ET").

    Returns:
        The day as written, that is, in the stamp's own zone; None where it says no whole day.
    """
    stamp = stamp.strip()
    if not stamp or len(stamp) > _LONGEST:
        return None
    iso = _ISO.match(stamp)
    if iso:
        return values.make_date(*(int(part) for part in iso.groups()))
    return _by_rfc(stamp) or next((day for day, _ in full_dates(stamp)), None)


def numeric_choices(stamp: str) -> tuple[date, ...]:
    """The days that a numeric date may mean: both of "03/04/2014", one of "25/04/2014", else none."""
    match = _NUMERIC.fullmatch(stamp.strip())
    if not match:
        return ()
    first, second, year = (int(part) for part in match.groups())
    found = (values.make_date(year, second, first), values.make_date(year, first, second))
    return tuple(dict.fromkeys(day for day in found if day))


def _by_rfc(stamp: str) -> date | None:
    if not _MONTH_NAME.search(stamp):
        return None
    try:
        found: datetime = parsedate_to_datetime(stamp)
    except (TypeError, ValueError, IndexError, OverflowError):
        return None
    return found.date() if found.year > 1000 else None


def full_dates(text: str) -> Iterable[tuple[date, Reading]]:
    """Yield every day of the text that names its own year, with its reading."""
    for name, reading in readings(text):
        day = _full_date(name, reading)
        if day:
            yield day, reading


def readings(text: str) -> Iterable[tuple[str, Reading]]:
    """Yield what the grammar finds in a text, unresolved."""
    tokens = tokenize(text)
    return ((name, Reading(tokens, match)) for name, match in parse(tokens.classes))


def _full_date(name: str, reading: Reading) -> date | None:
    if name == "iso":
        stamp = reading.letter("stamp")
        return values.make_date(int(stamp[:4]), int(stamp[5:7]), int(stamp[8:10]))
    if name == "numeric":
        return _unambiguous(reading.letter("stamp"))
    if name in _FULL and reading.classes("year") == "Y":
        return values.make_date(reading.number("year"), reading.number("month"), reading.number("day"))
    return None


def _unambiguous(stamp: str) -> date | None:
    first, second, year = (int(part) for part in re.split(r"\D", stamp))
    if year < 1000:
        return None
    if "." in stamp or first > 12:
        return values.make_date(year, second, first)
    if second > 12 or first == second:
        return values.make_date(year, first, second)
    return None
