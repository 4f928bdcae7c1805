"""Times as senders write them: ISO 8601 in its basic or extended form → the extended one, or TIMEX3."""

from __future__ import annotations

import re
from datetime import UTC, datetime

_MOMENT = re.compile(
    r"(\d{4})-?(\d\d)?-?(\d\d)?"
    r"(?:[T ]?(\d\d):?(\d\d)(?::?(\d\d))?(?:[.,]\d{1,9})?)?"
    r"\s?(Z|[+-]\d\d(?::?\d\d)?)?",
    re.IGNORECASE,
)


def iso_time(stamp: str | None) -> str | None:
    """Write a sender's time in the form that every other part reads.

    Args:
        stamp: `20140311T233000-0500`, `20140311000000-0500`, `20140311+0100`, `2014-03-11T23:30:00Z`,
            `20140311` (NITF 3.6, `date.issue`; NewsML-G2, `DateTimeType`), or None.

    Returns:
        `2014-03-11T23:30:00-05:00`; the day alone where the time is missing or midnight without a zone;
        what is no such time as it stands, for a person to see; None for nothing.
    """
    stamp = (stamp or "").strip()
    match = _MOMENT.fullmatch(stamp)
    if not match or not match[2] or not match[3]:
        return stamp[:200] or None
    year, month, day, hour, minute, second, zone = match.groups()
    if hour is None:
        return f"{year}-{month}-{day}"
    return f"{year}-{month}-{day}T{hour}:{minute}:{second or '00'}{_zone(zone)}"


def embargo_time(stamp: str | None) -> str | None:
    """A time before which something is not to be shown: with its zone, UTC where the sender names none.

    Returns:
        ISO 8601 to the second, or None where it is no time.
    """
    try:
        when = datetime.fromisoformat(iso_time(stamp) or "")
    except ValueError:
        return None
    return (when if when.tzinfo else when.replace(tzinfo=UTC)).isoformat(timespec="seconds")


def timex(norm: str | None) -> str | None:
    """An editor's value of a time as TIMEX3.

    Args:
        norm: as `iso_time` takes it, also `201403` and `2014`; or TIMEX3 itself.

    Returns:
        `2014-03-11`, `2014-03-11T23:30`, `2014-03`: in the zone in which it is written; midnight is how
        NITF writes a day without a time. What is no such time is handed on as it stands; None for nothing.
    """
    norm = (norm or "").strip()
    match = _MOMENT.fullmatch(norm)
    if not match:
        return norm[:40] or None
    year, month, day, hour, minute, second, _ = match.groups()
    value = "-".join(filter(None, (year, month, day)))
    if hour is None or day is None or not int(hour + minute + (second or "")):
        return value
    return f"{value}T{hour}:{minute}"


def _zone(zone: str | None) -> str:
    if not zone or zone in "Zz":
        return "+00:00" if zone else ""
    digits = zone[1:].replace(":", "").ljust(4, "0")
    return f"{zone[0]}{digits[:2]}:{digits[2:]}"


def later(one: str | None, other: str | None) -> str | None:
    """The later of two times where both can be compared, else the first there is."""
    if not one or not other:
        return one or other
    try:
        first, second = datetime.fromisoformat(one), datetime.fromisoformat(other)
    except ValueError:
        return one
    if (first.tzinfo is None) != (second.tzinfo is None):
        return max(one, other) if one[:10] != other[:10] else one
    return one if first >= second else other


def version_number(value: object) -> int | None:
    """A version as a number: `"11"`, `11`; None where a sender numbers otherwise."""
    text = str(value).strip() if isinstance(value, (str, int)) and not isinstance(value, bool) else ""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 9 else None
