"""How does text that came from outside become markup? Here and nowhere else, escaped piece by piece."""

from __future__ import annotations

import html
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date

from markupsafe import Markup

from api.days import day_words, stamps
from api.explaining import why_date, why_name
from index.model import DateMention, EntityKind, EntityMention

Note = DateMention | EntityMention

_REACHED = Markup(' tabindex="0"')
KIND_WORDS: Mapping[EntityKind, str] = {"person": "person", "org": "organisation", "place": "place"}


def marked(text: str, marks: Iterable[tuple[int, int]]) -> Markup:
    """Escape a text and put `<mark>` around spans of it.

    Args:
        text: anything at all.
        marks: spans of it, in order, apart from each other.
    """
    # Twenty of these are made for a page: pieces of str, each escaped, cost a tenth of Markup's own.
    pieces, at = [], 0
    for start, end in marks:
        pieces += [html.escape(text[at:start]), "<mark>", html.escape(text[start:end]), "</mark>"]
        at = end
    return Markup("".join([*pieces, html.escape(text[at:])]))  # noqa: S704 - every piece is escaped above


def annotated(
    text: str,
    marks: Sequence[tuple[int, int]],
    notes: Iterable[Note],
    published: date | None = None,
    *,
    reach: bool = False,
    link: Callable[[Note], str | None] | None = None,
) -> Markup:
    """Escape a text, mark spans of it and annotate its dates and names, each with why it counts as that.

    A mark that crosses the edge of an annotation is taken apart there; of two
    annotations that overlap, the one that begins first, else the longer, stays.

    Args:
        text: anything at all.
        marks: spans of it, in order, apart from each other.
        notes: dates and names by their spans of it; one that does not fit is left out.
        published: the article's day of publication, of which a date's reason speaks.
        reach: whether each can be reached by keyboard and tap, to be told what it means.
        link: where an annotation leads, an address of our own; None, or nothing, leads nowhere.
    """
    pieces, at, reached = [], 0, _REACHED if reach else Markup()
    for note in sorted(notes, key=lambda n: (n.start, -n.end)):
        if at <= note.start < note.end <= len(text):
            inner = _marked_part(text, marks, note.start, note.end)
            shown = _note(note, inner, reached, published)
            if link and (address := link(note)):
                shown = Markup('<a class="to" rel="nofollow" href="{}">{}</a>').format(address, shown)
            pieces += [_marked_part(text, marks, at, note.start), shown]
            at = note.end
    return Markup("").join([*pieces, _marked_part(text, marks, at, len(text))])


def _marked_part(text: str, marks: Sequence[tuple[int, int]], start: int, end: int) -> Markup:
    since = bisect_right(marks, start, key=lambda m: m[1])
    until = bisect_left(marks, end, key=lambda m: m[0])
    inside = [(max(s, start) - start, min(e, end) - start) for s, e in marks[since:until]]
    return marked(text[start:end], inside)


def _note(note: Note, inner: Markup, reached: Markup, published: date | None) -> Markup:
    if isinstance(note, EntityMention):
        title = _with_reason(f"{note.name} ({KIND_WORDS[note.kind]})", why_name(note))
        return Markup('<span class="note name" title="{}"{}>{}</span>').format(title, reached, inner)
    # That words say it all is what a reader takes for granted.
    why = why_date(note, published) if note.reason != "words" else ""
    if note.first is None or note.last is None:
        title = _with_reason("not tied to a day", why)
        return Markup('<span class="note" title="{}"{}>{}</span>').format(title, reached, inner)
    title, (start, end) = _with_reason(day_words(note.first, note.last), why), stamps(note.first, note.last)
    if start != end:  # a <time> can name one day, month or year, not a season
        return Markup('<span class="note" title="{}"{}>{}</span>').format(title, reached, inner)
    return Markup('<time class="note" datetime="{}" title="{}"{}>{}</time>').format(
        start, title, reached, inner
    )


def _with_reason(what: str, why: str) -> str:
    return f"{what}: {why}" if why else what
