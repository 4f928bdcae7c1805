"""Where an article begins in a dump: the evidence for and against a short line being its headline."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass

from index.lines import trim
from index.paragraphs import Piece
from index.shapes import NOT_A_HEADLINE, Shape, is_closed, shape_of
from index.vocabulary import AMBIGUOUS_VERBS, SECTIONS, VERBS
from index.wire import (
    is_byline,
    is_credits,
    is_date_line,
    is_end_mark,
    is_name_in_place,
    parse_dateline,
)

_THRESHOLD = 2.0
# Against a line without a dateline or byline where the other stories of the dump have one.
_UNMARKED = 0.75
_UNLIKE = 2.0
_UNDER = {"a dateline": 3.5, "a byline": 3.0, "a date line": 2.5}
# How an explicit mark before a headline is told; the others ("* * *", credits) also stand inside stories.
STRONG_ENDS = ("after a rule", "after a numbered separator", "after a page break", "after an end mark")
_RULE = re.compile(r"(?:[*\-=_#~•·–—+.]\s*){3,}|[*#§⁂❧]{1,2}")
_NUMBERED = re.compile(
    r"(?:document\s+\d+\s+of\s+\d+|\d+\s+of\s+\d+\s+documents?|article\s+\d+\s+of\s+\d+)\b.{0,40}", re.I
)
_LABEL = re.compile(r"(?:title|headline|hl|slug)\s*:\s*(?=\S)", re.IGNORECASE)
_DROPPED = re.compile(
    r"(?:body|text|length|load-date|graphic)\s*:\s*(?:\d+\s*words)?|page \d+(?: of \d+)?|advertisement", re.I
)
_OF_A_MATCH = re.compile(
    r"(?:attendance|referee|umpires?|scorers?|substitutes|half-time|man of the match|fall of wickets)[ \t]*:",
    re.IGNORECASE,
)
_QUESTION_WORD = re.compile(r"(?:what|why|how|who|where|when|which)\b", re.IGNORECASE)


_PAST = re.compile(r"[a-z]{3,}ed")
_ARTICLE = re.compile(r"(?:a|an|the)\b", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Context:
    """What a dump is like as a whole, and where its splitting stands.

    Attributes:
        style: of the first headline: later ones are written alike.
        all_capitals: the whole text is in capitals, so that they say nothing.
        usual_gap: line ends between two paragraphs: 2 is one blank line.
        spaced: blank lines separate its paragraphs.
        marked: its stories have datelines, bylines or date lines under their headlines.
        separated: its stories stand between rules or numbers.
    """

    style: str
    all_capitals: bool
    usual_gap: int
    spaced: bool
    marked: bool
    separated: bool


@dataclass(frozen=True, slots=True)
class Candidate:
    """A line that could be a headline, with what its neighbours say.

    Attributes:
        shape: how it is written.
        under: what the first paragraph under it is: "a dateline", "a byline", "a date line", or "".
        direct: nothing but captions stands between the line and `under`.
        has_body: running text follows before the next short line.
        gap: line ends before it.
    """

    shape: Shape
    under: str
    direct: bool
    has_body: bool
    gap: int


def separator_of(content: str) -> str:
    """Name an explicit separator between articles.

    Returns:
        "numbered" for "Document 3 of 10", "rule" for "=====" or "* * *", "end" for
        "ENDS", "noise" for what stands between stories and is none of their text, else "".
    """
    if len(content) > 400:
        return ""
    if _RULE.fullmatch(content):
        return "rule"
    if _NUMBERED.fullmatch(content):
        return "numbered"
    if is_end_mark(content):
        return "end"
    return "noise" if len(content) < 60 and _DROPPED.fullmatch(content) else ""


def labelled(text: str, piece: Piece) -> tuple[int, int] | None:
    """Find the headline after a label: the span of what follows "Title:", or None."""
    found = _LABEL.match(text, piece.start, min(piece.end, piece.start + 400))
    if not found or piece.end - found.end() > 300:
        return None
    return trim(text, found.end(), piece.end)


def is_section_label(content: str) -> bool:
    """Say whether a line is the name of a section: "WORLD NEWS", "Sport"."""
    return len(content) <= 30 and content.strip(" :|").casefold() in SECTIONS


def look_at(text: str, pieces: Sequence[Piece], index: int) -> Candidate | None:
    """Gather what can be seen of a piece as a headline; None when it cannot be one."""
    piece = pieces[index]
    content = text[piece.start : piece.end] if piece.end - piece.start < 400 else ""
    shape = shape_of(content) if content else NOT_A_HEADLINE
    # A repeated line under a headline is a caption; with a stop it is none of a headline.
    if shape.style == "none" or _is_listing(content):
        return None
    if piece.kind == "quote" or (piece.kind == "caption" and not piece.repeated):
        return None
    if is_byline(content) or is_date_line(content) or is_credits(content) or parse_dateline(content):
        return None
    under, direct, has_body = _below(text, pieces, index)
    return Candidate(shape, under, direct, has_body, piece.breaks)


def _is_listing(content: str) -> bool:
    """A list of players or parties, with its semicolons, or who the referee was."""
    return content.count(";") > 1 or _OF_A_MATCH.match(content) is not None


def _below(text: str, pieces: Sequence[Piece], index: int) -> tuple[str, bool, bool]:
    """Say what stands under a line, past captions and one short line (a deck)."""
    decks = 0
    for piece in pieces[index + 1 : index + 7]:
        content = text[piece.start : min(piece.end, piece.start + 400)]
        if parse_dateline(content):
            return "a dateline", not decks, True
        if is_byline(content) or (is_name_in_place(content) and not decks):
            return "a byline", not decks, True
        if is_date_line(content):
            return "a date line", not decks, True
        if separator_of(content):
            return "", False, False
        if piece.kind == "caption":
            continue
        if is_closed(content) or len(content) > 120:
            return "", False, True
        decks += 1
        if decks > 1:
            break
    return "", False, False


def weigh(
    content: str, candidate: Candidate, context: Context, since: int, ended: str
) -> tuple[float, list[str]]:
    """Weigh the evidence that a new article begins with a line.

    Args:
        content: the line.
        candidate: what `look_at` saw.
        context: what the dump is like.
        since: paragraphs of running text since the last headline.
        ended: how the story before was closed ("after a rule"), or "".

    Returns:
        The score, and the reasons for it in words. `is_boundary` says what is enough.
    """
    shape, reasons = candidate.shape, [f"a line in {candidate.shape.style}"]
    score = _by_length(shape.words) + _by_style(shape, context)
    score += 1.0 if _has_verb(content) else 0.0
    score -= _by_opening(content, shape)
    if not content.endswith(("?", "!")):
        reasons.append("without a closing stop")
    # Over a deck and a dateline stands a headline or the name of a section; under it, a headline.
    score += _UNDER.get(candidate.under, 0.0) * (1.0 if candidate.direct else 0.5)
    if candidate.under:
        reasons.append(f"followed by {candidate.under}")
    elif context.marked:
        score -= _UNMARKED
    if not candidate.has_body:
        score -= 2.5
    score += 0.5 if since > 1 else 0.0 if since == 1 else -5.0
    if ended:
        score += 3.0 if ended in STRONG_ENDS else 1.5
        reasons.append(ended)
    elif context.separated:
        score -= 2.0
    gap, gap_reason = (0.0, "by itself") if ended else _by_gap(candidate.gap, context)
    reasons.insert(1, gap_reason)
    return score + gap, reasons


def is_boundary(score: float) -> bool:
    """Say whether a score of `weigh` is enough for a new article."""
    return score >= _THRESHOLD


def _by_length(words: int) -> float:
    for most, score in ((1, -4.0), (2, -3.0), (3, -2.0), (4, -0.5), (5, 0.0), (15, 1.0), (20, 0.0)):
        if words <= most:
            return score
    return -2.0


def _by_opening(content: str, shape: Shape) -> float:
    """Doubt short lines that open or end as headings inside a story do: "What happens next"."""
    doubt = 0.0
    short = shape.words <= (8 if shape.style == "sentence case" else 5)
    if _QUESTION_WORD.match(content):
        doubt += 2.0 if short else 0.5
    if short and (content.endswith("?") or _ARTICLE.match(content)):
        doubt += 0.75
    return doubt


def _by_style(shape: Shape, context: Context) -> float:
    if context.all_capitals:
        return 0.5
    if shape.style in ("capitals", "title case"):
        return 1.5 if context.style == shape.style else 1.0 if context.style != "capitals" else 0.0
    if context.style != "sentence case":
        return -_UNLIKE
    # Where headlines are sentences, length is what a crosshead lacks.
    return 0.5 if shape.words >= 7 else -0.5


def _by_gap(breaks: int, context: Context) -> tuple[float, str]:
    if not context.spaced:
        return 0.0, "on a line of its own"
    if breaks > context.usual_gap > 1:
        return 0.5, "after several blank lines"
    return (0.0, "between blank lines") if breaks > 1 else (-2.0, "directly under the text before")


def _has_verb(content: str) -> bool:
    """Guess whether a line has a verb; a crosshead has none."""
    words = [word.strip("\"'“”‘’,:;!?()") for word in content.casefold().replace("’", "'").split()]
    if any(word in VERBS and word not in AMBIGUOUS_VERBS for word in words):
        return True
    # "Fears" opening a line is a noun; behind a subject and before an object it is the verb.
    if len(words) >= 4 and any(word in AMBIGUOUS_VERBS for word in words[1:-1]):
        return True
    return any(_PAST.fullmatch(word) for word in words[1:])
