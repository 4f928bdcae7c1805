"""What editors said of a document → what of it concerns each paragraph of an article."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

from index.model import Given, GivenMark, Paragraph

LONGEST_MARK = 200
"""A name or a time of more characters is a slip of its markup."""


@dataclass(frozen=True, slots=True)
class InParagraphs:
    """Editors' marks by paragraph, in order and apart, spans in the paragraph's text.

    Attributes:
        names: marks of names.
        dates: marks of times.
    """

    names: tuple[tuple[GivenMark, ...], ...]
    dates: tuple[tuple[GivenMark, ...], ...]


def in_paragraphs(given: Given, paragraphs: Sequence[Paragraph]) -> InParagraphs:
    """Sort a document's marks by the paragraphs of one of its articles.

    Args:
        given: spans in the document's text.
        paragraphs: of the article.

    Returns:
        A mark that lies in none, or overlaps the one before it, is left out.
    """
    marks = sorted(given.marks, key=lambda mark: (mark.start, -mark.end))
    order = sorted(range(len(paragraphs)), key=lambda i: paragraphs[i].start)
    names: list[list[GivenMark]] = [[] for _ in paragraphs]
    dates: list[list[GivenMark]] = [[] for _ in paragraphs]
    at = 0
    for number in order:
        paragraph = paragraphs[number]
        while at < len(marks) and marks[at].start < paragraph.end:
            mark, at = marks[at], at + 1
            if mark.start >= paragraph.start and mark.end <= paragraph.end:
                by = paragraph.start
                moved = replace(mark, start=mark.start - by, end=mark.end - by)
                _add(dates[number] if mark.kind == "date" else names[number], moved)
    return InParagraphs(tuple(map(tuple, names)), tuple(map(tuple, dates)))


def _add(marks: list[GivenMark], mark: GivenMark) -> None:
    if 0 < mark.end - mark.start <= LONGEST_MARK and (not marks or marks[-1].end <= mark.start):
        marks.append(mark)
