"""Whether two lines beside each other are one line pasted twice."""

from __future__ import annotations

import re

from rapidfuzz.distance import Levenshtein

from index.vocabulary import EXCHANGEABLE_WORDS, LIGHT_WORDS

_WORD = re.compile(r"[^\W_]+(?:['’][^\W_]+)*")
# Below this a repeated line can be a value in a table, an answer, a refrain.
_MIN_WORDS = 3
# Only in a long line is one differing word a slip; in a short one it is the news.
_MIN_WORDS_NEARLY = 8
_MAX_CHARS = 4000


def near_equal(one: str, other: str) -> bool:
    """Compare two lines as a reader would.

    Args:
        one: a line or a paragraph.
        other: the one beside it.

    Returns:
        True when they have the same words, whatever the case, the punctuation and
        the spaces; or are long and differ by one light word ("the", "in" for "at") or by
        one letter of one word. Names and numbers always count: results and rows of a table differ.
    """
    if abs(len(one) - len(other)) > 40 + len(one) // 4:
        return False
    if max(len(one), len(other)) > _MAX_CHARS:
        return " ".join(one.split()) == " ".join(other.split())
    first, second = _WORD.findall(one), _WORD.findall(other)
    folded, folded_second = [w.casefold() for w in first], [w.casefold() for w in second]
    if folded == folded_second:
        return len(folded) >= _MIN_WORDS
    if min(len(first), len(second)) < _MIN_WORDS_NEARLY or abs(len(first) - len(second)) > 1:
        return False
    start = _common(folded, folded_second)
    end = _common(folded[start:][::-1], folded_second[start:][::-1])
    return _is_slip(first[start : len(first) - end], second[start : len(second) - end])


def _common(one: list[str], other: list[str]) -> int:
    count = 0
    for left, right in zip(one, other, strict=False):
        if left != right:
            break
        count += 1
    return count


def _is_slip(one: list[str], other: list[str]) -> bool:
    """Say whether what is left between two common ends is a slip of the hand."""
    words = one + other
    if len(words) == 1:
        return words[0] in LIGHT_WORDS
    if len(one) != 1 or len(other) != 1 or any(not word.islower() for word in words):
        return False
    if EXCHANGEABLE_WORDS.issuperset(words):
        return True
    return min(map(len, words)) >= 5 and Levenshtein.distance(one[0], other[0], score_cutoff=1) <= 1
