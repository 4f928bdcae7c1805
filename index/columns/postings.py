"""Tokens → the inverted arrays of a field: one sort."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.columns.files import Array, narrow
from index.columns.ragged import Int32s, offsets_of, pack

_LOW = np.uint64(0xFFFFFFFF)
_SHIFT = np.uint64(32)


def invert(
    field: str, terms: Sequence[str], tokens: Int32s, docs: Int32s, positions: Int32s, rows: int
) -> dict[str, Array]:
    """Lay out a field's postings.

    Args:
        field: its name, which begins the names of the arrays.
        terms: by the numbers that stand in `tokens`, in any order.
        tokens: term numbers, in the order of the text.
        docs: the paragraph number of each, ascending.
        positions: the place in the paragraph of each.
        rows: number of paragraphs.

    Returns:
        The arrays of `layout.FIELD_ARRAYS`. The sort is by term, then by place in
        `tokens`; both stand in one 64-bit key, which sorts ten times faster than a
        stable sort of the numbers.
    """
    raw = [t.encode("utf-8", "surrogatepass") for t in terms]
    sorted_numbers = sorted(range(len(raw)), key=raw.__getitem__)
    rank = np.empty(len(raw), dtype=np.uint64)
    rank[sorted_numbers] = np.arange(len(raw), dtype=np.uint64)
    keys = rank[tokens]
    keys <<= _SHIFT
    keys |= np.arange(len(tokens), dtype=np.uint64)
    keys.sort()
    order = (keys & _LOW).astype(np.uint32)
    keys >>= _SHIFT
    by_term = keys.astype(np.int32)
    del keys
    by_doc = docs[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    fresh[1:] = (by_term[1:] != by_term[:-1]) | (by_doc[1:] != by_doc[:-1])
    first = np.flatnonzero(fresh)
    bounds = np.arange(len(raw) + 1)
    offsets, blob = pack([terms[n] for n in sorted_numbers])
    return {
        f"{field}_terms_offsets": offsets,
        f"{field}_terms": blob,
        f"{field}_starts": narrow(np.searchsorted(by_term[first], bounds)),
        f"{field}_docs": by_doc[first],
        f"{field}_freqs": narrow(np.diff(first, append=len(order))),
        f"{field}_position_starts": narrow(np.searchsorted(by_term, bounds)),
        f"{field}_positions": narrow(positions[order]),
        f"{field}_lengths": narrow(np.bincount(docs, minlength=rows)),
    }


def spread(tokens: Int32s, lengths: Array) -> tuple[Int32s, Int32s]:
    """Paragraph number and place within it of each token, where each has `lengths` of them."""
    docs = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    starts = offsets_of(lengths)[:-1].astype(np.int32)
    positions = np.arange(len(tokens), dtype=np.int32) - np.repeat(starts, lengths)
    return docs, positions
