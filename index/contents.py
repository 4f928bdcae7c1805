"""How is a whole document written down, and is it still what was written?

One byte that numbers the encoding (1), then a zlib stream (RFC 1950), whose own checksum
tells damage, of a JSON object in UTF-8, half surrogate pairs as they are:

    identity, source, format, text: as `Document` has them
    metadata: [headline, published, author, publisher, url, extra]
    blocks: [[start, end, kind], …], or null
    lifecycle: [version, status, embargo]
    marks: [[start, end, kind, name, id, value], …]
    names: [[kind, name, id], …]

What `Document` says beside the text of a document is in it, so that any analysis can be made anew.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterable
from hashlib import blake2b
from typing import Any, get_args

from index.model import (
    ENTITY_KINDS,
    Article,
    Block,
    Document,
    Given,
    GivenMark,
    GivenName,
    Lifecycle,
    Metadata,
    ParagraphKind,
    Status,
)

ANALYSIS = "5"
"""Version of what is found in a document; a new one makes every document count as changed."""

ENCODING = b"\x01"
MAX_BYTES = 1 << 30
"""Bytes that a document may come to when it is read back; more is damage."""

_LEVEL = 4  # a third less time than zlib's 6 for 4% more bytes, on agency copy
_encode = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode
_KINDS = frozenset(get_args(ParagraphKind))
_STATUSES = frozenset(get_args(Status))
_MARKED = frozenset({*ENTITY_KINDS, "date"})


def content_digest(document: Document) -> str:
    """Name what a document says, whatever its version and status: 16 hexadecimal digits."""
    own = (repr(document.metadata), document.source, repr(document.given))
    content = (document.text, document.blocks, *own)
    return blake2b(repr(content).encode("utf-8", "surrogatepass"), digest_size=8).hexdigest()


def index_digest(digest: str) -> str:
    """Name a document's content, by its digest, and the analysis that was made of it."""
    return blake2b(f"{ANALYSIS} {digest}".encode(), digest_size=8).hexdigest()


def article_digest(article: Article) -> str:
    """Name what an article's readers see of its text: 16 hexadecimal digits."""
    made = blake2b(digest_size=8)
    for paragraph in article.paragraphs:
        made.update(f"{paragraph.kind}\x1f{paragraph.text}\x1e".encode("utf-8", "surrogatepass"))
    return made.hexdigest()


def encode(document: Document) -> bytes:
    """Write a document down."""
    m, life = document.metadata, document.lifecycle
    told = {
        "identity": document.identity,
        "source": document.source,
        "format": document.format,
        "text": document.text,
        "metadata": [m.headline, m.published, m.author, m.publisher, m.url, dict(m.extra)],
        "blocks": None if document.blocks is None else [[b.start, b.end, b.kind] for b in document.blocks],
        "lifecycle": [life.version, life.status, life.embargo],
        "marks": [[g.start, g.end, g.kind, g.name, g.id, g.value] for g in document.given.marks],
        "names": [[g.kind, g.name, g.id] for g in document.given.names],
    }
    return ENCODING + zlib.compress(_encode(told).encode("utf-8", "surrogatepass"), _LEVEL)


def decode(content: bytes) -> Document:
    """Read a document back.

    Raises:
        ValueError: these bytes are not what `encode` wrote; says in what.
    """
    if content[:1] != ENCODING:
        raise ValueError(f"its encoding {content[:1]!r} is not known")
    stream = zlib.decompressobj()
    try:
        data = stream.decompress(content[1:], MAX_BYTES)
    except zlib.error as error:
        raise ValueError(f"it cannot be unpacked ({error})") from error
    if not stream.eof or stream.unused_data:
        raise ValueError("it ends too early, too late, or is too large")
    try:
        return _document(json.loads(data.decode("utf-8", "surrogatepass")))
    except (KeyError, TypeError, AttributeError, RecursionError) as error:
        raise ValueError(f"it is no document ({error!r})") from error


def _document(told: dict[str, Any]) -> Document:
    text = _text(told["text"])
    headline, published, author, publisher, url, extra = told["metadata"]
    version, status, embargo = told["lifecycle"]
    blocks = told["blocks"]
    if not isinstance(extra, dict) or isinstance(version, bool) or not isinstance(version, int | None):
        raise TypeError("its metadata or version is of another type")
    own = [_maybe(value) for value in (headline, published, author, publisher, url)]
    return Document(
        identity=_text(told["identity"]),
        source=_text(told["source"]),
        format=_text(told["format"]),
        text=text,
        metadata=Metadata(own[0], own[1], own[2], own[3], own[4], extra),
        blocks=None if blocks is None else tuple(_block(row, len(text)) for row in blocks),
        lifecycle=Lifecycle(version, _one_of(status, _STATUSES), _maybe(embargo)),
        given=Given(tuple(_mark(row, len(text)) for row in told["marks"]), tuple(map(_name, told["names"]))),
    )


def _block(row: Any, length: int) -> Block:
    start, end, kind = row
    return Block(*_span(start, end, length), kind=_one_of(kind, _KINDS))


def _mark(row: Any, length: int) -> GivenMark:
    start, end, kind, *more = row
    name, id_, value = map(_maybe, more)
    return GivenMark(*_span(start, end, length), _one_of(kind, _MARKED), name, id_, value)


def _name(row: Any) -> GivenName:
    kind, name, id_ = row
    return GivenName(_one_of(kind, frozenset(ENTITY_KINDS)), _text(name), _maybe(id_))


def _span(start: Any, end: Any, length: int) -> tuple[int, int]:
    if not 0 <= start <= end <= length:
        raise ValueError(f"the span {start} to {end} lies outside its text")
    return start, end


def _one_of(value: Any, known: Iterable[str]) -> Any:
    if value not in known:
        raise ValueError(f"{value!r} is none of {', '.join(sorted(known))}")
    return value


def _text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError(f"a text is a {type(value).__name__}")
    return value


def _maybe(value: Any) -> str | None:
    return None if value is None else _text(value)
