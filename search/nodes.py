"""What a query's parts match in one segment: arrays of paragraph numbers instead of one at a time.

A node answers three questions: which paragraphs, which of these, and how well these. The
last is asked only of paragraphs that are in the answer.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from search.limits import Meter

Numbers = NDArray[np.int32]
Scores = NDArray[np.float32]
Mask = NDArray[np.bool_]

SPARSE = 16
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

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        """Scores of some paragraphs, 0 for those it does not match.

        Args:
            docs: paragraph numbers, ascending.
            norm: of each of them, k1 x (1 - b + b x length / average length).
            sure: whether it is known to match all of them.
        """
        ...


def member(docs: Numbers, of: Numbers, rows: int) -> Mask:
    """Which of `docs` are in `of`; both ascending, below `rows`."""
    if not len(of) or not len(docs):
        return np.zeros(len(docs), dtype=np.bool_)
    if len(docs) * SPARSE < len(of):
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

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
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

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        return np.ones(len(docs), np.float32) if sure else self.within(docs).astype(np.float32)


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

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        return np.ones(len(docs), np.float32) if sure else self.within(docs).astype(np.float32)


class All:
    """What all of some nodes match; their scores add up.

    What is left of them when the time is over is not asked for any more.
    """

    def __init__(self, children: Sequence[Node], meter: Meter) -> None:
        self._children = sorted(children, key=lambda c: (isinstance(c, Not | Everything), c.size))
        self._meter = meter
        self._asked = len(self._children)
        self.size = min(c.size for c in children)

    def docs(self) -> Numbers:
        docs = self._children[0].docs()
        for n in range(1, self._asked):
            if self._meter.late():
                self._asked = n
                break
            docs = docs[self._children[n].within(docs)]
        return docs

    def within(self, docs: Numbers) -> Mask:
        mask = np.ones(len(docs), dtype=np.bool_)
        for child in self._children[: self._asked]:
            mask[mask] = child.within(docs[mask])
        return mask

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        total = np.zeros(len(docs), dtype=np.float32)
        if not sure:
            mine = np.flatnonzero(self.within(docs))
            total[mine] = self.score(docs[mine], norm[mine], sure=True)
            return total
        for n, child in enumerate(self._children):
            total += child.score(docs, norm, sure=n < self._asked)
        return total


class Any:
    """What any of some nodes matches; the scores of those that do add up."""

    def __init__(self, children: Sequence[Node], rows: int, meter: Meter) -> None:
        self._children, self._rows, self._meter = children, rows, meter
        self.size = min(rows, sum(c.size for c in children))
        self._found: Numbers | None = None

    def docs(self) -> Numbers:
        if self._found is None:
            marked = np.zeros(self._rows, dtype=np.bool_)
            for n, child in enumerate(self._children):
                if n and self._meter.late():
                    self._children = self._children[:n]
                    break
                marked[child.docs()] = True
            self._found = np.flatnonzero(marked).astype(np.int32)
        return self._found

    def within(self, docs: Numbers) -> Mask:
        if self._found is None and len(docs) * SPARSE < self._rows:
            masks = [child.within(docs) for child in self._children]
            return np.asarray(np.logical_or.reduce(masks), dtype=np.bool_)
        return member(docs, self.docs(), self._rows)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        total = np.zeros(len(docs), dtype=np.float32)
        for child in self._children:
            total += child.score(docs, norm, sure=False)
        return total


class Maybe:
    """What one node matches, which scores higher where another does too."""

    def __init__(self, child: Node, other: Node) -> None:
        self._child, self._other = child, other
        self.size = child.size

    def docs(self) -> Numbers:
        return self._child.docs()

    def within(self, docs: Numbers) -> Mask:
        return self._child.within(docs)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        total = self._child.score(docs, norm, sure)
        more = self._other.score(docs, norm, sure=False)
        if not sure:
            more *= total > 0
        total += more
        return total


class Require:
    """What two nodes match, scored by the first."""

    def __init__(self, child: Node, other: Node, meter: Meter) -> None:
        self._child, self._other = child, other
        self._both = All([child, other], meter)
        self.size = self._both.size

    def docs(self) -> Numbers:
        return self._both.docs()

    def within(self, docs: Numbers) -> Mask:
        return self._both.within(docs)

    def score(self, docs: Numbers, norm: Scores, sure: bool) -> Scores:
        total = self._child.score(docs, norm, sure)
        if not sure:
            total *= self._other.within(docs)
        return total
