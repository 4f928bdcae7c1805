"""A dump's pieces → sections: one an article, each with the reason why it begins there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from index.headlines import (
    Candidate,
    Context,
    is_boundary,
    is_section_label,
    labelled,
    look_at,
    separator_of,
    weigh,
)
from index.model import Block
from index.paragraphs import Piece
from index.shapes import is_closed
from index.wire import closes_story, parse_dateline

_ENDS = {"rule": "after a rule", "numbered": "after a numbered separator", "end": "after an end mark"}
_SOFT_RULE = "after a row of stars"
_HEAD_WITHIN = 8
_LONG = 120
_CAPITALS_SAMPLE = 100_000


@dataclass(frozen=True, slots=True)
class Section:
    """One article of a document, before its paragraphs are made.

    Attributes:
        headline: its span, or None.
        reason: why it begins there, for a person.
        blocks: its paragraphs without the headline.
        preamble: what stood over the headline and belongs to it (a date, a paper's name), or "".
    """

    headline: tuple[int, int] | None
    reason: str
    blocks: tuple[Block, ...]
    preamble: str = ""


@dataclass(slots=True)
class _Open:
    """A section that still grows."""

    headline: tuple[int, int] | None
    reason: str
    blocks: list[Block] = field(default_factory=list)
    preamble: str = ""


def find_sections(text: str, pieces: Sequence[Piece]) -> tuple[Section, ...]:
    """Find where each article of a dump begins.

    Args:
        text: the dump.
        pieces: its paragraphs.

    Returns:
        Sections in order; separators and the names of sections are in none of them.
    """
    splitter = _Splitter(text, pieces)
    splitter.run()
    return tuple(
        Section(one.headline, one.reason, tuple(one.blocks), one.preamble)
        for one in splitter.sections
        if one.blocks or one.headline
    )


class _Splitter:
    """One pass over the pieces: what is open, what closed the story before."""

    def __init__(self, text: str, pieces: Sequence[Piece]) -> None:
        self.text = text
        self.pieces = pieces
        self.separators = [separator_of(self.content(n)) for n in range(len(pieces))]
        self.candidates = [
            None if self.separators[n] else look_at(text, pieces, n) for n in range(len(pieces))
        ]
        self.context = _context(self)
        self.stars_divide = _stars_divide(self)
        self.sections: list[_Open] = []
        self.since = 0
        self.ended = ""

    def content(self, number: int) -> str:
        """The beginning of a piece: enough to judge it by."""
        piece = self.pieces[number]
        return self.text[piece.start : min(piece.end, piece.start + 500)]

    def run(self) -> None:
        """Go over all pieces."""
        number = 0
        while number < len(self.pieces):
            number = self.step(number)

    def step(self, number: int) -> int:
        """Take one piece, or several where a head is found; returns the next to take."""
        if self.separators[number]:
            self.note_separator(number)
            return number + 1
        if self.pieces[number].new_page and not self.ended:
            self.ended = "after a page break"
        label = labelled(self.text, self.pieces[number])
        if label:
            self.open(label, "headline with a label")
            return number + 1
        if not self.sections or self.ended == _ENDS["numbered"]:
            return self.open_at_head(number)
        if self.is_kicker(number):
            self.ended = self.ended or f"under the section name “{self.content(number)}”"
            return number + 1
        self.judge(number)
        return number + 1

    def note_separator(self, number: int) -> None:
        """Remember how the story before was closed."""
        name = self.separators[number]
        if name == "rule" and "*" in self.content(number) and not self.stars_divide:
            name = "stars"
        if name != "noise" and self.ended != _ENDS["numbered"]:
            self.ended = _ENDS.get(name, _SOFT_RULE)

    def open(self, headline: tuple[int, int] | None, reason: str, preamble: str = "") -> None:
        """Begin a section."""
        self.sections.append(_Open(headline, reason, preamble=preamble))
        self.since, self.ended = 0, ""

    def add(self, number: int) -> None:
        """Put a piece into the open section."""
        piece = self.pieces[number]
        self.sections[-1].blocks.append(Block(piece.start, piece.end, piece.kind))
        content = self.text[max(piece.start, piece.end - 500) : piece.end]
        if piece.kind in ("body", "quote") and (is_closed(content) or piece.end - piece.start > _LONG):
            self.since += 1
        self.ended = "after the end of the story before" if closes_story(content) else ""

    def judge(self, number: int) -> None:
        """Begin a section with a piece, or put it into the open one."""
        candidate = self.candidates[number]
        if candidate:
            score, reasons = weigh(self.content(number), candidate, self.context, self.since, self.ended)
            if is_boundary(score):
                piece = self.pieces[number]
                self.open((piece.start, piece.end), "headline: " + ", ".join(reasons))
                return
        elif self.ended and self.since and parse_dateline(self.content(number)):
            self.open(None, f"{self.ended}, a paragraph with a dateline")
        self.add(number)

    def is_kicker(self, number: int) -> bool:
        """Say whether a piece is the name of a section over a headline."""
        if not is_section_label(self.content(number)) or number + 1 >= len(self.pieces):
            return False
        below = self.candidates[number + 1]
        return self.since > 0 and below is not None and below.shape.words >= 4

    def open_at_head(self, number: int) -> int:
        """Begin a section at the document's start or after a number: find the headline near by."""
        reason = self.ended or "the document begins here"
        chosen = self.find_head(number)
        if chosen is None:
            self.open(None, reason)
            self.add(number)
            return number + 1
        piece = self.pieces[chosen]
        candidate = self.candidates[chosen]
        under = f", followed by {candidate.under}" if candidate and candidate.under else ""
        before = self.text[self.pieces[number].start : piece.start].strip() if chosen > number else ""
        self.open((piece.start, piece.end), f"{reason}, with a headline{under}", before)
        return chosen + 1

    def find_head(self, number: int) -> int | None:
        """Find the headline among the short lines before the first running text."""
        numbered = self.ended == _ENDS["numbered"]
        found: list[tuple[float, int]] = []
        for n in range(number, min(number + _HEAD_WITHIN, len(self.pieces) - 1)):
            candidate = self.candidates[n]
            content = self.content(n)
            if candidate is None and (self.separators[n] or parse_dateline(content) or len(content) > _LONG):
                break
            if candidate is None and is_closed(content):
                break
            if candidate and not is_section_label(content) and (candidate.shape.words > 1 or candidate.under):
                found.append((weigh(content, candidate, self.context, 2, "")[0], n))
        if not found:
            return None
        if numbered:
            return max(found, key=lambda one: (one[0], -one[1]))[1]
        return next((n for _, n in found if self._words(n) >= 3), found[0][1])

    def _words(self, number: int) -> int:
        candidate = self.candidates[number]
        return candidate.shape.words if candidate else 0


def _context(splitter: _Splitter) -> Context:
    pieces, candidates = splitter.pieces, splitter.candidates
    long = [one for one in candidates if one and one.shape.words >= 3]
    letters = [char for char in splitter.text[:_CAPITALS_SAMPLE] if char.isalpha()]
    blank = sum(1 for piece in pieces[1:] if piece.breaks > 1)
    return Context(
        style=long[0].shape.style if long else "title case",
        all_capitals=sum(map(str.isupper, letters)) > 0.9 * len(letters),
        usual_gap=sorted(piece.breaks for piece in pieces)[len(pieces) // 2] if pieces else 2,
        spaced=blank > 0.2 * (len(pieces) - 1),
        marked=_is_marked(candidates),
        separated=_is_separated(splitter),
    )


def _is_marked(candidates: Sequence[Candidate | None]) -> bool:
    """Say whether most lines that look like headlines have a dateline, byline or date under them."""
    likely = [one for one in candidates if one and (one.under or (one.has_body and one.shape.words >= 5))]
    marked = sum(1 for one in likely if one.under)
    return marked >= 2 and marked >= 0.5 * len(likely)


def _stars_divide(splitter: _Splitter) -> bool:
    """Say whether rows of stars stand between stories here, and not inside them."""
    below = [
        splitter.candidates[n + 1]
        for n, name in enumerate(splitter.separators[:-1])
        if name == "rule" and "*" in splitter.content(n)
    ]
    return len(below) >= 2 and sum(1 for one in below if one) >= 0.8 * len(below)


def _is_separated(splitter: _Splitter) -> bool:
    """Say whether rules or numbers stand before many of the lines that look like headlines."""
    followed = sum(
        1
        for n, name in enumerate(splitter.separators[:-1])
        if name in ("rule", "numbered") and splitter.candidates[n + 1] is not None
    )
    likely = sum(1 for one in splitter.candidates if one and one.has_body and one.shape.words >= 5)
    return followed >= 2 and followed >= 0.3 * likely
