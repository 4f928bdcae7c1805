"""The shapes of answers, for the OpenAPI description; `render` makes them."""

from __future__ import annotations

from typing import Any

from marshmallow import Schema, fields


def _text(example: str | None = None, *, null: bool = False) -> fields.String:
    return fields.String(required=True, allow_none=null, metadata={"example": example} if example else {})


def _day(*, null: bool = False) -> fields.Date:
    return fields.Date(required=True, allow_none=null)


def _count() -> fields.Integer:
    return fields.Integer(required=True, metadata={"minimum": 0})


def _nested(schema: Any, **kwargs: Any) -> fields.Nested:
    return fields.Nested(schema, required=True, **kwargs)


class SnippetSchema(Schema):
    """The best passage."""

    text = _text()
    html = _text("… <mark>Crimea</mark> …")
    marks = fields.List(fields.List(fields.Integer()), required=True)


class ArticleHeadSchema(Schema):
    """An article, beside one of its paragraphs."""

    id = _text()
    headline = _text(null=True)
    published = _day(null=True)
    published_by = _text("inferred", null=True)
    source = _text()
    url = _text(null=True)
    author = _text(null=True)
    publisher = _text(null=True)
    added = fields.DateTime(required=True, allow_none=True)
    updated = fields.DateTime(required=True, allow_none=True)


class DateMentionSchema(Schema):
    """A time expression; spans count characters of the paragraph's text."""

    start = _count()
    end = _count()
    text = _text("Tuesday, March 11")
    timex = _text("2014-03-11", null=True)
    to = _day(null=True)
    reason = _text("text 2014-03-11", null=True)


DateMentionSchema._declared_fields["from"] = _day(null=True)  # a word that Python keeps for itself


class EntityMentionSchema(Schema):
    """A name; spans count characters of the paragraph's text."""

    start = _count()
    end = _count()
    text = _text("Kerry")
    kind = _text("person")
    entity = _text("person-john-kerry")
    name = _text("John Kerry")
    reason = _text("again surname 2", null=True)


class StorySchema(Schema):
    """The articles that are copies of one text."""

    id = fields.String(required=True, metadata={"description": "Of the article that came first."})
    articles = fields.Integer(required=True, metadata={"minimum": 1})


class HitStorySchema(StorySchema):
    """The story of a hit's article."""

    found = fields.Integer(
        metadata={"description": "How many of them answer the search; only where one was asked."}
    )


class CopySchema(ArticleHeadSchema):
    """Another article of the same story."""

    paragraphs = _count()
    same = fields.List(
        fields.String(),
        required=True,
        metadata={"description": "Paragraphs of the article asked for that this one has too."},
    )
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class ArticleStorySchema(StorySchema):
    """The story of an article, with its copies in the order in which they came."""

    copies = _nested(CopySchema, many=True)


class HitSchema(Schema):
    """A paragraph that answers."""

    id = _text()
    ordinal = _count()
    kind = _text("body")
    score = fields.Float(required=True)
    text = _text()
    snippet = _nested(SnippetSchema)
    article = _nested(ArticleHeadSchema)
    story = _nested(HitStorySchema)
    dates = _nested(DateMentionSchema, many=True)
    entities = _nested(EntityMentionSchema, many=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class FacetValueSchema(Schema):
    """A name and how often it occurs."""

    id = _text("person-john-kerry")
    name = _text("John Kerry")
    count = _count()
    selected = fields.Boolean(required=True)
    excluded = fields.Boolean()


class FacetSchema(Schema):
    """The values of one kind of name."""

    values = _nested(FacetValueSchema, many=True)
    other = fields.Integer(required=True, metadata={"description": "Sum of the counts of values not listed."})
    distinct = _count()


class BucketSchema(Schema):
    """A calendar interval."""

    to = _day()
    count = _count()
    precise = fields.Integer(
        required=True,
        metadata={"description": "How many of these name a time within the interval, not a longer one."},
    )


BucketSchema._declared_fields["from"] = _day()


class HistogramSchema(Schema):
    """Counts by calendar interval."""

    interval = _text("month")
    buckets = _nested(BucketSchema, many=True)
    undated = _count()


class FacetsSchema(Schema):
    """The facets asked for."""

    person = fields.Nested(FacetSchema)
    org = fields.Nested(FacetSchema)
    place = fields.Nested(FacetSchema)
    published = fields.Nested(HistogramSchema)
    mentioned = fields.Nested(HistogramSchema)


class QuerySchema(Schema):
    """How the query was understood."""

    text = _text("crimea putin")
    parsed = _text("crimea AND putin")
    suggestion = _text(null=True)
    notes = fields.List(fields.String(), required=True)


class TotalSchema(Schema):
    """How many answer."""

    paragraphs = _count()
    articles = _count()


class PageTotalSchema(TotalSchema):
    """How many answer a search; articles that are copies of one text are one story."""

    stories = _count()


class PageSchema(Schema):
    """A page of an answer."""

    query = _nested(QuerySchema)
    total = _nested(PageTotalSchema)
    took_ms = fields.Float(required=True)
    hits = _nested(HitSchema, many=True)
    facets = _nested(FacetsSchema)
    next = _text(null=True)


class ArticleSchema(ArticleHeadSchema):
    """A whole article."""

    published_evidence = _text(null=True)
    published_stamp = _text(null=True)
    document = _text()
    boundary = _text()
    dateline = _text(null=True)
    byline = _text(null=True)
    agency = _text(null=True)
    extra = fields.Dict(required=True)
    story = _nested(ArticleStorySchema)
    paragraphs = _nested(HitSchema, many=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class NinjsSchema(Schema):
    """An article as ninjs 3.1; the IPTC's schema describes every field."""

    uri = _text("https://dateline.example/articles/2cd4ce7192f359cb")
    standard = fields.Dict(keys=fields.String(), values=fields.String(), required=True)
    type = _text("text")
    representationType = _text("full")  # noqa: N815 - ninjs names it so
    pubStatus = _text("usable")  # noqa: N815
    firstCreated = fields.String()  # noqa: N815
    versionCreated = fields.String()  # noqa: N815
    language = fields.String()
    slugline = fields.String()
    copyrightHolder = fields.String()  # noqa: N815
    copyrightNotice = fields.String()  # noqa: N815
    usageTerms = fields.String()  # noqa: N815
    headlines = fields.List(fields.Dict())
    bodies = fields.List(fields.Dict())
    by = fields.String()
    located = fields.String()
    infoSources = fields.List(fields.Dict())  # noqa: N815
    altIds = fields.List(fields.Dict())  # noqa: N815
    people = fields.List(fields.Dict())
    organisations = fields.List(fields.Dict())
    places = fields.List(fields.Dict())


class MadeSchema(Schema):
    """A decision about an entity."""

    number = _count()
    at = fields.DateTime(required=True)
    action = _text("merge")
    arguments = fields.Dict(required=True, metadata={"description": "Ids, names and kinds, by the action."})
    undone_by = fields.Integer(
        required=True, allow_none=True, metadata={"description": "The decision that put it out of force."}
    )


class DecisionSchema(MadeSchema):
    """A line of the log."""

    who = _text("anna")
    effect = fields.Boolean(
        required=True, metadata={"description": "False where what it says was so already, or it was undone."}
    )


class LogSchema(Schema):
    """Decisions, the newest first."""

    decisions = _nested(DecisionSchema, many=True)
    next = fields.Integer(required=True, allow_none=True, metadata={"description": "`before` of the next."})


class FormSchema(Schema):
    """A way in which a name is written."""

    text = _text("Kerry")
    count = _count()


class KindValueSchema(FacetValueSchema):
    """A name of some kind."""

    kind = _text("person")


class EntitySchema(Schema):
    """What the index knows of an entity."""

    id = _text("person-john-kerry")
    kind = _text("person")
    name = _text("John Kerry")
    forms = _nested(FormSchema, many=True)
    total = _nested(TotalSchema)
    first = _day(null=True)
    last = _day(null=True)
    related = _nested(KindValueSchema, many=True)
    also = fields.List(fields.String(), required=True)
    pinned = fields.Boolean(required=True)
    decisions = _nested(MadeSchema, many=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class KnownEntitySchema(Schema):
    """An entity as its editors see it."""

    id = _text("person-john-kerry")
    kind = _text("person")
    name = _text("John Kerry")
    count = _count()
    also = fields.List(
        fields.String(), required=True, metadata={"description": "Ids that were merged into it."}
    )
    pinned = fields.Boolean(required=True)
    hidden = fields.Boolean(required=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class KnownEntitiesSchema(Schema):
    """Entities found by typing."""

    entities = _nested(KnownEntitySchema, many=True)


class ValuesSchema(Schema):
    """Values found by typing."""

    kind = _text("person")
    prefix = _text("ker")
    values = _nested(FacetValueSchema, many=True)


class SuggestionsSchema(Schema):
    """Completions of what is being typed."""

    q = _text("crim")
    words = fields.List(fields.String(), required=True)
    entities = _nested(KindValueSchema, many=True)
    suggestion = _text(null=True)


class AcceptedSchema(Schema):
    """A document that went in."""

    id = _text()
    source = _text("day.zip!ferry.txt")
    articles = _count()
    paragraphs = _count()
    unchanged = fields.Boolean(required=True)
    state = fields.String(
        required=True,
        metadata={
            "example": "indexed",
            "enum": ["indexed", "unchanged", "embargoed", "withheld", "canceled", "stale"],
            "description": "Stale: something newer is known of it, and it stays as it was; see `reason`.",
        },
    )
    embargo = fields.String(
        metadata={"description": "When it will be shown.", "example": "2026-03-01T06:00:00Z"}
    )
    version = fields.Integer(
        allow_none=True, metadata={"description": "That is held of a document not shown."}
    )
    reason = fields.String(metadata={"description": "Why a stale one stays as it was."})


class RefusedSchema(Schema):
    """A document that did not."""

    source = _text()
    reason = _text()


class IngestSchema(Schema):
    """What became of posted documents."""

    accepted = _nested(AcceptedSchema, many=True)
    refused = _nested(RefusedSchema, many=True)


class RunSchema(Schema):
    """A run of indexing."""

    number = _count()
    state = _text("incomplete")
    how = _text("command line")
    source = _text("/srv/wire")
    started = _text("2026-03-01T02:00:00Z")
    seen = _text("2026-03-01T02:04:10Z")
    ended = _text("2026-03-01T02:04:10Z", null=True)
    seconds = fields.Float(required=True)
    counts = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    error = _text(null=True)
    links = fields.Dict(keys=fields.String(), values=fields.String(), required=True)


class FailureSchema(Schema):
    """An input that is not in the index."""

    at = _text("2026-03-01T02:01:00Z")
    kind = _text("failed")
    input = _text("/srv/wire/page.html")
    reason = _text()
    remedy = _text()


class IngestsSchema(Schema):
    """Runs, the newest first."""

    ingests = _nested(RunSchema, many=True)
    next = fields.Integer(required=True, allow_none=True)


class IngestedSchema(RunSchema):
    """A run and its failures."""

    failures = _nested(FailureSchema, many=True)
    next = fields.Integer(required=True, allow_none=True)


class StatsSchema(Schema):
    """How much the index holds."""

    generation = _count()
    documents = _count()
    articles = _count()
    paragraphs = _count()
    entities = fields.Dict(keys=fields.String(), values=fields.Integer(), required=True)
    first = _day(null=True)
    last = _day(null=True)
    undated = _count()
    bytes = _count()


class AuditLineSchema(Schema):
    """Something that was written, or refused to somebody whose key was known."""

    number = _count()
    at = fields.DateTime(required=True)
    key = _text("3f9a01bc")
    name = _text("CMS")
    who = _text("anna", null=True)
    address = _text("192.0.2.7")
    method = _text("POST")
    route = _text("/api/v1/documents")
    what = _text()
    status = _count()


class AuditSchema(Schema):
    """The audit, the newest lines first."""

    lines = _nested(AuditLineSchema, many=True)
    next = fields.Integer(required=True, allow_none=True, metadata={"description": "`before` of the next."})
