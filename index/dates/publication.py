"""When was an article published, and how is that known: metadata, a statement, or inference."""

from __future__ import annotations

import re
from collections.abc import Collection, Sequence
from dataclasses import dataclass

from index.dates import values
from index.dates.lexicon import MONTHS
from index.dates.reading import Reading
from index.dates.stamps import day_of_stamp, full_dates, numeric_choices, readings
from index.dates.tense import direction, is_future
from index.dates.years import possible_years
from index.model import Metadata, Publication

# Where a statement stands: the first and last paragraphs. Where a lead stands: the first ones.
_EDGE = 4
_LEAD = 6
_STATED = re.compile(
    r"\b(?:(?:first |originally )?(?:published|posted|released|issued)(?: on| at)?"
    r"|(?:first|originally) appeared(?: on)?"
    r"|(?:publication|release|issue) date|date of publication|date)\b\s*:?",
    re.IGNORECASE,
)
_CHANGED = re.compile(
    r"\b(?:updated?|corrected|correction|last modified|modified|amended|revised|republished)\b", re.IGNORECASE
)
_STATEMENT_LENGTH = 160
# "Correction: An article published on March 3, 2014, misspelled a name" is about another one.
_OF_ANOTHER = re.compile(
    r"\W*(?:corrections?|clarifications?|editor['’]s note"
    r"|an? (?:\w+ )?(?:article|story|report|headline|picture|photograph|caption|column|review))\b",
    re.IGNORECASE,
)
_OF_THIS = re.compile(r"\bthis (?:article|story|report|piece|post)\b", re.IGNORECASE)
_BARS = re.compile(r"\s[|•·]\s")
_BYLINE = re.compile(r"\s*(?:By|BY)\s+[A-Z][^.!?]{2,80}[,|•·–—-]\s")
_MONTHS = tuple(name.capitalize() for name in MONTHS)
# As far as a reporter's memory of years goes; the candidates are shown, so their list stays short.
_SPAN = range(1900, 2101)
_SHOWN = 4
_BESIDE_A_DATE = frozenset(
    "am pm a p m at on et est edt gmt utc bst cet cest pt pst pdt ist ct cst cdt".split()
)
# Days more than so many months apart in the calendar lie on both sides of New Year.
_ACROSS = 8
_WITH_MONTH = frozenset(("month_year", "month_day", "day_month", "month_first"))
_PLANNED = re.compile(r"\s*(?:planned|scheduled|upcoming|deadline|referendum|election)\b")
_WEEKDAY = re.compile(r"\b(?:Mon|Tue|Wed|Thu|Fri|Sat|Sun|MON|TUE|WED|THU|FRI|SAT|SUN)")


@dataclass(frozen=True, slots=True)
class _Pair:
    """A weekday with a day of a month: "Tuesday, March 11"."""

    text: str
    weekday: int
    month: int
    day: int
    paragraph: int
    future: bool


def find_publication(
    metadata: Metadata, dateline: str | None, paragraphs: Sequence[str], years: Collection[int]
) -> Publication:
    """Find the day an article was published.

    Args:
        metadata: of the document; its `published` wins where it can be read.
        dateline: place and day as written ("SOCHI, May 12 (Reuters)"), or None.
        paragraphs: of the article, in order, with or without the headline.
        years: the years that the whole document names outright.

    Returns:
        The day with how it is known and on what evidence; a Publication without a day when
        nothing tells, or when what tells leaves a choice. Its evidence then says so only where
        metadata had to be ignored.
    """
    stamp = (metadata.published or "").strip()
    ignored = ""
    if stamp:
        day = day_of_stamp(stamp)
        if day:
            return Publication(day, "metadata", f"the source's own date says “{_short(stamp)}”", stamp)
        ignored = _why_ignored(stamp)
    found = _stated(dateline, paragraphs) or _inferred(dateline, paragraphs, years)
    if found is None:
        return Publication(evidence=ignored or None)
    if not ignored:
        return found
    return Publication(found.day, found.by, f"{found.evidence}; {ignored}", found.stamp)


def _why_ignored(stamp: str) -> str:
    either = numeric_choices(stamp)
    if len(either) == 2:
        first, second = (f"{day.day} {_MONTHS[day.month - 1]} {day.year}" for day in either)
        return f"the source's date “{_short(stamp)}” may be {first} or {second} and was ignored"
    return f"the source's date “{_short(stamp)}” is no date and was ignored"


def _short(text: str) -> str:
    return text if len(text) <= 60 else text[:59] + "…"


def _stated(dateline: str | None, paragraphs: Sequence[str]) -> Publication | None:
    for day, reading in full_dates(dateline or ""):
        return Publication(day, "stated", f"the dateline says “{_span(reading)}”")
    edges = [*paragraphs[:_EDGE], *paragraphs[max(_EDGE, len(paragraphs) - _EDGE) :]]
    for text in edges:
        for row in text.splitlines() if len(text) < 4 * _STATEMENT_LENGTH else ():
            # "March 11, 2014 | Updated March 12, 2014": what stands between bars is said apart.
            for part in _BARS.split(row) if len(row) <= _STATEMENT_LENGTH else ():
                found = _statement(part)
                if found:
                    return found
            found = _signed(row)
            if found:
                return found
    return None


def _statement(row: str) -> Publication | None:
    """Read one line: "Published: 11 March 2014 | Updated: 12 March 2014", or a date alone."""
    if len(row) > _STATEMENT_LENGTH or (_OF_ANOTHER.match(row) and not _OF_THIS.search(row)):
        return None
    dates = list(full_dates(row))
    label = _STATED.search(row)
    for day, reading in dates:
        between = row[label.end() : reading.start] if label else ""
        if label and reading.start >= label.end() and len(between) < 20 and not _CHANGED.search(between):
            if label.group().lower().startswith("date") and label.start() > 0:
                continue
            if not _CHANGED.search(row[: label.start()][-12:]):
                return Publication(day, "stated", f"the text says “{row.strip()}”")
    if len(dates) == 1 and not _CHANGED.search(row) and _is_alone(row, dates[0][1]):
        return Publication(dates[0][0], "stated", f"the line “{row.strip()}” stands alone")
    return None


def _signed(row: str) -> Publication | None:
    """Read a byline that ends with a day: "By Jane Doe | March 11, 2014"."""
    if len(row) > _STATEMENT_LENGTH or not _BYLINE.match(row) or _CHANGED.search(row):
        return None
    dates = list(full_dates(row))
    if len(dates) != 1 or row[dates[0][1].end :].strip(" .)"):
        return None
    return Publication(dates[0][0], "stated", f"the byline says “{row.strip()}”")


def _is_alone(row: str, reading: Reading) -> bool:
    rest = row[: reading.start] + row[reading.end :]
    words = re.findall(r"[A-Za-z]+", re.sub(r"\d{1,2}[:.]\d\d", " ", rest))
    return len(rest) < 30 and all(word.lower() in _BESIDE_A_DATE for word in words)


def _inferred(dateline: str | None, paragraphs: Sequence[str], years: Collection[int]) -> Publication | None:
    if not years:
        return None
    dated = _month_and_day(dateline)
    pairs = [pair for n, text in enumerate(paragraphs) for pair in _pairs(text, n)]
    pairs = pairs or _dateline_pairs(dated, paragraphs)
    reported = _reported(pairs)
    if reported is None:
        return None
    # A megabyte of weekdays says few different things: each is worked out once.
    alike = {(pair.weekday, pair.month, pair.day): pair for pair in pairs}
    agreed = set.intersection(*(_possible(pair, reported) for pair in alike.values()))
    told = _latest_told(paragraphs)
    named = [y for y in set(years) - _promised(paragraphs) if y in agreed and y >= told]
    day = values.make_date(named[0], *(dated or (reported.month, reported.day))) if len(named) == 1 else None
    if day is None:
        return None
    basis = "; the day is the dateline's" if dated else ""
    if not dated and reported != pairs[0]:
        basis = f"; the latest day it reports on is ‘{reported.text}’"
    return Publication(day, "inferred", _reasoning(pairs, agreed, years, day.year) + basis)


def _latest_told(paragraphs: Sequence[str]) -> int:
    """The latest year of a month that the article tells of as past: it was not published before."""
    return max(
        (
            reading.number("year")
            for text in paragraphs
            for name, reading in readings(text)
            if name in _WITH_MONTH
            and reading.classes("year") == "Y"
            and direction(text, reading.start, reading.end) < 0
        ),
        default=0,
    )


def _promised(paragraphs: Sequence[str]) -> set[int]:
    """Years by which something is to be done: "a tramway by 2019" was not reported on in that year."""
    return {
        reading.number("year")
        for text in paragraphs
        for name, reading in readings(text)
        if name == "year" and reading.before() == "by" and not reading.has("lead")
    }


def _possible(pair: _Pair, reported: _Pair) -> set[int]:
    """The years of the reported day that fit this pair: across New Year, the pair's own is another."""
    months = pair.month - reported.month
    shift = -1 if months > _ACROSS else 1 if months < -_ACROSS else 0
    return {year - shift for year in possible_years(pair.weekday, pair.month, pair.day, _SPAN)}


def _reasoning(pairs: Sequence[_Pair], agreed: set[int], years: Collection[int], year: int) -> str:
    texts = list(dict.fromkeys(pair.text for pair in pairs))
    subject = " and ".join(f"‘{text}’" for text in texts[:3])
    verb = "falls" if len(texts) == 1 else "fall"
    near = sorted(sorted(agreed, key=lambda y: (abs(y - year), y))[:_SHOWN])
    candidates = ", ".join(str(y) for y in near)
    named = _listed(sorted(years))
    return f"{subject} {verb} in {candidates}; the document names {named}, so {year}"


def _listed(years: Sequence[int]) -> str:
    shown = [str(year) for year in years[-6:]]
    return shown[0] if len(shown) == 1 else ", ".join(shown[:-1]) + " and " + shown[-1]


def _month_and_day(dateline: str | None) -> tuple[int, int] | None:
    for name, reading in readings(dateline or ""):
        if name in ("month_day", "day_month"):
            return reading.number("month"), reading.number("day")
    return None


def _dateline_pairs(dated: tuple[int, int] | None, paragraphs: Sequence[str]) -> list[_Pair]:
    """The dateline's day with the weekday the lead reports on: agencies write both on one day."""
    if dated is None:
        return []
    for n, text in enumerate(paragraphs[:_LEAD]):
        for name, reading in readings(text):
            if (
                name == "weekday"
                and not reading.has("which")
                and not is_future(text, reading.start, reading.end)
            ):
                words = f"{_span(reading)}, {_MONTHS[dated[0] - 1]} {dated[1]}"
                return [_Pair(words, reading.number("weekday"), *dated, n, False)]
    return []


def _reported(pairs: Sequence[_Pair]) -> _Pair | None:
    """The latest day that the lead, else the article, tells of as past."""
    past = [pair for pair in pairs if not pair.future]
    lead = [pair for pair in past if pair.paragraph < _LEAD] or past
    new_year = any(pair.month <= 12 - _ACROSS for pair in lead)
    return max(
        lead, key=lambda pair: (not (new_year and pair.month > _ACROSS), pair.month, pair.day), default=None
    )


def _pairs(text: str, paragraph: int) -> list[_Pair]:
    found = []
    for name, reading in readings(text):
        if (
            name in ("month_day", "day_month", "weekday_bracket")
            and reading.has("weekday")
            and not reading.has("year")
        ):
            pair = (reading.number("weekday"), reading.number("month"), reading.number("day"))
            ahead = is_future(text, reading.start, reading.end) or _plans(text, reading)
            found.append(_Pair(_span(reading), *pair, paragraph, ahead))
    return found


def _plans(text: str, reading: Reading) -> bool:
    return _PLANNED.match(text, reading.end) is not None


def _span(reading: Reading) -> str:
    return reading.tokens.text[reading.start : reading.end]
