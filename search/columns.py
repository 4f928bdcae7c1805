"""The facts of all paragraphs of a commit, as arrays over all its segments.

Where there is one segment these are its own maps; several are put one behind the other, and
numbers of articles and entities are made the same for all. Nothing is decoded.
"""

from __future__ import annotations

from bisect import bisect_right
from collections import OrderedDict
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Any, Literal, Protocol, TypeVar

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array, narrow
from index.columns.ragged import Keys, key_of, offsets_of
from index.columns.segment import Mask, OpenSegment
from index.model import ENTITY_KINDS, EntityKind
from index.stored import KINDS
from search.nodes import Numbers
from search.request import EntityFilter
from search.stories import Stories

UNDATED = np.int32(-1)
"""Day number of an article whose day of publication is not known."""

T = TypeVar("T")
_REMEMBERED = 5_000
_MASKS_BYTES = 16 * 2**20  # of a process; a paragraph is a byte in each


class Naming(Protocol):
    """What tells ids and names of entities by their own numbers, as segments do."""

    @property
    def arrays(self) -> Mapping[str, Array]:
        """With `value_names_offsets`: where the names of each begin; the commonest is the first."""
        ...

    def strings(self, name: Literal["value_ids", "names"], /) -> Sequence[str]:
        """Ids by number, or names."""
        ...


class NamedEntities(Protocol):
    """The entities of a commit with how many paragraphs name each, wherever the index is."""

    @property
    def names(self) -> Names:
        """What their numbers mean."""
        ...

    @property
    def entity_counts(self) -> NDArray[np.int64]:
        """Paragraphs that name each, by number."""
        ...

    def once(self, what: str, count: Callable[[], T], /) -> T:
        """Work something out once, and remember it."""
        ...


@dataclass(frozen=True)
class Names:
    """The entities of all segments, numbered by kind and key.

    Attributes:
        bounds: entities of kind k have the numbers from `bounds[k]` to `bounds[k + 1]`.
        keys: of their ids, ascending within a kind.
        segments: those that know them.
        known_in: which segment tells an entity's name: where it occurs most by that name.
        known_as: its number there.
        numbers: of ids that editors decided about, whatever their kind was; None: not to be found.
        told: ids and names that editors gave.
        others: further names by which an entity is found by typing.
        pinned: entities that an editor vouches for.
    """

    bounds: tuple[int, ...]
    keys: Keys
    segments: Sequence[Naming]
    known_in: Array
    known_as: Array
    numbers: Mapping[str, int | None] = field(default_factory=dict)
    told: Mapping[int, tuple[str, str]] = field(default_factory=dict)
    others: Mapping[int, tuple[str, ...]] = field(default_factory=dict)
    pinned: frozenset[int] = frozenset()
    _told: dict[int, tuple[str, str]] = field(default_factory=dict)  # id and name of those shown lately

    def range(self, kind: EntityKind) -> range:
        """Numbers of the entities of a kind."""
        at = ENTITY_KINDS.index(kind)
        return range(self.bounds[at], self.bounds[at + 1])

    def number(self, kind: EntityKind, id_: str) -> int | None:
        """Number of an entity by its id, or by an id that was merged into it."""
        if id_ in self.numbers:
            return self.numbers[id_]
        numbers = self.range(kind)
        key = np.uint64(key_of(id_))
        at = numbers.start + int(np.searchsorted(self.keys[numbers.start : numbers.stop], key))
        return at if at < numbers.stop and self.keys[at] == key else None

    def renamed(self, asked: Mapping[EntityKind, EntityFilter]) -> dict[str, str]:
        """Of the ids that filters name and that count as another entity: that one's id."""
        if not self.numbers:
            return {}
        ids = (i for f in asked.values() for i in (*f.chosen, *f.excluded))
        numbers = ((i, self.numbers.get(i)) for i in ids)
        return {i: now for i, n in numbers if n is not None and (now := self.id(n)) != i}

    def kind(self, number: int) -> EntityKind:
        """Kind of an entity."""
        return ENTITY_KINDS[bisect_right(self.bounds, number) - 1]

    def id(self, number: int) -> str:
        """Id of an entity."""
        return self._tell(number)[0]

    def name(self, number: int) -> str:
        """The name that most paragraphs give an entity."""
        return self._tell(number)[1]

    def _tell(self, number: int) -> tuple[str, str]:
        if number in self.told:
            return self.told[number]
        told = self._told.get(number)
        if told is None:
            if len(self._told) >= _REMEMBERED:
                self._told.clear()
            segment, own = self.segments[int(self.known_in[number])], int(self.known_as[number])
            first = int(segment.arrays["value_names_offsets"][own])
            told = segment.strings("value_ids")[own], segment.strings("names")[first]
            self._told[number] = told
        return told


class Masks:
    """The filters asked for last, each by paragraph, as Lucene's query cache keeps them.

    Who reads on, sorts anew or chooses one more value asks for the same ones again.
    """

    def __init__(self, most: int = _MASKS_BYTES) -> None:
        self._most = most
        self._kept: OrderedDict[int, Mask] = OrderedDict()

    def get(self, number: int, make: Callable[[], Mask]) -> Mask:
        """The paragraphs that name an entity, made when they are not among those kept."""
        mask = self._kept.pop(number, None)
        if mask is None:
            mask = make()
            while self._kept and (len(self._kept) + 1) * mask.nbytes > self._most:
                self._kept.popitem(last=False)
        self._kept[number] = mask
        return mask


@dataclass(frozen=True)
class Columns:
    """The facts of all paragraphs, deleted ones included, one row each.

    Attributes:
        article: number of the article; numbers ascend with the articles' ids' keys, so that
            they order articles the same on every machine.
        article_keys: of the articles' ids, ascending.
        ordinal: place in the article.
        headline: whether it is one.
        published: day number or UNDATED.
        added: when the article was first taken in, seconds since 1970 in UTC.
        names: what the numbers of entities mean.
        mentioned: offsets, first days and last days of the intervals mentioned.
        live: numbers of the paragraphs that are not deleted.
        entities: offsets and numbers of the entities named.
        memo: what was counted of all of them, by what it is.
        masks: filters on names asked for lately.
        stories: which articles are copies of one text.
    """

    article: Array
    article_keys: Keys
    ordinal: Numbers
    headline: Mask
    published: Numbers
    added: Array
    names: Names
    mentioned: tuple[Array, Numbers, Numbers]
    live: Numbers
    entities: tuple[Array, Array] = (np.zeros(1, np.int64), np.zeros(0, np.int32))
    memo: dict[str, Any] = field(default_factory=dict)
    masks: Masks = field(default_factory=Masks)
    stories: Stories = field(default_factory=lambda: Stories.NONE)

    @property
    def articles(self) -> int:
        """How many articles there are."""
        return len(self.article_keys)

    def remember(self, rows: Numbers, what: str, count: Callable[[], T]) -> T:
        """Count once what is asked of all live paragraphs; always what is asked of others."""
        if rows is not self.live:
            return count()
        if what not in self.memo:
            self.memo[what] = count()
        found: T = self.memo[what]
        return found

    def once(self, what: str, count: Callable[[], T]) -> T:
        """Work out once what is asked of all live paragraphs."""
        return self.remember(self.live, what, count)

    def story(self, rows: Numbers) -> Numbers:
        """The story of each of some paragraphs: the number of its first article."""
        return self.stories.of_article[self.article[rows]]

    def article_number(self, article_id: str) -> int | None:
        """Number of an article by its id."""
        key = np.uint64(key_of(article_id))
        at = int(np.searchsorted(self.article_keys, key))
        return at if at < self.articles and self.article_keys[at] == key else None

    @cached_property
    def entity_counts(self) -> NDArray[np.int64]:
        """Live paragraphs that name each entity."""
        offsets, numbers = self.entities
        size = len(self.names.keys)
        if len(self.live) == len(offsets) - 1:
            return np.bincount(numbers, minlength=size)
        keep = np.zeros(len(offsets) - 1, dtype=np.bool_)
        keep[self.live] = True
        lengths = np.diff(offsets.astype(np.int64)).astype(np.int64)
        return np.bincount(numbers[np.repeat(keep, lengths)], minlength=size)


def columns_of(segments: Sequence[OpenSegment], before: Columns | None = None) -> Columns:
    """Lay out the segments of a commit as one; of a commit before, the stories found are used again."""
    article, keys = _articles(segments)
    names, numbers = _names(segments)
    first, last = _joined(segments, "mentioned_first"), _joined(segments, "mentioned_last")
    published, added, live = _joined(segments, "published"), _joined(segments, "added"), _live(segments)
    stories = Stories(segments, keys, (article, added, published), live)
    return Columns(
        article=article,
        article_keys=keys,
        ordinal=_joined(segments, "ordinal"),
        headline=_joined(segments, "kind") == KINDS.index("headline"),
        published=published,
        added=added,
        entities=(_offsets(segments, "entities_offsets"), numbers),
        names=names,
        mentioned=(_offsets(segments, "mentioned_offsets"), first, last),
        live=live,
        stories=stories.after(before.stories if before else None),
    )


def _joined(segments: Sequence[OpenSegment], name: str) -> Array:
    if len(segments) == 1:
        return segments[0].arrays[name]
    if not segments:
        return np.zeros(0, dtype=np.int32)
    return np.concatenate([s.arrays[name] for s in segments])


def _offsets(segments: Sequence[OpenSegment], name: str) -> Array:
    if len(segments) == 1:
        return segments[0].arrays[name]
    lengths = [np.diff(s.arrays[name].astype(np.int64)) for s in segments]
    return narrow(offsets_of(np.concatenate([np.zeros(0, np.int64), *lengths])))


def _live(segments: Sequence[OpenSegment]) -> Numbers:
    rows = sum(s.rows for s in segments)
    if all(s.live is None for s in segments):
        return np.arange(rows, dtype=np.int32)
    masks = [np.ones(s.rows, np.bool_) if s.live is None else s.live for s in segments]
    return np.flatnonzero(np.concatenate(masks)).astype(np.int32)


def _articles(segments: Sequence[OpenSegment]) -> tuple[Array, Keys]:
    if len(segments) == 1:
        return segments[0].arrays["article"], segments[0].arrays["article_keys"]
    own = [s.arrays["article_keys"] for s in segments]
    keys, numbers = np.unique(np.concatenate([np.zeros(0, np.uint64), *own]), return_inverse=True)
    bases = offsets_of(np.array([len(k) for k in own], dtype=np.int64))
    columns = [numbers[s.arrays["article"] + base] for s, base in zip(segments, bases[:-1], strict=True)]
    return np.concatenate([np.zeros(0, np.int32), *columns]).astype(np.int32), keys


def _names(segments: Sequence[OpenSegment]) -> tuple[Names, Array]:
    if len(segments) == 1:
        only = segments[0].arrays
        size = len(only["value_keys"])
        first = np.zeros(size, dtype=np.uint8)
        own = tuple(only["value_bounds"].tolist())
        return Names(own, only["value_keys"], segments, first, np.arange(size)), only["entities"]
    keys: list[Keys] = []
    remaps = [np.zeros(len(s.arrays["value_keys"]), dtype=np.int32) for s in segments]
    bounds = [0]
    for kind in range(len(ENTITY_KINDS)):
        parts = [s.arrays["value_keys"][slice(*s.arrays["value_bounds"][kind : kind + 2])] for s in segments]
        found, numbers = np.unique(np.concatenate([np.zeros(0, np.uint64), *parts]), return_inverse=True)
        at = 0
        for segment, part, remap in zip(segments, parts, remaps, strict=True):
            low = int(segment.arrays["value_bounds"][kind])
            remap[low : low + len(part)] = numbers[at : at + len(part)] + bounds[-1]
            at += len(part)
        keys.append(found)
        bounds.append(bounds[-1] + len(found))
    columns = [remap[s.arrays["entities"]] for s, remap in zip(segments, remaps, strict=True)]
    numbers = np.concatenate([np.zeros(0, np.int32), *columns])
    known_in, known_as = _best_known(segments, remaps, bounds[-1])
    return Names(tuple(bounds), np.concatenate(keys), segments, known_in, known_as), numbers


def _best_known(
    segments: Sequence[OpenSegment], remaps: Sequence[Numbers], size: int
) -> tuple[Numbers, Numbers]:
    """Segment and number there of each entity, where its commonest name is most frequent."""
    known_in, known_as = np.zeros(size, np.int32), np.zeros(size, np.int32)
    most = np.zeros(size, dtype=np.int64)
    for n, (segment, remap) in enumerate(zip(segments, remaps, strict=True)):
        counts = segment.arrays["name_counts"][segment.arrays["value_names_offsets"][:-1]]
        better = counts > most[remap]
        known_in[remap[better]] = n
        known_as[remap[better]] = np.flatnonzero(better)
        most[remap[better]] = counts[better]
    return known_in, known_as
