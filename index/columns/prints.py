"""Which short marks of a text survive when it is copied, trimmed and retouched?

A print is 32 bits that stand for a run of `RUN` words in a paragraph (a shingle: Broder, "On the
resemblance and containment of documents", 1997) or for a figure: a number, in digits or in words, or a
month. Of the
runs, those are kept whose hash falls below a limit, the same everywhere ("modulo sampling": Broder;
Manber 1994): what two texts share of them is then what they share of all runs, in expectation, however
much longer one of them is. All figures are kept: reports made on one form differ in little else.

Prints depend on words alone, so that case, wrapping and punctuation change nothing, and they are
the same on every machine and in every segment.
"""

from __future__ import annotations

import zlib
from itertools import islice
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.ragged import Int32s

Prints = NDArray[np.uint32]
Number = TypeVar("Number", bound=np.generic)

RUN = 4
"""Words of a run. With more, one changed word spoils more runs; with fewer, runs are phrases of any news."""

SAMPLED = 3
"""One of so many runs is kept."""

FIGURE = np.uint32(1)
"""The bit that is set in the print of a figure and in no other."""

_IN_WORDS = frozenset(
    "two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen twenty thirty forty fifty sixty seventy eighty ninety nil "
    "january february march april may june july august september october november december "
    "jan feb mar apr jun jul aug sep sept oct nov dec".split()
)  # "one" is mostly no number

# Odd constants whose bits are well mixed: the golden ratio, and those of SplitMix64's finisher.
_BASE = 0x9E3779B97F4A7C15
_FINISH = (np.uint64(0xBF58476D1CE4E5B9), np.uint64(0x94D049BB133111EB))
_LIMIT = np.uint64((1 << 64) // SAMPLED)


def _mixed(values: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Spread every bit over all, as SplitMix64 ends."""
    values = (values ^ (values >> np.uint64(30))) * _FINISH[0]
    values = (values ^ (values >> np.uint64(27))) * _FINISH[1]
    return values ^ (values >> np.uint64(31))


class WordHashes:
    """Hashes of words by their number, and which have a digit; grows as words are numbered."""

    def __init__(self) -> None:
        self._sums = np.zeros(0, dtype=np.uint64)
        self._figures = np.zeros(0, dtype=np.bool_)

    def of(self, words: dict[str, int]) -> tuple[NDArray[np.uint64], NDArray[np.bool_]]:
        """Of all words, numbered in the order of the mapping."""
        known = len(self._sums)
        new = list(islice(words, known, None))
        raw = np.array([zlib.crc32(w.encode("utf-8", "surrogatepass")) for w in new], dtype=np.uint64)
        held = [w in _IN_WORDS or (not w.isalpha() and any(c.isdecimal() for c in w)) for w in new]
        self._sums = np.concatenate([self._sums, _mixed(raw + np.uint64(_BASE))])
        self._figures = np.concatenate([self._figures, np.array(held, dtype=np.bool_)])
        return self._sums, self._figures


def prints_of(
    words: Int32s, lengths: Int32s, hashes: NDArray[np.uint64], figures: NDArray[np.bool_]
) -> tuple[Prints, Int32s]:
    """The prints of some paragraphs.

    Args:
        words: numbers of all their words in order.
        lengths: how many each has.
        hashes: by a word's number.
        figures: by a word's number, whether it has a digit.

    Returns:
        The prints, and the paragraph of each.
    """
    rows = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    value = hashes[words]
    if len(words) >= RUN:
        count = len(words) - RUN + 1
        run = np.zeros(count, dtype=np.uint64)
        for n in range(RUN):
            run *= np.uint64(_BASE)
            run += value[n : n + count]
        kept = _mixed(run)
        at = np.flatnonzero((kept < _LIMIT) & (rows[RUN - 1 :] == rows[:count]))
        runs, run_rows = (kept[at] >> np.uint64(8)).astype(np.uint32) & ~FIGURE, rows[at]
    else:
        runs, run_rows = np.zeros(0, np.uint32), np.zeros(0, np.int32)
    at = np.flatnonzero(figures[words])
    told = (value[at] >> np.uint64(8)).astype(np.uint32) | FIGURE
    prints, of = np.concatenate([runs, told]), np.concatenate([run_rows, rows[at]])
    return prints, of


def distinct(values: NDArray[Number]) -> NDArray[Number]:
    """Different numbers, ascending: `np.unique`, which looks them up in a table, by sorting."""
    ordered = np.sort(values)
    return ordered[np.concatenate([[True], ordered[1:] != ordered[:-1]])] if len(ordered) else ordered


def sorted_prints(prints: Prints, articles: Array) -> tuple[Prints, NDArray[np.int64]]:
    """Pairs of a print and its article's number in order, by print, then number, each once."""
    keys = distinct(prints.astype(np.uint64) << np.uint64(32) | articles.astype(np.uint64))
    numbers = (keys & np.uint64(0xFFFFFFFF)).astype(np.int64)
    return (keys >> np.uint64(32)).astype(np.uint32), numbers
