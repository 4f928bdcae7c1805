"""How a paragraph lies in the index: `facts` for counting, `record` for showing.

Both are JSON, so that an index can be read by anyone and never runs code when opened.
"""

from __future__ import annotations

import json
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from index.model import (
    ENTITY_KINDS,
    Article,
    DateMention,
    EntityKind,
    EntityMention,
    Paragraph,
    ParagraphKind,
    PublishedBy,
)


@dataclass(frozen=True, slots=True)
class Facts:
    """What filters, facets and sorting need of one paragraph.

    Attributes:
        id: the paragraph's.
        document: id of its document.
        digest: of the document's content, to know it again unchanged.
        article: id of its article.
        ordinal: its place there.
        kind: headline, body, caption, heading or quote.
        published: day number (`date.toordinal`) of its article, or None.
        entities: (kind, id, name) of every name in it, each once.
        mentioned: (first, last) day numbers of every dated interval in it, each once.
        mentions: numbers of date mentions and of entity mentions.
    """

    id: str
    document: str
    digest: str
    article: str
    ordinal: int
    kind: ParagraphKind
    published: int | None
    entities: tuple[tuple[EntityKind, str, str], ...]
    mentioned: tuple[tuple[int, int], ...]
    mentions: tuple[int, int]


@dataclass(frozen=True, slots=True)
class Record:
    """A paragraph as read back, with what is told of its article.

    Attributes:
        paragraph: as it was indexed.
        article: its article's fields (see `article_fields`).
        whole: further fields of the article, kept with its first paragraph alone.
    """

    paragraph: Paragraph
    article: dict[str, Any]
    whole: dict[str, Any] | None


def facts_of(article: Article, paragraph: Paragraph, digest: str) -> bytes:
    """Encode a paragraph's facts."""
    names = dict.fromkeys((ENTITY_KINDS.index(e.kind), e.entity, e.name) for e in paragraph.entities)
    days = dict.fromkeys(
        (d.first.toordinal(), d.last.toordinal()) for d in paragraph.dates if d.first and d.last
    )
    day = article.published.day
    row = [
        paragraph.id,
        article.document,
        digest,
        article.id,
        paragraph.ordinal,
        paragraph.kind,
        day.toordinal() if day else None,
        list(names),
        list(days),
        [len(paragraph.dates), len(paragraph.entities)],
    ]
    return _dump(row).encode("utf-8", "surrogatepass")


def read_facts(data: bytes) -> Facts:
    """Decode facts; raises ValueError for bytes that are none."""
    row = json.loads(data)
    id_, document, digest, article, ordinal, kind, day, names, days, (dates, entities) = row
    return Facts(
        id=id_,
        document=document,
        digest=digest,
        article=article,
        ordinal=ordinal,
        kind=kind,
        published=day,
        entities=tuple((ENTITY_KINDS[k], e, n) for k, e, n in names),
        mentioned=tuple((a, b) for a, b in days),
        mentions=(dates, entities),
    )


def article_fields(article: Article) -> dict[str, Any]:
    """What a hit tells of its article, kept with every paragraph."""
    published = article.published
    return {
        "id": article.id,
        "headline": article.headline,
        "published": published.day.isoformat() if published.day else None,
        "published_by": published.by,
        "source": article.source,
        "url": article.metadata.url,
        "author": article.metadata.author,
        "publisher": article.metadata.publisher,
    }


def whole_fields(article: Article) -> dict[str, Any]:
    """What only the whole article tells, kept with its first paragraph."""
    return {
        "document": article.document,
        "boundary": article.boundary,
        "evidence": article.published.evidence,
        "stamp": article.published.stamp,
        "dateline": article.dateline,
        "byline": article.byline,
        "agency": article.agency,
        "extra": dict(article.metadata.extra),
    }


def record_of(article: Article, paragraph: Paragraph, *, first: bool) -> str:
    """Encode a paragraph's record; the `first` of its article carries the article's own fields."""
    p = paragraph
    return _dump(
        {
            "p": [p.id, p.ordinal, p.kind, p.start, p.end, p.text],
            "d": [[d.start, d.end, d.timex, _iso(d.first), _iso(d.last)] for d in p.dates],
            "e": [[e.start, e.end, e.kind, e.entity, e.name] for e in p.entities],
            "a": article_fields(article),
            "w": whole_fields(article) if first else None,
        }
    )


def read_record(data: str) -> Record:
    """Decode a record; raises ValueError for text that is none."""
    row = json.loads(data)
    id_, ordinal, kind, start, end, text = row["p"]
    paragraph = Paragraph(
        id=id_,
        ordinal=ordinal,
        kind=kind,
        start=start,
        end=end,
        text=text,
        dates=tuple(_date_mention(text, d) for d in row["d"]),
        entities=tuple(EntityMention(s, e, text[s:e], k, i, n) for s, e, k, i, n in row["e"]),
    )
    return Record(paragraph, row["a"], row["w"])


def published_of(fields: dict[str, Any]) -> tuple[date | None, PublishedBy | None]:
    """Day of publication and how it is known, out of `article_fields`."""
    return _day(fields["published"]), fields["published_by"]


def _date_mention(text: str, row: Sequence[Any]) -> DateMention:
    start, end, timex, first, last = row
    return DateMention(start, end, text[start:end], timex, _day(first), _day(last))


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dump(value: Any) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))
