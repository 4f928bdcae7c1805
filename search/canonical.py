"""Which entity does a mention count as, after what editors decided?

A segment keeps the entities that were found in its texts. Here their numbers become those of
the entities they count as, once a change of the decisions or of the commit, so that counts,
filters, cards and suggestions read columns as if they had been written so. Where nothing was
decided the columns stay what they are: maps of the segments' own files.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.ragged import Keys, keys_of
from index.decisions import Decisions
from index.model import ENTITY_KINDS, EntityKind, EntityMention
from index.stored import Record
from search.columns import Columns, Masks, Names
from search.nodes import Numbers

_HIDDEN = -1
_SPARSE = 16  # one search among many costs about as much as writing this many down


def as_decided(columns: Columns, decisions: Decisions) -> Columns:
    """Columns of which every name counts as the entity that editors decided it is.

    Args:
        columns: as the segments have them.
        decisions: in force.

    Returns:
        `columns` itself where there is no decision. Where decisions concern names and
        kinds alone, the arrays are shared.
    """
    if not decisions:
        return columns
    counted = Counted.of(columns.names, decisions)
    offsets, numbers = _mapped(columns, counted, decisions)
    return replace(columns, names=counted.names, entities=(offsets, numbers), memo={}, masks=Masks())


def record_as_decided(record: Record, names: Names, decisions: Decisions) -> Record:
    """A paragraph whose mentions tell of the entities they count as, hidden ones left out."""
    paragraph, article = record.paragraph, record.article["id"]
    if not any(e.entity in decisions.entities for e in paragraph.entities):
        return record
    mentions = (_mention(e, article, names, decisions) for e in paragraph.entities)
    kept = tuple(e for e in mentions if e is not None)
    return replace(record, paragraph=replace(paragraph, entities=kept))


def _mention(
    mention: EntityMention, article: str, names: Names, decisions: Decisions
) -> EntityMention | None:
    if mention.entity not in decisions.entities:
        return mention
    entity = decisions.entity(mention.entity, article)
    number = names.numbers.get(entity)
    if number is None:
        return None
    kind, name = names.kind(number), names.name(number)
    same = (kind, entity, name) == (mention.kind, mention.entity, mention.name)
    why = mention.reason if same else "editor"
    return EntityMention(mention.start, mention.end, mention.text, kind, entity, name, why)


@dataclass(frozen=True)
class Counted:
    """The entities as decided.

    Attributes:
        names: of all, with those that no text has by itself.
        before: by id that decisions name, its numbers in the segments' own names: one a kind.
        place: by number there, the number here, whatever was decided of its mentions.
        own: by id of an entity that mentions count as, its number here.
    """

    names: Names
    before: dict[str, list[int]]
    place: Numbers
    own: dict[str, int]

    @classmethod
    def of(cls, names: Names, decisions: Decisions) -> Counted:
        """Number the entities anew, as far as kinds were changed or entities added."""
        before = {i: _numbers(names, i) for i in decisions.entities}
        targets = dict.fromkeys(decisions.entities.values())
        for inside in decisions.split.values():
            targets |= dict.fromkeys(inside.values())
        kinds = {i: _kind(names, i, before.get(i), decisions) for i in targets}
        new = [i for i in targets if not before.get(i)]
        moved = {n: kinds[i] for i in targets for n in before.get(i, [])[:1] if names.kind(n) != kinds[i]}
        numbered, place = _numbered(names, moved, [(kinds[i], i) for i in new])
        size = len(names.keys)
        own = {i: int(place[before[i][0]]) for i in targets if before.get(i)}
        own |= {i: int(place[size + n]) for n, i in enumerate(new)}
        told = _told(names, numbered, before, own, decisions)
        return cls(told, before, place[:size], own)


def _numbers(names: Names, id_: str) -> list[int]:
    found = (names.number(kind, id_) for kind in ENTITY_KINDS)
    return [n for n in found if n is not None]


def _kind(names: Names, id_: str, before: list[int] | None, decisions: Decisions) -> EntityKind:
    given = decisions.kinds.get(id_)
    if given is not None:
        return given
    if before:
        return names.kind(before[0])
    if id_ in decisions.known:
        return decisions.known[id_][0]
    # No text has it and nothing tells: an id begins with the kind that it was given for.
    return next((k for k in ENTITY_KINDS if id_.startswith(f"{k}-")), ENTITY_KINDS[0])


def _numbered(
    names: Names, moved: dict[int, EntityKind], new: Sequence[tuple[EntityKind, str]]
) -> tuple[Names, Numbers]:
    """Names with some of another kind and some more, and the places of the old ones and these in them."""
    size = len(names.keys)
    if not moved and not new:
        return names, np.arange(size, dtype=np.int32)
    kinds = np.repeat(np.arange(len(ENTITY_KINDS)), np.diff(names.bounds))
    for number, kind in moved.items():
        kinds[number] = ENTITY_KINDS.index(kind)
    kinds = np.concatenate([kinds, np.array([ENTITY_KINDS.index(k) for k, _ in new], kinds.dtype)])
    keys: Keys = np.concatenate([names.keys, keys_of(i for _, i in new)])
    order = np.lexsort((keys, kinds))
    place = np.empty(len(order), dtype=np.int32)
    place[order] = np.arange(len(order), dtype=np.int32)
    counts = np.bincount(kinds, minlength=len(ENTITY_KINDS))
    nowhere = np.zeros(len(new), np.int64)  # their names are told by the decisions
    return Names(
        bounds=(0, *np.cumsum(counts).tolist()),
        keys=keys[order],
        segments=names.segments,
        known_in=np.concatenate([names.known_in, nowhere])[order],
        known_as=np.concatenate([names.known_as, nowhere])[order],
    ), place


def _told(
    was: Names, numbered: Names, before: dict[str, list[int]], own: dict[str, int], decisions: Decisions
) -> Names:
    """Names with what was decided: the numbers of ids, and what entities are called."""
    told: dict[int, tuple[str, str]] = {}
    others: dict[int, tuple[str, ...]] = {}
    for id_, number in own.items():
        found = before.get(id_)
        written = was.name(found[0]) if found else decisions.known.get(id_, ("", id_))[1]
        told[number] = (id_, decisions.names.get(id_, written))
        merged = [was.name(n) for i in decisions.merged_into(id_) for n in before[i]]
        others[number] = tuple(dict.fromkeys(n for n in (written, *merged) if n != told[number][1]))
    seen = {id_: None if id_ in decisions.hidden else number for id_, number in own.items()}
    aliases = {id_: seen[into] for id_, into in decisions.entities.items()}
    pinned = frozenset(own[i] for i in decisions.pinned if i in own)
    return replace(numbered, numbers=seen | aliases, told=told, others=others, pinned=pinned, _told={})


def _mapped(columns: Columns, counted: Counted, decisions: Decisions) -> tuple[Array, Array]:
    """Offsets and numbers of the entities named, each once a paragraph, hidden ones left out."""
    offsets, numbers = columns.entities
    table = counted.place.copy()
    touched = np.zeros(len(table), dtype=np.bool_)
    for id_, own in counted.before.items():
        into = decisions.entities[id_]
        table[own] = _HIDDEN if into in decisions.hidden else counted.own[into]
        touched[own] = True
    if not decisions.split and np.array_equal(table, np.arange(len(table))):
        return offsets, numbers
    mapped = np.take(table, numbers)
    at = np.flatnonzero(np.take(touched, numbers))
    rows = _rows_of(offsets, at)
    if decisions.split:
        _split_off(mapped, at, columns.article[rows], (columns, counted, decisions))
    return _without(offsets, mapped, _dropped(mapped, at, rows, len(counted.names.keys)))


def _rows_of(offsets: Array, at: NDArray[np.int64]) -> NDArray[np.int64]:
    """The paragraph of each place, ascending."""
    if len(at) * _SPARSE < int(offsets[-1]):
        return np.searchsorted(offsets, at.astype(offsets.dtype), side="right") - 1
    rows: NDArray[np.int64] = np.repeat(np.arange(len(offsets) - 1), np.diff(offsets))[at]
    return rows


def _split_off(
    mapped: Numbers, at: NDArray[np.int64], articles: Array, of: tuple[Columns, Counted, Decisions]
) -> None:
    """Give mentions in articles of their own the number they count as there."""
    columns, counted, decisions = of
    numbers = columns.entities[1]
    split: dict[int, dict[int, int]] = {}
    for article, inside in decisions.split.items():
        number = columns.article_number(article)
        if number is not None:
            split[number] = {
                own: _HIDDEN if into in decisions.hidden else counted.own[into]
                for id_, into in inside.items()
                for own in counted.before[id_]
            }
    for n in np.flatnonzero(np.isin(articles, np.fromiter(split, dtype=np.int64))).tolist():
        place = int(at[n])
        own = int(numbers[place])
        mapped[place] = split[int(articles[n])].get(own, mapped[place])


def _dropped(mapped: Numbers, at: NDArray[np.int64], rows: NDArray[np.int64], size: int) -> NDArray[np.int64]:
    """Places of hidden names and of those that their paragraph names already, ascending."""
    values = mapped[at]
    dropped = values == _HIDDEN
    same = np.zeros(len(at) + 1, dtype=np.bool_)  # whether the place before is of the same paragraph
    same[1:-1] = rows[1:] == rows[:-1]
    several = np.flatnonzero(same[1:] | same[:-1])
    _, first = np.unique(rows[several] * (size + 1) + values[several], return_index=True)
    again = np.ones(len(several), dtype=np.bool_)
    again[first] = False
    dropped[several[again]] = True
    out: NDArray[np.int64] = at[dropped]
    return out


def _without(offsets: Array, numbers: Array, dropped: NDArray[np.int64]) -> tuple[Array, Array]:
    if not len(dropped):
        return offsets, numbers
    keep = np.ones(len(numbers), dtype=np.bool_)
    keep[dropped] = False
    kept = np.zeros(len(numbers) + 1, dtype=offsets.dtype)
    np.cumsum(keep, out=kept[1:])
    return np.take(kept, offsets), numbers[keep]
