"""Expressions that name their time: days, months, years, quarters, decades. Rule → TIMEX3 value.

Each function answers with a value, with None where the day it hangs on is not known, or with
"" where the words are no time after all.
"""

from __future__ import annotations

from index.dates import values
from index.dates.holidays import FIXED, RULES, key
from index.dates.reading import Reading
from index.dates.tense import direction
from index.dates.timeline import Timeline

Value = str | None
# What "the Sept. 11 attacks" goes on with.
_OF_2001 = frozenset("attack attacks terrorist terrorists hijacker hijackers hijackings commission".split())
# "Extended through January" tells as past what is still to come.
_UP_TO = frozenset(("by", "through", "until", "till"))


def tense(reading: Reading) -> int:
    """Whether the clause around the reading looks ahead (1, 2 for sure), back (-1), or tells neither (0)."""
    found = direction(reading.tokens.text, reading.start, reading.end)
    return max(found, 0) if reading.before() in _UP_TO else found


def stated_year(reading: Reading, line: Timeline) -> int | None:
    """The year written beside a month or season, or pointed at ("of that year", "last year")."""
    for group in ("year", "ahead"):
        if reading.has(group):
            return reading.spelt_year(group) or None
    if reading.has("same"):
        return line.named_year()
    if reading.has("rel"):
        steps = {"L": -1, "B": 0, "X": 1}
        today = line.today()
        return today.year + steps[reading.classes("rel")[0]] if today else None
    return None


def day_of_month(reading: Reading, line: Timeline) -> Value:
    """Resolve "Tuesday, March 11, 2014", "11 March", "the night of March 3"."""
    number, day_number = reading.number("month"), reading.number("day")
    if not 1 <= day_number <= 31:
        return ""
    year = stated_year(reading, line) or _pointed_year(reading, line, number, day_number)
    if (number, day_number) == (9, 11) and reading.after().lower() in _OF_2001 and not year:
        year = 2001
    if year is None:
        year = line.year_of_month(number, day_number, tense=tense(reading))
    if year is None:
        return None
    found = values.make_date(year, number, day_number)
    if found is None:
        return ""
    return values.day(found) + time_of(reading)


def _pointed_year(reading: Reading, line: Timeline, number: int, day_number: int) -> int | None:
    """The year of "last Oct. 23": the latest such day before publication."""
    today = line.today() if reading.before() == "last" else None
    if today is None:
        return None
    this_year = (number, day_number) < (today.month, today.day)
    return today.year - (0 if this_year else 1)


def time_of(reading: Reading) -> str:
    """`T17:30` for a clock time in the reading, `TMO` for a part of day, else nothing."""
    if reading.has("clock"):
        return clock_value(reading.words("clock"))
    if reading.has("at"):
        return clock_value(reading.words("at"))
    part = reading.letter("part") or reading.letter("early")
    return "T" + part if part else ""


def clock_value(words: str) -> str:
    """`T17:30` for "5:30 p.m.", "17:30", "noon"; empty for an hour no clock shows."""
    fixed = {"noon": "T12:00", "midday": "T12:00", "midnight": "T24:00"}
    if words[:1].isalpha():
        return fixed.get(words.split()[0], "")
    figures = words.replace(".", ":").split("m")[0].rstrip("ap: ") if "m" in words else words
    if len(figures) == 4 and figures.isdigit():
        figures = figures[:2] + ":" + figures[2:]
    hour_text, _, rest = figures.split("o")[0].strip().partition(":")
    hour, minute = int(hour_text), int(rest[:2] or 0)
    if "m" in words:
        if not 1 <= hour <= 12:
            return ""
        hour = hour % 12 + (12 if "p" in words else 0)
    return f"T{hour:02d}:{minute:02d}" if hour < 25 and minute < 60 else ""


def nth_weekday(reading: Reading, line: Timeline) -> Value:
    """Resolve "the first Monday of December", "the last Thursday in November 2013"."""
    number, weekday = reading.number("month"), reading.number("weekday")
    year = reading.number("year") or line.year_of_month(number, 0, tense=tense(reading))
    if not year:
        return None
    first = values.make_date(year, number, 1)
    if first is None:
        return None
    nth = reading.number("nth") if reading.classes("nth") == "o" else 0
    day_number = 1 + (weekday - first.isoweekday()) % 7 + 7 * (nth - 1 if nth else 4)
    found = values.make_date(year, number, day_number)
    if found is None and not nth:
        found = values.make_date(year, number, day_number - 7)
    return values.day(found) if found else ""


def day_of_rel(reading: Reading, line: Timeline) -> Value:
    """Resolve "the 14th of last month"."""
    base = line.today()
    if reading.letter("unit") != "M":
        return ""
    steps = {"L": -1, "B": 0, "X": 1}[reading.classes("rel")]
    near = values.add_months(base.replace(day=1), steps) if base else None
    if near is None:
        return None
    found = values.make_date(near.year, near.month, reading.number("day"))
    return values.day(found) if found else ""


def week_of(reading: Reading, line: Timeline) -> Value:
    """Resolve "the week of March 3", "the weekend of March 3"."""
    found = day_of_month(reading, line)
    span = values.interval(found)
    if not span:
        return found
    if reading.classes("unit") == "E":
        return values.week(span[0]) + "-WE"
    return values.at_unit(span[0], reading.letter("unit")) or ""


def weekday_number(reading: Reading, line: Timeline) -> Value:
    """Resolve "Tuesday the 11th": the nearest such day to the one known, if it is that weekday."""
    base = line.anchor()
    if base is None:
        return None
    for steps in (0, -1, 1):
        near = values.add_months(base.replace(day=1), steps)
        found = values.make_date(near.year, near.month, reading.number("day")) if near else None
        if found and found.isoweekday() == reading.number("weekday"):
            return values.day(found)
    return None


def day_alone(reading: Reading, line: Timeline) -> Value:
    """Resolve "on the 12th": in the month told about, else the nearest such day the clause allows."""
    number = reading.number("day")
    if not reading.words("day")[-3:-2].isdigit() or not 1 <= number <= 31:
        return ""
    if line.narrative or line.published is None:
        told = line.that_month()
        found = values.make_date(*told, number) if told else None
        return values.day(found) if found else None
    ahead, today = tense(reading) > 0, line.today() or line.published
    for steps in (0, 1, 2) if ahead else (0, -1, -2):
        near = values.add_months(today.replace(day=1), steps)
        found = values.make_date(near.year, near.month, number) if near else None
        if found and (found >= today if ahead else found <= today):
            return values.day(found)
    return None


def bare_day(reading: Reading, line: Timeline) -> Value:
    """The 5 of "March 3 and 5"."""
    told, after = line.that_month(), line.that_day()
    if not told or not after:
        return ""
    found = values.make_date(reading.number("year") or told[0], told[1], reading.number("day"))
    return values.day(found) if found and found > after else ""


def short_quarter(reading: Reading, line: Timeline) -> Value:
    """Resolve "Q3 2014", "2014 Q3", "Q3", "H1 2014"."""
    name = reading.letter("part") or reading.letter("first")
    number = int(name[1])
    stated = reading.number("year") or reading.spelt_year("after")
    if name[0] == "H" and not stated:
        return ""
    year = stated or line.year_of_month(number * 3 - 1, 0, tense=tense(reading))
    return f"{year:04d}-{name}" if year else None


def month_year(reading: Reading, line: Timeline) -> Value:
    """Resolve "late April 2014", "April of that year", "April last year"."""
    year = stated_year(reading, line)
    return values.month(year, reading.number("month")) if year and year > 0 else None


def month(reading: Reading, line: Timeline) -> Value:
    """Resolve "April", "late April": the year comes from the timeline."""
    number = reading.number("month")
    if line.before_christ and line.last_year:
        line.count_from_year(line.last_year)
        return f"BC{-line.last_year:04d}-{number:02d}"
    year = line.year_of_month(number, 0, tense=tense(reading))
    return values.month(year, number) if year else None


def season_year(reading: Reading, line: Timeline) -> Value:
    """Resolve "the autumn of 2013", "summer of that year"."""
    year = stated_year(reading, line)
    return f"{year:04d}-{reading.letter('season')}" if year and year > 0 else None


def season(reading: Reading, line: Timeline) -> Value:
    """Resolve "the summer", "early spring"."""
    if line.before_christ and line.last_year:
        line.count_from_year(line.last_year)
        return f"BC{-line.last_year:04d}-{reading.letter('season')}"
    year = line.year_of_month(values.SEASONS[reading.letter("season")], 0, tense=tense(reading))
    return f"{year:04d}-{reading.letter('season')}" if year else None


def year(reading: Reading) -> Value:
    """Resolve "2014", "early 2014", "fiscal 1989", "nineteen ninety-six", "'98"."""
    found = reading.spelt_year("year")
    return f"{found:04d}" if found else ""


def range_end(reading: Reading, line: Timeline) -> Value:
    """The 45 of "1939-45"."""
    last, first = reading.number("to"), line.named_year()
    if not first or first < 0 or len(reading.words("to")) != 2:
        return ""
    found = last + first - first % 100
    return f"{found:04d}" if first < found <= 2100 else ""


def decade(reading: Reading) -> Value:
    """Resolve "the 1970s", "the nineties", "the '80s", "the eighteen-twenties"."""
    found, hundreds = reading.number("decade"), reading.number("hundreds")
    if reading.has("hundreds") and not 10 < hundreds <= 20:
        return ""
    found += 100 * hundreds
    if found < 100:
        found += 1900 if found > 10 else 2000
    return f"{found:04d}"[:3]


def century(reading: Reading) -> Value:
    """Resolve "the 20th century": the hundred years whose number begins with 19."""
    number = reading.number("tens") + reading.number("number")
    if (reading.letter("unit") or reading.letter("ahead")) != "C" or not 1 <= number <= 30:
        return ""
    if reading.letter("era") == "BC":
        return f"BC{number - 1:02d}"
    return f"{number - 1:02d}"


def era_year(reading: Reading) -> Value:
    """Resolve "480 BC", "AD 79" written after: "79 AD"."""
    number = reading.number("number")
    if reading.letter("era") != "AD":
        return f"BC{number:04d}" if 0 < number < 10_000 else ""
    return f"{number:04d}" if 0 < number < 2100 else ""


def era_before(reading: Reading) -> Value:
    """Resolve "AD 79"; the other eras stand behind their year."""
    return era_year(reading) if reading.letter("era") == "AD" else ""


def era_day(reading: Reading) -> Value:
    """Resolve "April 480 BC", "the spring of 480 BC"."""
    whole = era_year(reading)
    part = reading.letter("season") or f"{reading.number('month'):02d}"
    return f"{whole}-{part}" if whole else ""


def iso(reading: Reading) -> Value:
    """Resolve "2014-03-11", "2014-03-11T17:30:00Z"."""
    words = reading.letter("stamp")
    found = values.make_date(int(words[:4]), int(words[5:7]), int(words[8:10]))
    if found is None:
        return ""
    return values.day(found) + (f"T{words[11:16]}" if len(words) > 10 else "")


def numeric(reading: Reading, line: Timeline) -> Value:
    """Resolve "3/11/2014", "11.3.2014": the article's other dates say which figure is the month."""
    words = reading.letter("stamp")
    mark = next(c for c in words if not c.isdigit())
    first, second, third = (int(part) for part in words.split(mark))
    if third < 100:
        if mark != "/":
            return ""
        third += 2000 if third < 50 else 1900
    as_day_first = values.make_date(third, second, first)
    as_month_first = values.make_date(third, first, second)
    if as_day_first and as_month_first and as_day_first != as_month_first:
        if mark != ".":
            line.by_document()
        if mark != "." and line.day_first is None:
            return None
        return values.day(as_day_first if mark == "." or line.day_first else as_month_first)
    found = as_day_first or as_month_first
    return values.day(found) if found else ""


def named_day(reading: Reading, line: Timeline) -> Value:
    """Resolve "Christmas Eve", "last Thanksgiving", "Easter 2014", "Easter week"."""
    name = key(reading.letter("name"))
    if name in FIXED:
        return values.day(FIXED[name])
    rule = RULES[name]
    which = reading.classes("which")
    base = line.today() if which else None
    if reading.has("year"):
        chosen: int | None = reading.number("year")
    elif base:
        this = rule(base.year)
        chosen = base.year + {"L": -1 if this >= base else 0, "X": 1 if this <= base else 0}.get(which, 0)
    else:
        sample = rule(2001)
        chosen = line.year_of_month(sample.month, sample.day, tense=tense(reading))
    if not chosen or not 1583 <= chosen < 9999:
        return None
    found = rule(chosen)
    if reading.classes("unit") == "E":
        return values.week(found) + "-WE"
    return values.week(found) if reading.letter("unit") == "W" else values.day(found)
