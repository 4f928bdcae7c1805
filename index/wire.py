"""The marks that news agencies and papers put around a story: dateline, byline, agency, endings."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from index.vocabulary import NO_CITY

AGENCIES = (
    "Reuters", "AP", "AFP", "UPI", "dpa", "TASS", "Interfax", "Xinhua", "Bloomberg", "PA", "ANSA", "EFE",
    "Kyodo", "Yonhap", "IANS", "PTI",
)  # fmt: skip
_FULL_NAMES = {
    "associated press": "AP",
    "agence france-presse": "AFP",
    "agence france presse": "AFP",
    "united press international": "UPI",
    "deutsche presse-agentur": "dpa",
    "press association": "PA",
    "press trust of india": "PTI",
    "indo-asian news service": "IANS",
    "itar-tass": "TASS",
    "kyodo news": "Kyodo",
    "bloomberg news": "Bloomberg",
}
_SHORT_NAMES = {name.casefold(): name for name in AGENCIES}

_MONTH = (
    r"(?i:Jan(?:uary)?|Feb(?:ruary)?|Mar(?:ch)?|Apr(?:il)?|May|June?|July?|Aug(?:ust)?|Sept?(?:ember)?"
    r"|Oct(?:ober)?|Nov(?:ember)?|Dec(?:ember)?)(?![A-Za-z])\.?"
)
_WEEKDAY = r"(?:Mon|Tues|Wednes|Thurs|Fri|Satur|Sun)day"
_DAY = (
    rf"(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?(?:,?\s+\d{{4}})?|\d{{1,2}}\s+{_MONTH}(?:\s+\d{{4}})?"
    rf"|{_WEEKDAY})"
)
_CITY = r"[A-Z\u00c0-\u00de][\w.'’\-]*(?:[ /][A-Z\u00c0-\u00de][\w.'’\-]*){0,5}"
_DATELINE = re.compile(
    rf"(?P<line>(?P<city>{_CITY})(?:,\s+(?!{_MONTH}\s+\d|{_WEEKDAY})[A-Z][\w.]*(?:\s[A-Z][\w.]*){{0,3}})?"
    rf"(?:\s*\([A-Z][\w ]{{1,30}}\)(?=\s*\())?"
    rf"(?P<day>,?\s+{_DAY})?(?P<agency>\s*\([A-Z][^()\n]{{1,40}}\)|\s*\((?:dpa|AFP)[^()\n]{{0,30}}\))?"
    rf"(?P<day2>,?\s+{_DAY})?)\s*(?P<dash>--|[-–—―_|])(?=\s|$|[“\"'‘])",
)
_DATELINE_WITHIN = 160

_NAME = r"(?:[A-Z\u00c0-\u00de][\w.'’\-]*|d[aeiu]|de[lr]?|van|von|la|le|al|bin|ben)"
_NAMES = rf"{_NAME}(?:\s+{_NAME}){{0,4}}"
_JOIN = r"(?:\s*(?:,|&|\||;|/|—|–)\s*(?:and\s+)?|\s+(?:and|in|for|of|at|with)\s+(?:the\s+)?)"
_BYLINE = re.compile(
    rf"(?:By|BY|by|BYLINE:|Byline:|Author:|AUTHOR:|Words by)\s+(?:[tT]he\s+)?"
    rf"{_NAMES}(?:{_JOIN}{_NAMES}){{0,6}}"
)
_NOT_A_NAME = re.compile(
    rf"(?i:by)\s+(?:the\s+(?!.*(?:press|staff|news|agency|editor|reporter))|(?:{_WEEKDAY}|{_MONTH}|now|then|early|late|numbers|contrast|way)\b)",
    re.IGNORECASE,
)
_NAME_IN_PLACE = re.compile(
    rf"{_NAME}(?:\s+{_NAME}){{1,3}}\s+in\s+[A-Z][\w'’\-]+(?:\s+[A-Z][\w'’\-]+){{0,2}}(?:\s+and\s+{_NAMES}\s+in\s+[A-Z]\w+)?"
)
_CREDITS = re.compile(
    r"[(\[]?(?:Additional )?(?:Reporting|Writing|Editing|Compiled|Written) "
    r"(?:and (?:writing|editing) )?by\s+[A-Z][^\n]{1,300}"
)
_DATE_LABEL = re.compile(
    r"(?:(?:(?:last |first )?(?:published|updated|posted|modified)(?:\s+(?:on|at))?)\s*:?"
    r"|(?:date|publication date|load-date)\s*:)\s",
    re.IGNORECASE,
)
_DATE_ALONE = re.compile(
    rf"(?:{_WEEKDAY},?\s+)?(?:{_MONTH}\s+\d{{1,2}}(?:st|nd|rd|th)?,?\s+\d{{4}}|\d{{1,2}}(?:st|nd|rd|th)?\s+{_MONTH},?\s+\d{{4}}|\d{{4}}-\d\d-\d\d|\d{{1,2}}[./]\d{{1,2}}[./]\d{{2,4}})"
    rf"(?:\s+{_WEEKDAY})?(?:\s*(?:,|at|\||-|–|—|T)?\s*\d{{1,2}}[:.]\d\d.{{0,20}})?"
)
_END = re.compile(
    r"[(\[]?\s*(?:ends?|the end|-\s*30\s*-|-ends-|end of document|end of story|more to follow)\s*[)\]]?\.?",
    re.IGNORECASE,
)
_COPYRIGHT = re.compile(r"(?:©|\(c\)|copyright\b).{0,200}", re.IGNORECASE)
_CLOSING_AGENCY = re.compile(r"[(\[—–-]\s*(?:with\s+)?(?P<name>[A-Za-z][\w .,/\-]{1,40}?)\s*[)\]]?\.?$")


@dataclass(frozen=True, slots=True)
class DatelineMark:
    """A dateline at the start of a paragraph: as written, without its dash, and its agency."""

    text: str
    agency: str | None
    end: int


def parse_dateline(paragraph: str) -> DatelineMark | None:
    """Find "SOCHI, May 12 (Reuters) -" at the start of a paragraph.

    Args:
        paragraph: the first paragraph of a story.

    Returns:
        The mark; `end` is the character after the dash. None where there is none: a place
        in small letters needs a day or an agency beside it, else any "Kerry - who" would do.
    """
    found = _DATELINE.match(paragraph, 0, _DATELINE_WITHIN)
    if not found:
        return None
    city, day, agency = found["city"], found["day"] or found["day2"], found["agency"]
    capitals = city.isupper() and len(city) >= 3
    plain_hyphen = found["dash"] == "-" and paragraph[found.start("dash") - 1].isalnum()
    if city in NO_CITY or plain_hyphen or city.split()[0] in NO_CITY:
        return None
    named = agency_in(agency) if agency else None
    if not capitals and not (day and agency) and not named:
        return None
    # "WHEAT FOR NORTH YEMEN - MINISTRY" is a headline: a place alone is short, and a sentence follows.
    following = len(paragraph[found.end() : found.end() + 200].split())
    if not day and not agency and (len(city.split()) > 3 or 0 < following < 3):
        return None
    return DatelineMark(" ".join(found["line"].split()), named, found.end())


def agency_in(text: str) -> str | None:
    """Find an agency's name among words such as "(AP)", "AFP/Getty" or "Associated Press"."""
    folded = text.casefold()
    for name, short in _FULL_NAMES.items():
        if name in folded:
            return short
    for word in re.findall(r"[\w-]+", text):
        short = _SHORT_NAMES.get(word.casefold(), "")
        # "PA" and "AP" are agencies in capitals only; the others in any case.
        if short and (len(short) > 3 or word == short):
            return short
    return None


def closing_agency(paragraph: str) -> str | None:
    """Find the agency that a last paragraph ends with: "… he said. (Reuters)"."""
    tail = paragraph[-60:].rstrip()
    found = _CLOSING_AGENCY.search(tail)
    if not found or len(found["name"].split()) > 4 or tail[-1] not in ")].":
        return None
    return agency_in(found["name"]) if "(" in tail or "[" in tail else None


def is_byline(text: str) -> bool:
    """Say whether a line names who wrote the story and nothing else: "By Jane Doe, Staff Writer"."""
    return 8 <= len(text) <= 160 and _is_byline(text)


@lru_cache(maxsize=1024)
def _is_byline(text: str) -> bool:
    if text.endswith(("?", "!")) or _NOT_A_NAME.match(text):
        return False
    return bool(_BYLINE.fullmatch(text.rstrip(" .|")))


def is_name_in_place(text: str) -> bool:
    """Say whether a line is "Jane Doe in Paris"; a byline only right under a headline."""
    return len(text) <= 80 and bool(_NAME_IN_PLACE.fullmatch(text))


def is_credits(text: str) -> bool:
    """Say whether a line is "(Reporting by Jane Doe; Editing by John Roe)"."""
    return len(text) <= 320 and bool(_CREDITS.fullmatch(text))


def is_date_line(text: str) -> bool:
    """Say whether a line only gives a day: "Published: March 3, 2015", "Friday, May 1, 2015"."""
    if not 6 <= len(text) <= 80 or not any(char.isdigit() for char in text):
        return False
    label = _DATE_LABEL.match(text)
    return bool(label or _DATE_ALONE.fullmatch(text))


def is_end_mark(text: str) -> bool:
    """Say whether a line closes a story and says nothing else: "ENDS", "-30-"."""
    return len(text) <= 40 and bool(_END.fullmatch(text))


def closes_story(text: str) -> bool:
    """Say whether a paragraph is what stories end with: credits, a copyright line, "(Reuters)"."""
    if len(text) <= 320 and (is_credits(text) or _COPYRIGHT.fullmatch(text)):
        return True
    return closing_agency(text) is not None
