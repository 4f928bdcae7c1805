"""NewsML-G2: the items of a message, each of them a story, a picture with its caption, or no article at all.

Elements by NewsML-G2 2.35 (IPTC). A `newsItem` is read: its text in NITF, XHTML or plain, else its
description where that is text of substance. Items that hold no article are refused by what they are.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.model import Document, Given, GivenMark, Metadata
from index.paragraphs import split_paragraphs
from index.readers.base import Outcome, Source, read_whole
from index.readers.laying import Laid, Piece, given, lay_out, pieces_of_html, told_names
from index.readers.newsmlmeta import About, read_about
from index.readers.nitf import Story, has_nitf, read_story
from index.readers.xmlroot import xml_root
from index.readers.xmltree import (
    Element,
    attribute,
    children,
    descendants,
    etree_text,
    local,
    parse_xml,
    words,
)

ENOUGH_WORDS = 5
"""A description of so many words is worth finding; of fewer it is a label."""

_ITEMS = {
    "packageItem": "a package: it lists other items and holds no text of its own",
    "conceptItem": "a concept: an entry of a list of subjects, people or events, no article",
    "knowledgeItem": "a list of concepts (subjects, people or events), no article",
    "planningItem": "a plan of coverage, no article",
    "catalogItem": "a catalogue of vocabularies, no article",
}
_PARTS = {
    "contentMeta": "a piece of an item (contentMeta) without its text",
    "groupSet": "a piece of a package (groupSet), which holds no text",
    "itemMeta": "a piece of an item (itemMeta) without its text",
}
_ROOTS = frozenset(("newsMessage", "newsItem", "contentSet", *_ITEMS, *_PARTS))
_XHTML = frozenset("html body article section div p h1 h2 h3 h4 h5 h6 ul ol blockquote table".split())


class NewsmlReader:
    """NewsML-G2: an item alone, or a message with several."""

    name = "newsml-g2"
    suffixes = (".newsml",)
    media_types = (
        "application/vnd.iptc.g2.newsitem+xml",
        "application/vnd.iptc.g2.newsmessage+xml",
        "application/newsml+xml",
    )

    def sniff(self, head: bytes) -> int:
        """The root element tells."""
        return 95 if xml_root(head) in _ROOTS else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield a document, or why there is none, for each item.

        An item's identity is its `guid`, whatever its version, else its place in the file.

        Raises:
            InputError: not well formed, or beyond the limits of `xmltree`.
        """
        data = read_whole(stream, source)
        root = parse_xml(data, source)
        items, whole = list(_items(root)), source.identity(data)
        for number, item in enumerate(items, 1):
            guid = attribute(item, "guid")
            place = source.name if len(items) == 1 else f"{source.name}[{number}]"
            identity = f"{whole}#{number}" if len(items) > 1 else whole
            yield _outcome(item, place, f"id:{guid}" if guid else identity)
        if not items:
            yield UnsupportedInputError(source.name, "a NewsML-G2 message without items")


def _items(root: Element) -> Iterator[Element]:
    if local(root) != "newsMessage":
        yield root
        return
    for item_set in children(root, "itemSet"):
        yield from children(item_set)


def _outcome(item: Element, place: str, identity: str) -> Outcome:
    name = local(item)
    if name in _ITEMS or name in _PARTS:
        guid = attribute(item, "guid")
        told = f" ({guid})" if guid else ""
        return UnsupportedInputError(place, f"{_ITEMS.get(name) or _PARTS[name]}{told}")
    if name not in ("newsItem", "contentSet"):
        return UnsupportedInputError(place, f"an item that is not read here (<{name}>)")
    try:
        return _document(item, place, identity)
    except InputError as error:
        return error


def _document(item: Element, place: str, identity: str) -> Document:
    about = read_about(item)
    story = _story(item)
    inner = story.head if story else None
    laid = story.laid if story else _own_text(item, about)
    if not laid.blocks and about.lifecycle.status != "canceled":
        raise UnsupportedInputError(place, _why_empty(item, about))
    said = _given(about, story, laid)
    told = told_names(said)
    extra = {**(inner.extra if inner else {}), **about.extra} | ({"names": told} if told else {})
    return Document(
        identity=identity,
        source=about.url or place,
        format="newsml-g2",
        text=laid.text,
        metadata=Metadata(
            headline=(story.headline if story else None) or about.headline,
            published=about.published or (inner.published if inner else None),
            author=about.author or (inner.author if inner else None),
            publisher=about.publisher or (inner.publisher if inner else None),
            url=about.url,
            extra=extra,
        ),
        blocks=laid.blocks,
        lifecycle=about.lifecycle,
        given=said,
    )


def _story(item: Element) -> Story | None:
    """The item's text where it is in NITF, with the item's headline where that has none."""
    for content in descendants(item, "inlineXML"):
        nitf = has_nitf(content)
        story = read_story(nitf) if nitf is not None else None
        if story and story.laid.blocks:
            return story if story.headline else _with_headline(story, read_about(item).headline)
    return None


def _with_headline(story: Story, headline: str | None) -> Story:
    pieces = [
        Piece(
            block.kind,
            story.laid.text[block.start : block.end],
            tuple(
                GivenMark(m.start - block.start, m.end - block.start, m.kind, m.name, m.id, m.value)
                for m in story.laid.marks
                if block.start <= m.start and m.end <= block.end
            ),
        )
        for block in story.laid.blocks
    ]
    laid = lay_out(headline, pieces)
    return Story(story.head, headline, laid, given(laid.marks, story.given.names))


def _given(about: About, story: Story | None, laid: Laid) -> Given:
    return given(laid.marks, (*about.names, *(story.given.names if story else ())))


def _own_text(item: Element, about: About) -> Laid:
    pieces = list(_inline(item))
    if not any(piece.text for piece in pieces):
        described = [d for d in about.descriptions if len(d.split()) >= ENOUGH_WORDS]
        pieces = [Piece("caption" if about.shows else "body", text) for text in described]
    return lay_out(about.headline if pieces else None, pieces)


def _inline(item: Element) -> Iterator[Piece]:
    """Paragraphs of the first content that holds text: XHTML, or plain text or HTML in `inlineData`."""
    for content in descendants(item, "inlineXML", "inlineData"):
        pieces = list(_pieces(content))
        if pieces:
            yield from pieces
            return


def _pieces(content: Element) -> Iterator[Piece]:
    kind = (attribute(content, "contenttype") or "").lower()
    if local(content) == "inlineXML":
        if any(local(below) in _XHTML for below in children(content)):
            yield from pieces_of_html("".join(etree_text(below) for below in children(content)))
    elif attribute(content, "encoding") is None and ("html" in kind or kind.startswith("text/")):
        text = "".join(content.itertext())
        if "html" in kind:
            yield from pieces_of_html(text)
        elif "xml" not in kind:
            yield from (Piece(p.kind, text[p.start : p.end]) for p in split_paragraphs(text))


def _why_empty(item: Element, about: About) -> str:
    inside = next((local(below) for c in descendants(item, "inlineXML") for below in children(c)), None)
    if inside:
        return f"its content is <{inside}>, which is not read here, and it has no description"
    if any(True for _ in descendants(item, "remoteContent")):
        what = about.shows or "content"
        return f"a {what} that lies elsewhere, without a caption of {ENOUGH_WORDS} words"
    if words(item) and not about.descriptions and not len(item):
        return "a newsItem without content: neither metadata nor a contentSet"
    return f"no text: neither content nor a description of {ENOUGH_WORDS} words"
