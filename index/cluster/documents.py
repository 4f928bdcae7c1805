"""Articles and paragraphs as the documents of a cluster, and back."""

from __future__ import annotations

from base64 import b64decode, b64encode
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

import numpy as np

from index.analysis import forms, stem, surfaces
from index.cluster.buckets import INTERVALS, bucket_number, filled
from index.cluster.mapping import FORM, PART, WORD, bucket_field, precise_field
from index.columns.prints import FIGURE, Prints, WordHashes, distinct, prints_of
from index.columns.ragged import key_of, to_hex
from index.model import Article, EntityMention, Paragraph
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

_LONGEST = 8_000  # characters of a word; the cluster takes 32,766 bytes, and longer ones are numbers or noise
_LONGEST_NAME = 4_000  # characters of a name that are kept to find it by
_CHARS = 1_000_000  # characters of one string
_WORDS = 100_000  # words of one value


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
    marks = prints(article.paragraphs, analysed)
    told = _told(record)
    own = {
        "type": "article",
        "kin": "article",
        "prints": [f"{n:08x}" for n in marks[(marks & FIGURE) == 0].tolist()],
        "paragraphs": len(article.paragraphs),
        "record": {
            "article": told,
            "prints": b64encode(marks.astype("<u4").tobytes()).decode(),
            "came": [shared["added"], shared.get("published", -1)],
        },
    }
    yield ClusterDocument(ARTICLE + article.id, article.id, {**shared, **own})
    for p, words in zip(article.paragraphs, analysed, strict=True):
        yield ClusterDocument(p.id, article.id, {**shared, **_paragraph(article.id, p, words, told)})


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
    found = surfaces(text)
    if found and max(map(len, found)) > _LONGEST:
        found = [surface[:_LONGEST] for surface in found]
    return [forms(surface) for surface in found]


def _paragraph(article: str, p: Paragraph, words: Words, record: Any) -> dict[str, Any]:
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
        "exact": _lines([_line(w) for w in words]),
        "stem": _lines([_line([stem(f) for f in w]) for w in words]),
        "words": sorted({f for w in words for f in w}),
        "record": {
            "at": [p.start, p.end],
            "text": _told(p.text),
            "mentions": _told(mentions_record(p, names, own=True).decode("utf-8", "surrogatepass")),
            "article": record,
        },
    }
    return made | _names(p) | _days(p)


def _lines(words: list[str]) -> str | list[str]:
    """Words one a line; of very many, several values, which the index takes as one that goes on."""
    if len(words) <= _WORDS:
        return WORD.join(words)
    return [WORD.join(words[at : at + _WORDS]) for at in range(0, len(words), _WORDS)]


def _told(text: str) -> Any:
    """A text as the cluster keeps any: none longer than its JSON's strings may be, no half surrogate pair."""
    if len(text) > _CHARS:
        return [_told(text[at : at + _CHARS]) for at in range(0, len(text), _CHARS)]
    try:
        if not text.isascii():
            text.encode()
    except UnicodeEncodeError:
        return {"utf8": b64encode(text.encode("utf-8", "surrogatepass")).decode()}
    return text


def as_told(told: Any) -> str:
    """A text out of a record; see `_told`."""
    if isinstance(told, str):
        return told
    if isinstance(told, list):
        return "".join(map(as_told, told))
    return b64decode(told["utf8"]).decode("utf-8", "surrogatepass")


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
        made["labels"] = list(dict.fromkeys(_label(e) for e in p.entities))
    return made


def _label(e: EntityMention) -> str:
    name = e.name if e.name.isascii() else e.name.encode("utf-8", "replace").decode()
    return PART.join((e.kind, e.entity, name[:_LONGEST_NAME]))


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


def prints(paragraphs: Sequence[Paragraph], analysed: Sequence[Words]) -> Prints:
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
    return distinct(made)


def read_prints(source: Mapping[str, Any]) -> Prints:
    """The prints of an article out of its document."""
    return np.frombuffer(b64decode(source["record"]["prints"]), dtype="<u4").astype(np.uint32)


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
        as_told(told["text"]).encode("utf-8", "surrogatepass"),
        as_told(told["mentions"]).encode("utf-8", "surrogatepass"),
        as_told(told["article"]).encode("utf-8", "surrogatepass"),
    )
