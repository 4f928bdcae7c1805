"""Which words does a commit on a cluster hold, and how often? As `search.terms.Terms` tells of segments."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from itertools import pairwise
from typing import Any, Literal, NamedTuple

from rapidfuzz.distance import OSA

from index.cluster.client import Body
from index.errors import ClusterRefusedError
from search.cluster.view import View
from search.terms import wildcard_pattern

MOST_BUCKETS = 60_000
"""Words that one answer tells of, below the cluster's `search.max_buckets` (65,535)."""

_SHARD_SIZE = 5_000  # words that each shard tells of to complete one: so many are counted exactly
_REMEMBERED = 200_000  # words
_SHORT = 2  # letters of a beginning that so many paragraphs hold that the dictionary is the shorter way
_LONGEST_NEAR = (
    12  # letters of a word whose neighbours one pattern tells; of longer ones it has too many states
)
_PARAGRAPHS = {"exists": {"field": "words"}}  # answered out of the dictionary where nothing was deleted

Query = dict[str, Any]
Words = tuple[list[tuple[str, int]], bool]
"""Words with their paragraphs, best first, and whether there are more."""


class Pattern(NamedTuple):
    """What stands for words.

    Attributes:
        kind: prefix, wildcard, or near: within some slips.
        text: of it.
        most: words looked at; slips of a `near`.
    """

    kind: Literal["prefix", "wildcard", "near"]
    text: str
    most: int


class ClusterWords:
    """The words of one commit. What was counted is kept in the commit's memo."""

    def __init__(self, view: View) -> None:
        self._view = view
        self._counted: dict[tuple[str, str], int] = view.memo.setdefault("word frequencies", {})
        self._expanded: dict[Pattern, Words] = view.memo.setdefault("words of patterns", {})

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        if "paragraphs" not in self._view.memo:
            found = self._view.search(counting({"term": {"type": "paragraph"}}))
            self._view.memo["paragraphs"] = total(found)
        return int(self._view.memo["paragraphs"])

    def doc_frequency(self, field: str, word: str) -> int:
        """Paragraphs, not deleted, that hold a word."""
        if (field, word) not in self._counted:
            self.look_up([(field, word)])
        return self._counted[field, word]

    def look_up(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Count several words of fields in one request, so that `doc_frequency` knows them."""
        missing = [pair for pair in dict.fromkeys(wanted) if pair not in self._counted]
        bodies = [counting({"term": {field: {"value": word}}}) for field, word in missing]
        self._note(dict(zip(missing, map(total, self._view.searches(bodies)), strict=True)))

    def look_up_patterns(self, wanted: Iterable[Pattern]) -> None:
        """Expand several patterns in one request, so that those who ask next find them."""
        missing = [pattern for pattern in dict.fromkeys(wanted) if pattern not in self._expanded]
        with suppress(ClusterRefusedError):  # one of them; which, is found when they are asked for alone
            answers = self._view.searches([_asking(pattern) for pattern in missing])
            for pattern, told in zip(missing, answers, strict=True):
                self._keep(pattern, told)

    def beginning(self, prefix: str, most: int) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that begin so, with their paragraphs.

        Args:
            prefix: of the words; nothing for all.
            most: words looked at; never more than MOST_BUCKETS, the most frequent.

        Returns:
            The words, sorted, and whether there were more.
        """
        found, cut = self._words(Pattern("prefix", prefix, most))
        return sorted(found), cut

    def matching(self, wildcard: str, most: int) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that a wildcard stands for (`?` one letter, `*` any), as `beginning` tells them."""
        try:
            found, cut = self._words(Pattern("wildcard", wildcard, most))
        except ClusterRefusedError:  # a pattern of too many states for it
            found, cut = self.beginning(_literal(wildcard), most)
            pattern = wildcard_pattern(wildcard)
            found = [pair for pair in found if pattern.fullmatch(pair[0])]
        return sorted(found), cut

    def commonest(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The most frequent exact words that begin so, with their paragraphs, best first."""
        body = _buckets(_beginning(prefix), _going_on(prefix), limit, max(limit, _SHARD_SIZE))
        return _read(self._view.search(body))[0]

    def near(self, word: str, most: int) -> list[tuple[str, int, int]]:
        """Exact words within some slips (at most two), with the slips and their paragraphs, sorted.

        Lucene's automaton for fuzzy words and `rapidfuzz` mean the same by a slip: optimal string
        alignment.
        """
        try:
            found, _ = self._words(Pattern("near", word, most))
        except ClusterRefusedError:  # hundreds of letters, repeated: nothing that anybody meant to write
            return []
        slips = ((text, OSA.distance(word, text, score_cutoff=most), n) for text, n in found)
        return sorted((text, int(distance), n) for text, distance, n in slips if distance <= most)

    def _words(self, pattern: Pattern) -> Words:
        if pattern not in self._expanded:
            told = self._view.search(_asking(pattern))
            self._keep(pattern, told)
        return self._expanded[pattern]

    def _keep(self, pattern: Pattern, told: dict[str, Any]) -> None:
        found = _read(told)
        if sum(len(words) for words, _ in self._expanded.values()) + len(found[0]) > _REMEMBERED:
            self._expanded.clear()
        self._expanded[pattern] = found
        self._note({("exact", word): count for word, count in found[0]})

    def _note(self, counted: dict[tuple[str, str], int]) -> None:
        if len(self._counted) + len(counted) > _REMEMBERED:
            self._counted.clear()
        self._counted.update(counted)


def _asking(pattern: Pattern) -> Query:
    kind, text, most = pattern
    if kind == "near":
        fuzzy = {"value": text, "fuzziness": most, "transpositions": True, "rewrite": "constant_score"}
        expression = (neighbours if len(text) <= _LONGEST_NEAR else likely_neighbours)(text, most)
        return _buckets({"fuzzy": {"words": fuzzy}}, expression, MOST_BUCKETS, MOST_BUCKETS)
    most = min(most, MOST_BUCKETS)
    if kind == "prefix":
        return _buckets(_beginning(text), _going_on(text), most, most)
    parts = [{"?": ".", "*": "(.*)"}.get(c) or escaped(c) for c in text]
    return _buckets(_beginning(_literal(text)), "".join(parts), most, most)


def _buckets(query: Query, expression: str, size: int, shard_size: int) -> Query:
    terms: dict[str, Any] = {
        "field": "words",
        "size": size,
        "shard_size": shard_size,
        "order": [{"_count": "desc"}, {"_key": "asc"}],
        "include": expression,
    }
    return {
        "size": 0,
        "track_total_hits": False,
        "query": query,
        "aggs": {"words": {"terms": terms}},
    }


def _read(told: dict[str, Any]) -> Words:
    found = told["aggregations"]["words"]
    words = [(bucket["key"], int(bucket["doc_count"])) for bucket in found["buckets"]]
    return words, bool(found["sum_other_doc_count"])


def _literal(wildcard: str) -> str:
    """The letters that a wildcard begins with."""
    return wildcard[: min(wildcard.find(c) for c in "*?" if c in wildcard)]


def counting(query: Body) -> Query:
    """A search that counts what a query finds, and nothing else."""
    return {"size": 0, "track_total_hits": True, "query": query}


def total(answer: Body) -> int:
    """How much a search that counts found."""
    return int(answer["hits"]["total"]["value"])


def _beginning(prefix: str) -> Query:
    """Paragraphs among which are all that hold a word that begins so."""
    return {"prefix": {"words": {"value": prefix}}} if len(prefix) > _SHORT else _PARAGRAPHS


def _going_on(prefix: str) -> str:
    """A pattern of what begins so; brackets keep OpenSearch 2.19 from a short cut that fails."""
    return f"{escaped(prefix)}(.*)"


def escaped(text: str) -> str:
    """A text as a regular expression of Lucene's for it alone."""
    return "".join(f"\\{c}" if c.isascii() and not c.isalnum() else c for c in text)


def neighbours(word: str, most: int) -> str:
    """Lucene's regular expression for what lies within some slips of a word (optimal string alignment)."""
    memo: dict[tuple[int, int], str] = {}
    letters = [escaped(c) for c in word]
    for slips in range(most + 1):
        for at in range(len(word), -1, -1):
            memo[at, slips] = _from(letters, at, slips, memo)
    return memo[0, most]


def _from(letters: Sequence[str], at: int, slips: int, memo: dict[tuple[int, int], str]) -> str:
    """What may stand for the rest of a word, out of what may stand for what lies behind it."""
    rest = "".join(letters[at:])
    if not slips:
        return rest
    if at == len(letters):
        return f".{{0,{slips}}}"
    return "(" + "|".join(_ways(letters, at, slips, memo)) + ")"


def _ways(letters: Sequence[str], at: int, slips: int, memo: dict[tuple[int, int], str]) -> Iterator[str]:
    yield letters[at] + memo[at + 1, slips]  # as it is
    yield ".?" + memo[at + 1, slips - 1]  # another letter, or none
    yield "." + memo[at, slips - 1]  # one more
    if at + 1 < len(letters):
        yield letters[at + 1] + letters[at] + memo[at + 2, slips - 1]  # two exchanged


def likely_neighbours(word: str, most: int) -> str:
    """Lucene's regular expression for words among which are all within some slips of a long one.

    A slip spoils two pieces of the word at most, so that of one piece more than slips can spoil one is
    whole, and stands near its place.
    """
    pieces = 2 * most + 1
    ends = [len(word) * n // pieces for n in range(pieces + 1)]
    ways = [
        f"{_about(start, most)}{escaped(word[start:end])}{_about(len(word) - end, most)}"
        for start, end in pairwise(ends)
    ]
    return "|".join(ways)


def _about(letters: int, most: int) -> str:
    return f".{{{max(0, letters - most)},{letters + most}}}"
