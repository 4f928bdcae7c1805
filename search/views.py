"""Records of the index as what a page shows."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from index.stored import Record, moments_of, published_of
from search.results import ArticleHead, ArticleView, Hit, Snippet, Story, StoryView
from search.snippets import snippet
from search.spotting import Wanted, find_marks


def hit_of(record: Record, score: float, wanted: Wanted, story: Story | None = None) -> Hit:
    """A hit with its best passage."""
    return _hit(record, score, snippet(record.paragraph.text, wanted), story)


def whole_hit(record: Record, wanted: Wanted, story: Story | None = None) -> Hit:
    """A hit whose snippet is the whole paragraph, marked."""
    text = record.paragraph.text
    marks = tuple(span for span, _ in find_marks(text, wanted))
    return _hit(record, 0.0, Snippet(text, marks), story)


def head_of(fields: Mapping[str, Any]) -> ArticleHead:
    """What is told of an article, out of `index.stored.article_fields`."""
    day, by = published_of(fields)
    added, updated = moments_of(fields)
    return ArticleHead(
        id=fields["id"],
        headline=fields["headline"],
        published=day,
        published_by=by,
        source=fields["source"],
        url=fields["url"],
        author=fields["author"],
        publisher=fields["publisher"],
        added=added,
        updated=updated,
    )


def article_view(records: Sequence[Record], wanted: Wanted, story: StoryView) -> ArticleView:
    """A whole article from its paragraphs' records, in order; there is at least one."""
    whole = records[0].whole
    return ArticleView(
        head=head_of(records[0].article),
        document=whole.get("document", ""),
        boundary=whole.get("boundary", ""),
        published_evidence=whole.get("evidence"),
        published_stamp=whole.get("stamp"),
        dateline=whole.get("dateline"),
        byline=whole.get("byline"),
        agency=whole.get("agency"),
        extra=whole.get("extra", {}),
        paragraphs=tuple(whole_hit(r, wanted, story.story) for r in records),
        story=story,
    )


def _hit(record: Record, score: float, passage: Snippet, story: Story | None) -> Hit:
    p = record.paragraph
    return Hit(
        id=p.id,
        ordinal=p.ordinal,
        kind=p.kind,
        score=score,
        text=p.text,
        snippet=passage,
        article=head_of(record.article),
        dates=p.dates,
        entities=p.entities,
        story=story,
    )
