"""Lengths of time, what repeats, and the vague: values without days of their own.

"Two weeks ago" is here too: a length with a direction, counted from a day.
"""

from __future__ import annotations

import re
from datetime import date

from index.dates import values
from index.dates.quarters import shift_quarter
from index.dates.reading import Reading
from index.dates.timeline import Timeline

Value = str | None
_TENFOLD = {"E": 10, "C": 100}
_REPORTED_MONTHS = (6, 9)
_DECIMAL = re.compile(r"\d{1,3}\.\d{1,2}")
_REFERENCE = {-1: "PAST_REF", 1: "FUTURE_REF"}


def period(count: int, unit: str) -> str:
    """`P3D`, `PT5H`, `P20Y` for two decades, `P2W` for a fortnight; count 0 is unknown: `PXD`."""
    if unit in _TENFOLD:
        return f"P{count * _TENFOLD[unit] or 'X'}Y"
    if unit == "2W":
        return f"P{2 * count or 'X'}W"
    if unit.startswith("T"):
        return f"PT{count or 'X'}{unit[1]}"
    return f"P{count or 'X'}{unit}"


def duration(reading: Reading, line: Timeline) -> Value:
    """Resolve "three days", "10-year", "2 1/2 years", "a few weeks"."""
    unit = reading.letter("unit")
    if not unit or unit == "H" or reading.classes("unit") == "E":
        return "" if unit else period(2 * (reading.spelt("number") or 1), "D")
    if reading.has("vague"):
        couple = "couple" in reading.words("vague")
        return period(2 if couple else 0, unit)
    if unit == "M" and reading.classes("number") and reading.match.group()[0] == "D":
        # "For the nine months": what is compared from here on are those, not the quarter.
        line.by_months = line.by_months or reading.spelt("number") in _REPORTED_MONTHS
    if reading.classes("number").endswith("f") and unit in ("Y", "TH"):
        return period(reading.number("number"), unit) + ("6M" if unit == "Y" else "30M")
    return period(reading.spelt("number"), unit)


def span(reading: Reading, line: Timeline) -> Value:
    """Resolve "the past two weeks", "the first nine months", "the last few years"."""
    index = reading.match.end() - 1
    unit = reading.tokens.value(index)
    if not isinstance(unit, str):
        return ""
    count = 0 if reading.has("vague") else reading.spelt("number")
    line.by_months = line.by_months or (unit == "M" and count in _REPORTED_MONTHS)
    return period(count, unit)


def distance(reading: Reading, line: Timeline) -> Value:
    """Resolve "two weeks ago", "a year earlier", "three days later", "several years ago"."""
    unit, sign = reading.letter("unit"), reading.number("way")
    if reading.classes("unit") == "E":
        return ""
    couple = "couple" in reading.words("vague")
    if reading.has("vague") and not couple:
        return _REFERENCE[sign]
    count = 2 if couple else reading.spelt("number")
    ago = reading.classes("way") == "G"
    if count == 1 and unit == "Y" and sign < 0 and line.quarter and line.published and not line.narrative:
        # Results are compared with those of the year before, quarter with quarter, months with months.
        return _year_before(line)
    if unit == "Y" and line.before_christ and line.last_year and not ago:
        line.count_from_year(line.last_year)
        return _before_christ(line.last_year + sign * count)
    if unit in _TENFOLD:
        unit, count = "Y", _TENFOLD[unit] * count
    if unit == "2W":
        unit, count = "W", 2 * count
    base = line.base() if ago else _reference(line, sign)
    if unit.startswith("T") and not ago:
        # "An hour later" says how long, on a day that a clock would have to tell.
        return period(count, unit)
    if (
        base is None
        or unit.startswith("T")
        or (unit == "D" and not ago and not line.last_day and (line.narrative or not line.published))
    ):
        return None
    moved = values.shifted(base, unit, sign * count)
    return values.at_unit(moved, unit) if moved else None


def _reference(line: Timeline, sign: int) -> date | None:
    """The day that "earlier" or "later" counts from: what is told as past was not before a plan."""
    base = line.anchor()
    if sign < 0 and base and line.published and not line.narrative and base > line.published:
        return line.today()
    return base


def _year_before(line: Timeline) -> Value:
    quarter = None if line.by_months else line.that_quarter()
    if quarter:
        return shift_quarter(quarter, -4)
    today = line.today()
    return f"{today.year - 1:04d}" if today else None


def _before_christ(year: int) -> str:
    return f"BC{-year:04d}" if year < 0 else f"{year:04d}"


def vague_distance(reading: Reading) -> Value:
    """Resolve "months ago", "weeks later"."""
    return _REFERENCE[reading.number("way")]


def day_before(reading: Reading, line: Timeline) -> Value:
    """Resolve "the day before", "the day after", "the week before"."""
    base = line.anchor()
    unit = reading.letter("unit")
    if reading.classes("base") == "T":
        today = line.today()
        base = values.add_days(today, reading.number("base")) if today else None
    elif reading.has("base") and line.published:
        number, today = reading.number("weekday"), line.today() or line.published
        base = values.add_days(today, -(-(number - today.isoweekday()) % 7 or 7))
    elif unit == "D" and line.last_day is None:
        base = None
    if base is None:
        return None
    sign = -1 if reading.words("way") == "before" else 1
    moved = values.shifted(base, unit, sign)
    return values.at_unit(moved, unit) if moved else None


def from_day(reading: Reading, line: Timeline) -> Value:
    """Resolve "three days from now", "a week from Tuesday"."""
    unit, base = reading.letter("unit"), line.base()
    if base and reading.has("weekday"):
        base = values.add_days(base, (reading.number("weekday") - base.isoweekday()) % 7)
    elif base and reading.has("day"):
        base = values.add_days(base, reading.number("day"))
    elif reading.has("now") and reading.words("now") != "now":
        return ""
    if base is None or unit.startswith("T"):
        return None
    moved = values.shifted(base, unit, reading.spelt("number"))
    exact = "D" if unit == "W" and not reading.has("now") else unit
    return values.at_unit(moved, exact) if moved else None


# Half of each unit, as TIMEX3 writes it.
_HALVES = {"TH": "PT30M", "D": "PT12H", "M": "P15D", "Y": "P6M", "E": "P5Y", "C": "P50Y", "TM": "PT30S"}
_AND_HALF = {"Y": "6M", "TH": "30M", "TM": "30S"}


def half_unit(reading: Reading, line: Timeline) -> Value:
    """Resolve "half an hour", "a half-century", "half a century ago"."""
    unit = reading.letter("unit")
    if not reading.has("way"):
        return _HALVES.get(unit, "")
    return _moved_by(reading, line, {"C": ("Y", 50), "E": ("Y", 5), "Y": ("M", 6)}.get(unit))


def and_half(reading: Reading, line: Timeline) -> Value:
    """Resolve "two and a half years", "a year and a half", "a year and a half ago"."""
    unit = reading.letter("unit") or reading.letter("each")
    count = (reading.number("number") or reading.number("count")) or 1
    if not reading.has("way"):
        if unit in _TENFOLD:
            return f"P{_TENFOLD[unit] * count + _TENFOLD[unit] // 2}Y"
        return period(count, unit) + _AND_HALF[unit] if unit in _AND_HALF else f"P{count}.5{unit[-1]}"
    return _moved_by(reading, line, {"Y": ("M", 12 * count + 6), "E": ("Y", 10 * count + 5)}.get(unit))


def _moved_by(reading: Reading, line: Timeline, step: tuple[str, int] | None) -> Value:
    sign = reading.number("way")
    base = line.base() if reading.classes("way") == "G" else _reference(line, sign)
    if base is None or step is None:
        return None
    moved = values.shifted(base, step[0], sign * step[1])
    return values.at_unit(moved, "Y") if moved else None


def decimal(reading: Reading) -> Value:
    """Resolve "2.5 years"."""
    count, unit = reading.words("decimal"), reading.letter("units")
    if not _DECIMAL.fullmatch(count) or unit in ("E", "C", "2W", "Q"):
        return ""
    return f"PT{count}{unit[1]}" if unit.startswith("T") else f"P{count}{unit}"


def length_range(reading: Reading) -> Value:
    """Resolve "two to three weeks", "12-18 months": at least so long."""
    first, last = reading.number("number"), reading.number("to")
    if not 0 < first < last or reading.after().lower().startswith("old"):
        return ""
    return period(first, reading.letter("units"))


def each(reading: Reading) -> Value:
    """Resolve "every day", "each year", "per month", "every night", "every summer"."""
    unit, cls = reading.letter("unit"), reading.classes("unit")
    if cls == "P":
        return f"XXXX-XX-XXT{unit}"
    if cls in ("S", "E"):
        return f"XXXX-{unit}" if cls == "S" else "XXXX-WXX-WE"
    return period(1, unit)


def every_few(reading: Reading) -> Value:
    """Resolve "every two weeks", "every other day", "every third year"."""
    unit = reading.letter("unit")
    return period(reading.number("number") or 2, unit) if unit else ""


def weekdays(reading: Reading) -> Value:
    """Resolve "Mondays", "every Tuesday", "Monday nights", "weekends"."""
    if reading.letter("every"):
        return "XXXX-WXX-WE"
    number = reading.number("weekday") or reading.number("every") or reading.number("plural")
    part = reading.letter("part") or reading.letter("parts")
    return f"XXXX-WXX-{number}" + (f"T{part}" if part in ("MO", "AF", "EV", "NI") else "")


def many(reading: Reading) -> Value:
    """Resolve "weeks", "years": a length that nobody counted."""
    return period(0, reading.letter("unit"))


def each_month(reading: Reading) -> Value:
    """Resolve "each July"."""
    return f"XXXX-{reading.number('month'):02d}"


def some_units(reading: Reading) -> Value:
    """Resolve "coming weeks", "past years", "these days", "the following months"."""
    which, unit = reading.classes("which"), reading.letter("unit")
    if which in ("B", "t"):
        return "PRESENT_REF" if reading.words("which") == "these" and unit == "D" else ""
    return period(0, unit)


def vague(reading: Reading) -> Value:
    """Resolve "now", "recently", "daily"."""
    return reading.letter("ref")


def the_past(reading: Reading) -> Value:
    """Resolve "in the past"."""
    return "PAST_REF" if reading.words("past") == "past" else ""
