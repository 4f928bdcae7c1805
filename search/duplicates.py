"""Which two entities are likely one? Names that look alike, each pair with the reason in words.

A suggestion for an editor, never a decision: it looks at how names are written and how often,
not at what is said of them. Pairs of which an editor vouches for both are left out.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Hashable, Iterable, Iterator, Sequence
from dataclasses import dataclass

from rapidfuzz.distance import OSA

from index.analysis import tokens
from index.model import ENTITY_KINDS, EntityKind
from search.columns import NamedEntities
from search.results import Likeness
from search.suggest import names_with_words

MOST_NAMES = 30_000
"""Names of a kind that are compared, the most frequent."""
MOST_PAIRS = 5_000

_GROUP = 40  # names with a word in common that are compared with each other, the most frequent
_SHORTEST, _LONG = 5, 10  # letters of a word that may have a slip, and of one that may have two
_ACRONYM = range(2, 8)
_SMALL = frozenset("a and at by de des du for in la le of on the to und".split())
_FIRMS = frozenset(
    "ag association co company corp corporation gmbh group holdings inc incorporated limited llc ltd "
    "nv plc sa spa the".split()
)
_GENERATIONS = frozenset("jr sr junior senior ii iii iv".split())


@dataclass(frozen=True, slots=True)
class _Name:
    number: int
    kind: EntityKind
    name: str
    words: tuple[str, ...]
    count: int


_Found = tuple[_Name, _Name, float, str]


def likely_duplicates(columns: NamedEntities) -> tuple[Likeness, ...]:
    """Pairs of entities whose names look alike, the surest and most named first, each pair once."""
    return columns.once("duplicates", lambda: tuple(_ranked(columns)))


def _ranked(columns: NamedEntities) -> Iterator[Likeness]:
    best: dict[tuple[int, int], _Found] = {}
    kinds = {kind: _listed(columns, kind) for kind in ENTITY_KINDS}
    for one, other, weight, why in _found(kinds):
        large, small = sorted((one, other), key=lambda n: (-n.count, n.number))
        pair = (large.number, small.number)
        if large.number != small.number and (pair not in best or best[pair][2] < weight):
            best[pair] = (large, small, weight, why)
    pinned = columns.names.pinned
    kept = [f for pair, f in best.items() if not pinned.issuperset(pair)]
    kept.sort(key=lambda f: (-f[2] * f[1].count, -f[0].count, f[0].name, f[1].name))
    for large, small, _, why in kept[:MOST_PAIRS]:
        yield Likeness(columns.names.id(large.number), columns.names.id(small.number), why)


def _listed(columns: NamedEntities, kind: EntityKind) -> list[_Name]:
    counts = columns.entity_counts
    rows = sorted(names_with_words(columns, kind), key=lambda row: (-int(counts[row[0]]), row[0]))
    listed = []
    for number, name, words in rows[:MOST_NAMES]:
        # Behind the words of the name itself are those of what was merged into it: one already.
        own = sum(1 for _ in tokens(name)) if number in columns.names.others else len(words)
        if own:
            listed.append(_Name(number, kind, name, tuple(words[:own]), int(counts[number])))
    return listed


def _found(kinds: dict[EntityKind, list[_Name]]) -> Iterator[_Found]:
    for kind, names in kinds.items():
        yield from _same_letters(names)
        yield from _slips(names, kind)
    people = [n for n in kinds["person"] if not _GENERATIONS.intersection(n.words)]
    yield from _initials(people)
    yield from _middle_names(people)
    yield from _surnames(people)
    yield from _acronyms(kinds["org"])
    yield from _acronyms(kinds["place"])
    yield from _firms(kinds["org"])
    yield from _other_kinds(kinds)


def _grouped(names: Iterable[_Name], key: Callable[[_Name], Hashable | None]) -> Iterator[list[_Name]]:
    groups: defaultdict[Hashable, list[_Name]] = defaultdict(list)
    for name in names:
        if (found := key(name)) is not None:
            groups[found].append(name)
    yield from (sorted(g, key=lambda n: -n.count)[:_GROUP] for g in groups.values() if len(g) > 1)


def _quoted(one: _Name, other: _Name) -> tuple[str, str]:
    return f"“{one.name}”", f"“{other.name}”"


def _with_first(groups: Iterable[list[_Name]], weight: float, why: str) -> Iterator[_Found]:
    for group in groups:
        for name in group[1:]:
            yield group[0], name, weight, why.format(*_quoted(group[0], name))


def _same_letters(names: Sequence[_Name]) -> Iterator[_Found]:
    groups = _grouped(names, lambda n: "".join(sorted("".join(n.words))) if len(n.words) > 1 else None)
    spelt = _grouped(names, lambda n: "".join(n.words))
    yield from _with_first(spelt, 1.0, "{1} has the same letters as {0}.")
    for group in groups:
        for name in group[1:]:
            if sorted(name.words) == sorted(group[0].words):
                yield group[0], name, 0.9, "The same words in another order."


def _slips(names: Sequence[_Name], kind: EntityKind) -> Iterator[_Found]:
    """Names of as many words, all the same but one, which differs by a letter or two."""
    for at in range(-4, 0):
        for group in _grouped(names, lambda n, at=at: _without(n, at)):  # type: ignore[misc]
            for i, one in enumerate(group):
                for other in group[i + 1 :]:
                    if _near(one.words[at], other.words[at], kind):
                        a, b = one.words[at], other.words[at]
                        yield one, other, 0.5, f"“{a}” and “{b}” are spelt nearly the same."


def _without(name: _Name, at: int) -> Hashable | None:
    if len(name.words) < -at or len(name.words[at]) < _SHORTEST:
        return None
    rest = (*name.words[:at], "", *name.words[at:][1:])
    # A name of one word has nothing else to agree in: its first letters must.
    return rest if len(name.words) > 1 else name.words[0][:3]


def _near(one: str, other: str, kind: EntityKind) -> bool:
    shortest = min(len(one), len(other))
    if one == other or one[0] != other[0] or shortest < _SHORTEST or any(c.isdigit() for c in one + other):
        return False
    if kind == "person" and len(one) == len(other) and one[:-1] == other[:-1]:
        return False  # Mario is not Maria
    most = 1 if shortest < _LONG else 2
    return OSA.distance(one, other, score_cutoff=most) <= most


def _initials(people: Sequence[_Name]) -> Iterator[_Found]:
    for group in _grouped(people, lambda n: (n.words[0][0], n.words[-1]) if len(n.words) > 1 else None):
        short = [n for n in group if all(len(w) <= 2 for w in n.words[:-1])]
        full = [n for n in group if n not in short and len(n.words[0]) > 2]
        if len({n.words[0] for n in full}) == 1:
            for name in short:
                yield full[0], name, 0.8, f"{_quoted(full[0], name)[1]} may be short for “{full[0].name}”."


def _middle_names(people: Sequence[_Name]) -> Iterator[_Found]:
    for group in _grouped(people, lambda n: (n.words[0], n.words[-1]) if len(n.words) > 1 else None):
        for name in group[1:]:
            first, second = set(group[0].words), set(name.words)
            if first < second or second < first:
                yield group[0], name, 0.9, "The same first name and surname, with and without a name between."


def _surnames(people: Sequence[_Name]) -> Iterator[_Found]:
    """A surname alone, and the one it can only or mostly be."""
    for group in _grouped(people, lambda n: n.words[-1]):
        full = [n for n in group if len(n.words) > 1]
        alone = [n for n in group if len(n.words) == 1]
        if full and alone and 2 * full[0].count >= sum(n.count for n in full):
            which = "only" if len(full) == 1 else "commonest"
            for name in alone:
                yield full[0], name, 0.6, f"“{full[0].name}” is the {which} full name here with this surname."


def _acronyms(names: Sequence[_Name]) -> Iterator[_Found]:
    spelt: defaultdict[str, list[_Name]] = defaultdict(list)
    for name in names:
        if len(name.words) > 1:
            small = "".join(w[0] for w in name.words if w not in _SMALL)
            for letters in {small, "".join(w[0] for w in name.words)}:
                spelt[letters].append(name)
    for name in names:
        letters = name.name.replace(".", "").removeprefix("the ").removeprefix("The ")
        if len(letters) in _ACRONYM and letters.isupper() and letters.isalpha():
            for full in spelt.get(letters.lower(), [])[:2]:
                yield full, name, 0.7, f"“{name.name}” is made of the first letters of “{full.name}”."


def _firms(orgs: Sequence[_Name]) -> Iterator[_Found]:
    def rest(name: _Name) -> Hashable | None:
        return tuple(w for w in name.words if w not in _FIRMS) or None

    yield from _with_first(
        _grouped(orgs, rest), 0.8, "{1} and {0} are the same but for words such as Group or Inc."
    )


def _other_kinds(kinds: dict[EntityKind, list[_Name]]) -> Iterator[_Found]:
    everyone = (n for names in kinds.values() for n in names)
    # A surname that is a town, too, is no news; somebody's whole name is.
    telling = (n for n in everyone if n.kind != "person" or len(n.words) > 1)
    for group in _grouped(telling, lambda n: n.name.casefold()):
        for name in group[1:]:
            if name.kind != group[0].kind:
                yield group[0], name, 0.4, "The same name, found as two kinds."
