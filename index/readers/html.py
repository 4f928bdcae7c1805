"""HTML: one page, one article. What the page states about itself wins over what its text suggests."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import BinaryIO

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from index.errors import UnsupportedInputError
from index.model import Document, Metadata, ParagraphKind
from index.paragraphs import split_paragraphs
from index.readers.base import Outcome, Source, read_whole
from index.readers.blocks import BlockText, lay_out
from index.readers.encodings import decode
from index.readers.htmlbody import article_blocks
from index.readers.htmlmeta import PageFacts, page_facts
from index.readers.htmlplain import plain_blocks

_CERTAIN = re.compile(
    rb"\s*(?:<!--.{0,2000}?-->\s*)*(?:<\?xml[^>]*>\s*)?(?:<!doctype\s+html|<html[\s>])", re.I | re.S
)
_LIKELY = re.compile(rb"\s*<(?:head|body|article|main|section|div|p|h1|meta|title|script|table)[\s>/]", re.I)
# Declarations of entities: a parser of HTML takes them for text.
_SUBSET = re.compile(r"<!DOCTYPE[^>\[]{0,300}\[[^\]]{0,100000}\]\s*>", re.IGNORECASE)
# articleBody is taken when the page itself shows this little.
_SHORT_TEXT_CHARS = 250


class HtmlReader:
    """A web page as saved or posted."""

    name = "html"
    suffixes = (".html", ".htm", ".xhtml")
    media_types = ("text/html", "application/xhtml+xml")

    def sniff(self, head: bytes) -> int:
        """A doctype or <html> is certain; another block element at the beginning is likely."""
        start = head.removeprefix(b"\xef\xbb\xbf")[:8192]
        if _CERTAIN.match(start):
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
        tree, whole = _parse(page, source)
        facts = page_facts(tree)
        blocks = article_blocks(tree) if whole else [_as("body", text) for text in plain_blocks(page)]
        blocks = _prefer(blocks, facts)
        if not blocks:
            raise UnsupportedInputError(
                source.name, "the page has no text: scripts, frames or a redirect only"
            )
        text, spans = lay_out(facts.headline, blocks)
        yield Document(
            identity=f"url:{facts.url}" if facts.url else source.identity(data),
            source=facts.url or source.name,
            format=self.name,
            text=text,
            metadata=Metadata(
                headline=facts.headline,
                published=facts.published,
                author=facts.author,
                publisher=facts.publisher,
                url=facts.url,
                extra=facts.extra,
            ),
            blocks=spans,
        )


def _parse(text: str, source: Source) -> tuple[HtmlElement, bool]:
    """Parse a page; also say whether all of it is in the tree, or the parser hit its limits."""
    # No network, no external entity: the HTML parser knows neither; the limits of a
    # tree's size and depth stay on.
    parser = HTMLParser(
        encoding="utf-8",
        huge_tree=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        tree: HtmlElement = document_fromstring(
            _SUBSET.sub("", text, count=1).encode("utf-8", "replace"), parser=parser
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise UnsupportedInputError(source.name, f"cannot be parsed as HTML ({error})") from error
    whole = not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return tree, whole


def _prefer(blocks: list[BlockText], facts: PageFacts) -> list[BlockText]:
    """Fall back to JSON-LD's articleBody where the page itself shows next to nothing."""
    body = facts.body
    shown = sum(len(text) for _, text in blocks)
    if not body or shown >= _SHORT_TEXT_CHARS or len(body) <= shown:
        return blocks
    body = re.sub(r"<[^<>]{1,200}>", " ", body)
    return [(piece.kind, body[piece.start : piece.end]) for piece in split_paragraphs(body)]


def _as(kind: ParagraphKind, text: str) -> BlockText:
    return kind, text
