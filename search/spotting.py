"""Where in a text do the words of a query stand?

Comparing every word of a text takes longer than matching a million paragraphs. So a text is
first searched for the letters that such words begin with, and only the words around what was
found are compared, and those that may be written otherwise than their letters tell (dotted
acronyms, inner apostrophes). In a text that is not ASCII, all are.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain, islice

from index.analysis import forms, stem, words_of

Span = tuple[int, int]
Word = tuple[int, int, tuple[str, ...]]
Phrase = tuple[tuple[str, ...], int, bool]

_MOST_BEGINNINGS = 40  # to look for one by one; the words that a pattern stands for may be hundreds

# Written so, a word's form is not in the text letter by letter: "U.S.", "o'clock"; "Iran's" is harmless.
_DOTTED = re.compile(r"\.(?<=[A-Za-z]\.)[A-Za-z]\.")
_APOSTROPHE = re.compile(r"'(?<=[0-9A-Za-z]')(?=[0-9A-Za-z])(?![sS](?![0-9A-Za-z']))")


def beginnings(stemmed: str) -> tuple[str, ...]:
    """Letters of which one set begins every ASCII word that has a stem.

    Snowball's English stemmer (snowballstem.org/algorithms/english/stemmer.html) ends words
    otherwise only where it writes i for y, adds an e, makes "bl" of "bilit", or "die" of "dying".
    """
    if len(stemmed) == 3 and stemmed.endswith("ie"):
        return stemmed[:2], stemmed[0] + "y"
    if len(stemmed) > 1 and stemmed[-1] in "eily":
        return (stemmed[:-1],)
    return (stemmed,)


@dataclass
class Wanted:
    """What a paragraph's words are compared with to mark them; complete when it is first asked.

    Attributes:
        stems: words whatever their ending.
        exact: words as written.
        phrases: (words, slop, whether they are stems) to be found in order.
    """

    stems: set[str] = field(default_factory=set)
    exact: set[str] = field(default_factory=set)
    phrases: list[Phrase] = field(default_factory=list)
    _seen: dict[str, str | None] = field(default_factory=dict)  # by surface, the word it answers

    @cached_property
    def begins(self) -> tuple[str, ...] | None:
        """Letters that begin every word wanted, none of which begins another; None for all words."""
        found = set(self.exact)
        for stemmed in self.stems:
            found.update(beginnings(stemmed))
        for words, _, by_stem in self.phrases:
            found.update(beginnings(words[0]) if by_stem else words[:1])
        if not all(b.isascii() and b.isalpha() for b in found):
            return None
        kept: list[str] = []
        for letters in sorted(found):
            if not kept or not letters.startswith(kept[-1]):
                kept.append(letters)
        return tuple(kept) if len(kept) <= _MOST_BEGINNINGS else None

    def answers(self, surface: str) -> str | None:
        """The single word of the query that a word of a text answers, or None."""
        if surface not in self._seen:
            self._seen[surface] = self._single(forms(surface))
        return self._seen[surface]

    def _single(self, word_forms: Sequence[str]) -> str | None:
        for form in word_forms:
            if form in self.exact:
                return form
            stemmed = stem(form)
            if stemmed in self.stems:
                return stemmed
        return None


def find_marks(text: str, wanted: Wanted) -> list[tuple[Span, str]]:
    """Spans to mark, in order and apart, each with the word or phrase of the query it answers."""
    if not (wanted.stems or wanted.exact or wanted.phrases):
        return []
    found: list[tuple[Span, str]] = []
    for match in _candidates(text, wanted):
        surface = match.group()
        key = wanted.answers(surface)
        if key is not None:
            found.append((match.span(), key))
        for phrase in wanted.phrases:
            found += _phrase_at(text, match.start(), surface, phrase)
    return _apart(found)


def _candidates(text: str, wanted: Wanted) -> Iterator[re.Match[str]]:
    """Words among which are all that are wanted, in order."""
    if wanted.begins is None or not text.isascii():
        return words_of(text)
    return chain.from_iterable([words_of(text, a, b) for a, b in _stretches(text, wanted.begins)])


def _stretches(text: str, begins: Sequence[str]) -> list[Span]:
    """Stretches between spaces that may hold a wanted word, in order; no word goes across a space."""
    lowered = text.lower()
    found: set[Span] = set()
    for letters in begins:
        at = lowered.find(letters)
        while at >= 0:
            stretch = _between_spaces(text, at)
            found.add(stretch)
            at = lowered.find(letters, stretch[1])
    for otherwise in (_DOTTED, _APOSTROPHE):
        match = otherwise.search(text)
        while match is not None:
            stretch = _between_spaces(text, match.start())
            found.add(stretch)
            match = otherwise.search(text, stretch[1])
    return sorted(found)


def _between_spaces(text: str, at: int) -> Span:
    end = text.find(" ", at)
    return text.rfind(" ", 0, at) + 1, len(text) if end < 0 else end


def _phrase_at(text: str, start: int, surface: str, phrase: Phrase) -> list[tuple[Span, str]]:
    """Spans of a phrase that begins with a word; with slop those of its words, since others stand between."""
    words, slop, stemmed = phrase
    if not _is(forms(surface), words[0], stemmed):
        return []
    # As many words as the phrase can reach over.
    ahead = islice(words_of(text, start), 1 + slop * (len(words) - 1))
    spans: list[tuple[Span, tuple[str, ...]]] = [(m.span(), forms(m.group())) for m in ahead]
    places = _places([f for _, f in spans], words, slop, stemmed)
    if places is None:
        return []
    key = " ".join(words)
    if places[-1] == len(words) - 1:
        return [((spans[0][0][0], spans[places[-1]][0][1]), key)]
    return [(spans[p][0], key) for p in places]


def _is(word_forms: Sequence[str], wanted: str, stemmed: bool) -> bool:
    return any(stem(f) == wanted for f in word_forms) if stemmed else wanted in word_forms


def _places(
    found: Sequence[Sequence[str]], words: Sequence[str], slop: int, stemmed: bool
) -> list[int] | None:
    """Which of some words, the first one included, are those of a phrase; each is the nearest."""
    places = [0]
    for word in words[1:]:
        within = range(places[-1] + 1, min(places[-1] + slop, len(found) - 1) + 1)
        place = next((p for p in within if _is(found[p], word, stemmed)), None)
        if place is None:
            return None
        places.append(place)
    return places


def _apart(found: list[tuple[Span, str]]) -> list[tuple[Span, str]]:
    """The spans in order, overlapping ones made one."""
    if len(found) < 2:
        return found
    out: list[tuple[Span, str]] = []
    for (start, end), key in sorted(found, key=lambda f: (f[0][0], -f[0][1])):
        if out and start < out[-1][0][1]:
            (a, b), first_key = out[-1]
            out[-1] = ((a, max(b, end)), first_key)
        else:
            out.append(((start, end), key))
    return out
