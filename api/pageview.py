"""What the templates are given: addresses one step away, words for days, charts, marked text.

Text that came from outside becomes markup here and nowhere else, escaped piece by piece.
"""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import Literal
from urllib.parse import urlencode, urlsplit

from markupsafe import Markup, escape

from index.model import ENTITY_KINDS, DateMention, EntityKind, EntityMention
from search.request import DayRange, EntityFilter, SearchRequest
from search.results import Bucket, FacetValue, Histogram, Hit, Interval, Page

Axis = Literal["published", "mentioned"]
Note = DateMention | EntityMention

# Every parameter of a search, in the order in which an address names them.
PARAMETERS = (
    *("q", "person", "org", "place", "person_mode", "org_mode", "place_mode"),
    *("not_person", "not_org", "not_place"),
    *("published_from", "published_to", "mentioned_from", "mentioned_to", "undated"),
    *("sort", "group", "limit", "facets", "facet_limit", "interval", "cursor"),
)
# What narrows an answer beside its words: "clear all" takes these away.
FILTERS = PARAMETERS[1:15]
KIND_TITLES: Mapping[EntityKind, str] = {"person": "People", "org": "Organisations", "place": "Places"}
KIND_WORDS: Mapping[EntityKind, str] = {"person": "person", "org": "organisation", "place": "place"}
UNDATED_WORDS = {"only": "undated only", "exclude": "without undated", "include": "with undated"}
ORDER_WORDS = {"relevance": "Best match", "newest": "Newest", "oldest": "Oldest"}
FACET_STEPS = (10, 30, 100)
NAMES_A_HIT, DATES_A_HIT = 6, 4

MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


# --- addresses


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


# --- words for days


def stamps(first: date, last: date) -> tuple[str, str]:
    """Write a closed interval as shortly as ISO 8601 can: in years, else months, else days."""
    width = 10
    if first.day == 1 and (last + timedelta(days=1) if last < date.max else date(1, 1, 1)).day == 1:
        width = 4 if (first.month, last.month) == (1, 12) else 7
    return first.isoformat()[:width], last.isoformat()[:width]


def stamp_words(stamp: str) -> str:
    """Read an ISO year, month or day out: `2014-03` is March 2014."""
    year, *rest = stamp.split("-")
    words = [year.lstrip("0"), *(MONTHS[int(month) - 1] for month in rest[:1])]
    return " ".join([*(str(int(day)) for day in rest[1:]), *reversed(words)])


def day_words(first: date | None, last: date | None) -> str:
    """Say an interval; an end that is None is open."""
    if first is None or last is None:
        return f"since {_day(first)}" if first else f"until {_day(last)}" if last else "any day"
    start, end = (stamp_words(stamp) for stamp in stamps(first, last))
    return start if start == end else f"{start} to {end}"


def _day(day: date | None) -> str:
    return stamp_words(day.isoformat()) if day else ""


# --- text


def marked(text: str, marks: Iterable[tuple[int, int]]) -> Markup:
    """Escape a text and put `<mark>` around spans of it.

    Args:
        text: anything at all.
        marks: spans of it, in order, apart from each other.
    """
    pieces, at = [], 0
    for start, end in marks:
        pieces += [escape(text[at:start]), Markup("<mark>{}</mark>").format(text[start:end])]
        at = end
    return Markup("").join([*pieces, escape(text[at:])])


def annotated(text: str, marks: Sequence[tuple[int, int]], notes: Iterable[Note]) -> Markup:
    """Escape a text, mark spans of it and annotate its dates and names.

    A mark that crosses the edge of an annotation is taken apart there; of two
    annotations that overlap, the one that begins first, else the longer, stays.
    """
    pieces, at = [], 0
    for note in sorted(notes, key=lambda n: (n.start, -n.end)):
        if at <= note.start < note.end <= len(text):
            inner = _marked_part(text, marks, note.start, note.end)
            pieces += [_marked_part(text, marks, at, note.start), _note(note, inner)]
            at = note.end
    return Markup("").join([*pieces, _marked_part(text, marks, at, len(text))])


def _marked_part(text: str, marks: Sequence[tuple[int, int]], start: int, end: int) -> Markup:
    since = bisect_right(marks, start, key=lambda m: m[1])
    until = bisect_left(marks, end, key=lambda m: m[0])
    inside = [(max(s, start) - start, min(e, end) - start) for s, e in marks[since:until]]
    return marked(text[start:end], inside)


def _note(note: Note, inner: Markup) -> Markup:
    if isinstance(note, EntityMention):
        title = f"{note.name} ({KIND_WORDS[note.kind]})"
        return Markup('<span class="note name" title="{}">{}</span>').format(title, inner)
    if note.first is None or note.last is None:
        return Markup('<span class="note" title="not tied to a day">{}</span>').format(inner)
    words, (start, end) = day_words(note.first, note.last), stamps(note.first, note.last)
    if start != end:  # a <time> can name one day, month or year, not a season
        return Markup('<span class="note" title="{}">{}</span>').format(words, inner)
    return Markup('<time class="note" datetime="{}" title="{}">{}</time>').format(start, words, inner)


# --- what is chosen, and what can be


@dataclass(frozen=True, slots=True)
class Option:
    """A link to a search one step away; `on` where that step is already taken."""

    label: str
    href: str
    on: bool = False
    title: str = ""


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


# --- histograms: lengths across are in percent of the width, so that one drawing fits every screen

CHART_HEIGHT = 64
FEWEST_SLOTS, MOST_SLOTS = 12, 150
MOST_TICKS = 6
# Days that an interval shows well, finest first.
FINE_UP_TO: tuple[tuple[Interval, int], ...] = (
    *(("day", 62), ("week", 190), ("month", 1200), ("quarter", 3700)),
    ("year", date.max.toordinal()),
)
TICK_STEPS: Mapping[Interval, tuple[int, ...]] = {
    "year": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
    "quarter": (1, 2, 4, 8, 20, 40, 80, 200, 400, 4000, 8000),
    "month": (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000, 24000),
    "week": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520, 5200, 100_000),
    "day": (1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 3640, 700_000),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bucket, drawn; `inside` where the chosen days touch it."""

    label: str
    count: int
    href: str
    inside: bool
    x: float
    width: float
    height: int

    @property
    def y(self) -> int:
        """Distance from the top."""
        return CHART_HEIGHT - self.height


@dataclass(frozen=True, slots=True)
class Chart:
    """A histogram, drawn; `everything` leads out of chosen days, `beyond` to days that are not drawn."""

    axis: Axis
    interval: Interval
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    slot: float
    undated: int
    undated_href: str | None
    everything: str | None
    beyond: tuple[Option, ...]


def chart(axis: Axis, histogram: Histogram, asked: SearchRequest, here: Address) -> Chart:
    """Lay a histogram's buckets out along the calendar."""
    days = asked.published if axis == "published" else asked.mentioned
    drawn = _drawn(histogram, days)
    slots = [_slot(histogram.interval, bucket.first) for bucket in drawn]
    width = 100 / max(slots[-1] - slots[0] + 1 if slots else 0, FEWEST_SLOTS)
    own = (f"{axis}_from", f"{axis}_to")
    return Chart(
        axis=axis,
        interval=histogram.interval,
        bars=tuple(
            replace(bar, inside=_touches(bucket, days))
            for bar, bucket in zip(_bars(axis, drawn, slots, width, here), drawn, strict=True)
        ),
        ticks=tuple(_ticks(histogram.interval, slots[0], slots[-1], width)) if slots else (),
        slot=max(0.4, width),
        undated=histogram.undated,
        undated_href=str(here.without(*own).having("undated", "only")) if axis == "published" else None,
        everything=str(here.without(*own)) if days else None,
        beyond=() if days else tuple(_beyond(axis, histogram.buckets, drawn, here)),
    )


def _bars(
    axis: Axis, drawn: Sequence[Bucket], slots: Sequence[int], width: float, here: Address
) -> Iterable[Bar]:
    most = max((bucket.count for bucket in drawn), default=0) or 1
    for slot, bucket in zip(slots, drawn, strict=True):
        yield Bar(
            label=day_words(bucket.first, bucket.last),
            count=bucket.count,
            href=str(here.within(axis, bucket.first, bucket.last)),
            inside=True,
            x=(slot - slots[0]) * width,
            width=max(0.4, width * 0.84),
            height=max(2, round(CHART_HEIGHT * bucket.count / most)),
        )


def _drawn(histogram: Histogram, days: DayRange) -> tuple[Bucket, ...]:
    """The chosen days where they can be told apart, else the fullest stretch that a picture can hold.

    One mention of the Middle Ages must not press all others into a corner.
    """
    found = tuple(bucket for bucket in histogram.buckets if bucket.count)
    inside = tuple(bucket for bucket in found if _touches(bucket, days))
    if days and len(inside) > 1:
        found = inside
    slots = [_slot(histogram.interval, bucket.first) for bucket in found]
    best, most, start, held = (0, 0), 0, 0, 0
    for end, bucket in enumerate(found, 1):
        held += bucket.count
        while slots[end - 1] - slots[start] >= MOST_SLOTS:
            held -= found[start].count
            start += 1
        if held > most:
            best, most = (start, end), held
    return found[slice(*best)]


def _beyond(axis: Axis, found: Sequence[Bucket], drawn: Sequence[Bucket], here: Address) -> Iterable[Option]:
    earlier = [bucket for bucket in found if drawn and bucket.last < drawn[0].first]
    later = [bucket for bucket in found if drawn and bucket.first > drawn[-1].last]
    for label, hidden in (("Earlier days", earlier), ("Later days", later)):
        if hidden:
            yield Option(label, str(here.within(axis, hidden[0].first, hidden[-1].last)))


def finer_interval(days: DayRange, interval: Interval) -> Interval | None:
    """The interval that shows chosen days best, or None where the given one is as fine."""
    if days.first is None or days.last is None:
        return None
    length = (days.last - days.first).days
    finer = FINE_UP_TO[: [name for name, _ in FINE_UP_TO].index(interval)]
    return next((name for name, most in finer if length <= most), None)


def _touches(bucket: Bucket, days: DayRange) -> bool:
    starts_in_time = days.last is None or bucket.first <= days.last
    return starts_in_time and (days.first is None or bucket.last >= days.first)


def _slot(interval: Interval, day: date) -> int:
    months = day.year * 12 + day.month - 1
    by_month = {"year": day.year, "quarter": months // 3, "month": months}
    return by_month.get(interval, (day.toordinal() - 1) // (7 if interval == "week" else 1))


def _ticks(interval: Interval, first: int, last: int, width: float) -> Iterable[tuple[float, str]]:
    steps = TICK_STEPS[interval]
    step = next((s for s in steps if (last - first + 1) / s <= MOST_TICKS), steps[-1])
    for slot in range(first + -first % step, last + 1, step):
        if (slot - first) * width <= 86:  # a label further right would leave the picture
            yield (slot - first) * width, _tick(interval, slot, step)


def _tick(interval: Interval, slot: int, step: int) -> str:
    if interval in ("week", "day"):
        day = date.fromordinal(slot * (7 if interval == "week" else 1) + 1)
        return f"{day.day} {MONTHS[day.month - 1][:3]}"
    months = {"year": 12, "quarter": 3, "month": 1}[interval]
    year, month = divmod(slot * months, 12)
    return str(year) if step * months % 12 == 0 else f"{MONTHS[month][:3]} {year}"


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
