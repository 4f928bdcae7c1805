"""What paragraphs share: articles, documents and entities, each kept once a segment."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Sequence

import numpy as np

from index.columns.files import Array, narrow
from index.columns.ragged import Int32s, Keys, keys_of, offsets_of, pack


def sums_of(offsets: Array, blob: Array) -> Array:
    """CRC-32 of each text of a blob."""
    data = memoryview(np.ascontiguousarray(blob).data)
    ends: list[int] = offsets.tolist()
    sums = (zlib.crc32(data[ends[n] : ends[n + 1]]) for n in range(len(ends) - 1))
    return np.fromiter(sums, dtype=np.uint32, count=len(ends) - 1)


def document_order(keys: Keys) -> Int32s:
    """Numbers of documents in the order of their keys."""
    return np.argsort(keys, kind="stable").astype(np.int32)


def lay_values(
    kinds: Sequence[int], ids: Sequence[str], written: Sequence[dict[str, int]]
) -> tuple[dict[str, Array], Int32s]:
    """Lay out entities.

    Args:
        kinds: place in ENTITY_KINDS, by entity as numbered so far.
        ids: theirs.
        written: paragraphs by name, for each.

    Returns:
        The arrays, and each entity's new number: by kind, then by key.
    """
    keys = keys_of(ids)
    order = np.lexsort((keys, np.array(kinds, dtype=np.uint8)))
    numbers = np.empty(len(order), dtype=np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    names: list[str] = []
    counts: list[int] = []
    lengths: list[int] = []
    for n in order.tolist():
        by_count = sorted(written[n].items(), key=lambda pair: -pair[1])  # stable: first seen, first
        names += [name for name, _ in by_count]
        counts += [count for _, count in by_count]
        lengths.append(len(by_count))
    made: dict[str, Array] = {
        "value_bounds": np.searchsorted(np.array(kinds, dtype=np.uint8)[order], np.arange(4)),
        "value_keys": keys[order],
        "value_names_offsets": narrow(offsets_of(np.array(lengths, dtype=np.int64))),
        "name_counts": narrow(np.array(counts, dtype=np.int64)),
    }
    made["value_ids_offsets"], made["value_ids"] = pack([ids[n] for n in order.tolist()])
    made["names_offsets"], made["names"] = pack(names)
    return made, numbers


def lay_articles(keys: Keys, records: Sequence[str]) -> tuple[dict[str, Array], Int32s]:
    """Lay out articles by key; returns the arrays and each article's new number."""
    order = np.argsort(keys, kind="stable")
    numbers = np.empty(len(order), dtype=np.int32)
    numbers[order] = np.arange(len(order), dtype=np.int32)
    offsets, blob = pack([records[n] for n in order.tolist()])
    made = {"article_keys": keys[order], "articles_offsets": offsets, "articles": blob}
    return {**made, "article_sums": sums_of(offsets, blob)}, numbers


class Tables:
    """Articles and documents while a segment is filled, numbered as they come."""

    def __init__(self) -> None:
        self._articles: dict[str, int] = {}
        self._records: list[str] = []
        self._ids: list[str] = []  # of documents, with:
        self._digests: list[str] = []
        self._starts = array("q")
        self._counts = array("i")  # three each

    def article(self, id_: str, record: str) -> int:
        """Number of an article; the last record that came is kept."""
        number = self._articles.setdefault(id_, len(self._articles))
        if number == len(self._records):
            self._records.append(record)
        else:
            self._records[number] = record
        return number

    def document(self, id_: str, digest: str, first: int, counts: Sequence[int]) -> None:
        """Note a document that begins at a paragraph."""
        self._ids.append(id_)
        self._digests.append(digest)
        self._starts.append(first)
        self._counts.extend(counts)

    def arrays(self, rows: int) -> tuple[dict[str, Array], Int32s]:
        """The tables, and the new numbers of articles."""
        articles, article_numbers = lay_articles(keys_of(self._articles), self._records)
        return {**articles, **self._document_arrays(rows)}, article_numbers

    def _document_arrays(self, rows: int) -> dict[str, Array]:
        keys = keys_of(self._ids)
        made: dict[str, Array] = {
            "document_starts": narrow(np.append(np.array(self._starts, dtype=np.int64), rows)),
            "document_keys": keys,
            "document_order": document_order(keys),
            "document_counts": np.array(self._counts, dtype=np.int32).reshape(-1, 3),
        }
        made["document_ids_offsets"], made["document_ids"] = pack(self._ids)
        made["digests_offsets"], made["digests"] = pack(self._digests)
        return made
