"""Paragraphs with editors' marks in them → one text, its blocks, and the marks as spans of it."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

from index.model import Block, EntityKind, Given, GivenMark, GivenName, ParagraphKind
from index.readers.fragments import fragment_blocks
from index.readers.htmlplain import plain_blocks
from index.repeats import near_equal

MOST_MARKS = 20_000
MOST_NAMES = 500
LONGEST_NAME = 200

_WORD = re.compile(r"[^ \n]+|\n")
_SPACE = re.compile(r"\s")
_REPEATS_WITHIN = 3
_SEPARATORS = re.compile(r"[\s/=\"']+")
_MOST_PAIRS = 10**8


@dataclass(frozen=True, slots=True)
class Piece:
    """A paragraph on its way into a text.

    Attributes:
        kind: what it is on the page.
        text: its words.
        marks: what editors marked in it, spans in its text.
    """

    kind: ParagraphKind
    text: str
    marks: tuple[GivenMark, ...] = ()


def pieces_of_html(markup: str) -> list[Piece]:
    """The paragraphs of a piece of HTML or XHTML, as a sender put it into a field."""
    # libxml2 compares each attribute of an element with all before it: what could be 10,000 of them is
    # read by its tags alone, for the words are worth having and the attributes are not.
    pairs = sum(len(_SEPARATORS.findall(piece)) ** 2 for piece in markup.split("<"))
    if pairs > _MOST_PAIRS:
        return [Piece("body", text) for text in plain_blocks(markup)]
    return [Piece(kind, text) for kind, text in fragment_blocks(markup)]


@dataclass(slots=True)
class Line:
    """Text that is read piece by piece, white space and all, with marks over it."""

    parts: list[str] = field(default_factory=list)
    length: int = 0
    marks: list[GivenMark] = field(default_factory=list)

    def add(self, text: str | None) -> None:
        """Take in text as it stands in the source; its line ends are spaces."""
        if text:
            self.parts.append(_SPACE.sub(" ", text))
            self.length += len(text)

    def turn(self) -> None:
        """Begin a new line within the paragraph."""
        self.parts.append("\n")
        self.length += 1

    def piece(self, kind: ParagraphKind) -> Piece | None:
        """The paragraph, one space between words, and an empty line begun; None where it has no words."""
        raw, marks = "".join(self.parts), self.marks
        self.parts, self.length, self.marks = [], 0, []
        text, starts, moved = _squeezed(raw)
        if not text:
            return None
        kept = (_moved(mark, starts, moved, raw) for mark in marks)
        return Piece(kind, text, tuple(mark for mark in kept if mark is not None))


def _squeezed(raw: str) -> tuple[str, list[int], list[int]]:
    """One space or line end between words; also where each word stood and where it stands now."""
    starts: list[int] = []
    moved: list[int] = []
    parts: list[str] = []
    length, gap = 0, ""
    for match in _WORD.finditer(raw):
        word = match.group()
        if word == "\n":
            gap = "\n"
            continue
        if length:
            parts.append(gap or " ")
            length += 1
        starts.append(match.start())
        moved.append(length)
        parts.append(word)
        length, gap = length + len(word), ""
    return "".join(parts), starts, moved


def _moved(mark: GivenMark, starts: list[int], moved: list[int], raw: str) -> GivenMark | None:
    """A mark over the raw text as one over the squeezed text; None where it covers no word."""
    covered = raw[mark.start : mark.end]
    start = mark.start + len(covered) - len(covered.lstrip())
    end = mark.end - (len(covered) - len(covered.rstrip()))
    if start >= end:
        return None

    def place(at: int) -> int:
        number = bisect_right(starts, at) - 1
        return moved[number] + at - starts[number]

    return replace(mark, start=place(start), end=place(end - 1) + 1)


@dataclass(frozen=True, slots=True)
class Laid:
    """A text, its blocks and the marks in it."""

    text: str
    blocks: tuple[Block, ...]
    marks: tuple[GivenMark, ...]


def lay_out(headline: str | None, pieces: Iterable[Piece], marks: Sequence[GivenMark] = ()) -> Laid:
    """Join headline and paragraphs by blank lines.

    Args:
        headline: on one line, or None.
        pieces: the paragraphs; a copy of the headline at their beginning is left out.
        marks: over the headline.

    Returns:
        The whole, without marks beyond `MOST_MARKS`.
    """
    kept = [
        piece
        for number, piece in enumerate(pieces)
        if not (headline and number < _REPEATS_WITHIN and _same(headline, piece.text))
    ]
    first: list[Piece] = [Piece("headline", headline, tuple(marks))] if headline else []
    blocks, found, start = [], [], 0
    for piece in [*first, *kept]:
        blocks.append(Block(start, start + len(piece.text), piece.kind))
        found += [replace(m, start=m.start + start, end=m.end + start) for m in piece.marks]
        start += len(piece.text) + 2
    text = "\n\n".join(piece.text for piece in [*first, *kept])
    return Laid(text, tuple(blocks), tuple(found[:MOST_MARKS]))


def _same(headline: str, text: str) -> bool:
    return text == headline or near_equal(headline, text)


def given_name(kind: EntityKind, name: str | None, id_: str | None = None) -> GivenName | None:
    """A name that editors listed, on one line; None where it is none or longer than a name can be."""
    name = " ".join((name or "").split())
    if not name or len(name) > LONGEST_NAME or not any(map(str.isalpha, name)):
        return None
    return GivenName(kind, name, " ".join(id_.split())[:500] or None if id_ else None)


def given(marks: Sequence[GivenMark], names: Iterable[GivenName | None]) -> Given:
    """What editors said, each name once, none beyond `MOST_NAMES`."""
    listed = dict.fromkeys(name for name in names if name is not None)
    return Given(tuple(marks), tuple(listed)[:MOST_NAMES])


def told_names(said: Given) -> list[dict[str, str]]:
    """Editors' names that have an identifier, as they are kept with the article: `kind`, `name`, `id`."""
    found: dict[tuple[str, str], str] = {}
    for name in said.names:
        if name.id:
            found.setdefault((name.kind, name.name), name.id)
    for mark in said.marks:
        if mark.kind != "date" and mark.id and mark.name:
            found.setdefault((mark.kind, mark.name), mark.id)
    return [{"kind": kind, "name": name, "id": id_} for (kind, name), id_ in found.items()]
