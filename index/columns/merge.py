"""Several segments → one, by copying arrays; nothing is analysed again.

Deleted paragraphs, and the articles, documents, entities and terms that only they had,
are left out.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from index.columns.files import Array, narrow
from index.columns.layout import FIELDS
from index.columns.ragged import Int32s, Int64s, Strings, offsets_of, pack, places
from index.columns.rows import document_order, lay_articles, lay_values
from index.columns.segment import OpenSegment

_PLAIN_ROWS = ("ids", "ordinal", "kind", "published", "spans", "record_sums")


def merge(segments: Sequence[OpenSegment]) -> dict[str, Array]:
    """Lay out the live paragraphs of some segments, in order, as one."""
    kept = [_kept(s) for s in segments]
    made = {name: np.concatenate([s.arrays[name][k] for s, k in zip(segments, kept, strict=True)])
            for name in _PLAIN_ROWS}  # fmt: skip
    made["ids_order"] = np.argsort(made["ids"], kind="stable").astype(np.int32)
    made.update(_articles(segments, kept))
    made.update(_values(segments, kept))
    made.update(_documents(segments, kept))
    made.update(_mentioned(segments, kept))
    for name in ("texts", "mentions"):
        made[f"{name}_offsets"], made[name] = _blobs(segments, kept, name)
    bases = offsets_of(np.array([len(k) for k in kept]))
    for field in FIELDS:
        made.update(_field(segments, kept, bases, field))
    return made


def _kept(segment: OpenSegment) -> Int32s:
    if segment.live is None:
        return np.arange(segment.rows, dtype=np.int32)
    return np.flatnonzero(segment.live).astype(np.int32)


def _rows(offsets: Array, rows: Int32s) -> tuple[Int64s, Int64s]:
    """Lengths of some rows, and the places of their values."""
    starts = offsets[rows].astype(np.int64)
    lengths = offsets[rows + 1].astype(np.int64) - starts
    return lengths, places(starts, lengths)


def _blobs(segments: Sequence[OpenSegment], kept: Sequence[Int32s], name: str) -> tuple[Array, Array]:
    lengths: list[Array] = []
    parts: list[Array] = []
    for segment, rows in zip(segments, kept, strict=True):
        offsets, blob = segment.arrays[f"{name}_offsets"].astype(np.int64), segment.arrays[name]
        lengths.append(offsets[rows + 1] - offsets[rows])
        # Rows that follow each other are copied at once.
        ends = np.flatnonzero(np.diff(rows, append=-2) != 1)
        firsts = np.concatenate([rows[:1], rows[ends[:-1] + 1]])
        pairs = zip(offsets[firsts].tolist(), offsets[rows[ends] + 1].tolist(), strict=True)
        parts += [blob[a:b] for a, b in pairs]
    return narrow(offsets_of(np.concatenate(lengths))), np.concatenate(parts)


def _articles(segments: Sequence[OpenSegment], kept: Sequence[Int32s]) -> dict[str, Array]:
    numbers: dict[int, int] = {}
    records: list[str] = []
    columns: list[Array] = []
    for segment, rows in zip(segments, kept, strict=True):
        article = segment.arrays["article"][rows]
        used = np.unique(article)
        told = segment.strings("articles")
        remap = np.zeros(len(told), dtype=np.int32)
        for old, key in zip(used.tolist(), segment.arrays["article_keys"][used].tolist(), strict=True):
            number = remap[old] = numbers.setdefault(key, len(numbers))
            if number == len(records):
                records.append(told[old])
            else:
                records[number] = told[old]
        columns.append(remap[article])
    made, order = lay_articles(np.array(list(numbers), dtype=np.uint64), records)
    made["article"] = narrow(order[np.concatenate(columns)])
    return made


def _values(segments: Sequence[OpenSegment], kept: Sequence[Int32s]) -> dict[str, Array]:
    numbers: dict[tuple[int, str], int] = {}
    written: list[dict[str, int]] = []
    lengths, columns = [], []
    for segment, rows in zip(segments, kept, strict=True):
        of_rows, at = _rows(segment.arrays["entities_offsets"], rows)
        named = segment.arrays["entities"][at]
        remap = _remap_values(segment, np.unique(named), numbers, written)
        lengths.append(of_rows)
        columns.append(remap[named])
    made, order = lay_values([k for k, _ in numbers], [i for _, i in numbers], written)
    made["entities_offsets"] = narrow(offsets_of(np.concatenate(lengths)))
    made["entities"] = narrow(order[np.concatenate(columns)])
    return made


def _remap_values(
    segment: OpenSegment, used: Array, numbers: dict[tuple[int, str], int], written: list[dict[str, int]]
) -> Int32s:
    ids, names = segment.strings("value_ids"), segment.strings("names")
    counts, ends = segment.arrays["name_counts"], segment.arrays["value_names_offsets"]
    kinds = np.searchsorted(segment.arrays["value_bounds"], used, side="right") - 1
    remap = np.zeros(len(ids), dtype=np.int32)
    for old, kind in zip(used.tolist(), kinds.tolist(), strict=True):
        number = remap[old] = numbers.setdefault((kind, ids[old]), len(numbers))
        if number == len(written):
            written.append({})
        for at in range(int(ends[old]), int(ends[old + 1])):
            written[number][names[at]] = written[number].get(names[at], 0) + int(counts[at])
    return remap


def _documents(segments: Sequence[OpenSegment], kept: Sequence[Int32s]) -> dict[str, Array]:
    starts: list[int] = []
    ids: list[str] = []
    digests: list[str] = []
    keys, counts = [], []
    base = 0
    for segment, rows in zip(segments, kept, strict=True):
        live = np.fromiter(segment.live_documents(), dtype=np.int32)
        first = segment.arrays["document_starts"][live]
        starts += (np.searchsorted(rows, first) + base).tolist()
        keys.append(segment.arrays["document_keys"][live])
        counts.append(segment.arrays["document_counts"][live])
        ids += _chosen(segment.strings("document_ids"), live)
        digests += _chosen(segment.strings("digests"), live)
        base += len(rows)
    made: dict[str, Array] = {
        "document_starts": narrow(np.array([*starts, base], dtype=np.int64)),
        "document_keys": np.concatenate(keys),
        "document_counts": np.concatenate(counts),
    }
    made["document_order"] = document_order(made["document_keys"])
    made["document_ids_offsets"], made["document_ids"] = pack(ids)
    made["digests_offsets"], made["digests"] = pack(digests)
    return made


def _chosen(texts: Strings, numbers: Int32s) -> list[str]:
    return [texts[n] for n in numbers.tolist()]


def _mentioned(segments: Sequence[OpenSegment], kept: Sequence[Int32s]) -> dict[str, Array]:
    lengths, firsts, lasts = [], [], []
    for segment, rows in zip(segments, kept, strict=True):
        of_rows, at = _rows(segment.arrays["mentioned_offsets"], rows)
        lengths.append(of_rows)
        firsts.append(segment.arrays["mentioned_first"][at])
        lasts.append(segment.arrays["mentioned_last"][at])
    return {
        "mentioned_offsets": narrow(offsets_of(np.concatenate(lengths))),
        "mentioned_first": np.concatenate(firsts),
        "mentioned_last": np.concatenate(lasts),
    }


class _Part:
    """One segment's postings of a field, deleted paragraphs left out, by its own term numbers."""

    def __init__(self, segment: OpenSegment, kept: Int32s, base: int, field: str) -> None:
        own = segment.field(field)
        self.docs, self.freqs, self.positions = own.docs, own.freqs, own.positions
        starts, position_starts = own.starts.astype(np.int64), own.position_starts.astype(np.int64)
        self.lengths = own.lengths[kept]
        if segment.live is None:
            self.docs = own.docs + np.int32(base)
        else:
            keep = segment.live[own.docs]
            self.positions = own.positions[np.repeat(keep, own.freqs)]
            occurrences = offsets_of(np.where(keep, own.freqs, 0))[starts]
            starts = offsets_of(keep)[starts]
            position_starts = occurrences
            numbers = np.cumsum(segment.live, dtype=np.int32) + np.int32(base - 1)
            self.docs, self.freqs = numbers[own.docs[keep]], own.freqs[keep]
        self.counts = np.diff(starts)
        self.occurrences = np.diff(position_starts)
        words = own.terms
        self.terms = [words.raw(n) if c else b"" for n, c in enumerate(self.counts.tolist())]


def _field(
    segments: Sequence[OpenSegment], kept: Sequence[Int32s], bases: Int64s, field: str
) -> dict[str, Array]:
    parts = [_Part(s, k, int(b), field) for s, k, b in zip(segments, kept, bases[:-1], strict=True)]
    terms = sorted(set().union(*(p.terms for p in parts)) - {b""})
    number = {term: n for n, term in enumerate(terms)}
    remaps = [np.array([number.get(t, -1) for t in p.terms], dtype=np.int64) for p in parts]
    starts = _term_starts([p.counts for p in parts], remaps, len(terms))
    position_starts = _term_starts([p.occurrences for p in parts], remaps, len(terms))
    ends = offsets_of(np.fromiter(map(len, terms), dtype=np.int64, count=len(terms)))
    return {
        f"{field}_terms_offsets": narrow(ends),
        f"{field}_terms": np.frombuffer(b"".join(terms), dtype=np.uint8),
        f"{field}_starts": narrow(starts),
        f"{field}_position_starts": narrow(position_starts),
        f"{field}_docs": _woven([(p.docs, p.counts) for p in parts], remaps, starts),
        f"{field}_freqs": _woven([(p.freqs, p.counts) for p in parts], remaps, starts),
        f"{field}_positions": _woven([(p.positions, p.occurrences) for p in parts], remaps, position_starts),
        f"{field}_lengths": np.concatenate([p.lengths for p in parts]),
    }


def _term_starts(counts: Sequence[Int64s], remaps: Sequence[Int64s], terms: int) -> Int64s:
    total = np.zeros(terms, dtype=np.int64)
    for of_part, remap in zip(counts, remaps, strict=True):
        used = of_part > 0
        total[remap[used]] += of_part[used]
    return offsets_of(total)


def _woven(parts: Sequence[tuple[Array, Int64s]], remaps: Sequence[Int64s], starts: Int64s) -> Array:
    """Copy each part's values of a term behind those of the parts before it."""
    dtype = np.result_type(*(values.dtype for values, _ in parts))
    out = np.empty(int(starts[-1]), dtype=dtype)
    taken = starts[:-1].copy()
    for (values, counts), remap in zip(parts, remaps, strict=True):
        used = counts > 0
        out[places(taken[remap[used]], counts[used])] = values
        taken[remap[used]] += counts[used]
    return out
