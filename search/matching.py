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
    Require,
    Scores,
)
from search.terms import Terms
from search.words import Phrase, Word, Words

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
        self._average = self._average_length()
        self._norms: dict[int, Scores] = {}
        self._kinds: dict[tuple[int, str], Numbers] = {}

    def _average_length(self) -> float:
        total = 0
        for segment in self.segments:
            lengths = segment.arrays["exact_lengths"]
            total += int((lengths if segment.live is None else lengths[segment.live]).sum(dtype=np.int64))
        return total / max(1, self.terms.doc_count()) or 1.0

    def weight(self, field: str, word: str) -> float:
        """(k1 + 1) x inverse document frequency, as Whoosh has it."""
        frequency = self.terms.doc_frequency(field, word)
        return (_K1 + 1) * (math.log(self.terms.doc_count() / (frequency + 1)) + 1)

    def of_kind(self, at: int, kind: str) -> Numbers:
        """Paragraphs of a kind in a segment, ascending."""
        found = self._kinds.get((at, kind))
        if found is None:
            kinds = self.segments[at].arrays["kind"]
            found = self._kinds[at, kind] = np.flatnonzero(kinds == KINDS.index(kind)).astype(np.int32)
        return found

    def norm(self, at: int) -> Scores:
        """By paragraph of a segment, k1 x (1 - b + b x length / average length).

        Both fields have a term for each form of each word, so their lengths are the same.
        """
        found = self._norms.get(at)
        if found is None:
            lengths = self.segments[at].arrays["exact_lengths"]
            by_length = np.arange(int(lengths.max(initial=0)) + 1) / self._average
            found = (_K1 * (1 - _B + _B * by_length)).astype(np.float32)[lengths]
            self._norms[at] = found
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
        corpus = self._corpus
        if len(corpus.segments) == 1 and self._nodes[0] is not None:
            return self._nodes[0].score(rows, corpus.norm(0)[rows], sure=True)
        parts = [np.zeros(0, np.float32)]
        for at, (node, base) in enumerate(zip(self._nodes, corpus.bases, strict=True)):
            if node is not None:
                low, high = np.searchsorted(rows, (base, base + corpus.segments[at].rows))
                mine = rows[low:high] - np.int32(base)
                parts.append(node.score(mine, corpus.norm(at)[mine], sure=True))
        return np.concatenate(parts)


def among(tree: query.Query, corpus: Corpus, meter: Meter, rows: Numbers) -> Numbers:
    """Which of some live paragraphs are among the rows of `Matches`, looked at alone.

    What a query may cost is counted in the segments that hold them only; where it could come to
    an end in those before, ask `Matches` itself.

    Args:
        tree: lowered.
        corpus: the commit.
        meter: of the query.
        rows: paragraph numbers, ascending, none of them deleted.
    """
    if isinstance(tree, query.Every):
        return rows
    parts = [rows[:0]]
    owners = np.searchsorted(corpus.bases, rows, side="right") - 1
    for at in np.unique(owners).tolist():
        mine = rows[owners == at]
        node = _Building(corpus, at, meter, scored=False).node(tree)
        if node is not None:
            parts.append(mine[node.within(mine - np.int32(corpus.bases[at]))])
    return np.concatenate(parts)


class _Building:
    """Nodes of one segment; None stands for what matches nothing there.

    Args:
        corpus: the commit.
        at: which segment.
        meter: of the query.
        scored: whether scores will be asked for; the statistics that they take cost more than the matches
            of a few paragraphs.
    """

    def __init__(self, corpus: Corpus, at: int, meter: Meter, *, scored: bool = True) -> None:
        self._corpus, self._at, self._meter, self._scored = corpus, at, meter, scored
        self._segment = corpus.segments[at]
        self._rows = self._segment.rows

    def node(self, tree: query.Query) -> Node | None:
        """A part of the tree."""
        if isinstance(tree, query.Term):
            return self._term(tree)
        if isinstance(tree, query.And):
            return self._all([self.node(t) for t in tree.subqueries])
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
            return Listed(self._corpus.of_kind(self._at, tree.text), self._rows)
        return self._word(tree.fieldname, tree.text, tree.boost)

    def _word(self, name: str, text: str, boost: float = 1.0) -> Word | None:
        field = self._segment.field(name)
        number = field.find(text)
        if number is None:
            return None
        return Word(field, number, self._weight(name, text, boost), self._rows)

    def _weight(self, name: str, text: str, boost: float) -> float:
        return boost * self._corpus.weight(name, text) if self._scored else 0.0

    def _all(self, children: Sequence[Node | None]) -> Node | None:
        """What all match, as far as the budget goes; the rarest is always asked for."""
        found = [c for c in children if c is not None]
        if len(found) < len(children) or not found:
            return None
        rarest, *more = sorted(found, key=lambda c: c.size)
        kept = [rarest, *(c for c in more if self._meter.affords(c.size))]
        return kept[0] if len(kept) == 1 else All(kept, self._meter)

    def _any(self, trees: Sequence[query.Query]) -> Node | None:
        if len(trees) >= _MANY and all(isinstance(t, query.Term) for t in trees):
            return self._words(trees)
        found: list[Node] = []
        for tree in trees:
            child = self.node(tree)
            if child is not None:
                if found and not self._meter.affords(child.size):
                    break
                found.append(child)
        if not found:
            return None
        return found[0] if len(found) == 1 else Any(found, self._rows, self._meter)

    def _words(self, terms: Sequence[query.Term]) -> Node | None:
        """Any of some terms of one field."""
        name, weights = terms[0].fieldname, dict[int, float]()
        field = self._segment.field(name)
        for term in terms:
            number = field.find(term.text)
            if number is not None:
                low, high = field.postings(number)
                if weights and not self._meter.affords(high - low):
                    break
                weights[number] = self._weight(name, term.text, term.boost)
        numbers = sorted(weights)
        norm = self._corpus.norm(self._at) if self._scored else np.broadcast_to(np.float32(1), self._rows)
        return Words(field, numbers, [weights[n] for n in numbers], norm) if numbers else None

    def _pair(self, tree: query.Query) -> Node | None:
        child = self.node(tree.a)
        if child is None or (isinstance(tree, query.AndMaybe) and not self._scored):
            return child
        other = self.node(tree.b)
        if isinstance(tree, query.Require):
            return None if other is None else Require(child, other, self._meter)
        if isinstance(child, Word) and isinstance(other, Word) and _only_form(child, other):
            child.weight += other.weight
            return child
        return child if other is None else Maybe(child, other)

    def _phrase(self, tree: query.Phrase) -> Node | None:
        words = [self._word(tree.fieldname, w) for w in tree.words]
        known = [w for w in words if w is not None]
        if len(known) < len(words) or not known:
            return None
        if not self._meter.affords(sum(w.size for w in known)):
            return self._all(known)
        return Phrase(known, tree.slop, self._rows, self._meter)


def _only_form(stemmed: Word, exact: Word) -> bool:
    """Whether a stem stands for one written form alone: then both have the same postings."""
    return stemmed.size == exact.size and stemmed.occurrences == exact.occurrences
