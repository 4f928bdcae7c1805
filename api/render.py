"""Answers as JSON, to the letter of the contract; the shapes are documented in `answers`."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from datetime import date, datetime
from typing import Any
from urllib.parse import quote

from api.marking import marked
from index import clock
from index.decisions import Decision
from index.ingests import Failure, Run
from index.model import DateMention, EntityMention
from search.results import (
    ArticleHead,
    ArticleView,
    Copy,
    EntityCard,
    Facet,
    FacetValue,
    Histogram,
    Hit,
    KnownEntity,
    Page,
    Stats,
    Story,
    Suggestions,
)

API = "/api/v1"


def page_json(page: Page) -> dict[str, Any]:
    """A page of an answer."""
    facets: dict[str, Any] = {kind: facet_json(f) for kind, f in page.facets.items()}
    facets |= {name: histogram_json(h) for name, h in page.histograms.items()}
    return {
        "query": {
            "text": page.query.text,
            "parsed": page.query.parsed,
            "suggestion": page.query.suggestion,
            "notes": list(page.query.notes),
        },
        "total": {"paragraphs": page.paragraphs, "articles": page.articles, "stories": page.stories},
        "took_ms": round(page.took_ms, 3),
        "hits": [hit_json(h) for h in page.hits],
        "facets": facets,
        "next": page.next,
    }


def hit_json(hit: Hit) -> dict[str, Any]:
    """A paragraph with its snippet and mentions."""
    return {
        "id": hit.id,
        "ordinal": hit.ordinal,
        "kind": hit.kind,
        "score": hit.score,
        "text": hit.text,
        "snippet": {
            "text": hit.snippet.text,
            "html": str(marked(hit.snippet.text, hit.snippet.marks)),
            "marks": [list(span) for span in hit.snippet.marks],
        },
        "article": head_json(hit.article),
        "story": story_json(hit.story),
        "dates": [date_json(d) for d in hit.dates],
        "entities": [entity_json(e) for e in hit.entities],
        "links": {
            "self": f"{API}/paragraphs/{hit.id}",
            "article": f"{API}/articles/{hit.article.id}",
            "page": f"/articles/{hit.article.id}#p-{hit.id}",
        },
    }


def story_json(story: Story | None) -> dict[str, Any] | None:
    """The story of a hit's article; `found` where a search was asked."""
    if story is None:
        return None
    told = {"id": story.id, "articles": story.articles}
    return told if story.found is None else told | {"found": story.found}


def copy_json(copy: Copy) -> dict[str, Any]:
    """Another article of a story."""
    links = {"self": f"{API}/articles/{copy.head.id}", "page": f"/articles/{copy.head.id}"}
    return head_json(copy.head) | {"paragraphs": copy.paragraphs, "same": list(copy.same), "links": links}


def head_json(head: ArticleHead) -> dict[str, Any]:
    """What is told of an article beside a paragraph."""
    return {
        "id": head.id,
        "headline": head.headline,
        "published": _iso(head.published),
        "published_by": head.published_by,
        "source": head.source,
        "url": head.url,
        "author": head.author,
        "publisher": head.publisher,
        "added": second(head.added),
        "updated": second(head.updated),
    }


def article_json(view: ArticleView) -> dict[str, Any]:
    """A whole article."""
    head = head_json(view.head)
    return head | {
        "published_evidence": view.published_evidence,
        "published_stamp": view.published_stamp,
        "document": view.document,
        "boundary": view.boundary,
        "dateline": view.dateline,
        "byline": view.byline,
        "agency": view.agency,
        "extra": dict(view.extra),
        "story": {
            **(story_json(view.story.story) or {}),
            "copies": [copy_json(copy) for copy in view.story.copies],
        },
        "paragraphs": [hit_json(p) for p in view.paragraphs],
        "links": {
            "self": f"{API}/articles/{view.head.id}",
            "page": f"/articles/{view.head.id}",
            "ninjs": f"{API}/articles/{view.head.id}/ninjs",
        },
    }


def date_json(mention: DateMention) -> dict[str, Any]:
    """A time expression."""
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "timex": mention.timex,
        "from": _iso(mention.first),
        "to": _iso(mention.last),
        "reason": mention.reason,
    }


def entity_json(mention: EntityMention) -> dict[str, Any]:
    """A name."""
    return {
        "start": mention.start,
        "end": mention.end,
        "text": mention.text,
        "kind": mention.kind,
        "entity": mention.entity,
        "name": mention.name,
        "reason": mention.reason,
    }


def value_json(value: FacetValue) -> dict[str, Any]:
    """A value of a facet."""
    made = {"id": value.id, "name": value.name, "count": value.count, "selected": value.selected}
    return made | {"excluded": True} if value.excluded else made


def facet_json(facet: Facet) -> dict[str, Any]:
    """A facet."""
    return {
        "values": [value_json(v) for v in facet.values],
        "other": facet.other,
        "distinct": facet.distinct,
    }


def histogram_json(histogram: Histogram) -> dict[str, Any]:
    """A histogram."""
    buckets = [
        {"from": b.first.isoformat(), "to": b.last.isoformat(), "count": b.count, "precise": b.precise}
        for b in histogram.buckets
    ]
    return {"interval": histogram.interval, "buckets": buckets, "undated": histogram.undated}


def card_json(card: EntityCard) -> dict[str, Any]:
    """An entity."""
    return {
        "id": card.id,
        "kind": card.kind,
        "name": card.name,
        "forms": [{"text": text, "count": count} for text, count in card.forms],
        "total": {"paragraphs": card.paragraphs, "articles": card.articles},
        "first": _iso(card.first),
        "last": _iso(card.last),
        "related": [{"kind": kind} | value_json(value) for kind, value in card.related],
        "also": list(card.also),
        "pinned": card.pinned,
        "decisions": [_made_json(d, card.undone) for d in card.decisions],
        "links": {
            "self": f"{API}/entities/{quote(card.id)}",
            "search": f"{API}/search?{card.kind}={quote(card.id)}",
        },
    }


def known_json(entity: KnownEntity) -> dict[str, Any]:
    """An entity as its editors see it."""
    return {
        "id": entity.id,
        "kind": entity.kind,
        "name": entity.name,
        "count": entity.count,
        "also": list(entity.also),
        "pinned": entity.pinned,
        "hidden": entity.hidden,
        "links": {
            "self": f"{API}/entities/{quote(entity.id)}",
            "search": f"{API}/search?{entity.kind}={quote(entity.id)}",
        },
    }


def _made_json(decision: Decision, undone: Mapping[int, int]) -> dict[str, Any]:
    """A decision as anybody may read it: who made it is the newsroom's own affair."""
    return {
        "number": decision.number,
        "at": second(decision.at),
        "action": decision.action,
        "arguments": dict(decision.arguments),
        "undone_by": undone.get(decision.number),
    }


def decision_json(
    decision: Decision, undone: Mapping[int, int] | None = None, idle: frozenset[int] = frozenset()
) -> dict[str, Any]:
    """A line of the log."""
    undone = undone or {}
    effect = decision.number not in undone and decision.number not in idle
    return _made_json(decision, undone) | {"who": decision.who, "effect": effect}


def run_json(run: Run, running: Collection[int]) -> dict[str, Any]:
    """A run of indexing, `running` being the numbers of those that are going on."""
    return {
        "number": run.number,
        "state": run.state(running),
        "how": run.how,
        "source": run.source,
        "started": second(run.started),
        "seen": second(run.seen),
        "ended": second(run.ended),
        "seconds": round(run.seconds, 3),
        "counts": dict(run.counts),
        "error": run.error,
        "links": {"self": f"{API}/ingests/{run.number}"},
    }


def failure_json(failure: Failure) -> dict[str, Any]:
    """An input that is not in the index."""
    return {
        "at": second(failure.at),
        "kind": failure.kind,
        "input": failure.input,
        "reason": failure.reason,
        "remedy": failure.remedy,
    }


def suggestions_json(found: Suggestions) -> dict[str, Any]:
    """Completions."""
    return {
        "q": found.text,
        "words": list(found.words),
        "entities": [{"kind": kind} | value_json(value) for kind, value in found.entities],
        "suggestion": found.correction,
    }


def second(at: datetime | None) -> str | None:
    """A moment in UTC, to the second, as RFC 3339 writes it; None for none."""
    return clock.second(at) if at else None


def _iso(day: date | None) -> str | None:
    return day.isoformat() if day else None


def stats_json(stats: Stats) -> dict[str, Any]:
    """How much the index holds."""
    return {
        "generation": stats.generation,
        "documents": stats.documents,
        "articles": stats.articles,
        "paragraphs": stats.paragraphs,
        "entities": dict(stats.entities),
        "first": _iso(stats.first),
        "last": _iso(stats.last),
        "undated": stats.undated,
        "bytes": stats.bytes,
    }
