"""How is an interval of days written, and how is it said?"""

from __future__ import annotations

from datetime import date, timedelta

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


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


def _day(day: date | None) -> str:
    return stamp_words(day.isoformat()) if day else ""
