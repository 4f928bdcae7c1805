"""Which names of an article are one person."""

from __future__ import annotations

import re
import unicodedata
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache

from index.entities import tables
from index.entities.candidates import Candidate

_NAMESAKES = 50
"""More people of one surname in an article than this are a list, in which short names help nobody."""
_ARTICLE = re.compile(r"^(?:al|el|ul|ad|ar|as|at|az|an|ash)-(?=\w{3})")
_KIN = re.compile(
    r"\b(?:wife|husband|widow|widower|son|daughter|brother|sister|father|mother|nephew|niece|cousin|uncle|aunt|"
    r"grandson|granddaughter|grandfather|grandmother|fianc[eé]e?|stepson|stepdaughter|twin)"
    r"[ \t]{0,3},?[ \t]{0,3}$",
    re.IGNORECASE,
)
_LOOK_BACK = 24
_SUFFIXES = frozenset({"jr", "sr", "ii", "iii", "iv", "junior", "senior"})


@lru_cache(maxsize=65536)
def bare(word: str) -> str:
    """A word for comparison: no accents, stops or apostrophes, lower case."""
    plain = unicodedata.normalize(
        "NFKD", word.replace("ł", "l").replace("Ł", "L").replace("ø", "o").replace("Ø", "O")
    )
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
    words = [bare(word) for word in re.sub(r"(?<=\b[A-Z]\.)(?=[A-Z])", " ", name).split()]
    words = [word for word in words if word] or [name.casefold()]
    suffix = words.pop() if len(words) > 1 and words[-1] in _SUFFIXES else ""
    suffix = {"junior": "jr", "senior": "sr"}.get(suffix, suffix)
    return Parts(tuple(words), suffix)


@dataclass(slots=True, eq=False)
class Person:
    """One person of an article: full names, where they stand, and whether named as another's relative."""

    names: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, int]] = field(default_factory=list)
    relative: bool = False

    def add(self, candidate: Candidate) -> None:
        """Count a mention by full name."""
        self.names[candidate.text] = self.names.get(candidate.text, 0) + 1
        self.places.append((candidate.paragraph, candidate.start))

    def last_before(self, here: tuple[int, int]) -> tuple[int, int] | None:
        """The last mention by full name before a point of the article; `places` must be in order."""
        i = bisect_left(self.places, here)
        return self.places[i - 1] if i else None

    @property
    def display(self) -> str:
        """The form to show: no initial for a first name, not in capitals, most used, longest, earliest."""
        order = {name: i for i, name in enumerate(self.names)}
        return max(
            order,
            key=lambda n: (len(parts(n).first) > 1, not n.isupper(), self.names[n], len(n), -order[n]),
        )


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
        return (
            a.words[:-1] == b.words[:-1] and len(a.first) > 1 and _of_surname(a.last) == _of_surname(b.last)
        )
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


def _of_surname(word: str) -> str:
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


def gather(mentions: Sequence[Candidate], paragraphs: Sequence[str] = ()) -> dict[Candidate, str]:
    """Give every mention of a person its display name.

    Args:
        mentions: of people in one article, in order, no two alike.
        paragraphs: of the article, which tell who is whose wife or son.

    Returns:
        From each mention to the name of the person that it is.
    """
    full = [m for m in mentions if len(parts(m.text).words) > 1]
    owner = _join_full_names(full)
    short = [m for m in mentions if m not in owner]
    people = _unique(list(owner.values()))
    relatives = {parts(m.text).first for m in mentions if paragraphs and _is_relative(m, paragraphs)}
    for person in people:
        person.places.sort()
        person.relative = any(parts(name).first in relatives for name in person.names)
    called = {id(person): person.display for person in people}
    displays = {mention: called[id(person)] for mention, person in owner.items()}
    by_word = _by_word(people)
    for mention in short:
        whose = _whose(mention, by_word)
        displays[mention] = mention.text if whose is None else called[id(whose)]
    return displays


def _is_relative(c: Candidate, paragraphs: Sequence[str]) -> bool:
    return _KIN.search(paragraphs[c.paragraph][max(0, c.start - _LOOK_BACK) : c.start]) is not None


def _unique(people: list[Person]) -> list[Person]:
    return list({id(person): person for person in people}.values())


def _join_full_names(mentions: list[Candidate]) -> dict[Candidate, Person]:
    by_last: dict[str, list[Person]] = {}
    by_text: dict[str, Person] = {}
    owner: dict[Candidate, Person] = {}
    # Names spelt out come before initials, so that `J. Smith` sees every Smith it could be.
    for mention in sorted(mentions, key=lambda m: len(parts(m.text).first) == 1):
        person = by_text.get(mention.key)
        if person is None:
            others = by_last.setdefault(_of_surname(parts(mention.text).last), [])
            fitting = [
                p for p in others[-_NAMESAKES:] if all(same_person(mention.text, name) for name in p.names)
            ]
            person = fitting[0] if len(fitting) == 1 else Person()
            if len(fitting) != 1:
                others.append(person)
            by_text[mention.key] = person
        person.add(mention)
        owner[mention] = person
    return owner


def _by_word(people: list[Person]) -> dict[str, list[Person]]:
    """People by each string that can stand for a full name: its endings, then its first word."""
    table: dict[str, list[Person]] = {}
    for person in people:
        for words in {parts(name).words for name in person.names}:
            endings = [" ".join(words[i:]) for i in range(1, len(words))]
            _note(table, [*endings, *(_ARTICLE.sub("", ending) for ending in endings)], person)
    for person in people:
        names = [parts(name) for name in person.names]
        others = {name.first for name in names if len(name.first) > 1}
        # The Sanchez of Arantxa Sanchez Vicario; not the Paul of John Paul Jones.
        others |= {word for name in names for word in name.words[1:-1] if word not in tables.first_names()}
        _note(table, [word + "*" for word in others if word not in table], person)
    return table


def _note(table: dict[str, list[Person]], keys: Iterable[str], person: Person) -> None:
    for key in keys:
        namesakes = table.setdefault(key, [])
        if len(namesakes) <= _NAMESAKES and person not in namesakes:
            namesakes.append(person)


def _whose(mention: Candidate, by_word: dict[str, list[Person]]) -> Person | None:
    form = _ARTICLE.sub("", " ".join(parts(mention.text).words))
    people = by_word.get(form) or by_word.get(form + "*", [])
    if len(people) > _NAMESAKES:
        return None
    # Whom an article names as somebody's wife or son it calls by the full name.
    people = [person for person in people if not person.relative] or people
    if len(people) == 1:
        return people[0]
    here = (mention.paragraph, mention.start)
    before = [(at, i) for i, person in enumerate(people) if (at := person.last_before(here)) is not None]
    return people[max(before)[1]] if before else None
