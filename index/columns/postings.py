"""Tokens → the inverted arrays of a field: one sort."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from index.columns.files import Array, narrow
from index.columns.ragged import Int32s, offsets_of, pack

_SHIFT = np.uint64(32)


@dataclass(frozen=True, slots=True)
class Occurrences:
    """Where the words of a text field stand, in the order of the text.

    Attributes:
        tokens: number of each word.
        docs: its paragraph.
        positions: its place in the paragraph.
        lengths: how many words each paragraph has.
    """

    tokens: Int32s
    docs: Int32s
    positions: Array
    lengths: Array


def invert(field: str, terms: Sequence[str], of_token: Int32s, found: Occurrences) -> dict[str, Array]:
    """Lay out a field's postings.

    Args:
        field: its name, which begins the names of the arrays.
        terms: by number, in any order; each occurs.
        of_token: number of the term of each word.
        found: the words.

    Returns:
        The arrays of `layout.FIELD_ARRAYS`. The sort is by term, then by place in
        the text; both stand in one 64-bit key, which sorts ten times faster than a
        stable sort of the numbers.
    """
    raw = [t.encode("utf-8", "surrogatepass") for t in terms]
    by_bytes = sorted(range(len(raw)), key=raw.__getitem__)
    rank = np.empty(len(raw), dtype=np.uint64)
    rank[by_bytes] = np.arange(len(raw), dtype=np.uint64) << _SHIFT
    keys = rank[of_token][found.tokens]
    keys |= np.arange(len(keys), dtype=np.uint32)
    keys.sort()
    position_starts = np.searchsorted(keys, np.arange(len(raw) + 1, dtype=np.uint64) << _SHIFT)
    order = keys.astype(np.uint32)  # the lower half
    del keys
    by_doc = found.docs[order]
    fresh = np.ones(len(order), dtype=np.bool_)
    np.not_equal(by_doc[1:], by_doc[:-1], out=fresh[1:])
    fresh[position_starts[:-1]] = True
    first = np.flatnonzero(fresh)
    offsets, blob = pack([terms[n] for n in by_bytes])
    return {
        f"{field}_terms_offsets": offsets,
        f"{field}_terms": blob,
        f"{field}_starts": narrow(np.searchsorted(first, position_starts)),
        f"{field}_docs": by_doc[first],
        f"{field}_freqs": narrow(np.diff(first, append=len(order))),
        f"{field}_position_starts": narrow(position_starts),
        f"{field}_positions": found.positions[order],
        f"{field}_lengths": narrow(found.lengths),
    }


def spread(tokens: Int32s, lengths: Array, forms: Array) -> Occurrences:
    """Words by their forms, each a token of its own at the word's place.

    Args:
        tokens: number of each word, paragraph after paragraph.
        lengths: how many words each paragraph has.
        forms: how many forms each distinct word has, which are numbered one after another.
    """
    docs = np.repeat(np.arange(len(lengths), dtype=np.int32), lengths)
    begins = offsets_of(lengths)[:-1].astype(np.int32)
    positions = np.arange(len(tokens), dtype=np.int32)
    positions -= np.repeat(begins, lengths)
    positions = narrow(positions)
    if not len(forms) or int(forms.max()) == 1:
        return Occurrences(tokens, docs, positions, lengths)
    many = forms[tokens]
    ends = np.cumsum(many, dtype=np.int64)
    first = (offsets_of(forms)[:-1].astype(np.int32))[tokens]
    first -= (ends - many).astype(np.int32)
    tokens = np.repeat(first, many)
    tokens += np.arange(len(tokens), dtype=np.int32)
    docs = np.repeat(docs, many)
    return Occurrences(tokens, docs, np.repeat(positions, many), np.bincount(docs, minlength=len(lengths)))
