"""A feed's bytes → its entries as plain values, by feedparser. Runs in the child."""

from __future__ import annotations

import calendar
import io
from collections.abc import Iterator
from datetime import UTC, datetime
from html import unescape
from typing import Any

import feedparser

from index.paragraphs import split_paragraphs
from index.readers.blocks import BlockText
from index.readers.fragments import fragment_blocks

_MAX_VALUE_CHARS = 4000
_MAX_LIST = 100
# Base64 of pictures, links to media: no text to be read.
_TEXTS = ("text/html", "application/xhtml+xml", "text/plain")
_UNKNOWN = ("application/octet-stream", "application/xml", "text/xml")


def extract(data: bytes) -> dict[str, Any]:
    """Read RSS of any version, RDF or Atom, also where it is not well formed.

    Returns:
        `title, link, id, language` of the feed, each a string or None; `problem`, why it is
        not well formed, or None; and `entries`, each with `id, link, title, summary, contents,
        published, updated, author, tags, source`, texts as `[kind, text]` of each block.
    """
    # A stream, always: feedparser takes bytes and strings for the names of files and addresses too.
    feed = feedparser.parse(io.BytesIO(data), sanitize_html=False, resolve_relative_uris=False)
    problem = feed.get("bozo_exception") if feed.get("bozo") else None
    about = feed.feed
    return {
        "title": _line(about.get("title")),
        "link": _line(about.get("link")),
        "id": _line(about.get("id")),
        "language": _line(about.get("language")),
        "version": feed.get("version") or None,
        "problem": " ".join(str(problem).split())[:200] if problem else None,
        "entries": [_entry(entry) for entry in feed.entries],
    }


def _entry(entry: Any) -> dict[str, Any]:
    return {
        "id": _line(entry.get("id")),
        "link": _line(entry.get("link")),
        "title": _typed(entry.get("title_detail")) or _plain(entry.get("title")),
        "summary": _typed(entry.get("summary_detail")) or _plain(entry.get("summary")),
        "contents": [made for made in map(_typed, entry.get("content", [])[:_MAX_LIST]) if made],
        "published": _time(entry, "published"),
        "updated": _time(entry, "updated"),
        "author": _authors(entry),
        "tags": list(dict.fromkeys(_tags(entry))),
        "source": _line((entry.get("source") or {}).get("title")),
    }


def _typed(detail: Any) -> list[BlockText]:
    return _blocks(str(detail.get("type") or "text/plain"), detail.get("value")) if detail else []


def _plain(value: Any) -> list[BlockText]:
    return _blocks("text/html", value)


def _blocks(kind: str, value: Any) -> list[BlockText]:
    if not isinstance(value, str) or not value.strip():
        return []
    if kind not in _TEXTS and (kind not in _UNKNOWN or not _is_legible(value)):
        return []
    if kind != "text/plain":
        return fragment_blocks(value)
    # Feeds say plain and mean markup once more, `&amp;#8217;` most of all.
    value = unescape(value)
    return [(piece.kind, value[piece.start : piece.end]) for piece in split_paragraphs(value)]


def _is_legible(value: str) -> bool:
    """Say whether what a feed packed as base64 was text; feedparser has unpacked it."""
    return all(char.isprintable() or char.isspace() for char in value[:1000])


def _line(value: Any) -> str | None:
    return (" ".join(value[:_MAX_VALUE_CHARS].split()) or None) if isinstance(value, str) else None


def _time(entry: Any, name: str) -> list[str | None] | None:
    """Give a time as the feed has it, and as feedparser understands it, in UTC."""
    # Not `get`: for `updated` feedparser falls back to `published`, and says that it will not for ever.
    stated, parsed = dict.get(entry, name), dict.get(entry, f"{name}_parsed")
    if not isinstance(stated, str) or not stated.strip():
        return None
    try:
        moment = datetime.fromtimestamp(calendar.timegm(parsed), UTC).isoformat() if parsed else None
    except (TypeError, ValueError, OverflowError, OSError):
        moment = None
    return [_line(stated), moment]


def _authors(entry: Any) -> str | None:
    found = [_line(one.get("name")) for one in entry.get("authors", [])[:_MAX_LIST]]
    names = list(dict.fromkeys(name for name in found if name))
    return ", ".join(names) or _line(entry.get("author"))


def _tags(entry: Any) -> Iterator[str]:
    for tag in entry.get("tags", [])[:_MAX_LIST]:
        name = _line(tag.get("label")) or _line(tag.get("term"))
        if name:
            yield name
