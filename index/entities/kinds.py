"""One kind for each name of an article, by all the evidence in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.people import bare
from index.entities.sport import is_sport, plays
from index.model import EntityKind

_BEFORE = re.compile(r"([^\W\d_][\w.\-]*)[ \t]*,?[ \t]+$")
_IN = re.compile(r"\b(?:in|near|from)[ \t]+$", re.IGNORECASE)
_SOMEWHERE = re.compile(r"\b(?:in|near|outside|across|throughout|into)[ \t]+$", re.IGNORECASE)
_AGED = re.compile(r"[ \t]?,[ \t]\d{2}[ \t]?[,;.]")
_LOOK_BACK = 24
_MOST = 6.0
_VOTES = 3.0
_PATTERN = 3
_JOBS = frozenset(
    "spokesman spokeswoman analyst economist trader lawyer coach captain striker midfielder defender "
    "goalkeeper forward winger finalist champion winner quarterback pitcher batsman bowler driver "
    "rider compatriot countryman journalist reporter actor actress singer author writer director "
    "producer designer professor scientist historian president chairman minister leader premier "
    "mayor governor senator lawmaker dissident activist husband wife son daughter brother sister "
    "mother father colleague deputy businessman billionaire veteran seed negotiator envoy".split()
)
_ORDER: tuple[EntityKind, ...] = ("person", "org", "place")
_NO_TITLE = frozenset(
    {"m", "king", "secretary", "officer", "attorney", "don", "private", "chair", "count", "father"}
)


def decide(candidates: Iterable[Candidate], paragraphs: Sequence[str]) -> dict[str, EntityKind]:
    """Weigh what was found.

    Args:
        candidates: of one article, each finder's own.
        paragraphs: of the article.

    Returns:
        From each name's key to its kind.
    """
    votes: dict[str, dict[EntityKind, float]] = defaultdict(lambda: dict.fromkeys(_ORDER, 0.0))
    extra: dict[str, dict[EntityKind, float]] = defaultdict(lambda: dict.fromkeys(_ORDER, 0.0))
    forms: dict[str, str] = {}
    somewhere: set[str] = set()
    sport = is_sport(paragraphs)
    for candidate in candidates:
        votes[candidate.key][candidate.kind] += candidate.weight
        text = paragraphs[candidate.paragraph]
        if _SOMEWHERE.search(text[max(0, candidate.start - _LOOK_BACK) : candidate.start]):
            somewhere.add(candidate.key)
        for kind, weight in _around(candidate, text, sport):
            extra[candidate.key][kind] = min(extra[candidate.key][kind] + weight, _MOST)
        forms.setdefault(candidate.key, candidate.text)
    tallies = {key: _weigh(votes[key], extra[key], form) for key, form in forms.items()}
    _by_full_names(tallies, forms, somewhere)
    return {key: max(_ORDER, key=lambda kind: tally[kind]) for key, tally in tallies.items()}


def _weigh(
    votes: dict[EntityKind, float], extra: dict[EntityKind, float], form: str
) -> dict[EntityKind, float]:
    """Shares of the votes, so that being mentioned often is no evidence by itself, and the rest on top."""
    total = sum(votes.values()) or 1.0
    tally = {kind: _VOTES * votes[kind] / total + extra[kind] for kind in _ORDER}
    for kind, weight in _within(form):
        tally[kind] += weight
    return tally


def _around(candidate: Candidate, text: str, sport: bool) -> Iterable[tuple[EntityKind, float]]:
    if candidate.weight >= _PATTERN:
        yield candidate.kind, 4
    team = sport and candidate.kind == "place" and candidate.text not in tables.countries()
    if team and plays(text, candidate.start, candidate.end):
        yield "org", 3
    if _AGED.match(text, candidate.end):
        yield "person", 4
    before = text[max(0, candidate.start - _LOOK_BACK) : candidate.start]
    match = _BEFORE.search(before)
    if match is not None:
        word = match.group(1)
        small = word.lower().rstrip(".")
        if (
            word[0].isupper()
            and small in tables.titles()
            and small not in _NO_TITLE
            and "," not in match.group()
        ):
            yield "person", 4
        elif small in _JOBS and word.islower() and "," not in match.group():
            yield "person", 3
        elif _IN.search(before) and " " not in candidate.text:
            yield "place", 1


def _within(form: str) -> Iterable[tuple[EntityKind, float]]:
    """What the words of a name say themselves."""
    words = [bare(word) for word in form.split()]
    if form in tables.countries():
        yield "place", 10
    elif form in tables.places():
        yield "place", 2
    if form in tables.organisations():
        yield "org", 4
    if len(words) < 2:
        return
    if words[-1] in tables.organisation_words() or (
        words[0] in tables.organisation_words() and words[1] in ("of", "for")
    ):
        yield "org", 4
    elif words[0] in tables.first_names() and form not in tables.places():
        yield "person", 3


def _by_full_names(
    tallies: dict[str, dict[EntityKind, float]], forms: dict[str, str], somewhere: set[str]
) -> None:
    """A single word that ends a person's full name, or begins a foreign one, is that person."""
    full = [key.split() for key, tally in tallies.items() if " " in key and _leads(tally, "person")]
    surnames = {words[-1] for words in full}
    family_first = {words[0] for words in full if words[0] not in tables.first_names()}
    for key, tally in tallies.items():
        if key not in surnames and key not in family_first:
            continue
        if forms[key] in tables.places():
            # Neil Jordan's article may be set in Jordan; then someone is in it, or goes to it.
            tally["person"] += 15 if key in surnames and key not in somewhere else 1
        elif key in surnames:
            tally["person"] += 5
        else:
            tally["person"] += 3


def _leads(tally: dict[EntityKind, float], kind: EntityKind) -> bool:
    return tally[kind] > 0 and tally[kind] == max(tally.values())
