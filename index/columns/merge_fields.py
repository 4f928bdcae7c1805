"""Postings of several segments → those of one, some terms at a time."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array, Chunks, narrow, release
from index.columns.ragged import Int32s, Int64s, Strings, offsets_of, places
from index.columns.segment import Field, Mask, OpenSegment

_AT_ONCE = 1 << 20  # postings, or positions, that are copied at once


@dataclass(frozen=True, slots=True)
class _Part:
    """One segment's postings of a field.

    Attributes:
        own: as they are.
        live: which paragraphs are not deleted, or None where all live.
        base: number that its first paragraph gets.
        numbers: number that each paragraph gets, where some are deleted.
        counts: live postings of each of its terms.
        occurrences: live positions of each of its terms.
        terms: new number of each of its terms; it means nothing where none is live.
    """

    own: Field
    live: Mask | None
    base: int
    numbers: Int32s
    counts: Int64s
    occurrences: Int64s
    terms: Int64s

    def postings(self, first: int, end: int) -> tuple[slice, Mask | None]:
        """Postings of some of its terms, and which of them live."""
        at = slice(int(self.own.starts[first]), int(self.own.starts[end]))
        return at, None if self.live is None else self.live[self.own.docs[at]]

    def docs(self, first: int, end: int) -> Array:
        """New paragraph numbers."""
        at, keep = self.postings(first, end)
        if keep is None:
            return self.own.docs[at] + np.int32(self.base)
        return self.numbers[self.own.docs[at][keep]]

    def freqs(self, first: int, end: int) -> Array:
        """How often the paragraph of each posting holds the term."""
        at, keep = self.postings(first, end)
        return self.own.freqs[at] if keep is None else self.own.freqs[at][keep]

    def positions(self, first: int, end: int) -> Array:
        """Positions of all postings."""
        at, keep = self.postings(first, end)
        starts = self.own.position_starts
        found = self.own.positions[int(starts[first]) : int(starts[end])]
        return found if keep is None else found[np.repeat(keep, self.own.freqs[at])]


def merged_field(
    segments: Sequence[OpenSegment], kept: Sequence[Int32s], bases: Int64s, field: str
) -> dict[str, Array | Chunks]:
    """Lay out a field of several segments.

    Args:
        segments: in the order of their paragraphs.
        kept: numbers of the live paragraphs of each.
        bases: number that each one's first paragraph gets.
        field: exact or stem.
    """
    counted = [_counts(s.field(field), s.live) for s in segments]
    terms = sorted(
        set().union(*(_live_terms(s, c[0], field) for s, c in zip(segments, counted, strict=True)))
    )
    number = {term: n for n, term in enumerate(terms)}
    parts = []
    for segment, base, (counts, occurrences) in zip(segments, bases[:-1].tolist(), counted, strict=True):
        own = segment.field(field)
        new = np.array([number.get(t, 0) for t in _all(own.terms)], dtype=np.int64)
        live = segment.live
        numbers = (
            np.zeros(0, np.int32) if live is None else np.cumsum(live, dtype=np.int32) + np.int32(base - 1)
        )
        parts.append(_Part(own, live, base, numbers, counts, occurrences, new))
    starts = _starts([(p.terms, p.counts) for p in parts], len(terms))
    position_starts = _starts([(p.terms, p.occurrences) for p in parts], len(terms))
    ends = offsets_of(np.fromiter(map(len, terms), dtype=np.int64, count=len(terms)))
    lengths = [s.field(field).lengths[k] for s, k in zip(segments, kept, strict=True)]
    return {
        f"{field}_terms_offsets": narrow(ends),
        f"{field}_terms": np.frombuffer(b"".join(terms), dtype=np.uint8),
        f"{field}_starts": narrow(starts),
        f"{field}_position_starts": narrow(position_starts),
        f"{field}_docs": _woven(parts, "docs", starts),
        f"{field}_freqs": _woven(parts, "freqs", starts),
        f"{field}_positions": _woven(parts, "positions", position_starts),
        f"{field}_lengths": np.concatenate(lengths),
    }


def _counts(own: Field, live: Mask | None) -> tuple[Int64s, Int64s]:
    """Live postings and positions of each term."""
    if live is None or not len(own.docs):
        return _lengths(own.starts), _lengths(own.position_starts)
    keep, firsts = live[own.docs], own.starts[:-1].astype(np.int64)  # no term is without postings
    occurrences = np.where(keep, own.freqs, own.freqs.dtype.type(0))
    return np.add.reduceat(keep, firsts, dtype=np.int64), np.add.reduceat(occurrences, firsts, dtype=np.int64)


def _lengths(starts: Array) -> Int64s:
    wide = starts.astype(np.int64)
    return wide[1:] - wide[:-1]


def _all(terms: Strings) -> Iterator[bytes]:
    data = bytes(terms.blob)
    ends: list[int] = terms.offsets.tolist()
    return (data[a:b] for a, b in pairwise(ends))


def _live_terms(segment: OpenSegment, counts: Int64s, field: str) -> Iterator[bytes]:
    terms = segment.field(field).terms
    return (term for term, count in zip(_all(terms), counts.tolist(), strict=True) if count)


def _starts(counted: Sequence[tuple[Int64s, Int64s]], terms: int) -> Int64s:
    total = np.zeros(terms, dtype=np.int64)
    for numbers, counts in counted:
        used = counts > 0
        total[numbers[used]] += counts[used]
    return offsets_of(total)


def _woven(parts: Sequence[_Part], name: str, starts: Int64s) -> Chunks:
    """Each part's values of a term behind those of the parts before it."""
    dtype: np.dtype[np.generic] = np.result_type(*(getattr(p.own, name).dtype for p in parts))
    return Chunks(dtype, (int(starts[-1]),), partial(_blocks, parts, name, dtype, starts))


def _blocks(
    parts: Sequence[_Part], name: str, dtype: np.dtype[np.generic], starts: Int64s
) -> Iterator[Array]:
    # A part's terms are in the order of the new ones, so that some of these are a range of its own.
    used = [np.flatnonzero(p.counts > 0) for p in parts]
    wanted = np.arange(0, int(starts[-1]), _AT_ONCE)
    cuts = np.unique(np.append(np.searchsorted(starts, wanted, side="right") - 1, len(starts) - 1))
    for low, high in zip(cuts[:-1].tolist(), cuts[1:].tolist(), strict=True):
        out = np.empty(int(starts[high] - starts[low]), dtype=dtype)
        taken = starts[low:high] - starts[low]
        for part, own in zip(parts, used, strict=True):
            first, end = np.searchsorted(part.terms[own], (low, high)).tolist()
            if first < end:
                _lay(out, taken, part, name, own[first:end], low)
        yield out
    for part in parts:
        release(getattr(part.own, name))


def _lay(out: Array, taken: Int64s, part: _Part, name: str, own: NDArray[np.intp], low: int) -> None:
    """Copy a part's values of some of its terms to where they belong, and note what is taken."""
    new = part.terms[own] - low
    counts = (part.occurrences if name == "positions" else part.counts)[own]
    values = getattr(part, name)(int(own[0]), int(own[-1]) + 1)
    out[places(taken[new], counts)] = values
    taken[new] += counts
