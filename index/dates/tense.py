"""Does the clause around a time speak of what was or of what is to come?"""

from __future__ import annotations

import re

_REACH = 110
_STOP = re.compile(r"[.!?;]['\"”’)]*\s+(?=[A-Z“‘\"`])|\n\s*\n")
_MARKER = re.compile(
    r"\b(?:(?P<future>will|won['’]t|shall|going to|to be|would be|(?:is|are|was|were) to|scheduled"
    r"|expect(?:s|ed)?|plan(?:s|ned|ning)? (?:to|for)|due|intend(?:s|ed)?|hopes?|set (?:to|for)|slated"
    r"|as early as|as soon as|upcoming|until|starting|beginning|effective|deadline|expires?"
    r"|begins|starts|opens|ends)"
    r"|(?P<past>was|were|had|has|have|did|said|told|met|won|lost|fell|rose|took|made|gave|went|came|began"
    r"|sent|saw|held|led|left|put|ran|got|hit|shot|broke|spoke|wrote|found|since|after|last|closed"
    r"|\w{3,12}ed))\b"
    r"|(?P<contracted>['’]ll)\b"
)


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
    left = text[max(0, start - _REACH) : start]
    stops = [stop.end() for stop in _STOP.finditer(left)]
    left = left[stops[-1] :] if stops else left
    signs = list(_MARKER.finditer(left))
    if signs:
        return signs[-1].lastgroup in ("future", "contracted")
    right = text[end : end + _REACH]
    stop = _STOP.search(right)
    marker = _MARKER.search(right[: stop.start()] if stop else right)
    return marker is not None and marker.lastgroup in ("future", "contracted")
