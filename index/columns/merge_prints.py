"""The prints of several segments → those of one, a stretch of their values at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise
from typing import Any

import numpy as np

from index.columns.files import Array, Chunks
from index.columns.ragged import Int32s
from index.columns.segment import OpenSegment

_AT_ONCE = 1_000_000  # prints in memory, about: their hashes are spread evenly


def merged_prints(
    segments: Sequence[OpenSegment], numbered: Sequence[Int32s], kind: np.dtype[Any]
) -> dict[str, Array | Chunks]:
    """The arrays of the prints; they are made when they are written.

    Args:
        segments: to be merged.
        numbered: by segment and its article's number, the number in the merged one, or -1.
        kind: dtype of the merged numbers.
    """
    size = sum(int(np.count_nonzero(_kept(s, n, 0, None))) for s, n in zip(segments, numbered, strict=True))
    steps = -(-size // _AT_ONCE) or 1
    bounds = [step * (1 << 32) // steps for step in range(steps + 1)]

    def parts(column: int, dtype: np.dtype[Any]) -> Iterator[Array]:
        for low, high in pairwise(bounds):
            yield _stretch(segments, numbered, low, high)[column].astype(dtype)

    prints = np.dtype(np.uint32)
    return {
        "prints": Chunks(prints, (size,), lambda: parts(0, prints)),
        "prints_article": Chunks(kind, (size,), lambda: parts(1, kind)),
    }


def _kept(segment: OpenSegment, numbered: Int32s, start: int, end: int | None) -> Array:
    return np.asarray(numbered[segment.arrays["prints_article"][start:end]] >= 0)


def _stretch(
    segments: Sequence[OpenSegment], numbered: Sequence[Int32s], low: int, high: int
) -> tuple[Array, Array]:
    """Prints from `low` to below `high` and their articles, in order."""
    prints, articles = [], []
    for segment, numbers in zip(segments, numbered, strict=True):
        mine = segment.arrays["prints"]
        start = int(np.searchsorted(mine, np.uint32(low)))
        end = int(np.searchsorted(mine, np.uint32(high))) if high < 1 << 32 else len(mine)
        kept = _kept(segment, numbers, start, end)
        prints.append(mine[start:end][kept])
        articles.append(numbers[segment.arrays["prints_article"][start:end][kept]])
    values, of = np.concatenate(prints), np.concatenate(articles)
    order = np.lexsort((of, values))
    return values[order], of[order]
