"""What did a saved search find, as a feed? An entry a story, in the order in which each was first found.

Who knows the address may read it, as far as reading is open: a feed reader has no place for a key.
Ids, order and times come from the archive, so building the index anew changes none of them.
"""

from __future__ import annotations

from urllib.parse import parse_qs, quote, urlencode

from flask import Blueprint, Response, request, url_for

from api.context import current_saved
from api.days import day_words
from api.feeds import NEVER, Entry, Feed, Kind, feed, stable_urn
from api.marking import marked
from api.origins import absolute
from api.out import conditional
from index.errors import NotFoundError
from index.matches import Match
from index.saved import SavedSearch

blueprint = Blueprint("alert_feeds", __name__)

ENTRIES, MOST = 50, 500
"""Entries of a feed, unless it is asked for more or fewer."""


@blueprint.get("/searches/<search_id>.atom")
def atom(search_id: str) -> Response:
    """Its matches as Atom."""
    return _feed("atom", search_id)


@blueprint.get("/searches/<search_id>.rss")
def rss(search_id: str) -> Response:
    """Its matches as RSS."""
    return _feed("rss", search_id)


@blueprint.get("/searches/<search_id>.json")
def json_feed(search_id: str) -> Response:
    """Its matches as a JSON Feed."""
    return _feed("json", search_id)


def _feed(kind: Kind, search_id: str) -> Response:
    saved = current_saved()
    search = saved.get(search_id)
    limit = _number("limit", 1, MOST) or ENTRIES
    found = saved.stories(search.id, _number("before", 0, 2**53), limit + 1)
    shown = found[:limit]
    entries = [_entry(first, last, search) for first, last in shown]
    path = url_for(f".{'json_feed' if kind == 'json' else kind}", search_id=search.id)
    given = {name: request.args[name] for name in ("limit", "before") if name in request.args}
    older = {**given, "before": shown[-1][0].number} if len(found) > limit else None
    head = Feed(
        title=f"{search.name} – Dateline",
        self_url=absolute(f"{path}?{urlencode(given)}" if given else path),
        page_url=absolute(f"/?{search.query}" if search.query else "/"),
        # A story that went changes the feed as well, and no time of it: readers compare the whole by its tag.
        updated=max((entry.updated for entry in entries), default=NEVER),
        id=stable_urn("saved search", search.id),
        next=absolute(f"{path}?{urlencode(older)}") if older else None,
        total=saved.shown_stories(search.id),
    )
    return conditional(b"".join(feed(kind, head, entries)), kind, head)


def _number(name: str, least: int, most: int) -> int | None:
    """A number of the address, as near as it may be; a feed reader is no place for complaints."""
    told = request.args.get(name, "")
    return max(least, min(int(told), most)) if told.isascii() and told.isdigit() and len(told) < 20 else None


def _entry(first: Match, last: Match, search: SavedSearch) -> Entry:
    told, corrected = last.told, last.kind == "corrected"
    title = " ".join((told.headline or "Without a headline").split())
    words = parse_qs(search.query).get("q", [""])[-1]
    marks = f"?{urlencode({'q': words})}" if words.strip() else ""
    day = day_words(told.published, told.published) if told.published else "undated"
    about = ", ".join(part for part in (day, told.publisher) if part)
    passage = f"<p>{marked(told.snippet, told.marks)}</p>" if told.snippet else ""
    more = {"kind": last.kind, "article": last.article, "match": last.id, "story": last.story}
    return Entry(
        id=stable_urn("match", first.id),
        url=absolute(f"/articles/{quote(last.article, safe='')}{marks}"),
        title=f"Corrected: {title}" if corrected else title,
        summary_html=f"<p>{marked(about, ())}</p>{passage}",
        text=told.snippet or title,
        published=first.at,
        updated=last.at,
        authors=(told.author,) if told.author and told.author.strip() else (),
        more={"_dateline": more},
    )


@blueprint.errorhandler(NotFoundError)
def not_found(error: NotFoundError) -> Response:
    """Say in a line that there is no such feed (any more); a reader of feeds shows no pages."""
    answer = Response(f"{error}\n", 404, mimetype="text/plain")
    answer.headers["Cache-Control"] = "no-store"
    return answer
