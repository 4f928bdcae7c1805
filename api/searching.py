"""Reading by HTTP: search and everything that an answer links to."""

from __future__ import annotations

from typing import Any, cast
from urllib.parse import urlencode

from flask import Response, request, url_for
from flask.views import MethodView
from flask_smorest import Blueprint
from werkzeug.exceptions import NotFound

from api import answers, render
from api.caching import cached_json
from api.context import current_engine
from api.ninjs import MEDIA_TYPE, ninjs_item
from api.origins import absolute
from api.schemas import (
    ArticleArgs,
    PrefixArgs,
    SearchArgs,
    SimilarArgs,
    StrictSchema,
    SuggestArgs,
    search_request,
)
from index.model import ENTITY_KINDS

blueprint = Blueprint("search", __name__, url_prefix="/api/v1", description="Reading the index.")


def _query(schema: type[StrictSchema]) -> dict[str, Any]:
    return {"parameters": [{"in": "query", "schema": schema}]}


def _load(schema: type[StrictSchema]) -> dict[str, Any]:
    given = {name: request.args.getlist(name)[-1] for name in request.args}
    return cast("dict[str, Any]", schema().load(given))


@blueprint.route("/search")
class Search(MethodView):
    """The search."""

    @blueprint.doc(**_query(SearchArgs), summary="Search paragraphs", operationId="search")
    @blueprint.response(200, answers.PageSchema)
    def get(self) -> Response:
        """Ranked paragraphs with snippets, facets and histograms."""
        asked = search_request(request.args)
        found: dict[str, Any] = {}

        def make() -> dict[str, Any]:
            found.update(render.page_json(current_engine().search(asked)))
            return found

        answer = cached_json(make)
        _link(answer, found.get("next"))
        return answer


def _link(answer: Response, following: str | None) -> None:
    """`Link` of RFC 8288: where the answer goes on and where it began."""
    rest = [(k, v) for k, v in request.args.items(multi=True) if k != "cursor"]
    if following:
        answer.headers.add(
            "Link", f'<{request.path}?{urlencode([*rest, ("cursor", following)])}>; rel="next"'
        )
    if "cursor" in request.args:
        answer.headers.add("Link", f'<{request.path}?{urlencode(rest)}>; rel="first"')


@blueprint.route("/articles/<article_id>")
class Article(MethodView):
    """One article."""

    @blueprint.doc(**_query(ArticleArgs), summary="A whole article", operationId="article")
    @blueprint.response(200, answers.ArticleSchema)
    def get(self, article_id: str) -> Response:
        """Its paragraphs with all dates and names, and how its day of publication is known."""
        q = _load(ArticleArgs)["q"]
        return cached_json(lambda: render.article_json(current_engine().article(article_id, q)))


@blueprint.route("/articles/<article_id>/ninjs")
class Ninjs(MethodView):
    """One article, for another newsroom's system."""

    @blueprint.doc(**_query(StrictSchema), summary="An article as ninjs 3", operationId="ninjs")
    @blueprint.response(200, answers.NinjsSchema, content_type=MEDIA_TYPE)
    def get(self, article_id: str) -> Response:
        """The article as an item of the IPTC's ninjs 3.1: its text, its names and where they come from."""
        _load(StrictSchema)
        address = absolute(url_for("pages.article", article_id=article_id))
        answer = cached_json(lambda: ninjs_item(current_engine().article(article_id), address))
        answer.headers["Content-Type"] = MEDIA_TYPE
        return answer


@blueprint.route("/paragraphs/<paragraph_id>")
class Paragraph(MethodView):
    """One paragraph."""

    @blueprint.doc(**_query(ArticleArgs), summary="One paragraph", operationId="paragraph")
    @blueprint.response(200, answers.HitSchema)
    def get(self, paragraph_id: str) -> Response:
        """The paragraph in full, with what is told of its article."""
        q = _load(ArticleArgs)["q"]
        return cached_json(lambda: render.hit_json(current_engine().paragraph(paragraph_id, q)))


@blueprint.route("/similar/<paragraph_id>")
class Similar(MethodView):
    """Paragraphs like one."""

    @blueprint.doc(**_query(SimilarArgs), summary="Similar paragraphs", operationId="similar")
    @blueprint.response(200, answers.PageSchema)
    def get(self, paragraph_id: str) -> Response:
        """Paragraphs that speak of the same, the likest first."""
        limit = _load(SimilarArgs)["limit"]
        return cached_json(lambda: render.page_json(current_engine().similar(paragraph_id, limit)))


@blueprint.route("/entities/<entity_id>")
class Entity(MethodView):
    """One entity."""

    @blueprint.doc(summary="A person, organisation or place", operationId="entity")
    @blueprint.response(200, answers.EntitySchema)
    def get(self, entity_id: str) -> Response:
        """How it is written, how often and when it is named, and beside whom."""
        _load(StrictSchema)
        return cached_json(lambda: render.card_json(current_engine().entity(entity_id)))


@blueprint.route("/facets/<kind>")
class FacetValues(MethodView):
    """Values of a facet."""

    @blueprint.doc(**_query(PrefixArgs), summary="Find a facet's value by typing", operationId="facet_values")
    @blueprint.response(200, answers.ValuesSchema)
    def get(self, kind: str) -> Response:
        """Names of which a word begins like what was typed, or nearly so, most frequent first."""
        if kind not in ENTITY_KINDS:
            raise NotFound(f"There is no facet {kind!r} with values; there are {', '.join(ENTITY_KINDS)}.")
        args = _load(PrefixArgs)

        def make() -> dict[str, Any]:
            found = current_engine().facet_values(kind, args["prefix"], args["limit"])
            return {"kind": kind, "prefix": args["prefix"], "values": [render.value_json(v) for v in found]}

        return cached_json(make)


@blueprint.route("/suggest")
class Suggest(MethodView):
    """Suggestions."""

    @blueprint.doc(**_query(SuggestArgs), summary="Complete and correct a query", operationId="suggest")
    @blueprint.response(200, answers.SuggestionsSchema)
    def get(self) -> Response:
        """Words and names that go on from what was typed, and a correction of misspelt words."""
        args = _load(SuggestArgs)
        return cached_json(
            lambda: render.suggestions_json(current_engine().suggest(args["q"], args["limit"]))
        )


@blueprint.route("/stats")
class Statistics(MethodView):
    """The index as a whole."""

    @blueprint.doc(summary="How much the index holds", operationId="stats")
    @blueprint.response(200, answers.StatsSchema)
    def get(self) -> Response:
        """Counts, the span of days, and the size on disk."""
        _load(StrictSchema)
        return cached_json(lambda: render.stats_json(current_engine().stats()))
