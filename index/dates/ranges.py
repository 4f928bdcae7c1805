"""Two times that state a range, "March 3-5" or "between 1939 and 1945": the first covers it all.

TimeML marks both ends, each with its own value; a reader who asks for a day between them should
find the paragraph all the same, so the first one's interval reaches to the end of the second's.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace

from index.model import DateMention

_TO = re.compile(r"\s*(?:[-–—/]|to|through|thru|until|till)\s*(?:the\s+)?\Z", re.IGNORECASE)
_AND = re.compile(r"\s+and\s+(?:the\s+)?\Z", re.IGNORECASE)
_BETWEEN = re.compile(r"\bbetween\s+(?:the\s+)?\Z", re.IGNORECASE)
_CLOCK = re.compile(r"[\d:.]+\s?(?:[ap]\.?\s?m\.?)?\Z", re.IGNORECASE)
_TIMED = re.compile(r"\d{4}-\d\d-\d\dT\d")
_LONGEST_GAP = 16


def joined(text: str, mentions: Sequence[DateMention]) -> tuple[DateMention, ...]:
    """Let the first end of each range cover the range.

    Args:
        text: the paragraph.
        mentions: of it, in order.

    Returns:
        The same mentions; where one begins a range, its interval ends with the range.
    """
    found = list(mentions)
    for index in range(len(found) - 2, -1, -1):
        left, right = _on_one_day(text, found[index], found[index + 1])
        found[index] = left
        if (
            left.first
            and right.last
            and left.last
            and left.last < right.last
            and _is_range(text, left, right)
        ):
            found[index] = replace(left, last=right.last)
    return tuple(found)


def _on_one_day(text: str, left: DateMention, right: DateMention) -> tuple[DateMention, DateMention]:
    """The 9 a.m. of "9 a.m. to 5 p.m. Saturday" is Saturday's."""
    if not (_CLOCK.match(left.text) and _TIMED.match(left.timex or "") and _TIMED.match(right.timex or "")):
        return left, right
    gap = text[left.end : right.start]
    same = _CLOCK.match(right.text) or len(gap) > _LONGEST_GAP or not (_TO.match(gap) or _AND.match(gap))
    if same or not left.timex or not right.timex:
        return left, right
    timex = right.timex[:10] + left.timex[10:]
    return replace(left, timex=timex, first=right.first, last=right.last, reason=right.reason), right


def _is_range(text: str, left: DateMention, right: DateMention) -> bool:
    if right.start - left.end > _LONGEST_GAP or len(left.timex or "") != len(right.timex or ""):
        return False
    gap = text[left.end : right.start]
    if _TO.match(gap):
        return True
    return bool(_AND.match(gap) and _BETWEEN.search(text[max(0, left.start - 16) : left.start]))
