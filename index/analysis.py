"""Which words does a text hold? One tokenizer for indexing, queries and snippets.

Two forms of every word are indexed: the exact one (folded: no case, accents or
apostrophes) and its stem. No word is left out, so that a phrase means exactly
its words; the query side leaves out the commonest instead.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Any

import Stemmer
from whoosh.analysis import Token, Tokenizer

# Accents that stand apart from their letter, and vowel signs; `re` has no class for them.
_MARKS = "".join(chr(c) for c in range(0x300, 0x3100) if unicodedata.category(chr(c)) in ("Mn", "Mc"))

# A dotted acronym; or digits with inner separators; or letters and digits with inner
# apostrophes, ending early where an acronym is glued on ("RussianU.S."). The
# branches start differently and none can match empty, so matching stays linear.
_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?"
    r"|\d++(?:[.,]\d++)*+(?![^\W_])"
    rf"|[^\W_](?:(?!(?<=[a-z])(?:[A-Z]\.){{2}})[^\W_]|['’](?=[^\W_])|[{_MARKS}])*"
)
# Where no acronym is glued on, which is nearly everywhere, the same without a look ahead at
# each letter; and with plain sets of letters, which match faster, where all is ASCII.
_GLUED_ACRONYM = re.compile(r"\.(?<=[a-z][A-Z]\.)[A-Z]\.")  # begins with a letter that is found fast
_PLAIN_TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}(?:[^\W\d_](?!\w))?"
    r"|\d++(?:[.,]\d++)*+(?![^\W_])"
    rf"|[^\W_]++(?:[^\W_]++|['’](?=[^\W_])|[{_MARKS}]++)*+"
)
_ASCII_TOKEN = re.compile(
    r"[A-Za-z]{2}[0-9A-Za-z]*+(?:'[0-9A-Za-z]++)*+"
    r"|(?:[A-Za-z]\.){2,}(?:[A-Za-z](?![0-9A-Za-z_]))?"
    r"|[0-9]++(?:[.,][0-9]++)*+(?![0-9A-Za-z])"
    r"|[0-9A-Za-z]++(?:'[0-9A-Za-z]++)*+"
)
_POSSESSIVE = re.compile(r"['’]s$", re.IGNORECASE)
_GLUED = re.compile(r"(?<=[^\W\d_A-Z])(?=[A-Z])")
_MIN_GLUED = 3  # "McDonald" and "iPhone" are not glued words

# Acronyms that are also everyday words when written small. "US" and "U.S." get a form of
# their own beside the plain one, so that a query in capitals leaves the pronoun out.
_AMBIGUOUS = {"us": "u.s", "it": "i.t", "who": "w.h.o", "is": "i.s", "aids": "a.i.d.s"}

# The words that say least; in a query beside other words they are not searched for.
STOP_WORDS = frozenset(
    "a an and are as at be been but by for from had has have he her his i if in into is it its of on or our "
    "she that the their them they this to was we were what when which will with you your".split()
)

_LONGEST = 64  # characters of a term; what is longer is a checksum or an attack, not a word

_stemmer = Stemmer.Stemmer("english")
_stemmer.maxCacheSize = 0


def fold(word: str) -> str:
    """The word without case, accents, apostrophes and a possessive ending, cut at 64 characters."""
    word = _POSSESSIVE.sub("", word[:_LONGEST])
    if word.isascii():
        return word.lower().replace("'", "")
    decomposed = unicodedata.normalize("NFKD", unicodedata.normalize("NFKD", word).casefold())
    kept = "".join(c for c in decomposed if not unicodedata.combining(c))
    return "".join(kept.replace("'", "").replace("’", "").split())


@lru_cache(maxsize=200_000)
def forms(surface: str) -> tuple[str, ...]:
    """Exact forms under which a word of a text is found.

    Args:
        surface: a token as it stands in the text.

    Returns:
        The whole word first, then its parts where two words are glued together,
        then an acronym's unambiguous form ("u.s"). All share one position.
    """
    if surface.isalnum() and surface.isascii() and len(surface) <= _LONGEST:
        small = surface.lower()
        if surface[1:] == small[1:]:  # nothing glued, no acronym: most words
            return (small,)
    if "." in surface and not surface[0].isdigit():
        joined = fold(surface.replace(".", ""))
        return (joined, _AMBIGUOUS[joined]) if joined in _AMBIGUOUS else (joined,)
    if surface[0].isdigit() and "," in surface:
        return (surface.replace(",", ""),)
    whole = fold(surface)
    if whole in _AMBIGUOUS and surface.isupper():
        return (whole, _AMBIGUOUS[whole])
    parts = [p for p in _GLUED.split(surface) if p] if not surface.isupper() else []
    if len(parts) < 2 or any(len(p) < _MIN_GLUED for p in parts):
        return (whole,)
    return (whole, *(fold(p) for p in parts))


@lru_cache(maxsize=200_000)
def query_form(surface: str) -> str:
    """The one exact form that a word of a query asks for."""
    found = forms(surface)
    if found[-1] in _AMBIGUOUS.values():
        return found[-1]
    return found[0]


@lru_cache(maxsize=200_000)
def stem(form: str) -> str:
    """Snowball's English stem of an exact form."""
    return str(_stemmer.stemWord(form))


def stems(found: Sequence[str]) -> list[str]:
    """Stems of many exact forms, at once."""
    return [str(s) for s in _stemmer.stemWords(list(found))]


def tokens(text: str) -> Iterator[tuple[int, int, str]]:
    """Words of a text as (start, end, surface), spans in characters."""
    for match in words_of(text):
        yield match.start(), match.end(), match.group()


def words_of(text: str, start: int = 0, end: int | None = None) -> Iterator[re.Match[str]]:
    """Words of a text as the matches of a pattern.

    Args:
        text: all of it, which decides on the pattern.
        start: where to begin, at the beginning of a word or between words.
        end: where to stop, likewise.
    """
    return _pattern(text).finditer(text, start, len(text) if end is None else end)


def surfaces(text: str) -> list[str]:
    """Words of a text as they stand there, as `tokens` finds them."""
    return _pattern(text).findall(text)


def _pattern(text: str) -> re.Pattern[str]:
    """The fastest pattern that finds the words of a text."""
    if _GLUED_ACRONYM.search(text):
        return _TOKEN
    return _ASCII_TOKEN if text.isascii() else _PLAIN_TOKEN


class NewsTokenizer(Tokenizer):  # type: ignore[misc,unused-ignore]
    """The tokenizer as Whoosh calls it.

    Attributes:
        stemmed: whether it yields stems or exact forms.
    """

    def __init__(self, *, stemmed: bool) -> None:
        self.stemmed = stemmed

    def __call__(
        self, value: str, positions: bool = False, chars: bool = False, **kwargs: Any
    ) -> Iterator[Token]:
        """Yield one reused Token a form, as Whoosh's own tokenizers do."""
        token = Token(positions, chars, **{k: v for k, v in kwargs.items() if k in ("removestops", "mode")})
        for position, (start, end, surface) in enumerate(tokens(value)):
            for form in forms(surface):
                token.text = token.original = stem(form) if self.stemmed else form
                token.boost = 1.0
                token.stopped = False
                if positions:
                    token.pos = position
                if chars:
                    token.startchar, token.endchar = start, end
                yield token
