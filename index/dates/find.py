"""Paragraphs of one article → the times they mention, in order."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from datetime import date
from itertools import islice

from index.dates import absolute, lengths, quarters, relative, values
from index.dates.grammar import parse
from index.dates.guards import is_no_date
from index.dates.ranges import joined
from index.dates.reading import Reading
from index.dates.timeline import AMBIGUOUS, UNRESOLVED, WORDS, Timeline, is_narrative
from index.dates.tokens import tokenize
from index.model import DateMention

Found = tuple[str, Reading]

# Rules whose words say it all, and rules that need to know when the article was written or where it is.
_BY_WORDS: Mapping[str, Callable[[Reading], str | None]] = {
    "era_day": absolute.era_day,
    "iso": absolute.iso,
    "era_start": absolute.era_year,
    "era_year": absolute.era_year,
    "year": absolute.year,
    "spoken_year": absolute.year,
    "short_year": absolute.year,
    "decade": absolute.decade,
    "century": absolute.century,
    "vague_distance": lengths.vague_distance,
    "each": lengths.each,
    "every_few": lengths.every_few,
    "decimal": lengths.decimal,
    "length_range": lengths.length_range,
    "present": lengths.vague,
    "soon": lengths.vague,
    "era_before": absolute.era_before,
    "weekdays": lengths.weekdays,
    "some_units": lengths.some_units,
    "ahead": lengths.many,
    "each_month": lengths.each_month,
    "many": lengths.many,
    "vague": lengths.vague,
    "future": lengths.vague,
    "the_past": lengths.the_past,
}
_BY_TIMELINE: Mapping[str, Callable[[Reading, Timeline], str | None]] = {
    "duration": lengths.duration,
    "span": lengths.span,
    "numeric": absolute.numeric,
    "month_day": absolute.day_of_month,
    "week_of": absolute.week_of,
    "nth_weekday": absolute.nth_weekday,
    "day_of_rel": absolute.day_of_rel,
    "short_quarter": absolute.short_quarter,
    "month_first": absolute.day_of_month,
    "day_month": absolute.day_of_month,
    "weekday_bracket": absolute.day_of_month,
    "weekday_number": absolute.weekday_number,
    "bare_day": absolute.bare_day,
    "day_alone": absolute.day_alone,
    "day_ahead": absolute.day_of_month,
    "month_year": absolute.month_year,
    "season_year": absolute.season_year,
    "month": absolute.month,
    "the_season": absolute.season,
    "range_end": absolute.range_end,
    "named_day": absolute.named_day,
    "deictic": relative.deictic,
    "weekday": relative.weekday,
    "weekday_week": relative.weekday_week,
    "part": relative.part,
    "the_part": relative.the_part,
    "clock": relative.clock,
    "zone_clock": relative.clock,
    "hour_part": relative.hour_part,
    "noon": relative.clock,
    "relative": relative.relative,
    "the_unit": relative.the_unit,
    "quarter": quarters.quarter,
    "year_ago": quarters.year_ago,
    "same_period": quarters.same_period,
    "year_period": quarters.year_period,
    "lead_unit": relative.lead_unit,
    "relative_month": relative.relative_month,
    "relative_season": relative.relative_season,
    "distance": lengths.distance,
    "from_day": lengths.from_day,
    "half_unit": lengths.half_unit,
    "and_half": lengths.and_half,
    "day_before": lengths.day_before,
    "the_year": relative.the_year,
    "year_end": relative.year_end,
    "current": relative.current,
}
MOST = 5_000
"""Times that are kept of one paragraph: no newspaper page has as many, files made to do harm do."""
_DEICTIC = frozenset(("deictic", "weekday", "relative", "distance"))
# "In office from 1992", "the worst since May 2015": the story does not stand there.
_LOOKING_BACK = frozenset(("since", "from", "until", "before", "after"))
_APPROXIMATE = re.compile(
    r"(?:\b(?:more than|less than|fewer than|at least|at most|up to|no more than|as many as"
    r"|nearly|almost|about|roughly|approximately))\s+\Z",
    re.IGNORECASE,
)
_ROUGH = frozenset(("duration", "distance", "span", "relative"))
_OR_SO = re.compile(r"\s+or\s+so\b", re.IGNORECASE)
_MORE = re.compile(r"\b(?:more|most|right)\s+\Z", re.IGNORECASE)
_QUALIFIED = {
    "duration": _APPROXIMATE,
    "distance": _APPROXIMATE,
    "length_range": _APPROXIMATE,
    "and_half": _APPROXIMATE,
    "vague": _MORE,
}
_OPENING = re.compile(r"[.!?\n]['\"”’)]*\s+\S{0,8}\s*\S{0,8}\s*\Z")
_JOIN = re.compile(r"[\s,]*(?:and|or|to|through|until|till|-|–|—|&)?\s*(?:the|in|early|late|of)?\s*\Z")


def find_dates(paragraphs: Sequence[str], published: date | None) -> list[tuple[DateMention, ...]]:
    """Find the times that one article mentions and the days they cover.

    Args:
        paragraphs: the article's, in order: later ones are read with what earlier ones named.
        published: the day of publication, in the newsroom's own zone, or None.

    Returns:
        For each paragraph its mentions, in order and apart from each other, with spans in that
        paragraph's text, the first `MOST` where there are more. A mention that hangs on an unknown
        day has neither value nor interval; durations, sets and references have a value and no interval.
    """
    found = [_expressions(text) for text in paragraphs]
    line = Timeline(published, day_first=_day_first(found))
    line.own_year = _own_year(found) if published is None else None
    line.narrative = _tells_of_other_times(found, published)
    return [_mentions(expressions, line) for expressions in found]


def _expressions(text: str) -> list[Found]:
    tokens = tokenize(text)
    found = ((name, Reading(tokens, match)) for name, match in parse(tokens.classes))
    return list(islice(((name, reading) for name, reading in found if not is_no_date(name, reading)), MOST))


def _tells_of_other_times(found: Sequence[Sequence[Found]], published: date | None) -> bool:
    years = [r.number("year") for some in found for _, r in some if r.classes("year") == "Y"]
    years += [-1 for some in found for _, r in some if r.letter("era") == "BC"]
    deictic = sum(1 for some in found for name, _ in some if name in _DEICTIC)
    return is_narrative(years, deictic, published)


def _own_year(found: Sequence[Sequence[Found]]) -> int | None:
    """The year of all the days that a text names in full, where it names no later one."""
    readings = [r for some in found for _, r in some if r.classes("year") == "Y"]
    own = {r.number("year") for r in readings if r.has("day")}
    latest = max((r.number("year") for r in readings), default=0)
    return latest if own == {latest} else None


def _day_first(found: Sequence[Sequence[Found]]) -> bool | None:
    """Which figure of numeric dates is the day: some show it by being over 12."""
    shown = set()
    for some in found:
        for name, reading in some:
            if name == "numeric":
                first, second = re.split(r"\D", reading.letter("stamp"))[:2]
                shown |= {True} if int(first) > 12 else {False} if int(second) > 12 else set()
    return shown.pop() if len(shown) == 1 else None


def _mentions(expressions: Sequence[Found], line: Timeline) -> tuple[DateMention, ...]:
    mentions: list[DateMention] = []
    line.paragraph()
    for index, (name, reading) in enumerate(expressions):
        line.ahead, line.why = _year_ahead(expressions, index), WORDS
        timex = _BY_WORDS[name](reading) if name in _BY_WORDS else _BY_TIMELINE[name](reading, line)
        if timex == "":
            continue
        if timex and not values.WELL_FORMED.match(timex):
            timex = None
        span = values.interval(timex)
        if timex and timex[0].isdigit() and span is None:
            timex = None
        why = line.why if timex or line.why == AMBIGUOUS else UNRESOLVED
        if timex:
            before = line.here
            line.note(timex, firm=not _in_passing(name, reading, line))
            line.here = line.here and (before or reading.before() not in _LOOKING_BACK)
        start = _widened(name, reading, mentions[-1].end if mentions else 0)
        end = _lengthened(name, reading)
        first, last = span or (None, None)
        mentions.append(DateMention(start, end, reading.tokens.text[start:end], timex, first, last, why))
    return joined(expressions[0][1].tokens.text, mentions) if mentions else ()


def _in_passing(name: str, reading: Reading, line: Timeline) -> bool:
    """Whether a year is only looked back at, or named within a sentence: the story does not move there."""
    if name == "relative" and line.narrative:
        return reading.classes("which").endswith("v")
    if name == "distance" and line.narrative:
        return reading.number("way") < 0 and reading.letter("unit") in ("Y", "E", "C")
    return name in ("year", "short_year") and not _begins(reading)


def _begins(reading: Reading) -> bool:
    """Whether a bare year opens its sentence: only then does the story move there."""
    left = reading.tokens.text[max(0, reading.start - 24) : reading.start]
    return len(left) < 24 or _OPENING.search(left) is not None


def _widened(name: str, reading: Reading, floor: int) -> int:
    """Take in what qualifies a length ("nearly", "more than") or a reference ("right now")."""
    start = reading.start
    pattern = _QUALIFIED.get(name)
    if pattern is None:
        return start
    left = reading.tokens.text[max(floor, start - 24) : start]
    match = pattern.search(left)
    return start - len(left) + match.start() if match else start


def _lengthened(name: str, reading: Reading) -> int:
    """Take in the "or so" of "the next two years or so"."""
    more = _OR_SO.match(reading.tokens.text, reading.end) if name in _ROUGH else None
    return more.end() if more else reading.end


def _year_ahead(expressions: Sequence[Found], index: int) -> int | None:
    """The year that the next expression states for this one too: "between March and May 2014"."""
    if index + 1 >= len(expressions):
        return None
    (name, reading), (_, following) = expressions[index], expressions[index + 1]
    if name not in ("month", "month_day", "day_month", "the_season") or reading.has("year"):
        return None
    gap = reading.tokens.text[reading.end : following.start]
    if len(gap) > 12 or following.classes("year") != "Y" or not _JOIN.match(gap):
        return None
    return following.number("year")
