"""Raw names become candidates: clean spans of one paragraph with the kind the model gave them."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Literal

from index.entities import tables
from index.entities.casing import in_title_case
from index.entities.names import RawName
from index.entities.tables import folded
from index.model import EntityKind

KINDS: dict[str, EntityKind] = {
    "PERSON": "person",
    "PER": "person",
    "ORG": "org",
    "GPE": "place",
    "LOC": "place",
    "FAC": "place",
}
LONGEST_NAME = 80
CALENDAR = frozenset(
    "monday tuesday wednesday thursday friday saturday sunday january february march april may june "
    "july august september october november december jan feb mar apr jun jul aug sept sep oct nov "
    "dec mon tue tues wed thu thurs fri sat sun today yesterday tomorrow easter christmas hogmanay "
    "thanksgiving halloween ides nineties eighties seventies sixties fifties forties thirties "
    "twenties".split()
)
_EDGES = " \t,;:.!?\"'`“”‘’«»()[]{}<>|/\\*#_=+~^-–—"
_TAIL = re.compile(r"(?:\s?['’`]s|['’])$")
_GLUED = re.compile(r"(?<=[a-z])(?=(?:[A-Z]\.){2})")
_CAPTION_GLUED = re.compile(r"(?<=[a-z]{3})(?=(?:The|A|An|In|On|At|It|He|She|They)(?:\s|$))")
_HEAD = re.compile(r"(?:the|an?)\s+", re.IGNORECASE)
_SUFFIX = re.compile(
    r",?[ \t](?:junior|senior|[JS]nr\.?)(?=[,;.)]|[ \t](?:and|was|is|who|did|has)\b|[ \t]?$)"
)
_AND = re.compile(r"\s?,\s|\s(?:and|&)\s")
_WORD = re.compile(r"\S+")
_ABBREVIATION = re.compile(
    r"(?:\b[A-Z]\.)+$|\b(?:Inc|Corp|Co|Ltd|Jr|Sr|Bros|St|Calif|Mass|Conn|Pa|Va|Md|Ill)\.$"
)
_BETWEEN = re.compile(
    r"\n|\s(?:vs?|V|VS|AT)\.?\s|\r|\t|\s{3,}|[;:|]\s|\s[-–—]{1,2}\s|\.\.+|\s?\((?![^()]{0,40}\))\s?|\s/\s|[\"“”]"
)
_JOINING = frozenset(
    {"of", "and", "for", "to", "the", "affairs", "a", "an", "no", "number", "first", "second", "third"}
)


Finder = Literal["model", "table", "pattern", "again", "given"]


@dataclass(frozen=True, slots=True)
class Candidate:
    """A span that may be a name.

    Attributes:
        paragraph: its number in the article.
        start: of the span.
        end: of the span.
        text: the words themselves.
        kind: what its finder takes it for.
        weight: how much its finder is to be believed; the model's word is 1.
        by: who found it: the model, a table of known names, a pattern of its line, `again`
            where the article has it elsewhere, or `given`: the document's editors.
    """

    paragraph: int
    start: int
    end: int
    text: str
    kind: EntityKind
    weight: float = 1.0
    by: Finder = "model"

    @property
    def key(self) -> str:
        """The form by which equal names are found."""
        return folded(self.text)


def from_model(number: int, text: str, names: Sequence[RawName]) -> Iterator[Candidate]:
    """Clean what the model found in one paragraph.

    Args:
        number: of the paragraph.
        text: of the paragraph.
        names: raw spans in any order; those that lie outside the text are cut.

    Yields:
        Candidates that pass every filter, in the order of the names.
    """
    for name in names:
        kind = KINDS.get(name.label)
        if kind is None:
            continue
        for start, end in _parts(text, max(name.start, 0), min(name.end, len(text)), kind):
            span = _with_suffix(text, tidy(text, start, end, kind), kind)
            if span is not None and is_name(text[span[0] : span[1]]):
                yield Candidate(number, *span, text[slice(*span)], kind)


def _with_suffix(text: str, span: tuple[int, int] | None, kind: EntityKind) -> tuple[int, int] | None:
    """Take in the `junior` or `Snr` behind a person's name."""
    suffix = _SUFFIX.match(text, span[1]) if span and kind == "person" and " " in text[slice(*span)] else None
    return (span[0], suffix.end()) if span and suffix else span


def _parts(text: str, start: int, end: int, kind: EntityKind) -> Iterator[tuple[int, int]]:
    at = start
    for gap in _BETWEEN.finditer(text, start, max(start, end)):
        yield from _at_commas(text, at, gap.start(), kind)
        at = gap.end()
    yield from _at_commas(text, at, end, kind)


def _at_commas(text: str, start: int, end: int, kind: EntityKind) -> Iterator[tuple[int, int]]:
    """A person's name holds no comma: `State, John Kerry` are two things."""
    if kind == "person":
        for comma in _AND.finditer(text, start, max(start, end)):
            yield start, comma.start()
            start = comma.end()
    if start < end:
        yield start, end


def tidy(text: str, start: int, end: int, kind: EntityKind) -> tuple[int, int] | None:
    """Trim quotes, articles, possessives, titles and offices from a span; None when nothing is left."""
    start, end = _strip(text, start, end)
    start, end = _strip(text, *_unglued(text, start, end))
    start, end = _strip(text, start, end - len(_tail(text[start:end])))
    head = _HEAD.match(text, start, end)
    if head is not None:
        start = head.end()
    words = [(m.start(), m.end()) for m in _WORD.finditer(text, start, end)]
    first = _leading(text, words, kind)
    last = _trailing(text, words, first, kind)
    if first >= last:
        return None
    start, end = _strip(text, words[first][0], words[last - 1][1])
    return (start, end) if start < end else None


def _unglued(text: str, start: int, end: int) -> tuple[int, int]:
    """`SwedishU.S.` names what is glued on, `OsloThe mayor` what stands before; `U.S.-Kenyan` the country."""
    glue = _GLUED.search(text, start, end)
    if glue is not None:
        start = glue.start()
    caption = _CAPTION_GLUED.search(text, start, end)
    if caption is not None:
        end = caption.start()
    head, hyphen, adjective = text[start:end].partition("-")
    return (start, start + len(head)) if hyphen and adjective in tables.demonyms() else (start, end)


def _tail(name: str) -> str:
    match = _TAIL.search(name)
    return match.group() if match else ""


def _strip(text: str, start: int, end: int) -> tuple[int, int]:
    while start < end and (text[start] in _EDGES or text[start].isspace()):
        start += 1
    while start < end and (text[end - 1] in _EDGES or text[end - 1].isspace()):
        if text[end - 1] == "." and _ABBREVIATION.search(text, start, end):
            break
        end -= 1
    if text.count(")", start, end) < text.count("(", start, end) and end < len(text) and text[end] == ")":
        end += 1
    return start, end


def _leading(text: str, words: list[tuple[int, int]], kind: EntityKind) -> int:
    """How many words at the head are no part of the name."""
    first = 0
    while first < len(words):
        word = text[slice(*words[first])]
        bare = word.lower().rstrip(".,")
        rest = len(words) - first
        named = rest > 1 and text[slice(*words[first + 1])].lower() in tables.first_names()
        if kind == "person":
            skip = bare in tables.roles() or word in tables.demonyms() or word in tables.countries()
            skip |= named and bare in tables.ordinary_words() and bare != "mother"
            skip &= rest == 1 or bare not in tables.first_names()
        else:
            skip = rest > 1 and (word in _PREFIXES or (word[:1].islower() and bare in _JOINING))
            skip |= rest > 1 and word.isupper() and bare in _WHERE
            skip |= kind == "org" and named and (bare in tables.roles() or word in tables.demonyms())
        if not skip:
            break
        first += 1
    return first


_WHERE = frozenset("across near outside around throughout".split())
_PREFIXES = frozenset({"U.S.", "US", "U.K.", "UK"})
_EVENTS = frozenset(
    "open masters cup championship championships prix games tour olympics trophy olympic classic "
    "marathon shield bowl derby day war gmt era rbi extras total schedule century".split()
)
_SAYERS = frozenset(
    "spokesman spokeswoman spokesperson spokesmen official officials president secretary chief "
    "chairman chairwoman director minister leader leaders analyst editor reporter correspondent "
    "coach manager captain ceo cfo coo".split()
)


def _trailing(text: str, words: list[tuple[int, int]], first: int, kind: EntityKind) -> int:
    """Where the words at the tail begin that are no part of the name."""
    last = _before_verb(text, words, first)
    while last > first:
        word = text[slice(*words[last - 1])]
        bare = folded(word).strip(_EDGES)
        sayer = bare in _SAYERS and (kind != "person" or last - first > 1)
        number = last - first > 1 and word[0].isdigit() and not (set(folded(word)) & set("abcdefgh"))
        if number and folded(text[slice(*words[last - 2])]) in _NUMBERED:
            break
        month = kind != "person" and last - first > 1 and bare in _MONTHS
        if not sayer and not number and not month and not word.islower():
            break
        last -= 1
    return last


_MONTHS = frozenset("jan feb mar apr may june july aug sept sep oct nov dec".split())
_NUMBERED = frozenset({"channel", "radio", "area", "bbc", "studio", "group", "formula"})


def _before_verb(text: str, words: list[tuple[int, int]], first: int) -> int:
    """In a headline a name ends before the verb, which has a capital too."""
    if len(words) - first > 1 and in_title_case(text):
        for i in range(first + 1, len(words)):
            word = text[slice(*words[i])].lower()
            enough = i - first > 1 or word.endswith(("s", "ed"))
            enough = enough and word not in tables.organisation_words()
            if enough and word in tables.ordinary_words() and not text[slice(*words[i - 1])].endswith("."):
                return i
    return len(words)


_NO_NAMES = frozenset(
    "state;secretary of state;i;mr;west;attendance;halftime;half-time;scorers;scorer;tries;penalties;"
    "drawn;draw;qualifier;note;notes;celsius;fahrenheit;opener;teenager;unseeded;research alert;"
    "result;results;standings;soccer;football;cricket;rugby;rugby union;rugby league;baseball;"
    "basketball;tennis;golf;cycling;rallying;motor racing;motorcycling;boxing;swimming;skiing;squash;"
    "badminton;hockey;ice hockey;volleyball;horse racing;rowing;sailing;grand slam;god;allah;"
    "dividend;revs;shr;net;eps;pct;mln;bln;parliament;feature;interview;update;correction;advisory;"
    "weather;newsroom;newsdesk;turnout;recount;covid;covid-19;gdp;g.d.p.;mm;dd;yy;yyyy".split(";")
)
_QUARTERS = frozenset(
    {"north", "south", "east", "west", "s.", "n.", "northern", "southern", "eastern", "western", "non"}
)
_PEOPLES = frozenset(
    "kurd kurds kurdish tamil tamils sinhalese hutu hutus tutsi tutsis sikh sikhs moslem moslems "
    "muslim muslims christian christians catholic catholics protestant protestants jewish jew jews "
    "hindu hindus buddhist buddhists arab arabs arabic islamic islamist islamists sunni sunnis shiite "
    "shiites shia orthodox bosniak bosniaks aussie aussies latino latinos hispanic hispanics african "
    "africans asian asians western westerners caucasian slavic serb serbs croat croats chechen "
    "chechens zulu zulus xhosa pashtun pashtuns roma gypsy gypsies inuit maori basque basques catalan "
    "catalans flemish walloon walloons communist communists socialist socialists marxist marxists "
    "maoist maoists nazi nazis leftist leftists republican republicans democrat democrats conservative "
    "conservatives liberal liberals".split()
)


_FIRST_HALVES = frozenset({"Sri", "New", "Hong", "San", "Sierra", "Puerto", "Costa", "El", "Saudi"})


def _is_adjective(name: str) -> bool:
    """Whether a name is the word for a people, a faith or a conviction and no more: `Sri Lankan`, `Kurds`."""
    words = name.split()
    if len(words) > 1 and words[0] in _FIRST_HALVES:
        words = words[1:]
    return all(
        word in tables.demonyms() or word.lower() in _PEOPLES or word.lower() in _QUARTERS for word in words
    ) and not all(word.lower() in _QUARTERS for word in words)


def is_name(name: str) -> bool:
    """Whether a cleaned string may be a name at all."""
    if not name or len(name) > LONGEST_NAME or not any(map(str.isupper, name)):
        return False
    if sum(map(str.isalpha, name)) < max(2, len(name) / 2) or "@" in name or "://" in name:
        return False
    if name in tables.organisations():
        return True
    key = folded(name)
    if key.split()[-1] in _EVENTS or key.rstrip(".") in CALENDAR or key in _NO_NAMES or _is_adjective(name):
        return False
    return not all(word in tables.roles() or word in _JOINING for word in key.replace(".", "").split())
