"""Do two engines answer alike? Their counts, and searches for what is drawn from the documents themselves."""

from __future__ import annotations

import random
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from typing import Any, Literal, get_args

from index.analysis import STOP_WORDS, surfaces
from index.model import ENTITY_KINDS
from search.engine import Engine
from search.request import DayRange, EntityFilter, SearchRequest
from search.results import Hit, Interval, Page

_PLACES = 12  # in time, from which documents are drawn
_DRAWN = 8  # paragraphs of each
_LONGEST = 24  # characters of a word that is asked for: longer ones are addresses and noise
_STEMMED = 4
_INTERVALS: tuple[Interval | Literal["auto"], ...] = ("auto", *get_args(Interval))


@dataclass(frozen=True, slots=True)
class Difference:
    """In what two engines differ.

    Attributes:
        asked: what for.
        what: of the answer.
        old: what the one says.
        new: what the other says.
    """

    asked: str
    what: str
    old: str
    new: str

    def __str__(self) -> str:
        """What a person is told."""
        return f"{self.asked}: {self.what}: {self.old} before, {self.new} now"


@dataclass(frozen=True, slots=True)
class Verified:
    """What comparing two engines gave.

    Attributes:
        searches: that both answered.
        unsure: of these, those that one of them says of that it cut something or counted about.
        differences: in their order; empty where there are none.
    """

    searches: int
    unsure: int
    differences: tuple[Difference, ...]


def verify(old: Engine, new: Engine) -> Verified:
    """Compare two engines whose indices should hold the same.

    Of an answer are compared the paragraphs and articles that were found, the first hits by day, names
    and their counts, and both histograms; ranks are not, since engines round the lengths of texts otherwise.

    Args:
        old: from which the searches are drawn; the same index gives the same ones.
        new: that is compared with it.
    """
    differences = _counts(old, new)
    count = unsure = 0
    for n, request in enumerate(_requests(_drawn(old))):
        asked = replace(request, sort="newest", interval=_INTERVALS[n % len(_INTERVALS)], facet_limit=20)
        pages = old.search(asked), new.search(asked)
        count += 1
        if any(page.query.notes for page in pages):
            unsure += 1
        else:
            differences += _between(_told(asked), *map(_of_page, pages))
    return Verified(count, unsure, tuple(differences))


def _counts(old: Engine, new: Engine) -> list[Difference]:
    names = ("documents", "articles", "paragraphs", "first", "last", "undated")
    found = []
    for stats in (old.stats(), new.stats()):
        told = {name: getattr(stats, name) for name in names}
        found.append(told | {kind: stats.entities.get(kind, 0) for kind in ENTITY_KINDS})
    return _between("counts", *found)


def _between(asked: str, old: dict[str, Any], new: dict[str, Any]) -> list[Difference]:
    return [
        Difference(asked, what, *_shown(old.get(what), new.get(what)))
        for what in old | new
        if old.get(what) != new.get(what)
    ]


def _of_page(page: Page) -> dict[str, Any]:
    """What is compared of a page. Numbers of all names and stories are estimates where there are many."""
    found: dict[str, Any] = {"paragraphs": page.paragraphs, "articles": page.articles}
    found["first hits"] = [hit.id for hit in page.hits]
    for kind, facet in page.facets.items():
        found[f"{kind} facet"] = [f"{v.id} {v.count}" for v in facet.values]
    for name, histogram in page.histograms.items():
        rows = [f"{b.first} {b.count} {b.precise}" for b in histogram.buckets]
        found[f"{name} by {histogram.interval}"] = [f"undated {histogram.undated}", *rows]
    return found


def _shown(old: Any, new: Any) -> tuple[str, str]:
    """Two values as a person is told; of lists, the first place where they differ."""
    if not isinstance(old, list) or not isinstance(new, list):
        return str(old), str(new)
    at = next(
        (n for n, both in enumerate(zip(old, new, strict=False)) if both[0] != both[1]),
        min(len(old), len(new)),
    )
    return tuple(rows[at] if at < len(rows) else "nothing" for rows in (old, new))  # type: ignore[return-value]


def _told(request: SearchRequest) -> str:
    told = [request.q] if request.q else []
    for kind, filters in request.entities.items():
        told += [f"{kind}={id_}" for id_ in filters.chosen] + [
            f"not_{kind}={id_}" for id_ in filters.excluded
        ]
    for name, days in (("published", request.published), ("mentioned", request.mentioned)):
        told += [f"{name}={days.first}/{days.last}"] if days else []
    told += [f"undated={request.undated}"] if request.undated else []
    told += [f"group={request.group}"] if request.group != "none" else []
    return " ".join(told) or "everything"


# --- what is asked


def _drawn(engine: Engine) -> list[Hit]:
    """Paragraphs from all times that there are, and from those without a day."""
    asked = SearchRequest(limit=_DRAWN, sort="newest", facets=("published",))
    page = engine.search(asked)
    hits = [*page.hits]
    buckets = page.histograms["published"].buckets
    step = max(1, len(buckets) // _PLACES)
    plain = replace(asked, facets=())
    for bucket in buckets[::step]:
        hits += engine.search(replace(plain, published=DayRange(bucket.first, bucket.last))).hits
    hits += engine.search(replace(plain, undated="only")).hits
    hits += engine.search(replace(plain, sort="added")).hits
    return list({hit.id: hit for hit in hits}.values())


def _requests(hits: Sequence[Hit]) -> Iterator[SearchRequest]:
    """Some fifty searches, each of another kind or for other words."""
    yield SearchRequest()
    yield SearchRequest(group="article")
    yield SearchRequest(undated="only")
    yield SearchRequest(undated="exclude")
    if hits:
        draw = random.Random(hits[0].id)  # noqa: S311 - no secret
        yield from _of_words(hits, draw)
        yield from _of_names(hits, draw)
        yield from _of_days(hits, draw)


def _of_words(hits: Sequence[Hit], draw: random.Random) -> Iterator[SearchRequest]:
    texts = [words for hit in hits if len(words := _words(hit.text)) > 1]
    for n in range(8 if texts else 0):
        (one, other), (third, _) = (draw.sample(draw.choice(texts), 2) for _ in range(2))
        yield SearchRequest(one)
        yield SearchRequest(f"{one} {other}", group="article" if n % 2 else "none")
        if n % 2:
            yield SearchRequest(f"{one} OR {third}")
            yield SearchRequest(f"headline:{other}")
        else:
            yield SearchRequest(f"{one} -{third}")
            yield SearchRequest(f"{third[:_STEMMED]}*")
    for hit in draw.sample(hits, min(6, len(hits))):
        following = surfaces(hit.text)[:40]
        at = draw.randrange(max(1, len(following) - 1))
        if all(word.isalnum() for word in following[at : at + 2]):
            yield SearchRequest('"' + " ".join(following[at : at + 2]) + '"')


def _words(text: str) -> list[str]:
    found = {w for w in surfaces(text) if w.isalpha() and _STEMMED <= len(w) <= _LONGEST}
    return sorted(w for w in found if w.lower() not in STOP_WORDS)


def _of_names(hits: Sequence[Hit], draw: random.Random) -> Iterator[SearchRequest]:
    for kind in ENTITY_KINDS:
        ids = sorted({e.entity for hit in hits for e in hit.entities if e.kind == kind})
        for id_ in draw.sample(ids, min(3, len(ids))):
            yield SearchRequest(entities={kind: EntityFilter((id_,))})
        if ids:
            yield SearchRequest(entities={kind: EntityFilter(excluded=(draw.choice(ids),))})
    names = sorted({e.name for hit in hits for e in hit.entities if e.name.replace(" ", "").isalpha()})
    for name in draw.sample(names, min(4, len(names))):
        yield SearchRequest(f'"{name}"')


def _of_days(hits: Sequence[Hit], draw: random.Random) -> Iterator[SearchRequest]:
    days = sorted({hit.article.published for hit in hits if hit.article.published})
    for _ in range(2 if days else 0):
        first, last = sorted(draw.choices(days, k=2))
        yield SearchRequest(published=DayRange(first, last))
    named = sorted({d.first for hit in hits for d in hit.dates if d.first})
    for _ in range(2 if named else 0):
        first, last = sorted(draw.choices(named, k=2))
        yield SearchRequest(mentioned=DayRange(first, last))
