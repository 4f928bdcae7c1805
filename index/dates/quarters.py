"""Quarters and halves, and what results are compared with: the same period of the year before."""

from __future__ import annotations

from datetime import date

from index.dates import values
from index.dates.absolute import tense
from index.dates.reading import Reading
from index.dates.timeline import Timeline

Value = str | None
_YEARS = {"L": -1, "v": -1, "X": 1, "F": 1, "B": 0, "t": 0}


def latest_quarter(line: Timeline) -> str | None:
    """The quarter reported on, else the one that ended last."""
    base = line.base()
    line.by_months = False
    return line.that_quarter() or (last_quarter(base) if base else None)


def last_quarter(when: date) -> str | None:
    """The quarter that ended last before a day."""
    moved = values.add_months(when.replace(day=1), -3)
    return values.at_unit(moved, "Q") if moved else None


def shift_quarter(quarter: str, steps: int) -> str:
    """`1989-Q3` some quarters later or earlier."""
    index = int(quarter[:4]) * 4 + int(quarter[6]) - 1 + steps
    return f"{index // 4:04d}-Q{index % 4 + 1}"


def quarter(reading: Reading, line: Timeline) -> Value:
    """Resolve "the third quarter of 1990", "this year's first half", "third-quarter"."""
    unit = reading.letter("unit")
    if "latest" in reading.words("number") and unit == "Q":
        return latest_quarter(line)
    number = reading.number("number") if reading.classes("number") == "o" else (4 if unit == "Q" else 2)
    if not 1 <= number <= (4 if unit == "Q" else 2):
        return ""
    year = reading.number("year") or reading.number("after") or _quarter_year(reading, line, number, unit)
    value = f"{year:04d}-{unit}{number}" if year else None
    if unit == "Q" and value and not (line.published and value > (last_quarter(line.published) or "")):
        line.quarter, line.by_months = value, False
    return value


def _quarter_year(reading: Reading, line: Timeline, number: int, unit: str) -> int | None:
    which = reading.classes("which") or reading.classes("rel")
    today = line.today() if which else None
    if today:
        return today.year + _YEARS[which]
    months = 3 if unit == "Q" else 6
    way = tense(reading)
    year = line.year_of_month(number * months - months + 2, 0, tense=way)
    first_month = number * months - months + 1
    if year is None or line.narrative or way > 0 or line.published is None:
        return year
    # What is told as past has begun: in October "the first quarter" is over, not to come.
    begun = (year, first_month) <= (line.published.year, line.published.month)
    return year if begun else year - 1


def year_ago(reading: Reading, line: Timeline) -> Value:
    """Resolve "year-earlier", "the year-ago quarter", "the year-earlier third quarter"."""
    if reading.letter("unit") != "Y":
        return ""
    today = line.today()
    if reading.has("number") and today:
        return f"{today.year - 1}-Q{min(reading.number('number'), 4)}"
    quarter_told = None if line.by_months else line.that_quarter()
    if quarter_told:
        return shift_quarter(quarter_told, -4)
    return f"{today.year - 1:04d}" if today else None


def year_period(reading: Reading, line: Timeline) -> Value:
    """Resolve "the 1988 quarter", "the 1988 period": the same quarter of that year."""
    year = reading.number("year")
    told = None if line.by_months else line.that_quarter()
    return f"{year:04d}{told[4:]}" if told else f"{year:04d}"


def same_period(reading: Reading, line: Timeline) -> Value:
    """Resolve "the corresponding period last year", "the quarter a year ago", "last year's quarter"."""
    today = None if reading.number("year") else line.today()
    year = today.year - 1 if today else reading.number("year")
    if not year:
        return None
    told = None if line.by_months and reading.classes("unit") == "O" else line.that_quarter()
    return f"{year:04d}{told[4:]}" if told else f"{year:04d}"
