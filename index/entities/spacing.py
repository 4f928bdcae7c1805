"""A text as it would be on one line, and where its characters stood: copy wrapped anew is the same."""

from __future__ import annotations

import re
from bisect import bisect_right

_WORD = re.compile(r"\S+")


def on_one_line(text: str) -> str:
    """The text with one space wherever it has white space, and none at its ends."""
    return " ".join(text.split())


class Places:
    """Where the words of a text stand, and where they stand once it is on one line."""

    def __init__(self, text: str) -> None:
        """Look at a text."""
        self._there: list[int] = []
        self._here: list[int] = []
        at = 0
        for match in _WORD.finditer(text):
            self._there.append(match.start())
            self._here.append(at)
            at += match.end() - match.start() + 1

    def span(self, start: int, end: int) -> tuple[int, int]:
        """A span of the one line, not empty, that begins and ends within words, as a span of the text."""
        return self._of(start), self._of(end - 1) + 1

    def _of(self, at: int) -> int:
        word = bisect_right(self._here, at) - 1
        return self._there[word] + at - self._here[word]
