"""Lines of a PDF with their places → paragraphs: a PDF has no others than those one sees.

Sizes and places are in points, y upwards.
"""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise
from statistics import median

from index.model import ParagraphKind
from index.readers.blocks import BlockText

_LIGATURES = str.maketrans({"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"})
_BULLET = re.compile(r"[•‣▪●○◦∙·–—*]\s")
_PAGE_NUMBER = re.compile(
    r"(?:page\s*)?[-–—|\s]*(?:\d{1,4}|[ivxl]{1,6})(?:\s*(?:of|/)\s*\d{1,4})?[-–—|\s]*$", re.I
)
_SENTENCE_END = re.compile(r"[.!?…:][\"'”’»)\]]{0,3}$")
_HYPHEN = re.compile(r"(?<=[^\W\d_])[-\u2010\u00ad]$")
# Running heads stand on a page of three at least (left and right pages differ), two at the least.
_RUNNING_SHARE = 0.3
_EDGE_LINES = 2
_GAP = 1.35
_OTHER_SIZE = 1.12
_LARGE = 1.15
_INDENT_EM = 0.8
_SHORT_LINE = 0.8
_MAX_HEADING_CHARS = 200
_HEADLINE_WITHIN = 6


@dataclass(frozen=True, slots=True)
class PdfLine:
    """A line as it stands on its page.

    Attributes:
        page: its number, from 0.
        text: on one line.
        x: of its beginning.
        y: of its base line.
        size: of its letters.
    """

    page: int
    text: str
    x: float
    y: float
    size: float


@dataclass(frozen=True, slots=True)
class _Type:
    """What most of a document is set in."""

    size: float
    leading: float
    chars: float


def paragraphs_of(pages: Sequence[Sequence[Sequence[object]]]) -> tuple[str | None, list[BlockText]]:
    """Join lines into paragraphs over the ends of lines and pages.

    Args:
        pages: lines `[text, x, y, size]` of each.

    Returns:
        The line or lines that stand largest at the beginning, or None; and the blocks in order, without
        running heads, feet and page numbers, words mended that were hyphenated at a line's end.
    """
    lines = list(_without_running(pages))
    if not lines:
        return None, []
    setting = _type(lines)
    groups = list(_grouped(lines, setting))
    whole = _compounds(lines)
    blocks = [(_kind(group, setting), _joined(group, whole), group[0].size) for group in groups]
    headline = _headline(blocks)
    return headline, [(kind, text) for kind, text, _ in blocks if text != headline]


def _without_running(pages: Sequence[Sequence[Sequence[object]]]) -> Iterator[PdfLine]:
    kept = [
        [
            PdfLine(n, str(t).translate(_LIGATURES), float(str(x)), float(str(y)), float(str(s)))
            for t, x, y, s in page
        ]
        for n, page in enumerate(pages)
    ]
    edges = [_edges(page) for page in kept]
    seen = Counter(key for page in edges for key in {_masked(line.text) for line in page})
    enough = max(2, round(_RUNNING_SHARE * len(pages)))
    for page, edge in zip(kept, edges, strict=True):
        for line in page:
            running = line in edge and (seen[_masked(line.text)] >= enough or _PAGE_NUMBER.match(line.text))
            if not running:
                yield line


def _edges(page: list[PdfLine]) -> list[PdfLine]:
    by_height = sorted(page, key=lambda line: line.y)
    return by_height[:_EDGE_LINES] + by_height[-_EDGE_LINES:] if len(page) > _EDGE_LINES else by_height[:1]


def _masked(text: str) -> str:
    return re.sub(r"\d+", "#", text.casefold())


def _type(lines: Sequence[PdfLine]) -> _Type:
    sizes: Counter[float] = Counter()
    for line in lines:
        sizes[round(line.size)] += len(line.text)
    size = sizes.most_common(1)[0][0] or 1.0
    body = [line for line in lines if round(line.size) == size]
    pairs = pairwise(body)
    gaps = [a.y - b.y for a, b in pairs if a.page == b.page and 0 < a.y - b.y < 3 * size]
    lengths = sorted(len(line.text) for line in body)
    return _Type(size, median(gaps) if gaps else 1.2 * size, lengths[int(0.8 * (len(lengths) - 1))])


def _grouped(lines: Sequence[PdfLine], setting: _Type) -> Iterator[list[PdfLine]]:
    group: list[PdfLine] = []
    for line in lines:
        if group and not _runs_on(group, line, setting):
            yield group
            group = []
        group.append(line)
    if group:
        yield group


def _runs_on(group: Sequence[PdfLine], line: PdfLine, setting: _Type) -> bool:
    """Say whether a line goes on with the paragraph above it."""
    above = group[-1]
    larger, smaller = max(above.size, line.size), min(above.size, line.size)
    if larger > _OTHER_SIZE * max(smaller, 0.1) or _BULLET.match(line.text):
        return False
    if _HYPHEN.search(above.text):
        return True
    ended = bool(_SENTENCE_END.search(above.text))
    gap = above.y - line.y
    if above.page != line.page or gap <= 0:
        # Over the end of a page or a column a sentence goes on, and nothing else tells.
        return not ended
    if gap > _GAP * setting.leading * max(1.0, line.size / setting.size):
        return False
    if ended and len(above.text) < _SHORT_LINE * setting.chars:
        return False
    indented = line.x > above.x + _INDENT_EM * line.size
    return not (indented and (ended or len(group) > 1) and not _BULLET.match(group[0].text))


def _compounds(lines: Sequence[PdfLine]) -> set[str]:
    """Words that are written with a hyphen within a line: at its end they keep it."""
    found: set[str] = set()
    for line in lines:
        if "-" in line.text:
            found.update(
                word.strip(".,;:!?\"'()“”‘’").casefold() for word in line.text.split() if "-" in word[1:-1]
            )
    return found


def _joined(group: Sequence[PdfLine], compounds: set[str]) -> str:
    text = group[0].text
    for line in group[1:]:
        if not _HYPHEN.search(text):
            text = f"{text} {line.text}"
        elif text.endswith("-") and (not line.text[:1].islower() or _is_compound(text, line.text, compounds)):
            text += line.text
        else:
            text = text[:-1] + line.text
    return text.replace("\u00ad", "")


def _is_compound(text: str, below: str, compounds: set[str]) -> bool:
    before, after = text.rsplit(None, 1)[-1], below.split(None, 1)[0]
    return (before + after).strip(".,;:!?\"'()“”‘’").casefold() in compounds


def _kind(group: Sequence[PdfLine], setting: _Type) -> ParagraphKind:
    large = group[0].size > _LARGE * setting.size
    return "heading" if large and sum(len(line.text) for line in group) <= _MAX_HEADING_CHARS else "body"


def _headline(blocks: Sequence[tuple[ParagraphKind, str, float]]) -> str | None:
    first = [block for block in blocks[:_HEADLINE_WITHIN] if block[0] == "heading"]
    return max(first, key=lambda block: block[2])[1] if first else None
