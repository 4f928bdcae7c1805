"""Answers as a person reads them at a terminal."""

from __future__ import annotations

import json
import re
import textwrap
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from typing import Any

import click
from marshmallow import ValidationError

from search.results import Facet, Hit, Page, Snippet

SEARCH_OPTIONS: tuple[tuple[str, bool, str], ...] = (
    ("person", True, "A person's id; any of several."),
    ("org", True, "An organisation's id; any of several."),
    ("place", True, "A place's id; any of several."),
    ("person_mode", False, "any (default) or all."),
    ("org_mode", False, "any (default) or all."),
    ("place_mode", False, "any (default) or all."),
    ("not_person", True, "Leave out paragraphs that name this person."),
    ("not_org", True, "Leave out paragraphs that name this organisation."),
    ("not_place", True, "Leave out paragraphs that name this place."),
    ("published_from", False, "First day, month or year of publication."),
    ("published_to", False, "Last one, included."),
    ("mentioned_from", False, "First day, month or year spoken of."),
    ("mentioned_to", False, "Last one, included."),
    ("undated", False, "include, exclude or only."),
    ("sort", False, "relevance, newest, oldest or added (what was taken in last)."),
    ("group", False, "none (default), article or story (copies of one text)."),
    ("duplicates", False, "show (default) or fold: one article a story."),
    ("story", False, "An article's id; it and its copies alone."),
    ("limit", False, "Hits, 1 to 100 (20)."),
    ("cursor", False, "`next` of the answer before."),
    ("facets", False, "Which facets, with commas; empty for none."),
    ("facet_limit", False, "Values a facet, 1 to 100 (10)."),
    ("interval", False, "year, quarter, month, week, day or auto."),
)
_FACETS = {"person": "People", "org": "Organisations", "place": "Places"}
_SURROGATE = re.compile("[\ud800-\udfff]")
_WIDTH = 92
_SHOWN_VALUES = 6


def json_text(value: Any) -> str:
    """A line of JSON, readable in any script; half of a surrogate pair, which no terminal takes, escaped."""
    text = json.dumps(value, ensure_ascii=False)
    return text if text.isascii() or not _SURROGATE.search(text) else json.dumps(value)


def page_text(page: Page) -> str:
    """An answer: its total, hits, facets and what was noted about the query."""
    lines = [_plural(page.paragraphs, "paragraph") + " in " + _plural(page.articles, "article")]
    if page.stories < page.articles:
        lines[0] += f" ({_plural(page.stories, 'story', 'stories')})"
    if page.query.suggestion:
        lines.append(f"Did you mean: {safe(page.query.suggestion)}")
    lines += [safe(note) for note in page.query.notes]
    for hit in page.hits:
        lines += ["", *_hit_lines(hit)]
    facets = [_facet_line(_FACETS[kind], facet) for kind, facet in page.facets.items() if facet.values]
    if facets:
        lines += ["", *facets]
    if page.next:
        lines += ["", f"More with --cursor {page.next}"]
    return "\n".join(lines)


def _hit_lines(hit: Hit) -> list[str]:
    article = hit.article
    day = article.published.isoformat() if article.published else "undated"
    how = f" ({article.published_by})" if article.published_by not in (None, "metadata") else ""
    title = click.style(safe(article.headline or "(no headline)"), bold=True)
    text = textwrap.indent(textwrap.fill(" ".join(_marked(hit.snippet).split()), _WIDTH), "  ")
    story = hit.story
    copies = f" · one of {story.articles} copies" if story is not None and story.articles > 1 else ""
    return [title, f"  {day}{how} · {safe(article.publisher or article.source)} · {hit.id}{copies}", text]


def _marked(snippet: Snippet) -> str:
    parts: list[str] = []
    at = 0
    for start, end in snippet.marks:
        word = click.style(safe(snippet.text[start:end]), fg="yellow", bold=True)
        parts += [safe(snippet.text[at:start]), word]
        at = end
    return "".join([*parts, safe(snippet.text[at:])])


def minute(at: datetime) -> str:
    """A moment as every command tells it: UTC, to the minute."""
    return at.astimezone(UTC).strftime("%Y-%m-%d %H:%M UTC")


def refusals(where: str, error: ValidationError) -> None:
    """What is wrong with each parameter, a line each on standard error; `where` stands before its name."""
    for name, messages in dict(error.messages_dict).items():
        told = " ".join(map(str, messages)) if isinstance(messages, list) else str(messages)
        click.echo(safe(f"dateline: {where}{name.replace('_', '-')}: {told}"), err=True)


def safe(text: str) -> str:
    """Text from a document without what would steer the terminal."""
    return "".join(c if c.isprintable() or c in "\n\t" else "�" for c in text)


def _facet_line(title: str, facet: Facet) -> str:
    named = [f"{safe(v.name)} {v.count}" for v in facet.values[:_SHOWN_VALUES]]
    return f"{title}: {', '.join(named)}"


def card_text(card: Mapping[str, Any]) -> str:
    """An entity: its forms, articles and what was decided about it."""
    days = f"{card['first'] or 'undated'} to {card['last'] or 'undated'}"
    total = card["total"]
    lines = [
        click.style(safe(card["name"]), bold=True) + f"  {card['kind']}  {safe(card['id'])}",
        f"  {_plural(total['paragraphs'], 'paragraph')} in {_plural(total['articles'], 'article')}, {days}",
        "  written " + ", ".join(f"{safe(f['text'])} {f['count']:,}" for f in card["forms"]),
    ]
    if card["also"]:
        lines.append(f"  also {', '.join(map(safe, card['also']))}")
    lines += [f"  decision {d['number']}: {d['action']}, {d['at']}" for d in card["decisions"]]
    lines += [
        "",
        *(f"{a['id']}  {a['published'] or 'undated'}  {safe(a['headline'] or '')}" for a in card["articles"]),
    ]
    return "\n".join(lines)


def table_text(values: Mapping[str, Any]) -> str:
    """Names and values in two columns."""
    width = max(len(name) for name in values)
    return "\n".join(f"{name:<{width}}  {_value(value)}" for name, value in values.items())


def rows_text(rows: Sequence[Mapping[str, Any]]) -> str:
    """Entities, a line each."""
    return "\n".join(f"{r['count']:>7,}  {r['kind']:<6}  {safe(r['name'])}  ({r['id']})" for r in rows)


def _value(value: Any) -> str:
    if isinstance(value, Mapping):
        return ", ".join(f"{k} {_value(v)}" for k, v in value.items())
    return f"{value:,}" if isinstance(value, int) else str(value)


def _plural(count: int, noun: str, several: str = "") -> str:
    return f"{count:,} {noun if count == 1 else several or f'{noun}s'}"


__all__ = [
    "SEARCH_OPTIONS",
    "card_text",
    "json_text",
    "minute",
    "page_text",
    "refusals",
    "rows_text",
    "safe",
    "table_text",
]
