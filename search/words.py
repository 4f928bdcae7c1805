"""What a query's words match in one segment: one term, many of a pattern, and terms in order.

They are nodes as `search.nodes` tells of them.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.ragged import places
from index.columns.segment import Field
from search.limits import Meter
from search.nodes import SPARSE, All, Mask, Numbers, Scores, member


class Word:
    """A term of a field, scored by BM25.

    Args:
        field: where it stands.
        number: of the term.
        weight: (k1 + 1) x idf x boost.
        rows: paragraphs of the segment.
    """

    def __init__(self, field: Field, number: int, weight: float, rows: int) -> None:
        self.field, self.number = field, number
        self.low, self.high = field.postings(number)
        self.size = self.high - self.low
        self.weight, self._rows = np.float32(weight), rows

    @property
    def occurrences(self) -> int:
        """How often the term stands in all paragraphs."""
        starts = self.field.position_starts
        return int(starts[self.number + 1]) - int(starts[self.number])

    def docs(self) -> Numbers:
        return self.field.docs[self.low : self.high]

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self.docs(), self._rows)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        freqs = self.freqs(docs, sure).astype(np.float32)
        out = freqs + norm
        np.divide(freqs, out, out=out)
        out *= self.weight
        return out

    def freqs(self, docs: Numbers, sure: bool) -> NDArray[np.unsignedinteger]:
        """How often each of some paragraphs, ascending, holds the term; `sure` that all of them do."""
        mine, freqs = self.docs(), self.field.freqs[self.low : self.high]
        if sure and len(docs) == self.size:
            return freqs
        if len(docs) * SPARSE < self.size:
            at = np.searchsorted(mine, docs)
            if sure:
                return np.asarray(freqs[at])
            at[at == self.size] = 0
            return np.asarray(freqs[at] * (mine[at] == docs))
        dense = np.zeros(self._rows, dtype=freqs.dtype)
        dense[mine] = freqs
        return np.asarray(dense[docs])

    def positions(self, docs: Numbers, stride: int) -> NDArray[np.int64]:
        """Where the term stands in some paragraphs that hold it.

        Returns:
            `n * stride + position` for each occurrence in `docs[n]`, ascending.
        """
        freqs = self.field.freqs[self.low : self.high]
        ends = np.cumsum(freqs, dtype=np.int64)
        at = np.searchsorted(self.docs(), docs)
        counts = freqs[at]
        starts = ends[at] - counts + int(self.field.position_starts[self.number])
        owners = np.repeat(np.arange(len(docs), dtype=np.int64) * stride, counts)
        return np.asarray(owners + self.field.positions[places(starts, counts)])


class Words:
    """Any of many terms of a field, as a prefix or a fuzzy word stands for; scored all at once.

    Args:
        field: where they stand.
        numbers: of the terms, ascending.
        weights: of each, as `Word` has it.
        norm: of all paragraphs of the segment.
    """

    def __init__(self, field: Field, numbers: Sequence[int], weights: Sequence[float], norm: Scores) -> None:
        self._field, self._norm, self._weights = field, norm, weights
        at = np.array(numbers)
        self._starts = field.starts[at].astype(np.int64)
        self._lengths = field.starts[at + 1].astype(np.int64) - self._starts
        self._rows = len(norm)
        self._postings = int(self._lengths.sum())
        self.size = min(self._rows, self._postings)
        self._found: Numbers | None = None

    def _of_all(self, values: Array) -> Array:
        """Values of the postings of all terms, one term after another."""
        first = int(self._starts[0])
        if int(self._starts[-1] + self._lengths[-1]) - first == self._postings:  # neighbours
            return values[first : first + self._postings]
        ends = (self._starts + self._lengths).tolist()
        return np.concatenate([values[a:b] for a, b in zip(self._starts.tolist(), ends, strict=True)])

    def docs(self) -> Numbers:
        if self._found is None:
            marked = np.zeros(self._rows, dtype=np.bool_)
            marked[self._of_all(self._field.docs)] = True
            self._found = np.flatnonzero(marked).astype(np.int32)
        return self._found

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self.docs(), self._rows)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        mine = self._of_all(self._field.docs)
        freqs = self._of_all(self._field.freqs).astype(np.float32)
        worth = np.repeat(np.array(self._weights, dtype=np.float32), self._lengths)
        worth *= freqs
        freqs += self._norm[mine]
        worth /= freqs
        total = np.bincount(mine, worth, minlength=self._rows)
        return total[docs].astype(np.float32)


class Phrase:
    """Terms in order, each at most `slop` words behind the one before; their scores add up."""

    def __init__(self, words: Sequence[Word], slop: int, rows: int, meter: Meter) -> None:
        self._words, self._slop, self._rows, self._meter = words, slop, rows, meter
        self._all = All(words, meter)
        self.size = self._all.size
        self._found: Numbers | None = None

    def docs(self) -> Numbers:
        if self._found is None:
            self._found = self._in_order(self._all.docs())
        return self._found

    def within(self, docs: Numbers) -> Mask:
        if self._found is None:
            mask = self._all.within(docs)
            return member(docs, self._in_order(docs[mask]), self._rows)
        return member(docs, self._found, self._rows)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        total = np.zeros(len(docs), dtype=np.float32)
        mine = np.arange(len(docs)) if sure else np.flatnonzero(self.within(docs))
        total[mine] = self._all.score(docs[mine], norm[mine], sure=True)
        return total

    def _in_order(self, docs: Numbers) -> Numbers:
        """Follow the phrase word by word; what is kept are the places where it may go on."""
        stride = 1 + self._slop + max((w.field.longest for w in self._words[:1]), default=0)
        if self._meter.late():
            return docs
        reached = self._words[0].positions(docs, stride)
        for word in self._words[1:]:
            if not len(reached) or self._meter.late():
                break
            here = word.positions(docs, stride)
            before = np.searchsorted(reached, here) - 1
            reached = here[(before >= 0) & (here - reached[before] <= self._slop)]
        if not len(reached):
            return docs[:0]
        owners = reached // stride
        first = np.ones(len(owners), dtype=np.bool_)
        first[1:] = owners[1:] != owners[:-1]
        return np.asarray(docs[owners[first]])
