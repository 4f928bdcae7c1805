"""What one query may cost; over it, the answer says what was cut."""

from __future__ import annotations

import time
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Limits:
    """Budgets of a query.

    Attributes:
        words: words and phrases of a query; what follows them is left out.
        depth: brackets inside brackets; deeper ones are ignored.
        expansion: terms that a prefix, wildcard or fuzzy word may stand for; the most
            frequent are kept.
        scanned: words of each segment looked at for one pattern.
        postings: paragraphs looked up for all words of a query, in millions. Over it, the
            last alternatives of an OR, the commonest words of an AND and the order of a phrase's
            words are not asked for.
        seconds: time after which nothing further is asked for.
    """

    words: int = 64
    depth: int = 8
    expansion: int = 256
    scanned: int = 1_000_000
    postings: float = 200.0
    seconds: float = 10.0


class Meter:
    """What one query has cost so far, over all segments."""

    def __init__(self, limits: Limits) -> None:
        self._left = int(limits.postings * 1e6)
        self._deadline = time.monotonic() + limits.seconds
        self.notes: list[str] = []

    def affords(self, postings: int) -> bool:
        """Whether so many postings may still be touched; counts them, and notes when not."""
        if postings > self._left:
            self._note("The query asks for too much at once; some of its words were left out.")
            return False
        self._left -= postings
        return not self.late()

    def late(self) -> bool:
        """Whether the time is over, which is noted; it stays over."""
        if time.monotonic() <= self._deadline:
            return False
        self._note("The query took too long; some of its words were left out.")
        return True

    def _note(self, text: str) -> None:
        if text not in self.notes:
            self.notes.append(text)
