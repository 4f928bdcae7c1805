"""What must a paragraph hold to answer a search? A search as signs, looked for before it is run.

A sign answers, of a batch of paragraphs, which may match: all that do, and some that do not (the
order of a phrase and what stands below a NOT are not looked at). Whether they do is asked of the page's
own code. Signs mirror how `search.execute` lowers a tree: a word stands for its stem, quotes and
patterns for exact forms.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple, Protocol

from whoosh import query

from index.analysis import stem
from index.model import ENTITY_KINDS
from search.query import HEADLINE
from search.request import DayRange, EntityFilter, SearchRequest

Axis = Literal["published", "mentioned"]
Bits = int
"""Some paragraphs of a batch: bit n stands for the nth."""


class Key(NamedTuple):
    """One thing that a paragraph holds or not, by which searches are filed.

    Attributes:
        kind: stem and exact: a word; prefix, wildcard and near: a pattern of exact forms; entity.
        text: the word, the pattern or the entity's id.
        slips: of a `near`, at most.
    """

    kind: Literal["stem", "exact", "prefix", "wildcard", "near", "entity"]
    text: str
    slips: int = 0


PATTERNS = frozenset({"prefix", "wildcard", "near"})


class Holds(Protocol):
    """A batch of paragraphs, as signs ask it."""

    everything: Bits
    headlines: Bits

    def holding(self, key: Key) -> Bits:
        """Those that hold a key."""
        ...

    def dated(self, axis: Axis, within: DayRange, undated: str | None) -> Bits:
        """Those that a filter on days lets through."""
        ...


class Sign(Protocol):
    """What must be there; see the module."""

    def bits(self, batch: Holds) -> Bits:
        """Paragraphs of a batch that may match."""
        ...

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        """Keys of which a match holds one at least, and how many paragraphs do; None: it may hold none."""
        ...


@dataclass(frozen=True, slots=True)
class Has:
    """A key."""

    key: Key

    def bits(self, batch: Holds) -> Bits:
        return batch.holding(self.key)

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        return rarity(self.key), (self.key,)


@dataclass(frozen=True, slots=True)
class Both:
    """All of some signs; what is filed is the rarest of them."""

    parts: tuple[Sign, ...]

    def bits(self, batch: Holds) -> Bits:
        found = batch.everything
        for part in self.parts:
            if not found:
                break
            found &= part.bits(batch)
        return found

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        known = [found for part in self.parts if (found := part.keys(rarity)) is not None]
        return min(known, key=lambda found: found[0], default=None)


@dataclass(frozen=True, slots=True)
class Either:
    """Any of some signs; all of them are filed. None at all match nothing."""

    parts: tuple[Sign, ...]

    def bits(self, batch: Holds) -> Bits:
        found = 0
        for part in self.parts:
            found |= part.bits(batch)
        return found

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        known = [part.keys(rarity) for part in self.parts]
        told = [found for found in known if found is not None]
        if len(told) < len(known):
            return None
        return sum(cost for cost, _ in told), tuple(dict.fromkeys(k for _, keys in told for k in keys))


@dataclass(frozen=True, slots=True)
class InHeadline:
    """A sign in a headline."""

    part: Sign

    def bits(self, batch: Holds) -> Bits:
        return batch.headlines and batch.headlines & self.part.bits(batch)

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        return self.part.keys(rarity)


@dataclass(frozen=True, slots=True)
class Days:
    """A filter on days, which is looked at as it is."""

    axis: Axis
    within: DayRange
    undated: str | None = None

    def bits(self, batch: Holds) -> Bits:
        return batch.dated(self.axis, self.within, self.undated)

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        return None


@dataclass(frozen=True, slots=True)
class Anything:
    """Whatever there is."""

    def bits(self, batch: Holds) -> Bits:
        return batch.everything

    def keys(self, rarity: Callable[[Key], float]) -> tuple[float, tuple[Key, ...]] | None:
        return None


NOTHING, ANYTHING = Either(()), Anything()


def sign_of(tree: query.Query, request: SearchRequest) -> Sign:
    """The sign of a whole search: its parsed words and its filters."""
    parts = [_words(tree)]
    for kind in ENTITY_KINDS:
        wanted = request.entities.get(kind, EntityFilter())
        named = tuple(Has(Key("entity", id_)) for id_ in wanted.chosen)
        if named:
            parts.append(Both(named) if wanted.all else Either(named))
    if request.published or request.undated not in (None, "include"):
        parts.append(Days("published", request.published, request.undated))
    if request.mentioned:
        parts.append(Days("mentioned", request.mentioned))
    return _all(parts)


def _words(tree: query.Query) -> Sign:
    if isinstance(tree, query.And):
        return _all([_words(t) for t in tree.subqueries])
    if isinstance(tree, query.Or):
        return Either(tuple(_words(t) for t in tree.subqueries))
    if isinstance(tree, query.Not | query.Every):
        return ANYTHING
    if tree == query.NullQuery:
        return NOTHING
    first = tree.subqueries[0] if isinstance(tree, query.Sequence) else tree
    found = _leaf(tree)
    return InHeadline(found) if first.fieldname == HEADLINE else found


def _leaf(tree: query.Query) -> Sign:
    if isinstance(tree, query.Sequence):
        return _all([Has(Key("stem", stem(t.text))) for t in tree.subqueries])
    if isinstance(tree, query.Phrase):
        return _all([Has(Key("exact", word)) for word in tree.words])
    if isinstance(tree, query.FuzzyTerm):
        return Has(Key("near", tree.text, int(tree.maxdist)))
    if isinstance(tree, query.Prefix):
        return Has(Key("prefix", tree.text))
    if isinstance(tree, query.Wildcard):
        return Has(Key("wildcard", tree.text))
    return Has(Key("stem", stem(tree.text)))


def _all(parts: Sequence[Sign]) -> Sign:
    kept = tuple(part for part in parts if part is not ANYTHING)
    if not kept:
        return ANYTHING
    return kept[0] if len(kept) == 1 else Both(kept)


def most_touched(tree: query.Query) -> tuple[int, int]:
    """How much running a parsed tree can ask of its budget.

    Returns:
        Parts that may each touch every paragraph once, and patterns, which may each touch every
        posting of a field once.
    """
    if isinstance(tree, query.And | query.Or | query.Sequence):
        told = [most_touched(t) for t in tree.subqueries]
        return 1 + sum(parts for parts, _ in told), sum(patterns for _, patterns in told)
    if isinstance(tree, query.Not):
        return most_touched(tree.query)
    if isinstance(tree, query.Phrase):
        return 1 + len(tree.words), 0
    pattern = isinstance(tree, query.Prefix | query.Wildcard | query.FuzzyTerm)
    return 1, int(pattern)
