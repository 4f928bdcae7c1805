"""What does the index know of an entity?"""

from __future__ import annotations

from collections import Counter
from datetime import date
from itertools import islice
from typing import Protocol

import numpy as np

from index.decisions import Decisions
from index.model import ENTITY_KINDS, EntityKind
from search.answer import articles_of
from search.columns import UNDATED, NamedEntities
from search.facets import entity_counts, most_frequent, naming
from search.nodes import Numbers, member
from search.results import EntityCard, FacetValue, KnownEntity
from search.snapshot import Snapshot
from search.suggest import find_values

_CARD_PARAGRAPHS = 5_000  # read back to tell how a name is written
_RELATED = 10


class Deciding(Protocol):
    """Entities of a commit as editors decided."""

    @property
    def decisions(self) -> Decisions:
        """In force."""
        ...

    @property
    def columns(self) -> NamedEntities:
        """The entities."""
        ...

    def with_hidden(self) -> Deciding:
        """The same with what editors hid."""
        ...


def card_of(snap: Snapshot, entity_id: str) -> EntityCard | None:
    """An entity's card, or None where no live paragraph names it."""
    for kind in ENTITY_KINDS:
        number = snap.columns.names.number(kind, entity_id)
        if number is None:
            continue
        rows = naming(snap.columns, number)
        rows = rows[member(rows, snap.live, len(snap.columns.ordinal))]
        if len(rows):
            return _card(snap, number, rows)
    return None


def _card(snap: Snapshot, number: int, rows: Numbers) -> EntityCard:
    columns = snap.columns
    entity = columns.names.id(number)
    forms: Counter[str] = Counter()
    for row in rows[:_CARD_PARAGRAPHS].tolist():
        forms.update(e.text for e in snap.record(row).paragraph.entities if e.entity == entity)
    days = columns.published[rows]
    dated = days[days != UNDATED]
    return EntityCard(
        id=entity,
        kind=columns.names.kind(number),
        name=columns.names.name(number),
        forms=tuple(sorted(forms.items(), key=lambda f: (-f[1], f[0]))),
        paragraphs=len(rows),
        articles=articles_of(columns, rows),
        first=day_of(dated.min()) if len(dated) else None,
        last=day_of(dated.max()) if len(dated) else None,
        related=related_to(snap, rows, number),
        also=snap.decisions.merged_into(entity),
        pinned=number in columns.names.pinned,
        decisions=(told := snap.decisions.about(entity)),
        undone={d.number: by for d in told if (by := snap.decisions.undone.get(d.number))},
    )


def known_entity(snap: Snapshot, entity_id: str) -> KnownEntity | None:
    """An entity for its editors, hidden or not, or None where neither text nor decision has its id."""
    hidden = snap.decisions.entity(entity_id) in snap.decisions.hidden
    columns = snap.with_hidden().columns if hidden else snap.columns
    numbers = (columns.names.number(kind, entity_id) for kind in ENTITY_KINDS)
    number = next((n for n in numbers if n is not None), None)
    return None if number is None else _known(snap, columns, number)


def known_entities(
    snap: Deciding, kind: EntityKind, prefix: str, limit: int, *, hidden: bool
) -> tuple[KnownEntity, ...]:
    """Entities for their editors, found by typing: those that are hidden, or those that are not."""
    columns = snap.with_hidden().columns if hidden else snap.columns
    most = len(columns.names.keys) if hidden else limit
    found = (columns.names.number(kind, v.id) for v in find_values(columns, kind, prefix, most))
    known = (_known(snap, columns, n) for n in found if n is not None)
    return tuple(islice((k for k in known if k.hidden == hidden), limit))


def _known(snap: Deciding, columns: NamedEntities, number: int) -> KnownEntity:
    names = columns.names
    id_ = names.id(number)
    return KnownEntity(
        id=id_,
        kind=names.kind(number),
        name=names.name(number),
        count=int(columns.entity_counts[number]),
        also=snap.decisions.merged_into(id_) if id_ in names.numbers else (),
        pinned=number in names.pinned,
        hidden=id_ in snap.decisions.hidden,
    )


def related_to(snap: Snapshot, rows: Numbers, but: int) -> tuple[tuple[EntityKind, FacetValue], ...]:
    """Who else some paragraphs name, the most frequent first."""
    names = snap.columns.names
    counts = entity_counts(snap.columns, rows)
    found: list[tuple[EntityKind, FacetValue]] = []
    for kind in ENTITY_KINDS:
        listed = most_frequent(names, counts.of(names.range(kind)), _RELATED + 1)
        found += [(kind, FacetValue(names.id(n), name, -count)) for count, name, n in listed if n != but]
    return tuple(sorted(found, key=lambda f: (-f[1].count, f[1].name))[:_RELATED])


def day_of(number: np.int32) -> date:
    """A day by its number."""
    return date.fromordinal(int(number))
