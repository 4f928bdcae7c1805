"""The tables behind the rules: countries, places, organisations, first names, titles, common words.

Each entry of a table of names is `display name|other forms`; a country's line
goes on with `;other forms;its adjectives and people`. The tables hold facts that
anyone may list; they were written for this project and copied from no data set,
but for `cities.txt`: the names of the world's towns, of GeoNames (CC BY 4.0).
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any

_FOLDER = Path(__file__).with_name("tables")


@cache
def _read(name: str) -> dict[str, Any]:
    content: dict[str, Any] = json.loads((_FOLDER / f"{name}.json").read_text(encoding="utf-8"))
    return content


def folded(name: str) -> str:
    """The form in which names are compared: lower case, one space between words, plain apostrophes."""
    return " ".join(name.replace("’", "'").lower().split())


def _aliases(lines: Iterable[str]) -> dict[str, str]:
    table: dict[str, str] = {}
    for line in lines:
        display, *others = line.split("|")
        for form in (display, *others):
            table.setdefault(form, display)
    return table


@cache
def countries() -> dict[str, str]:
    """Every form of a country's name, as written, to its display name."""
    table: dict[str, str] = {}
    for line in _read("places")["countries"]:
        display, others, _ = line.split(";")
        table[display] = display
        table.update(dict.fromkeys(filter(None, others.split("|")), display))
    return table


@cache
def places() -> dict[str, str]:
    """Every form of a known place's name, countries and states included, to its display name."""
    return _aliases(_read("places")["places"]) | _aliases(_read("places")["us_states"]) | countries()


@cache
def demonyms() -> frozenset[str]:
    """Adjectives and words for people of a country: Russian, Frenchmen."""
    lines = (line.split(";")[2] for line in _read("places")["countries"])
    return frozenset(word for line in lines for word in line.split()) | {"European", "Europeans"}


@cache
def organisations() -> dict[str, str]:
    """Every form of a widely known organisation's name, as written, to its display name."""
    return _aliases(_read("names")["orgs"])


@cache
def places_folded() -> dict[str, str]:
    """Like `places`, by the folded form; without forms of capitals only: `US` is a place, `us` is not."""
    return {folded(form): name for form, name in places().items() if not (form.isupper() and form.isalpha())}


@cache
def clubs() -> dict[str, str]:
    """Every form of a sports club's name, as written, to its display name: for articles about sport."""
    return _aliases(_read("names")["clubs"])


@cache
def clubs_folded() -> dict[str, str]:
    """Like `clubs`, by the folded form."""
    return {folded(form): name for form, name in clubs().items()}


@cache
def cities() -> frozenset[str]:
    """Names of the world's towns of 15,000 people and more, folded: hints, as many name other things too."""
    lines = (_FOLDER / "cities.txt").read_text(encoding="utf-8").splitlines()
    return frozenset(folded(line) for line in lines if not line.startswith("#"))


@cache
def towns() -> frozenset[str]:
    """Folded forms of everything that is a place for certain or may be a town."""
    return cities() | frozenset(places_folded())


@cache
def organisations_folded() -> dict[str, str]:
    """Like `organisations`, by the folded form."""
    return {folded(form): name for form, name in organisations().items()}


@cache
def first_names() -> frozenset[str]:
    """Given names of many languages, folded."""
    return frozenset(name.lower() for name in _read("names")["first_names"]) | frozenset(nicknames())


@cache
def nicknames() -> dict[str, frozenset[str]]:
    """A folded given name to the folded names it is short for, and each of those to its short forms."""
    table: dict[str, set[str]] = {}
    for pair in _read("names")["nicknames"]:
        short, full = pair.lower().split()
        table.setdefault(short, set()).add(full)
        table.setdefault(full, set()).add(short)
    return {name: frozenset(others) for name, others in table.items()}


@cache
def titles() -> frozenset[str]:
    """Words before a surname that make it a person's, folded and without a stop."""
    return frozenset(word.lower().rstrip(".").replace("-", " ") for word in _read("names")["titles"])


@cache
def roles() -> frozenset[str]:
    """Words of offices and occupations, folded: never part of a name by themselves."""
    return frozenset(_read("names")["roles"]) | titles()


@cache
def organisation_words() -> frozenset[str]:
    """Words that make a name an organisation's (Bank, Ministry, Ltd), folded and without a stop."""
    return frozenset(word.lower().rstrip(".") for word in _read("names")["org_heads"])


@cache
def ordinary_words() -> frozenset[str]:
    """Words of headlines that are no names, folded."""
    return frozenset(word for line in _read("words")["ordinary"] for word in line.split())


@cache
def state_marks() -> frozenset[str]:
    """Short forms of American states as written behind a town: Calif., Pa, IL."""
    lines = _read("places")["us_states"]
    forms = {form for line in lines for form in line.split("|")[1:]} | _OTHER_MARKS
    return frozenset(forms | {form.rstrip(".") for form in forms}) | _POSTAL


_OTHER_MARKS = frozenset({"Ark.", "Wisc.", "Penn.", "Ont.", "Que.", "Alta.", "Sask.", "Man.", "B.C."})
_POSTAL = frozenset(
    "AL AK AZ AR CA CO CT DE FL GA HI ID IL IN IA KS KY LA ME MD MA MI MN MS MO MT NE NV NH NJ NM NY NC ND "
    "OH OK OR PA RI SC SD TN TX UT VT VA WA WV WI WY".split()
)
