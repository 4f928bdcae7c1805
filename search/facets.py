"""Which matches pass a filter, and how often does each name occur among them?

Counts are of paragraphs, or of articles or stories where the answer is grouped. All functions take
paragraph numbers and the columns of one snapshot.
"""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.ragged import offsets_of, places
from index.model import EntityKind
from search.columns import UNDATED, Columns, Masks, Names
from search.nodes import Mask, Numbers
from search.request import DayRange, EntityFilter
from search.results import Facet, FacetValue

_FEW = 20  # below this share of all entities, sorting those named is faster than counting into all


def expand(offsets: Array, rows: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of all values of some rows of compressed sparse rows.

    Returns:
        How many values each row has, and the places of all, row by row.
    """
    starts = offsets[rows]
    lengths = offsets[rows + np.int32(1)].astype(np.int64)
    lengths -= starts
    return lengths, places(starts, lengths)


def taken(columns: Columns, rows: Numbers) -> Columns:
    """The facts of some paragraphs alone, numbered as they come; articles and entities keep their numbers."""

    def own(offsets: Array, *values: Array) -> tuple[Array, ...]:
        lengths, at = expand(offsets, rows)
        return offsets_of(lengths), *(v[at] for v in values)

    offsets, first, last = own(*columns.mentioned)
    starts, numbers = own(*columns.entities)
    return replace(
        columns,
        article=columns.article[rows],
        ordinal=columns.ordinal[rows],
        headline=columns.headline[rows],
        published=columns.published[rows],
        added=columns.added[rows],
        mentioned=(offsets, first, last),
        live=np.arange(len(rows), dtype=np.int32),
        entities=(starts, numbers),
        memo={},
        masks=Masks(),
    )


def naming(columns: Columns, number: int) -> Numbers:
    """Paragraphs that name an entity, deleted ones included, ascending."""
    offsets, numbers = columns.entities
    at = np.flatnonzero(numbers == number)
    return (np.searchsorted(offsets, at, side="right") - 1).astype(np.int32)


def entity_mask(columns: Columns, rows: Numbers, kind: EntityKind, wanted: EntityFilter) -> Mask:
    """Which rows pass a filter on names."""
    keep = np.ones(len(rows), dtype=np.bool_)
    named = [_named(columns, rows, kind, i) for i in wanted.chosen]
    if named:
        together = np.logical_and if wanted.all else np.logical_or
        keep &= np.asarray(together.reduce(named), dtype=np.bool_)
    for entity in wanted.excluded:
        keep &= ~_named(columns, rows, kind, entity)
    return keep


def _named(columns: Columns, rows: Numbers, kind: EntityKind, entity: str) -> Mask:
    number = columns.names.number(kind, entity)
    if number is None:
        return np.zeros(len(rows), dtype=np.bool_)
    return np.asarray(columns.masks.get(number, lambda: _naming_mask(columns, number))[rows])


def _naming_mask(columns: Columns, number: int) -> Mask:
    mask = np.zeros(len(columns.ordinal), dtype=np.bool_)
    mask[naming(columns, number)] = True
    return mask


def published_mask(columns: Columns, rows: Numbers, within: DayRange, undated: str | None) -> Mask:
    """Which rows were published on the wanted days.

    Undated articles pass unless days are wanted; `undated` include, exclude and only
    overrule that.
    """
    days = columns.published[rows]
    dated = days != UNDATED
    if undated == "only":
        return np.asarray(~dated)
    first, last = ends(within)
    keep = dated & (days >= first) & (days <= last)
    if undated == "include" or (undated is None and not within):
        keep |= ~dated
    return np.asarray(keep)


def mentioned_mask(columns: Columns, rows: Numbers, within: DayRange) -> Mask:
    """Which rows mention a day, or an interval that holds one, of the wanted ones."""
    if not within:
        return np.ones(len(rows), dtype=np.bool_)
    offsets, firsts, lasts = columns.mentioned
    lengths, at = expand(offsets, rows)
    first, last = ends(within)
    keep = np.zeros(len(rows), dtype=np.bool_)
    inside = (firsts[at] <= last) & (lasts[at] >= first)
    keep[np.repeat(np.arange(len(rows)), lengths)[inside]] = True
    return keep


def ends(within: DayRange) -> tuple[int, int]:
    """First and last day number of a range; an open end is the calendar's."""
    first = within.first.toordinal() if within.first else date.min.toordinal()
    last = within.last.toordinal() if within.last else date.max.toordinal()
    return first, last


class Counts(NamedTuple):
    """The entities that some paragraphs name, ascending, and how many name each."""

    numbers: NDArray[np.int64]
    counts: NDArray[np.int64]

    def of(self, numbers: range) -> Counts:
        """Those of a range of entities."""
        low, high = np.searchsorted(self.numbers, (numbers.start, numbers.stop)).tolist()
        return Counts(self.numbers[low:high], self.counts[low:high])

    def get(self, number: int) -> int:
        """The count of one entity."""
        at = int(np.searchsorted(self.numbers, number))
        return int(self.counts[at]) if at < len(self.numbers) and self.numbers[at] == number else 0


_NOBODY = Counts(np.zeros(0, np.int64), np.zeros(0, np.int64))
_NO_NAMES = Facet((), 0, 0)
_NOTHING = EntityFilter()


def entity_counts(columns: Columns, rows: Numbers, units: Numbers | None = None) -> Counts:
    """How many of some paragraphs, or of what they are of, name each entity.

    Args:
        columns: of the commit.
        rows: the paragraphs.
        units: of each, the number of what counts once, or None where it is itself.
    """
    if not len(rows):
        return _NOBODY
    if rows is columns.live and units is None:
        return columns.remember(rows, "entities", lambda: _nonzero(columns.entity_counts))
    offsets, numbers = columns.entities
    size = len(columns.names.keys)
    lengths, at = expand(offsets, rows)
    named = numbers[at]
    if units is not None:  # a paragraph names an entity once, an article may name it in many
        repeated = np.repeat(units.astype(np.int64), lengths)
        named = np.unique(repeated * max(1, size) + named) % max(1, size)
    if len(named) * _FEW < size:
        found, counts = np.unique(named, return_counts=True)
        return Counts(found.astype(np.int64), counts)
    return _nonzero(np.bincount(named, minlength=size))


def _nonzero(counts: NDArray[np.int64]) -> Counts:
    found = np.flatnonzero(counts)
    return Counts(found, counts[found])


def names_facet(
    columns: Columns, kind: EntityKind, counts: Counts, wanted: EntityFilter, limit: int
) -> Facet:
    """List the most frequent names of a kind.

    Args:
        columns: of the commit.
        kind: of the names.
        counts: of all entities.
        wanted: chosen and excluded names, listed whatever their count.
        limit: names listed beside these.
    """
    names = columns.names
    if not len(counts.numbers) and wanted == _NOTHING:
        return _NO_NAMES
    mine = counts.of(names.range(kind))
    listed = most_frequent(names, mine, limit)
    chosen, excluded = ({names.number(kind, i) for i in ids} for ids in (wanted.chosen, wanted.excluded))
    if wanted != _NOTHING:
        seen = {n for _, _, n in listed}
        always = dict.fromkeys(names.number(kind, i) for i in (*wanted.chosen, *wanted.excluded))
        listed += [(-counts.get(n), names.name(n), n) for n in always if n is not None and n not in seen]
    made = [FacetValue(names.id(n), name, -count, n in chosen, n in excluded) for count, name, n in listed]
    # A chosen entity that an editor gave another kind is listed here, but counts among those.
    here = names.range(kind)
    other = int(mine.counts.sum()) + sum([count for count, _, n in listed if n in here])
    return Facet(tuple(made), other, len(mine.numbers))


def most_frequent(names: Names, found: Counts, limit: int) -> list[tuple[int, str, int]]:
    """Entities as (-count, name, number), best first; numbers ascend with the ids' keys, which break ties."""
    numbers, counts = found
    if len(numbers) > limit:
        keep = counts >= np.partition(counts, -limit)[-limit]
        numbers, counts = numbers[keep], counts[keep]
    pairs = zip(counts.tolist(), numbers.tolist(), strict=True)
    return sorted([(-count, names.name(n), n) for count, n in pairs])[:limit]
