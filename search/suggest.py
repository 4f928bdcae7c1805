"""What could the user have meant, and how could a word go on?"""

from __future__ import annotations

import heapq
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Set
from dataclasses import dataclass

import numpy as np
from rapidfuzz.distance import OSA
from rapidfuzz.process import cdist
from whoosh import query

from index.analysis import fold, query_form, stem, tokens
from index.model import EntityKind
from search.columns import NamedEntities
from search.results import FacetValue
from search.terms import Vocabulary

_MIN_LENGTH = 4  # shorter words have too many neighbours to correct
_LONG = 7  # from here on two slips are forgiven


def known(index: Vocabulary, form: str) -> bool:
    """Whether any text holds the word, in whatever ending."""
    return bool(index.doc_frequency("stem", stem(form)) or index.doc_frequency("exact", form))


def correct(index: Vocabulary, typed: str, tree: query.Query) -> str | None:
    """The query with each word that no text holds replaced by the likeliest one that some do.

    Returns:
        The corrected query, or None when all words are known or nothing is near.
    """
    asked = {t.text for t in _plain_terms(tree)}
    index.look_up(("stem", stem(form)) for form in asked)
    changed = False

    def swap(surface: str) -> str:
        nonlocal changed
        form = query_form(surface)
        if form not in asked or known(index, form):
            return surface
        better = nearest(index, form)
        changed |= better is not None
        return better or surface

    out: list[str] = []
    last = 0
    for start, end, surface in tokens(typed):
        out += [typed[last:start], swap(surface)]
        last = end
    return "".join([*out, typed[last:]]) if changed else None


def nearest(index: Vocabulary, form: str) -> str | None:
    """The word of the index with fewest slips from `form`, the most frequent of them."""
    most = 0 if len(form) < _MIN_LENGTH else 1 if len(form) < _LONG else 2
    best: tuple[int, int, str] | None = None
    for word, slips, count in index.near(form, most) if most else ():
        if not word or word[0].isdigit():
            continue
        candidate = (slips + (word[0] != form[0]), -count, word)
        best = min(best, candidate) if best else candidate
    return best[2] if best else None


def complete(index: Vocabulary, typed: str, limit: int) -> tuple[str, ...]:
    """The text with its last word completed by words of the index, most frequent first."""
    found = list(tokens(typed))
    if not found or found[-1][1] != len(typed):
        return ()
    start, _, surface = found[-1]
    prefix = fold(surface)
    return tuple(typed[:start] + word for word, _ in index.commonest(prefix, limit))


def find_values(columns: NamedEntities, kind: EntityKind, typed: str, limit: int) -> tuple[FacetValue, ...]:
    """Names found by typing: each typed word begins a word of the name, or nearly does.

    Those that an editor vouches for come first. Names that were merged or changed are
    found by what they were, too.

    Args:
        columns: of the commit.
        kind: of the names.
        typed: what was typed; nothing finds the most frequent.
        limit: how many at most.
    """
    wanted = [fold(surface) for _, _, surface in tokens(typed)]
    known = columns.once(f"names {kind}", lambda: _names(columns, kind))
    names, counts = columns.names, columns.entity_counts

    def listed(numbers: Iterable[int]) -> list[tuple[bool, int, str, int]]:
        return heapq.nsmallest(
            limit, ((n not in names.pinned, -int(counts[n]), names.name(n), n) for n in numbers)
        )

    exact = _all_of([known.beginning(t) for t in wanted], known.numbers)
    chosen = listed(exact)
    if len(chosen) < limit and any(len(t) >= _MIN_LENGTH for t in wanted):
        near = _all_of([known.nearly_beginning(t) for t in wanted], known.numbers)
        chosen += listed(near - exact)[: limit - len(chosen)]
    return tuple(FacetValue(names.id(n), name, -count) for _, count, name, n in chosen)


def _all_of(found: list[set[int]], everything: frozenset[int]) -> Set[int]:
    return set.intersection(*found) if found else everything


@dataclass(frozen=True, slots=True)
class _Names:
    """The entities of a kind that a live paragraph names, by the words of all their names.

    Attributes:
        words: distinct, folded, ascending.
        owners: the numbers of the entities that have each word.
        numbers: of all.
    """

    words: list[str]
    owners: list[list[int]]
    numbers: frozenset[int]

    def beginning(self, typed: str) -> set[int]:
        """Which have a word that begins so?"""
        start = bisect_left(self.words, typed)
        end = bisect_left(self.words, True, start, key=lambda word: not word.startswith(typed))
        return {number for numbers in self.owners[start:end] for number in numbers}

    def nearly_beginning(self, typed: str) -> set[int]:
        """Which have a word that begins so, but for a slip, or two of a long word?"""
        if len(typed) < _MIN_LENGTH:
            return self.beginning(typed)
        most = 1 if len(typed) < _LONG else 2
        near: set[int] = set()
        for length in (len(typed) - 1, len(typed), len(typed) + 1):
            heads = [word[:length] for word in self.words]
            slips = cdist([typed], heads, scorer=OSA.distance, score_cutoff=most, dtype=np.uint8)[0]
            near.update(*(self.owners[n] for n in np.flatnonzero(slips <= most).tolist()))
        return near


def names_with_words(columns: NamedEntities, kind: EntityKind) -> list[tuple[int, str, list[str]]]:
    """Number, name and the words of all its names, of each entity that a live paragraph names."""
    names = columns.names
    numbers = [n for n in names.range(kind) if columns.entity_counts[n]]
    named = ((n, names.name(n), names.others.get(n, ())) for n in numbers)
    return [(n, name, [fold(s) for t in (name, *more) for _, _, s in tokens(t)]) for n, name, more in named]


def _names(columns: NamedEntities, kind: EntityKind) -> _Names:
    rows = names_with_words(columns, kind)
    by_word: dict[str, list[int]] = {}
    for number, _, words in rows:
        for word in dict.fromkeys(words):
            by_word.setdefault(word, []).append(number)
    distinct = sorted(by_word)
    return _Names(distinct, [by_word[word] for word in distinct], frozenset(row[0] for row in rows))


def _plain_terms(tree: query.Query) -> Iterator[query.Term]:
    if isinstance(tree, query.Term):
        yield tree
    elif isinstance(tree, query.And | query.Or | query.Sequence):
        for sub in tree.subqueries:
            yield from _plain_terms(sub)
