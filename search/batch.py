"""Which words, names and days do some new paragraphs hold, each as bits over the paragraphs?"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable
from functools import cached_property

import numpy as np
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.analysis import stems
from index.columns.ragged import key_of, offsets_of
from index.columns.words import Words
from search.facets import mentioned_mask, published_mask, taken
from search.nodes import Mask, Numbers
from search.request import DayRange
from search.signs import Axis, Bits, Key
from search.snapshot import Snapshot
from search.terms import wildcard_pattern

_LAST = "\U0010ffff"  # no word goes on so


class Batch:
    """Some live paragraphs of a commit, taken apart once for all searches.

    Attributes:
        snap: the commit.
        rows: their numbers there, ascending.
        columns: their facts alone, numbered from 0.
        everything: all of them, as bits.
        headlines: those that are headlines.
    """

    def __init__(self, snap: Snapshot, rows: Numbers) -> None:
        self.snap = snap
        self.rows = rows
        self.columns = taken(snap.columns, rows)
        self.everything: Bits = (1 << len(rows)) - 1
        self.headlines: Bits = to_bits(self.columns.headline)
        self._known: dict[Key, Bits] = {}
        self._dated: dict[tuple[Axis, DayRange, str | None], Bits] = {}
        found, words = Words(), snap.texts(rows)
        terms = found.take(words)
        self._exact = found.exact
        of = np.repeat(np.arange(len(rows), dtype=np.int32), terms.lengths)
        order = np.argsort(terms.terms, kind="stable")
        self._rows_of = of[order]
        self._starts = offsets_of(np.bincount(terms.terms, minlength=len(self._exact))).tolist()

    # --- what searches are filed by

    @property
    def words(self) -> Iterable[str]:
        """The exact forms that they hold."""
        return self._exact

    @cached_property
    def stems(self) -> dict[str, list[int]]:
        """Numbers of the exact forms of each stem."""
        found: dict[str, list[int]] = {}
        for number, stemmed in enumerate(stems(list(self._exact))):
            found.setdefault(stemmed, []).append(number)
        return found

    @cached_property
    def entities(self) -> dict[int, list[int]]:
        """By the key of an entity's id, as editors decided, the paragraphs that name it."""
        offsets, numbers = self.columns.entities
        keys = self.columns.names.keys[numbers].tolist()
        found: dict[int, list[int]] = {}
        for row, key in zip(
            np.repeat(np.arange(len(self.rows)), np.diff(offsets)).tolist(), keys, strict=True
        ):
            found.setdefault(key, []).append(row)
        return found

    def counts_as(self, id_: str) -> int:
        """The key in `entities` of an entity asked for by an id, which may be one that was merged."""
        return key_of(self.snap.decisions.entity(id_))

    # --- what signs ask

    def holding(self, key: Key) -> Bits:
        """Paragraphs that hold a key."""
        found = self._known.get(key)
        if found is None:
            found = self._known[key] = self._look(key)
        return found

    def _look(self, key: Key) -> Bits:
        if key.kind == "stem":
            return self._any(self.stems.get(key.text, ()))
        if key.kind == "exact":
            return self._any([self._exact[key.text]] if key.text in self._exact else ())
        if key.kind == "entity":
            return _bits_of(self.entities.get(self.counts_as(key.text), ()))
        if key.kind == "prefix":
            return self._any([self._exact[w] for w in self._beginning(key.text)])
        if key.kind == "near":
            return self._any(self._near(key.text, key.slips))
        pattern = wildcard_pattern(key.text)
        literal = key.text[: min(key.text.find(c) for c in "*?" if c in key.text)]
        return self._any([self._exact[w] for w in self._beginning(literal) if pattern.fullmatch(w)])

    def _any(self, numbers: Iterable[int]) -> Bits:
        found = 0
        for n in numbers:
            found |= _bits_of(self._rows_of[self._starts[n] : self._starts[n + 1]].tolist())
        return found

    @cached_property
    def _sorted(self) -> list[str]:
        return sorted(self._exact)

    def _beginning(self, prefix: str) -> list[str]:
        low = bisect_left(self._sorted, prefix)
        return self._sorted[low : bisect_left(self._sorted, prefix + _LAST, low)]

    @cached_property
    def _by_length(self) -> dict[int, tuple[list[str], list[int]]]:
        found: dict[int, tuple[list[str], list[int]]] = {}
        for word, number in self._exact.items():
            words, numbers = found.setdefault(len(word), ([], []))
            words.append(word)
            numbers.append(number)
        return found

    def _near(self, word: str, most: int) -> list[int]:
        out: list[int] = []
        for length in range(len(word) - most, len(word) + most + 1):
            words, numbers = self._by_length.get(length, ([], []))
            found = process.extract(word, words, scorer=OSA.distance, score_cutoff=most, limit=None)
            out += [numbers[at] for _, _, at in found]
        return out

    def dated(self, axis: Axis, within: DayRange, undated: str | None) -> Bits:
        """Paragraphs that a filter on days lets through."""
        asked = (axis, within, undated)
        if asked not in self._dated:
            rows, columns = self.columns.live, self.columns
            published = axis == "published"
            mask = (
                published_mask(columns, rows, within, undated)
                if published
                else mentioned_mask(columns, rows, within)
            )
            self._dated[asked] = to_bits(mask)
        return self._dated[asked]


def to_bits(mask: Mask) -> Bits:
    """A mask as bits, the first paragraph's the lowest."""
    return int.from_bytes(np.packbits(mask, bitorder="little").tobytes(), "little")


def to_places(bits: Bits, size: int) -> Numbers:
    """Places of the bits that are set, ascending."""
    data = np.frombuffer(bits.to_bytes((size + 7) // 8, "little"), dtype=np.uint8)
    return np.flatnonzero(np.unpackbits(data, count=size, bitorder="little")).astype(np.int32)


def _bits_of(rows: Iterable[int]) -> Bits:
    found = 0
    for row in rows:
        found |= 1 << row
    return found
