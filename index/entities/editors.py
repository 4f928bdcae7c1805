"""Names that editors marked or listed: they win over whatever else is found.

A mark is a name of its kind with the editors' full name. A listed name makes what the text has of it (all
of it, a surname, an acronym) a name of its kind. The same words elsewhere in the article follow. An
identifier joins marks of one document; it does not make an entity of its own: every agency has codes of
its own, so that one person would be as many as there are senders, and two people of one name are told apart
by an editor's split, as everywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from index.entities import tables
from index.entities.candidates import CALENDAR, Candidate, tidy
from index.entities.casing import shouts
from index.entities.groups import initials, organisation_name, place_name, shown
from index.entities.lookup import Lexicon, known, tokens
from index.entities.reasons import Joined
from index.entities.spelling import bare, without_nickname
from index.entities.tables import folded
from index.model import EntityKind, GivenMark, GivenName

MARKED, LISTED = 1000.0, 100.0
_SHORTEST_ACRONYM = 3
_SUFFIXES = frozenset(("jr", "sr", "ii", "iii", "iv", "junior", "senior"))


@dataclass(frozen=True, slots=True)
class Told:
    """What editors said of the names of one article.

    Attributes:
        marks: for each paragraph those in it, in order and apart, spans in its text; none of a date.
        names: that they listed.
    """

    marks: Sequence[Sequence[GivenMark]]
    names: Sequence[GivenName]


def called(kind: EntityKind, name: str) -> str:
    """The name that an editor's name has everywhere: by the tables, without titles, in the order of speech.

    Args:
        kind: of the name.
        name: `Kerry, John F.`, `Secretary John Kerry`, `Oslo, Norway`, `Acme Inc`, as senders list names.

    Returns:
        `John F. Kerry`, `John Kerry`, `Oslo`, `Acme`. What is left of a name without these is never nothing.
    """
    name = " ".join(name.split())
    if kind == "place":
        return place_name(name.partition(",")[0].strip() or name, {}).name
    if kind == "org":
        return organisation_name(name)
    name = _in_order(name)
    span = tidy(name, 0, len(name), "person")
    return shown(without_nickname(name[slice(*span)] if span else name), {})


def _in_order(name: str) -> str:
    """A person's name with the given names before the surname, and without an office beside it."""
    head, comma, rest = (part.strip() for part in name.partition(","))
    if not comma or not head or not rest or bare(rest) in _SUFFIXES:
        return name
    if " " in head:
        # `John Kerry, Secretary of State`; but `World Agency's President, Ana Berg`.
        return rest if _office(head) and not _office(rest) else head
    words = rest.split("(")[0].split()
    if _office(head):
        return rest
    given = bool(words) and len(words) <= 3 and all(word[:1].isupper() for word in words)
    return f"{' '.join(words)} {head}" if given and not _office(rest) else head


def _office(text: str) -> bool:
    words = text.lower().replace("-", " ").replace(".", "").split()
    return any(word in tables.roles() or word in tables.titles() for word in words)


@dataclass(slots=True)
class Editors:
    """What editors said, made fit for one article.

    Attributes:
        told: as they said it.
        paragraphs: of the article.
        names: the listed names as they are called everywhere.
        full: from a mark's candidate to the name that its editors give it, where that is not its words.
        asked: from the kind and the key of each form that editors gave to the name that it is of.
        written: keys of their names that the article has in full.
        surnames: last words of listed people whose full names it does not have.
    """

    told: Told
    paragraphs: Sequence[str]
    names: list[tuple[EntityKind, str]] = field(default_factory=list)
    full: dict[Candidate, str] = field(default_factory=dict)
    asked: dict[tuple[EntityKind, str], str] = field(default_factory=dict)
    written: set[str] = field(default_factory=set)
    surnames: set[str] = field(default_factory=set)

    def __post_init__(self) -> None:
        names = [name for name in self.told.names if _letters(name.name)]
        listed = [(name.kind, called(name.kind, name.name)) for name in names]
        self.names = list(dict.fromkeys(listed))
        for name, (kind, display) in zip(names, listed, strict=True):
            self.asked.setdefault((kind, folded(name.name)), display)
            self.asked.setdefault((kind, folded(display)), display)

    def candidates(self) -> list[list[Candidate]]:
        """Every span of the article that is a name because editors say so, marks before listed names."""
        by_id = self._by_id()
        made = [list(self._marked(i, some, by_id)) for i, some in enumerate(self.told.marks)]
        forms = Lexicon(self._forms(made))
        folds = Lexicon({folded(form): kind for form, kind in forms.table.items() if " " in form})
        for number, text in enumerate(self.paragraphs):
            loud = shouts(text)
            here = folds if loud else forms
            more = (
                Candidate(number, start, end, text[start:end], here.table[key], LISTED, "given")
                for start, end, key in known(text, tokens(text), here, loud)
            )
            made[number] += _beside(more, made[number])
        return made

    def _by_id(self) -> dict[tuple[str, str], str]:
        """The fullest name of each identifier within the document."""
        names: dict[tuple[str, str], str] = {}
        for number, some in enumerate(self.told.marks):
            for mark in some:
                words = mark.name or self.paragraphs[number][mark.start : mark.end]
                if mark.kind != "date" and mark.id and _letters(words) and any(map(str.isupper, words)):
                    key = (mark.kind, mark.id)
                    names[key] = max(names.get(key, ""), called(mark.kind, words), key=len)
        listed = {
            (n.kind, n.id): called(n.kind, n.name) for n in self.told.names if n.id and _letters(n.name)
        }
        return names | listed

    def _marked(
        self, number: int, marks: Iterable[GivenMark], by_id: Mapping[tuple[str, str], str]
    ) -> Iterator[Candidate]:
        text = self.paragraphs[number]
        for mark in marks:
            if mark.kind == "date":
                continue
            words = text[mark.start : mark.end]
            if not _letters(words) or words != words.strip():
                continue
            full = called(mark.kind, mark.name) if mark.name and _letters(mark.name) else None
            full = full or by_id.get((mark.kind, mark.id or ""))
            full = full or self.asked.get((mark.kind, folded(words)))
            if not full and not any(map(str.isupper, words)):
                continue  # "the president": whose name it is, nobody says
            span = None if mark.name else tidy(text, mark.start, mark.end, mark.kind)
            start, end = span or (mark.start, mark.end)
            made = Candidate(number, start, end, text[start:end], mark.kind, MARKED, "given")
            if full and full != made.text:
                self.full[made] = full
                self.asked.setdefault((mark.kind, made.key), full)
                self.asked.setdefault((mark.kind, folded(full)), full)
            yield made

    def _forms(self, marked: Sequence[Sequence[Candidate]]) -> dict[str, EntityKind]:
        """What to look for in the whole article: names of several words, and acronyms of organisations."""
        forms: dict[str, EntityKind] = {c.text: c.kind for some in marked for c in some if " " in c.text}
        written = [
            (name.kind, " ".join(name.name.split())) for name in self.told.names if _letters(name.name)
        ]
        for kind, name in (*self.names, *written):
            if " " in name:
                forms.setdefault(name, kind)
                forms.setdefault(name.upper(), kind)  # as datelines have it
            if kind == "org" and len(initials(name)) >= _SHORTEST_ACRONYM:
                forms.setdefault(initials(name), kind)
        return {form: kind for form, kind in forms.items() if form[0].isupper()}

    def beside(self, found: Sequence[Sequence[Candidate]]) -> list[list[Candidate]]:
        """Editors' names, and what was guessed beside them; then a paragraph for each listed name.

        The paragraphs behind the article are evidence as a byline is: names are joined to them, and
        they give no mention.
        """
        given = self.candidates()
        self.written = {c.key for some in given for c in some}
        people = (folded(name) for kind, name in self.names if kind == "person")
        self.surnames = {name.split()[-1] for name in people if name not in self.written}
        given += [[] for _ in range(len(found) - len(given))]
        kept = [[*own, *_beside(some, own)] for own, some in zip(given, found, strict=True)]
        extra = [
            [Candidate(len(found) + i, 0, len(name), name, kind, MARKED, "given")]
            for i, (kind, name) in enumerate(self.names)
        ]
        return kept + extra

    @property
    def behind(self) -> list[str]:
        """The text of the paragraphs behind the article."""
        return [name for _, name in self.names]

    def kinds(
        self, guessed: Mapping[str, EntityKind], chosen: Sequence[Sequence[Candidate]]
    ) -> dict[str, EntityKind]:
        """Kinds of names by their key, as editors say where they do.

        A surname follows its full name; one that is a known place does so where the article has the full
        name, which `guessed` has weighed: of Jordan in a story about Vernon Jordan the text tells.
        """
        given = [c for some in chosen for c in some if c.by == "given"]
        told: dict[str, EntityKind] = {}
        for c in sorted(given, key=lambda c: -c.weight):
            told.setdefault(c.key, c.kind)
        for kind, key in self.asked:
            told.setdefault(key, kind)
        seen_as_place = {c.key for some in chosen for c in some if c.kind == "place" and c.by != "given"}
        for key in [key for key, kind in told.items() if kind == "person" and " " in key]:
            last = key.split()[-1]
            if last not in tables.places_folded():
                if last in guessed:
                    told.setdefault(last, "person")
            elif last in seen_as_place and key not in self.written:
                told.setdefault(last, "place")
        return {**guessed, **told}

    def doubts(self, missed: Candidate) -> bool:
        """Whether a surname found again is more likely the word: `May` where no text says Theresa May."""
        word = missed.key in tables.ordinary_words() or missed.key in CALENDAR
        return word and missed.key in self.surnames

    def decided(self, named: Sequence[tuple[Candidate, Joined]], first_behind: int) -> Iterator[Joined]:
        """Whose each name is, editors' words before ours.

        Args:
            named: all names of the article and behind it, and whose they were found to be.
            first_behind: number of the first paragraph behind the article.

        Yields:
            For each of them the name that its entity has, and why.
        """
        shown_as: dict[tuple[EntityKind, str], str] = {}
        for c, joined in named:
            asked = self.full.get(c) or (c.text if c.paragraph >= first_behind else None)
            if asked and joined.how != "team":
                shown_as.setdefault((c.kind, joined.name), asked)
        for c, joined in named:
            full = self.full.get(c) if joined.how != "team" else None
            listed = joined.at is not None and joined.at >= first_behind
            name = full or shown_as.get((c.kind, joined.name), joined.name)
            if folded(name) == c.key and (full or listed):
                yield Joined(name)
            elif full or listed or name != joined.name:
                yield Joined(name, "told")
            else:
                yield joined


def _letters(name: str) -> bool:
    return any(map(str.isalpha, name))


def _beside(candidates: Iterable[Candidate], taken: Iterable[Candidate]) -> list[Candidate]:
    """Candidates that touch none of those that stand already."""
    covered = {at for c in taken for at in range(c.start, c.end)}
    return [c for c in candidates if covered.isdisjoint(range(c.start, c.end))]
