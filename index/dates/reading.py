"""One match of a rule with its words, and the numbers spelt in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

from index.dates.tokens import Tokens


@dataclass(frozen=True, slots=True)
class Reading:
    """What a rule matched; groups are named as in `grammar`.

    Attributes:
        tokens: the paragraph.
        match: over `tokens.classes`.
    """

    tokens: Tokens
    match: re.Match[str]

    @property
    def start(self) -> int:
        """First character of the span."""
        return self.tokens.start(self.match.start())

    @property
    def end(self) -> int:
        """One past the last character of the span."""
        return self.tokens.end(self.match.end() - 1)

    def has(self, name: str) -> bool:
        """Whether the group took part."""
        return name in self.match.re.groupindex and self.match[name] is not None

    def classes(self, name: str) -> str:
        """Class letters of the group; empty when it took no part."""
        return self.match[name] if self.has(name) else ""

    def number(self, name: str) -> int:
        """The first token's value as a number; 0 without the group or where it is a word."""
        value = self._value(name)
        return value if isinstance(value, int) else 0

    def letter(self, name: str) -> str:
        """The first token's value as letters; empty without the group or where it is a number."""
        value = self._value(name)
        return value if isinstance(value, str) else ""

    def words(self, name: str) -> str:
        """The group as written, in small letters; empty when it took no part."""
        if not self.has(name):
            return ""
        first, last = self.match.span(name)
        return self.tokens.text[self.tokens.start(first) : self.tokens.end(last - 1)].lower()

    def before(self, count: int = 1) -> str:
        """The word `count` tokens before the span, in small letters; empty at the paragraph's start."""
        index = self.match.start() - count
        return self.tokens.words[index].lower() if index >= 0 else ""

    def before_as_written(self) -> str:
        """The word before the span as written; empty at the paragraph's start."""
        index = self.match.start() - 1
        return self.tokens.words[index] if index >= 0 else ""

    def after(self, count: int = 1) -> str:
        """The word `count` tokens after the span as written; empty at the paragraph's end."""
        index = self.match.end() + count - 1
        return self.tokens.words[index] if index < len(self.tokens.words) else ""

    def spelt(self, name: str) -> int:
        """The number that a group spells: "twenty-four", "a hundred thirty", "1,500"; 0 for none."""
        if not self.has(name):
            return 0
        first, last = self.match.span(name)
        if first + 1 < last and self.tokens.classes[first] == "A":
            first += 1
        counted = [n for n in range(first, last) if self.tokens.classes[n] in "And%zY"]
        return spelt([int(self.tokens.value(n)) for n in counted])

    def spelt_year(self, name: str) -> int:
        """A year in figures, as '98, or said ("nineteen ninety-six", "two thousand"); 0 for none."""
        classes = self.classes(name)
        if classes[:1] in ("Y", "y"):
            value = self.number(name)
            return value if classes[0] == "Y" else value + (2000 if value < 50 else 1900)
        first, last = self.match.span(name) if self.has(name) else (0, 0)
        parts = [int(self.tokens.value(n)) for n in range(first, last) if self.tokens.classes[n] in "n%"]
        if len(parts) >= 2 and parts[0] in (18, 19, 20) and 10 <= sum(parts[1:]) < 100:
            return parts[0] * 100 + sum(parts[1:])
        total = spelt(parts)
        return total if 1000 in parts and 2000 <= total < 2100 else 0

    def _value(self, name: str) -> int | str:
        return self.tokens.value(self.match.start(name)) if self.has(name) else 0


def spelt(parts: list[int]) -> int:
    """Add up the parts of a number as English says them: 2, 100, 30 is 230."""
    total = current = 0
    for part in parts:
        if part == 1000:
            total, current = total + max(current, 1) * part, 0
        elif part in (100, 12) and current:
            current *= part
        else:
            current += part
    return total + current
