"""The pages people read: the search, an article, and what is said when there is neither."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, replace
from typing import Any

from flask import Blueprint, Response, redirect, render_template, request, url_for
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict
from werkzeug.wrappers import Response as AnyResponse

from api import access, charts, pageview
from api.addresses import FILTERS, OF_A_PAGE, Address, web_address
from api.assets import asset
from api.caching import cached
from api.context import current_engine
from api.days import day_words
from api.linked_data import cut
from api.marking import KIND_WORDS, annotated
from api.schemas import search_request
from index.errors import CursorError, CursorExpiredError, NotFoundError
from search.engine import Engine
from search.request import SearchRequest
from search.results import Page

blueprint = Blueprint("pages", __name__)
PUBLISHED_BY = {
    "metadata": ("", "The source's own data gives this day."),
    "stated": ("stated in the text", "The text itself gives this day."),
    "inferred": ("inferred", "Worked out from the weekdays and dates in the text; the article shows how."),
}
Arguments = MultiDict[str, str]
_TRACKING = ("utm_", "fbclid", "gclid", "msclkid", "mc_cid", "mc_eid")


@dataclass(frozen=True, slots=True)
class Understood:
    """A request as far as it makes sense, and what of it does not."""

    asked: SearchRequest
    here: Address
    problems: tuple[str, ...] = ()


@blueprint.get("/")
def search() -> Response:
    """The search page: the same parameters as the API's search."""
    return cached(_search, access.has_desk())


def _search() -> Response:
    engine, understood = current_engine(), understand(request.args)
    asked = pageview.folding(understood.asked)
    page, notice, status = answer(engine, asked)
    asked = asked if not notice else replace(asked, cursor=None)
    came = understood.here if not notice else understood.here.without()
    # An id that an editor merged into another goes by that one in every link but that to the
    # next page, whose cursor is of what was asked.
    asked, here = asked.renamed(page.renamed), came.renamed(page.renamed)
    view = {
        "chips": pageview.chips(asked, here, entity_names(engine, asked, page)),
        "sorts": pageview.orders(asked, here),
        "groups": pageview.groupings(asked, here),
        "copies": pageview.copies_shown(asked, page, here),
        "facets": pageview.facet_panels(asked, page, here),
        "charts": {axis: charts.chart(axis, found, asked, here) for axis, found in page.histograms.items()},
        "hits": pageview.copies_once(
            pageview.hit_view(hit, same, here) for hit, same in pageview.folded(page.hits, asked)
        ),
        "begun": pageview.begun(asked.q) if not page.hits else None,
        "exports": pageview.exports(here),
        "feeds": pageview.feeds(here),
        "next": str(came.having("cursor", page.next)) if page.next else None,
        "save": _saving(here),
        "typed": request.args,
        "problems": understood.problems,
        "notice": notice,
    }
    status = 400 if understood.problems else status
    made = html_page("search.html", status, page=page, asked=asked, here=here, **view)
    if notice:  # it is about the way here, not about what is at this address
        made.headers["Cache-Control"] = "no-store"
    return made


def _saving(here: Address) -> str | None:
    """Where the desk saves a search, if there is a desk; who is not signed in signs in on the way."""
    if not access.has_desk():
        return None
    return url_for("desk.searches", query=str(here.without(*OF_A_PAGE)).partition("?")[2])


@blueprint.get("/paragraphs/<paragraph_id>")
def paragraph(paragraph_id: str) -> AnyResponse:
    """A paragraph is shown where it stands: in its article."""
    hit = current_engine().paragraph(paragraph_id)
    kept = Address.of(url_for(".article", article_id=hit.article.id), request.args.items(multi=True))
    return redirect(f"{kept}#p-{hit.id}", 302)


@blueprint.errorhandler(NotFoundError)
def not_found(error: NotFoundError) -> Response:
    """Say that an id names nothing."""
    return error_page(f"No such {error.what}", f"{str(error)[:1].upper()}{str(error)[1:]}.", 404)


def error_page(title: str, detail: str, status: int) -> Response:
    """A page for a person who asked for something that cannot be shown."""
    made = html_page("error.html", status, title=title, detail=detail)
    made.headers["Cache-Control"] = "no-store"
    return made


def understand(args: Arguments) -> Understood:
    """Read a search's parameters, leaving out those that cannot be read.

    See `meant` for what is not even looked at.
    """
    kept = meant(args)
    problems: list[str] = []
    while True:
        try:
            asked = search_request(kept)
        except ValidationError as error:
            told = dict(_complaints(error.messages))
            problems += [f"{name}: {text}" for name, text in told.items()]
            # A complaint about no parameter in particular leaves the words alone.
            bad = {*told} & {*kept} or {*kept} - {"q"} or {*kept}
            kept = MultiDict(pair for pair in kept.items(multi=True) if pair[0] not in bad)
            if not bad:
                raise
        else:
            here = Address.of(url_for("pages.search"), kept.items(multi=True))
            return Understood(asked, here, tuple(problems))


def meant(args: Arguments) -> Arguments:
    """Parameters that say something.

    Empty ones are as good as absent: a form sends every field it has. What mail and
    social networks add to a shared link is nobody's mistake.
    """
    return MultiDict(
        (n, v)
        for n, v in args.items(multi=True)
        if (v.strip() or n == "facets") and not n.startswith(_TRACKING)
    )


def _complaints(messages: Any) -> Iterator[tuple[str, str]]:
    by_name = messages if isinstance(messages, Mapping) else {"_schema": messages}
    for name, told in by_name.items():
        yield ("the request" if name == "_schema" else str(name)), " ".join(_leaves(told))


def _leaves(told: Any) -> Iterator[str]:
    inner = told.values() if isinstance(told, Mapping) else told
    if isinstance(told, str) or not isinstance(inner, Iterable):
        yield str(told)
    else:
        for part in inner:
            yield from _leaves(part)


def answer(engine: Engine, asked: SearchRequest) -> tuple[Page, str | None, int]:
    """Search; where the place to go on from is lost, begin at the first result and say so."""
    try:
        return engine.search(asked), None, 200
    except CursorExpiredError:
        told, status = "The archive has changed since that page was made; here is the first page again.", 200
    except CursorError:
        told, status = "That link to a further page is damaged; here is the first page.", 400
    return engine.search(replace(asked, cursor=None)), told, status


def entity_names(engine: Engine, asked: SearchRequest, page: Page) -> dict[str, str]:
    """Names to show for the ids that are chosen or excluded; an id that nothing has stays as it is.

    A story goes by the headline of one of its articles.
    """
    names = {value.id: value.name for facet in page.facets.values() for value in facet.values}
    wanted = (id_ for chosen in asked.entities.values() for id_ in (*chosen.chosen, *chosen.excluded))
    names |= {id_: _name(engine, id_) for id_ in wanted if id_ not in names}
    if asked.story:
        names[asked.story] = next((_quoted(hit.article.headline) for hit in page.hits), "an article")
    return names


def _quoted(headline: str | None) -> str:
    return f"“{cut(headline, 60)}”" if headline else "an article"


def _name(engine: Engine, entity: str) -> str:
    try:
        return engine.entity(entity).name
    except NotFoundError:
        return entity


def html_page(template: str, status: int = 200, **values: Any) -> Response:
    """A template as an answer."""
    text = render_template(template, **values)
    # Half a surrogate pair in a document's text is no reason to fail.
    return Response(text.encode("utf-8", "replace"), status, mimetype="text/html")


@blueprint.app_context_processor
def helpers() -> dict[str, Any]:
    """What every template may call."""
    return {
        "asset": asset,
        "annotated": annotated,
        "day_words": day_words,
        "home": Address(url_for("pages.search")),
        "kind_titles": pageview.KIND_TITLES,
        "kind_words": KIND_WORDS,
        "number": "{:,}".format,
        "published_by": PUBLISHED_BY,
        "web_address": web_address,
        "FILTERS": FILTERS,
        "CHART_HEIGHT": charts.CHART_HEIGHT,
    }
