"""What is told of an article to programs that read its page? schema.org in JSON-LD, and a link's preview."""

from __future__ import annotations

import json
from datetime import datetime
from typing import Any

from markupsafe import Markup

from api.addresses import web_address
from search.results import ArticleView

LONGEST_HEADLINE, LONGEST_SUMMARY = 110, 200
MOST_MENTIONS = 50
_TYPES = {"person": "Person", "org": "Organization", "place": "Place"}
# What could end the element, or a line of it, is written as JSON's own escapes: the same text to any reader.
_ESCAPES = {ord(c): f"\\u{ord(c):04x}" for c in "<>&\u2028\u2029"}


def news_article(view: ArticleView, address: str) -> dict[str, Any]:
    """An article as schema.org's NewsArticle; what is not known is left out.

    Args:
        view: the article.
        address: its own page, in full.
    """
    head = view.head
    author, publisher = head.author or view.byline, head.publisher or view.agency
    made = {
        "@context": "https://schema.org",
        "@type": "NewsArticle",
        "headline": cut(title_of(view), LONGEST_HEADLINE),
        "description": summary(view),
        "url": address,
        "mainEntityOfPage": address,
        "datePublished": published_time(view),
        "dateline": view.dateline,
        "author": {"@type": "Person", "name": author} if author else None,
        "publisher": {"@type": "Organization", "name": publisher} if publisher else None,
        "isBasedOn": web_address(head.url),
        "mentions": _mentions(view),
    }
    return {name: value for name, value in made.items() if value}


def _mentions(view: ArticleView) -> list[dict[str, str]]:
    named = {m.entity: (_TYPES[m.kind], m.name) for hit in view.paragraphs for m in hit.entities}
    return [{"@type": kind, "name": name} for kind, name in [*named.values()][:MOST_MENTIONS]]


def published_time(view: ArticleView) -> str | None:
    """The source's own time of publication where it agrees with the day, else the day."""
    day = view.head.published.isoformat() if view.head.published else None
    stamp = view.published_stamp or ""
    try:
        datetime.fromisoformat(stamp)
    except ValueError:
        return day
    return stamp if day and stamp.startswith(f"{day}T") else day


def title_of(view: ArticleView) -> str:
    """The headline, or that there is none."""
    return view.head.headline or "Without a headline"


def summary(view: ArticleView) -> str:
    """How the text begins."""
    bodies = (hit.text for hit in view.paragraphs if hit.kind == "body")
    return cut(next(bodies, ""), LONGEST_SUMMARY)


def cut(text: str, most: int) -> str:
    """A text on one line, with an ellipsis where it is longer than so many characters."""
    line = " ".join(text.split())
    return line if len(line) <= most else f"{line[: most - 1].rstrip()}…"


def json_ld(value: Any) -> Markup:
    """JSON that can stand in a script element: nothing in it ends the element (HTML, 4.12.1.3)."""
    text = json.dumps(value, ensure_ascii=False, separators=(",", ":"))
    return Markup(text.translate(_ESCAPES))  # noqa: S704 - `<`, `>` and `&` are escaped in JSON's way
