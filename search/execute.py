"""Query tree + index -> paragraph numbers and scores.

The parsed tree is lowered to the index's fields and its patterns are expanded to terms
under a cap, so that what runs holds plain terms and phrases only.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from rapidfuzz.distance import OSA
from whoosh import query
from whoosh.reading import IndexReader
from whoosh.searching import Searcher

from index.analysis import stem
from search.query import HEADLINE

Numbers = NDArray[np.int32]
Scores = NDArray[np.float32]

EXACT_BOOST = 0.5
"""Weight of the exact form beside the stem's 1: the word as typed ranks above its relatives."""

HEADLINE_BOOST = 1.2
"""Factor on the score of a headline."""

MAX_EXPANSION = 256
"""Terms that a prefix, wildcard or fuzzy word may stand for; the most frequent are kept."""

_MAX_SCANNED = 200_000  # terms looked at for one pattern


@dataclass(slots=True)
class Wanted:
    """What a paragraph's words are compared with to mark them.

    Attributes:
        stems: words whatever their ending.
        exact: words as written.
        phrases: (words, slop, whether they are stems) to be found in order.
    """

    stems: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)
    phrases: list[tuple[tuple[str, ...], int, bool]] = field(default_factory=list)


@dataclass(slots=True)
class Plan:
    """A lowered query.

    Attributes:
        tree: over the index's fields.
        wanted: what to mark in the answers.
        notes: what was cut, a sentence each.
    """

    tree: query.Query
    wanted: Wanted
    notes: list[str]


def plan(parsed: query.Query, reader: IndexReader) -> Plan:
    """Lower a parsed tree for one snapshot of the index."""
    lowering = _Lowering(reader)
    tree = lowering.lower(parsed, marking=True)
    if isinstance(tree, query.Not):
        tree = query.And([query.Every(), tree])
    return Plan(tree, lowering.wanted, lowering.notes)


def matches(tree: query.Query, searcher: Searcher) -> tuple[Numbers, Scores]:
    """Run a lowered tree.

    Returns:
        Paragraph numbers, ascending, and their BM25 scores (Robertson & Zaragoza 2009,
        as Whoosh computes it), two arrays of one length.
    """
    numbers: list[int] = []
    scores: list[float] = []
    for leaf, offset in searcher.leaf_searchers():
        matcher = tree.matcher(leaf)
        while matcher.is_active():
            numbers.append(matcher.id() + offset)
            scores.append(matcher.score())
            matcher.next()
    return np.array(numbers, dtype=np.int32), np.array(scores, dtype=np.float32)


class _Lowering:
    def __init__(self, reader: IndexReader) -> None:
        self._reader = reader
        self.wanted = Wanted()
        self.notes: list[str] = []

    def lower(self, tree: query.Query, *, marking: bool) -> query.Query:
        """One node; `marking` is off below a NOT, whose words are not in the answer."""
        if isinstance(tree, query.And | query.Or):
            return type(tree)([self._branch(t, tree, marking) for t in tree.subqueries])
        if isinstance(tree, query.Not):
            return query.Not(self.lower(tree.query, marking=False))
        if isinstance(tree, query.Every) or tree == query.NullQuery:
            return tree
        sequence = isinstance(tree, query.Sequence)
        lowered = self._sequence(tree, marking) if sequence else self._leaf(tree, marking)
        first = tree.subqueries[0] if sequence else tree
        if first.fieldname == HEADLINE:
            return query.Require(lowered, query.Term("kind", "headline"))
        return lowered

    def _branch(self, tree: query.Query, parent: query.Query, marking: bool) -> query.Query:
        lowered = self.lower(tree, marking=marking)
        if isinstance(parent, query.Or) and isinstance(lowered, query.Not):
            return query.And([query.Every(), lowered])
        return lowered

    def _leaf(self, tree: query.Query, marking: bool) -> query.Query:
        if isinstance(tree, query.Phrase):
            return self._phrase("exact", list(tree.words), tree.slop, marking)
        if isinstance(tree, query.Prefix | query.Wildcard | query.FuzzyTerm):
            return self._expanded(tree, marking)
        if marking:
            self.wanted.stems.add(stem(tree.text))
        exact = query.Term("exact", tree.text, boost=EXACT_BOOST)
        return query.AndMaybe(query.Term("stem", stem(tree.text)), exact)

    def _sequence(self, tree: query.Sequence, marking: bool) -> query.Query:
        return self._phrase("stem", [stem(t.text) for t in tree.subqueries], 1, marking)

    def _phrase(self, name: str, words: list[str], slop: int, marking: bool) -> query.Query:
        if len(words) == 1:
            if marking:
                self.wanted.exact.add(words[0])
            return query.Term(name, words[0])
        if marking:
            self.wanted.phrases.append((tuple(words), slop, name == "stem"))
        return query.Phrase(name, words, slop=slop)

    def _expanded(self, tree: query.Query, marking: bool) -> query.Query:
        found = self._terms(tree)
        if len(found) > MAX_EXPANSION:
            self.notes.append(
                f"“{tree.text}” stands for {len(found)} words; "
                f"the {MAX_EXPANSION} most frequent were searched for."
            )
            found = sorted(found, key=lambda w: -self._reader.doc_frequency("exact", w))[:MAX_EXPANSION]
        if marking:
            self.wanted.exact.update(found)
        if not found:
            return query.NullQuery
        return query.Or([query.Term("exact", w) for w in found])

    def _terms(self, tree: query.Query) -> list[str]:
        if isinstance(tree, query.Prefix):
            return list(self._scan(tree.text, lambda _: True))
        if isinstance(tree, query.Wildcard):
            pattern = wildcard_pattern(tree.text)
            literal = re.split(r"[*?]", tree.text, maxsplit=1)[0]
            return list(self._scan(literal, lambda w: pattern.fullmatch(w) is not None))
        most = int(tree.maxdist)
        return list(self._scan("", lambda w: OSA.distance(w, tree.text, score_cutoff=most) <= most))

    def _scan(self, prefix: str, accept: Callable[[str], bool]) -> Iterator[str]:
        for scanned, raw in enumerate(self._reader.expand_prefix("exact", prefix)):
            if scanned >= _MAX_SCANNED:
                self.notes.append(
                    "The index has too many words to look through them all; some were left out."
                )
                return
            word = raw.decode("utf-8") if isinstance(raw, bytes) else str(raw)
            if accept(word):
                yield word


def wildcard_pattern(text: str) -> re.Pattern[str]:
    """A wildcard as a pattern that cannot backtrack: each `*` takes the shortest run, for good."""
    head, *rest = text.split("*")
    body = _literal(head)
    for n, part in enumerate(rest):
        last = n == len(rest) - 1
        if last:
            body += f".*{_literal(part)}" if part else ".*"
        elif part:
            body += f"(?>.*?{_literal(part)})"
    return re.compile(body, re.DOTALL)


def _literal(text: str) -> str:
    return "".join("." if c == "?" else re.escape(c) for c in text)
