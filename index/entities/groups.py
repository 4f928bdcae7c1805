"""Which names of an article are one organisation or one place, and what it is called."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from index.entities import tables
from index.entities.candidates import Candidate
from index.entities.casing import lowered
from index.entities.reasons import How, Joined
from index.entities.tables import folded

_COMPANY = re.compile(
    r"(?:[ ,]+(?:Inc|Incorporated|Corp|Corporation|Co|Company|Ltd|Limited|LLC|LLP|PLC|Plc|plc|AG|GmbH|"
    r"S\.?A|N\.?V|B\.?V|SpA|S\.p\.A|INC|CORP|CO|LTD)\.?)+$"
)
_BRACKETED = re.compile(r"[ \t]{0,3}\([ \t]{0,3}([A-Z][A-Za-z.&\-]{1,11})[ \t]{0,3}\)")
_UNITED = re.compile(r"\b(?:Utd|UTD)\b\.?")
_SMALL = frozenset({"of", "the", "and", "for", "in", "on", "to", "de", "du", "des", "la"})
_QUARTERS = frozenset(
    "northern southern eastern western central northeastern northwestern southeastern southwestern".split()
)
_SHORTEST_ACRONYM = 3


def place_name(form: str, cased: dict[str, str]) -> Joined:
    """Display name of a place: the table's, else its own words; `Southern Ukraine` is Ukraine."""
    quarter, _, land = form.partition(" ")
    if quarter.lower() in _QUARTERS and land in tables.countries() and form not in tables.places():
        return Joined(tables.countries()[land], "known")
    name = tables.places().get(form) or tables.places_folded().get(folded(form)) or shown(form, cased)
    return Joined(name, "itself" if folded(name) == folded(form) else "known")


def shown(form: str, cased: dict[str, str]) -> str:
    """A form in the case it has elsewhere in the article, one space between words.

    Args:
        form: as written.
        cased: from a key to a form that is not in capitals.
    """
    form = " ".join(form.split())
    if not form.isupper() or (" " not in form and len(form) <= 4) or "." in form:
        return form
    return cased.get(folded(form)) or re.sub(
        r"[^\W\d_]+", lambda m: m.group()[0] + lowered(m.group())[1:], form
    )


def organisation_names(
    mentions: Sequence[Candidate], paragraphs: Sequence[str], cased: dict[str, str], *, teams: bool = False
) -> dict[str, Joined]:
    """Display names of the organisations of an article, and how each mention comes to its own.

    Args:
        mentions: all of them, in order.
        paragraphs: of the article.
        cased: see `shown`.
        teams: whether it is about a sport that teams play.

    Returns:
        From each mention's key to the name of the organisation that it is.
    """
    forms = dict.fromkeys(mention.text for mention in mentions)
    names = {folded(form): _one_name(form, cased, teams) for form in forms}
    stems = list(dict.fromkeys(names.values()))
    stands: dict[str, int] = {}
    for mention in mentions:
        stands.setdefault(names[mention.key], mention.paragraph)
    joined = {key: Joined(name, _itself(key, name)) for key, name in names.items()}
    alias = _introduced(mentions, paragraphs, names)
    by_initials = _index((initials(stem), stem) for stem in stems if " " in stem)
    by_head = _index((head, stem) for stem in stems for head in _heads(stem))
    for key, name in names.items():
        long = alias.get(name) or _written_out(name, by_initials)
        how: How = "acronym" if long else "short"
        long = long or _longer(name, by_head)
        if long is not None and long != name:
            joined[key] = Joined(long, how, stands.get(long))
    return joined


def organisation_name(form: str) -> str:
    """Display name of an organisation by its own words: the table's, endings such as Inc left out."""
    return _one_name(" ".join(form.split()), {}, teams=False)


def _itself(key: str, name: str) -> How:
    """Whether the tables gave a name that its mention does not have; endings such as Inc are left out."""
    return "itself" if key.startswith(folded(name)) else "known"


def _one_name(form: str, cased: dict[str, str], teams: bool) -> str:
    form = _UNITED.sub("United", form)
    club = tables.clubs_folded().get(folded(form)) if teams else None
    known = club or tables.organisations().get(form) or tables.organisations_folded().get(folded(form))
    if known is not None:
        return known
    head, _, field = form.removeprefix("U.S. ").partition(" of ")
    if head == "Department" and f"{field.removeprefix('the ')} Department" in tables.organisations():
        return tables.organisations()[f"{field.removeprefix('the ')} Department"]
    stem = _COMPANY.sub("", form)
    stem = stem if any(map(str.isalpha, stem)) else form
    return tables.organisations().get(stem) or shown(stem, cased)


def acronyms(number: int, text: str, candidates: Iterable[Candidate]) -> Iterator[Candidate]:
    """Acronyms that brackets give an organisation: `the Baltic Fisheries Board (BFB)` tells of a `BFB`."""
    for candidate in candidates:
        match = _BRACKETED.match(text, candidate.end) if candidate.kind == "org" else None
        if match and _letters(match.group(1)) and _fits(_letters(match.group(1)), candidate.text):
            yield Candidate(number, *match.span(1), match.group(1), "org", 3, "pattern")


def _introduced(
    mentions: Iterable[Candidate], paragraphs: Sequence[str], names: dict[str, str]
) -> dict[str, str]:
    """Acronyms that brackets after a long name introduce: `the Baltic Fisheries Board (BFB)`."""
    alias = {}
    for mention in mentions:
        match = _BRACKETED.match(paragraphs[mention.paragraph], mention.end)
        if match and _letters(match.group(1)) and _fits(_letters(match.group(1)), mention.text):
            alias[match.group(1)] = names[mention.key]
    return alias


def _letters(acronym: str) -> str:
    letters = acronym.replace(".", "").replace("&", "").replace("-", "")
    return letters if sum(map(str.isupper, letters)) >= len(letters) / 2 else ""


def _fits(letters: str, name: str) -> bool:
    """Whether an acronym can be of a name: its first letter, and the others in order."""
    words = [word for word in re.split(r"[\s\-]+", name) if word]
    if len(words) < 2 or not letters:
        return False
    return words[0][0].lower() == letters[0].lower() and len(letters) <= 2 * len(words)


def initials(name: str) -> str:
    """First letters of a name's words, small ones left out."""
    return "".join(
        word[0] for word in re.split(r"[\s\-]+", name) if word and word.lower() not in _SMALL
    ).upper()


def _index(pairs: Iterable[tuple[str, str]]) -> dict[str, list[str]]:
    table: dict[str, list[str]] = {}
    for key, value in pairs:
        table.setdefault(key, []).append(value)
    return table


def _heads(stem: str) -> Iterator[str]:
    """What a name of several words begins with, word by word."""
    yield from (stem[: match.start()] for match in re.finditer(" ", stem))


def _written_out(name: str, by_initials: dict[str, list[str]]) -> str | None:
    letters = name.replace(".", "")
    if not letters.isupper() or " " in letters or len(letters) < _SHORTEST_ACRONYM:
        return None
    full = by_initials.get(letters, ())
    return full[0] if len(full) == 1 else None


def _longer(name: str, by_head: dict[str, list[str]]) -> str | None:
    """The one organisation whose name begins with this one; None when two do."""
    full = by_head.get(name, ())
    return full[0] if len(full) == 1 and name not in tables.organisations() else None
