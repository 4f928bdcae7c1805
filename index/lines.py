"""A text's lines: where each lies, trimmed, and what stands between it and the line before."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

_LINE = re.compile(r"[^\n\r\x0b\x0c\x85\u2028\u2029]+")
_BREAK = re.compile(r"\r\n|[\n\r\x0b\x0c\x85\u2028\u2029]")
# str.strip() leaves these; they are as blank to a reader as a space.
_EDGE = re.compile(r"[\s\u200b\u200c\u200d\u2060\ufeff]*")
_EDGE_CHARS = "\u200b\u200c\u200d\u2060\ufeff"

# Beyond this nobody wraps by hand: such a line is a whole paragraph.
MAX_WRAP = 132
MIN_WRAP = 28


@dataclass(frozen=True, slots=True)
class Line:
    """One line that is not blank.

    Attributes:
        start: of the trimmed line in the text.
        end: of the trimmed line in the text.
        indent: columns of white space before it; a tab counts as 4.
        breaks: line ends between it and the line before: 1 is the next line, more mean
            blank lines; 0 for the first.
        new_page: a form feed stands between.
    """

    start: int
    end: int
    indent: int
    breaks: int
    new_page: bool


def scan_lines(text: str) -> Iterator[Line]:
    """Find every line that is not blank, in order, in linear time."""
    before = 0
    for found in _LINE.finditer(text):
        start, end = trim(text, found.start(), found.end())
        if start >= end:
            continue
        gap = text[before:start]
        indent = text[found.start() : start].expandtabs(4)
        breaks = 0 if before == 0 else sum(1 for _ in _BREAK.finditer(gap))
        yield Line(start, end, len(indent), breaks, "\x0c" in gap)
        before = end


def trim(text: str, start: int, end: int) -> tuple[int, int]:
    """Move a span's ends inwards past white space and invisible characters."""
    found = _EDGE.match(text, start, end)
    start = found.end() if found else start
    while end > start and (text[end - 1].isspace() or text[end - 1] in _EDGE_CHARS):
        end -= 1
    return start, end


def wrap_width(text: str, lines: Sequence[Line]) -> int | None:
    """Find the width that a text was wrapped to by hand.

    Args:
        text: what the lines lie in.
        lines: all of them.

    Returns:
        Columns of the longest line that runs on in lower case on the next, or None
        where too few do: the text has one paragraph a line then.
    """
    widths = [
        one.end - one.start
        for one, other in pairwise(lines)
        if other.breaks == 1 and text[other.start].islower()
    ]
    widths = [width for width in widths if MIN_WRAP <= width <= MAX_WRAP]
    if not widths:
        return None
    widths.sort()
    return widths[int(len(widths) * 0.95)] if len(widths) > 20 else widths[-1]
