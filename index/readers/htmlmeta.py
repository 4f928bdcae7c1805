"""What a page states about itself: JSON-LD, meta tags, a <time> in the article's head. No guesses."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from email.utils import parsedate_to_datetime
from typing import Any
from urllib.parse import urlsplit

from lxml.html import HtmlElement

_MAX_JSONLD_CHARS = 4_000_000
_MAX_JSONLD_NODES = 5000
_MAX_VALUE_CHARS = 2000
_ARTICLE_TYPES = frozenset(("Report", "BlogPosting", "LiveBlogPosting", "SocialMediaPosting"))
_ISO = re.compile(r"\d{4}(?:-?\d{2}(?:-?\d{2}(?:[T ].{2,30})?)?)?$")

_PUBLISHED = (
    "article:published_time", "og:article:published_time", "datepublished", "date.published",
    "publish-date", "pubdate", "publishdate", "parsely-pub-date", "sailthru.date", "dcterms.created",
    "dcterms.issued", "dc.date.issued", "dc.date.created", "dc.date", "dcterms.date", "dc:date",
    "article.published", "citation_publication_date", "date",
)  # fmt: skip
_HEADLINE = ("og:title", "twitter:title", "dc.title", "dcterms.title", "title")
_AUTHOR = (
    "author", "article:author_name", "parsely-author", "sailthru.author", "dc.creator",
    "dcterms.creator", "byl", "article:author",
)  # fmt: skip
_PUBLISHER = ("og:site_name", "dc.publisher", "dcterms.publisher", "publisher", "application-name")


@dataclass(frozen=True, slots=True)
class PageFacts:
    """What a page says about itself.

    Attributes:
        headline: of the article.
        published: ISO 8601, as stated.
        author: one line.
        publisher: the site's or paper's name.
        url: the canonical address.
        body: JSON-LD's `articleBody`, or None.
        extra: section, keywords, language, modification time, where stated.
    """

    headline: str | None = None
    published: str | None = None
    author: str | None = None
    publisher: str | None = None
    url: str | None = None
    body: str | None = None
    extra: Mapping[str, Any] = field(default_factory=dict)


def page_facts(tree: HtmlElement) -> PageFacts:
    """Collect what a page states; JSON-LD wins over meta tags, those over its elements.

    Args:
        tree: of the whole page.

    Returns:
        The facts; whatever is not stated is None, and a date that only stands in the
        text is not stated.
    """
    meta = _meta_tags(tree)
    nodes = list(_jsonld_nodes(tree))
    story = _story(nodes)
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    publisher = names_of(story.get("publisher"), by_id) or _first(meta, _PUBLISHER)
    return PageFacts(
        headline=plain_value(story.get("headline"))
        or _headline(tree, meta, publisher)
        or plain_value(story.get("name")),
        published=_published(story, meta, tree),
        author=names_of(story.get("author") or story.get("creator"), by_id) or _author(meta),
        publisher=publisher,
        url=_url(tree, meta, story),
        body=plain_value(story.get("articleBody"), None),
        extra=_extra(tree, meta, story),
    )


def _meta_tags(tree: HtmlElement) -> dict[str, str]:
    found: dict[str, str] = {}
    for element in tree.iter("meta"):
        content = " ".join((element.get("content") or "")[:_MAX_VALUE_CHARS].split())
        for attribute in ("property", "name", "itemprop"):
            name = (element.get(attribute) or "").strip().lower()
            if name and content:
                found.setdefault(name, content)
    return found


def _jsonld_nodes(tree: HtmlElement) -> Iterator[dict[str, Any]]:
    """Yield every top-level node and every node of a @graph, in order."""
    budget = _MAX_JSONLD_NODES
    for script in tree.iter("script"):
        if "ld+json" not in (script.get("type") or "").lower():
            continue
        queue = [_parse_loosely(script.text or "")]
        while queue and budget:
            node = queue.pop(0)
            budget -= 1
            if isinstance(node, list):
                queue[:0] = node[:_MAX_JSONLD_NODES]
            elif isinstance(node, dict):
                yield node
                queue += [node[key] for key in ("@graph", "mainEntity") if key in node]


def _parse_loosely(text: str) -> Any:
    """Parse JSON-LD as pages have it: in comments, with raw line ends, with a stray semicolon."""
    if len(text) > _MAX_JSONLD_CHARS:
        return None
    text = re.sub(r"^\s*(?:<!--|//<!\[CDATA\[|<!\[CDATA\[)|(?:-->|//\]\]>|\]\]>|;)\s*$", "", text)
    try:
        return json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return None


def _story(nodes: list[dict[str, Any]]) -> dict[str, Any]:
    return next((node for node in nodes if is_article(node)), {})


def is_article(node: Mapping[str, Any]) -> bool:
    """Say whether a node's type is one of schema.org's articles or postings."""
    types = node.get("@type")
    for name in types if isinstance(types, list) else [types]:
        short = re.split("[/:]", name)[-1] if isinstance(name, str) else ""
        if short.endswith("Article") or short in _ARTICLE_TYPES:
            return True
    return False


def plain_value(value: Any, limit: int | None = _MAX_VALUE_CHARS) -> str | None:
    """Take a JSON-LD value as text: the first of several, entities resolved, on one line unless unlimited."""
    if isinstance(value, list):
        value = value[0] if value else None
    if isinstance(value, dict):
        value = value.get("@value")
    if not isinstance(value, str):
        return None
    plain = html.unescape(value[:limit])
    plain = plain.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "")
    return (" ".join(plain.split()) if limit else plain.strip()) or None


def names_of(value: Any, by_id: Mapping[str, dict[str, Any]]) -> str | None:
    """Take a JSON-LD value as names on one line: strings, nodes, or references to nodes."""
    names: list[str] = []
    for one in value[:50] if isinstance(value, list) else [value]:
        if isinstance(one, dict):
            name = one.get("name")
            known = by_id.get(str(one.get("@id")), {}) if name is None else {}
            name = plain_value(known.get("name", name))
        else:
            name = plain_value(one)
        if name and not name.startswith(("http://", "https://")) and name not in names:
            names.append(name)
    return ", ".join(names) or None


def _first(meta: Mapping[str, str], names: tuple[str, ...]) -> str | None:
    return next((plain_value(meta[name]) for name in names if name in meta), None)


def _author(meta: Mapping[str, str]) -> str | None:
    for name in _AUTHOR:
        value = meta.get(name)
        # article:author is as often an address of a profile.
        if value and not value.startswith(("http://", "https://", "www.", "@")):
            return plain_value(value)
    return None


def _headline(tree: HtmlElement, meta: Mapping[str, str], publisher: str | None) -> str | None:
    stated = _first(meta, _HEADLINE)
    for path in (".//article//h1", ".//main//h1", ".//h1"):
        found = [_content(one) for one in tree.iterfind(path)]
        if not stated and len(found) == 1 and found[0]:
            return found[0]
    title = tree.find(".//title")
    stated = stated or (_content(title) if title is not None else None)
    if stated and publisher:
        stated = re.sub(rf"\s+[|\-–—:·»]\s+{re.escape(publisher)}\s*$", "", stated)
    return stated or None


def _content(element: HtmlElement) -> str:
    return " ".join("".join(element.itertext()).split())[:_MAX_VALUE_CHARS]


def _published(story: Mapping[str, Any], meta: Mapping[str, str], tree: HtmlElement) -> str | None:
    stated = [
        plain_value(story.get("datePublished")),
        *(meta.get(name) for name in _PUBLISHED),
        _time_element(tree),
    ]
    return next((iso for iso in map(iso_time, stated) if iso), None)


def iso_time(value: str | None) -> str | None:
    """Pass ISO 8601 as it is, turn the date of a mail header into it, refuse the rest."""
    value = (value or "").strip()
    if _ISO.match(value):
        return value
    try:
        moment: datetime = parsedate_to_datetime(value)
    except (TypeError, ValueError, IndexError):
        return None
    return moment.isoformat()


def _time_element(tree: HtmlElement) -> str | None:
    """Take the <time> that is marked as the publication, else the first in the article's own head."""
    for element in tree.iter("time"):
        if element.get("pubdate") is not None or "datePublished" in (element.get("itemprop") or ""):
            return str(element.get("datetime", "")) or None
    article = tree.find(".//article")
    if article is None:
        return None
    for element in article.iter("time", "p"):
        # Behind the first paragraph a time is part of the story, or of a list of others.
        if element.tag == "p" and len(_content(element)) > 100:
            return None
        if element.tag == "time" and element.get("datetime"):
            return str(element.get("datetime"))
    return None


def _url(tree: HtmlElement, meta: Mapping[str, str], story: Mapping[str, Any]) -> str | None:
    links = (
        one.get("href") for one in tree.iter("link") if "canonical" in (one.get("rel") or "").lower().split()
    )
    page = story.get("mainEntityOfPage")
    page = (page.get("@id") or page.get("url")) if isinstance(page, dict) else page
    for value in (next(links, None), meta.get("og:url"), story.get("url"), page):
        address = (plain_value(value) or "").strip()
        if is_web_address(address):
            return address
    return None


def is_web_address(address: str) -> bool:
    """Say whether it is an address that a browser opens."""
    try:
        parts = urlsplit(address)
    except ValueError:
        return False
    return parts.scheme in ("http", "https") and bool(parts.netloc)


def _extra(tree: HtmlElement, meta: Mapping[str, str], story: Mapping[str, Any]) -> dict[str, Any]:
    found = {
        "modified": plain_value(story.get("dateModified")) or meta.get("article:modified_time"),
        "section": plain_value(story.get("articleSection")) or meta.get("article:section"),
        "keywords": meta.get("news_keywords") or meta.get("keywords"),
        "description": meta.get("og:description") or meta.get("description"),
        "image": meta.get("og:image"),
        "language": tree.get("lang"),
    }
    return {name: value for name, value in found.items() if value}
