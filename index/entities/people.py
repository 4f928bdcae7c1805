"""Which names of an article are one person."""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.reasons import How, Joined
from index.entities.spelling import of_surname, parts, same_person

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
_WORD_BEFORE = re.compile(r"([^\W\d_]+)\.?,?[ \t]{1,3}$")
_ELDER = re.compile(r"\b(elder|older|younger)[ \t]{1,3}(?:(?:Mr|Mrs|Ms|Dr)\.?[ \t]{1,3})?$")
_OF_MEN = frozenset(
    "mr sir lord husband widower son brother father nephew uncle grandson grandfather stepson".split()
)
_OF_WOMEN = frozenset(
    "mrs ms miss lady dame madam wife widow daughter sister mother niece aunt granddaughter grandmother "
    "stepdaughter".split()
)
_SAME_TITLE = {
    "rep": "representative",
    "sen": "senator",
    "gov": "governor",
    "gen": "general",
    "prof": "professor",
    "capt": "captain",
    "col": "colonel",
    "pres": "president",
    "doctor": "dr",
}
_PARTICLES = frozenset("de da di du van von der den del della dos ten ter".split())


@dataclass(slots=True, eq=False)
class Person:
    """One person of an article.

    Attributes:
        names: full names and how often each stands in it.
        first_in: paragraph in which each stands first.
        places: paragraph and place of each mention by full name.
        relative: whether named as another's wife, son and the like.
        before: the words before the full name, titles spelt out: `senator`, `husband`.
    """

    names: dict[str, int] = field(default_factory=dict)
    first_in: dict[str, int] = field(default_factory=dict)
    places: list[tuple[int, int]] = field(default_factory=list)
    relative: bool = False
    before: set[str] = field(default_factory=set)

    def add(self, candidate: Candidate) -> None:
        """Count a mention by full name."""
        self.names[candidate.text] = self.names.get(candidate.text, 0) + 1
        self.first_in.setdefault(candidate.text, candidate.paragraph)
        self.places.append((candidate.paragraph, candidate.start))

    def last_before(self, here: tuple[int, int]) -> tuple[int, int] | None:
        """The last mention by full name before a point of the article; `places` must be in order."""
        i = bisect_left(self.places, here)
        return self.places[i - 1] if i else None

    def paragraph_near(self, here: tuple[int, int]) -> int:
        """The paragraph of the last mention by full name before a point, else of the first one after it."""
        return (self.last_before(here) or self.places[0])[0]

    @property
    def display(self) -> str:
        """The form to show: no initial for a first name, not in capitals, most used, longest, earliest."""
        order = {name: i for i, name in enumerate(self.names)}
        return max(
            order,
            key=lambda n: (len(parts(n).first) > 1, not n.isupper(), self.names[n], len(n), -order[n]),
        )


def gather(mentions: Sequence[Candidate], paragraphs: Sequence[str] = ()) -> dict[Candidate, Joined]:
    """Give every mention of a person its display name, and say why.

    Args:
        mentions: of people in one article, in order, no two alike.
        paragraphs: of the article, which tell who is whose wife or son.

    Returns:
        From each mention to the name of the person that it is.
    """
    full = [m for m in mentions if len(parts(m.text).words) > 1]
    endings = {parts(m.text).words[i:] for m in full for i in range(1, len(parts(m.text).words))}
    # The de Silva of W. de Silva is no full name of its own.
    full = [m for m in full if parts(m.text).first not in _PARTICLES or parts(m.text).words not in endings]
    owner = _join_full_names(full)
    short = [m for m in mentions if m not in owner]
    people = _unique(list(owner.values()))
    relatives = {parts(m.text).first for m in mentions if paragraphs and _is_relative(m, paragraphs)}
    for mention, person in owner.items() if paragraphs else ():
        person.before.add(_word_before(mention, paragraphs[mention.paragraph]))
    for person in people:
        person.places.sort()
        person.relative = any(parts(name).first in relatives for name in person.names)
    called = {id(person): person.display for person in people}
    joined = {m: _by_full_name(m, person, called[id(person)]) for m, person in owner.items()}
    by_word = _by_word(people)
    for mention in short:
        whose, how = _whose(mention, by_word, paragraphs[mention.paragraph] if paragraphs else "")
        if whose is None:
            joined[mention] = Joined(mention.text, how)
        else:
            at = whose.paragraph_near((mention.paragraph, mention.start))
            joined[mention] = Joined(called[id(whose)], how, at)
    return joined


def _by_full_name(mention: Candidate, person: Person, display: str) -> Joined:
    if len(person.names) == 1 or mention.text == display:
        return Joined(display)
    return Joined(display, "form", person.first_in[display])


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
            others = by_last.setdefault(of_surname(parts(mention.text).last), [])
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
    """People by each string that can stand for a full name.

    Returns:
        A table by endings of names as they are, by first words with a star, by their short forms
        with a tilde: so `Tom` is Tom Bell where there is one, else Thomas Fell.
    """
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
        short = {nick for name in names for nick in tables.nicknames().get(name.first, ())}
        _note(table, [word + "~" for word in short], person)
    return table


def _note(table: dict[str, list[Person]], keys: Iterable[str], person: Person) -> None:
    for key in keys:
        namesakes = table.setdefault(key, [])
        if len(namesakes) <= _NAMESAKES and person not in namesakes:
            namesakes.append(person)


def _word_before(c: Candidate, text: str) -> str:
    """The word before a name, small and spelt out."""
    match = _WORD_BEFORE.search(text[max(0, c.start - _LOOK_BACK) : c.start])
    word = match.group(1).lower() if match else ""
    return _SAME_TITLE.get(word, word)


def _addressed(c: Candidate, text: str, people: list[Person]) -> list[Person]:
    """Those of several namesakes whom the words before a name can mean: `Mrs`, `Senator`, `the elder`.

    Args:
        c: a short name.
        text: its paragraph.
        people: who has it.

    Returns:
        Some of the people; all of them where the words do not tell.
    """
    elder = _ELDER.search(text[max(0, c.start - _LOOK_BACK) : c.start])
    if elder:
        suffix = {"younger": "jr"}.get(elder.group(1), "sr")
        suffixes = [{parts(name).suffix for name in person.names} for person in people]
        other = "" if suffix == "sr" and {"jr"} in suffixes else None
        fitting = [p for p, own in zip(people, suffixes, strict=True) if suffix in own or other in own]
        return fitting if len(fitting) == 1 else people
    word = _word_before(c, text)
    for own, others in ((_OF_MEN, _OF_WOMEN), (_OF_WOMEN, _OF_MEN)):
        if word in own:
            same = [p for p in people if p.before & own and not p.before & others]
            return same or [p for p in people if not p.before & others] or people
    if word not in tables.titles():
        return people
    return [p for p in people if word in p.before] or people


def _whose(mention: Candidate, by_word: dict[str, list[Person]], text: str) -> tuple[Person | None, How]:
    form = _ARTICLE.sub("", " ".join(parts(mention.text).words))
    how: How = "surname" if by_word.get(form) else "part"
    people = by_word.get(form) or by_word.get(form + "*") or by_word.get(form + "~", [])
    if len(people) > _NAMESAKES:
        return None, "shared"
    if not people:
        return None, "alone"
    if len(people) > 1 and text:
        addressed = _addressed(mention, text, people)
        if len(addressed) == 1:
            return addressed[0], "title"
        people = addressed
    # Whom an article names as somebody's wife or son it calls by the full name.
    people = [person for person in people if not person.relative] or people
    if len(people) == 1:
        return people[0], how
    here = (mention.paragraph, mention.start)
    before = [(at, i) for i, person in enumerate(people) if (at := person.last_before(here)) is not None]
    return (people[max(before)[1]], "nearest") if before else (None, "shared")
