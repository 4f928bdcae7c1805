"""RSS and Atom: an entry is a document. Read by feedparser in a process of its own, from bytes alone."""

from __future__ import annotations

from collections.abc import Iterator
from html import unescape
from typing import Any, BinaryIO, cast
from urllib.parse import urljoin

from index.confined import extract
from index.errors import InputError, UnsupportedInputError
from index.model import Document, Metadata, ParagraphKind
from index.readers.base import MB, Outcome, Source, digest, read_whole
from index.readers.blocks import BlockText, lay_out
from index.readers.htmlmeta import is_web_address, iso_time
from index.readers.records import clean
from index.readers.xmlroot import xml_root

MAX_FEED_BYTES = 16 * MB
MAX_ENTRIES = 20_000
# Processor time that an entry may take, and all of them; they take a quarter of it.
_ENTRY_S = 0.0005
_MOST_S = 10.0
# Surer than a DOCTYPE, which may be anything's.
_ROOTS = {"rss": 96, "rdf": 75, "feed": 85, "channel": 75}


class FeedReader:
    """RSS 0.9 to 2.0, RDF Site Summary and Atom, well formed or nearly."""

    name = "feed"
    suffixes = (".rss", ".atom", ".rdf")
    media_types = ("application/rss+xml", "application/atom+xml", "application/rdf+xml")

    def sniff(self, head: bytes) -> int:
        """Told by the root element."""
        return _ROOTS.get((xml_root(head) or "").lower(), 0)

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield a document or an error for each entry.

        An entry's identity is its guid or id, else its link.

        Raises:
            InputError: larger than `MAX_FEED_BYTES`, more than `MAX_ENTRIES`, or it takes too long.
            UnsupportedInputError: there is no entry in it.
        """
        data = read_whole(stream, source, MAX_FEED_BYTES)
        entries = data.count(b"<item") + data.count(b"<entry")
        if entries > MAX_ENTRIES:
            raise InputError(source.name, f"a feed of more than {MAX_ENTRIES} entries; split it")
        feed = extract("feed", data, source.name, min(_MOST_S, entries * _ENTRY_S))
        if not feed["entries"]:
            broken = f"; it is not well formed either ({feed['problem']})" if feed["problem"] else ""
            what = "a feed" if feed["version"] else "XML that looks like a feed, but"
            raise UnsupportedInputError(source.name, f"{what} without entries{broken}")
        for number, entry in enumerate(feed["entries"], 1):
            entry["link"] = _absolute(entry["link"], feed, source)
            yield _document(entry, feed, source, f"{source.name}[{number}]")


def _document(entry: dict[str, Any], feed: dict[str, Any], source: Source, place: str) -> Outcome:
    headline = " ".join(" ".join(text for _, text in _blocks(entry["title"])).split()) or None
    blocks = _body(entry)
    if not blocks and not headline:
        return UnsupportedInputError(
            place, "the entry has no text: neither a title, nor a summary, nor content"
        )
    text, spans = lay_out(headline, blocks)
    link = entry["link"] if entry["link"] and is_web_address(entry["link"]) else None
    return Document(
        identity=_identity(entry, feed, source, text),
        source=clean(link or place),
        format="feed",
        text=text,
        metadata=Metadata(
            headline=headline,
            published=_moment(entry["published"]) or _moment(entry["updated"]),
            author=_cleaned(entry["author"]),
            publisher=_cleaned(entry["source"] or feed["title"]),
            url=_cleaned(link),
            extra=_extra(entry, feed),
        ),
        blocks=spans,
    )


def _body(entry: dict[str, Any]) -> list[BlockText]:
    """Take the content where there is some, the longest of several, else the summary."""
    contents = [_blocks(content) for content in entry["contents"]]
    best = max(contents, key=lambda blocks: sum(len(text) for _, text in blocks), default=[])
    return best or _blocks(entry["summary"])


def _blocks(content: list[list[str]]) -> list[BlockText]:
    made = ((kind, clean(text).strip()) for kind, text in content)
    return [(cast(ParagraphKind, kind), text) for kind, text in made if text]


def _identity(entry: dict[str, Any], feed: dict[str, Any], source: Source, text: str) -> str:
    own = clean(entry["id"] or "")
    if ":" in own:
        return f"id:{own}"
    # A bare number is its feed's own.
    where = clean(feed["id"] or feed["link"] or source.address or "")
    if own and where:
        return f"id:{where}#{own}"
    # Not `url:`, which a whole page goes by: a summary must not take its place.
    link = clean(entry["link"] or "")
    return (
        f"entry:{link}"
        if link
        else f"{source.address or 'content:'}#{digest(text.encode('utf-8', 'replace'))}"
    )


def _absolute(link: str | None, feed: dict[str, Any], source: Source) -> str | None:
    """A link that is written as a path: of the feed's site, else of where the feed was fetched."""
    if not link or is_web_address(link):
        return link
    base = next((b for b in (feed["link"], source.name) if b and is_web_address(b)), "")
    try:
        return urljoin(base, link)
    except ValueError:  # brackets where a host would be
        return link


def _moment(time: list[str | None] | None) -> str | None:
    if not time:
        return None
    return iso_time(time[0]) or time[1]


def _cleaned(value: str | None) -> str | None:
    return clean(unescape(value)).strip() or None if value else None


def _extra(entry: dict[str, Any], feed: dict[str, Any]) -> dict[str, Any]:
    found = {
        "modified": _moment(entry["updated"]) if entry["published"] else None,
        "keywords": [clean(tag) for tag in entry["tags"]],
        "language": _cleaned(feed["language"]),
        "feed": _cleaned(feed["title"]) if entry["source"] else None,
    }
    return {name: value for name, value in found.items() if value}
