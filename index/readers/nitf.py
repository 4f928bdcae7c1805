"""NITF, the News Industry Text Format: one story, with what its editors marked in it.

Elements by NITF 3.6 (IPTC). `person`, `org`, `location` and `chron` become marks; what they say beside
the text is in `nitfhead`.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

from index.errors import UnsupportedInputError
from index.model import Document, EntityKind, Given, GivenMark, Lifecycle, Metadata, ParagraphKind
from index.readers.base import Outcome, Source, read_whole
from index.readers.laying import Laid, Line, Piece, given, lay_out, told_names
from index.readers.moments import timex
from index.readers.nitfhead import Head, code_of, full_name, read_head
from index.readers.xmlroot import xml_root
from index.readers.xmltree import Element, attribute, child, children, descendants, local, parse_xml

_KINDS: dict[str, ParagraphKind] = {
    "hl1": "heading",
    "hl2": "heading",
    "media-caption": "caption",
    "caption": "caption",
    "bq": "quote",
}
_BREAKING = frozenset(
    "abstract block body body.content body.end body.head bq caption col colgroup credit datasource dd dl "
    "dt fn hedline hl1 hl2 hr li media media-caption nitf-table note ol p pre table tagline tbody td tfoot "
    "th thead tr ul".split()
)
_HIDDEN = frozenset(
    "media-metadata media-object media-producer media-reference nitf-table-metadata custom-table "
    "table-reference alt-code bibliography note datasource pronounce object script style".split()
)
_NAMES: dict[str, EntityKind] = {"person": "person", "org": "org"}
_MARKED = frozenset((*_NAMES, "location", "chron"))
_PLACES = ("sublocation", "city", "state", "region", "country")
_CELLS = ("td", "th")


class NitfReader:
    """A story in NITF, with or without its namespace and document type."""

    name = "nitf"
    suffixes = (".ntf", ".nitf")
    media_types = ("application/nitf+xml", "text/vnd.iptc.nitf", "application/vnd.iptc.nitf+xml")

    def sniff(self, head: bytes) -> int:
        """The root element tells."""
        return 95 if xml_root(head) == "nitf" else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the story, and one more document for each other that it withdraws.

        Its identity is its `doc-id`, else its `uno`, else the file's path or content.

        Raises:
            InputError: not well formed, or beyond the limits of `xmltree`.
            UnsupportedInputError: it holds no text.
        """
        data = read_whole(stream, source)
        root = parse_xml(data, source)
        yield from read_nitf(root, source, source.identity(data))


@dataclass(frozen=True, slots=True)
class Story:
    """The body of a NITF story.

    Attributes:
        head: what is told of it.
        headline: on one line, or None.
        laid: its text, headline first.
        given: what editors marked in it and said of it.
    """

    head: Head
    headline: str | None
    laid: Laid
    given: Given


def read_nitf(root: Element, source: Source, identity: str) -> Iterator[Document]:
    """Turn a `nitf` element into documents.

    Raises:
        UnsupportedInputError: it holds no text, and takes none back.
    """
    story = read_story(root)
    head = story.head
    canceled = head.lifecycle.status == "canceled"
    if not story.laid.blocks and not canceled and not head.others:
        raise _empty(source.name)
    own = f"id:{head.id}" if head.id else identity
    if story.laid.blocks or canceled:
        yield Document(
            identity=own,
            source=source.name,
            format="nitf",
            text=story.laid.text,
            metadata=Metadata(
                headline=story.headline,
                published=head.published,
                author=head.author,
                publisher=head.publisher,
                extra=head.extra | _kept(story.given),
            ),
            blocks=story.laid.blocks,
            lifecycle=head.lifecycle,
            given=story.given,
        )
    for other, status in head.others:
        if f"id:{other}" != own:
            yield Document(
                f"id:{other}", source.name, "nitf", "", blocks=(), lifecycle=Lifecycle(status=status)
            )


def _kept(said: Given) -> dict[str, object]:
    told = told_names(said)
    return {"names": told} if told else {}


def read_story(root: Element) -> Story:
    """Read a `nitf` element: its body as text with marks, and its head."""
    headline, above = _headline(root)
    reading = _Body()
    body = child(root, "body")
    abstract = child(body, "body.head", "abstract")
    content = child(body, "body.content")
    if content is not None:
        reading.read(content)
    tail = child(body, "body.end", "tagline")
    if tail is not None:
        reading.read(tail)
    if abstract is not None and not any(piece.kind == "body" for piece in reading.pieces):
        reading.read(abstract)
    pieces = ([above] if above else []) + reading.pieces
    laid = lay_out(headline.text if headline else None, pieces, headline.marks if headline else ())
    head = read_head(root)
    return Story(head, headline.text if headline else None, laid, given(laid.marks, head.names))


def _headline(root: Element) -> tuple[Piece | None, Piece | None]:
    """The first `hl1`, else the title of the head; and the `hl2` under it."""
    hedline = child(root, "body", "body.head", "hedline")
    found: list[Piece] = []
    for element in children(hedline, "hl1", "hl2") if hedline is not None else ():
        reading = _Body()
        reading.read(element)
        found += [Piece("heading", " ".join(p.text.split("\n")), p.marks) for p in reading.pieces[:1]]
    if found:
        return found[0], found[1] if len(found) > 1 else None
    title = child(root, "head", "title")
    if title is None:
        return None, None
    reading = _Body()
    reading.read(title)
    return (reading.pieces[0] if reading.pieces else None), None


@dataclass(slots=True)
class _Body:
    """Elements one after another → paragraphs; without recursion, since depth is a stranger's choice."""

    pieces: list[Piece] = field(default_factory=list)
    line: Line = field(default_factory=Line)
    kinds: list[ParagraphKind] = field(default_factory=lambda: ["body"])
    flushed: int = 0

    def read(self, top: Element) -> None:
        """Take in an element with all that is in it."""
        stack: list[Callable[[], object]] = [lambda: self._enter(top, stack)]
        while stack:
            stack.pop()()
        self._flush()

    def _enter(self, element: Element, stack: list[Callable[[], object]]) -> None:
        name = local(element) if isinstance(element.tag, str) else "note"
        if name in _HIDDEN:
            return
        breaks = name in _BREAKING and name not in _CELLS
        if breaks:
            self._flush()
        if name in _KINDS:
            self.kinds.append(_KINDS[name])
        at = (self.flushed, self.line.length)
        stack.append(lambda: self._leave(element, name, at))
        if name == "br":
            self.line.turn()
        if name in _CELLS and self.line.length:
            self.line.add(" | ")
        for below in reversed(element):
            stack.append(lambda tail=below.tail: self.line.add(tail))  # type: ignore[misc]
            stack.append(lambda below=below: self._enter(below, stack))  # type: ignore[misc]
        self.line.add(element.text)

    def _leave(self, element: Element, name: str, at: tuple[int, int]) -> None:
        # A mark over several paragraphs is of none.
        if name in _MARKED and at[0] == self.flushed:
            self.line.marks += _marks(element, name, at[1], self.line.length)
        if name in _BREAKING and name not in _CELLS:
            self._flush()
        if name in _KINDS:
            self.kinds.pop()

    def _flush(self) -> None:
        self.flushed += 1
        piece = self.line.piece(self.kinds[-1])
        if piece:
            self.pieces.append(piece)


def _marks(element: Element, name: str, start: int, end: int) -> Iterator[GivenMark]:
    """What an element marks of the text that it spans."""
    if name == "chron":
        yield GivenMark(start, end, "date", value=timex(attribute(element, "norm")))
    elif name == "location":
        yield from _places(element, start)
    else:
        span = _named_span(element, start) if name == "person" else (start, end)
        full = full_name(element, _NAMES[name]) or ""
        # A surname alone says no more than the words do.
        yield GivenMark(
            *(span or (start, end)), _NAMES[name], full if " " in full else None, code_of(element)
        )


def _named_span(person: Element, start: int) -> tuple[int, int] | None:
    """Where given and family names stand within a person: a function before them is no part of them."""
    spans = [span for span, part in _spans(person, start) if local(part) in ("name.given", "name.family")]
    return (spans[0][0], spans[-1][1]) if spans else None


def _spans(element: Element, start: int) -> Iterator[tuple[tuple[int, int], Element]]:
    """Each child that is shown, and where its text lies in the line."""
    at = start + len(element.text or "")
    for part in element:
        shown = isinstance(part.tag, str) and local(part) not in _HIDDEN
        length = sum(map(len, part.itertext())) if shown else 0
        if shown:
            yield (at, at + length), part
        at += length + len(part.tail or "")


def _places(element: Element, start: int) -> Iterator[GivenMark]:
    """A place by each of its parts: `Oslo, Norway` names a city and a country."""
    parts = [(span, part) for span, part in _spans(element, start) if local(part) in _PLACES]
    for number, (span, part) in enumerate(parts):
        yield GivenMark(*span, "place", id=code_of(part) or (code_of(element) if number == 0 else None))
    if not parts:
        written = "".join(element.itertext())
        first = written.partition(",")[0]
        yield GivenMark(start, start + len(first), "place", id=code_of(element))


def has_nitf(element: Element) -> Element | None:
    """The first `nitf` element in or below an element, or None."""
    return next(descendants(element, "nitf"), None)


def _empty(place: str) -> UnsupportedInputError:
    return UnsupportedInputError(place, "a NITF story without text: neither body.content nor an abstract")
