"""Which passage of a paragraph shows best why it was found, and which words of it to mark."""

from __future__ import annotations

from collections.abc import Sequence

from index.analysis import forms, stem, tokens, words_of
from search.execute import Wanted
from search.results import Snippet

LENGTH = 240
"""Characters of a passage, about; paragraphs up to a quarter longer are shown whole."""

_ELLIPSIS = "… "
_LEAD = 50  # characters kept before the first marked word

Span = tuple[int, int]
Word = tuple[int, int, tuple[str, ...]]


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


def find_marks(text: str, wanted: Wanted) -> list[tuple[Span, str]]:
    """Spans to mark, in order and apart, each with the word or phrase of the query it answers."""
    if not (wanted.stems or wanted.exact or wanted.phrases):
        return []
    if not wanted.phrases:
        return _apart(_marked_words(text, wanted))
    words: list[Word] = [(start, end, forms(surface)) for start, end, surface in tokens(text)]
    found = [((a, b), key) for a, b, fs in words if (key := _single(fs, wanted)) is not None]
    for phrase, slop, stemmed in wanted.phrases:
        keys = [tuple(stem(f) for f in fs) for _, _, fs in words] if stemmed else [fs for _, _, fs in words]
        found += [(span, " ".join(phrase)) for span in _phrase_spans(words, keys, phrase, slop)]
    return _apart(found)


def _marked_words(text: str, wanted: Wanted) -> list[tuple[Span, str]]:
    seen = wanted.seen
    found = []
    for match in words_of(text):
        surface = match.group()
        if surface not in seen:
            seen[surface] = _single(forms(surface), wanted)
        key = seen[surface]
        if key is not None:
            found.append((match.span(), key))
    return found


def _single(word_forms: Sequence[str], wanted: Wanted) -> str | None:
    for form in word_forms:
        if form in wanted.exact:
            return form
        stemmed = stem(form)
        if stemmed in wanted.stems:
            return stemmed
    return None


def _phrase_spans(
    words: Sequence[Word], keys: Sequence[tuple[str, ...]], phrase: Sequence[str], slop: int
) -> list[Span]:
    """Spans of a phrase; with slop, of its words alone, since others stand between them."""
    spans: list[Span] = []
    for first in range(len(words)):
        if phrase[0] not in keys[first]:
            continue
        places = _places(keys, phrase, first, slop)
        if places is None:
            continue
        if places[-1] - places[0] == len(phrase) - 1:
            spans.append((words[places[0]][0], words[places[-1]][1]))
        else:
            spans += [words[p][:2] for p in places]
    return spans


def _places(
    keys: Sequence[tuple[str, ...]], phrase: Sequence[str], first: int, slop: int
) -> list[int] | None:
    places = [first]
    for word in phrase[1:]:
        within = range(places[-1] + 1, min(places[-1] + slop, len(keys) - 1) + 1)
        place = next((p for p in within if word in keys[p]), None)
        if place is None:
            return None
        places.append(place)
    return places


def _apart(found: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The spans in order, overlapping ones made one."""
    out: list[tuple[Span, str]] = []
    for (start, end), key in sorted(found, key=lambda f: (f[0][0], -f[0][1])):
        if out and start < out[-1][0][1]:
            (a, b), first_key = out[-1]
            out[-1] = ((a, max(b, end)), first_key)
        else:
            out.append(((start, end), key))
    return out


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
