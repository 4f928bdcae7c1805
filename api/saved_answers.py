"""How do saved searches and their matches look as JSON, and what may be sent of them?"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from marshmallow import Schema, fields, validate

from api.addresses import web_address
from api.marking import marked
from api.render import second
from api.schemas import OneLine, StrictSchema
from index.matches import Match, Told
from index.saved import MAX_QUERY, SavedSearch

_SEARCH = "5d2c0f3a9b1e4c7d8a6f0b2e"
_QUERY = "q=dam+inquiry&place=place-port-ellery"


def _text(example: str, *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"example": example})


def _links(*names: str) -> fields.Dict:
    example = dict.fromkeys(names, "…")
    return fields.Dict(
        keys=fields.String(), values=fields.String(), required=True, metadata={"example": example}
    )


class SearchesArgs(StrictSchema):
    """Parameters of the list of saved searches."""

    owner = fields.String(
        load_default=None,
        validate=validate.Length(1, 200),
        metadata={"description": "Those of one owner alone.", "example": "anna"},
    )
    state = fields.String(
        load_default=None,
        validate=validate.OneOf(("active", "paused", "broken")),
        metadata={"description": "Those of one state alone.", "example": "active"},
    )


class MatchesArgs(StrictSchema):
    """Parameters of a search's matches."""

    before = fields.Integer(
        load_default=None,
        validate=validate.Range(0, 2**53),
        metadata={"description": "`next` of the answer before: older matches alone."},
    )
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 500), metadata={"description": "Matches at most."}
    )


def _query(*, required: bool) -> fields.String:
    told = {"description": "The query string of the search's page or of `/api/v1/search`.", "example": _QUERY}
    return fields.String(required=required, validate=validate.Length(max=MAX_QUERY), metadata=told)


class SaveBody(StrictSchema):
    """The body that saves a search."""

    name = OneLine(
        required=True, metadata={"description": "For people.", "example": "The dam at Port Ellery"}
    )
    owner = OneLine(required=True, metadata={"description": "Who saves it.", "example": "anna"})
    query = _query(required=True)


class ChangeBody(StrictSchema):
    """The body that changes a saved search; what is left out stays."""

    name = OneLine(metadata={"description": "For people.", "example": "The dam"})
    query = _query(required=False)
    state = fields.String(
        validate=validate.OneOf(("active", "paused")),
        metadata={"description": "Whether what is added is matched.", "example": "paused"},
    )


class SavedSearchSchema(Schema):
    """A saved search."""

    id = _text(_SEARCH)
    name = _text("The dam at Port Ellery")
    owner = _text("anna")
    query = _text(_QUERY)
    created = _text("2026-03-01T02:00:00Z")
    changed = _text("2026-03-01T02:00:00Z")
    state = _text("active")
    reason = _text("ValueError: …", null=True)
    stories = fields.Integer(required=True, metadata={"example": 3})
    last = _text("2026-03-02T09:30:00Z", null=True)
    links = _links("self", "matches", "page", "atom", "rss", "json")


class SavedSearchesSchema(Schema):
    """Saved searches by name."""

    searches = fields.List(fields.Nested(SavedSearchSchema), required=True)


class MatchSchema(Schema):
    """An article that a saved search found, as it was then."""

    number = fields.Integer(required=True, metadata={"example": 41})
    id = _text("9f6ad1f2b7c30e55")
    entry = _text("9f6ad1f2b7c30e55")
    kind = _text("new")
    at = _text("2026-03-02T09:30:00Z")
    article = _text("2cd4ce7192f359cb")
    story = _text("2cd4ce7192f359cb")
    paragraphs = fields.List(fields.String(), required=True)
    gone = fields.Boolean(required=True)
    headline = _text("Dam Inquiry Opens", null=True)
    publisher = _text("The Ellery Post", null=True)
    url = _text("https://news.example/dam", null=True)
    published = fields.Date(required=True, allow_none=True)
    added = _text("2026-03-02T09:29:58Z", null=True)
    snippet = fields.Dict(required=True)
    links = _links("article")


class MatchesSchema(Schema):
    """Matches, the last first."""

    matches = fields.List(fields.Nested(MatchSchema), required=True)
    next = fields.Integer(required=True, allow_none=True)


def search_json(search: SavedSearch, found: tuple[int, datetime] | None) -> dict[str, Any]:
    """A saved search; `found`: how many stories it found, and when it did last."""
    here = f"/api/v1/searches/{search.id}"
    return {
        "id": search.id,
        "name": search.name,
        "owner": search.owner,
        "query": search.query,
        "created": second(search.created),
        "changed": second(search.changed),
        "state": search.state,
        "reason": search.reason,
        "stories": found[0] if found else 0,
        "last": second(found[1]) if found else None,
        "links": {
            "self": here,
            "matches": f"{here}/matches",
            "page": f"/?{search.query}" if search.query else "/",
            **{kind: f"/searches/{search.id}.{kind}" for kind in ("atom", "rss", "json")},
        },
    }


def match_json(match: Match) -> dict[str, Any]:
    """A match."""
    told: Told = match.told
    same: Mapping[str, Any] = {
        name: getattr(match, name) for name in ("number", "id", "entry", "kind", "article", "story", "gone")
    }
    return {
        **same,
        "at": second(match.at),
        "paragraphs": list(match.paragraphs),
        "headline": told.headline,
        "publisher": told.publisher,
        "url": web_address(told.url),
        "published": told.published.isoformat() if told.published else None,
        "added": second(told.added),
        "snippet": {
            "text": told.snippet,
            "html": str(marked(told.snippet, told.marks)),
            "marks": [list(mark) for mark in told.marks],
        },
        "links": {"article": f"/api/v1/articles/{match.article}"},
    }
