"""A place and the team named after it: two things of one name, told apart mention by mention."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import replace

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.sport import plays
from index.entities.tables import folded

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
_OPEN = re.compile(r"\([ \t]*$")
_CLOSE = re.compile(r"[ \t]*\)")
_DAY = re.compile(r"[ \t]+\d{4}-\d\d-\d\d")
_AFTER_COMMA = re.compile(r"^[^a-z\d]{2,30},[ \t]*$")
_WIDER = re.compile(r"[ \t]*,[ \t]*(?P<land>[A-Z][\w.]+(?:[ \t][A-Z][\w.]+)?)")
_SCORE = re.compile(
    r"[ \t]+\d{1,3}(?![\d,.]*[ \t]*(?:percent|pct|million|metres|miles|km|pounds|runs?\b))(?=[-\s,;.(/]|$)"
)
_SIDE = re.compile(
    r"(?:[ \t]['’]s|['’]s)?[ \t]+(?:captain|coach|striker|midfielder|defender|goalkeeper|skipper|manager|winger|"
    r"forward|fullback|lock|flanker|hooker|prop|batsman|batsmen|bowler|all-rounder|opener|wicketkeeper|pitcher|scrum-half|fly-half|"
    r"starters?|outfielder|shortstop|side|team|squad|players?|innings|supporters|fans|bowlers|attack|defence|v|vs?\.)\b"
)
_VISITS = re.compile(r"[A-Z][A-Z.'’ \-]{2,40} AT ")
_LINE_ENDS = re.compile(r"[ \t]*(?:\n|$|[\d(,])")
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
    told: list[Candidate] = []
    sides: set[Candidate] = set()
    clubs = {c.key for c in candidates if c.kind != "person" and _plays(paragraphs[c.paragraph], c)}
    clubs |= {head for c in candidates if c.kind == "org" for head in _heads(c)}
    for c in candidates:
        if c.kind != "person" and _is_place(c):
            text = paragraphs[c.paragraph]
            if (
                c.kind == "place"
                and tables.places().get(c.text, tables.places_folded().get(c.key)) in tables.countries()
            ):
                if not _is_there(text, c, national=True):
                    sides.add(c)
            elif _is_home_side(text, c):
                c = replace(c, kind="place")
                sides.add(c)
            elif _is_there(text, c, national=False):
                c = replace(c, kind="place")
            elif c.kind == "place" and c.key in clubs:
                c = replace(c, kind="org")
        told.append(c)
    return told, sides


def _heads(c: Candidate) -> Iterator[str]:
    """What an organisation's name, or a club's whole name, begins with: the Milwaukee of the Brewers."""
    name = folded(tables.clubs().get(c.text, c.text))
    return (name[: match.start()] for match in re.finditer(" ", name))


def _is_place(c: Candidate) -> bool:
    return c.key in tables.places_folded() or c.text in tables.places() or c.key in tables.cities()


def _is_home_side(text: str, c: Candidate) -> bool:
    line = text.rfind("\n", 0, c.start) + 1
    return bool(_VISITS.fullmatch(text, line, c.start) and _LINE_ENDS.match(text, c.end))


def _is_there(text: str, c: Candidate, *, national: bool) -> bool:
    """Whether the words around a name speak of it as of a place."""
    line = text.rfind("\n", 0, c.start) + 1
    before = text[max(line, c.start - _LOOK_BACK) : c.start]
    if _IN.search(before) or _OF.search(before):
        needs = before.rstrip().endswith(" to") and _OWNS.match(text, c.end)  # surplus to England's needs
        return not (national and (needs or _SIDE.match(text, c.end)))
    first = not before.strip()
    after_town = _AFTER_COMMA.match(before) is not None
    if (first or after_town) and _DAY.match(text, c.end):
        return True
    wider = _WIDER.match(text, c.end)
    if first and wider and not national and folded(wider["land"]) in tables.places_folded():
        return bool(_DAY.match(text, wider.end()))
    return national and bool(_OPEN.search(before) and _CLOSE.match(text, c.end))


def _plays(text: str, c: Candidate) -> bool:
    """Whether the words around a name speak of it as of a team."""
    return bool(plays(text, c.start, c.end) or _SCORE.match(text, c.end) or _SIDE.match(text, c.end))
