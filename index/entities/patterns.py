"""Names that the look of a line gives away: known places and organisations, datelines, bylines."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping

from index.entities import tables
from index.entities.candidates import Candidate, is_name
from index.entities.casing import shouts
from index.entities.tables import folded
from index.model import EntityKind

TOKEN = re.compile(
    r"(?:[^\W\d_]\.){2,}|(?:St|Mt|Ft)\.(?=\s)|[^\W\d_](?:[^\W_]|['’\-&.](?=[^\W\d_]))*\.?(?<![a-z]{4}\.)",
    re.UNICODE,
)
_WORD = r"[A-Z][\w'’.\-]{0,30}"
_PARTICLE = r"(?:(?:de|da|di|van|von|der|den|del|la|le|bin|al|el)[ \t])?"
_NAME = rf"(?<![\w.]){_WORD}(?:[ \t]{{1,3}}{_PARTICLE}{_WORD})"
_OF_COUNTRY = re.compile(
    rf"(?P<name>{_NAME}{{1,3}})[ \t]*\([ \t]*(?P<place>[A-Z][A-Za-z. ]{{1,25}}?)[ \t]*\)"
)
_MONTH = r"(?:Jan|Feb|Mar|Apr|May|Jun|Jul|Aug|Sept?|Oct|Nov|Dec)"
_DATELINE = re.compile(
    rf"(?P<place>[A-Z][A-Z.'’\- ]{{2,30}}?)(?:[ \t]*,[ \t]*[A-Z][A-Za-z. ]{{1,20}})?"
    rf"(?:[ \t]*,?[ \t]*(?:\d{{4}}-\d\d-\d\d|{_MONTH}[a-z]*\.?[ \t]+\d{{1,2}})"
    r"|[ \t]+\((?:Reuters|AP|AFP|UPI)\))"
)
_BYLINE = re.compile(
    rf"[ \t]*(?:By|BY)[ \t]+(?P<name>{_NAME}{{1,3}}?)(?=[ \t]*(?:$|[,|;(]|\band\b|\bin\b|\bof\b))",
    re.MULTILINE,
)
_FORMS_AT_MOST = 5

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


_EVENT = re.compile(
    r"(?:[ \t]['’]s)?[ \t](?:Open|OPEN|Masters|Cup|CUP|Grand Prix|GRAND PRIX|Championships?|Olympics?|"
    r"Games|Tour|Amateur|Classic)\b"
)


def before_event(text: str, end: int) -> bool:
    """Whether what ends here is part of an event's name: the `U.S.` of `U.S. Open`."""
    return _EVENT.match(text, end) is not None


def from_patterns(number: int, text: str) -> Iterator[Candidate]:
    """Candidates by the look of one paragraph."""
    dateline = _DATELINE.match(text)
    if dateline and is_name(dateline["place"].strip()):
        yield _candidate(number, text, dateline.start("place"), _end(dateline, "place"), "place", 3)
    byline = _BYLINE.match(text)
    if byline and is_name(byline["name"]):
        yield _candidate(number, text, byline.start("name"), byline.end("name"), "person", 3)
    if "(" in text:
        for match in _OF_COUNTRY.finditer(text):
            if match["place"] in tables.countries() and is_name(match["name"]):
                yield _candidate(number, text, match.start("name"), match.end("name"), "person", 2)


def _end(match: re.Match[str], group: str) -> int:
    return match.start(group) + len(match[group].rstrip())


def _candidate(number: int, text: str, start: int, end: int, kind: EntityKind, weight: float) -> Candidate:
    return Candidate(number, start, end, text[start:end], kind, weight)


def known(text: str, words: list[Token], table: Mapping[str, object], loud: bool) -> Iterator[Token]:
    """Longest forms of a table that stand alone in a text.

    Args:
        text: a paragraph.
        words: its `tokens`.
        table: keyed by forms as written, or by folded ones where `loud`.
        loud: whether the text is set in capitals.

    Yields:
        (start, end, key of the table) of each; none is part of a longer run of capitalised words.
    """
    i = 0
    while i < len(words):
        size, key = _longest(text, words, i, table, loud)
        if size and (loud or _alone(text, words, i, i + size)):
            yield words[i][0], words[i + size - 1][1], key
        i += max(size, 1)


def _longest(
    text: str, words: list[Token], i: int, table: Mapping[str, object], loud: bool
) -> tuple[int, str]:
    if not words[i][2][0].isupper():
        return 0, ""
    for size in range(min(_FORMS_AT_MOST, len(words) - i), 0, -1):
        start, end = words[i][0], words[i + size - 1][1]
        if end - start > 50:
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


def _lets_through(word: str) -> bool:
    small = word.lower()
    return (
        small in tables.ordinary_words()
        or word in tables.demonyms()
        or small in tables.roles()
        or word in tables.places()
        or small.rstrip(".") in tables.roles()
    )


def gazetteer(number: int, text: str) -> Iterator[Candidate]:
    """Places and organisations of the tables, wherever the model may have missed them."""
    words = tokens(text)
    loud = shouts(text)
    places = (
        tables.places_folded() | {"u.s.": "", "us": "", "uk": "", "u.k.": ""} if loud else tables.places()
    )
    orgs = tables.organisations_folded() if loud else tables.organisations()
    for start, end, _ in known(text, words, places, loud):
        if not (loud and text[start:end].lower() in tables.ordinary_words()):
            yield _candidate(number, text, start, end, "place", 2)
    for start, end, _ in known(text, words, orgs, loud):
        if not (loud and text[start:end].lower() in tables.ordinary_words()):
            yield _candidate(number, text, start, end, "org", 2)
