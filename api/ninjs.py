"""An article as ninjs 3, the IPTC's news in JSON: what another newsroom's system takes in."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from markupsafe import Markup, escape

from index.entities import called
from index.model import EntityKind
from search.results import ArticleView, Hit

MEDIA_TYPE = "application/ninjs+json"
STANDARD = {
    "name": "ninjs",
    "version": "3.1",
    "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json",
}
_LISTS: tuple[tuple[str, EntityKind], ...] = (
    ("people", "person"),
    ("organisations", "org"),
    ("places", "place"),
)
_MARKUP = {
    "heading": Markup("<h2>{}</h2>"),
    "quote": Markup("<blockquote><p>{}</p></blockquote>"),
    "caption": Markup("<figure><figcaption>{}</figcaption></figure>"),
}
_BODY = Markup("<p>{}</p>")


def ninjs_item(view: ArticleView, address: str) -> dict[str, Any]:
    """Write an article as an item of ninjs 3.1; what is not known is left out.

    Args:
        view: the article.
        address: its own page, in full: the item's `uri`.

    Returns:
        The item: its text plain and as HTML, and each person, organisation and place that it mentions,
        with the identifier that its source's editors gave it where they did, else with ours. Where only
        a day of publication is known, `firstCreated` is its midnight in UTC, as ninjs knows no day alone.
    """
    head = view.head
    paragraphs = [hit for hit in view.paragraphs if hit.kind != "headline"]
    made: dict[str, Any] = {
        "uri": address,
        "standard": STANDARD,
        "type": "text",
        "representationType": "full",
        "pubStatus": "usable",
        "firstCreated": _first(view),
        "versionCreated": _version(view),
        "language": _own(view.extra, "language"),
        "slugline": _own(view.extra, "slugline"),
        "copyrightHolder": head.publisher,
        "copyrightNotice": _own(view.extra, "copyrightnotice", "copyright"),
        "usageTerms": _own(view.extra, "usageterms", "usage"),
        "headlines": _headlines(view),
        "bodies": _bodies(paragraphs),
        "by": head.author or view.byline,
        "located": _located(view),
        "infoSources": [{"name": name} for name in dict.fromkeys((head.publisher, view.agency)) if name],
        "altIds": list(_other_ids(view)),
    }
    made |= {field: list(_named(view, kind)) for field, kind in _LISTS}
    return {name: value for name, value in made.items() if value}


def _first(view: ArticleView) -> str | None:
    """When it was published, with a zone: the source's own time, else the day's midnight."""
    day = view.head.published
    if day is None:
        return None
    try:
        stamp = datetime.fromisoformat(view.published_stamp or "")
    except ValueError:
        stamp = None
    if stamp is None or stamp.date() != day:
        return f"{day.isoformat()}T00:00:00+00:00"
    return (stamp if stamp.tzinfo else stamp.replace(tzinfo=UTC)).isoformat(timespec="seconds")


def _version(view: ArticleView) -> str | None:
    """When its text was last changed here; none without a day, or receivers would take it for its day."""
    updated = view.head.updated
    return updated.astimezone(UTC).isoformat() if updated and view.head.published else _first(view)


def _headlines(view: ArticleView) -> list[dict[str, str]]:
    if not view.head.headline:
        return []
    return [{"role": "main", "contentType": "text/plain", "value": view.head.headline}]


def _bodies(paragraphs: Iterable[Hit]) -> list[dict[str, Any]]:
    """The text in both forms; figures and notes of pictures are left out of the counts, as ninjs has them."""
    lines = [(hit.kind, " ".join(hit.text.split())) for hit in paragraphs]
    counted = [text for kind, text in lines if kind != "caption"]
    counts = {"charCount": sum(map(len, counted)), "wordCount": sum(len(text.split()) for text in counted)}
    markup = "\n".join(_MARKUP.get(kind, _BODY).format(escape(text)) for kind, text in lines)
    plain = "\n\n".join(text for _, text in lines)
    return [
        {"role": "main", "contentType": kind, **counts, "value": value}
        for kind, value in (("text/plain", plain), ("text/html", markup))
        if value
    ]


def _named(view: ArticleView, kind: EntityKind) -> Iterator[dict[str, str]]:
    """Each name once, in the order of the text."""
    codes = _codes(view.extra, kind)
    found = {m.entity: m.name for hit in view.paragraphs for m in hit.entities if m.kind == kind}
    for entity, name in found.items():
        code = codes.get(name)
        told = {"name": name, "rel": "mentions"}
        if code and _is_uri(code):
            yield told | {"uri": code}
        else:
            yield told | {"literal": code or entity}


def _codes(extra: Mapping[str, Any], kind: EntityKind) -> dict[str, str]:
    """The identifiers of the source's editors, by the names that the entities have here."""
    listed = extra.get("names")
    made: dict[str, str] = {}
    for one in listed if isinstance(listed, list) else ():
        if isinstance(one, Mapping) and one.get("kind") == kind:
            name, code = one.get("name"), one.get("id")
            if isinstance(name, str) and isinstance(code, str):
                made.setdefault(called(kind, name), code)
    return made


def _is_uri(code: str) -> bool:
    """Whether an identifier is a URI by RFC 3986's scheme and has no character that one cannot have."""
    return bool(code.isascii() and urlsplit(code).scheme in ("http", "https", "urn", "tag")) and not any(
        char.isspace() or char in '<>"{}|\\^`' for char in code
    )


def _own(extra: Mapping[str, Any], *names: str) -> str | None:
    """A field of the source's own that is text."""
    return next((v.strip() for n in names if isinstance(v := extra.get(n), str) and v.strip()), None)


def _located(view: ArticleView) -> str | None:
    """Where it was written: as the source says, else the place of its dateline."""
    told = _own(view.extra, "located")
    return told or (view.dateline or "").partition("(")[0].partition(",")[0].strip(" -–—") or None


def _other_ids(view: ArticleView) -> Iterator[dict[str, str]]:
    yield {"role": "document", "value": view.document}
    if view.head.url:
        yield {"role": "url", "value": view.head.url}
    uri = _own(view.extra, "uri")
    if uri:
        yield {"role": "uri", "value": uri}
