"""Capitals-only lines in the case they would have in running text, character for character."""

from __future__ import annotations

import re
from collections.abc import Sequence

from index.entities import tables

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOSTLY = 0.8
_ENOUGH_LETTERS = 5
_LONGEST_ACRONYM = 5


def shouts(text: str) -> bool:
    """Whether a line is set in capitals, so that its case tells nothing."""
    letters = [c for c in text if c.isalpha()]
    if len(letters) < _ENOUGH_LETTERS:
        return False
    return sum(map(str.isupper, letters)) >= _MOSTLY * len(letters)


def lowered(text: str) -> str:
    """Lower case of the same length: the few letters whose lower case is longer stay."""
    small = text.lower()
    return (
        small if len(small) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    )


def seen_forms(paragraphs: Sequence[str]) -> dict[str, str]:
    """How the words of an article are written where case tells something.

    Args:
        paragraphs: of one article.

    Returns:
        From a word in lower case to the word as written; lower case wins over a
        capital, which may only begin a sentence.
    """
    forms: dict[str, str] = {}
    for text in paragraphs:
        if shouts(text):
            continue
        for match in _WORD.finditer(text):
            word = match.group()
            small = lowered(word)
            if small == word or small not in forms:
                forms[small] = word
    return forms


def legible(text: str, forms: dict[str, str] | None = None) -> str:
    """The text with capitals only where running text has them.

    Args:
        text: one paragraph; returned as it is unless it is set in capitals.
        forms: what `seen_forms` found in its article.

    Returns:
        As many characters as were given, each the same letter in some case.
    """
    if not shouts(text):
        return text
    known = forms or {}
    return _WORD.sub(lambda match: _recase(match.group(), known), text)


def _recase(word: str, forms: dict[str, str]) -> str:
    small = lowered(word)
    seen = forms.get(small)
    ordinary = small in tables.ordinary_words()
    if seen is not None and len(seen) == len(word) and not (ordinary and seen != small):
        return seen
    if ordinary:
        return small
    if word in tables.organisations() or word in tables.countries():
        return word
    if len(word) < _LONGEST_ACRONYM and not set(small) & set("aeiouy"):
        return word
    return word[0] + small[1:]
