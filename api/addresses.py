"""Where does a link lead? A page and a search, and every search one step away from it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Literal
from urllib.parse import quote, urlencode, urlsplit

from api.days import stamps
from index.model import EntityKind

Axis = Literal["published", "mentioned"]

# Every parameter of a search, in the order in which an address names them.
PARAMETERS = (
    *("q", "person", "org", "place", "person_mode", "org_mode", "place_mode"),
    *("not_person", "not_org", "not_place"),
    *("published_from", "published_to", "mentioned_from", "mentioned_to", "undated", "story"),
    *("sort", "group", "duplicates", "limit", "facets", "facet_limit", "interval", "cursor"),
)
ENTITY_PARAMETERS = frozenset({"person", "org", "place", "not_person", "not_org", "not_place"})
# What an address says of one page of a search, not of what is found.
OF_A_PAGE = ("limit", "facets", "facet_limit", "interval", "cursor")
# What narrows an answer beside its words: "clear all" takes these away.
FILTERS = PARAMETERS[1:16]


@dataclass(frozen=True, slots=True)
class Address:
    """A page and the parameters of a search; every step away from it starts at the first result."""

    path: str
    pairs: tuple[tuple[str, str], ...] = ()

    @classmethod
    def of(cls, path: str, pairs: Iterable[tuple[str, str]]) -> Address:
        """Take what is a parameter of a search and says something, each pair once, in one order."""
        told = dict.fromkeys((n, v) for n, v in pairs if n in PARAMETERS and (v.strip() or n == "facets"))
        return cls(path, tuple(sorted(told, key=lambda pair: PARAMETERS.index(pair[0]))))

    def __str__(self) -> str:
        """The address as a link has it."""
        return f"{self.path}?{urlencode(self.pairs, errors='replace')}" if self.pairs else self.path

    def values(self, name: str) -> tuple[str, ...]:
        """What a parameter is given."""
        return tuple(value for key, value in self.pairs if key == name)

    def without(self, *names: str) -> Address:
        """Take parameters away."""
        gone = {*names, "cursor"}
        return Address(self.path, tuple(pair for pair in self.pairs if pair[0] not in gone))

    def having(self, name: str, *values: str) -> Address:
        """Give a parameter these values and no others."""
        return Address.of(self.path, (*self.without(name).pairs, *((name, value) for value in values)))

    def adding(self, name: str, value: str) -> Address:
        """Give a repeatable parameter one value more."""
        return self.having(name, *self.values(name), value)

    def less(self, name: str, value: str) -> Address:
        """Take one value of a repeatable parameter away."""
        return self.having(name, *(kept for kept in self.values(name) if kept != value))

    def renamed(self, ids: Mapping[str, str]) -> Address:
        """Name entities by other ids; what only asks for the next page goes, since it is of the old ones."""
        if not ids:
            return self
        pairs = ((n, ids.get(v, v) if n in ENTITY_PARAMETERS else v) for n, v in self.without().pairs)
        return Address.of(self.path, pairs)

    def choosing(self, kind: EntityKind, entity: str) -> Address:
        """Ask for a name."""
        return self.less(f"not_{kind}", entity).adding(kind, entity)

    def excluding(self, kind: EntityKind, entity: str) -> Address:
        """Ask for what leaves a name out."""
        return self.less(kind, entity).adding(f"not_{kind}", entity)

    def within(self, axis: Axis, first: date, last: date) -> Address:
        """Ask for days; days of publication rule out articles that have none."""
        start, end = stamps(first, last)
        kept = self.without("undated") if axis == "published" else self
        return kept.having(f"{axis}_from", start).having(f"{axis}_to", end)

    def about(self, entity: str) -> Address:
        """What is known of a name; the search is taken along and leads back."""
        return Address(
            f"{self.path}entities/{quote(entity, safe='', errors='replace')}", self.without().pairs
        )

    def out(self, ending: str) -> Address:
        """All that this search finds, in another form: `csv`, `atom`, and so on."""
        return Address(f"{self.path}search.{ending}", self.without(*OF_A_PAGE).pairs)

    def hidden(self, *names: str) -> tuple[tuple[str, str], ...]:
        """What a form must carry along when its own fields are these."""
        return self.without(*names).pairs


def web_address(url: str | None) -> str | None:
    """Let through what a page may link to: http and https with a host, nothing else."""
    try:
        parts = urlsplit(url or "")
    except ValueError:
        return None
    return url if parts.scheme in ("http", "https") and parts.netloc else None


@dataclass(frozen=True, slots=True)
class Option:
    """A link to a search one step away; `on` where that step is already taken."""

    label: str
    href: str
    on: bool = False
    title: str = ""
