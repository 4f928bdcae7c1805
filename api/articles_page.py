"""How is a whole article read? Its paragraphs, what in them answers the search, and what is like them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date

from flask import Response, request, url_for
from markupsafe import Markup

from api import access, linked_data, pages
from api.addresses import FILTERS, Address
from api.caching import cached
from api.context import current_engine
from api.days import day_words
from api.marking import Note, annotated, marked
from api.origins import absolute
from api.pages import html_page, understand
from index.errors import NotFoundError
from index.model import ENTITY_KINDS
from search.engine import Engine
from search.results import ArticleView, Hit

blueprint = pages.blueprint  # the article is one of the pages
MOST_SIMILAR = 5
_OWN = ("notes", "similar")  # parameters of the page beside those of the search that led to it


@dataclass(frozen=True, slots=True)
class ParagraphView:
    """A paragraph to read.

    Attributes:
        hit: the paragraph.
        text: its markup.
        place: the how-many-th of the article's answers to the search it is, from 1, or None.
        before: id of the answer before it, or None.
        after: id of the answer behind it, or None.
        similar: address of the same page with the paragraphs that are like it.
    """

    hit: Hit
    text: Markup
    place: int | None
    before: str | None
    after: str | None
    similar: str


@dataclass(frozen=True, slots=True)
class Alike:
    """Paragraphs of other articles that are like the one of this id, each with its passage as markup."""

    of: str
    hits: tuple[tuple[Hit, Markup], ...]


@blueprint.get("/articles/<article_id>")
def article(article_id: str) -> Response:
    """A whole article; the search that led here comes along and leads back."""
    return cached(lambda: _article(article_id), access.has_desk())


def _article(article_id: str) -> Response:
    engine = current_engine()
    args = request.args.copy()
    notes, similar = (args.pop(name, "") for name in _OWN)
    understood = understand(args)
    view = engine.article(article_id, understood.asked.q)
    here = understood.here.without()
    asks = any(name == "q" or name in FILTERS for name, _ in here.pairs)
    found = engine.found_in(article_id, understood.asked) if asks else ()
    bare = url_for("pages.article", article_id=article_id)
    own = Address(bare, here.pairs)
    address = absolute(bare)
    return html_page(
        "article.html",
        view=view,
        here=here,
        own=own,
        address=address,
        found=found,
        paragraphs=_paragraphs(view.paragraphs, found, own, annotate=notes != "off"),
        alike=_alike(engine, view, similar),
        notes=notes != "off",
        notes_href=_with(own, "notes", "off"),
        names=_names(view.paragraphs),
        days=_days(view.paragraphs),
        title=linked_data.title_of(view),
        summary=linked_data.summary(view),
        published_time=linked_data.published_time(view),
        json_ld=linked_data.json_ld(linked_data.news_article(view, address)),
    )


def _with(own: Address, name: str, value: str, anchor: str = "") -> str:
    return f"{own}{'&' if own.pairs else '?'}{name}={value}{anchor}"


def _paragraphs(
    hits: Sequence[Hit], found: Sequence[str], own: Address, *, annotate: bool
) -> list[ParagraphView]:
    places = {id_: place for place, id_ in enumerate(found)}
    made = []
    for hit in hits:
        place = places.get(hit.id)
        marks = hit.snippet.marks if hit.snippet.text == hit.text else ()
        notes: tuple[Note, ...] = (*hit.dates, *hit.entities) if annotate else ()
        made.append(
            ParagraphView(
                hit=hit,
                text=annotated(hit.text, marks, notes, hit.article.published, reach=True),
                place=None if place is None else place + 1,
                before=found[place - 1] if place else None,
                after=found[place + 1] if place is not None and place + 1 < len(found) else None,
                similar=_with(own, "similar", hit.id, f"#p-{hit.id}"),
            )
        )
    return made


def _alike(engine: Engine, view: ArticleView, paragraph_id: str) -> Alike | None:
    """Paragraphs like one of the article's own, from other articles: this one is on the page already."""
    if paragraph_id not in {hit.id for hit in view.paragraphs}:
        return None
    try:
        likest = engine.similar(paragraph_id, MOST_SIMILAR + len(view.paragraphs)).hits
    except NotFoundError:  # gone since the article was read
        return None
    others = [hit for hit in likest if hit.article.id != view.head.id][:MOST_SIMILAR]
    return Alike(paragraph_id, tuple((hit, marked(hit.snippet.text, hit.snippet.marks)) for hit in others))


def _names(paragraphs: Iterable[Hit]) -> dict[str, dict[str, str]]:
    found: dict[str, dict[str, str]] = {kind: {} for kind in ENTITY_KINDS}
    for hit in paragraphs:
        for mention in hit.entities:
            found[mention.kind].setdefault(mention.entity, mention.name)
    return found


def _days(paragraphs: Iterable[Hit]) -> list[tuple[str, date, date]]:
    """Each time that is spoken of in words, with its first and last day, in the calendar's order."""
    spans = {(m.first, m.last) for hit in paragraphs for m in hit.dates if m.first and m.last}
    return [(day_words(first, last), first, last) for first, last in sorted(spans)]
