"""Times that editors marked: their value wins over what the words say."""

from __future__ import annotations

from collections.abc import Sequence

from index.dates import values
from index.model import DateMention, GivenMark

GIVEN = "given"


def with_given(
    text: str, found: Sequence[DateMention], marks: Sequence[GivenMark]
) -> tuple[DateMention, ...]:
    """Put editors' times in the place of what was found.

    Args:
        text: of a paragraph.
        found: its mentions, in order.
        marks: its marks of times, in order and apart, spans in the text.

    Returns:
        The mentions in order and apart. A mark whose value is no TIMEX3 value, or a day that the calendar
        lacks, is no better than a guess and changes nothing.
    """
    given = [made for mark in marks if (made := _mention(text, mark))]
    kept = [m for m in found if not any(m.start < g.end and g.start < m.end for g in given)]
    return tuple(sorted((*given, *kept), key=lambda m: m.start))


def _mention(text: str, mark: GivenMark) -> DateMention | None:
    value = mark.value or ""
    if not values.WELL_FORMED.match(value):
        return None
    span = values.interval(value)
    if span is None and value[0].isdigit():
        return None
    first, last = span or (None, None)
    return DateMention(mark.start, mark.end, text[mark.start : mark.end], value, first, last, GIVEN)
