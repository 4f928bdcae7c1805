"""Which matches pass a filter, and how often does each name occur among them?

Counts are of paragraphs, or of articles where the answer is grouped. All functions take
paragraph numbers and the columns of one snapshot.
"""

from __future__ import annotations

from datetime import date

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.ragged import places
from index.model import EntityKind
from search.columns import UNDATED, Columns, Names
from search.nodes import Mask, Numbers, member
from search.request import DayRange, EntityFilter
from search.results import Facet, FacetValue

_FEW = 4  # below this share of all paragraphs their own names are read, not everybody's


def expand(offsets: Array, rows: Numbers) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Places of all values of some rows of compressed sparse rows.

    Returns:
        How many values each row has, and the places of all, row by row.
    """
    starts = offsets[rows]
    lengths = offsets[rows + np.int32(1)].astype(np.int64)
    lengths -= starts
    return lengths, places(starts, lengths)


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
    if len(rows) * _FEW > len(columns.ordinal):
        return member(rows, naming(columns, number), len(columns.ordinal))
    offsets, numbers = columns.entities
    lengths, at = expand(offsets, rows)
    mask = np.zeros(len(rows), dtype=np.bool_)
    mask[np.repeat(np.arange(len(rows)), lengths)[numbers[at] == number]] = True
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


def entity_counts(columns: Columns, rows: Numbers, grouped: bool) -> NDArray[np.int64]:
    """How many of some paragraphs, or of their articles, name each entity."""
    offsets, numbers = columns.entities
    size = len(columns.names.keys)
    if rows is columns.live and not grouped:
        return columns.entity_counts
    lengths, at = expand(offsets, rows)
    named = numbers[at]
    if grouped:  # a paragraph names an entity once, an article may name it in many
        units = np.repeat(columns.article[rows].astype(np.int64), lengths)
        named = np.unique(units * max(1, size) + named) % max(1, size)
    return np.bincount(named, minlength=size)


def names_facet(
    columns: Columns, kind: EntityKind, counts: NDArray[np.int64], wanted: EntityFilter, limit: int
) -> Facet:
    """List the most frequent names of a kind.

    Args:
        columns: of the commit.
        kind: of the names.
        counts: of every entity, as `entity_counts` gives them.
        wanted: chosen and excluded names, listed whatever their count.
        limit: names listed beside these.
    """
    names, numbers = columns.names, columns.names.range(kind)
    mine = counts[numbers.start : numbers.stop]
    listed = [(n + numbers.start, name) for n, name in _most_frequent(names, numbers.start, mine, limit)]
    seen = {n for n, _ in listed}
    always = (names.number(kind, i) for i in (*wanted.chosen, *wanted.excluded))
    listed += [(n, names.name(n)) for n in dict.fromkeys(always) if n is not None and n not in seen]
    chosen, excluded = ({names.number(kind, i) for i in ids} for ids in (wanted.chosen, wanted.excluded))
    made = [FacetValue(names.id(n), name, int(counts[n]), n in chosen, n in excluded) for n, name in listed]
    # A chosen entity that an editor gave another kind is listed here, but counts among those.
    other = int(mine.sum()) - sum(int(counts[n]) for n, _ in listed if n in numbers)
    return Facet(tuple(made), other, int(np.count_nonzero(mine)))


def _most_frequent(names: Names, base: int, counts: NDArray[np.int64], limit: int) -> list[tuple[int, str]]:
    found = np.flatnonzero(counts)
    if len(found) > limit:
        least = np.partition(counts[found], -limit)[-limit]
        found = found[counts[found] >= least]
    named = ((int(n), names.name(int(n) + base)) for n in found)
    best = sorted(named, key=lambda pair: (-counts[pair[0]], pair[1], names.keys[pair[0] + base]))
    return best[:limit]
