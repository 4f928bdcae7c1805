"""Which searches are there as a feed, as a table, as data? All: the page's address with another ending."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import replace
from hashlib import blake2b
from typing import Any, Literal

from flask import Blueprint, Response, make_response, request, url_for
from slugify import slugify
from werkzeug.datastructures import MultiDict

from api import pageview, problems
from api.addresses import OF_A_PAGE, Address
from api.caching import cached
from api.context import current_engine, current_places, current_settings
from api.exporting import csv_lines, entry_of, ndjson_lines, with_passage
from api.feeds import MEDIA_TYPES, NEVER, Entry, Feed, Kind, feed, stable_urn
from api.linked_data import cut
from api.origins import absolute, site
from api.pages import entity_names, meant
from api.render import hit_json
from api.schemas import search_request
from api.streaming import streamed
from search.request import SearchRequest
from search.results import Hit, Page, QueryEcho, Scan

blueprint = Blueprint("out", __name__)
Format = Literal["csv", "json", "ndjson"]
EXPORTS: Mapping[Format, str] = {
    "csv": "text/csv; charset=utf-8; header=present",
    "json": MEDIA_TYPES["json"],
    "ndjson": "application/x-ndjson",
}
ENTRIES = "50"  # of a feed, unless it is asked for more or fewer


@blueprint.get("/search.atom")
def atom() -> Response:
    """What was added last, as Atom."""
    return _feed("atom")


@blueprint.get("/search.rss")
def rss() -> Response:
    """What was added last, as RSS."""
    return _feed("rss")


@blueprint.get("/search.csv")
def csv() -> Response:
    """All that is found, as a table."""
    return _export("csv")


@blueprint.get("/search.ndjson")
def ndjson() -> Response:
    """All that is found, as the API's hits, a line each."""
    return _export("ndjson")


@blueprint.get("/search.json")
def json_feed() -> Response:
    """All that is found, or with a limit a page of it, as a JSON Feed."""
    args = meant(request.args)
    return _feed_of("json", args) if "limit" in args else _export("json")


# --- feeds


def _feed(kind: Kind) -> Response:
    args = meant(request.args)
    for name, usual in (("sort", "added"), ("group", "article"), ("limit", ENTRIES)):
        args.setdefault(name, usual)
    return _feed_of(kind, args)


def _feed_of(kind: Kind, args: MultiDict[str, str]) -> Response:
    engine = current_engine()
    asked = replace(search_request(args), facets=())
    page = engine.search(asked)
    by_article = asked.group == "article"
    hits = [_told(hit, asked) for hit in page.hits] if by_article else page.hits
    entries = [entry_of(hit, absolute, asked.q, by_article=by_article) for hit in hits]
    if kind == "json":
        entries = [_with_hit(entry, hit, asked) for entry, hit in zip(entries, page.hits, strict=True)]
    head = replace(
        _head(kind, asked, page),
        updated=max((entry.updated for entry in entries), default=NEVER),
        next=absolute(str(_here(kind, args).having("cursor", page.next))) if page.next else None,
    )
    return conditional(b"".join(feed(kind, head, entries)), kind, head)


def _told(hit: Hit, asked: SearchRequest) -> Hit:
    if hit.kind != "headline":
        return hit
    return with_passage(hit, current_engine().article(hit.article.id, asked.q))


def conditional(body: bytes, kind: Kind, head: Feed) -> Response:
    """A feed, or that the reader has it already: it is named by what is in it, not by the commit."""
    made = make_response(body)
    made.headers["Content-Type"] = f"{MEDIA_TYPES[kind]}; charset=utf-8"
    made.headers["Cache-Control"] = "private, no-cache"
    made.headers["X-Robots-Tag"] = "noindex"
    made.set_etag(blake2b(body, digest_size=8).hexdigest(), weak=True)
    if head.updated != NEVER:
        made.last_modified = head.updated
    made.headers["X-Total-Count"] = str(head.total)
    if head.next:
        made.headers.add("Link", f'<{head.next}>; rel="next"')
    made.make_conditional(request)
    return made


def _head(kind: Kind, asked: SearchRequest, found: Page | Scan) -> Feed:
    came = Address.of(url_for("pages.search"), meant(request.args).items(multi=True))
    what = came.without(*OF_A_PAGE, "sort", "group")
    by_article = asked.group == "article"
    page = what.having("sort", *([asked.sort] if asked.sort else []))
    page = page.having("group", *(["article"] if by_article else []))
    return Feed(
        title=_title(asked, came),
        self_url=absolute(str(_here(kind, meant(request.args)))),
        page_url=absolute(str(page)),
        updated=NEVER,
        id=stable_urn("search", f"{what} {asked.order} {asked.group}"),
        total=found.articles if by_article else found.paragraphs,
        more={"_dateline": _about(found)} if kind == "json" else {},
    )


def _here(kind: Kind, args: MultiDict[str, str]) -> Address:
    endpoint = {"atom": ".atom", "rss": ".rss", "json": ".json_feed"}[kind]
    pairs = ((n, v) for n, v in args.items(multi=True) if n not in ("facets", "facet_limit", "interval"))
    return Address.of(url_for(endpoint), pairs)


def _title(asked: SearchRequest, came: Address) -> str:
    """What is searched for, in words."""
    names = entity_names(current_engine(), asked, Page(QueryEcho("", ""), 0, 0, 0.0, ()))
    told = [asked.q.strip(), *(chip.label for chip in pageview.chips(asked, came, names))]
    return cut(f"{', '.join(part for part in told if part) or 'Everything'} – Dateline", 200)


def _about(found: Page | Scan) -> dict[str, Any]:
    return {
        "about": absolute("/api/v1/docs"),
        "query": {"text": found.query.text, "parsed": found.query.parsed, "notes": list(found.query.notes)},
        "total": {name: getattr(found, name) for name in ("paragraphs", "articles", "stories")},
    }


def _with_hit(entry: Entry, hit: Hit, asked: SearchRequest) -> Entry:
    """An entry with all that the API tells of the hit, but for the text, which the entry has.

    A score changes with every paragraph of the index, so it is left out where it decides nothing:
    a feed by time stays the same until an entry does.
    """
    told = hit_json(hit)
    for name in ("text",) if asked.order == "relevance" else ("text", "score"):
        del told[name]
    return replace(entry, more={"_dateline": told})


# --- exports


def _export(form: Format) -> Response:
    return cached(lambda: _exported(form))


def _exported(form: Format) -> Response:
    args = meant(request.args)
    asked = replace(search_request(args), facets=())
    if "limit" in args:
        page = current_engine().search(asked)
        total = page.articles if asked.group == "article" else page.paragraphs
        return _sent(form, asked, page, iter(page.hits), total)
    if asked.cursor:
        return problems.bad_parameters({"cursor": ["Only together with `limit`: without it all is sent."]})
    scan = current_engine().scan(asked)
    most = current_settings().max_export
    if most and len(scan) > most:
        return _too_large(len(scan), most)
    return _sent(form, asked, scan, scan, len(scan))


def _sent(
    form: Format, asked: SearchRequest, found: Page | Scan, hits: Iterator[Hit], total: int
) -> Response:
    lines = _lines(form, asked, found, hits)
    give_back = current_places().take()
    if give_back is None:
        told = "As many exports as this server makes at a time are under way; try again in a little while."
        return problems.problem(
            503, "too-many-exports", "Too many exports", told, headers={"Retry-After": "30"}
        )
    answer = streamed(lines, EXPORTS[form], give_back)
    answer.headers["X-Total-Count"] = str(total)
    answer.headers["X-Robots-Tag"] = "noindex"
    answer.headers["Content-Disposition"] = f'attachment; filename="{_file_name(asked)}.{form}"'
    if isinstance(found, Page) and found.next:
        here = Address.of(request.path, meant(request.args).items(multi=True))
        answer.headers.add("Link", f'<{here.having("cursor", found.next)}>; rel="next"')
    return answer


def _lines(form: Format, asked: SearchRequest, found: Page | Scan, hits: Iterable[Hit]) -> Iterator[bytes]:
    address = site()  # asked for now: the request is gone when most of the lines are made
    if form == "csv":
        return csv_lines(hits, lambda path: address + path)
    if form == "ndjson":
        return ndjson_lines(hits)
    by_article = asked.group == "article"
    made = (
        _with_hit(entry_of(hit, lambda path: address + path, asked.q, by_article=by_article), hit, asked)
        for hit in hits
    )
    return feed("json", _head("json", asked, found), made)


def _too_large(count: int, most: int) -> Response:
    told = (
        f"The search has {count:,} results and this server gives out {most:,} at a time: narrow it by days "
        "or names, or ask whoever runs the server to raise DATELINE_MAX_EXPORT."
    )
    return problems.problem(422, "export-too-large", "Export too large", told, count=count, limit=most)


def _file_name(asked: SearchRequest) -> str:
    """A name that any system takes: what is searched for, in plain letters."""
    words = slugify(asked.q[:200], max_length=60, word_boundary=True)
    return f"dateline-{words}" if words else "dateline"
