"""Several segments → one, by copying arrays; nothing is analysed again.

Deleted paragraphs, and the articles, documents, entities and terms that only they had,
are left out.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import numpy as np

from index.columns.files import Array, Chunks, narrow, release
from index.columns.layout import FIELDS
from index.columns.merge_fields import merged_field
from index.columns.merge_prints import merged_prints
from index.columns.ragged import Int32s, Int64s, Strings, offsets_of, pack, places
from index.columns.rows import document_order, lay_articles, lay_values
from index.columns.segment import OpenSegment

_PLAIN_ROWS = ("ids", "ordinal", "kind", "published", "added", "spans", "record_sums")


def merge(segments: Sequence[OpenSegment]) -> dict[str, Array | Chunks]:
    """Lay out the live paragraphs of some segments, in order, as one.

    Postings and texts, of which there may be more than memory holds, are copied when they are written.
    """
    kept = [_kept(s) for s in segments]
    made: dict[str, Array | Chunks] = {name: _plain(segments, kept, name) for name in _PLAIN_ROWS}
    ids = np.concatenate([s.arrays["ids"][k] for s, k in zip(segments, kept, strict=True)])
    made["ids_order"] = np.argsort(ids, kind="stable").astype(np.int32)
    del ids
    made.update(_articles(segments, kept))
    made.update(_values(segments, kept))
    made.update(_documents(segments, kept))
    made.update(_mentioned(segments, kept))
    for name in ("texts", "mentions"):
        made[f"{name}_offsets"], made[name] = _blobs(segments, kept, name)
    bases = offsets_of(np.array([len(k) for k in kept]))
    for field in FIELDS:
        made.update(merged_field(segments, kept, bases, field))
    return made


def _kept(segment: OpenSegment) -> Int32s:
    if segment.live is None:
        return np.arange(segment.rows, dtype=np.int32)
    return np.flatnonzero(segment.live).astype(np.int32)


def _plain(segments: Sequence[OpenSegment], kept: Sequence[Int32s], name: str) -> Chunks:
    """A column of numbers that mean the same in every segment."""
    first = segments[0].arrays[name]

    def parts() -> Iterator[Array]:
        for segment, rows in zip(segments, kept, strict=True):
            yield segment.arrays[name][rows]
            release(segment.arrays[name])

    return Chunks(first.dtype, (sum(map(len, kept)), *first.shape[1:]), parts)


def _rows(offsets: Array, rows: Int32s) -> tuple[Int64s, Int64s]:
    """Lengths of some rows, and the places of their values."""
    starts = offsets[rows].astype(np.int64)
    lengths = offsets[rows + 1].astype(np.int64) - starts
    return lengths, places(starts, lengths)


def _blobs(segments: Sequence[OpenSegment], kept: Sequence[Int32s], name: str) -> tuple[Array, Chunks]:
    lengths: list[Array] = []
    for segment, rows in zip(segments, kept, strict=True):
        offsets = segment.arrays[f"{name}_offsets"].astype(np.int64)
        lengths.append(offsets[rows + 1] - offsets[rows])
    ends = offsets_of(np.concatenate(lengths))

    def parts() -> Iterator[Array]:
        for segment, rows in zip(segments, kept, strict=True):
            yield from _runs(segment.arrays[f"{name}_offsets"], segment.arrays[name], rows)
            release(segment.arrays[name])

    return narrow(ends), Chunks(np.dtype(np.uint8), (int(ends[-1]),), parts)


def _runs(offsets: Array, blob: Array, rows: Int32s) -> Iterator[Array]:
    """Bytes of some rows; rows that follow each other at once."""
    ends = np.flatnonzero(np.diff(rows, append=-2) != 1)
    firsts = np.concatenate([rows[:1], rows[ends[:-1] + 1]])
    for first, last in zip(offsets[firsts].tolist(), offsets[rows[ends] + 1].tolist(), strict=True):
        yield blob[first:last]


def _articles(segments: Sequence[OpenSegment], kept: Sequence[Int32s]) -> dict[str, Array | Chunks]:
    numbers: dict[int, int] = {}
    records: list[str] = []
    columns: list[Array] = []
    remaps: list[Int32s] = []
    for segment, rows in zip(segments, kept, strict=True):
        article = segment.arrays["article"][rows]
        used = np.unique(article)
        told = segment.strings("articles")
        remap = np.full(len(told), -1, dtype=np.int32)
        for old, key in zip(used.tolist(), segment.arrays["article_keys"][used].tolist(), strict=True):
            number = remap[old] = numbers.setdefault(key, len(numbers))
            if number == len(records):
                records.append(told[old])
            else:
                records[number] = told[old]
        columns.append(remap[article])
        remaps.append(remap)
    laid, order = lay_articles(np.array(list(numbers), dtype=np.uint64), records)
    made: dict[str, Array | Chunks] = {**laid}
    article = made["article"] = narrow(order[np.concatenate(columns)])
    numbered = [np.where(remap < 0, np.int32(-1), order[remap]) for remap in remaps]
    return made | merged_prints(segments, numbered, article.dtype)


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
