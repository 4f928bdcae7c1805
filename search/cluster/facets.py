"""How often does each name occur among the matches? Asked of a cluster's shards, and put together.

Every shard tells of its most frequent names, so that what is rare on each and frequent in all could be
missed. Shards are asked for many more than are shown; where that is not enough to be sure, for more
still, and what then remains unsure is said.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from index.cluster.client import Body
from index.columns.ragged import key_of
from index.model import EntityKind
from search.cluster.decided import Decided
from search.cluster.labels import written_of
from search.cluster.units import EXACT, Unit, counting, units
from search.cluster.view import View
from search.request import EntityFilter
from search.results import Facet, FacetValue

SIZES = (300, 3_000, 20_000)
"""Names that are asked for at first, and where they do not tell enough. Of articles and stories the counts
of all names are needed, for there to be a sum of those not listed: that takes the second at once."""

_PER_SHARD = 3  # names asked of each shard for one that is wanted
_MOST_TIED = 2_000  # names that tie for the last places and are ordered by name; beyond, by id
_NOTHING = EntityFilter()


@dataclass(frozen=True, slots=True)
class NamesAsked:
    """A facet of names.

    Attributes:
        kind: of the names.
        wanted: chosen and excluded ones, listed whatever their count.
        limit: names listed beside these.
        unit: what counts once.
        decided: by editors.
    """

    kind: EntityKind
    wanted: EntityFilter
    limit: int
    unit: Unit
    decided: Decided

    @property
    def first(self) -> int:
        """Place in SIZES of the size that is asked for first."""
        return 0 if self.unit == "none" else 1

    def aggs(self, size: int) -> dict[str, Any]:
        """Aggregations beneath the facet's own filter, for so many names."""
        counted = counting(self.unit)
        more = {"aggs": counted} if counted else {}
        terms: dict[str, Any] = {"field": self.kind, "size": size, "shard_size": _PER_SHARD * size}
        if counted:
            terms["order"] = [{"articles": "desc"}, {"_key": "asc"}]
        else:
            terms["show_term_doc_count_error"] = True
        made: dict[str, Any] = {
            "names": {"terms": terms, **more},
            "distinct": {"cardinality": {"field": self.kind, "precision_threshold": EXACT}},
        }
        if moved := list(self.decided.moved):
            terms["exclude"] = moved
            made["moved"] = {"terms": {"field": self.kind, "include": moved, "size": len(moved)}}
        if filters := dict(self._single()):
            made["single"] = {"filters": {"filters": filters}, **more}
        return made

    def _single(self) -> Iterator[tuple[str, Body]]:
        """Entities that are counted each by its own: made by decisions, chosen and excluded."""
        for id_ in self.decided.made(self.kind):
            yield id_, self.decided.naming(id_)
        for id_ in self.always:
            yield id_, self.decided.named(self.kind, id_)

    @property
    def always(self) -> list[str]:
        """Chosen and excluded entities, as decided; hidden ones left out."""
        ids = (self.decided.meant(i) for i in (*self.wanted.chosen, *self.wanted.excluded))
        return list(dict.fromkeys(i for i in ids if i is not None))


@dataclass(frozen=True, slots=True)
class Counted:
    """What a cluster told of a facet's names.

    Attributes:
        counts: of names, those told.
        single: counts of entities that were counted each by its own, whatever their kind.
        rest: the sum of the counts of all other names; of paragraphs, whatever is counted.
        distinct: names with a count.
        errors: by how much a count may be too low, where it may.
        unsure: the most that a name may have which is not told.
    """

    counts: Mapping[str, int]
    single: Mapping[str, int]
    rest: int
    distinct: int
    errors: Mapping[str, int]
    unsure: int


def read_names(asked: NamesAsked, told: Mapping[str, Any]) -> Counted:
    """Read the answer to `NamesAsked.aggs`."""
    names = told["names"]
    buckets: Sequence[Mapping[str, Any]] = names["buckets"]
    counts = {b["key"]: units(asked.unit, [b]) for b in buckets}
    found: Mapping[str, Any] = told.get("single", {}).get("buckets", {})
    single = {id_: units(asked.unit, [b]) for id_, b in found.items()}
    made = {id_: single[id_] for id_ in asked.decided.made(asked.kind) if single[id_]}
    rest = int(names["sum_other_doc_count"])
    distinct = len(counts)
    if rest:
        moved = len(told.get("moved", {}).get("buckets", ()))
        distinct = max(distinct, int(told["distinct"]["value"]) - moved)
    errors = {b["key"]: int(e) for b in buckets if (e := b.get("doc_count_error_upper_bound"))}
    missing = max(0, int(names["doc_count_error_upper_bound"]))
    least = min(counts.values(), default=0) if rest else 0
    return Counted(counts | made, single, rest, distinct + len(made), errors, least + missing)


def enough(asked: NamesAsked, counted: Counted) -> bool:
    """Whether those told are surely the most frequent names, all ties for the last place among them."""
    if not counted.rest:
        return True
    if asked.unit != "none" or len(counted.counts) < asked.limit:
        return False
    last = sorted(counted.counts.values(), reverse=True)[asked.limit - 1]
    doubtful = (counted.counts[i] + error >= last for i, error in counted.errors.items())
    return last > counted.unsure and not any(doubtful)


def doubt(asked: NamesAsked, counted: Counted) -> str:
    """What an answer must say of names that are not surely counted."""
    what = {"person": "people", "org": "organisations", "place": "places"}[asked.kind]
    if asked.unit != "none":
        return f"There are too many {what} to count the others exactly."
    most = max(counted.errors.values(), default=counted.unsure)
    return f"Counts of {what} may be too low by up to {most}."


def names_facet(view: View, asked: NamesAsked, counted: Counted) -> Facet:
    """List the most frequent names, as `search.facets.names_facet` does."""
    if not counted.distinct and asked.wanted == _NOTHING:
        return Facet((), 0, 0)
    counts, decided = counted.counts, asked.decided
    candidates = _candidates(counts, asked.limit)
    names = _names(view, asked, [*candidates, *asked.always])
    listed = sorted(candidates, key=lambda i: (-counts[i], names.get(i, i), key_of(i)))[: asked.limit]
    listed += [i for i in asked.always if i not in listed and i in names]
    chosen, excluded = (
        {decided.meant(i) for i in ids} for ids in (asked.wanted.chosen, asked.wanted.excluded)
    )
    made = tuple(
        FacetValue(i, names.get(i, i), counted.single.get(i, counts.get(i, 0)), i in chosen, i in excluded)
        for i in listed
    )
    # A chosen entity that an editor gave another kind is listed here, but counts among those.
    here = (v for v in made if not decided.concerns(v.id) or decided.kind(v.id) == asked.kind)
    other = sum(counts.values()) + counted.rest - sum(v.count for v in here)
    return Facet(made, max(0, other), counted.distinct)


def _candidates(counts: Mapping[str, int], limit: int) -> list[str]:
    """Entities among which the most frequent are, those that tie with the last of them included."""
    if len(counts) <= limit:
        return list(counts)
    last = sorted(counts.values(), reverse=True)[limit - 1]
    above = [i for i, count in counts.items() if count > last]
    tied = sorted((i for i, count in counts.items() if count == last), key=key_of)
    return above + tied[:_MOST_TIED]


def _names(view: View, asked: NamesAsked, ids: Iterable[str]) -> dict[str, str]:
    """What entities are called; those that no text has and nothing tells of are left out."""
    decided = asked.decided
    wanted = list(dict.fromkeys(ids))
    written = written_of(view, [i for i in wanted if not decided.concerns(i)])
    told = {i: name for i, names in written.items() if (name := names.get(asked.kind)) is not None}
    return told | {i: decided.name(i) for i in wanted if decided.concerns(i)}
