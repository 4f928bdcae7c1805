"""What is chosen, what can be chosen, and how is a hit shown?"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date

from markupsafe import Markup

from api.addresses import Address, Option
from api.days import day_words
from api.feeds import MEDIA_TYPES
from api.marking import KIND_WORDS, Note, annotated, marked
from index.model import ENTITY_KINDS, DateMention, EntityKind, EntityMention
from search.request import EntityFilter, SearchRequest
from search.results import FacetValue, Hit, Page

KIND_TITLES: Mapping[EntityKind, str] = {"person": "People", "org": "Organisations", "place": "Places"}
UNDATED_WORDS = {"only": "undated only", "exclude": "without undated", "include": "with undated"}
ORDER_WORDS = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest", "added": "Added last"}
FACET_STEPS = (10, 30, 100)
NAMES_A_HIT, DATES_A_HIT = 6, 4
_LAST_WORD = re.compile(r"(?:^|[\s(])(\w{2,})$")
_ELLIPSIS = "… "


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
    if asked.story:
        label = f"copies of {names.get(asked.story, asked.story)}"
        found.append(Option(label, str(here.without("story", "group"))))
    return tuple(found)


def orders(asked: SearchRequest, here: Address) -> tuple[Option, ...]:
    """The sorts to choose from; relevance is of words, so it needs some."""
    by_time = ("newest", "oldest", "added")
    keys = ("relevance", *by_time) if asked.q.strip() else by_time
    usual = here.without("sort")
    return tuple(
        Option(
            ORDER_WORDS[key], str(usual if key == keys[0] else here.having("sort", key)), key == asked.order
        )
        for key in keys
    )


def groupings(asked: SearchRequest, here: Address) -> tuple[Option, ...]:
    """One hit a paragraph, one an article, or one a story."""
    return (
        Option("Paragraphs", str(here.without("group")), asked.group == "none"),
        Option("Articles", str(here.having("group", "article")), asked.group == "article"),
        Option("Stories", str(here.having("group", "story")), asked.group == "story"),
    )


def folding(asked: SearchRequest) -> SearchRequest:
    """The search as a page shows it: copies folded, unless they are asked for."""
    if asked.duplicates is None and asked.story is None:
        return replace(asked, duplicates="fold")
    return asked


def copies_shown(asked: SearchRequest, page: Page, here: Address) -> tuple[Option, ...]:
    """Copies folded, or each a result; nothing to choose where there are none."""
    if asked.story or asked.group == "story" or page.stories == page.articles:
        return ()
    return (
        Option("folded", str(here.without("duplicates")), asked.folds),
        Option("shown", str(here.having("duplicates", "show")), not asked.folds),
    )


def exports(here: Address) -> tuple[Option, ...]:
    """All that is found as a file, in the order that is shown."""
    return tuple(
        Option(label, str(here.out(label.lower())), title=title)
        for label, title in (
            ("CSV", "A table for spreadsheets"),
            ("JSON", "One document, a JSON Feed"),
            ("NDJSON", "One object a line, as the API's"),
        )
    )


def feeds(here: Address) -> tuple[Option, ...]:
    """What is found, the latest addition first, for a feed reader; their titles are their media types."""
    plain = here.without("sort", "group")
    paged = plain.out("json").having("sort", "added").having("group", "article").having("limit", "50")
    return (
        Option("Atom", str(plain.out("atom")), title=MEDIA_TYPES["atom"]),
        Option("RSS", str(plain.out("rss")), title=MEDIA_TYPES["rss"]),
        Option("JSON Feed", str(paged), title=MEDIA_TYPES["json"]),
    )


# --- facets


@dataclass(frozen=True, slots=True)
class FacetRow:
    """A name of a facet: its links choose it or take the choice back."""

    kind: EntityKind
    value: FacetValue
    choose: str
    exclude: str
    about: str


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
        rows=tuple(facet_row(kind, value, here) for value in facet.values),
        modes=_modes(kind, asked.entities.get(kind, EntityFilter()), here),
        more=str(here.having("facet_limit", str(larger))) if hidden and larger else None,
        fewer=str(here.without("facet_limit")) if asked.facet_limit > FACET_STEPS[0] else None,
        hidden=hidden,
    )


def facet_row(kind: EntityKind, value: FacetValue, here: Address) -> FacetRow:
    """A name and the searches one step away from here that it makes."""
    choose = here.less(kind, value.id) if value.selected else here.choosing(kind, value.id)
    exclude = here.less(f"not_{kind}", value.id) if value.excluded else here.excluding(kind, value.id)
    about = here.about(value.id)
    return FacetRow(kind, value, str(choose), str(exclude), str(about))


def _modes(kind: EntityKind, chosen: EntityFilter, here: Address) -> tuple[Option, ...]:
    if len(chosen.chosen) < 2:
        return ()
    name = f"{kind}_mode"
    return (
        Option("any of them", str(here.without(name)), not chosen.all),
        Option("all of them", str(here.having(name, "all")), chosen.all),
    )


# --- words that are not finished


def begun(q: str) -> str | None:
    """The query with its last word left open, as somebody who is still typing means it.

    None where the last word is no plain word: in a quotation that goes on, behind a minus
    or a field's name, an operator, open already, or a single letter, which begins half of all words.
    """
    last = _LAST_WORD.search(q)
    if last is None or q.count('"') % 2 or last[1] in ("OR", "AND", "NOT"):
        return None
    return f"{q}*"


# --- hits


@dataclass(frozen=True, slots=True)
class HitView:
    """A hit, its passage as markup, and what else it mentions as filters to add.

    Attributes:
        headline: the headline, marked where it is itself the paragraph that was found.
        snippet: the passage; None where that is the headline.
        whole: whether the passage is all of the paragraph.
        same: further hits of the page whose text is the same, in other stories.
        copies: the search for the article and its copies; None where it has none or they are shown.
    """

    hit: Hit
    headline: Markup
    snippet: Markup | None
    whole: bool
    names: tuple[Option, ...]
    dates: tuple[Option, ...]
    same: tuple[Hit, ...] = ()
    copies: Option | None = None


def folded(hits: Iterable[Hit], asked: SearchRequest) -> Iterable[tuple[Hit, tuple[Hit, ...]]]:
    """Each hit with those after it that say the same, word by word; alone where copies are asked for."""
    if not asked.folds:
        return [(hit, ()) for hit in hits]
    by_text: dict[str, list[Hit]] = {}
    for hit in hits:
        by_text.setdefault(" ".join(hit.text.casefold().split()), []).append(hit)
    return [(first, tuple(rest)) for first, *rest in by_text.values()]


def hit_view(hit: Hit, same: tuple[Hit, ...], here: Address) -> HitView:
    """Show a hit; what is mentioned in the passage is told there, and the rest once below it."""
    whole = hit.snippet.text == hit.text
    titled = whole and hit.kind == "headline" and hit.text == hit.article.headline
    shown = [] if titled else _in_passage(hit)
    told = {_what(note) for note in shown}
    notes: tuple[Note, ...] = (*hit.entities, *hit.dates)
    rest = [note for note in notes if _what(note) not in told]
    entities = {m.entity: m for m in reversed(rest) if isinstance(m, EntityMention)}
    days = {(m.first, m.last): m.text for m in reversed(rest) if isinstance(m, DateMention)}
    return HitView(
        hit=hit,
        headline=marked(hit.article.headline or "Without a headline", hit.snippet.marks if titled else ()),
        snippet=None if titled else _passage(hit, shown, here),
        whole=whole,
        names=tuple(_name_option(m, here) for m in [*reversed(entities.values())][:NAMES_A_HIT]),
        dates=tuple(_date_options(days, here))[:DATES_A_HIT],
        same=same,
        copies=_copies(hit, here),
    )


def copies_once(views: Iterable[HitView]) -> list[HitView]:
    """Hits of which only the first of a story leads to its copies."""
    seen: set[str] = set()
    shown = []
    for view in views:
        href = view.copies.href if view.copies else ""
        shown.append(replace(view, copies=None) if href in seen else view)
        seen.add(href)
    return shown


def _copies(hit: Hit, here: Address) -> Option | None:
    story = hit.story
    if story is None or here.values("story") or not story.found or story.found < 2:
        return None
    others = story.found - 1
    label = f"and {others:,} more cop{'y' if others == 1 else 'ies'}"
    there = here.without("duplicates").having("story", story.id).having("group", "article")
    return Option(label, str(there), title="This article and its copies, each with its publisher and day")


def _passage(hit: Hit, notes: Iterable[Note], here: Address) -> Markup:
    snippet, day = hit.snippet, hit.article.published
    return annotated(snippet.text, snippet.marks, notes, day, link=lambda note: _leads(note, here))


def _in_passage(hit: Hit) -> list[Note]:
    """What is mentioned in the passage, by its place there; the passage may be cut at both ends."""
    passage = hit.snippet.text
    if passage == hit.text:
        return [*hit.entities, *hit.dates]
    lead = len(_ELLIPSIS) if passage.startswith(_ELLIPSIS) and not hit.text.startswith(passage[:-2]) else 0
    inner = passage[lead:].removesuffix(_ELLIPSIS[::-1])
    at = hit.text.find(inner)
    if at < 0:
        return []
    last = lead + len(inner)
    notes: tuple[Note, ...] = (*hit.entities, *hit.dates)
    moved = [replace(n, start=n.start - at + lead, end=n.end - at + lead) for n in notes]
    return [note for note in moved if lead <= note.start and note.end <= last]


def _what(note: Note) -> object:
    return note.entity if isinstance(note, EntityMention) else (note.first, note.last)


def _leads(note: Note, here: Address) -> str | None:
    if isinstance(note, EntityMention):
        return str(here.about(note.entity))
    if note.first is None or note.last is None:
        return None
    return str(here.within("mentioned", note.first, note.last))


def _name_option(mention: EntityMention, here: Address) -> Option:
    return Option(
        label=mention.name,
        href=str(here.about(mention.entity)),
        on=mention.entity in here.values(mention.kind),
        title=KIND_WORDS[mention.kind],
    )


def _date_options(days: dict[tuple[date | None, date | None], str], here: Address) -> Iterable[Option]:
    for (first, last), words in reversed(days.items()):
        if first and last:  # without an interval there is nothing to ask for
            there = here.within("mentioned", first, last)
            yield Option(words, str(there), there == here, day_words(first, last))
