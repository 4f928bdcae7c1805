"""A table of all entities of a commit on a cluster, read when names are typed or compared.

A process keeps it, packed. It is that of the commit asked, but in a large archive, where reading it takes
long, it may be a minute old: what came meanwhile is not found by typing yet, and all else is.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.cluster.client import Body
from index.cluster.mapping import PART
from index.columns.files import Array
from index.columns.ragged import Strings, keys_of, pack
from index.decisions import Decisions
from index.model import ENTITY_KINDS
from search.canonical import Counted
from search.cluster.decided import Decided, decided_of
from search.cluster.view import View
from search.cluster.words import counting, total
from search.columns import Names

LARGE_S = 1.0
"""Seconds that reading takes in an archive that is large enough for a table a minute old."""
OLD_S = 60.0

_PAGE = 20_000  # labels of one answer
_ASKED = 500  # counts of one request

T = TypeVar("T")
Label = tuple[str, str, str, int]
"""Kind, id and name of an entity, and how many paragraphs give it that name."""


@dataclass(frozen=True)
class Table:
    """What the texts of a commit name, whatever was decided.

    Attributes:
        generation: number of the commit.
        names: of the entities, numbered as in our own columns.
        counts: paragraphs that name each, by number.
        until: when a newer one is to be read, though nobody committed; a `time.monotonic`.
        decided: by version of decisions, and whether hidden ones are in it, the same as decided.
    """

    generation: int
    names: Names
    counts: NDArray[np.int64]
    until: float
    decided: dict[tuple[str, bool], Listed] = field(default_factory=dict)


@dataclass(frozen=True)
class Listed:
    """The entities as decided; see `search.columns.NamedEntities`."""

    names: Names
    entity_counts: NDArray[np.int64]
    _memo: dict[str, Any] = field(default_factory=dict)

    def once(self, what: str, count: Callable[[], T]) -> T:
        """Work something out once."""
        if what not in self._memo:
            self._memo[what] = count()
        found: T = self._memo[what]
        return found


class EntityTable:
    """The entities of a view as editors decided; see `search.cards.Deciding`."""

    def __init__(self, view: View, *, hidden: bool = False) -> None:
        self._view, self._hidden = view, hidden

    @property
    def decisions(self) -> Decisions:
        """In force; with hidden ones, nobody is hidden."""
        return decided_of(self._view, hidden=self._hidden).decisions

    @property
    def columns(self) -> Listed:
        """The entities, read where they were not."""
        table = _table(self._view)
        key = (self._view.decisions.version, self._hidden)
        if key not in table.decided:
            for old in [k for k in table.decided if k[0] != key[0]]:
                del table.decided[old]
            table.decided[key] = _as_decided(self._view, table, decided_of(self._view, hidden=self._hidden))
        return table.decided[key]

    def with_hidden(self) -> EntityTable:
        """The same with what editors hid."""
        return EntityTable(self._view, hidden=True) if self._view.decisions.hidden else self


_tables: dict[str, Table] = {}
"""By index, its newest table; of the one that was asked last."""


def _table(view: View) -> Table:
    index = view.behind.index
    found = _tables.get(index)
    if found is None or (found.generation != view.generation and time.monotonic() > found.until):
        started = time.monotonic()
        names, counts = _laid_out(list(_labels(view)), view)
        ended = time.monotonic()
        until = ended + OLD_S if ended - started > LARGE_S else ended
        _tables.clear()
        found = _tables[index] = Table(view.generation, names, counts, until)
    return found


def _labels(view: View) -> Iterator[Label]:
    """All labels, in order; asked for so that the cluster reads its dictionary and not the paragraphs."""
    after: Mapping[str, Any] | None = None
    while True:
        source = {"label": {"terms": {"field": "labels"}}}
        composite: dict[str, Any] = {"size": _PAGE, "sources": [source]} | ({"after": after} if after else {})
        body: Body = {
            "size": 0,
            "track_total_hits": False,
            "query": {"match_all": {}},
            "aggs": {"labels": {"composite": composite}},
        }
        found = view.search(body)["aggregations"]["labels"]
        for bucket in found["buckets"]:
            kind, id_, name = bucket["key"]["label"].split(PART, 2)
            yield kind, id_, name, int(bucket["doc_count"])
        after = found.get("after_key")
        if after is None:
            return


@dataclass(frozen=True, slots=True)
class _Packed:
    """Ids and names by number, as `search.columns.Naming`."""

    arrays: Mapping[str, Array]
    texts: Mapping[str, Strings]

    def strings(self, name: str) -> Strings:
        """Ids, or names."""
        return self.texts[name]


def _laid_out(labels: Sequence[Label], view: View) -> tuple[Names, NDArray[np.int64]]:
    """Number entities by kind and by the key of their id, and count the paragraphs that name each."""
    best: dict[tuple[str, str], tuple[int, str]] = {}
    several: set[tuple[str, str]] = set()
    for kind, id_, name, count in labels:  # ascending by name: of two as frequent the first is kept
        before = best.get((kind, id_))
        if before is not None:
            several.add((kind, id_))
        if before is None or before[0] < count:
            best[kind, id_] = count, name
    counts = {entity: count for entity, (count, _) in best.items()} | _counted(view, sorted(several))
    kinds = np.array([ENTITY_KINDS.index(k) for k, _ in best], dtype=np.uint8)
    keys = keys_of(id_ for _, id_ in best)
    order = np.lexsort((keys, kinds))
    entities = [*best]
    ordered = [entities[n] for n in order.tolist()]
    packed = _Packed(
        {"value_names_offsets": np.arange(len(ordered) + 1)},
        {
            "value_ids": Strings(*pack([id_ for _, id_ in ordered])),
            "names": Strings(*pack([best[entity][1] for entity in ordered])),
        },
    )
    bounds = np.searchsorted(kinds[order], np.arange(len(ENTITY_KINDS) + 1)).tolist()
    size = len(ordered)
    names = Names(tuple(bounds), keys[order], [packed], np.zeros(size, np.uint8), np.arange(size))
    return names, np.array([counts[entity] for entity in ordered], dtype=np.int64)


def _counted(view: View, entities: Sequence[tuple[str, str]]) -> dict[tuple[str, str], int]:
    """Paragraphs that name entities of several names: some give one two of them."""
    totals = _totals(view, [{"term": {kind: id_}} for kind, id_ in entities])
    return dict(zip(entities, totals, strict=True))


def _totals(view: View, queries: Sequence[Body]) -> list[int]:
    found: list[int] = []
    for at in range(0, len(queries), _ASKED):
        found += map(total, view.searches([counting(query) for query in queries[at : at + _ASKED]]))
    return found


def _as_decided(view: View, table: Table, decided: Decided) -> Listed:
    """The entities as decided: numbered by `search.canonical`, counted by the cluster where it must be."""
    if not decided:
        return Listed(table.names, table.counts)
    counted = Counted.of(table.names, decided.decisions)
    counts = np.zeros(len(counted.names.keys), dtype=np.int64)
    counts[counted.place] = table.counts
    for own in counted.before.values():
        counts[counted.place[own]] = 0  # they count as what was decided
    asked: list[str] = []
    for entity in decided.entities:
        if entity in decided.unmoved:
            counts[counted.own[entity]] = table.counts[counted.before[entity]].sum()
        else:
            asked.append(entity)
    totals = _totals(view, [decided.naming(entity) for entity in asked])
    counts[[counted.own[entity] for entity in asked]] = totals
    return Listed(counted.names, counts)
