"""What does the index know of an entity?"""

from __future__ import annotations

from collections import Counter
from datetime import date

import numpy as np

from index.model import ENTITY_KINDS, EntityKind
from search.answer import articles_of
from search.columns import UNDATED
from search.facets import entity_counts, most_frequent, naming
from search.nodes import Numbers, member
from search.results import EntityCard, FacetValue
from search.snapshot import Snapshot

_CARD_PARAGRAPHS = 5_000  # read back to tell how a name is written
_RELATED = 10


def card_of(snap: Snapshot, entity_id: str) -> EntityCard | None:
    """An entity's card, or None where no live paragraph names it."""
    for kind in ENTITY_KINDS:
        number = snap.columns.names.number(kind, entity_id)
        if number is None:
            continue
        rows = naming(snap.columns, number)
        rows = rows[member(rows, snap.live, len(snap.columns.ordinal))]
        if len(rows):
            return _card(snap, kind, number, rows)
    return None


def _card(snap: Snapshot, kind: EntityKind, number: int, rows: Numbers) -> EntityCard:
    columns = snap.columns
    entity = columns.names.id(number)
    forms: Counter[str] = Counter()
    for row in rows[:_CARD_PARAGRAPHS].tolist():
        forms.update(e.text for e in snap.record(row).paragraph.entities if e.entity == entity)
    days = columns.published[rows]
    dated = days[days != UNDATED]
    return EntityCard(
        id=entity,
        kind=kind,
        name=columns.names.name(number),
        forms=tuple(sorted(forms.items(), key=lambda f: (-f[1], f[0]))),
        paragraphs=len(rows),
        articles=articles_of(columns, rows),
        first=day_of(dated.min()) if len(dated) else None,
        last=day_of(dated.max()) if len(dated) else None,
        related=_related(snap, rows, number),
    )


def _related(snap: Snapshot, rows: Numbers, but: int) -> tuple[tuple[EntityKind, FacetValue], ...]:
    names = snap.columns.names
    counts = entity_counts(snap.columns, rows, grouped=False)
    found: list[tuple[EntityKind, FacetValue]] = []
    for kind in ENTITY_KINDS:
        listed = most_frequent(names, counts.of(names.range(kind)), _RELATED + 1)
        found += [(kind, FacetValue(names.id(n), name, -count)) for count, name, n in listed if n != but]
    return tuple(sorted(found, key=lambda f: (-f[1].count, f[1].name))[:_RELATED])


def day_of(number: np.int32) -> date:
    """A day by its number."""
    return date.fromordinal(int(number))
