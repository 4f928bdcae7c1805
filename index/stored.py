"""How a paragraph and its article are written down for showing.

The text lies beside it as it is. The rest is JSON, so that an index can be read by anyone
and never runs code when opened. What is told of an article is kept once.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import Any

import orjson

from index.clock import second
from index.columns.ragged import to_hex
from index.model import (
    Article,
    DateMention,
    EntityMention,
    Paragraph,
    ParagraphKind,
    PublishedBy,
)

KINDS: tuple[ParagraphKind, ...] = ("headline", "body", "caption", "heading", "quote")
"""Kinds of paragraphs by the number that stands in the index."""

# Reasons are written as their places in these, so that they cost an index two or three bytes each.
# Add at the end: what is written counts from the beginning.
_DATE_REASONS = ("words", "published", "unresolved", "document", "ambiguous", "given")
_DATE_NUMBERS = {reason: n for n, reason in enumerate(_DATE_REASONS)}
_HOW = (
    *("itself", "known", "team", "alone", "shared", "form", "surname"),
    *("part", "nearest", "title", "acronym", "short"),
)
_BY = ("model", "table", "pattern", "again")
_NAME_REASONS = (
    *("editor", *(f"{by} {how}" for how in _HOW for by in _BY)),
    *(*(f"given {how}" for how in _HOW), *(f"{by} told" for by in (*_BY, "given"))),
)
_NAME_NUMBERS = {reason: n for n, reason in enumerate(_NAME_REASONS)}

_quoted = json.encoder.encode_basestring
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


@dataclass(frozen=True, slots=True)
class Record:
    """A paragraph as read back, with what is told of its article.

    Attributes:
        paragraph: as it was indexed.
        article: its article's fields (see `article_fields`).
        whole: further fields of the article.
    """

    paragraph: Paragraph
    article: dict[str, Any]
    whole: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Place:
    """A paragraph's numbers, which lie in arrays: key of its id, ordinal, kind and span."""

    key: int
    ordinal: int
    kind: int
    start: int
    end: int


def article_fields(article: Article) -> dict[str, Any]:
    """What a hit tells of its article."""
    published, changed = article.published, article.updated or article.added
    return {
        "id": article.id,
        "headline": article.headline,
        "published": published.day.isoformat() if published.day else None,
        "published_by": published.by,
        "source": article.source,
        "url": article.metadata.url,
        "author": article.metadata.author,
        "publisher": article.metadata.publisher,
        "added": article.added and second(article.added),
        "updated": changed and second(changed),
    }


def whole_fields(article: Article) -> dict[str, Any]:
    """What only the whole article tells."""
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


def article_record(article: Article) -> str:
    """Encode what is told of an article: `[article_fields, whole_fields]`."""
    return f"[{_members(article_fields(article))},{_members(whole_fields(article))}]"


def name_ending(kind: str, entity: str, name: str) -> str:
    """How the record of a name goes on behind its start and end in the text; its reason closes it."""
    return f",{_dump(kind)},{_dump(entity)},{_dump(name)}"


@lru_cache(maxsize=4096)
def reason_ending(reason: str | None) -> str:
    """How the record of a name ends: its reason as numbers, as a text where it is none of ours."""
    if reason is None:
        return "]"
    joined, _, paragraph = reason.rpartition(" ")
    if joined in _NAME_NUMBERS and paragraph.isdecimal() and str(int(paragraph)) == paragraph:
        return f",{_NAME_NUMBERS[joined]},{paragraph}]"
    return f",{_dump(_NAME_NUMBERS.get(reason, reason))}]"


def _name_reason(row: Sequence[Any]) -> str | None:
    if not row:
        return None
    reason = row[0] if isinstance(row[0], str) else _NAME_REASONS[row[0]]
    return f"{reason} {row[1]}" if len(row) > 1 else reason


def mentions_record(p: Paragraph, names: Sequence[str], *, own: bool) -> bytes:
    """Encode a paragraph's dates and names, and its id where its key does not tell it.

    Args:
        p: the paragraph.
        names: the record of each of its names: `[start,end`, the `name_ending`, the `reason_ending`.
        own: whether the id is written.
    """
    dates = "[]"
    if p.dates:
        dates = _dump([_date_row(d) for d in p.dates])
    ending = f",{_dump(p.id)}]" if own else "]"
    return f"[{dates},[{','.join(names)}]{ending}".encode("utf-8", "surrogatepass")


def read_record(place: Place, text: bytes, mentions: bytes, article: bytes) -> Record:
    """Decode a paragraph; raises ValueError for bytes that are none."""
    dates, names, *own_id = _load(mentions) if mentions else ((), ())
    told: tuple[dict[str, Any], dict[str, Any]] = _load(article)
    shown = text.decode("utf-8", "surrogatepass")
    paragraph = Paragraph(
        id=own_id[0] if own_id else to_hex(place.key),
        ordinal=place.ordinal,
        kind=KINDS[place.kind],
        start=place.start,
        end=place.end,
        text=shown,
        dates=tuple([_date_mention(shown, d) for d in dates]),
        entities=tuple(
            [EntityMention(s, e, shown[s:e], k, i, n, _name_reason(why)) for s, e, k, i, n, *why in names]
        ),
    )
    return Record(paragraph, told[0], told[1])


def read_article(article: bytes) -> dict[str, Any]:
    """Decode the `article_fields` of a record; raises ValueError for bytes that are none."""
    told: dict[str, Any] = _load(article)[0]
    return told


def _load(data: bytes) -> Any:
    try:
        return orjson.loads(data)
    except orjson.JSONDecodeError:  # lone surrogates and NaN, which the standard library forgives
        return json.loads(data)


def published_of(fields: Mapping[str, Any]) -> tuple[date | None, PublishedBy | None]:
    """Day of publication and how it is known, out of `article_fields`."""
    return _day(fields["published"]), fields["published_by"]


def _date_mention(text: str, row: Sequence[Any]) -> DateMention:
    start, end, timex, first, last, *why = row
    reason = (why[0] if isinstance(why[0], str) else _DATE_REASONS[why[0]]) if why else None
    return DateMention(start, end, text[start:end], timex, _day(first), _day(last), reason)


def _date_row(d: DateMention) -> list[Any]:
    row = [d.start, d.end, d.timex, _iso(d.first), _iso(d.last)]
    return row if d.reason is None else [*row, _DATE_NUMBERS.get(d.reason, d.reason)]


def moments_of(fields: Mapping[str, Any]) -> tuple[datetime | None, datetime | None]:
    """When an article was added and when its text last changed, in UTC, out of `article_fields`."""
    return _moment(fields.get("added")), _moment(fields.get("updated"))


def _moment(iso: str | None) -> datetime | None:
    return datetime.fromisoformat(iso) if iso else None


def _day(iso: str | None) -> date | None:
    return date.fromisoformat(iso) if iso else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def _dump(value: Any) -> str:
    return _encode(value)


def _members(fields: Mapping[str, Any]) -> str:
    """A JSON object whose keys are plain; texts and nulls, which most are, are spared the encoder's start."""
    told = [
        f'"{key}":{_quoted(v) if type(v) is str else "null" if v is None else _dump(v)}'
        for key, v in fields.items()
    ]
    return "{" + ",".join(told) + "}"
