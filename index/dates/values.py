"""TIMEX3 values and the days they cover: arithmetic on the calendar, and nothing about language.

The values are those of TimeML's TIMEX3: ISO 8601 with seasons, weekends and parts of day.
"""

from __future__ import annotations

import re
from datetime import MAXYEAR, date, timedelta

Interval = tuple[date, date]

SEASONS = {"SP": 3, "SU": 6, "FA": 9, "WI": 12}
UNIT_DAYS = {"D": 1, "W": 7}
UNIT_MONTHS = {"M": 1, "Q": 3, "Y": 12, "E": 120, "C": 1200}

_CALENDAR = re.compile(
    r"(?P<y>\d{4})"
    r"(?:-(?P<m>\d\d)(?:-(?P<d>\d\d))?|-W(?P<w>\d\d)(?P<we>-WE)?|-Q(?P<q>[1-4])|-H(?P<h>[12])"
    r"|-(?P<s>SP|SU|FA|WI))?(?:T.*)?\Z"
)
WELL_FORMED = re.compile(
    r"(?:(?:BC)?(?:\d{4}|XXXX)(?:-(?:\d\d|XX)(?:-(?:\d\d|XX))?|-W(?:\d\d|XX)(?:-(?:WE|[1-7]))?"
    r"|-Q[1-4X]|-H[12X]|-(?:SP|SU|FA|WI))?(?:T(?:\d\d(?::\d\d(?::\d\d)?)?|MO|MI|AF|EV|NI|DT))?"
    r"|(?:BC)?\d{2,3}"
    r"|T\d\d:\d\d"
    r"|P(?:X|\d+(?:\.\d+)?)(?:Y|M|W|D|Q|E|C)(?:\d+M)?"
    r"|PT(?:X|\d+(?:\.\d+)?)(?:H|M|S)(?:\d+M|\d+S)?"
    r"|(?:PRESENT|PAST|FUTURE)_REF)\Z"
)


def day(when: date) -> str:
    """`2014-03-11`."""
    return f"{when.year:04d}-{when.month:02d}-{when.day:02d}"


def month(year: int, number: int) -> str:
    """`2014-03`, for month 1 to 12."""
    return f"{year:04d}-{number:02d}"


def week(when: date) -> str:
    """ISO week of a day: `2014-W11`."""
    year, number, _ = when.isocalendar()
    return f"{year:04d}-W{number:02d}"


def quarter_of(when: date) -> int:
    """Quarter of the calendar year, 1 to 4."""
    return (when.month - 1) // 3 + 1


def make_date(year: int, number: int, day_number: int) -> date | None:
    """The day, or None where the calendar has no such day (30 February, year 0)."""
    try:
        return date(year, number, day_number)
    except (ValueError, OverflowError):
        return None


def add_days(when: date, days: int) -> date | None:
    """`days` later, or None outside the years 1 to 9999."""
    try:
        return when + timedelta(days=days)
    except OverflowError:
        return None


def add_months(when: date, months: int) -> date | None:
    """`months` later, on the last day of a shorter month; None outside the years 1 to 9999."""
    index = when.year * 12 + when.month - 1 + months
    year, number = divmod(index, 12)
    if not 1 <= year <= MAXYEAR:
        return None
    return date(year, number + 1, min(when.day, _month_length(year, number + 1)))


def _month_length(year: int, number: int) -> int:
    if number == 12:
        return 31
    return (date(year, number + 1, 1) - date(year, number, 1)).days


def at_unit(when: date, unit: str) -> str | None:
    """Name the unit of the calendar that holds a day.

    Args:
        when: the day.
        unit: TIMEX3 letter: Y, M, W, D, Q, E (decade), C (century).

    Returns:
        `2014`, `2014-03`, `2014-W11`, `2014-03-11`, `2014-Q1`, `201`, `20`; None for clock units.
    """
    year = f"{when.year:04d}"
    named = {
        "Y": year,
        "M": year + f"-{when.month:02d}",
        "W": week(when),
        "D": day(when),
        "Q": f"{year}-Q{quarter_of(when)}",
        "E": year[:3],
        "C": year[:2],
    }
    return named.get(unit)


def shifted(when: date, unit: str, count: int) -> date | None:
    """The day `count` units after `when` (before it when negative); None for clock units or overflow."""
    if unit in UNIT_DAYS:
        return add_days(when, count * UNIT_DAYS[unit])
    if unit in UNIT_MONTHS:
        return add_months(when, count * UNIT_MONTHS[unit])
    return None


def interval(timex: str | None) -> Interval | None:
    """The closed interval of days that a TIMEX3 value covers.

    Args:
        timex: any value this package makes, or None.

    Returns:
        First and last day; None for durations, sets, references, dates before Christ and
        days the calendar lacks.
    """
    if not timex or not timex[0].isdigit():
        return None
    if timex.isdigit() and len(timex) < 4:
        first = make_date(int(timex.ljust(4, "0")), 1, 1)
        last = make_date(int(timex.ljust(4, "9")), 12, 31)
        return (first, last) if first and last else None
    match = _CALENDAR.match(timex)
    return _calendar(match) if match else None


def _calendar(match: re.Match[str]) -> Interval | None:
    year = int(match["y"])
    if not 1 <= year < MAXYEAR:
        return None
    if match["d"]:
        found = make_date(year, int(match["m"]), int(match["d"]))
        return (found, found) if found else None
    if match["w"]:
        return _week(year, int(match["w"]), weekend=bool(match["we"]))
    if match["m"]:
        return _months(year, int(match["m"]), 1)
    if match["q"]:
        return _months(year, int(match["q"]) * 3 - 2, 3)
    if match["h"]:
        return _months(year, int(match["h"]) * 6 - 5, 6)
    if match["s"]:
        return _months(year, SEASONS[match["s"]], 3)
    return _months(year, 1, 12)


def _months(year: int, number: int, count: int) -> Interval | None:
    first = make_date(year, number, 1)
    after = add_months(first, count) if first else None
    return (first, after - timedelta(days=1)) if first and after else None


def _week(year: int, number: int, *, weekend: bool) -> Interval | None:
    try:
        first = date.fromisocalendar(year, number, 6 if weekend else 1)
        return first, date.fromisocalendar(year, number, 7)
    except ValueError:
        return None
