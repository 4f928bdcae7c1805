"""How names of people are compared: their parts, accents, spellings, short forms."""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import lru_cache

from index.entities import tables

_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "junior", "senior", "jnr", "snr"})
_NOT_DECOMPOSED = str.maketrans("łŁøØəƏ", "lLoOaA")
_NICKNAME = re.compile(r"[ \t]?[“\"][^“”\"]{1,30}[”\"](?=[ \t])")


@lru_cache(maxsize=65536)
def bare(word: str) -> str:
    """A word for comparison: no accents, stops or apostrophes, lower case."""
    plain = unicodedata.normalize("NFKD", word.translate(_NOT_DECOMPOSED))
    return re.sub(r"[.,'’`]", "", "".join(c for c in plain if not unicodedata.combining(c))).casefold()


@dataclass(frozen=True, slots=True)
class Parts:
    """A person's name in pieces, each `bare`; `suffix` is Jr, II and the like, or empty."""

    words: tuple[str, ...]
    suffix: str

    @property
    def first(self) -> str:
        """The given name or its initial."""
        return self.words[0]

    @property
    def last(self) -> str:
        """The last word of the surname."""
        return self.words[-1]


@lru_cache(maxsize=65536)
def parts(name: str) -> Parts:
    """Take a name apart; initials written together (`J.F.`) come apart too."""
    words = re.sub(r"(?<=\b[A-Z]\.)(?=[A-Z])", " ", without_nickname(name)).split()
    words = [bare(word) for word in words]
    words = [word for word in words if word] or [name.casefold()]
    suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else ""
    suffix = {"junior": "jr", "senior": "sr", "jnr": "jr", "snr": "sr"}.get(suffix, suffix)
    if len(words) > 2 and words[-2] in ("al", "el"):
        words[-2:] = [f"{words[-2]}-{words[-1]}"]
    return Parts(tuple(words), suffix)


def without_nickname(name: str) -> str:
    """`Robert “Bobby” Kessler` without what stands in quotes."""
    return _NICKNAME.sub("", name)


def same_person(one: str, other: str) -> bool:
    """Whether two full names can be one person's.

    Args:
        one: two words or more.
        other: the same.

    Returns:
        True when surname and suffix agree and given names do, are initials of
        each other, or short forms of each other.
    """
    a, b = parts(one), parts(other)
    # John F. Kennedy is not the Junior: where an article has both forms they are father and son.
    if a.suffix != b.suffix:
        return False
    if a.words == b.words:
        return True
    if a.last != b.last:
        return a.words[:-1] == b.words[:-1] and len(a.first) > 1 and of_surname(a.last) == of_surname(b.last)
    return _given_names_agree(a.words[:-1], b.words[:-1])


@lru_cache(maxsize=65536)
def spelt(word: str) -> str:
    """One spelling for what scripts other than Latin are spelt as: Tareq and Tariq, Gaddafi and Qadhafi.

    Args:
        word: `bare`, a surname or a given name.

    Returns:
        A key that such spellings share; the word itself where it is too short to tell.
    """
    if len(word) < _SHORTEST_SPELT:
        return word
    for many, one in _SPELLINGS:
        word = word.replace(many, one)
    return re.sub(r"(.)\1+", r"\1", word)


def of_surname(word: str) -> str:
    """The key by which surnames that may be one are found: of Gaddafi and Qadhafi."""
    key = spelt(word)
    return "k" + key[1:] if key.startswith("g") and key != word else key


_SHORTEST_SPELT = 5
_SPELLINGS = (
    ("sch", "sh"), ("tch", "ch"), ("kh", "h"), ("dh", "d"), ("gh", "g"), ("ph", "f"), ("q", "k"), ("w", "v"),
    ("x", "ks"), ("ck", "k"), ("ou", "u"), ("oe", "o"), ("ue", "u"), ("ei", "i"), ("ey", "i"), ("ii", "i"),
    ("y", "i"), ("j", "i"), ("e", "i"), ("ii", "i"),
)  # fmt: skip


def _given_names_agree(one: tuple[str, ...], other: tuple[str, ...]) -> bool:
    if not one or not other:
        return False
    if not _same_given(one[0], other[0]):
        return False
    middle, others = one[1:], other[1:]
    if not middle or not others:
        return True
    return len(middle) == len(others) and all(_same_given(x, y) for x, y in zip(middle, others, strict=True))


def _same_given(one: str, other: str) -> bool:
    if one == other or other in tables.nicknames().get(one, ()):
        return True
    if min(len(one), len(other)) == 1:
        return one[0] == other[0]
    if "-" in one and "-" in other:
        halves, others = one.split("-"), other.split("-")
        return len(halves) == len(others) and all(map(_same_given, halves, others))
    return spelt(one) == spelt(other)
