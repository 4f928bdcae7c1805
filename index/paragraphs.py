"""Plain text → its paragraphs: spans into it, verbatim, and what each is on the page."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.lines import MAX_WRAP, Line, scan_lines, wrap_width
from index.model import ParagraphKind
from index.repeats import near_equal
from index.shapes import is_caption, is_closed, is_list_item, is_row_or_item, shape_of
from index.wire import is_byline, is_date_line, parse_dateline

_QUOTED = re.compile(r">\s?")
_MAX_HEADING_WORDS = 12
_MAX_SENTENCE_HEADING_WORDS = 9
# A repeated line longer than this is a paragraph pasted twice, no caption.
_MAX_CAPTION_WORDS = 70
# A line must come this near to the width before its end can be the wrapping's doing.
_SLACK = 0.1


@dataclass(frozen=True, slots=True)
class Piece:
    """One paragraph of a text.

    Attributes:
        start: of the span in the text.
        end: of the span in the text.
        kind: what it is on the page; never "headline", which only `index.articles` can tell.
        breaks: line ends before it: 1 is the next line, more mean blank lines, 0 the beginning.
        new_page: a form feed stands before it.
        repeated: the same line stood beside it again, and was dropped.
    """

    start: int
    end: int
    kind: ParagraphKind
    breaks: int = 2
    new_page: bool = False
    repeated: bool = False


def split_paragraphs(text: str) -> tuple[Piece, ...]:
    """Split plain text into paragraphs.

    Blank lines separate paragraphs. Lines without one between them are a single
    paragraph where the text was wrapped by hand, else one each.

    Args:
        text: any text, any line ends.

    Returns:
        The pieces in order, not overlapping, trimmed of white space; a line that is
        repeated or nearly repeated beside itself is there once.
    """
    lines = list(scan_lines(text))
    width = wrap_width(text, lines)
    pieces = _once(text, _join_lines(text, lines, width))
    return tuple(_with_kinds(text, list(pieces)))


def _join_lines(text: str, lines: Sequence[Line], width: int | None) -> Iterator[Piece]:
    start = None
    for number, line in enumerate(lines):
        if start is None:
            start = line
        following = lines[number + 1] if number + 1 < len(lines) else None
        if following and _runs_on(text, line, following, width):
            continue
        yield Piece(start.start, line.end, "body", start.breaks, start.new_page)
        start = None


def _runs_on(text: str, line: Line, following: Line, width: int | None) -> bool:
    """Say whether the next line belongs to the same paragraph."""
    if following.breaks != 1 or following.new_page:
        return False
    # The ends that matter are near; a line can be a megabyte long.
    one = text[max(line.start, line.end - 2 * MAX_WRAP) : line.end]
    two = text[following.start : min(following.end, following.start + 2 * MAX_WRAP)]
    quoted = _QUOTED.match(text[line.start : line.start + 2]) is not None
    if quoted or two.startswith(">"):
        return quoted and two.startswith(">")
    if is_list_item(two) or (is_row_or_item(one) and not two[0].islower()):
        return False
    if _stands_alone(one, two):
        return False
    if two[0].islower() or (one.endswith((",", "-", "–")) and len(one) > 20 and not is_closed(two[:1])):
        return not (is_closed(one) and len(one) > MAX_WRAP)
    if width is None or following.indent > line.indent + 1:
        return False
    return _filled(line.end - line.start, two, width) and not near_equal(one, two)


def _stands_alone(one: str, two: str) -> bool:
    """Say whether either is a line of its own kind: byline, date, dateline, or capitals over text."""
    if is_byline(one) or is_byline(two) or is_date_line(one) or is_date_line(two):
        return True
    if parse_dateline(two) is not None:
        return True
    shape = shape_of(one)
    return shape.style == "capitals" and shape.words >= 2 and not two.isupper()


def _filled(length: int, two: str, width: int) -> bool:
    """Say whether a line is as full as the width lets it be: the next word would not have fitted."""
    word = len(two.split(maxsplit=1)[0])
    return length + 1 + word > width * (1 - _SLACK) and length <= width * (1 + _SLACK) + 4


def _once(text: str, pieces: Iterator[Piece]) -> Iterator[Piece]:
    """Keep a line that is repeated beside itself once: the first of them."""
    kept: Piece | None = None
    for piece in pieces:
        if kept and near_equal(text[kept.start : kept.end], text[piece.start : piece.end]):
            kept = replace(kept, repeated=True)
            continue
        if kept:
            yield kept
        kept = piece
    if kept:
        yield kept


def _with_kinds(text: str, pieces: Sequence[Piece]) -> Iterator[Piece]:
    for number, piece in enumerate(pieces):
        following = pieces[number + 1] if number + 1 < len(pieces) else None
        content = text[piece.start : piece.end]
        yield replace(piece, kind=_kind(text, content, piece, following))


def _kind(text: str, content: str, piece: Piece, following: Piece | None) -> ParagraphKind:
    if content.startswith(">"):
        return "quote"
    if piece.repeated and len(content.split()) <= _MAX_CAPTION_WORDS:
        return "caption"
    if is_caption(content):
        return "caption"
    if following and _is_heading(text, content, piece, following):
        return "heading"
    return "body"


def _is_heading(text: str, content: str, piece: Piece, following: Piece) -> bool:
    """Say whether a short line stands over running text."""
    shape = shape_of(content)
    limit = _MAX_SENTENCE_HEADING_WORDS if shape.style == "sentence case" else _MAX_HEADING_WORDS
    if shape.style == "none" or shape.words > limit or is_byline(content) or is_date_line(content):
        return False
    # Short lines among short lines are a list, an address, a poem.
    if piece.breaks == 1 and following.breaks == 1 and following.end - following.start < 80:
        return False
    below = text[following.start : min(following.end, following.start + 400)]
    return is_closed(below.rstrip()) or len(below) > 2 * len(content) + 40 or is_list_item(below)
