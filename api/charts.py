"""How is a histogram drawn? Lengths across are in percent of the width: one drawing fits every screen."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from api.addresses import Address, Axis, Option
from api.days import MONTHS, day_words, stamps
from search.request import DayRange, SearchRequest
from search.results import Bucket, Histogram, Interval

CHART_HEIGHT = 64
FEWEST_SLOTS, MOST_SLOTS = 12, 150
MOST_TICKS = 6
TICK_STEPS: Mapping[Interval, tuple[int, ...]] = {
    "year": (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000),
    "quarter": (1, 2, 4, 8, 20, 40, 80, 200, 400, 4000, 8000),
    "month": (1, 2, 3, 6, 12, 24, 60, 120, 240, 600, 1200, 12000, 24000),
    "week": (1, 2, 4, 8, 13, 26, 52, 104, 260, 520, 5200, 100_000),
    "day": (1, 2, 7, 14, 28, 56, 91, 182, 364, 728, 3640, 700_000),
}


@dataclass(frozen=True, slots=True)
class Bar:
    """A bucket, drawn; `inside` where the chosen days touch it.

    What names a time longer than the bucket is drawn lighter, above what lies within it.
    `days` are its first and last as an address has them.
    """

    label: str
    count: int
    precise: int
    href: str
    days: tuple[str, str]
    inside: bool
    x: float
    width: float
    height: int

    @property
    def y(self) -> int:
        """Distance from the top."""
        return CHART_HEIGHT - self.height

    @property
    def firm(self) -> int:
        """Height of what lies within the bucket."""
        return round(self.height * self.precise / max(1, self.count))


@dataclass(frozen=True, slots=True)
class Chart:
    """A histogram, drawn.

    Attributes:
        words: the days drawn; the ticks of a histogram of days name no year.
        slot: width of a bucket; hit areas are as wide.
        wider: leads out of chosen days into the year, decade or century around them.
        everything: leads out of chosen days.
        beyond: lead to days that are not drawn.
    """

    axis: Axis
    interval: Interval
    words: str
    bars: tuple[Bar, ...]
    ticks: tuple[tuple[float, str], ...]
    slot: float
    undated: int
    undated_href: str | None
    wider: Option | None
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
        words=day_words(drawn[0].first, drawn[-1].last) if drawn else "",
        bars=tuple(
            replace(bar, inside=_touches(bucket, days))
            for bar, bucket in zip(_bars(axis, drawn, slots, width, here), drawn, strict=True)
        ),
        ticks=tuple(_ticks(histogram.interval, slots[0], slots[-1], width)) if slots else (),
        slot=max(0.4, width),
        undated=histogram.undated,
        undated_href=str(here.without(*own).having("undated", "only")) if axis == "published" else None,
        wider=_wider(axis, days, here),
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
            precise=bucket.precise,
            href=str(here.within(axis, bucket.first, bucket.last)),
            days=stamps(bucket.first, bucket.last),
            inside=True,
            x=(slot - slots[0]) * width,
            width=max(0.4, width * 0.84),
            height=max(2, round(CHART_HEIGHT * bucket.count / most)),
        )


def _drawn(histogram: Histogram, days: DayRange) -> tuple[Bucket, ...]:
    """The chosen days where they can be told apart, else the fullest stretch that a picture can hold.

    One mention of the Middle Ages must not press all others into a corner. A chosen
    day that stands alone is shown among its neighbours.
    """
    found = tuple(bucket for bucket in histogram.buckets if bucket.count)
    inside = [n for n, bucket in enumerate(found) if _touches(bucket, days)] if days else []
    if len(inside) > 1:
        return _fullest(histogram.interval, [found[n] for n in inside])
    return _fullest(histogram.interval, found, *inside)


def _fullest(interval: Interval, found: Sequence[Bucket], around: int | None = None) -> tuple[Bucket, ...]:
    """The stretch with the highest count that a picture can hold, around a bucket where one is given."""
    slots = [_slot(interval, bucket.first) for bucket in found]
    best, most, start, held = (0, 0), 0, 0, 0
    for end, bucket in enumerate(found, 1):
        held += bucket.count
        while slots[end - 1] - slots[start] >= MOST_SLOTS:
            held -= found[start].count
            start += 1
        if held > most and (around is None or start <= around < end):
            best, most = (start, end), held
    return tuple(found[slice(*best)])


def _beyond(axis: Axis, found: Sequence[Bucket], drawn: Sequence[Bucket], here: Address) -> Iterable[Option]:
    earlier = [bucket for bucket in found if drawn and bucket.last < drawn[0].first]
    later = [bucket for bucket in found if drawn and bucket.first > drawn[-1].last]
    for label, hidden in (("Earlier days", earlier), ("Later days", later)):
        if hidden:
            yield Option(label, str(here.within(axis, hidden[0].first, hidden[-1].last)))


def _wider(axis: Axis, days: DayRange, here: Address) -> Option | None:
    """One step out of chosen days: to the year that holds them, else the decade, else the century."""
    if days.first is None or days.last is None:
        return None
    for years in (1, 10, 100):
        start = days.first.year - days.first.year % years
        first, last = date(max(1, start), 1, 1), date(min(9999, start + years - 1), 12, 31)
        if days.last <= last and (first, last) != (days.first, days.last):
            label = f"All of {start}" if years == 1 else day_words(first, last)
            return Option(label, str(here.within(axis, first, last)))
    return None


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
