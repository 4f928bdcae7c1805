"""Requests as typed arguments, and answers as JSON: one marshmallow schema for each."""

from __future__ import annotations

import calendar
import re
from collections.abc import Mapping
from datetime import date
from typing import Any

from marshmallow import RAISE, Schema, ValidationError, fields, validate, validates_schema
from werkzeug.datastructures import MultiDict

from index.decisions import ACTIONS, MAX_IDS, MAX_TEXT, Action, fit
from index.errors import DecisionError
from index.model import ENTITY_KINDS
from search.request import FACETS, DayRange, EntityFilter, FacetName, SearchRequest

MAX_VALUES = 50  # ids of one parameter
MAX_NUMBER = 2**31 - 1
"""Largest number of a line of a log, as databases keep it."""
DAYS = (
    "^(([1-9][0-9]{3}|0[1-9][0-9]{2}|00[1-9][0-9]|000[1-9])"
    "(-(0?[1-9]|1[0-2])(-(0?[1-9]|1[0-9]|2[0-8]))?|-(0?[13-9]|1[0-2])-(29|30)|-(0?[13578]|1[02])-31)?)?$"
)
"""Which days, months and years are taken, for the description; 29 February is, too, where there is one.

An empty value is none at all: a form sends every field it has.
"""
_DAY = re.compile(r"(\d{4})(?:-(\d{1,2})(?:-(\d{1,2}))?)?")
_MANY = tuple(f"{prefix}{kind}" for prefix in ("", "not_") for kind in ENTITY_KINDS)


class CalendarDay(fields.Field[date]):
    """An ISO 8601 day, month or year; one end of it is the value."""

    def __init__(self, *, end: bool, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._end = end

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> date:
        match = _DAY.fullmatch(str(value).strip())
        if match is None:
            raise ValidationError("Not an ISO 8601 day, month or year: use 2014-03-11, 2014-03 or 2014.")
        year, month, day = (int(part) if part else None for part in match.groups())
        try:
            if self._end:
                month = month or 12
                day = day or calendar.monthrange(int(year or 0), month)[1]
            return date(int(year or 0), month or 1, day or 1)
        except (ValueError, calendar.IllegalMonthError) as error:
            raise ValidationError("There is no such day.") from error


class FacetNames(fields.Field[tuple[FacetName, ...]]):
    """Facet names with commas between them; nothing means none."""

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> tuple[FacetName, ...]:
        names = [part.strip() for part in str(value).split(",") if part.strip()]
        unknown = [n for n in names if n not in FACETS]
        if unknown:
            raise ValidationError(f"Unknown facet {unknown[0]!r}; there are {', '.join(FACETS)}.")
        return tuple(f for f in FACETS if f in names)


def _ids(what: str) -> fields.List[str]:
    entity = fields.String(validate=validate.Length(min=1, max=200))
    return fields.List(
        entity, load_default=list, validate=validate.Length(max=MAX_VALUES), metadata={"description": what}
    )


def _number(least: int, what: str, default: int | None) -> fields.Integer:
    """A number of a log's line."""
    return fields.Integer(
        load_default=default, validate=validate.Range(least, MAX_NUMBER), metadata={"description": what}
    )


def _choice(choices: tuple[str, ...], what: str, default: str | None) -> fields.String:
    return fields.String(
        load_default=default, validate=validate.OneOf(choices), metadata={"description": what}
    )


_A_DAY = {"pattern": DAYS}


class StrictSchema(Schema):
    """A schema of query parameters: an unknown one is named, not ignored."""

    class Meta:
        """Marshmallow's own options."""

        unknown = RAISE

    error_messages = {"unknown": "Unknown parameter."}  # noqa: RUF012 - as marshmallow reads it


class SearchArgs(StrictSchema):
    """Parameters of a search."""

    q = fields.String(load_default="", metadata={"description": "The query; empty means everything."})
    person = _ids("Entity id; any of several.")
    org = _ids("Entity id; any of several.")
    place = _ids("Entity id; any of several.")
    person_mode = _choice(("any", "all"), "Whether any or all chosen people must be named.", "any")
    org_mode = _choice(("any", "all"), "Whether any or all chosen organisations must be named.", "any")
    place_mode = _choice(("any", "all"), "Whether any or all chosen places must be named.", "any")
    not_person = _ids("Entity id that must not be named.")
    not_org = _ids("Entity id that must not be named.")
    not_place = _ids("Entity id that must not be named.")
    published_from = CalendarDay(
        end=False,
        load_default=None,
        metadata={"description": "First day, month or year of publication.", **_A_DAY},
    )
    published_to = CalendarDay(
        end=True,
        load_default=None,
        metadata={"description": "Last day, month or year of publication, included.", **_A_DAY},
    )
    mentioned_from = CalendarDay(
        end=False,
        load_default=None,
        metadata={"description": "First day, month or year spoken of.", **_A_DAY},
    )
    mentioned_to = CalendarDay(
        end=True,
        load_default=None,
        metadata={"description": "Last day, month or year spoken of, included.", **_A_DAY},
    )
    undated = _choice(
        ("include", "exclude", "only"),
        "Articles without a day of publication. By default they are included, unless a day of "
        "publication is asked for.",
        None,
    )
    sort = _choice(
        ("relevance", "newest", "oldest", "added"),
        "By default relevance with `q`, newest without; `added`: what was taken in last.",
        None,
    )
    group = _choice(
        ("none", "article", "story"),
        "One hit a paragraph, one an article, or one a story: the articles that are copies of one text.",
        "none",
    )
    duplicates = _choice(
        ("fold", "show"),
        "`fold` shows of each story only the article whose paragraph ranks best; counts stay as they are. "
        "By default all are shown.",
        None,
    )
    story = fields.String(
        load_default=None,
        validate=validate.Length(max=200),
        metadata={"description": "Id of an article: it and its copies alone."},
    )
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata={"description": "Hits a page."}
    )
    cursor = fields.String(
        load_default=None,
        validate=validate.Length(max=500),
        metadata={"description": "`next` of the page before."},
    )
    facets = FacetNames(
        load_default=FACETS,
        metadata={
            "description": "Which facets, with commas; empty means none.",
            "pattern": f"^(({'|'.join(FACETS)})(,({'|'.join(FACETS)}))*)?$",
            "default": ",".join(FACETS),
        },
    )
    facet_limit = fields.Integer(
        load_default=10, validate=validate.Range(1, 100), metadata={"description": "Values a facet."}
    )
    interval = _choice(("year", "quarter", "month", "week", "day", "auto"), "Of the histograms.", "auto")

    @validates_schema(skip_on_field_errors=True)
    def _in_order(self, data: Mapping[str, Any], **kwargs: Any) -> None:
        for name in ("published", "mentioned"):
            first, last = data.get(f"{name}_from"), data.get(f"{name}_to")
            if first and last and first > last:
                raise ValidationError("It lies before the first day.", f"{name}_to")


_SEARCH_ARGS = SearchArgs()  # making one copies every field; loading with one changes nothing in it


def search_request(args: MultiDict[str, str]) -> SearchRequest:
    """Read a search out of query parameters.

    Raises:
        ValidationError: some cannot be used; `messages` names each.
    """
    data: dict[str, Any] = {}
    for name in args:
        values = args.getlist(name)
        if name in _MANY:
            data[name] = [v for v in values if v != ""]
        elif name in ("facets", "q") or values[-1] != "":  # an empty field of a form is left out
            data[name] = values[-1]
    return request_of(_SEARCH_ARGS.load(data))


def request_of(loaded: Mapping[str, Any]) -> SearchRequest:
    """The typed request of loaded arguments."""
    entities = {
        kind: EntityFilter(
            tuple(dict.fromkeys(loaded[kind])),
            loaded[f"{kind}_mode"] == "all",
            tuple(dict.fromkeys(loaded[f"not_{kind}"])),
        )
        for kind in ENTITY_KINDS
    }
    same = (
        *("q", "undated", "sort", "group", "duplicates", "story"),
        *("limit", "cursor", "facets", "facet_limit", "interval"),
    )
    return SearchRequest(
        entities=entities,
        published=DayRange(loaded["published_from"], loaded["published_to"]),
        mentioned=DayRange(loaded["mentioned_from"], loaded["mentioned_to"]),
        **{name: loaded[name] for name in same},
    )


class EntitiesArgs(StrictSchema):
    """Parameters of finding entities."""

    prefix = fields.String(
        load_default="", validate=validate.Length(max=200), metadata={"description": "What was typed."}
    )
    kind = _choice(ENTITY_KINDS, "Of one kind alone.", None)
    hidden = fields.Boolean(
        load_default=False, metadata={"description": "What editors hid instead; needs the key."}
    )
    limit = fields.Integer(
        load_default=20, validate=validate.Range(1, 100), metadata={"description": "Entities at most."}
    )


class LogArgs(StrictSchema):
    """Parameters of the log."""

    entity = fields.String(
        load_default=None,
        validate=validate.Length(1, MAX_TEXT),
        metadata={"description": "Decisions about this entity and what was merged into it alone."},
    )
    before = _number(0, "`next` of the answer before: older decisions alone.", None)
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 500), metadata={"description": "Decisions at most."}
    )


class IngestsArgs(StrictSchema):
    """Parameters of the log of ingests."""

    failed = fields.Boolean(
        load_default=False,
        metadata={"description": "Those alone of which something is not in the index."},
    )
    before = _number(0, "`next` of the answer before: older runs alone.", None)
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 500), metadata={"description": "Runs at most."}
    )


class AuditArgs(StrictSchema):
    """Parameters of the audit."""

    key = fields.String(
        load_default=None,
        validate=validate.Length(0, 8),
        metadata={"description": "What was done with the key of this id alone."},
    )
    before = _number(0, "`next` of the answer before: older lines alone.", None)
    limit = fields.Integer(
        load_default=50, validate=validate.Range(1, 500), metadata={"description": "Lines at most."}
    )


class FailuresArgs(StrictSchema):
    """Parameters of one run's failures."""

    after = _number(0, "`next` of the answer before: further failures alone.", 0)
    limit = fields.Integer(
        load_default=100, validate=validate.Range(1, 1000), metadata={"description": "Failures at most."}
    )


_SPACE = "\\t-\\r\\x1c-\\x20\\x85\\xa0\\u1680\\u2000-\\u200a\\u2028\\u2029\\u202f\\u205f\\u3000"
_BREAK = "\\x00-\\x1f\\x7f-\\x9f\\u2028\\u2029"
_INK = f"[^{_SPACE}{_BREAK}]"


class OneLine(fields.String):
    """A name or an id: one line of text that is not empty; space around it is left out."""

    def __init__(self, *, metadata: Mapping[str, Any] | None = None, **kwargs: Any) -> None:
        told = {
            "minLength": 1,
            "maxLength": MAX_TEXT,
            "pattern": f"^[{_SPACE}]*{_INK}([^{_BREAK}]*{_INK})?[{_SPACE}]*$",
        }
        super().__init__(metadata={**told, **(metadata or {})}, **kwargs)

    def _deserialize(
        self, value: Any, attr: str | None, data: Mapping[str, Any] | None, **kwargs: Any
    ) -> str:
        text = super()._deserialize(value, attr, data, **kwargs)
        try:
            return fit("", "It", str(text))
        except DecisionError as error:
            raise ValidationError(f"{error.reason}.") from error


class UndoBody(StrictSchema):
    """The body that undoes a decision."""

    editor = OneLine(required=True, metadata={"description": "Who decides.", "example": "anna"})


def _action(*actions: Action) -> fields.String:
    return fields.String(required=True, allow_none=False, validate=validate.OneOf(actions))


class ActionBody(StrictSchema):
    """What every body of a decision says."""

    action = _action(*(a for a in ACTIONS if a != "undo"))


class EntityBody(UndoBody, ActionBody):
    """A decision that takes an entity and nothing more: hide or pin."""

    action = _action("hide", "pin")
    entity = OneLine(required=True, metadata={"example": "person-john-kerry"})


class RenameBody(EntityBody):
    """Give an entity a display name."""

    action = _action("rename")
    name = OneLine(required=True, metadata={"example": "John F. Kerry"})


class RetypeBody(EntityBody):
    """Say of which kind an entity is."""

    action = _action("retype")
    kind = fields.String(required=True, validate=validate.OneOf(ENTITY_KINDS))


class SplitBody(RenameBody):
    """Count the mentions of an entity in some articles as another one of this name."""

    action = _action("split")
    articles = fields.List(OneLine(), required=True, validate=validate.Length(1, MAX_IDS))


class MergeBody(UndoBody, ActionBody):
    """Count all mentions of some entities as another one."""

    action = _action("merge")
    into = OneLine(required=True, metadata={"example": "person-john-kerry"})


MergeBody._declared_fields["from"] = fields.List(
    OneLine(), required=True, validate=validate.Length(1, MAX_IDS), metadata={"example": ["person-j-kerry"]}
)

DECISION_BODIES: Mapping[Action, type[StrictSchema]] = {
    "merge": MergeBody,
    "split": SplitBody,
    "rename": RenameBody,
    "retype": RetypeBody,
    "hide": EntityBody,
    "pin": EntityBody,
}
"""The body of each decision but an undoing."""


class ArticleArgs(StrictSchema):
    """Parameters of an article or a paragraph."""

    q = fields.String(load_default="", metadata={"description": "A query whose words are marked."})


class PrefixArgs(StrictSchema):
    """Parameters of finding a value by typing."""

    prefix = fields.String(
        load_default="", validate=validate.Length(max=200), metadata={"description": "What was typed."}
    )
    limit = fields.Integer(
        load_default=10, validate=validate.Range(1, 100), metadata={"description": "Values at most."}
    )


class SuggestArgs(StrictSchema):
    """Parameters of a suggestion."""

    q = fields.String(
        load_default="", validate=validate.Length(max=500), metadata={"description": "What was typed so far."}
    )
    limit = fields.Integer(
        load_default=8, validate=validate.Range(1, 20), metadata={"description": "Suggestions at most."}
    )


class SimilarArgs(StrictSchema):
    """Parameters of similar paragraphs."""

    limit = fields.Integer(
        load_default=10, validate=validate.Range(1, 100), metadata={"description": "Hits at most."}
    )
