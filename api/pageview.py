"""What is chosen, what can be chosen, and how is a hit shown?"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date

from markupsafe import Markup

from api.addresses import Address, Option
from api.days import day_words
from api.marking import KIND_WORDS, marked
from index.model import ENTITY_KINDS, EntityKind, EntityMention
from search.request import EntityFilter, SearchRequest
from search.results import FacetValue, Hit, Page

KIND_TITLES: Mapping[EntityKind, str] = {"person": "People", "org": "Organisations", "place": "Places"}
UNDATED_WORDS = {"only": "undated only", "exclude": "without undated", "include": "with undated"}
ORDER_WORDS = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}
FACET_STEPS = (10, 30, 100)
NAMES_A_HIT, DATES_A_HIT = 6, 4


# --- filters in force, orders


def chips(asked: SearchRequest, here: Address, names: Mapping[str, str]) -> tuple[Option, ...]:
    """Everything that narrows the answer, each with the address that lacks it."""
    found: list[Option] = []
    for kind in ENTITY_KINDS:
        chosen = asked.entities.get(kind, EntityFilter())
        for prefix, name, ids in (("", kind, chosen.chosen), ("not ", f"not_{kind}", chosen.excluded)):
            for id_ in ids:
                label = prefix + names.get(id_, id_)
                found.append(Option(label, str(here.less(name, id_)), title=KIND_WORDS[kind]))
    for axis, days in (("published", asked.published), ("mentioned", asked.mentioned)):
        if days:
            label = f"{axis} {day_words(days.first, days.last)}"
            found.append(Option(label, str(here.without(f"{axis}_from", f"{axis}_to"))))
    if asked.undated:
        found.append(Option(UNDATED_WORDS[asked.undated], str(here.without("undated"))))
    return tuple(found)


def orders(asked: SearchRequest, here: Address) -> tuple[Option, ...]:
    """The sorts to choose from; relevance is of words, so it needs some."""
    keys = ("relevance", "newest", "oldest") if asked.q.strip() else ("newest", "oldest")
    usual = here.without("sort")
    return tuple(
        Option(
            ORDER_WORDS[key], str(usual if key == keys[0] else here.having("sort", key)), key == asked.order
        )
        for key in keys
    )


def groupings(asked: SearchRequest, here: Address) -> tuple[Option, ...]:
    """One hit a paragraph, or one an article."""
    by_article = asked.group == "article"
    return (
        Option("Paragraphs", str(here.without("group")), not by_article),
        Option("Articles", str(here.having("group", "article")), by_article),
    )


# --- facets


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A name of a facet: its links choose it or take the choice back."""

    value: FacetValue
    choose: str
    exclude: str


@dataclass(frozen=True, slots=True)
class FacetPanel:
    """One kind of name. `modes` is empty unless there are two chosen names to join."""

    kind: EntityKind
    title: str
    rows: tuple[FacetRow, ...]
    modes: tuple[Option, ...]
    more: str | None
    fewer: str | None
    hidden: int


def facet_panels(asked: SearchRequest, page: Page, here: Address) -> tuple[FacetPanel, ...]:
    """The facets of names that were counted and have anything to show."""
    return tuple(_panel(kind, asked, page, here) for kind in ENTITY_KINDS if kind in page.facets)


def _panel(kind: EntityKind, asked: SearchRequest, page: Page, here: Address) -> FacetPanel:
    facet = page.facets[kind]
    hidden = max(0, facet.distinct - sum(value.count > 0 for value in facet.values))
    larger = next((step for step in FACET_STEPS if step > asked.facet_limit), None)
    return FacetPanel(
        kind=kind,
        title=KIND_TITLES[kind],
        rows=tuple(_row(kind, value, here) for value in facet.values),
        modes=_modes(kind, asked.entities.get(kind, EntityFilter()), here),
        more=str(here.having("facet_limit", str(larger))) if hidden and larger else None,
        fewer=str(here.without("facet_limit")) if asked.facet_limit > FACET_STEPS[0] else None,
        hidden=hidden,
    )


def _row(kind: EntityKind, value: FacetValue, here: Address) -> FacetRow:
    choose = here.less(kind, value.id) if value.selected else here.choosing(kind, value.id)
    exclude = here.less(f"not_{kind}", value.id) if value.excluded else here.excluding(kind, value.id)
    return FacetRow(value, str(choose), str(exclude))


def _modes(kind: EntityKind, chosen: EntityFilter, here: Address) -> tuple[Option, ...]:
    if len(chosen.chosen) < 2:
        return ()
    name = f"{kind}_mode"
    return (
        Option("any of them", str(here.without(name)), not chosen.all),
        Option("all of them", str(here.having(name, "all")), chosen.all),
    )


# --- hits


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit, its passage as markup, and what it mentions as filters to add."""

    hit: Hit
    snippet: Markup
    names: tuple[Option, ...]
    dates: tuple[Option, ...]


def hit_view(hit: Hit, here: Address) -> HitView:
    """Show a hit; a name or date that is mentioned twice is offered once."""
    entities = {mention.entity: mention for mention in reversed(hit.entities)}
    days = {(m.first, m.last): m.text for m in reversed(hit.dates)}
    return HitView(
        hit=hit,
        snippet=marked(hit.snippet.text, hit.snippet.marks),
        names=tuple(_name_option(m, here) for m in [*reversed(entities.values())][:NAMES_A_HIT]),
        dates=tuple(_date_options(days, here))[:DATES_A_HIT],
    )


def _name_option(mention: EntityMention, here: Address) -> Option:
    chosen = mention.entity in here.values(mention.kind)
    href = str(here.choosing(mention.kind, mention.entity))
    return Option(mention.name, href, chosen, KIND_WORDS[mention.kind])


def _date_options(days: dict[tuple[date | None, date | None], str], here: Address) -> Iterable[Option]:
    for (first, last), words in reversed(days.items()):
        if first and last:  # without an interval there is nothing to ask for
            there = here.within("mentioned", first, last)
            yield Option(words, str(there), there == here, day_words(first, last))
