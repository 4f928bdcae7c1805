"""Analysed documents on their way into a segment."""

from __future__ import annotations

import zlib
from array import array
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor

import numpy as np

from index.analysis import stems
from index.columns.files import Array, narrow
from index.columns.mentions import Mentions
from index.columns.postings import invert
from index.columns.prints import WordHashes, prints_of, sorted_prints
from index.columns.ragged import Keys, hex_keys, key_of, offsets_of, to_hex
from index.columns.rows import Tables
from index.columns.words import Taken, Words
from index.model import Article, Paragraph
from index.stored import KINDS, article_record

UNDATED = -1
_KIND = {kind: n for n, kind in enumerate(KINDS)}
_BATCH = 2_000  # paragraphs whose words are looked for at once,
_BATCH_CHARS = 1 << 22  # or fewer where they are long

# Bytes that building takes, measured: arrays while a field is inverted; Python's own objects.
_A_TOKEN = 56
_A_WORD = 400
_A_PARAGRAPH = 300


class Buffer:
    """Documents of one segment to be; paragraphs are numbered as they come.

    They are taken in batches: what Python must do for each is little, and the rest is NumPy's.
    """

    def __init__(self) -> None:
        self._words = Words()
        self._hashes = WordHashes()
        self._mentions = Mentions()
        self._tables = Tables()
        self._pending: list[Paragraph] = []
        self._articles = array("q")  # number, day published, second added and paragraphs of each
        self._parts: list[dict[str, Array]] = []  # by name, the batches taken
        self._prints: list[tuple[Array, Array]] = []  # and the paragraph of each
        self._texts: list[bytes] = []
        self._records: list[bytes] = []
        self._rows = self._tokens = self._chars = 0
        self._waiting = 0  # characters of the paragraphs that are pending
        self._dead: list[tuple[int, int]] = []
        self.documents: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return self._rows

    def memory(self) -> int:
        """Bytes that building the segment will take, about."""
        small = len(self._words) * _A_WORD + len(self) * _A_PARAGRAPH
        return self._tokens * _A_TOKEN + small + self._chars * 3

    def put(self, document: str, digest: str, articles: Iterable[Article]) -> tuple[int, int, int, int]:
        """Add a document; returns its numbers of articles, paragraphs, date and entity mentions."""
        first = len(self)
        made = dates = names = 0
        for article in articles:
            made += 1
            paragraphs = article.paragraphs
            record = article_record(article)
            day = article.published.day
            published = UNDATED if day is None else day.toordinal()
            added = 0 if article.added is None else int(article.added.timestamp())
            self._articles.extend(
                (self._tables.article(article.id, record), published, added, len(paragraphs))
            )
            chars = sum([len(p.text) for p in paragraphs])
            self._waiting += chars
            self._chars += len(record) + chars
            self._rows += len(paragraphs)
            self._pending += paragraphs
            dates += sum([len(p.dates) for p in paragraphs])
            names += sum([len(p.entities) for p in paragraphs])
        self._tables.document(document, digest, first, (made, dates, names))
        self.documents[document] = (first, len(self))
        if len(self._pending) >= _BATCH or self._waiting >= _BATCH_CHARS:
            self._take()
        return made, len(self) - first, dates, names

    def delete(self, document: str) -> None:
        """Forget a document that was put before."""
        self._dead.append(self.documents.pop(document))

    def dead(self) -> Array:
        """Which paragraphs were deleted since they were put."""
        mask = np.zeros(len(self), dtype=np.bool_)
        for first, end in self._dead:
            mask[first:end] = True
        return mask

    def _take(self) -> None:
        """Analyse the paragraphs that wait."""
        batch, self._pending, self._waiting = self._pending, [], 0
        keys, own_ids = _keys([p.id for p in batch])
        texts = [p.text.encode("utf-8", "surrogatepass") for p in batch]
        records = self._mentions.take(batch, own_ids)
        found = self._words.take(texts)
        self._print(batch, found)
        crc = zlib.crc32
        sums = [crc(record, crc(text)) for text, record in zip(texts, records, strict=True)]
        self._parts.append({
            "ids": keys,
            "ordinal": np.array([p.ordinal for p in batch], dtype=np.int32),
            "kind": np.array([_KIND[p.kind] for p in batch], dtype=np.uint8),
            "spans": np.array([(p.start, p.end) for p in batch], dtype=np.int32).reshape(-1, 2),
            "record_sums": np.array(sums, dtype=np.uint32),
            "texts": np.array([len(t) for t in texts], dtype=np.int32),
            "mentions": np.array([len(r) for r in records], dtype=np.int32),
            "terms": found.terms,
            "positions": found.positions,
            "lengths": found.lengths,
        })  # fmt: skip
        self._texts.append(b"".join(texts))
        self._records.append(b"".join(records))
        self._chars += len(self._records[-1])
        self._tokens += len(found.terms)

    def _print(self, batch: Sequence[Paragraph], found: Taken) -> None:
        """Take the prints of a batch; a copy gets a headline of its own, so that none are of headlines."""
        prints, rows = prints_of(found.terms, found.lengths, *self._hashes.of(self._words.exact))
        text = np.array([p.kind != "headline" for p in batch], dtype=np.bool_)[rows]
        self._prints.append((prints[text], rows[text] + np.int32(self._rows - len(batch))))

    def arrays(self) -> dict[str, Array]:
        """The segment's arrays, deleted paragraphs included; the buffer is spent."""
        self._take()
        parts, self._parts = self._parts, []
        made: dict[str, Array] = {n: np.concatenate([p.pop(n) for p in parts]) for n in list(parts[0])}
        found = Taken(made.pop("terms"), made.pop("positions"), made.pop("lengths"))
        tables, numbers = self._tables.arrays(len(self))
        numbered, published, added, held = np.array(self._articles, dtype=np.int64).reshape(-1, 4).T
        made["article"] = narrow(np.repeat(numbers[numbered], held))
        made["published"] = np.repeat(published.astype(np.int32), held)
        made["added"] = np.repeat(added.astype(np.uint32), held)
        prints, rows = (np.concatenate(part) for part in zip(*self._prints, strict=True))
        kept = ~self.dead()[rows]  # an article's earlier version leaves none
        made["prints"], of = sorted_prints(prints[kept], made["article"][rows[kept]])
        made["prints_article"] = of.astype(made["article"].dtype)
        self._prints.clear()
        made["ids_order"] = np.argsort(made["ids"], kind="stable").astype(np.int32)
        for name, blobs in (("texts", self._texts), ("mentions", self._records)):
            made[f"{name}_offsets"] = narrow(offsets_of(made.pop(name)))
            made[name] = np.frombuffer(b"".join(blobs), dtype=np.uint8)
            blobs.clear()
        return {**made, **tables, **self._mentions.arrays(), **self._inverted(found)}

    def _inverted(self, found: Taken) -> dict[str, Array]:
        """Both text fields, each in a thread: sorting and copying are NumPy's, which lets others run."""
        exact = list(self._words.exact)
        numbers: dict[str, int] = {}
        of_exact = np.array([numbers.setdefault(s, len(numbers)) for s in stems(exact)], dtype=np.int32)
        with ThreadPoolExecutor(1) as beside:
            stem = beside.submit(invert, "stem", list(numbers), of_exact, found)
            made = invert("exact", exact, np.arange(len(exact)), found)
            return {**made, **stem.result()}


def _keys(ids: Sequence[str]) -> tuple[Keys, Sequence[bool]]:
    """Keys of ids, and which of them a key does not tell; see `ragged.key_of`."""
    plain = hex_keys(ids)
    if plain is not None:
        return plain, [False] * len(ids)
    keys = [key_of(id_) for id_ in ids]
    told = [to_hex(key) == id_ for key, id_ in zip(keys, ids, strict=True)]
    return np.array(keys, dtype=np.uint64), [not t for t in told]
