"""Does the clause around a time speak of what was or of what is to come?"""

from __future__ import annotations

import re

_REACH = 110
# The dot of "Mr. Davison" and "P. Davison" ends no sentence.
_STOP = re.compile(
    r"(?<!\b[A-Z])(?<!\b(?:Mr|Ms|Dr|St))(?<!\b(?:Mrs|Gen|Sen|Rep|Gov))[.!?;]['\"”’)]*\s+(?=[A-Z“‘\"`])"
    r"|\n\s*\n"
)
_AUXILIARIES = r"(?:will|would|may|might|can|could|should|must|to) (?:not |also |then )?be|be"
_AHEAD = (
    rf"(?:{_AUXILIARIES})(?: \w{{3,12}}ed| paid| held)?|will|would|won['’]t|shall|going to"
    r"|(?:is|are|was|were) to|scheduled|expect(?:s|ed)?|plan(?:s|ned|ning)?"
    r"|(?:agree[ds]?|agreements?|agreeing|supposed|likely|ready) to"
    r"|due(?! to (?:a|an|the|its|his|her|their)\b)|payable|intend(?:s|ed)?|hopes?|set (?:to|for)|slated"
    r"|as early as|as soon as|upcoming|until|starting|beginning|effective|deadline"
    r"|expires|begins|starts|opens|ends|should(?! have\b)|(?:is|are) on(?=\W*\Z)"
)
# Verbs without -ed; words in -ed that are no past tense.
_IRREGULAR = (
    "was were had has have did said told met won lost fell rose took made gave went came began sent saw held"
    " led left put ran got hit shot broke spoke wrote found closed brought bought sold became knew paid grew"
    " stood drew drove flew threw chose fought caught taught thought built spent kept slept felt dealt meant"
    " heard sank sought struck swept wore shook quit since after last"
)
_NO_PAST = r"(?!(?:need|succeed|proceed|exceed|indeed|speed|hundred|breed)\b)"
_MARKER = re.compile(
    r"\b(?:"
    # What had been due did not come about: it is told as past.
    r"(?P<overtaken>had been (?:due|scheduled|expected|planned|set|slated))"
    rf"|(?P<future>{_AHEAD})"
    rf"|(?P<past>{'|'.join(_IRREGULAR.split())}|{_NO_PAST}[a-z]\w{{2,11}}ed)"
    r")\b|(?P<contracted>['’]ll)\b"
)


_PROMISE = re.compile(r"will\b|won['’]t|shall|going to|['’]ll")


def is_future(text: str, start: int, end: int) -> bool:
    """Judge the tense around a span.

    Args:
        text: the paragraph.
        start: of the span.
        end: of the span.

    Returns:
        True when the nearest sign of time in the sentence, before the span else after it,
        points ahead ("will", "scheduled"); False when it points back, or there is none.
    """
    return direction(text, start, end) > 0


def direction(text: str, start: int, end: int) -> int:
    """Tell where the clause around a span looks.

    Args:
        text: the paragraph.
        start: of the span.
        end: of the span.

    Returns:
        2 where it promises ("will"), 1 where it looks ahead ("scheduled"), -1 back, 0 no sign.
    """
    left = text[max(0, start - _REACH) : start]
    stops = [stop.end() for stop in _STOP.finditer(left)]
    left = left[stops[-1] :] if stops else left
    signs = list(_MARKER.finditer(left))
    if signs:
        return _points(signs[-1])
    right = text[end : end + _REACH]
    stop = _STOP.search(right)
    marker = _MARKER.search(right[: stop.start()] if stop else right)
    return _points(marker) if marker else 0


def _points(marker: re.Match[str]) -> int:
    if marker.lastgroup == "past" or marker.lastgroup == "overtaken":
        return -1
    return 2 if _PROMISE.match(marker.group()) else 1
