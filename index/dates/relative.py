"""Expressions that count from a day: from publication, or from what the text named before.

Each function answers with a TIMEX3 value, with None where the day to count from is not known,
or with "" where the words are no time after all.
"""

from __future__ import annotations

import re
from datetime import date

from index.dates import values
from index.dates.absolute import clock_value, tense, time_of
from index.dates.quarters import latest_quarter
from index.dates.reading import Reading
from index.dates.timeline import Timeline

Value = str | None
_DAY_AHEAD = -6
_ENTRY = re.compile(r"(?:,? [^.:;\n]{1,30})?:\s")
_DURING = ("for", "in", "during", "of", "over", "throughout")
_STEPS = {"L": -1, "v": -1, "X": 1, "F": 1, "B": 0, "t": 0}


def deictic(reading: Reading, line: Timeline) -> Value:
    """Resolve "yesterday", "late yesterday", "noon tomorrow", "tonight"."""
    today = None if line.narrative else line.today()
    if today is None:
        return "PRESENT_REF" if reading.words("day") == "today" and not reading.has("part") else None
    if reading.letter("day") == "NI":
        return values.day(today) + "TNI"
    found = values.add_days(today, reading.number("day"))
    return values.day(found) + time_of(reading) if found else None


def weekday(reading: Reading, line: Timeline) -> Value:
    """Resolve "Tuesday", "last Friday", "Friday night", "the following Monday", "noon Saturday"."""
    number, which = reading.number("weekday"), reading.classes("which")[-1:]
    joined = _joined_to(reading)
    if joined == "Z":
        return f"XXXX-WXX-{number}"
    told = line.tells or (which in "FvtD" and which != "")
    base = line.that_day() if told else line.today()
    first, line.weekday_seen = not line.weekday_seen, True
    if line.last_day and (joined == "X" or _ends_range(reading)):
        base, which, told = line.that_day(), "X", True
    if reading.before() == "a" and line.last_day and line.last_day.isoweekday() == number:
        # "On October 23, 1986, … It was a Thursday."
        base, told = line.that_day(), True
    if base is None:
        return None
    offset = _weekday_offset(reading, number - base.isoweekday(), which, told=told)
    if offset == _DAY_AHEAD and first and not which and not told:
        # A dispatch from a zone ahead, filed on the day before its own: its lead says "Tuesday".
        offset = 1
    found = values.add_days(base, offset)
    return values.day(found) + time_of(reading) if found else None


def _joined_to(reading: Reading) -> str:
    """X for the Wednesday of "next Tuesday or Wednesday", Z for that of "every Tuesday and Wednesday"."""
    start = reading.match.start()
    before = reading.tokens.classes[max(0, start - 3) : start]
    return before[0] if before in ("XW&", "ZW&") and reading.before() in ("and", "or") else ""


def _heads_entry(reading: Reading) -> bool:
    """The Tuesday of a diary: "Tuesday: rain from noon"."""
    return reading.start == 0 and _ENTRY.match(reading.tokens.text, reading.end) is not None


def _ends_range(reading: Reading) -> bool:
    """The Friday of "Monday through Friday"."""
    start = reading.match.start()
    return (
        reading.before() in ("to", "through", "until", "till")
        and reading.tokens.classes[start - 2 : start] == "W&"
    )


def _weekday_offset(reading: Reading, gap: int, which: str, *, told: bool) -> int:
    """Days from the base to the weekday; `gap` is the difference of their numbers, -6 to 6."""
    ahead, back = gap % 7, -(-gap % 7)
    if which in ("X", "F"):
        return ahead or 7
    if which in ("L", "v"):
        return back or -7
    if which == "B":
        return ahead
    if told or _heads_entry(reading):
        return ahead
    if tense(reading) > 0 and reading.match.string[reading.match.end() : reading.match.end() + 1] != "s":
        return ahead
    return back


def weekday_week(reading: Reading, line: Timeline) -> Value:
    """Resolve "Tuesday last week", "Monday next week"."""
    base = line.today()
    if base is None or reading.letter("unit") != "W":
        return None
    steps = 7 * _STEPS[reading.classes("which")]
    found = values.add_days(base, reading.number("weekday") - base.isoweekday() + steps)
    return values.day(found) if found else None


def part(reading: Reading, line: Timeline) -> Value:
    """Resolve "this morning", "last night", "the next morning", "that afternoon"."""
    which = reading.classes("which")[-1]
    told = which in "FvtX" or line.tells
    base = line.anchor() if told else line.today()
    if base is None or (told and line.last_day is None):
        return None
    steps = _STEPS[which]
    if which == "L" and reading.letter("part") != "NI":
        return ""
    found = values.add_days(base, steps)
    return f"{values.day(found)}T{reading.letter('part')}" if found else None


def the_part(reading: Reading, line: Timeline) -> Value:
    """Resolve "the morning", after a day was named."""
    if (
        reading.before() not in ("in", "during", "later", "earlier", "by", "early", "late")
        or not line.last_day
    ):
        return ""
    return f"{values.day(line.that_day() or line.last_day)}T{reading.letter('part')}"


def clock(reading: Reading, line: Timeline) -> Value:
    """Resolve "5 p.m.", "17:30", "noon": on the day named last, else on the day of publication."""
    time = clock_value(reading.words("clock"))
    # The entries of a live report begin with its hours: they are its own day's.
    entry = reading.start == 0 and not line.narrative
    base = (line.today() if entry else None) or line.that_day() or (None if line.narrative else line.today())
    if not time:
        return ""
    return values.day(base) + time if base else time


def hour_part(reading: Reading, line: Timeline) -> Value:
    """Resolve "4 in the morning", "three o'clock in the afternoon"."""
    hour, part = int(reading.words("clock").split()[0].split(":")[0]), reading.letter("part")
    if not 1 <= hour <= 12:
        return ""
    late = part in ("AF", "EV") or (part == "NI" and hour > 5)
    time = f"T{hour % 12 + 12 * late:02d}:00"
    base = line.that_day() or (None if line.narrative else line.today())
    return values.day(base) + time if base else time


def relative(reading: Reading, line: Timeline) -> Value:
    """Resolve "last year", "early next week", "this quarter", "the previous year", "that day"."""
    which, unit = reading.classes("which")[-1], reading.letter("unit")
    said = reading.words("which").split()[-1]
    if reading.classes("which") == "DL" and said == "last" and reading.after() == "of":
        # "The last week of March", "the last year of his reign" count from no day of ours.
        return ""
    if reading.classes("unit") == "E":
        way = tense(reading) if said == "this" else -1
        return weekend(line, _STEPS[which], ahead=way >= 0)
    if reading.classes("unit") == "O":
        return latest_quarter(line) if said == "latest" else ""
    if unit in ("H", "TH", "TM"):
        return ""
    if said == "past" and not reading.has("lead"):
        return "P1" + unit if unit not in ("E", "C", "2W") else {"E": "P10Y", "C": "P100Y"}.get(unit, "P2W")
    if unit == "Q" and (said == "latest" or which == "t"):
        return latest_quarter(line)
    return _unit_from(line, which, unit)


def _unit_from(line: Timeline, which: str, unit: str) -> Value:
    told = which in "vFt" or line.tells or (unit == "D" and which == "X")
    if told and line.before_christ and line.last_year and unit == "Y":
        line.count_from_year(line.last_year)
        return f"BC{-(line.last_year + _STEPS[which]):04d}"
    if unit == "Y" and which in "vFt":
        # "Called to the Bar in 1952 and in the following year …": also of a year named in passing.
        year = line.named_year()
        return f"{year + _STEPS[which]:04d}" if year and year + _STEPS[which] > 0 else None
    if unit == "W" and which in "BLX" and line.published:
        told = False
    base = line.anchor() if told else line.today()
    if told and unit == "D" and line.last_day is None:
        base = None if line.narrative or which == "t" else line.today()
    if base is None:
        return None
    moved = values.shifted(_first_of(base, unit), unit, _STEPS[which])
    return values.at_unit(moved, unit) if moved else None


def _first_of(base: date, unit: str) -> date:
    """A day of the same unit that every month has, so that shifting it never skips one."""
    return base.replace(day=1) if unit in ("M", "Q", "Y", "E", "C") else base


def weekend(line: Timeline, steps: int, *, ahead: bool) -> Value:
    """The weekend before the day of publication, or the coming one.

    Args:
        line: the article's time.
        steps: -1 last, 0 this or "the", 1 next.
        ahead: whether the clause looks ahead.
    """
    base = line.today()
    if base is None:
        return None
    back = 7 * steps if steps > 0 else 0 if base.isoweekday() >= 6 or ahead else -7
    found = values.add_days(base, back)
    return values.week(found) + "-WE" if found else None


def the_year(reading: Reading, line: Timeline) -> Value:
    """Resolve "the year ended June 30", "for the year"; other mentions of "the day" say nothing."""
    before, unit = reading.before(), reading.letter("unit")
    if unit in ("W", "M") and before in _DURING and reading.after() in ("ended", "ending"):
        return "P1" + unit
    if unit != "Y" or before not in _DURING:
        return ""
    if reading.after() in ("ended", "ending", "to"):
        return "P1Y"
    base = line.base()
    return f"{base.year:04d}" if base and reading.after() in (",", ".", "", "was", "were") else ""


def year_end(reading: Reading, line: Timeline) -> Value:
    """Resolve "year-end", "year's end"."""
    base = line.base()
    if reading.letter("unit") != "Y":
        return ""
    if base is None:
        return None
    # Prices are compared "since year-end": the one behind.
    year = reading.number("year") or base.year - (reading.before() == "since")
    return f"{year:04d}-12-31" if "-" in reading.match.group() else f"{year:04d}"


def current(reading: Reading, line: Timeline) -> Value:
    """Resolve "the current year"."""
    base = line.base()
    return values.at_unit(base, reading.letter("unit")) if base else None


def the_unit(reading: Reading, line: Timeline) -> Value:
    """Resolve "the weekend", "the quarter"."""
    if reading.classes("unit") == "E":
        coming = reading.before() == "before" or (reading.before(), reading.before(2)) == ("of", "ahead")
        return weekend(line, 0, ahead=coming or tense(reading) > 0)
    return latest_quarter(line)


def lead_unit(reading: Reading, line: Timeline) -> Value:
    """Resolve "later in the year", "the end of the month"; "later in the day" is the day named last."""
    unit = reading.letter("unit")
    base = line.anchor() if unit == "D" else line.base()
    return values.at_unit(base, unit) if base else None


def relative_month(reading: Reading, line: Timeline) -> Value:
    """Resolve "last May", "next March", "this September"."""
    which, number = reading.classes("which")[-1], reading.number("month")
    base = line.anchor() if which in "vFt" else line.base()
    if base is None:
        return None
    year = base.year + _year_step(which, number, base.month)
    return values.month(year, number)


def relative_season(reading: Reading, line: Timeline) -> Value:
    """Resolve "last fall", "this summer", "next spring"."""
    which, name = reading.classes("which")[-1], reading.letter("season")
    base = line.anchor() if which in "vFt" else line.base()
    if base is None:
        return None
    begins = values.SEASONS[name]
    number = begins if which in ("X", "F") else min(begins + 2, 12)
    wintry = name == "WI" and which == "B" and base.month < 3 and tense(reading) <= 0
    return f"{base.year + _year_step(which, number, base.month) - wintry:04d}-{name}"


def _year_step(which: str, number: int, now: int) -> int:
    """Years from now to the month that "last" or "next" means."""
    if which in ("L", "v"):
        return 0 if number < now else -1
    if which in ("X", "F"):
        return 0 if number > now else 1
    return 0
