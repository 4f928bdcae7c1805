"""Analysed documents on their way into a segment."""

from __future__ import annotations

from array import array
from collections.abc import Iterable
from itertools import chain

import numpy as np

from index.analysis import forms, stem, surfaces
from index.columns.files import Array, narrow
from index.columns.postings import invert, spread
from index.columns.ragged import key_of, offsets_of, pack
from index.columns.rows import Tables, record_sums
from index.model import ENTITY_KINDS, Article, Paragraph
from index.stored import KINDS, article_record, mentions_record

UNDATED = -1
_KIND = {kind: n for n, kind in enumerate(KINDS)}
_ENTITY_KIND = {kind: n for n, kind in enumerate(ENTITY_KINDS)}

# Bytes that building takes, measured: arrays while a field is inverted; Python's own objects.
_A_TOKEN = 56
_A_SURFACE = 400
_A_PARAGRAPH = 300


class _Words:
    """Tokens by number: each distinct surface is folded and stemmed once."""

    def __init__(self) -> None:
        self.surfaces: dict[str, int] = {}
        self.exact: dict[str, int] = {}
        self.stems: dict[str, int] = {}
        self.tokens = array("i")
        self.lengths = array("i")
        # By surface: how many forms it has, and one after another their term numbers.
        self.counts = array("i")
        self.exact_of = array("i")
        self.stem_of = array("i")

    def add(self, text: str) -> None:
        """Take the words of one paragraph."""
        words = surfaces(text)
        known = self.surfaces
        try:
            self.tokens.extend([known[w] for w in words])
        except KeyError:
            self.tokens.extend([known[w] if w in known else self._number(w) for w in words])
        self.lengths.append(len(words))

    def _number(self, surface: str) -> int:
        found = forms(surface)
        self.counts.append(len(found))
        for form in found:
            self.exact_of.append(self.exact.setdefault(form, len(self.exact)))
            ending = stem(form)
            self.stem_of.append(self.stems.setdefault(ending, len(self.stems)))
        return self.surfaces.setdefault(surface, len(self.surfaces))

    def arrays(self) -> dict[str, Array]:
        """Both fields, inverted."""
        tokens = np.frombuffer(self.tokens, dtype=np.int32)
        docs, positions = spread(tokens, np.frombuffer(self.lengths, dtype=np.int32))
        counts = np.frombuffer(self.counts, dtype=np.int32)
        exact = np.frombuffer(self.exact_of, dtype=np.int32)
        stems = np.frombuffer(self.stem_of, dtype=np.int32)
        if len(exact) != len(counts):  # a glued word or an acronym has more than one form
            starts, many = offsets_of(counts)[:-1], counts[tokens]
            ends = np.cumsum(many, dtype=np.int64)
            within = np.arange(int(ends[-1]) if len(ends) else 0) - np.repeat(ends - many, many)
            docs, positions = np.repeat(docs, many), np.repeat(positions, many)
            tokens = (np.repeat(starts[tokens], many) + within).astype(np.int32)
        rows = len(self.lengths)
        made = invert("exact", list(self.exact), exact[tokens], docs, positions, rows)
        return {**made, **invert("stem", list(self.stems), stems[tokens], docs, positions, rows)}


class Buffer:
    """Documents of one segment to be; paragraphs are numbered as they come."""

    def __init__(self) -> None:
        self._words = _Words()
        self._tables = Tables()
        self._ids: list[int] = []
        self._texts: list[str] = []
        self._mentions: list[str] = []
        self._rows = array("i")  # article, ordinal, kind, published, start, end of each paragraph
        self._entities: tuple[array[int], array[int]] = (array("i"), array("i"))  # lengths, numbers
        self._mentioned: tuple[array[int], array[int]] = (array("i"), array("i"))  # lengths, first and last
        self._chars = 0
        self._dead: list[tuple[int, int]] = []
        self.documents: dict[str, tuple[int, int]] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def memory(self) -> int:
        """Bytes that building the segment will take, about."""
        words = self._words
        small = len(words.surfaces) * _A_SURFACE + len(self) * _A_PARAGRAPH
        return len(words.tokens) * _A_TOKEN + small + self._chars * 3

    def put(self, document: str, digest: str, articles: Iterable[Article]) -> tuple[int, int, int, int]:
        """Add a document; returns its numbers of articles, paragraphs, date and entity mentions."""
        first = len(self)
        counts = [0, 0, 0]
        for article in articles:
            counts[0] += 1
            record = article_record(article)
            number = self._tables.article(article.id, record)
            self._chars += len(record)
            day = article.published.day
            published = UNDATED if day is None else day.toordinal()
            for paragraph in article.paragraphs:
                self._paragraph(paragraph, number, published)
                counts[1] += len(paragraph.dates)
                counts[2] += len(paragraph.entities)
        self._tables.document(document, digest, first, counts)
        self.documents[document] = (first, len(self))
        return counts[0], len(self) - first, counts[1], counts[2]

    def delete(self, document: str) -> None:
        """Forget a document that was put before."""
        self._dead.append(self.documents.pop(document))

    def dead(self) -> Array:
        """Which paragraphs were deleted since they were put."""
        mask = np.zeros(len(self), dtype=np.bool_)
        for first, end in self._dead:
            mask[first:end] = True
        return mask

    def _paragraph(self, p: Paragraph, article: int, published: int) -> None:
        self._words.add(p.text)
        key = key_of(p.id)
        self._ids.append(key)
        self._texts.append(p.text)
        self._rows.extend((article, p.ordinal, _KIND[p.kind], published, p.start, p.end))
        self._mentions.append(mentions_record(p, key))
        self._chars += len(p.text) + len(self._mentions[-1])
        named: list[int] = []
        if p.entities:
            triples = dict.fromkeys((_ENTITY_KIND[e.kind], e.entity, e.name) for e in p.entities)
            named = list(dict.fromkeys([self._tables.value(*triple) for triple in triples]))
        self._entities[0].append(len(named))
        self._entities[1].extend(named)
        days: dict[tuple[int, int], None] = {}
        if p.dates:
            spans = ((d.first.toordinal(), d.last.toordinal()) for d in p.dates if d.first and d.last)
            days = dict.fromkeys(spans)
        self._mentioned[0].append(len(days))
        self._mentioned[1].extend(chain.from_iterable(days))

    def arrays(self) -> dict[str, Array]:
        """The segment's arrays, deleted paragraphs included."""
        ids = np.array(self._ids, dtype=np.uint64)
        tables, article_numbers, value_numbers = self._tables.arrays(len(self))
        rows = np.frombuffer(self._rows, dtype=np.int32).reshape(-1, 6)
        pairs = np.frombuffer(self._mentioned[1], dtype=np.int32).reshape(-1, 2)
        named = np.frombuffer(self._entities[1], dtype=np.int32)
        made: dict[str, Array] = {
            "ids": ids,
            "ids_order": np.argsort(ids, kind="stable").astype(np.int32),
            "article": narrow(article_numbers[rows[:, 0]]),
            "ordinal": rows[:, 1],
            "kind": rows[:, 2].astype(np.uint8),
            "published": rows[:, 3],
            "spans": rows[:, 4:6],
            "entities_offsets": narrow(offsets_of(np.frombuffer(self._entities[0], dtype=np.int32))),
            "entities": narrow(value_numbers[named]),
            "mentioned_offsets": narrow(offsets_of(np.frombuffer(self._mentioned[0], dtype=np.int32))),
            "mentioned_first": pairs[:, 0],
            "mentioned_last": pairs[:, 1],
        }
        made["texts_offsets"], made["texts"] = pack(self._texts)
        made["mentions_offsets"], made["mentions"] = pack(self._mentions)
        made["record_sums"] = record_sums(made)
        return {**made, **tables, **self._words.arrays()}
