"""The entities of a commit on a cluster: what they are called, how often they are named, found by typing."""

from __future__ import annotations

from collections.abc import Iterable

from index.model import EntityKind
from search import cards, suggest
from search.cluster.decided import Decided, decided_of, told_of
from search.cluster.labels import written_of
from search.cluster.reading import paragraphs
from search.cluster.table import EntityTable
from search.cluster.view import View
from search.cluster.words import counting, total
from search.duplicates import likely_duplicates
from search.results import FacetValue, KnownEntity, Likeness


def names_of(view: View, ids: Iterable[str]) -> dict[str, tuple[EntityKind, str]]:
    """Kind and name of entities as they are shown, by id; those that nothing tells of are left out."""
    return told_of(view, decided_of(view), ids)


def meant_by(view: View, decided: Decided, id_: str) -> tuple[str, EntityKind, str] | None:
    """Id, kind and name of the entity that somebody means by an id; None where there is none to be found."""
    entity = decided.meant(id_)
    if entity is None:
        return None
    told = told_of(view, decided, [entity]).get(entity)
    return None if told is None else (entity, *told)


def known_entity(view: View, entity_id: str) -> KnownEntity | None:
    """An entity for its editors, hidden or not, or None where neither text nor decision has its id."""
    decisions = view.decisions
    hidden = decisions.entity(entity_id) in decisions.hidden
    decided = decided_of(view, hidden=hidden)
    found = meant_by(view, decided, entity_id)
    if found is None:
        return None
    entity, kind, name = found
    count = total(view.search(counting(paragraphs(decided.named(kind, entity)))))
    return KnownEntity(
        id=entity,
        kind=kind,
        name=name,
        count=count,
        also=decisions.merged_into(entity),
        pinned=entity in decisions.pinned,
        hidden=entity in decisions.hidden,
    )


def known_entities(
    view: View, kind: EntityKind, prefix: str, limit: int, *, hidden: bool
) -> tuple[KnownEntity, ...]:
    """Entities for their editors, found by typing: those that are hidden, or those that are not."""
    return cards.known_entities(EntityTable(view), kind, prefix, limit, hidden=hidden)


def facet_values(view: View, kind: EntityKind, typed: str, limit: int) -> tuple[FacetValue, ...]:
    """Entities found by typing; nothing finds the most frequent."""
    return suggest.find_values(EntityTable(view).columns, kind, typed, limit)


def duplicates(view: View) -> tuple[Likeness, ...]:
    """Pairs of entities that are likely one, the surest and most named first."""
    return likely_duplicates(EntityTable(view).columns)


def written_names(view: View, ids: Iterable[str]) -> dict[str, str]:
    """Names as the texts have them, whatever was decided, of those ids that any text has."""
    return {id_: [*names.values()][-1] for id_, names in written_of(view, ids).items() if names}
