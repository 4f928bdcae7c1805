"""How is an interval of days written, and how is it said?"""

from __future__ import annotations

import re
from datetime import date, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)

_PARTS = {
    "Q1": "the first quarter of",
    "Q2": "the second quarter of",
    "Q3": "the third quarter of",
    "Q4": "the fourth quarter of",
    "H1": "the first half of",
    "H2": "the second half of",
    "SP": "the spring of",
    "SU": "the summer of",
    "FA": "the autumn of",
    "WI": "the winter of",
}
_WEEK = re.compile(r"W\d\d(?:-WE)?", re.ASCII)
_MONTH = re.compile(r"(?:0[1-9]|1[0-2])(?:-\d\d)?", re.ASCII)


def stamps(first: date, last: date) -> tuple[str, str]:
    """Write a closed interval as shortly as ISO 8601 can: in years, else months, else days."""
    width = 10
    if first.day == 1 and (last + timedelta(days=1) if last < date.max else date(1, 1, 1)).day == 1:
        width = 4 if (first.month, last.month) == (1, 12) else 7
    return first.isoformat()[:width], last.isoformat()[:width]


def stamp_words(stamp: str) -> str:
    """Read an ISO year, month or day out: `2014-03` is March 2014."""
    year, *rest = stamp.split("-")
    words = [year.lstrip("0"), *(MONTHS[int(month) - 1] for month in rest[:1])]
    return " ".join([*(str(int(day)) for day in rest[1:]), *reversed(words)])


def day_words(first: date | None, last: date | None) -> str:
    """Say an interval; an end that is None is open."""
    if first is None or last is None:
        return f"since {_day(first)}" if first else f"until {_day(last)}" if last else "any day"
    start, end = (stamp_words(stamp) for stamp in stamps(first, last))
    return start if start == end else f"{start} to {end}"


def timex_words(value: str) -> str:
    """Read a TIMEX3 value out: `2014-Q3` is the third quarter of 2014; one that is no day stays as it is."""
    if value.startswith("BC"):
        return f"{value[2:].lstrip('0')} BC" if value[2:].isdecimal() else value
    year, _, rest = value.partition("T")[0].partition("-")
    if not year.isdecimal() or len(year) > 4:
        return value
    if len(year) < 4:
        return f"the {year}0s" if len(year) == 3 else f"the century of {year}00"
    if rest in _PARTS:
        return f"{_PARTS[rest]} {int(year)}"
    if _WEEK.fullmatch(rest):
        return f"{'the weekend of ' if rest.endswith('-WE') else ''}week {int(rest[1:3])} of {int(year)}"
    return stamp_words(f"{year}-{rest}" if rest else year) if _MONTH.fullmatch(rest or "01") else value


def _day(day: date | None) -> str:
    return stamp_words(day.isoformat()) if day else ""
