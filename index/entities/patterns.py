"""Names that the look of a line gives away: known places and organisations, datelines, bylines."""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache

from index.entities import tables
from index.entities.candidates import Candidate, is_name
from index.entities.casing import shouts
from index.entities.lookup import Lexicon, known, tokens
from index.model import EntityKind

_WORD = r"[A-Z][\w'’.\-]{0,30}"
_PARTICLE = r"(?:(?:de|da|di|van|von|der|den|del|la|le|bin|al|el)[ \t])?"
_NAME = rf"(?<![\w.]){_WORD}(?:[ \t]{{1,3}}{_PARTICLE}{_WORD})"
_OF_COUNTRY = re.compile(
    rf"(?P<name>{_NAME}{{1,3}})[ \t]{{0,3}}\([ \t]{{0,3}}(?P<place>[A-Z][A-Za-z. ]{{1,25}}?)[ \t]{{0,3}}\)"
)
_INITIALLED = re.compile(r"(?<![\w.&'’\-])(?<![A-Z]\. )[A-Z]\. (?:[A-Z]\. )?[A-Z][a-z][\w'’\-]{1,30}(?!\w)")
_AGAINST = re.compile(r"[ \t](?:\d|v[ \t]|win|won|beat|lost)")
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_DATELINE = re.compile(
    rf"^(?P<place>[A-Z][A-Z.'’\- ]{{2,30}}?)(?:[ \t]{{0,3}},[ \t]{{0,3}}[A-Z][A-Za-z. ]{{1,20}})?"
    rf"(?:[ \t]{{0,3}},?[ \t]{{0,3}}(?:\d{{4}}-\d\d-\d\d|{_MONTH}[a-z]*\.?[ \t]+\d{{1,2}})"
    r"|[ \t]+\((?:Reuters|AP|AFP|UPI)\))",
    re.MULTILINE,
)
_BYLINE = re.compile(
    rf"[ \t]{{0,3}}(?:By|BY)[ \t]+(?P<name>{_NAME}{{1,3}}?)"
    r"(?=[ \t]{0,3}(?:$|[,|;(]|\band\b|\bin\b|\bof\b))",
    re.MULTILINE,
)
_TOWN = re.compile(
    r"(?:^|(?<=[\s(]))(?P<town>[A-Z][\w'’.\-]*(?:[ \t][A-Z][\w'’\-]*){0,2})"
    r"[ \t]{0,3},[ \t]{0,3}(?P<state>[A-Z][A-Za-z]{1,4}|(?:[A-Z]\.){2})"
    r"(?=\.|[ \t]{0,3}(?:[.,;)/]|\d{4}-|-[ \t]{0,3}based|$))",
    re.MULTILINE,
)
_DESK = re.compile(
    r"^[ \t]{0,3}[-–—]{1,2}[ \t]{0,3}(?:(?P<name>[^,\n]{3,40}?)[ \t]{0,3},[ \t]{0,3})?"
    r"(?P<desk>[A-Z][\w. ]{2,30}? (?:Newsroom|Newsdesk|News Desk|Bureau|Desk|Commodities))"
    r"(?=[ \t,]*[+(]?\d)",
    re.MULTILINE,
)

_EVENT = re.compile(
    r"(?:[ \t]['’]s)?[ \t](?:Open|OPEN|Masters|Cup|CUP|Grand Prix|GRAND PRIX|Championships?|Olympics?|"
    r"Games|Tour|Amateur|Classic)\b"
)


# Robert “Bobby” Kessler
_NICKNAMED = re.compile(rf"(?<![\w.])(?P<name>{_WORD}[ \t][“\"][A-Z][^“”\"]{{1,25}}[”\"][ \t]{_WORD})")
# the Maritime and Coastguard Agency
_JOINT = re.compile(
    rf"\bthe[ \t](?P<name>{_WORD}[ \t](?:and|&)[ \t]{_WORD}[ \t](?:Agency|Authority|Administration|"
    r"Commission|Board|Council|Department|Committee|Association|Ministry|Union))\b"
)


def before_event(text: str, end: int) -> bool:
    """Whether what ends here is part of an event's name: the `U.S.` of `U.S. Open`."""
    return _EVENT.match(text, end) is not None


def from_patterns(number: int, text: str, teams: bool = False) -> Iterator[Candidate]:
    """Candidates by the look of one paragraph."""
    for dateline in _DATELINE.finditer(text):
        if is_name(dateline["place"].strip()):
            yield _candidate(number, text, dateline.start("place"), _end(dateline, "place"), "place", 3)
    byline = _BYLINE.match(text)
    if byline and is_name(byline["name"]):
        yield _candidate(number, text, byline.start("name"), byline.end("name"), "person", 3)
    for match in _INITIALLED.finditer(text):
        if is_name(match.group()):
            yield _candidate(number, text, *match.span(), "person", 1)
    yield from _within_sentences(number, text)
    if "," in text:
        yield from _towns(number, text)
    for match in _DESK.finditer(text):
        yield _candidate(number, text, *match.span("desk"), "org", 3)
        if match["name"] and is_name(match["name"]) and match["name"][0].isupper():
            yield _candidate(number, text, *match.span("name"), "person", 3)
    if "(" in text:
        for match in _OF_COUNTRY.finditer(text):
            if match["place"] in tables.countries() and is_name(match["name"]):
                kind: EntityKind = "org" if teams and _AGAINST.match(text, match.end()) else "person"
                weight = 2 if teams and kind == "person" else 3
                yield _candidate(number, text, match.start("name"), match.end("name"), kind, weight)


def _within_sentences(number: int, text: str) -> Iterator[Candidate]:
    if "“" in text or '"' in text:
        for match in _NICKNAMED.finditer(text):
            yield _candidate(number, text, *_untailed(match), "person", 4)
    for match in _JOINT.finditer(text):
        yield _candidate(number, text, *match.span("name"), "org", 3)


def _untailed(match: re.Match[str]) -> tuple[int, int]:
    start, end = match.span("name")
    return start, end - 2 if match["name"].endswith(("'s", "’s")) else end


def _towns(number: int, text: str) -> Iterator[Candidate]:
    """A town with its state behind it, as in `HARLEYSVILLE, Pa.`, and the state."""
    for match in _TOWN.finditer(text):
        if match["state"] in tables.state_marks() and is_name(match["town"]):
            yield _candidate(number, text, *match.span("town"), "place", 3)
            end = match.end("state") + text.startswith(".", match.end("state"))
            yield _candidate(number, text, match.start("state"), end, "place", 3)


def _end(match: re.Match[str], group: str) -> int:
    return match.start(group) + len(match[group].rstrip())


def _candidate(number: int, text: str, start: int, end: int, kind: EntityKind, weight: float) -> Candidate:
    return Candidate(number, start, end, text[start:end], kind, weight, "pattern")


def gazetteer(number: int, text: str, teams: bool = False) -> Iterator[Candidate]:
    """Places and organisations of the tables, which the model may have missed; clubs where they play."""
    words = tokens(text)
    loud = shouts(text)
    kinds: tuple[EntityKind, EntityKind] = ("place", "org")
    for kind, forms in zip(kinds, _lexicons(loud, teams), strict=True):
        for start, end, _ in known(text, words, forms, loud):
            if not (loud and text[start:end].lower() in tables.ordinary_words()):
                yield Candidate(number, start, end, text[start:end], kind, 2, "table")


@cache
def _lexicons(loud: bool, teams: bool) -> tuple[Lexicon[str], Lexicon[str]]:
    """Places and organisations, by folded forms where text is in capitals; with the clubs or without."""
    if loud:
        capitals = {"u.s.": "", "us": "", "uk": "", "u.k.": ""}
        clubs = tables.clubs_folded() if teams else {}
        return Lexicon(tables.places_folded() | capitals), Lexicon(tables.organisations_folded() | clubs)
    return Lexicon(tables.places()), Lexicon(tables.organisations() | (tables.clubs() if teams else {}))
