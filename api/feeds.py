"""How is a list of entries written as a feed? Atom, RSS or JSON Feed, a piece at a time.

Atom: RFC 4287, paged by RFC 5005. RSS 2.0: https://www.rssboard.org/rss-specification, with Atom's links,
Dublin Core's creator and content:encoded. JSON Feed 1.1: https://www.jsonfeed.org/version/1.1/. How many
there are in all is told by OpenSearch 1.1's totalResults.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from email.utils import format_datetime
from html import escape
from typing import Any, Literal
from urllib.parse import quote
from uuid import NAMESPACE_URL, uuid5

import orjson

from api.render import second

Kind = Literal["atom", "rss", "json"]
MEDIA_TYPES: Mapping[Kind, str] = {
    "atom": "application/atom+xml",
    "rss": "application/rss+xml",
    "json": "application/feed+json",
}
NEVER = datetime(1970, 1, 1, tzinfo=UTC)
"""When a feed without entries was last updated: it must say a time, and the same one each time."""

# XML 1.0, section 2.2: no other characters, not even escaped.
_NOT_XML = re.compile("[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
_ADDRESS = "%/:?#[]@!$&'()*+,;=~"
_OPENSEARCH = 'xmlns:opensearch="http://a9.com/-/spec/opensearch/1.1/"'
_IN_ATOM = f'xmlns="http://www.w3.org/2005/Atom" {_OPENSEARCH}'
_IN_RSS = (
    'xmlns:atom="http://www.w3.org/2005/Atom" xmlns:dc="http://purl.org/dc/elements/1.1/" '
    f'xmlns:content="http://purl.org/rss/1.0/modules/content/" {_OPENSEARCH}'
)


@dataclass(frozen=True, slots=True)
class Feed:
    """What is said of a feed as a whole.

    Attributes:
        title: plain text.
        self_url: address of this document of the feed, in full.
        page_url: address of the page that shows the same, in full.
        updated: when anything in it last changed, with its zone; `NEVER` where nothing is in it.
        id: an URI that stays the same wherever the feed is served from.
        next: address of the older entries, in full, or None.
        total: how many entries there are, all documents of the feed together, or None.
        more: further members of a JSON feed; their names begin with an underscore.
    """

    title: str
    self_url: str
    page_url: str
    updated: datetime
    id: str
    next: str | None = None
    total: int | None = None
    more: Mapping[str, Any] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry.

    Attributes:
        id: an URI that stays the same, whatever the entry's place in the feed.
        url: address of what it tells of, in full.
        title: plain text.
        summary_html: HTML that is safe to show: whoever makes it has escaped it.
        text: plain text.
        published: when it was first seen, with its zone, or None.
        updated: when it last changed, with its zone; the same as `published` until it is corrected.
        authors: names.
        more: further members of a JSON feed's item; their names begin with an underscore.
    """

    id: str
    url: str
    title: str
    summary_html: str
    text: str
    published: datetime | None
    updated: datetime
    authors: tuple[str, ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)


def feed(kind: Kind, head: Feed, entries: Iterable[Entry]) -> Iterator[bytes]:
    """Write a feed, a piece an entry, in UTF-8.

    Args:
        kind: which format.
        head: of the feed.
        entries: in the order in which they are to be shown; taken one by one.
    """
    return _WRITERS[kind](head, entries)


def stable_urn(kind: str, name: str) -> str:
    """An id for a feed or an entry out of what never changes of it (RFC 9562, version 5)."""
    return f"urn:uuid:{uuid5(NAMESPACE_URL, f'dateline:{kind}:{whole(name)}')}"


def whole(text: str) -> str:
    """A text without halves of surrogate pairs, which no encoding can carry."""
    return text.encode("utf-8", "replace").decode("utf-8")


def xml_text(text: str) -> str:
    """A text as it can stand in an element or a quoted attribute; what XML cannot hold at all is left out."""
    return escape(legible(text))


def legible(text: str) -> str:
    """A text without what XML, and no other text file, can hold: NUL, most control characters."""
    return _NOT_XML.sub("", text)


def _element(name: str, text: str | None, attributes: str = "") -> str:
    return f"<{name}{attributes}>{xml_text(text)}</{name}>" if text is not None else ""


def _address(url: str) -> str:
    return xml_text(quote(url, safe=_ADDRESS, errors="replace"))


def _link(rel: str, url: str | None, media_type: str, name: str = "link") -> str:
    return f'<{name} rel="{rel}" type="{media_type}" href="{_address(url)}"/>' if url else ""


def _total(head: Feed) -> str:
    return _element("opensearch:totalResults", str(head.total)) if head.total is not None else ""


# --- Atom


def _atom(head: Feed, entries: Iterable[Entry]) -> Iterator[bytes]:
    pieces = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<feed {_IN_ATOM}>\n',
        _element("id", head.id),
        _element("title", head.title),
        _element("updated", second(head.updated)),
        "<author><name>Dateline</name></author><generator>Dateline</generator>",
        _link("self", head.self_url, MEDIA_TYPES["atom"]),
        _link("alternate", head.page_url, "text/html"),
        _link("next", head.next, MEDIA_TYPES["atom"]),
        _total(head),
        "\n",
    )
    yield "".join(pieces).encode()
    for entry in entries:
        yield _atom_entry(entry).encode()
    yield b"</feed>\n"


def _atom_entry(entry: Entry) -> str:
    pieces = (
        "<entry>",
        _element("id", entry.id),
        _element("title", entry.title),
        _link("alternate", entry.url, "text/html"),
        _element("published", second(entry.published)),
        _element("updated", second(entry.updated)),
        *(f"<author>{_element('name', name)}</author>" for name in entry.authors),
        _element("summary", entry.summary_html, ' type="html"'),
        _element("content", entry.text, ' type="text"'),
        "</entry>\n",
    )
    return "".join(pieces)


# --- RSS


def _rss(head: Feed, entries: Iterable[Entry]) -> Iterator[bytes]:
    pieces = (
        f'<?xml version="1.0" encoding="utf-8"?>\n<rss version="2.0" {_IN_RSS}>\n<channel>',
        _element("title", head.title),
        f"<link>{_address(head.page_url)}</link>",
        _element("description", head.title),
        "<generator>Dateline</generator>",
        _element("lastBuildDate", _mail_date(head.updated)),
        _link("self", head.self_url, MEDIA_TYPES["rss"], "atom:link"),
        _link("next", head.next, MEDIA_TYPES["rss"], "atom:link"),
        _total(head),
        "\n",
    )
    yield "".join(pieces).encode()
    for entry in entries:
        yield _rss_item(entry).encode()
    yield b"</channel>\n</rss>\n"


def _rss_item(entry: Entry) -> str:
    paragraphs = "".join(f"<p>{xml_text(line)}</p>" for line in entry.text.split("\n\n") if line.strip())
    corrected = entry.published is not None and entry.updated > entry.published
    pieces = (
        "<item>",
        _element("title", entry.title),
        f"<link>{_address(entry.url)}</link>",
        _element("guid", entry.id, ' isPermaLink="false"'),
        _element("pubDate", _mail_date(entry.published or entry.updated)),
        _element("atom:updated", second(entry.updated)) if corrected else "",
        *(_element("dc:creator", name) for name in entry.authors),
        _element("description", entry.summary_html),
        _element("content:encoded", paragraphs),
        "</item>\n",
    )
    return "".join(pieces)


def _mail_date(at: datetime) -> str:
    """RFC 5322, as RSS has its times."""
    return format_datetime(at.astimezone(UTC), usegmt=True)


# --- JSON Feed


def _json(head: Feed, entries: Iterable[Entry]) -> Iterator[bytes]:
    told: dict[str, Any] = {
        "version": "https://jsonfeed.org/version/1.1",
        "title": head.title,
        "home_page_url": head.page_url,
        "feed_url": head.self_url,
        "next_url": head.next,
        **head.more,
    }
    yield encoded({name: value for name, value in told.items() if value is not None})[:-1] + b',"items":['
    before = b"\n"
    for entry in entries:
        yield before + encoded(_json_item(entry))
        before = b",\n"
    yield b"\n]}\n"


def _json_item(entry: Entry) -> dict[str, Any]:
    told = {
        "id": entry.id,
        "url": entry.url,
        "title": entry.title,
        "content_html": entry.summary_html or None,
        "content_text": entry.text,
        "date_published": second(entry.published or entry.updated),
        "date_modified": second(entry.updated),
        "authors": [{"name": name} for name in entry.authors] or None,
        **entry.more,
    }
    return {name: value for name, value in told.items() if value is not None}


def encoded(value: Any) -> bytes:
    """JSON in UTF-8; halves of surrogate pairs, which no encoding can carry, become question marks."""
    try:
        return orjson.dumps(value)
    except orjson.JSONEncodeError:
        return orjson.dumps(_whole_in(value))


def _whole_in(value: Any) -> Any:
    if isinstance(value, str):
        return whole(value)
    if isinstance(value, Mapping):
        return {whole(str(name)): _whole_in(inner) for name, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_whole_in(inner) for inner in value]
    return value


_WRITERS: Mapping[Kind, Callable[[Feed, Iterable[Entry]], Iterator[bytes]]] = {
    "atom": _atom,
    "rss": _rss,
    "json": _json,
}
