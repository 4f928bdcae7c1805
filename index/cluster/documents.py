"""Articles and paragraphs as the documents of a cluster, and back."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from index.analysis import forms, stem, surfaces
from index.cluster.buckets import INTERVALS, bucket_number, filled
from index.cluster.mapping import FORM, PART, WORD, bucket_field, precise_field
from index.columns.prints import WordHashes, prints_of
from index.columns.ragged import key_of, to_hex
from index.model import Article, Paragraph
from index.stored import (
    KINDS,
    Place,
    Record,
    article_record,
    mentions_record,
    name_ending,
    read_record,
    reason_ending,
)

ARTICLE, DOCUMENT, COMMIT = "a:", "d:", "commit"
"""How the ids of documents begin that are no paragraphs; the commit's is that alone."""


@dataclass(frozen=True, slots=True)
class ClusterDocument:
    """One document of the cluster's.

    Attributes:
        id: of it.
        routing: decides on the shard: an article and its paragraphs lie on one.
        body: by the mapping.
    """

    id: str
    routing: str
    body: Mapping[str, Any]


def documents_of(article: Article, story: str = "", *, copied: bool = False) -> Iterator[ClusterDocument]:
    """An article and its paragraphs.

    Args:
        article: with the time when it was added.
        story: id of the first article of its story; empty means itself.
        copied: whether its story has several articles.
    """
    record = article_record(article)
    shared = _shared(article, story or article.id, copied)
    analysed = [analyse(p.text) for p in article.paragraphs]
    own = {
        "type": "article",
        "kin": "article",
        "prints": prints(article.paragraphs, analysed),
        "paragraphs": len(article.paragraphs),
        "record": {"article": record},
    }
    yield ClusterDocument(ARTICLE + article.id, article.id, {**shared, **own})
    for p, words in zip(article.paragraphs, analysed, strict=True):
        yield ClusterDocument(p.id, article.id, {**shared, **_paragraph(article.id, p, words, record)})


def document_of(id_: str, digest: str, counts: Mapping[str, int]) -> ClusterDocument:
    """What is held of a document as it came."""
    body = {"type": "document", "document": id_, "digest": digest, "record": dict(counts)}
    return ClusterDocument(DOCUMENT + id_, id_, body)


def _shared(article: Article, story: str, copied: bool) -> dict[str, Any]:
    made: dict[str, Any] = {
        "article": article.id,
        "article_key": to_hex(key_of(article.id)),
        "document": article.document,
        "added": _second(article.added),
        "story": story,
        "copied": copied,
    }
    if article.published.day is not None:
        made["published"] = article.published.day.toordinal()
    return made


def _second(moment: datetime | None) -> int:
    return 0 if moment is None else int(moment.timestamp())


Words = list[tuple[str, ...]]


def analyse(text: str) -> Words:
    """The words of a text in order, each by its exact forms."""
    return [forms(surface) for surface in surfaces(text)]


def _paragraph(article: str, p: Paragraph, words: Words, record: str) -> dict[str, Any]:
    names = [
        f"[{e.start},{e.end}{name_ending(e.kind, e.entity, e.name)}{reason_ending(e.reason)}"
        for e in p.entities
    ]
    made: dict[str, Any] = {
        "type": "paragraph",
        "kin": {"name": "paragraph", "parent": ARTICLE + article},
        "id": p.id,
        "ordinal": p.ordinal,
        "kind": p.kind,
        "exact": WORD.join(_line(w) for w in words),
        "stem": WORD.join(_line([stem(f) for f in w]) for w in words),
        "words": sorted({f for w in words for f in w}),
        "record": {
            "at": [p.start, p.end],
            "text": p.text,
            "mentions": mentions_record(p, names, own=True).decode("utf-8", "surrogatepass"),
            "article": record,
        },
    }
    return made | _names(p) | _days(p)


def _line(word: Sequence[str]) -> str:
    """The forms of a word; one that has none keeps its place."""
    return FORM.join(f for f in word if f) or FORM


def _names(p: Paragraph) -> dict[str, Any]:
    made: dict[str, Any] = {}
    for e in p.entities:
        ids = made.setdefault(e.kind, [])
        if e.entity not in ids:
            ids.append(e.entity)
    if p.entities:
        made["labels"] = list(dict.fromkeys(PART.join((e.kind, e.entity, e.name)) for e in p.entities))
    return made


def _days(p: Paragraph) -> dict[str, Any]:
    spans = list(dict.fromkeys((d.first, d.last) for d in p.dates if d.first and d.last))
    if not spans:
        return {}
    numbers = [(a.toordinal(), b.toordinal()) for a, b in spans]
    made: dict[str, Any] = {
        "mentioned": [{"gte": a, "lte": b} for a, b in numbers],
        "spans": [f"{a}-{b}" for a, b in numbers],
    }
    for interval in INTERVALS:
        found = [filled(a, b, interval) for a, b in spans]
        made[bucket_field(interval)] = [{"gte": a, "lte": b} for a, b in dict.fromkeys(found)]
        ends = ((bucket_number(a, interval), bucket_number(b, interval)) for a, b in spans)
        if precise := sorted({low for low, high in ends if low == high}):
            made[precise_field(interval)] = precise
    return made


def prints(paragraphs: Sequence[Paragraph], analysed: Sequence[Words]) -> list[int]:
    """Prints of an article's text, without its headline, ascending, each once; as the columns have them."""
    numbers: dict[str, int] = {}
    terms: list[int] = []
    lengths: list[int] = []
    for p, words in zip(paragraphs, analysed, strict=True):
        if p.kind != "headline":
            found = [numbers.setdefault(f, len(numbers)) for w in words for f in w]
            terms += found
            lengths.append(len(found))
    hashes, figures = WordHashes().of(numbers)
    made, _ = prints_of(np.array(terms, np.int32), np.array(lengths, np.int32), hashes, figures)
    return sorted({int(n) for n in made})


def read(source: Mapping[str, Any], fields: Mapping[str, Any]) -> Record:
    """A paragraph out of a hit's `_source` and its fields `id`, `ordinal` and `kind`.

    Args:
        source: with `record`.
        fields: docvalue fields of the hit, each a list.
    """
    told = source["record"]
    start, end = told["at"]
    id_ = str(fields["id"][0])
    place = Place(key_of(id_), int(fields["ordinal"][0]), KINDS.index(fields["kind"][0]), start, end)
    return read_record(
        place,
        told["text"].encode("utf-8", "surrogatepass"),
        told["mentions"].encode("utf-8", "surrogatepass"),
        told["article"].encode("utf-8", "surrogatepass"),
    )
