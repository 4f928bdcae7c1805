"""Several names that a model took for one: `Lebed Chechnya`, `Farrakhan's Nation of Islam`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Set
from dataclasses import replace

from index.entities import tables
from index.entities.candidates import Candidate, is_name
from index.entities.spelling import bare, parts
from index.entities.tables import folded
from index.model import EntityKind

_OWNS = re.compile(r"[ \t]?['’]s[ \t]+(?=[A-Z])")


def surnames_of(found: Iterable[Iterable[Candidate]]) -> frozenset[str]:
    """Surnames of the people whom an article calls by full name, each `bare`."""
    people = (parts(c.text) for some in found for c in some if c.kind == "person" and " " in c.text)
    return frozenset(name.last for name in people if len(name.words) > 1)


def taken_apart(candidates: Iterable[Candidate], surnames: Set[str]) -> Iterator[Candidate]:
    """Cut a candidate in two where a person of the article, or a country, ends and another name begins.

    Args:
        candidates: of one paragraph.
        surnames: see `surnames_of`.

    Yields:
        Each candidate, or its two halves in its place.
    """
    for candidate in candidates:
        cut = None if " " not in candidate.text or candidate.weight > 1 else _cut(candidate, surnames)
        if cut is None:
            yield candidate
            continue
        end, start = cut
        head = candidate.text[:end]
        kind: EntityKind = "place" if folded(head) in tables.places_folded() else "person"
        yield replace(candidate, end=candidate.start + end, text=head, kind=kind)
        if is_name(candidate.text[start:]):
            yield replace(candidate, start=candidate.start + start, text=candidate.text[start:])


def _cut(c: Candidate, surnames: Set[str]) -> tuple[int, int] | None:
    """Where the first name ends and the second begins, in the candidate's text."""
    if c.text in tables.organisations() or folded(c.text) in tables.towns():
        return None
    owner = _OWNS.search(c.text)
    if owner is not None:
        head = c.text[: owner.start()]
        known = bare(head.split()[-1]) in surnames or head in tables.countries()
        return owner.span() if known else None
    head, _, rest = c.text.partition(" ")
    if c.kind == "place" and bare(head) in surnames and rest in tables.places():
        return len(head), len(head) + 1
    return None
