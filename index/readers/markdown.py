"""Markdown: one file, one article, with or without front matter."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO, cast

from index.confined import extract
from index.errors import UnsupportedInputError
from index.model import Document, Metadata, ParagraphKind
from index.readers.base import MB, Outcome, Source, read_whole
from index.readers.blocks import BlockText, lay_out
from index.readers.encodings import decode
from index.readers.frontmatter import front_matter
from index.readers.records import clean, names_line

MAX_MARKDOWN_BYTES = 8 * MB
_HEADLINES = ("headline", "title")
_DATES = ("published", "date", "publishdate", "pubdate", "datepublished")
_URLS = ("url", "permalink", "canonical", "canonical_url")
_AUTHORS = ("author", "authors", "byline")
_PUBLISHERS = ("publisher", "publication")
_TAKEN = frozenset((*_HEADLINES, *_DATES, *_URLS, *_AUTHORS, *_PUBLISHERS, "id", "guid"))
_HEADING = re.compile(rb"#{1,6} \S")


class MarkdownReader:
    """CommonMark with tables; YAML-like or TOML front matter."""

    name = "markdown"
    suffixes = (".md", ".markdown", ".mdown", ".mkd")
    media_types = ("text/markdown", "text/x-markdown")

    def sniff(self, head: bytes) -> int:
        """Front matter, or a heading of number signs at the very beginning."""
        start = head.removeprefix(b"\xef\xbb\xbf")
        if start.startswith((b"---\n", b"---\r\n", b"+++\n", b"+++\r\n")):
            fields, _ = front_matter(decode(start))
            return 65 if fields else 0
        return 60 if _HEADING.match(start) else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the one document, its blocks marked.

        Its identity is the front matter's `id`, else its address, else the file's path or content.

        Raises:
            InputError: larger than `MAX_MARKDOWN_BYTES`, or it takes too long.
            UnsupportedInputError: there is no text in it.
        """
        data = read_whole(stream, source, MAX_MARKDOWN_BYTES)
        fields, body = front_matter(clean(decode(data, source.charset)))
        marked = extract("markdown", body.encode("utf-8", "replace"), source.name)
        headline, blocks = _headline(fields, list(_blocks(marked)))
        text, spans = lay_out(headline, blocks)
        if not spans:
            raise UnsupportedInputError(source.name, "no text: nothing but front matter or markup")
        own, url = _first(fields, ("id", "guid")), _first(fields, _URLS)
        url = url if url and url.startswith(("http://", "https://")) else None
        yield Document(
            identity=f"id:{own}" if own else f"url:{url}" if url else source.identity(data),
            source=url or source.name,
            format=self.name,
            text=text,
            metadata=Metadata(
                headline=headline,
                published=_first(fields, _DATES),
                author=_first(fields, _AUTHORS),
                publisher=_first(fields, _PUBLISHERS),
                url=url,
                extra={name: value for name, value in fields.items() if name not in _TAKEN},
            ),
            blocks=spans,
        )


def _blocks(marked: list[list[str]]) -> Iterator[tuple[str, str]]:
    for kind, text in marked:
        if text.strip():
            yield ("body" if kind == "row" else kind), text


def _headline(fields: dict[str, Any], blocks: list[tuple[str, str]]) -> tuple[str | None, list[BlockText]]:
    """Take the front matter's title, else a heading of the first rank with which the text begins."""
    headline = _first(fields, _HEADLINES)
    if not headline and blocks and blocks[0][0] in ("h1", "h2"):
        headline, blocks = blocks[0][1], blocks[1:]
    return headline, [(_ranked(kind), text) for kind, text in blocks]


def _ranked(kind: str) -> ParagraphKind:
    return "heading" if re.fullmatch(r"h[1-6]", kind) else cast(ParagraphKind, kind)


def _first(fields: dict[str, Any], names: tuple[str, ...]) -> str | None:
    return next((line for name in names if (line := names_line(fields.get(name)))), None)
