"""One kind for each name of an article, by all the evidence in it."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Sequence

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.evidence import around
from index.entities.spelling import bare
from index.entities.tables import folded
from index.model import EntityKind

_SOMEWHERE = re.compile(r"\b(?:in|near|outside|across|throughout|into)[ \t]+$", re.IGNORECASE)
_ARTICLE = re.compile(r"^(?:al|el)-(?=\w{3})")
_OWN = re.compile(r"[ \t]?['’]s?\b")
_LOOK_BACK = 24
_MOST = 6.0
_VOTES = 2.5
_ORDER: tuple[EntityKind, ...] = ("person", "org", "place")
_PLACE_ENDINGS = frozenset(
    "dam airport river lake island islands falls valley mountain mountains beach bay strait straits "
    "peninsula province street avenue square stadium bridge highway desert hills heights road canal "
    "harbour harbor reservoir tunnel creek glacier oilfield hospital prison boulevard basin delta "
    "archipelago plateau ridge".split()
)
_CLUB_MARKS = frozenset("fc ac sc fk ofk vfb vfl sv cf cd ud afc nk bk if ifk rsc ksc".split())
_INITIALS = re.compile(r"(?:[A-Z]\.[ \t]?){1,3}[A-Z]\w+(?:[- ][A-Z]\w+)?")


def decide(
    candidates: Iterable[Candidate], paragraphs: Sequence[str], teams: bool = False
) -> dict[str, EntityKind]:
    """Weigh what was found.

    Args:
        candidates: of one article, each finder's own.
        paragraphs: of the article.
        teams: whether it is about a sport that teams play.

    Returns:
        From each name's key to its kind.
    """
    votes: dict[str, dict[EntityKind, float]] = defaultdict(lambda: dict.fromkeys(_ORDER, 0.0))
    extra: dict[str, dict[EntityKind, float]] = defaultdict(lambda: dict.fromkeys(_ORDER, 0.0))
    forms: dict[str, str] = {}
    somewhere: set[str] = set()
    for candidate in candidates:
        votes[candidate.key][candidate.kind] += candidate.weight
        text = paragraphs[candidate.paragraph]
        before = text[max(0, candidate.start - _LOOK_BACK) : candidate.start]
        if _SOMEWHERE.search(before) and not _OWN.match(text, candidate.end):
            somewhere.add(candidate.key)
        for kind, weight in around(candidate, text, teams):
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


def _within(form: str) -> Iterable[tuple[EntityKind, float]]:
    """What the words of a name say themselves."""
    words = [bare(word) for word in form.split()]
    place = tables.places().get(form) or (
        tables.places_folded().get(folded(form)) if form.isupper() else None
    )
    if place in tables.countries():
        yield "place", 10
    elif place:
        yield "place", 2
    elif folded(form) in tables.cities():
        yield "place", 1
    if form in tables.organisations():
        yield "org", 4
    if len(words) < 2:
        return
    if words[-1] in _PLACE_ENDINGS:
        yield "place", 3.5
    if words[0] in _CLUB_MARKS:
        yield "org", 4
    if _INITIALS.fullmatch(form):
        yield "person", 3
    if words[-1] in tables.organisation_words() or (
        words[0] in tables.organisation_words() and words[1] in ("of", "for")
    ):
        yield "org", 4
    elif all(part in tables.first_names() for part in words[0].split("-")) and form not in tables.places():
        yield "person", 3


def _by_full_names(
    tallies: dict[str, dict[EntityKind, float]], forms: dict[str, str], somewhere: set[str]
) -> None:
    """A single word that ends a person's full name, or begins a foreign one, is that person."""
    full = [key.split() for key, tally in tallies.items() if " " in key and _leads(tally, "person")]
    surnames = {words[-1] for words in full} | {_ARTICLE.sub("", words[-1]) for words in full}
    family_first = {words[0] for words in full if words[0] not in tables.first_names()}
    _by_organisations(tallies, forms, surnames)
    for key, tally in tallies.items():
        if key not in surnames and key not in family_first:
            continue
        if forms[key] in tables.places():
            # Neil Jordan's article may be set in Jordan; then someone is in it, or goes to it.
            tally["person"] += 15 if key in surnames and key not in somewhere else 1
        elif key in surnames:
            tally["person"] += 8
        else:
            tally["person"] += 3


def _by_organisations(
    tallies: dict[str, dict[EntityKind, float]], forms: dict[str, str], surnames: set[str]
) -> None:
    """A single word that begins an organisation's name, and is nobody's and no place, is that one."""
    for head in {key.split()[0] for key, tally in tallies.items() if " " in key and _leads(tally, "org")}:
        if head in tallies and head not in surnames and head not in tables.towns():
            tallies[head]["org"] += 3 if forms[head] not in tables.first_names() else 0


def _leads(tally: dict[EntityKind, float], kind: EntityKind) -> bool:
    return tally[kind] > 0 and tally[kind] == max(tally.values())
