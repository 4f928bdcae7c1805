"""Query tree -> what runs: a tree over the index's fields, its patterns expanded.

Patterns stand for terms under a cap, so that what runs holds plain terms and phrases only;
`search.matching` runs it.
"""

from __future__ import annotations

from dataclasses import dataclass

from whoosh import query

from index.analysis import stem
from search.limits import Limits, Meter
from search.nodes import Numbers, Scores
from search.query import HEADLINE
from search.spotting import Wanted
from search.terms import Vocabulary

__all__ = ["EXACT_BOOST", "HEADLINE_BOOST", "Numbers", "Plan", "Scores", "plan"]

EXACT_BOOST = 0.5
"""Weight of the exact form beside the stem's 1: the word as typed ranks above its relatives."""

HEADLINE_BOOST = 1.2
"""Factor on the score of a headline."""


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


def plan(parsed: query.Query, terms: Vocabulary, limits: Limits, meter: Meter | None = None) -> Plan:
    """Lower a parsed tree for one snapshot of the index; patterns stand for nothing once the time is over."""
    lowering = _Lowering(terms, limits, meter or Meter(limits))
    tree = lowering.lower(parsed, marking=True)
    if isinstance(tree, query.Not):
        tree = query.And([query.Every(), tree])
    return Plan(tree, lowering.wanted, lowering.notes)


class _Lowering:
    def __init__(self, terms: Vocabulary, limits: Limits, meter: Meter) -> None:
        self._index = terms
        self._limits = limits
        self._meter = meter
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
        found = [] if self._meter.late() else self._terms(tree)
        most = self._limits.expansion
        if len(found) > most:
            self.notes.append(
                f"“{tree.text}” stands for {len(found)} words; the {most} most frequent were searched for."
            )
            found = sorted(found, key=lambda pair: (-pair[1], pair[0]))[:most]
        words = [word for word, _ in found]
        if marking:
            self.wanted.exact.update(words)
        if not words:
            return query.NullQuery
        return query.Or([query.Term("exact", w) for w in words])

    def _terms(self, tree: query.Query) -> list[tuple[str, int]]:
        """Words that a pattern stands for, and how many paragraphs hold each."""
        if isinstance(tree, query.FuzzyTerm):
            return [(word, n) for word, _, n in self._index.near(tree.text, int(tree.maxdist))]
        return self._looked(tree)

    def _looked(self, tree: query.Query) -> list[tuple[str, int]]:
        look = self._index.beginning if isinstance(tree, query.Prefix) else self._index.matching
        found, cut = look(tree.text, self._limits.scanned)
        if cut:
            self.notes.append("The index has too many words to look through them all; some were left out.")
        return found
