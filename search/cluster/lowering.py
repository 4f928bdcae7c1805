"""A lowered tree as a question of the cluster's query language.

What matches is what `search.matching` finds. Scores are nearly the same: the cluster ranks by BM25 with a
weight of rare words that is not ours (Lucene's idf); a word's boost makes up for it.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any

from whoosh import query

from index.cluster.client import Body
from index.cluster.mapping import WORD
from search.limits import Meter
from search.terms import Vocabulary

MOST_CLAUSES = 900
"""Words of a query that are scored one by one; the cluster takes 1,024 clauses (`max_clause_count`), and
filters need some. Of patterns that stand for more, the words are searched for without telling them apart."""

_K1 = 1.2
_MANY = 4  # words from which on an OR of them may go on as one clause


@dataclass(frozen=True, slots=True)
class Part:
    """A part of a query.

    Attributes:
        body: what is asked.
        size: how many paragraphs it may match, at most.
    """

    body: Body
    size: int


def words_of(tree: query.Query) -> Iterator[tuple[str, str]]:
    """Field and word of each word of a lowered tree, as often as it stands there."""
    if isinstance(tree, query.Term):
        if tree.fieldname != "kind":
            yield tree.fieldname, tree.text
    elif isinstance(tree, query.Phrase):
        for word in tree.words:
            yield tree.fieldname, word
    elif isinstance(tree, query.Not):
        yield from words_of(tree.query)
    elif isinstance(tree, query.And | query.Or):
        for sub in tree.subqueries:
            yield from words_of(sub)
    elif isinstance(tree, query.AndMaybe | query.Require):
        yield from words_of(tree.a)
        yield from words_of(tree.b)


def lowered(tree: query.Query, terms: Vocabulary, meter: Meter) -> Body | None:
    """What a lowered tree asks of the paragraphs; None where none can match.

    Args:
        tree: as `search.execute.plan` makes it.
        terms: the words of the commit, which are looked up at once.
        meter: of the query; words beyond its budget are left out as `search.matching` leaves them out.
    """
    terms.look_up(words_of(tree))
    part = _Lowering(tree, terms, meter).part(tree)
    return None if part is None else part.body


class _Lowering:
    def __init__(self, tree: query.Query, terms: Vocabulary, meter: Meter) -> None:
        self._terms, self._meter = terms, meter
        self._rows = terms.doc_count()
        self._together = set(_together(tree))

    def part(self, tree: query.Query) -> Part | None:
        """A part of the tree; None stands for what matches nothing."""
        if isinstance(tree, query.Term):
            return self._term(tree)
        if isinstance(tree, query.And):
            return self._all([(self.part(t), t) for t in tree.subqueries])
        if isinstance(tree, query.Or):
            return self._any(tree)
        if isinstance(tree, query.Not):
            return self._not(tree)
        if isinstance(tree, query.AndMaybe):
            return self._maybe(self.part(tree.a), self.part(tree.b))
        if isinstance(tree, query.Require):
            return self._require(self.part(tree.a), self.part(tree.b))
        if isinstance(tree, query.Phrase):
            return self._phrase(tree)
        return self._everything() if isinstance(tree, query.Every) else None

    def _everything(self) -> Part:
        return Part({"match_all": {}}, self._rows)

    def _term(self, tree: query.Term) -> Part | None:
        if tree.fieldname == "kind":
            return Part({"constant_score": {"filter": {"term": {"kind": tree.text}}}}, self._rows)
        return self._word(tree.fieldname, tree.text, tree.boost)

    def _word(self, field: str, text: str, boost: float = 1.0) -> Part | None:
        size = self._terms.doc_frequency(field, text)
        if not size:
            return None
        body = {"term": {field: {"value": text, "boost": boost * self._weight(size)}}}
        return Part(body, size)

    def _weight(self, size: int) -> float:
        """What makes of Lucene's weight of a word that so many paragraphs hold the one of `search.matching`.

        Both are BM25 (Robertson & Zaragoza 2009) with k1 + 1 as a factor; Lucene's idf is
        ln(1 + (N - n + 0.5) / (n + 0.5)), ours ln(N / (n + 1)) + 1.
        """
        rows = max(self._rows, size)
        return (math.log(rows / (size + 1)) + 1) / math.log(1 + (rows - size + 0.5) / (size + 0.5))

    def _not(self, tree: query.Not) -> Part:
        """All but what matches; each scores 1."""
        child = self.part(tree.query)
        if child is None:
            return self._everything()
        return Part({"constant_score": {"filter": {"bool": {"must_not": [child.body]}}}}, self._rows)

    def _all(self, children: Sequence[tuple[Part | None, query.Query]]) -> Part | None:
        """What all match, as far as the budget goes; the rarest is always asked for."""
        found = [(part, tree) for part, tree in children if part is not None]
        if len(found) < len(children) or not found:
            return None
        rarest, *more = sorted(found, key=lambda c: c[0].size)
        kept = [rarest, *(c for c in more if self._meter.affords(c[0].size))]
        if len(kept) == 1:
            return rarest[0]
        return Part({"bool": _joined(kept)}, rarest[0].size)

    def _any(self, tree: query.Or) -> Part | None:
        if id(tree) in self._together:
            return self._one_of(tree.subqueries)
        found: list[Part] = []
        for sub in tree.subqueries:
            child = self.part(sub)
            if child is not None:
                if found and not self._meter.affords(child.size):
                    break
                found.append(child)
        if len(found) <= 1:
            return found[0] if found else None
        size = min(self._rows, sum(p.size for p in found))
        return Part({"bool": {"should": [p.body for p in found]}}, size)

    def _one_of(self, words: Sequence[query.Term]) -> Part | None:
        """Any of many words, as one clause; all that match score as if the words were one."""
        kept: list[str] = []
        size = 0
        for word in words:
            mine = self._terms.doc_frequency(word.fieldname, word.text)
            if kept and not self._meter.affords(mine):
                break
            kept += [word.text] if mine else []
            size += mine
        size = min(self._rows, size)
        worth = math.log(self._rows / (size + 1)) + 1
        return Part({"terms": {words[0].fieldname: kept, "boost": worth}}, size) if kept else None

    def _maybe(self, child: Part | None, other: Part | None) -> Part | None:
        """What one part matches, which scores higher where the other one does too.

        The other one is the exact form of a stem, so that it matches nothing else; the sum of
        both is a `dis_max` whose ties count in full. A `bool` more in each word would make brackets
        reach the cluster's `max_nested_depth`.
        """
        if child is None or other is None:
            return child
        return Part({"dis_max": {"queries": [child.body, other.body], "tie_breaker": 1.0}}, child.size)

    def _require(self, child: Part | None, other: Part | None) -> Part | None:
        if child is None or other is None:
            return None
        return Part({"bool": {"must": [child.body], "filter": [other.body]}}, child.size)

    def _phrase(self, tree: query.Phrase) -> Part | None:
        words = [self._word(tree.fieldname, w) for w in tree.words]
        known = [w for w in words if w is not None]
        if len(known) < len(words) or not known:
            return None
        if not self._meter.affords(sum(w.size for w in known)):
            return self._all([(w, tree) for w in known])
        in_order = _in_order(tree.fieldname, list(tree.words), tree.slop)
        scored = {"must": [w.body for w in known], "filter": [in_order]}
        return Part({"bool": scored}, min(w.size for w in known))


def _joined(parts: Iterable[tuple[Part, query.Query]]) -> dict[str, list[Body]]:
    """The clauses of a `bool` that asks for all of some parts, whose scores add up."""
    must: list[Body] = []
    must_not: list[Body] = []
    for part, tree in parts:
        if isinstance(tree, query.Not) and "constant_score" in part.body:
            must_not += part.body["constant_score"]["filter"]["bool"]["must_not"]
            must.append({"match_all": {}})  # what it does not match scores 1
        else:
            must.append(part.body)
    return {"must": must, "must_not": must_not} if must_not else {"must": must}


def _in_order(field: str, words: Sequence[str], slop: int) -> dict[str, Any]:
    """Words in order, each at most `slop` places behind the one before.

    The slop of a span query counts the places between all of its words together; one inside the
    other, each has those to its neighbour alone.
    """
    if slop <= 1:
        return {"match_phrase": {field: {"query": WORD.join(words), "analyzer": "words"}}}
    spans = [{"span_term": {field: word}} for word in words]
    found: dict[str, Any] = spans[-1]
    for span in reversed(spans[:-1]):
        found = {"span_near": {"clauses": [span, found], "slop": slop - 1, "in_order": True}}
    return found


def _together(tree: query.Query) -> Iterator[int]:
    """Which ORs of words must go as one clause, for a query to have no more than it may; by `id`."""
    clauses = sum(1 for _ in words_of(tree))
    for of_words in sorted(_of_words(tree), key=lambda t: -len(t.subqueries)):
        if clauses <= MOST_CLAUSES:
            return
        clauses -= len(of_words.subqueries) - 1
        yield id(of_words)


def _of_words(tree: query.Query) -> Iterator[query.Or]:
    """ORs of many words of one field, as patterns stand for."""
    if isinstance(tree, query.Or) and all(isinstance(t, query.Term) for t in tree.subqueries):
        if len(tree.subqueries) >= _MANY:
            yield tree
    elif isinstance(tree, query.Not):
        yield from _of_words(tree.query)
    elif isinstance(tree, query.And | query.Or):
        for sub in tree.subqueries:
            yield from _of_words(sub)
    elif isinstance(tree, query.AndMaybe | query.Require):
        yield from _of_words(tree.a)
        yield from _of_words(tree.b)
