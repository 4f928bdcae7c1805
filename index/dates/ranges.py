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
        left, right = found[index], found[index + 1]
        if (
            left.first
            and right.last
            and left.last
            and left.last < right.last
            and _is_range(text, left, right)
        ):
            found[index] = replace(left, last=right.last)
    return tuple(found)


def _is_range(text: str, left: DateMention, right: DateMention) -> bool:
    if right.start - left.end > _LONGEST_GAP or len(left.timex or "") != len(right.timex or ""):
        return False
    gap = text[left.end : right.start]
    if _TO.match(gap):
        return True
    return bool(_AND.match(gap) and _BETWEEN.search(text[max(0, left.start - 16) : left.start]))
