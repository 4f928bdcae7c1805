"""What is known while an article is read: the day it was published, and the days named so far."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import date
from itertools import pairwise

from index.dates import values

# Why a time has the value that it has; see `DateMention.reason`.
WORDS, PUBLISHED, TEXT = "words", "published", "text"
DOCUMENT, AMBIGUOUS, UNRESOLVED = "document", "ambiguous", "unresolved"
_YEARED = re.compile(r"(?<!P)(\d{4})(?:-(\d\d)(?!\d))?(?:-(\d\d))?")
FAR = 100_000
_NOT_TO_COME = 4.0
_NOT_YET = 3
_PROMISED = 8
# So many years of another time make a history, when most follow on the one before.
_TOLD = 5
_STEP = 5
# Of the years of an undated history so many follow on the one before.
_IN_ORDER = 0.8


@dataclass(slots=True)
class Timeline:
    """The article's own time.

    Attributes:
        published: the day of publication, or None.
        narrative: whether the text tells of another time than its own, so that a bare
            month belongs to the year told about, not to the year of publication.
        day_first: order of numeric dates as the article shows it, None where it does not.
        last: the calendar value named last, or None.
        last_day: the day named last, or None.
        last_month: year and month named last, or None.
        last_year: the year named last, or None.
        quarter: the quarter named last (`1989-Q3`), or None.
        by_months: whether several months ("the first nine months") were reported on since.
        before_christ: whether the year named last was one.
        weekday_seen: whether the article has named a weekday yet.
        here: whether this paragraph has named a time that its story stands at: a day or a month with
            its year, or a year that opens a sentence.
        own_year: the year of an undated article's own days, where they leave no choice.
        why: where the expression that is being resolved took its day from: `words`, `published`,
            `document`, `ambiguous`, or `text` and the value that it counts from. Whoever asks for
            a day to count from says so by asking; `find` sets it back before each expression.
    """

    published: date | None
    narrative: bool = False
    day_first: bool | None = None
    last: str | None = None
    last_day: date | None = None
    last_month: tuple[int, int] | None = None
    last_year: int | None = None
    quarter: str | None = None
    by_months: bool = False
    before_christ: bool = False
    weekday_seen: bool = False
    here: bool = False
    own_year: int | None = None
    ahead: int | None = field(default=None)
    why: str = WORDS

    def note(self, timex: str, *, firm: bool = True) -> None:
        """Remember a calendar value; durations, sets and references change nothing.

        Args:
            timex: the value.
            firm: False for a year named in passing: it does not move a story told in months.
        """
        if timex.startswith("BC"):
            self.here = True
            self.before_christ, self.last = True, timex
            self.last_year, self.last_month, self.last_day = -int(timex[2:6].ljust(4, "0")), None, None
            return
        match = _YEARED.match(timex)
        if not match:
            return
        self.before_christ = False
        self.here = self.here or firm
        year, number, day = (int(part) if part else 0 for part in match.groups())
        if not firm and self.last_month:
            self.last = timex
            return
        self.last, self.last_year = timex, year
        self.last_month = (year, number) if number else None
        self.last_day = values.make_date(year, number, day) if day else None

    def base(self) -> date | None:
        """The day that "this year" and "last week" count from: a narrative's own, else publication."""
        return self.anchor() if self.tells else self.today()

    @property
    def tells(self) -> bool:
        """Whether time is counted along the text: in a history, and from what an undated paragraph names."""
        return self.narrative or (self.published is None and self.here)

    def today(self) -> date | None:
        """The day of publication, to count from."""
        if self.published:
            self.why = PUBLISHED
        return self.published

    def that_day(self) -> date | None:
        """The day named last, to count from."""
        if self.last_day:
            self.why = f"{TEXT} {self.last_day}"
        return self.last_day

    def that_month(self) -> tuple[int, int] | None:
        """Year and month named last, to count from."""
        if self.last_month:
            self.why = f"{TEXT} {self.last_month[0]:04d}-{self.last_month[1]:02d}"
        return self.last_month

    def that_quarter(self) -> str | None:
        """The quarter named last, to count from."""
        if self.quarter:
            self.why = f"{TEXT} {self.quarter}"
        return self.quarter

    def count_from_year(self, year: int) -> None:
        """Say that a year named before is counted from; below zero it is one before Christ."""
        self.why = f"{TEXT} {year:04d}" if year > 0 else f"{TEXT} BC{-year:04d}"

    def by_document(self) -> None:
        """Say that the order of a numeric date is the document's, or that nothing tells it."""
        self.why = AMBIGUOUS if self.day_first is None else DOCUMENT

    def named_year(self) -> int | None:
        """The year that "that year" points at: the one named last, even in passing."""
        match = _YEARED.match(self.last or "")
        year = int(match[1]) if match else self.last_year
        if year:
            self.count_from_year(year)
        return year

    def paragraph(self) -> None:
        """Begin a paragraph: what the one before promised or named is not for this one."""
        self.ahead, self.here = None, False

    def anchor(self) -> date | None:
        """The day to count "earlier" and "later" from: in what was named last, else publication."""
        if self.last_day:
            return self.that_day()
        span = values.interval(self.last)
        if span:
            self.why = f"{TEXT} {self.last}"
            return span[0]
        return None if self.narrative else self.today()

    def year_of_month(self, number: int, day: int, *, tense: int) -> int | None:
        """Choose the year of a month, or of a day in a month, that names none.

        Args:
            number: month, 1 to 12.
            day: day of the month, or 0.
            tense: 2 where the clause promises, 1 where it looks ahead, -1 back, 0 neither.

        Returns:
            In a narrative the year told about; else the year that brings it nearest to the
            day of publication, the past being nearer than the future. An undated article that is
            no history has the year of this paragraph's dates or of all its days, else none: what
            it looks back at says nothing about its own time.
        """
        if self.ahead is not None:
            self.count_from_year(self.ahead)
            return self.ahead
        if self.narrative or (self.published is None and self.here):
            return self._told_year(number)
        anchor = self.today()
        if anchor is None:
            if self.own_year:
                self.count_from_year(self.own_year)
            return self.own_year
        years = (anchor.year - 1, anchor.year, anchor.year + 1)

        def candidate(year: int) -> date | None:
            if not day and (year, number) == (anchor.year, anchor.month):
                return anchor
            return values.make_date(year, number, day or 15)

        return min(years, key=lambda year: _cost(anchor, candidate(year), tense))

    def _told_year(self, number: int) -> int | None:
        """The year told about; a story that has come to winter goes on into the next spring."""
        if not self.last_year or self.last_year < 0:
            return None
        self.count_from_year(self.last_year)
        turned = self.last_month and self.last_month[1] - number >= 9
        return self.last_year + 1 if turned else self.last_year


def _cost(anchor: date, candidate: date | None, tense: int) -> float:
    if candidate is None:
        return FAR
    days = (candidate - anchor).days
    if tense > 0:
        return days if days >= -15 else -days * (_PROMISED if tense > 1 else _NOT_YET)
    if days <= 0:
        return -days
    # What is told as past is not to come, unless a day or two ahead: then the clause was misread.
    return days * (_NOT_TO_COME if tense < 0 else 2.0)


def is_narrative(years: list[int], deictic: int, published: date | None) -> bool:
    """Judge whether an article tells of another time than the one it was written in.

    Args:
        years: every year it names, as often as it does.
        deictic: how often it says "yesterday", "Friday", "this week".
        published: the day of publication, or None.
    """
    if published is None:
        steps = sum(1 for one, following in pairwise(years) if one <= following)
        return len(years) >= _TOLD and steps >= _IN_ORDER * (len(years) - 1)
    other = [year for year in years if abs(year - published.year) > 1]
    if len(other) < _TOLD or len(other) <= 3 * deictic or len(other) * 2 <= len(years):
        return False
    # A history goes from year to year; a portrait leaps from a birth to a wedding to today.
    steps = sum(1 for one, next_one in pairwise(other) if abs(one - next_one) <= _STEP)
    return steps * 2 >= len(other) - 1
