"""What is known of a name, and which names begin as typed: pages that the search page shows in its own."""

from __future__ import annotations

from dataclasses import replace

from flask import Blueprint, Response, request, url_for
from werkzeug.exceptions import NotFound

from api import charts, pageview
from api.addresses import Address
from api.caching import cached
from api.context import current_engine
from api.pages import html_page, not_found, understand
from index.errors import NotFoundError
from index.model import ENTITY_KINDS, EntityKind
from search.engine import Engine
from search.request import EntityFilter, SearchRequest
from search.results import EntityCard, FacetValue

blueprint = Blueprint("cards", __name__)
blueprint.register_error_handler(NotFoundError, not_found)
VALUES = 30
PREFIX = 200  # characters of a name's beginning


@blueprint.get("/entities/<entity_id>")
def entity(entity_id: str) -> Response:
    """A person, organisation or place: how it is written, when and beside whom it is named."""

    def make() -> Response:
        engine, here = current_engine(), understand(request.args).here
        card = engine.entity(entity_id)
        chosen, excluded = (card.id in here.values(name) for name in (card.kind, f"not_{card.kind}"))
        own = FacetValue(card.id, card.name, card.paragraphs, chosen, excluded)
        return html_page(
            "entity.html",
            card=card,
            here=here,
            timeline=_timeline(engine, card),
            row=pageview.facet_row(card.kind, own, here),
            related=[pageview.facet_row(kind, value, here) for kind, value in card.related],
        )

    return cached(make)


def _timeline(engine: Engine, card: EntityCard) -> charts.Chart:
    """The days on which articles that name it were published; a bar leads to what they say."""
    asked = SearchRequest(
        entities={card.kind: EntityFilter((card.id,))}, limit=1, facets=("published",), sort="newest"
    )
    there = Address(url_for("pages.search"), ((card.kind, card.id),))
    return charts.chart("published", engine.search(asked).histograms["published"], asked, there)


@blueprint.get("/facets/<kind>")
def values(kind: str) -> Response:
    """Names of a kind that begin as typed, counted in the search that comes along."""
    known = next((k for k in ENTITY_KINDS if k == kind), None)
    if known is None:
        raise NotFound(f"There is no list of {kind!r}; there are {', '.join(ENTITY_KINDS)}.")

    def make() -> Response:
        prefix = request.args.get("prefix", "")[:PREFIX]
        understood = understand(request.args)
        found = matching(current_engine(), understood.asked, known, prefix)
        rows = [pageview.facet_row(known, value, understood.here) for value in found]
        return html_page("values.html", kind=known, prefix=prefix, rows_found=rows, here=understood.here)

    return cached(make)


def matching(engine: Engine, asked: SearchRequest, kind: EntityKind, prefix: str) -> list[FacetValue]:
    """Names that begin as typed, with their counts in a search, those that occur there first.

    A facet always counts what is chosen of it, after every filter but its own: what was
    found is counted by asking for it.
    """
    found = engine.facet_values(kind, prefix, VALUES)
    ids = tuple(value.id for value in found)
    own = asked.entities.get(kind, EntityFilter())
    counted = replace(
        asked, entities={**asked.entities, kind: EntityFilter(ids)}, facets=(kind,), limit=1, cursor=None
    )
    counts = {value.id: value.count for value in engine.search(counted).facets[kind].values} if ids else {}
    made = (
        FacetValue(v.id, v.name, counts.get(v.id, 0), v.id in own.chosen, v.id in own.excluded) for v in found
    )
    return sorted(made, key=lambda value: value.count == 0)  # stable: pinned and frequent names stay first
