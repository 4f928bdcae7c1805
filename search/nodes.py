"""What a query's parts match in one segment: arrays of paragraph numbers instead of one at a time.

A node answers three questions: which paragraphs, which of these, and how well these. The
last is asked only of paragraphs that are in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from index.columns.ragged import places
from index.columns.segment import Field

Numbers = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

_SPARSE = 16
"""One search among n numbers costs about as much as marking this many."""


class Node(Protocol):
    """A part of a query in one segment.

    Attributes:
        size: how many paragraphs it may match, at most.
    """

    size: int

    def docs(self) -> Numbers:
        """Paragraph numbers, ascending."""
        ...

    def within(self, docs: Numbers) -> Mask:
        """Which of some paragraphs, ascending, it matches."""
        ...

    def score(self, docs: Numbers) -> Scores:
        """Scores of some paragraphs, ascending, all of which it matches."""
        ...


def member(docs: Numbers, of: Numbers, rows: int) -> Mask:
    """Which of `docs` are in `of`; both ascending, below `rows`."""
    if not len(of) or not len(docs):
        return np.zeros(len(docs), dtype=np.bool_)
    if len(docs) * _SPARSE < len(of):
        at = np.searchsorted(of, docs)
        at[at == len(of)] = 0
        return np.asarray(of[at] == docs)
    marked = np.zeros(rows, dtype=np.bool_)
    marked[of] = True
    return np.asarray(marked[docs])


class Everything:
    """All paragraphs, each of which scores 1."""

    def __init__(self, rows: int) -> None:
        self.size = rows

    def docs(self) -> Numbers:
        return np.arange(self.size, dtype=np.int32)

    def within(self, docs: Numbers) -> Mask:
        return np.ones(len(docs), dtype=np.bool_)

    def score(self, docs: Numbers) -> Scores:
        return np.ones(len(docs), dtype=np.float32)


class Listed:
    """Paragraphs known beforehand, each of which scores 1."""

    def __init__(self, docs: Numbers, rows: int) -> None:
        self.size = len(docs)
        self._docs, self._rows = docs, rows

    def docs(self) -> Numbers:
        return self._docs

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self._docs, self._rows)

    def score(self, docs: Numbers) -> Scores:
        return np.ones(len(docs), dtype=np.float32)


class Word:
    """A term of a field, scored by BM25.

    Args:
        field: where it stands.
        number: of the term.
        weight: (k1 + 1) x idf x boost.
        norm: by paragraph, k1 x (1 - b + b x length / average length).
    """

    def __init__(self, field: Field, number: int, weight: float, norm: Scores) -> None:
        self.field, self.number = field, number
        self.low, self.high = field.postings(number)
        self.size = self.high - self.low
        self._weight, self._norm = np.float32(weight), norm

    def docs(self) -> Numbers:
        return self.field.docs[self.low : self.high]

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self.docs(), len(self._norm))

    def score(self, docs: Numbers) -> Scores:
        freqs = self.freqs(docs).astype(np.float32)
        out = self._norm[docs]
        out += freqs
        np.divide(freqs, out, out=out)
        out *= self._weight
        return out

    def freqs(self, docs: Numbers) -> NDArray[np.unsignedinteger]:
        """How often each of some paragraphs, all of which hold the term, does so."""
        freqs = self.field.freqs[self.low : self.high]
        if len(docs) == self.size:
            return freqs
        if len(docs) * _SPARSE < self.size:
            return np.asarray(freqs[self.places(docs)])
        return np.asarray(freqs[member(self.docs(), docs, len(self._norm))])

    def places(self, docs: Numbers) -> NDArray[np.int64]:
        """Places in the term's postings of some paragraphs, all of which hold it."""
        return np.searchsorted(self.docs(), docs)

    def positions(self, docs: Numbers, stride: int) -> NDArray[np.int64]:
        """Where the term stands in some paragraphs that hold it.

        Returns:
            `n * stride + position` for each occurrence in `docs[n]`, ascending.
        """
        freqs = self.field.freqs[self.low : self.high]
        ends = np.cumsum(freqs, dtype=np.int64)
        at = self.places(docs)
        counts = freqs[at]
        starts = ends[at] - counts + int(self.field.position_starts[self.number])
        owners = np.repeat(np.arange(len(docs), dtype=np.int64) * stride, counts)
        return np.asarray(owners + self.field.positions[places(starts, counts)])


class Words:
    """Any of many terms of a field, as a prefix or a fuzzy word stands for."""

    def __init__(self, words: Sequence[Word], rows: int) -> None:
        self._words, self._rows = words, rows
        self.size = min(rows, sum(w.size for w in words))
        self._found: Numbers | None = None

    def docs(self) -> Numbers:
        if self._found is None:
            marked = np.zeros(self._rows, dtype=np.bool_)
            marked[np.concatenate([w.docs() for w in self._words])] = True
            self._found = np.flatnonzero(marked).astype(np.int32)
        return self._found

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self.docs(), self._rows)

    def score(self, docs: Numbers) -> Scores:
        total = np.zeros(self._rows, dtype=np.float32)
        for word in self._words:
            mine = word.docs()
            total[mine] += word.score(mine)
        return np.asarray(total[docs])


class Not:
    """The paragraphs that another node does not match; each scores 1, as in Whoosh."""

    def __init__(self, child: Node, rows: int) -> None:
        self._child = child
        self.size = rows

    def docs(self) -> Numbers:
        marked = np.ones(self.size, dtype=np.bool_)
        marked[self._child.docs()] = False
        return np.flatnonzero(marked).astype(np.int32)

    def within(self, docs: Numbers) -> Mask:
        return ~self._child.within(docs)

    def score(self, docs: Numbers) -> Scores:
        return np.ones(len(docs), dtype=np.float32)


class All:
    """What all of some nodes match; their scores add up."""

    def __init__(self, children: Sequence[Node]) -> None:
        self._children = sorted(children, key=lambda c: (isinstance(c, Not | Everything), c.size))
        self.size = min(c.size for c in children)

    def docs(self) -> Numbers:
        first, *rest = self._children
        docs = first.docs()
        for child in rest:
            docs = docs[child.within(docs)]
        return docs

    def within(self, docs: Numbers) -> Mask:
        mask = np.ones(len(docs), dtype=np.bool_)
        for child in self._children:
            mask[mask] = child.within(docs[mask])
        return mask

    def score(self, docs: Numbers) -> Scores:
        total = np.zeros(len(docs), dtype=np.float32)
        for child in self._children:
            total += child.score(docs)
        return total


class Any:
    """What any of some nodes matches; the scores of those that do add up."""

    def __init__(self, children: Sequence[Node], rows: int) -> None:
        self._children, self._rows = children, rows
        self.size = min(rows, sum(c.size for c in children))
        self._found: Numbers | None = None

    def docs(self) -> Numbers:
        if self._found is None:
            marked = np.zeros(self._rows, dtype=np.bool_)
            for child in self._children:
                marked[child.docs()] = True
            self._found = np.flatnonzero(marked).astype(np.int32)
        return self._found

    def within(self, docs: Numbers) -> Mask:
        return member(docs, self.docs(), self._rows)

    def score(self, docs: Numbers) -> Scores:
        if len(docs) * _SPARSE < self._rows:
            total = np.zeros(len(docs), dtype=np.float32)
            for child in self._children:
                add(total, docs, child)
            return total
        dense = np.zeros(self._rows, dtype=np.float32)
        for child in self._children:
            mine = child.docs()
            dense[mine] += child.score(mine)
        return np.asarray(dense[docs])


def add(total: Scores, docs: Numbers, child: Node) -> None:
    """Add a node's scores where it matches, in place."""
    if child.size == len(docs) and np.array_equal(child.docs(), docs):
        total += child.score(docs)
        return
    mine = np.flatnonzero(child.within(docs))
    total[mine] += child.score(docs[mine])


class Maybe:
    """What one node matches, which scores higher where another does too."""

    def __init__(self, child: Node, other: Node, rows: int) -> None:
        self._child, self._other, self._rows = child, other, rows
        self.size = child.size

    def docs(self) -> Numbers:
        return self._child.docs()

    def within(self, docs: Numbers) -> Mask:
        return self._child.within(docs)

    def score(self, docs: Numbers) -> Scores:
        total = self._child.score(docs)
        add(total, docs, self._other)
        return total


class Require:
    """What two nodes match, scored by the first."""

    def __init__(self, child: Node, other: Node) -> None:
        self._child, self._other = child, other
        self._both = All([child, other])
        self.size = self._both.size

    def docs(self) -> Numbers:
        return self._both.docs()

    def within(self, docs: Numbers) -> Mask:
        return self._both.within(docs)

    def score(self, docs: Numbers) -> Scores:
        return self._child.score(docs)


class Phrase:
    """Terms in order, each at most `slop` words behind the one before; their scores add up."""

    def __init__(self, words: Sequence[Word], slop: int, rows: int) -> None:
        self._words, self._slop, self._rows = words, slop, rows
        self._all = All(words)
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

    def score(self, docs: Numbers) -> Scores:
        return self._all.score(docs)

    def _in_order(self, docs: Numbers) -> Numbers:
        """Follow the phrase word by word; what is kept are the places where it may go on."""
        stride = (
            1 + self._slop + max((int(w.field.lengths.max(initial=0)) for w in self._words[:1]), default=0)
        )
        reached = self._words[0].positions(docs, stride)
        for word in self._words[1:]:
            if not len(reached):
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
