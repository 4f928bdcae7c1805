"""A place and the team named after it: two things of one name, told apart mention by mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set
from dataclasses import replace

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.sport import plays
from index.entities.tables import folded
from index.model import EntityKind

_LOOK_BACK = 40
_IN = re.compile(
    r"(?:\b(?:in|at|near|outside|around|across|throughout|into|from|leave|leaves|left|arrived|through)|"
    r"(?<!lost )(?<!defeat )(?<!loss )(?<!home )(?<!losing )(?<!lose )(?<!added )\bto)[ \t]+(?:the[ \t]+)?$",
    re.IGNORECASE,
)
_OF = re.compile(
    r"\b(?:tour|cup|city|people|president|government|bank|north|south|east|west)[ \t]+of[ \t]+$",
    re.IGNORECASE,
)
_WITHIN = re.compile(r"[ \t](?:hospital|hotel|court|police|airport|suburb|area|street|restaurant|clinic)\b")
_OPEN = re.compile(r"\([ \t]{0,3}$")
_CLOSE = re.compile(r"[ \t]{0,3}\)")
_DAY = re.compile(
    r"[ \t]+\d{4}-\d\d-\d\d"
    r"|,?[ \t]+(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sep|Oct|Nov|Dec)[a-z]*\.?[ \t]+\d{1,2}\b"
)
_AFTER_COMMA = re.compile(r"^[^a-z\d]{2,30},[ \t]{0,3}$")
_WIDER = re.compile(r"[ \t]{0,3},[ \t]{0,3}(?P<land>[A-Z][\w.]+(?:[ \t][A-Z][\w.]+)?)")
_SCORE = re.compile(
    r"[ \t]+\d{1,3}(?![\d,.]*[ \t]{0,3}(?:percent|pct|million|metres|miles|km|pounds|runs?\b))"
    r"(?=[-\s,;.(/]|$)"
)
_SIDE = re.compile(
    r"(?:[ \t]['’]s|['’]s)?[ \t]+(?:captain|coach|striker|midfielder|defender|goalkeeper|skipper|manager|"
    r"winger|forward|fullback|lock|flanker|hooker|prop|batsman|batsmen|bowler|all-rounder|opener|wicketkeeper|pitcher|"
    r"scrum-half|fly-half|"
    r"starters?|outfielder|shortstop|side|team|squad|players?|innings|supporters|fans|bowlers|attack|defence|v|vs?\.)\b"
)
_VISITS = re.compile(r"[A-Z][A-Z.'’ \-]{2,40} AT ")
_LINE_ENDS = re.compile(r"[ \t]{0,3}(?:\n|$|[\d(,])")
_OWNS = re.compile(r"[ \t]?['’]s\b")


def split_teams(
    candidates: Sequence[Candidate], paragraphs: Sequence[str]
) -> tuple[list[Candidate], set[Candidate]]:
    """Say of each name of a place in an article about a team sport whether it is the team.

    Args:
        candidates: of the article, each with its name's kind.
        paragraphs: of the article.

    Returns:
        The candidates, in which the team of a town is an organisation wherever it
        plays, and the town a place wherever something is in it; and those that
        are the team of a country, or the home side of `ATLANTA AT CHICAGO`. These
        stay places, as in every scheme of names that news is tagged by, but are
        another thing than the country or the town.
    """
    clubs = {c.key for c in candidates if c.kind != "person" and _plays(paragraphs[c.paragraph], c)}
    clubs |= {head for c in candidates if c.kind == "org" for head in _heads(c)}
    told: list[Candidate] = []
    sides: set[Candidate] = set()
    for c in candidates:
        kind, side = _told(c, paragraphs[c.paragraph], clubs)
        made = c if kind == c.kind else replace(c, kind=kind)
        told.append(made)
        if side:
            sides.add(made)
    return told, sides


def _told(c: Candidate, text: str, clubs: Set[str]) -> tuple[EntityKind, bool]:
    """The kind of one name, and whether it is a team that stays a place."""
    if c.kind == "person":
        return c.kind, False
    if not _is_place(c):
        return ("place" if _has_day(text, c) else c.kind), False
    if c.kind == "place" and _place_of(c) in tables.countries():
        return "place", not _is_there(text, c, national=True)
    if _is_home_side(text, c):
        return "place", True
    if _is_there(text, c, national=False):
        return "place", False
    return "org" if c.key in clubs else c.kind, False


def _place_of(c: Candidate) -> str | None:
    return tables.places().get(c.text, tables.places_folded().get(c.key))


def _heads(c: Candidate) -> Iterator[str]:
    """What an organisation's name, or a club's whole name, begins with: the Milwaukee of the Brewers."""
    name = folded(tables.clubs().get(c.text, c.text))
    return (name[: match.start()] for match in re.finditer(" ", name))


def _is_place(c: Candidate) -> bool:
    return _place_of(c) is not None or c.key in tables.cities()


def _is_home_side(text: str, c: Candidate) -> bool:
    before, from_start = _before(text, c.start)
    return from_start and bool(_VISITS.fullmatch(before) and _LINE_ENDS.match(text, c.end))


def _is_there(text: str, c: Candidate, *, national: bool) -> bool:
    """Whether the words around a name speak of it as of a place."""
    before, from_start = _before(text, c.start)
    if _IN.search(before) or _OF.search(before):
        needs = before.rstrip().endswith(" to") and _OWNS.match(text, c.end)  # surplus to England's needs
        return not (national and (needs or _SIDE.match(text, c.end)))
    if _WITHIN.match(text, c.end):
        return True
    if _has_day(text, c):
        return True
    first = from_start and not before.strip()
    wider = _WIDER.match(text, c.end)
    if first and wider and not national and folded(wider["land"]) in tables.places_folded():
        return bool(_DAY.match(text, wider.end()))
    return national and bool(_OPEN.search(before) and _CLOSE.match(text, c.end))


def _has_day(text: str, c: Candidate) -> bool:
    """Whether a name stands in a dateline, before the day."""
    before, from_start = _before(text, c.start)
    heads = from_start and (not before.strip() or _AFTER_COMMA.match(before) is not None)
    return heads and _DAY.match(text, c.end) is not None


def _before(text: str, start: int) -> tuple[str, bool]:
    """What stands before a point in its line, no more than is looked at, and whether that is all of it."""
    floor = max(0, start - _LOOK_BACK)
    line = text.rfind("\n", floor, start) + 1
    whole = line > 0 or floor == 0 or text[floor - 1] == "\n"
    return text[max(line, floor) : start], whole


def _plays(text: str, c: Candidate) -> bool:
    """Whether the words around a name speak of it as of a team."""
    return bool(plays(text, c.start, c.end) or _SCORE.match(text, c.end) or _SIDE.match(text, c.end))
