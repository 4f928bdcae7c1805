"""Capitals-only lines in the case they would have in running text, character for character."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence, Set

from index.entities import tables

_WORD = re.compile(r"[^\W\d_]+(?:['’][^\W\d_]+)*")
_MOSTLY = 0.8
_ENOUGH_LETTERS = 5
_LONGEST_ACRONYM = 5
_CAPITALS = b"ABCDEFGHIJKLMNOPQRSTUVWXYZ"
_LETTERS = _CAPITALS + _CAPITALS.lower()


_TITLE_CASE_WORDS = 4
_LONGEST_HEADLINE = 200
_MOSTLY = 0.6


def lines(text: str) -> Iterator[tuple[int, str]]:
    """Each line of a text and where it begins."""
    at = 0
    for line in text.split("\n"):
        yield at, line
        at += len(line) + 1


def in_title_case(text: str) -> bool:
    """Whether a line is a headline in which most words have a capital, verbs too."""
    if len(text) > _LONGEST_HEADLINE or text.rstrip().endswith("."):
        return False
    words = [word for word in text.split() if word[0].isalpha()]
    if len(words) < _TITLE_CASE_WORDS:
        return False
    return sum(word[0].isupper() and not word.isupper() for word in words) > _MOSTLY * len(words)


def shouts(text: str) -> bool:
    """Whether a line is set in capitals, so that its case tells nothing."""
    capitals, letters = _counted(text)
    return letters >= _ENOUGH_LETTERS and capitals >= _MOSTLY * letters


def _counted(text: str) -> tuple[int, int]:
    """How many capitals, and how many letters, a text has."""
    if text.isascii():  # asked of every paragraph several times: a twentieth of the time
        plain = text.encode("ascii")
        others = len(plain.translate(None, _CAPITALS))
        return len(plain) - others, len(plain) - len(plain.translate(None, _LETTERS))
    letters = [c for c in text if c.isalpha()]
    return sum(map(str.isupper, letters)), len(letters)


def lowered(text: str) -> str:
    """Lower case of the same length: the few letters whose lower case is longer stay."""
    small = text.lower()
    return (
        small if len(small) == len(text) else "".join(c if len(c.lower()) != 1 else c.lower() for c in text)
    )


def seen_forms(paragraphs: Sequence[str], asked: Set[str] | None = None) -> dict[str, str]:
    """How the words of an article are written where case tells something.

    Args:
        paragraphs: of one article.
        asked: the words in lower case that are asked for, or None for all.

    Returns:
        From a word in lower case to the word as written; lower case wins over a
        capital, which may only begin a sentence. Two words side by side that both
        have a capital are there as a pair.
    """
    forms: dict[str, str] = {}
    for text in paragraphs:
        if shouts(text) or in_title_case(text):
            continue
        before = ""
        for match in _WORD.finditer(text):
            word = match.group()
            small = lowered(word)
            if asked is None or small in asked:
                if small == word or small not in forms:
                    forms[small] = word
                beside = text[match.start() - 1 : match.start()] == " "
                if beside and small != word and before != lowered(before):
                    forms[f"{lowered(before)} {small}"] = f"{before} {word}"
            before = word
    return forms


def legible(text: str, forms: dict[str, str] | None = None) -> str:
    """The text with capitals only where running text has them.

    Args:
        text: one paragraph; returned as it is unless it is set in capitals, or is a
            headline in which nearly every word has one.
        forms: what `seen_forms` found in its article.

    Returns:
        As many characters as were given, each the same letter in some case.
    """
    known = forms or {}
    if in_title_case(text):
        return _untitled(text, known)
    if not shouts(text):
        return text
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


def _untitled(text: str, forms: dict[str, str]) -> str:
    """A headline in title case as a sentence: small what the article or the language writes small."""
    words = list(_WORD.finditer(text))
    small = [lowered(match.group()) for match in words]
    out = list(text)
    for i, match in enumerate(words):
        paired = i > 0 and f"{small[i - 1]} {small[i]}" in forms
        paired |= i + 1 < len(words) and f"{small[i]} {small[i + 1]}" in forms
        written_small = forms.get(small[i]) == small[i] or small[i] in tables.ordinary_words()
        if i and written_small and not paired and not match.group().isupper():
            out[match.start() : match.end()] = small[i]
    return "".join(out)


def legible_article(paragraphs: Sequence[str]) -> list[str]:
    """An article's paragraphs for a model: `legible`, in the case that they teach each other."""
    # A megabyte of running text has a hundred of words; its headline asks for ten of them.
    asked = {
        lowered(match.group())
        for text in paragraphs
        if shouts(text) or in_title_case(text)
        for match in _WORD.finditer(text)
    }
    forms = seen_forms(paragraphs, asked) if asked else {}
    return [legible(text, forms) for text in paragraphs]
