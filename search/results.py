"""What a search answers with: text, numbers and spans, never markup of a page.

Spans are half open and count characters (code points) of the text beside them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any, Literal

from index.decisions import Decision
from index.model import DateMention, EntityKind, EntityMention, ParagraphKind, PublishedBy

Interval = Literal["year", "quarter", "month", "week", "day"]


@dataclass(frozen=True, slots=True)
class Snippet:
    """The best passage of a paragraph.

    Attributes:
        text: the passage, with an ellipsis where it was cut.
        marks: spans of `text` that match the query, in order, apart from each other.
    """

    text: str
    marks: tuple[tuple[int, int], ...]


@dataclass(frozen=True, slots=True)
class ArticleHead:
    """What is told of an article beside one of its paragraphs; `added` and `updated` are in UTC."""

    id: str
    headline: str | None
    published: date | None
    published_by: PublishedBy | None
    source: str
    url: str | None
    author: str | None
    publisher: str | None
    added: datetime | None = None
    updated: datetime | None = None


@dataclass(frozen=True, slots=True)
class Story:
    """The articles that are copies of one text.

    Attributes:
        id: of the article that came first.
        articles: how many there are in the index.
        found: how many of them answer the search; None where none was asked.
    """

    id: str
    articles: int
    found: int | None = None


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph that answers a query; `score` is 0 where nothing was asked of the words."""

    id: str
    ordinal: int
    kind: ParagraphKind
    score: float
    text: str
    snippet: Snippet
    article: ArticleHead
    dates: tuple[DateMention, ...]
    entities: tuple[EntityMention, ...]
    story: Story | None = None


@dataclass(frozen=True, slots=True)
class Copy:
    """An article of the same story as another one.

    Attributes:
        head: what is told of it.
        paragraphs: how many it has.
        same: ids of those of the other one's paragraphs that it has too, edited a little or not.
    """

    head: ArticleHead
    paragraphs: int
    same: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class StoryView:
    """An article's story.

    Attributes:
        story: its id and size.
        copies: the other articles of it in the order in which they came, as many as are listed.
    """

    story: Story
    copies: tuple[Copy, ...]


@dataclass(frozen=True, slots=True)
class ArticleView:
    """A whole article, as indexed.

    Attributes:
        head: what a hit tells of it.
        document: id of the document it came in.
        boundary: why it begins where it does.
        published_evidence: what its day of publication rests on, or None.
        published_stamp: the source's own date and time, zone included, or None.
        dateline: as written, or None.
        byline: as written, or None.
        agency: as written, or None.
        extra: fields of the source that Dateline has no use for.
        paragraphs: as hits whose snippet is the whole text.
        story: the article's copies.
    """

    head: ArticleHead
    document: str
    boundary: str
    published_evidence: str | None
    published_stamp: str | None
    dateline: str | None
    byline: str | None
    agency: str | None
    extra: Mapping[str, Any]
    paragraphs: tuple[Hit, ...]
    story: StoryView


@dataclass(frozen=True, slots=True)
class FacetValue:
    """An entity and how many paragraphs (or articles) of the answer name it."""

    id: str
    name: str
    count: int
    selected: bool = False
    excluded: bool = False


@dataclass(frozen=True, slots=True)
class Facet:
    """The values of one kind of name.

    Attributes:
        values: most frequent first, then by name; a chosen value is always among them.
        other: the sum of the counts of all values that are not listed.
        distinct: how many values have a count at all.
    """

    values: tuple[FacetValue, ...]
    other: int
    distinct: int


@dataclass(frozen=True, slots=True)
class Bucket:
    """A calendar interval, both days included, and what falls into it.

    Attributes:
        first: its first day.
        last: its last day.
        count: of what names a day in it, or a longer time that overlaps it.
        precise: how many of these name a time that lies within it: all, of days of
            publication; "2014" is precise in a histogram of years, not in one of months.
    """

    first: date
    last: date
    count: int
    precise: int


@dataclass(frozen=True, slots=True)
class Histogram:
    """Counts by calendar interval; intervals without a count are left out."""

    interval: Interval
    buckets: tuple[Bucket, ...]
    undated: int


@dataclass(frozen=True, slots=True)
class QueryEcho:
    """How the query was understood.

    Attributes:
        text: as typed.
        parsed: in the query language, with every operator written out.
        suggestion: the query with its misspelt words corrected, or None.
        notes: what was changed, cut or ignored, a sentence each.
    """

    text: str
    parsed: str
    suggestion: str | None = None
    notes: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Page:
    """One page of an answer.

    `stories` counts articles that are copies of one text once.
    `renamed` tells of ids that were asked for and count as another entity which one.
    """

    query: QueryEcho
    paragraphs: int
    articles: int
    took_ms: float
    hits: tuple[Hit, ...]
    facets: Mapping[EntityKind, Facet] = field(default_factory=dict)
    histograms: Mapping[Literal["published", "mentioned"], Histogram] = field(default_factory=dict)
    next: str | None = None
    renamed: Mapping[str, str] = field(default_factory=dict)
    stories: int = 0


@dataclass(frozen=True, slots=True)
class Scan(Iterator[Hit]):
    """Every hit of a search, in order, from one commit; read as it is taken, and once.

    Attributes:
        query: how it was understood.
        paragraphs: how many match; as a page's.
        articles: of how many articles.
        stories: of how many, copies of one text counted once.
        hits: one a paragraph or one an article, as asked.
        length: how many hits there are.
    """

    query: QueryEcho
    paragraphs: int
    articles: int
    stories: int
    hits: Iterator[Hit]
    length: int

    def __len__(self) -> int:
        """How many hits there are in all."""
        return self.length

    def __next__(self) -> Hit:
        """The next hit."""
        return next(self.hits)


@dataclass(frozen=True, slots=True)
class EntityCard:
    """What the index knows of one entity.

    Attributes:
        id: stable.
        kind: person, org or place.
        name: display name.
        forms: how it is written, with the number of mentions, most frequent first.
        paragraphs: how many name it.
        articles: how many name it.
        first: earliest day of publication among them, or None.
        last: latest one, or None.
        related: entities named in the same paragraphs, most frequent first.
        also: ids that editors merged into it.
        pinned: whether an editor vouches for it.
        decisions: editors' decisions about it and what was merged into it, in order.
        undone: number of each of these that was undone, and of the decision that undid it.
    """

    id: str
    kind: EntityKind
    name: str
    forms: tuple[tuple[str, int], ...]
    paragraphs: int
    articles: int
    first: date | None
    last: date | None
    related: tuple[tuple[EntityKind, FacetValue], ...]
    also: tuple[str, ...] = ()
    pinned: bool = False
    decisions: tuple[Decision, ...] = ()
    undone: Mapping[int, int] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class KnownEntity:
    """An entity as its editors see it, hidden or not.

    Attributes:
        id: of the entity that the id asked for counts as.
        kind: person, org or place.
        name: display name.
        count: paragraphs that name it, or would if it were not hidden.
        also: ids that editors merged into it.
        pinned: whether an editor vouches for it.
        hidden: whether an editor hid it.
    """

    id: str
    kind: EntityKind
    name: str
    count: int
    also: tuple[str, ...] = ()
    pinned: bool = False
    hidden: bool = False


@dataclass(frozen=True, slots=True)
class Evidence:
    """What an entity rests on, for its editors.

    Attributes:
        entity: as editors see it.
        forms: how it is written, with the number of mentions, most frequent first.
        read: paragraphs that the forms were counted in, evenly spread over all.
        paragraphs: how many name it.
        articles: how many name it.
        first: earliest day of publication among them, or None.
        last: latest one, or None.
        related: entities named in the same paragraphs, most frequent first.
        passages: of the newest articles that name it, one each, with its mentions marked.
        decisions: about it and what was merged into it, in order.
    """

    entity: KnownEntity
    forms: tuple[tuple[str, int], ...]
    read: int
    paragraphs: int
    articles: int
    first: date | None
    last: date | None
    related: tuple[tuple[EntityKind, FacetValue], ...]
    passages: tuple[Hit, ...]
    decisions: tuple[Decision, ...]


@dataclass(frozen=True, slots=True)
class Likeness:
    """Two entities that are likely one.

    Attributes:
        large: id of the one that is named more often.
        small: id of the other one.
        why: what makes them look alike, a sentence.
    """

    large: str
    small: str
    why: str


@dataclass(frozen=True, slots=True)
class Suggestions:
    """Completions of what is being typed.

    Attributes:
        text: as typed.
        words: the text with its last word completed, most frequent first.
        entities: names that begin like it, as (kind, value).
        correction: the text with misspelt words corrected, or None.
    """

    text: str
    words: tuple[str, ...]
    entities: tuple[tuple[EntityKind, FacetValue], ...]
    correction: str | None


@dataclass(frozen=True, slots=True)
class Stats:
    """How much an index holds."""

    generation: int
    documents: int
    articles: int
    paragraphs: int
    entities: Mapping[EntityKind, int]
    first: date | None
    last: date | None
    undated: int
    bytes: int
