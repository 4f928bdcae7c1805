"""Which words does the index hold, and how often?"""

from __future__ import annotations

import heapq
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from rapidfuzz import process
from rapidfuzz.distance import OSA

from index.columns.segment import Field, OpenSegment

_ANY = np.uint32(0xFFFFFFFF)
_MAX_COMPLETED = 200_000  # words of each segment looked at to complete one


class Vocabulary(Protocol):
    """The words of one commit, wherever the index is: what queries and suggestions ask of it."""

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        ...

    def doc_frequency(self, field: str, word: str, /) -> int:
        """Paragraphs, not deleted, that hold a word; `field` is exact or stem."""
        ...

    def look_up(self, wanted: Iterable[tuple[str, str]], /) -> None:
        """Count several words of fields at once, so that `doc_frequency` knows them."""
        ...

    def beginning(self, prefix: str, most: int, /) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that begin so, with their paragraphs, sorted; and whether there were more."""
        ...

    def matching(self, wildcard: str, most: int, /) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that a wildcard stands for (`?` one letter, `*` any), as `beginning` tells them."""
        ...

    def commonest(self, prefix: str, limit: int, /) -> list[tuple[str, int]]:
        """The most frequent exact words that begin so, with their paragraphs, best first."""
        ...

    def near(self, word: str, most: int, /) -> list[tuple[str, int, int]]:
        """Exact words within some slips, with the slips and their paragraphs, sorted."""
        ...


class Terms:
    """The words of all segments of one commit; see `Vocabulary`."""

    def __init__(self, segments: Sequence[OpenSegment]) -> None:
        self._segments = segments
        self._frequencies: dict[tuple[str, str], int] = {}
        live = [s.rows if s.live is None else int(np.count_nonzero(s.live)) for s in segments]
        self._count = sum(live)

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        return self._count

    def doc_frequency(self, field: str, word: str) -> int:
        """Paragraphs, not deleted, that hold a word."""
        found = self._frequencies.get((field, word))
        if found is None:
            found = sum(_frequency(s, s.field(field), word) for s in self._segments)
            if len(self._frequencies) > 50_000:
                self._frequencies.clear()
            self._frequencies[field, word] = found
        return found

    def look_up(self, wanted: Iterable[tuple[str, str]]) -> None:
        """Nothing to do: each is found at once when it is asked for."""

    def beginning(self, prefix: str, most: int) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that begin so, with their paragraphs, deleted ones counted.

        Args:
            prefix: of the words; nothing for all.
            most: words looked at, of each segment.

        Returns:
            The words, sorted, and whether there were more.
        """
        counts: Counter[str] = Counter()
        cut = False
        for segment in self._segments:
            field = segment.exact
            low, high = field.terms.beginning(prefix.encode("utf-8", "surrogatepass"))
            cut |= high - low > most
            high = min(high, low + most)
            frequencies = np.diff(field.starts[low : high + 1].astype(np.int64)).tolist()
            for number, frequency in zip(range(low, high), frequencies, strict=True):
                counts[field.terms[number]] += frequency
        return sorted(counts.items()), cut

    def matching(self, wildcard: str, most: int) -> tuple[list[tuple[str, int]], bool]:
        """Exact words that a wildcard stands for (`?` one letter, `*` any), as `beginning` tells them."""
        pattern = wildcard_pattern(wildcard)
        found, cut = self.beginning(re.split(r"[*?]", wildcard, maxsplit=1)[0], most)
        return [pair for pair in found if pattern.fullmatch(pair[0])], cut

    def commonest(self, prefix: str, limit: int) -> list[tuple[str, int]]:
        """The most frequent exact words that begin so, with their paragraphs, best first."""
        words, _ = self.beginning(prefix, _MAX_COMPLETED)
        return heapq.nsmallest(limit, words, key=lambda pair: (-pair[1], pair[0]))

    def near(self, word: str, most: int) -> list[tuple[str, int, int]]:
        """Exact words within some slips, with the slips and their paragraphs, deleted ones counted.

        A slip is a letter added, left out, changed or exchanged with its neighbour (optimal
        string alignment).
        """
        slips: dict[str, int] = {}
        counts: Counter[str] = Counter()
        for segment in self._segments:
            field = segment.exact
            numbers = _candidates(field, word, most)
            texts = [raw.decode("utf-8", "surrogatepass") for raw in field.terms.many(numbers)]
            near = process.extract(word, texts, scorer=OSA.distance, score_cutoff=most, limit=None)
            for text, distance, at in near:
                slips[text] = int(distance)
                low, high = field.postings(int(numbers[at]))
                counts[text] += high - low
        return [(text, slips[text], counts[text]) for text in sorted(slips)]


def _frequency(segment: OpenSegment, field: Field, word: str) -> int:
    number = field.find(word)
    if number is None:
        return 0
    low, high = field.postings(number)
    if segment.live is None:
        return high - low
    return int(np.count_nonzero(segment.live[field.docs[low:high]]))


def _candidates(field: Field, word: str, most: int) -> NDArray[np.int64]:
    """Terms whose letters and length do not rule them out."""
    letters, lengths = field.signatures
    if not word.isascii():
        return np.arange(len(lengths))
    mine = np.uint32(0)
    for byte in word.encode():
        mine |= np.uint32(1) << np.uint32(byte & 31)
    maybe = np.bitwise_count(letters ^ mine) <= 2 * most
    maybe &= np.abs(lengths - np.int32(len(word))) <= most
    return np.flatnonzero(maybe | (letters == _ANY))


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
