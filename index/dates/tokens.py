"""Text → tokens, each with a class letter: the string of letters is what the grammar reads."""

from __future__ import annotations

import re
from array import array
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import islice

from index.dates.holidays import NAMED_DAYS
from index.dates.lexicon import LEXICON, Entry

# Every repeat is possessive: a megabyte of digits, dots or commas is read once.
_TOKEN = re.compile(
    r"(?P<named>" + NAMED_DAYS + r")"
    r"|(?P<quarter>Q[1-4]\b|H[12]\b|[1-4]Q\b|[12]H\b)"
    r"|(?P<fiscal>FY['’]?(?:\d{4}|\d\d)\b)"
    r"|(?P<era>(?:B\.\ ?C\.(?:\ ?E\.)?|A\.\ ?D\.|C\.E\.))"
    r"|[^\W\d_]++"
    r"|(?P<iso>\d{4}(?:-\d\d-|/\d\d/)\d\d(?!\d)"
    r"(?:[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z\b|[+-]\d\d:?\d\d\b)?)?)"
    r"|(?P<numeric>\d{1,2}(?P<mark>[/.-])\d{1,2}(?P=mark)(?:\d{4}|\d\d)(?![\w/-]|\.\d))"
    r"|(?P<ampm>\d{1,2}(?:[:.]\d\d)?\ ?(?:[AaPp]\.\ ?[Mm]\b\.?|[AaPp][Mm]\b|o['’]clock\b))"
    r"|(?P<clock>\d{1,2}:\d\d(?::\d\d)?(?![\w:]))"
    r"|(?P<thousands>\d{1,3}(?:,\d{3})++(?![\d.]))"
    r"|(?P<junk>\d++(?:[.:]\d++|,\d{3}(?!\d))++)"
    r"|(?P<fraction>\d{1,2}/\d{1,2}(?![\w/]))"
    r"|(?P<decade>\d{3}0['’]?s\b|\d0s\b)"
    r"|(?P<ordinal>\d{1,3}(?:st|nd|rd|th)\b)"
    r"|(?P<number>\d++)"
    r"|(?P<short>['’‘`]\d\d(?!\w))"
    r"|(?P<possessive>['’][sS]\b)"
    r"|-{2,}+|[^\w\s]|_",
    re.VERBOSE,
)
_GLUED = frozenset("$£€¥#§_.@")
_OTHER: Entry = ("_", 0)
# Matches are the largest of what a text becomes on its way, some 400 bytes each: so many live at once.
_AT_ONCE = 4096


@dataclass(frozen=True, slots=True)
class Tokens:
    """A paragraph as the grammar sees it.

    Attributes:
        text: the paragraph.
        classes: a letter for each token (`lexicon.CLASSES`).
        words: the tokens as written.
    """

    text: str
    classes: str
    words: list[str]
    _starts: Sequence[int]
    _entries: list[Entry]

    def start(self, index: int) -> int:
        """Where the token begins in the text."""
        return self._starts[index]

    def end(self, index: int) -> int:
        """Where the token ends in the text."""
        return self._starts[index] + len(self.words[index])

    def value(self, index: int) -> int | str:
        """What the token means: a month's number, a unit's letter, a year."""
        return self._entries[index][1]


def tokenize(text: str) -> Tokens:
    """Split a paragraph and class its words; linear in its length, some 25 bytes a token beside its words."""
    # Comprehensions, not one readable loop: this is where most of the time goes.
    starts, words, entries = array("Q"), list[str](), list[Entry]()
    found, get = _TOKEN.finditer(text), LEXICON.get
    while matches := list(islice(found, _AT_ONCE)):
        some = [match[0] for match in matches]
        starts.extend([match.start() for match in matches])
        of_some = [get(word, _OTHER) for word in some]
        for index in [n for n, match in enumerate(matches) if match.lastgroup]:
            match = matches[index]
            of_some[index] = _special(match.lastgroup or "", match[0], text, match.start())
        words += some
        entries += of_some
    return Tokens(text, "".join([entry[0] for entry in entries]), words, starts, entries)


def _special(kind: str, word: str, text: str, start: int) -> Entry:
    if kind == "named":
        return "!", word
    if kind == "possessive":
        return "s", 0
    if kind == "quarter":
        return "p", word if word[1].isdigit() else word[::-1]
    if kind == "era":
        return "C", "AD" if word[0] in "AC" else "BC"
    if kind == "fiscal":
        figures = int(word[-4:]) if word[-4:].isdigit() else 2000 + int(word[-2:])
        return "Y", figures
    if _is_part_of_more(text, start, start + len(word)):
        return "x", 0
    if kind == "number":
        return _number(word)
    if kind == "thousands":
        return "z", int(word.replace(",", ""))
    if kind == "ordinal":
        return "o", int(word[:-2])
    if kind == "decade":
        return ("K", int(word[:4])) if len(word) > 3 else ("k", int(word[:2]))
    if kind == "short":
        return "y", int(word[1:])
    return _KINDS.get(kind, "x"), word


_KINDS = {"iso": "i", "numeric": "g", "ampm": "j", "clock": "c", "fraction": "f"}


def _is_part_of_more(text: str, start: int, end: int) -> bool:
    """B52, #1984, $1984, 1984kg, 50%: names, labels, prices and measures hold no date."""
    before = text[start - 1] if start else " "
    after = text[end] if end < len(text) else " "
    if before.isalnum() or before in _GLUED or after.isalnum() or after in "%°_":
        return True
    return before == " " and start > 1 and text[start - 2] in "$£€¥"


def _number(word: str) -> Entry:
    if len(word) <= 2:
        value = int(word)
        return ("d" if 1 <= value <= 31 else "z"), value
    if len(word) == 4 and 1000 <= int(word) <= 2100:
        return "Y", int(word)
    # Longer than any count of days or year: its value is never asked for, nor worth converting.
    return ("z", int(word)) if len(word) <= 6 else ("x", 0)
