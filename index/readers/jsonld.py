"""schema.org JSON-LD as a file: a NewsArticle or another Article or posting, alone or in a graph.

What it means in a page is `index.readers.htmlmeta`'s; terms are those of https://schema.org/NewsArticle.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from index.confined import extract
from index.errors import InputError, UnsupportedInputError
from index.model import Document, EntityKind, Given, GivenName, Lifecycle, Metadata
from index.paragraphs import split_paragraphs
from index.readers.base import Outcome, Source, digest
from index.readers.blocks import BlockText, lay_out
from index.readers.htmlmeta import is_article, is_web_address, iso_time, names_of, plain_value
from index.readers.htmlplain import plain_blocks
from index.readers.records import clean

MAX_NODES = 20_000
_WITHIN = ("@graph", "mainEntity", "itemListElement", "item", "dataFeedElement")
_ABOUT = ("about", "mentions", "contentLocation", "locationCreated")
_MAX_NAMES = 200
_KINDS: dict[str, EntityKind] = {
    **dict.fromkeys(("Person", "Patient"), "person"),
    **dict.fromkeys(
        ("Organization", "Corporation", "NewsMediaOrganization", "GovernmentOrganization", "NGO",
         "SportsTeam", "SportsOrganization",
         "EducationalOrganization", "CollegeOrUniversity", "PoliticalParty", "Airline",
         "PerformingGroup", "MusicGroup", "LocalBusiness"), "org"),
    **dict.fromkeys(
        ("Place", "City", "Country", "State", "AdministrativeArea", "Landform", "CivicStructure",
         "TouristAttraction", "LandmarksOrHistoricalBuildings"), "place"),
}  # fmt: skip


def read_linked_data(record: dict[str, Any], source: Source, place: str, raw: bytes) -> list[Outcome] | None:
    """Read the articles of a JSON-LD object.

    Args:
        record: the object.
        source: the file or post that it stands in.
        place: where in it.
        raw: its bytes, for the identity of an article without id and address.

    Returns:
        A document or an error for each article in it; or None where it is no JSON-LD.
    """
    if not _is_linked_data(record):
        return None
    nodes = list(_nodes(record))
    if len(nodes) >= MAX_NODES:
        return [InputError(place, f"JSON-LD of more than {MAX_NODES} nodes; split it")]
    by_id = {node["@id"]: node for node in nodes if isinstance(node.get("@id"), str)}
    stories = [node for node in nodes if is_article(node)]
    if not stories:
        return [UnsupportedInputError(place, "JSON-LD without a NewsArticle or another article in it")]
    if len(stories) == 1:
        return [_document(stories[0], by_id, source, place, raw)]
    return [
        _document(story, by_id, source, f"{place}[{number}]", raw + b"#%d" % number)
        for number, story in enumerate(stories, 1)
    ]


def _is_linked_data(record: Mapping[str, Any]) -> bool:
    return "@graph" in record or "schema.org" in str(record.get("@context"))[:2000] or is_article(record)


def _nodes(record: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield the nodes that may be articles, in order; those of a story's own parts are left alone."""
    stack: list[Any] = [record]
    for _ in range(MAX_NODES):
        if not stack:
            return
        node = stack.pop()
        if isinstance(node, list):
            stack.extend(reversed(node[:MAX_NODES]))
        elif isinstance(node, dict):
            yield node
            stack.extend(node[key] for key in reversed(_WITHIN) if key in node and not is_article(node))


def _document(
    story: dict[str, Any], by_id: Mapping[str, dict[str, Any]], source: Source, place: str, raw: bytes
) -> Outcome:
    headline = plain_value(story.get("headline")) or plain_value(story.get("name"))
    stated = plain_value(story.get("articleBody"), None) or plain_value(story.get("text"), None)
    summary = plain_value(story.get("description"))
    text, spans = lay_out(headline, _blocks(stated or summary or ""))
    if not spans:
        return UnsupportedInputError(
            place, "an article without text: neither articleBody, nor a description, nor a headline"
        )
    url = _url(story)
    return Document(
        identity=_identity(story, url, source, raw),
        source=url or place,
        format="jsonld",
        text=text,
        metadata=Metadata(
            headline=headline,
            published=iso_time(plain_value(story.get("datePublished"))),
            author=names_of(story.get("author") or story.get("creator"), by_id),
            publisher=names_of(story.get("publisher"), by_id),
            url=url,
            extra=_extra(story, summary if stated else None),
        ),
        blocks=spans,
        lifecycle=Lifecycle(version=_version(story.get("version"))),
        given=Given(names=tuple(dict.fromkeys(_names(story, by_id)))),
    )


def _blocks(body: str) -> list[BlockText]:
    body = clean(body)
    if "</" in body or "<br" in body or "<p>" in body:
        return _unmarked(body)
    return [(piece.kind, body[piece.start : piece.end]) for piece in split_paragraphs(body)]


def _unmarked(body: str) -> list[BlockText]:
    try:
        made = extract("fragment", body.encode("utf-8", "replace"), "articleBody")
    except InputError:
        return [("body", text) for text in plain_blocks(body)]
    return [(kind, text) for kind, text in made]


def _url(story: Mapping[str, Any]) -> str | None:
    page = story.get("mainEntityOfPage")
    page = (page.get("@id") or page.get("url")) if isinstance(page, dict) else page
    addresses = map(plain_value, (story.get("url"), page, story.get("@id")))
    return next((one for one in addresses if one and is_web_address(one)), None)


def _identity(story: Mapping[str, Any], url: str | None, source: Source, raw: bytes) -> str:
    own = story.get("identifier")
    own = own.get("value") if isinstance(own, dict) else own
    own = str(own) if isinstance(own, int) and not isinstance(own, bool) else plain_value(own)
    node = plain_value(story.get("@id"))
    if own and not is_web_address(own):
        return f"id:{own}"
    if url:
        return f"url:{url}"
    return f"id:{node}" if node else f"{source.address or 'content:'}#{digest(raw.strip())}"


def _version(value: Any) -> int | None:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 16:
        value = int(value)
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 <= value < 10**15 else None


def _extra(story: Mapping[str, Any], summary: str | None) -> dict[str, Any]:
    words = story.get("keywords")
    found = {
        "modified": iso_time(plain_value(story.get("dateModified"))),
        "section": plain_value(story.get("articleSection")),
        "keywords": names_of(words, {}) if isinstance(words, list) else plain_value(words),
        "description": summary,
        "language": plain_value(story.get("inLanguage")),
        "dateline": plain_value(story.get("dateline")),
    }
    return {name: value for name, value in found.items() if value}


def _names(story: Mapping[str, Any], by_id: Mapping[str, dict[str, Any]]) -> Iterator[GivenName]:
    """Yield whom and what the article says that it is about, where it says of what kind that is."""
    for key in _ABOUT:
        value = story.get(key)
        for one in value[:_MAX_NAMES] if isinstance(value, list) else [value]:
            if not isinstance(one, dict):
                continue
            node = one if "name" in one else by_id.get(str(one.get("@id")), {})
            name, kind = plain_value(node.get("name")), _kind(node)
            same = node.get("sameAs")
            if name and kind:
                yield GivenName(kind, name, plain_value(same) or plain_value(node.get("@id")))


def _kind(node: Mapping[str, Any]) -> EntityKind | None:
    types = node.get("@type")
    short = (
        str(one).rsplit("/", 1)[-1].rsplit(":", 1)[-1]
        for one in (types if isinstance(types, list) else [types])
    )
    return next((_KINDS[one] for one in short if one in _KINDS), None)
