"""Why does a date or a name count as what it counts as? The codes of mentions, in English."""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date

from api.days import day_words, timex_words
from index.model import DateMention, EntityMention

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_OF_DATES: Mapping[str, str] = {
    "words": "the words say it all",
    "document": "its figures are in the order of the document’s other dates",
    "ambiguous": "it could be day or month first, and nothing in the document tells",
    "unresolved": "the day that it counts from is not known",
    "given": "the source’s editors marked it with this value",
}
_FOUND: Mapping[str, str] = {
    "model": "found by the language model",
    "table": "found in the table of known names",
    "pattern": "found by the look of its line",
    "again": "found because the article has the name elsewhere",
    "given": "marked or listed by the source’s editors",
}
_JOINED: Mapping[str, str] = {
    "known": "its usual name is in the table of known names",
    "team": "the team, not the place",
    "alone": "no full name in the article has it",
    "shared": "several people of the article have it, and none is named before",
    "form": "another form of the full name in {}",
    "surname": "the surname of the full name in {}",
    "part": "part of the full name in {}",
    "nearest": "several people of the article have it; the one named last before, in {}",
    "title": "the words before it fit the full name in {} alone, of several people who have it",
    "acronym": "short for the name in {}",
    "short": "the beginning of the name in {}",
    "told": "the source’s editors say whose name it is",
}
_EDITOR = "an editor decided"
_NUMBER = re.compile(r"\d{1,9}", re.ASCII)


def why_date(mention: DateMention, published: date | None) -> str:
    """Say why a time has its value.

    Args:
        mention: the time.
        published: the day its article was published, or None.

    Returns:
        Words without a capital and without a stop; empty where the mention has no reason that is known.
    """
    code, _, value = (mention.reason or "").partition(" ")
    if code == "published":
        day = f"{_WEEKDAYS[published.weekday()]}, {day_words(published, published)}, " if published else ""
        return f"counted from {day}the day of publication"
    if code == "text" and value:
        return f"counted from {timex_words(value)}, which the text names before"
    return _OF_DATES.get(mention.reason or "", "")


def why_name(mention: EntityMention) -> str:
    """Say why a name is whose it is: how it was joined, and how it was found."""
    if mention.reason == "editor":
        return _EDITOR
    by, _, rest = (mention.reason or "").partition(" ")
    how, _, where = rest.partition(" ")
    joined = _JOINED.get(how, "").format(_paragraph(where))
    return "; ".join(part for part in (joined, _FOUND.get(by, "")) if part)


def _paragraph(where: str) -> str:
    if where == "0":
        return "the headline"
    return f"paragraph {where}" if _NUMBER.fullmatch(where) else "the byline" if where else "the article"
