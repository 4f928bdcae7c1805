"""A lowered tree + the segments of a commit -> paragraph numbers, and scores of those asked for.

Numbers of a commit are a segment's own plus those of the segments before it. Deleted
paragraphs never match, and count in no statistic.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from whoosh import query

from index.columns.segment import OpenSegment
from index.stored import KINDS
from search.limits import Meter
from search.nodes import (
    All,
    Any,
    Everything,
    Listed,
    Maybe,
    Node,
    Not,
    Numbers,
    Phrase,
    Require,
    Scores,
    Word,
    Words,
)
from search.terms import Terms

_K1, _B = 1.2, 0.75
_MANY = 4  # terms of one field from which on an OR scores them together


class Corpus:
    """The segments of a commit with the statistics of all of them.

    Attributes:
        segments: in order.
        bases: number of the first paragraph of each segment.
        rows: paragraphs of all segments, deleted ones included.
        terms: their words.
    """

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self.segments = segments
        self.bases: list[int] = []
        self.rows = 0
        for segment in segments:
            self.bases.append(self.rows)
            self.rows += segment.rows
        self.terms = Terms(segments)
        self._average = {field: self._average_length(field) for field in ("exact", "stem")}
        self._norms: dict[tuple[int, str], Scores] = {}

    def _average_length(self, field: str) -> float:
        total = 0
        for segment in self.segments:
            lengths = segment.arrays[f"{field}_lengths"]
            total += int((lengths if segment.live is None else lengths[segment.live]).sum(dtype=np.int64))
        return total / max(1, self.terms.doc_count()) or 1.0

    def weight(self, field: str, word: str) -> float:
        """(k1 + 1) x inverse document frequency, as Whoosh has it."""
        frequency = self.terms.doc_frequency(field, word)
        return (_K1 + 1) * (math.log(self.terms.doc_count() / (frequency + 1)) + 1)

    def norm(self, at: int, field: str) -> Scores:
        """By paragraph of a segment, k1 x (1 - b + b x length / average length)."""
        found = self._norms.get((at, field))
        if found is None:
            lengths = self.segments[at].arrays[f"{field}_lengths"]
            by_length = np.arange(int(lengths.max(initial=0)) + 1) / self._average[field]
            found = (_K1 * (1 - _B + _B * by_length)).astype(np.float32)[lengths]
            self._norms[at, field] = found
        return found


class Matches:
    """What a lowered tree matches in a commit.

    Attributes:
        rows: paragraph numbers, ascending.
    """

    def __init__(self, tree: query.Query, corpus: Corpus, meter: Meter) -> None:
        self._corpus = corpus
        self._nodes: list[Node | None] = []
        found: list[Numbers] = []
        for at, segment in enumerate(corpus.segments):
            node = _Building(corpus, at, meter).node(tree)
            self._nodes.append(node)
            if node is not None:
                docs = node.docs()
                docs = docs if segment.live is None else docs[segment.live[docs]]
                found.append(docs + np.int32(corpus.bases[at]) if at else docs)
        self.rows: Numbers = found[0] if len(found) == 1 else np.concatenate([np.zeros(0, np.int32), *found])

    def scores(self, rows: Numbers) -> Scores:
        """BM25 scores (Robertson & Zaragoza 2009, as Whoosh computes them) of some of the rows, ascending."""
        parts = [np.zeros(0, np.float32)]
        corpus = self._corpus
        if len(corpus.segments) == 1 and self._nodes[0] is not None:
            return self._nodes[0].score(rows)
        for node, base, segment in zip(self._nodes, corpus.bases, corpus.segments, strict=True):
            if node is not None:
                low, high = np.searchsorted(rows, (base, base + segment.rows))
                parts.append(node.score(rows[low:high] - np.int32(base)))
        return np.concatenate(parts)


class _Building:
    """Nodes of one segment; None stands for what matches nothing there."""

    def __init__(self, corpus: Corpus, at: int, meter: Meter) -> None:
        self._corpus, self._at, self._meter = corpus, at, meter
        self._segment = corpus.segments[at]
        self._rows = self._segment.rows

    def node(self, tree: query.Query) -> Node | None:
        """A part of the tree."""
        if isinstance(tree, query.Term):
            return self._term(tree)
        if isinstance(tree, query.And):
            children = [self.node(t) for t in tree.subqueries]
            kept = [c for c in children if c is not None]
            if len(kept) < len(children) or not kept:
                return None
            return kept[0] if len(kept) == 1 else All(kept)
        if isinstance(tree, query.Or):
            return self._any(tree.subqueries)
        if isinstance(tree, query.Not):
            child = self.node(tree.query)
            return Everything(self._rows) if child is None else Not(child, self._rows)
        if isinstance(tree, query.AndMaybe | query.Require):
            return self._pair(tree)
        if isinstance(tree, query.Phrase):
            return self._phrase(tree)
        return Everything(self._rows) if isinstance(tree, query.Every) else None

    def _term(self, tree: query.Term) -> Node | None:
        if tree.fieldname == "kind":
            kind = self._segment.arrays["kind"]
            return Listed(np.flatnonzero(kind == KINDS.index(tree.text)).astype(np.int32), self._rows)
        return self._word(tree.fieldname, tree.text, tree.boost)

    def _word(self, name: str, text: str, boost: float = 1.0) -> Word | None:
        field = self._segment.field(name)
        number = field.find(text)
        if number is None:
            return None
        return Word(field, number, boost * self._corpus.weight(name, text), self._corpus.norm(self._at, name))

    def _any(self, trees: Sequence[query.Query]) -> Node | None:
        found: list[Node] = []
        for tree in trees:
            child = self.node(tree)
            if child is not None:
                if found and not self._meter.affords(child.size):
                    break
                found.append(child)
        if not found:
            return None
        words = [c for c in found if isinstance(c, Word)]
        if len(words) == len(found) >= _MANY:
            return Words(words, self._rows)
        return found[0] if len(found) == 1 else Any(found, self._rows)

    def _pair(self, tree: query.Query) -> Node | None:
        child, other = self.node(tree.a), self.node(tree.b)
        if child is None:
            return None
        if isinstance(tree, query.Require):
            return None if other is None else Require(child, other)
        return child if other is None else Maybe(child, other, self._rows)

    def _phrase(self, tree: query.Phrase) -> Node | None:
        words = [self._word(tree.fieldname, w) for w in tree.words]
        known = [w for w in words if w is not None]
        if len(known) < len(words) or not known:
            return None
        return Phrase(known, tree.slop, self._rows)
