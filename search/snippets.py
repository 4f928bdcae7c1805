"""Which passage of a paragraph shows best why it was found, and which words of it to mark."""

from __future__ import annotations

from search.results import Snippet
from search.spotting import Span, Wanted, find_marks

LENGTH = 240
"""Characters of a passage, about; paragraphs up to a quarter longer are shown whole."""

_ELLIPSIS = "… "
_LEAD = 50  # characters kept before the first marked word


def snippet(text: str, wanted: Wanted, length: int = LENGTH) -> Snippet:
    """Cut the best passage out of a paragraph.

    Args:
        text: the paragraph.
        wanted: words and phrases that the query asks for.
        length: of the passage in characters, about.

    Returns:
        The passage of whole words with most different words of the query, and among
        equals the one with most marks; ellipses stand where it was cut.
    """
    marks = find_marks(text, wanted)
    if len(text) <= length * 5 // 4:
        return Snippet(text, tuple(span for span, _ in marks))
    start, end = _window(text, marks, length)
    before = _ELLIPSIS if start > 0 else ""
    after = " …" if end < len(text) else ""
    shift = len(before) - start
    # A quoted sentence may be longer than the passage: what is shown of it is marked.
    inside = tuple(
        (max(a, start) + shift, min(b, end) + shift) for (a, b), _ in marks if a < end and b > start
    )
    return Snippet(before + text[start:end] + after, inside)


def _window(text: str, marks: list[tuple[Span, str]], length: int) -> Span:
    best, best_worth = 0, (0, 0)
    for i, ((start, _), _) in enumerate(marks):
        rest = [key for (a, b), key in marks[i + 1 : i + 40] if b <= start + length - _LEAD]
        inside = [marks[i][1], *rest]
        worth = (len(set(inside)), len(inside))
        if worth > best_worth:
            best, best_worth = start, worth
    start = max(0, min(best - _LEAD, len(text) - length)) if marks else 0
    return _whole_words(text, start, min(len(text), start + length), best)


def _whole_words(text: str, start: int, end: int, must: int) -> Span:
    """Move both ends to spaces, but never past the word that must be shown."""
    if start > 0 and not text[start - 1].isspace():
        start = next((i + 1 for i in range(start, min(must, start + _LEAD)) if text[i].isspace()), start)
    if end < len(text) and not text[end].isspace():
        end = next((i for i in range(end - 1, max(must, start), -1) if text[i].isspace()), end)
    while end > start and text[end - 1].isspace():
        end -= 1
    return start, end
