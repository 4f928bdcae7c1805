"""A question, typed and validated: what the contract's parameters mean."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import date
from hashlib import blake2b
from typing import Literal

from index.model import ENTITY_KINDS, EntityKind
from search.results import Interval

Order = Literal["relevance", "newest", "oldest", "added"]
FacetName = Literal["person", "org", "place", "published", "mentioned"]
FACETS: tuple[FacetName, ...] = (*ENTITY_KINDS, "published", "mentioned")


@dataclass(frozen=True, slots=True)
class EntityFilter:
    """Chosen and excluded entities of one kind.

    Attributes:
        chosen: entity ids; paragraphs must name any of them, or all.
        all: whether all chosen must be named in one paragraph.
        excluded: entity ids that must not be named.
    """

    chosen: tuple[str, ...] = ()
    all: bool = False
    excluded: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class DayRange:
    """Days from `first` to `last`, both included; None leaves an end open."""

    first: date | None = None
    last: date | None = None

    def __bool__(self) -> bool:
        """Whether it restricts anything."""
        return self.first is not None or self.last is not None


@dataclass(frozen=True, slots=True)
class SearchRequest:
    """One search.

    Attributes:
        q: the query as typed; empty means everything.
        entities: filters by kind of name.
        published: day of publication.
        mentioned: a day the paragraph speaks of.
        undated: what happens to articles without a day of publication. None, the
            default, includes them unless `published` restricts the day.
        sort: None means relevance with a query, newest without; `added` is by when an
            article was first taken in, the last first.
        group: one hit a paragraph, one an article, or one a story: the articles that are copies of
            one text. Facets and histograms count the same.
        duplicates: fold shows of each story that article alone whose paragraph ranks best; None, the
            default, shows all. What is found and counted does not change.
        story: id of an article; it and its copies alone.
        limit: hits a page, 1 to 100.
        cursor: the `next` of the page before.
        facets: which facets to count.
        facet_limit: values a facet, 1 to 100.
        interval: of both histograms; auto chooses by what is found.
    """

    q: str = ""
    entities: Mapping[EntityKind, EntityFilter] = field(default_factory=dict)
    published: DayRange = DayRange()
    mentioned: DayRange = DayRange()
    undated: Literal["include", "exclude", "only"] | None = None
    sort: Order | None = None
    group: Literal["none", "article", "story"] = "none"
    duplicates: Literal["fold", "show"] | None = None
    story: str | None = None
    limit: int = 20
    cursor: str | None = None
    facets: tuple[FacetName, ...] = FACETS
    facet_limit: int = 10
    interval: Interval | Literal["auto"] = "auto"

    @property
    def order(self) -> Order:
        """The sort that is in force."""
        return self.sort or ("relevance" if self.q.strip() else "newest")

    @property
    def folds(self) -> bool:
        """Whether one article a story is shown."""
        return self.duplicates == "fold" or self.group == "story"

    def renamed(self, ids: Mapping[str, str]) -> SearchRequest:
        """The same search by other ids of entities."""
        if not ids:
            return self

        def now(asked: tuple[str, ...]) -> tuple[str, ...]:
            return tuple(dict.fromkeys(ids.get(i, i) for i in asked))

        made = {k: EntityFilter(now(f.chosen), f.all, now(f.excluded)) for k, f in self.entities.items()}
        return replace(self, entities=made)

    def fingerprint(self) -> str:
        """Name what a cursor depends on: the matches and their order, not the page's size."""
        parts = (
            self.q,
            sorted((k, f) for k, f in self.entities.items() if f != EntityFilter()),
            (self.published, self.mentioned, self.undated, self.order, self.group),
            (self.story, self.folds),
        )
        return blake2b(repr(parts).encode("utf-8", "surrogatepass"), digest_size=6).hexdigest()
