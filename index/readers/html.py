"""HTML: one page, one article. What the page states about itself wins over what its text suggests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any, BinaryIO

from index.confined import extract
from index.errors import InputError, UnsupportedInputError
from index.model import Document, Metadata
from index.readers.base import Outcome, Source, read_whole
from index.readers.blocks import BlockText, lay_out
from index.readers.encodings import decode
from index.readers.htmlplain import plain_blocks
from index.readers.xmlroot import is_html

_LIKELY = re.compile(rb"\s*<(?:head|body|article|main|section|div|p|h1|meta|title|script|table)[\s>/]", re.I)


class HtmlReader:
    """A web page as saved or posted."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")
    media_types = ("text/html", "application/xhtml+xml")

    def sniff(self, head: bytes) -> int:
        """A doctype or <html> is certain; another block element at the beginning is likely."""
        start = head.removeprefix(b"\xef\xbb\xbf")[:8192]
        if is_html(start):
            return 95
        return 70 if _LIKELY.match(start) else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the one document, its blocks marked.

        Its identity is the canonical address, else the file's path, else its content.

        Raises:
            InputError: larger than `base.MAX_DOCUMENT_BYTES`.
            UnsupportedInputError: no markup that can be parsed, or no text in it.
        """
        data = read_whole(stream, source)
        page = decode(data, source.charset, look_inside=True)
        facts, blocks = _taken_apart(page, source)
        if not blocks:
            raise UnsupportedInputError(
                source.name, "the page has no text: scripts, frames or a redirect only"
            )
        text, spans = lay_out(facts.get("headline"), blocks)
        url = facts.get("url")
        yield Document(
            identity=f"url:{url}" if url else source.identity(data),
            source=url or source.name,
            format=self.name,
            text=text,
            metadata=Metadata(
                headline=facts.get("headline"),
                published=facts.get("published"),
                author=facts.get("author"),
                publisher=facts.get("publisher"),
                url=url,
                extra=facts.get("extra", {}),
            ),
            blocks=spans,
        )


def _taken_apart(page: str, source: Source) -> tuple[dict[str, Any], list[BlockText]]:
    try:
        found = extract("html", page.encode("utf-8", "replace"), source.name)
    except UnsupportedInputError:
        raise
    except InputError:
        # A page that takes the parser or the extractor too long still has words in it.
        return {}, [("body", text) for text in plain_blocks(page)]
    return found["facts"], [(kind, text) for kind, text in found["blocks"]]
