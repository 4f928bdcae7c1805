"""Known forms of names in a text: its words, and the longest forms of a table that stand in it."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Generic, TypeVar

from index.entities import tables
from index.entities.tables import folded

V = TypeVar("V")

TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}|(?:St|Mt|Ft)\.(?=\s)|[^\W\d_](?:[^\W_]|['’\-&.](?=[^\W\d_]))*\.?(?<![a-z]{4}\.)",
    re.UNICODE,
)
_FORMS_AT_MOST = 6
_LONGEST_FORM = 50

Token = tuple[int, int, str]


def tokens(text: str) -> list[Token]:
    """Words and abbreviations of a text as (start, end, text); `U.S.` is one."""
    found = []
    for match in TOKEN.finditer(text):
        word = match.group()
        end = match.end()
        if (
            word.endswith((".",))
            and word.count(".") == 1
            and len(word) > 2
            and not word.startswith(("St", "Mt", "Ft"))
        ):
            end -= 1
        for tail in ("'s", "’s"):
            if text.endswith(tail, match.start(), end):
                end -= 2
        found.append((match.start(), end, text[match.start() : end]))
    return found


class Lexicon(Generic[V]):
    """A table of forms, and how many words the longest form has that begins with a word."""

    __slots__ = ("sizes", "table")

    def __init__(self, table: Mapping[str, V]) -> None:
        """Take a table keyed by forms as written, or by folded ones."""
        self.table = table
        self.sizes: dict[str, int] = {}
        for form in table:
            words = tokens(form)
            if words:
                first = words[0][2]
                self.sizes[first] = max(self.sizes.get(first, 0), min(len(words) + 1, _FORMS_AT_MOST))


def known(text: str, words: list[Token], forms: Lexicon[V], loud: bool) -> Iterator[Token]:
    """Longest forms of a table that stand alone in a text.

    Args:
        text: a paragraph.
        words: its `tokens`.
        forms: keyed as written, or by folded forms where `loud`.
        loud: whether the text is set in capitals.

    Yields:
        (start, end, key of the table) of each; none is part of a longer run of capitalised words.
    """
    i = 0
    while i < len(words):
        first = words[i][2]
        most = forms.sizes.get(first.lower() if loud else first, 0) if first[0].isupper() else 0
        size, key = _longest(text, words[i : i + most], forms.table, loud) if most else (0, "")
        if size and (loud or _alone(text, words, i, i + size)):
            yield words[i][0], words[i + size - 1][1], key
        i += max(size, 1)


def _longest(text: str, words: list[Token], table: Mapping[str, V], loud: bool) -> tuple[int, str]:
    for size in range(len(words), 0, -1):
        start, end = words[0][0], words[size - 1][1]
        if end - start > _LONGEST_FORM:
            continue
        form = " ".join(text[start:end].split())
        key = folded(form) if loud else form
        if key in table:
            return size, key
    return 0, ""


def _alone(text: str, words: list[Token], first: int, end: int) -> bool:
    before = words[first - 1] if first else None
    after = words[end] if end < len(words) else None
    return not (
        (
            before
            and text[before[1] : words[first][0]] == " "
            and _capital(before[2])
            and not _lets_through(before[2])
        )
        or (
            after
            and text[words[end - 1][1] : after[0]] in (" ", "-")
            and _capital(after[2])
            and not _lets_through(after[2])
        )
    )


def _capital(word: str) -> bool:
    return word[0].isupper()


_OPENERS = frozenset(
    "neither either both although though while when where whether if unless since because once yet "
    "still also then meanwhile however earlier later today yesterday but and or nor so for as at by in "
    "on of to with without from under over until like unlike despite that this these those he she it "
    "they we you who what why how former fellow even only just not no some many most all another such "
    "said says".split()
)


def _lets_through(word: str) -> bool:
    small = word.lower()
    return (
        small in tables.ordinary_words()
        or small in _OPENERS
        or word in tables.demonyms()
        or small in tables.roles()
        or word in tables.places()
        or small.rstrip(".") in tables.roles()
    )
