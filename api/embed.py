"""How does a search, or an article, stand on a page of another site? The box, the frame, and oEmbed.

oEmbed: https://oembed.com, version 1.0.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any
from urllib.parse import parse_qsl, unquote, urlencode, urlsplit

from flask import Blueprint, Response, abort, current_app, request, url_for
from markupsafe import Markup
from marshmallow import fields, validate
from werkzeug.exceptions import HTTPException
from werkzeug.routing import RequestRedirect

from api import assets, problems
from api.addresses import Address
from api.caching import cached, cached_json
from api.context import current_engine
from api.linked_data import cut, title_of
from api.marking import marked
from api.origins import absolute
from api.pages import answer, html_page, understand
from api.pageview import folding
from api.schemas import StrictSchema
from index.errors import NotFoundError
from search.results import ArticleView, Hit

blueprint = Blueprint("embed", __name__)
SCRIPT_KEPT = "public, max-age=300, stale-while-revalidate=86400"  # a fix is everywhere within minutes
HITS, MOST_HITS = 5, 20
WIDTH, SEARCH_HEIGHT, ARTICLE_HEIGHT = 600, 480, 320
PARAGRAPHS = 2  # of an article in a frame
# What a frame of ours may do on the page around it: open a link there, when somebody clicks.
SANDBOX = "allow-popups allow-popups-to-escape-sandbox allow-top-navigation-by-user-activation"


@blueprint.get("/embed.js")
def script() -> Response:
    """The box, under an address that stays: pages of other sites name it."""
    found = assets.find(assets.STATIC, "embed.js")
    if found is None:
        abort(404)
    made = assets.answer(found, SCRIPT_KEPT)
    made.headers["Access-Control-Allow-Origin"] = "*"
    made.headers["Cross-Origin-Resource-Policy"] = "cross-origin"
    return made


@blueprint.get("/embed")
def page() -> Response:
    """A search in a frame: the same parameters as the API's search, fewer results."""

    def make() -> Response:
        understood = understand(request.args)
        limit = min(understood.asked.limit, MOST_HITS) if understood.here.values("limit") else HITS
        asked = replace(folding(understood.asked), facets=(), limit=limit, cursor=None)
        found, _, _ = answer(current_engine(), asked)
        here = understood.here.without("limit", "facets", "facet_limit", "interval")
        status = 400 if understood.problems else 200
        shown = [_shown(hit) for hit in found.hits]
        return html_page(
            "embed.html", status, page=found, asked=asked, here=here, hits=shown, notices=understood.problems
        )

    return cached(make)


def _shown(hit: Hit) -> tuple[Hit, Markup, Markup | None]:
    """A hit, its headline and its passage as markup; a headline that was found is not said twice."""
    passage = marked(hit.snippet.text, hit.snippet.marks)
    if hit.snippet.text == hit.article.headline:
        return hit, passage, None
    return hit, marked(hit.article.headline or "Without a headline", ()), passage


@blueprint.get("/embed/articles/<article_id>")
def article(article_id: str) -> Response:
    """An article in a frame: its beginning, or the paragraph that `paragraph` names."""

    def make() -> Response:
        view = current_engine().article(article_id)
        return html_page("embed.html", view=view, hits=_passages(view, request.args.get("paragraph", "")))

    return cached(make)


@blueprint.errorhandler(NotFoundError)
def gone(_: NotFoundError) -> Response:
    """What stood in the frame is no longer there; the page around it goes on."""
    made = html_page("embed.html", 404, hits=(), notices=("This article is not in the archive any more.",))
    made.headers["Cache-Control"] = "no-store"
    return made


def _passages(view: ArticleView, paragraph_id: str) -> list[tuple[Hit, Markup]]:
    chosen = [hit for hit in view.paragraphs if hit.id == paragraph_id and hit.kind != "headline"]
    begun = [hit for hit in view.paragraphs if hit.kind in ("body", "quote")][:PARAGRAPHS]
    return [(hit, marked(hit.text, ())) for hit in chosen or begun]


# --- oEmbed


class OEmbedArgs(StrictSchema):
    """What a consumer asks for; further parameters of its own are its own affair."""

    class Meta:
        """Marshmallow's own options."""

        unknown = "exclude"

    url = fields.URL(required=True, require_tld=False, schemes={"http", "https"})
    format = fields.String(load_default="json")
    maxwidth = fields.Integer(load_default=WIDTH, validate=validate.Range(1, 100_000))
    maxheight = fields.Integer(load_default=100_000, validate=validate.Range(1, 100_000))


@dataclass(frozen=True, slots=True)
class _Frame:
    path: str
    title: str
    height: int


@blueprint.get("/oembed")
def oembed() -> Response:
    """How to show an address of this site on another one."""
    args = OEmbedArgs().load({name: value for name, value in request.args.items() if value.strip()})
    if args["format"] != "json":
        told = f"There is no {args['format']!r} here; ask for format=json."
        return problems.problem(501, "not-implemented", "Not implemented", told)
    try:
        frame = _frame_of(args["url"])
    except NotFoundError as error:
        return problems.problem(404, "not-found", "Not found", str(error))
    if frame is None:
        told = "That is no search and no article of this site, and nothing else can be embedded."
        return problems.problem(404, "not-found", "Not found", told)
    return cached_json(lambda: _oembed_json(frame, args))


def _frame_of(url: str) -> _Frame | None:
    parts = urlsplit(url)
    if parts.netloc.lower() not in {urlsplit(absolute("")).netloc.lower(), request.host.lower()}:
        return None
    try:
        endpoint, values = current_app.url_map.bind("").match(unquote(parts.path or "/"))
    except (HTTPException, RequestRedirect):
        return None
    engine = current_engine()
    if endpoint == "pages.search":
        here = Address.of(url_for(".page"), parse_qsl(parts.query)).without()
        words = " ".join(here.values("q"))
        return _Frame(str(here), f"{cut(words, 100)} – Dateline" if words else "Dateline", SEARCH_HEIGHT)
    if endpoint == "pages.article":
        view, shown = engine.article(values["article_id"]), parts.fragment.removeprefix("p-")
    elif endpoint == "pages.paragraph":
        hit = engine.paragraph(values["paragraph_id"])
        view, shown = engine.article(hit.article.id), hit.id
    else:
        return None
    chosen = shown if shown in {hit.id for hit in view.paragraphs} else None  # None: no such parameter
    path = url_for(".article", article_id=view.head.id, paragraph=chosen)
    return _Frame(path, cut(title_of(view), 200), ARTICLE_HEIGHT)


def _oembed_json(frame: _Frame, args: Mapping[str, Any]) -> dict[str, Any]:
    width, height = min(WIDTH, args["maxwidth"]), min(frame.height, args["maxheight"])
    markup = Markup(
        '<iframe src="{}" title="{}" width="{}" height="{}"'
        ' style="max-width:100%" frameborder="0" loading="lazy" sandbox="{}"></iframe>'
    )
    return {
        "version": "1.0",
        "type": "rich",
        "provider_name": "Dateline",
        "provider_url": absolute(url_for("pages.search")),
        "title": frame.title,
        "cache_age": 3600,
        "width": width,
        "height": height,
        "html": str(markup.format(absolute(frame.path), frame.title, width, height, SANDBOX)),
    }


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    """What the head of a page says of how to embed it."""
    return {"oembed_link": oembed_link, "absolute": absolute}


def oembed_link(address: str, title: str) -> Markup:
    """The link by which consumers discover oEmbed (oEmbed, section 4).

    Args:
        address: of the page itself, in full.
        title: of the page.
    """
    asked = urlencode({"url": address, "format": "json"}, errors="replace")
    href = f"{absolute(url_for('embed.oembed'))}?{asked}"
    link = Markup('<link rel="alternate" type="application/json+oembed" href="{}" title="{}">')
    return link.format(href, title)
