"""What the words around a name say of its kind."""

from __future__ import annotations

import re
from collections.abc import Iterator

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.sport import plays
from index.entities.tables import folded
from index.model import EntityKind

PATTERN = 3
"""Weight from which a candidate is the find of a pattern."""

_BEFORE = re.compile(r"([^\W\d_][\w.\-]*)[ \t]*,?[ \t]+$")
_IN = re.compile(r"\b(?:in|near|from)[ \t]+$", re.IGNORECASE)
_AGED = re.compile(r"[ \t]?,[ \t]\d{2}[ \t]?[,;.]")
_LOOK_BACK = 48
_JOBS = frozenset(
    "spokesman spokeswoman analyst economist trader lawyer coach captain striker midfielder defender "
    "goalkeeper forward winger finalist champion winner quarterback pitcher batsman bowler driver "
    "rider compatriot countryman journalist reporter actor actress singer author writer director "
    "producer designer professor scientist historian president chairman minister leader premier "
    "mayor governor senator lawmaker dissident activist husband wife son daughter brother sister "
    "composer poet painter clerk engineer judge "
    "mother father colleague deputy businessman billionaire veteran seed negotiator envoy".split()
)
_NO_TITLE = frozenset(
    {"m", "king", "secretary", "officer", "attorney", "don", "private", "chair", "count", "father"}
)
_BODIES = frozenset(
    "company group firm maker bank airline newspaper daily weekly agency magazine union party club publisher "
    "retailer subsidiary insurer carrier broker brokerage band unit affiliate conglomerate producer "
    "supplier manufacturer operator brewer refiner builder rebel guerrilla organisation organization "
    "movement faction broadcaster network channel station utility chain giant paper journal parent".split()
)
_SETTLED = frozenset(
    "city town village port province state region capital county district island suburb resort "
    "municipality hamlet township enclave river mountain valley republic territory".split()
)
_OF_PLACE = re.compile(r"\b(?:" + "|".join(sorted(_SETTLED)) + r")s?[ \t]+of[ \t]+$")
_BUSINESS = re.compile(
    r"(?:[ \t]?['’]s?)?[ \t](?:shares?|stock|shareholders|unit|subsidiary|executives|customers|management|"
    r"bonds|products|newspaper|magazine|daily|officials?|board|plc|said it|said its|says it|posts|reports)\b"
    r"(?![ \t](?:exchange|market))"
)
_FIGURES = re.compile(
    r"[ \t](?:Q[1-4]|H[12]|year|yr|qtr|half-year|interim|first-quarter|second-quarter|third-quarter|"
    r"fourth-quarter|first-half|annual|parent|group)"
    r"[ \t](?:net|loss|profit|results?|shr|earnings|current|forecast)\b|"
    r"[ \t](?:sets|ups|cuts)[ \t](?:dividend|payout|stake|offer|sees)\b"
)
_BEATS = re.compile(r"[ \t](?:win|won|beat|lost|drew|defeated)[ \t](?:[A-Z]|\d)")
_QUOTED = re.compile(r"[\"”][ \t]?$")
_SAYS = re.compile(r"[ \t](?:said|says|added|told|asked|joked|recalled)\b")
_AREA = re.compile(
    r"[ \t](?:province|region|valley|peninsula|district|county|island|airport|prison|highway|river|"
    r"border|coast|town|port|suburb|village|neighbourhood|neighborhood|beach|mountains?|airfield)\b"
)
_IS_TOWN = re.compile(
    r"[ \t]?,[ \t](?:an?|the)[ \t](?:[a-z\-]+[ \t]){0,3}(?:town|village|suburb|city|port|resort)\b"
)
_WIDER = re.compile(r"[ \t]?,[ \t](?P<land>[A-Z][\w.]*(?:[ \t][A-Z][\w.]+)?)")
_CLOSED = re.compile(r"[ \t]?\)")


def around(c: Candidate, text: str, teams: bool) -> Iterator[tuple[EntityKind, float]]:
    """Evidence for kinds.

    Args:
        c: the name.
        text: its paragraph.
        teams: whether its article is about a sport that teams play.

    Yields:
        Kinds and how strongly something speaks for each.
    """
    if c.weight >= PATTERN:
        yield c.kind, 4
    before = text[max(0, c.start - _LOOK_BACK) : c.start]
    if teams and c.text not in tables.countries():
        played = plays(text, c.start, c.end) if c.kind != "person" else _BEATS.match(text, c.end)
        if played:
            yield "org", 3.5
    yield from _after(c, text, before)
    yield from _before(c, before)


def _after(c: Candidate, text: str, before: str) -> Iterator[tuple[EntityKind, float]]:
    if _AGED.match(text, c.end):
        yield "person", 4
    if _QUOTED.search(before) and _SAYS.match(text, c.end) and c.text not in tables.organisations():
        yield "person", 3.5
    if _FIGURES.match(text, c.end):
        yield "org", 3.5
    elif _BUSINESS.match(text, c.end) and c.key not in tables.places_folded():
        yield "org", 2
    if _IS_TOWN.match(text, c.end):
        yield "place", 4
    elif _AREA.match(text, c.end):
        yield "place", 2
    wider = _WIDER.match(text, c.end)
    if wider and folded(wider["land"]) in tables.places_folded() and not before.rstrip().endswith((",", ")")):
        yield "place", 1.5


def _before(c: Candidate, before: str) -> Iterator[tuple[EntityKind, float]]:
    if _OF_PLACE.search(before):
        yield "place", 4
    match = _BEFORE.search(before)
    if match is None:
        return
    word = match.group(1)
    small = word.lower().rstrip(".")
    if "," in match.group():
        return
    if word[0].isupper() and small in tables.titles() and small not in _NO_TITLE:
        yield "person", 4
    elif small in _JOBS and word.islower():
        yield "person", 3.5
    elif small in _BODIES and word.islower():
        yield "org", 3.5
    elif _IN.search(before) and " " not in c.text:
        yield "place", 1
