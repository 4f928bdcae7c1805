"""In which order do matches come from a cluster, and which of them make a page?

The order is total and the same whoever asks: after a hit's own values come the day, the article and the
place in it, so that what comes after a hit can be asked for by `search_after` at any depth.
"""

from __future__ import annotations

import base64
import binascii
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from hashlib import blake2b
from typing import Any

from index.cluster.client import Body
from index.errors import CursorError, CursorExpiredError
from search.cluster.asking import Asked
from search.cluster.filters import story as same_story
from search.cluster.view import View
from search.request import SearchRequest

FIELDS = ["id", "ordinal", "kind", "article", "story", "copied"]
"""What is told of every hit."""

BATCH = 500
"""Hits that are looked at together for those that are shown."""

Told = dict[str, Any]
"""A hit as the cluster tells it."""

_TIES: list[Body] = [{"article_key": {"order": "asc"}}, {"ordinal": {"order": "asc"}}]


def order_of(request: SearchRequest, *, scored: bool) -> list[Body]:
    """The sort of a request, as `search.ranking` has it."""
    oldest = request.order == "oldest"
    day: Body = {"published": {"order": "asc" if oldest else "desc", "missing": "_last"}}
    if request.order == "relevance" and scored:
        return [{"_score": {"order": "desc"}}, day, *_TIES]
    if request.order == "added":
        return [{"added": {"order": "desc"}}, day, *_TIES]
    return [day, *_TIES]


def hits_body(asked: Asked) -> dict[str, Any]:
    """Ask for the matches in order, with what is told of every hit; how many is still to be said."""
    return {
        "query": asked.query(late=True),
        "sort": order_of(asked.request, scored=asked.scored),
        "track_scores": asked.scored,
        "track_total_hits": False,
        "_source": False,
        "docvalue_fields": FIELDS,
    }


def field_of(hit: Mapping[str, Any], name: str) -> Any:
    """A value of a hit."""
    return hit["fields"][name][0]


# --- what is shown of an article or a story


def folded(request: SearchRequest) -> str | None:
    """Field of what is shown once: by one hit where hits are grouped, by one article where copies fold.

    None where every match is shown.
    """
    if request.folds:
        return "story"
    return "article" if request.group == "article" else None


def shown_of(view: View, asked: Asked, hits: Sequence[Told]) -> list[Told]:
    """Those of some hits that are shown: no other match of the same article or story is better.

    Args:
        view: of the commit.
        asked: the search.
        hits: of it.
    """
    unit = folded(asked.request)
    if unit is None:
        return list(hits)
    grouped = asked.request.group != "none"
    own = [h for h in hits if grouped or field_of(h, "copied")]
    best = best_of(view, asked, unit, dict.fromkeys(field_of(h, unit) for h in own))
    what = "id" if grouped else "article"
    alone: list[Told] = []
    for hit in hits:
        first = best.get(field_of(hit, unit))
        if first is None or field_of(first, what) == field_of(hit, what):
            alone.append(hit)
    return alone


def best_of(view: View, asked: Asked, unit: str, values: Iterable[str]) -> dict[str, Told]:
    """The best match of each of some articles or stories."""
    wanted = list(values)
    if not wanted:
        return {}
    body = {
        **hits_body(asked),
        "query": asked.query({"terms": {unit: wanted}}, late=True),
        "collapse": {"field": unit},
        "size": len(wanted),
    }
    return {field_of(h, unit): h for h in view.search(body)["hits"]["hits"]}


def after(view: View, asked: Asked, place: Sequence[Any] | None) -> Iterator[list[Told]]:
    """Batches of the hits that are shown, in order, behind a place in it."""
    body = {**hits_body(asked), "size": BATCH}
    while True:
        more = {} if place is None else {"search_after": list(place)}
        hits: list[Told] = view.search({**body, **more})["hits"]["hits"]
        if hits:
            yield shown_of(view, asked, hits)
        if len(hits) < BATCH:
            return
        place = hits[-1]["sort"]


def page_hits(view: View, asked: Asked, place: Sequence[Any] | None, most: int) -> list[Told]:
    """As many hits as are wanted behind a place, or all that there are."""
    found: list[Told] = []
    for batch in after(view, asked, place):
        found += batch
        if len(found) >= most:
            break
    return found[:most]


def with_sources(view: View, hits: Sequence[Told]) -> list[Told]:
    """The same hits with the records that they are read from."""
    if all("_source" in h for h in hits):
        return list(hits)
    ids = [field_of(h, "id") for h in hits]
    body = {"query": {"bool": {"filter": [{"terms": {"id": ids}}]}}, "size": len(ids), "_source": ["record"]}
    body |= {"track_total_hits": False, "docvalue_fields": ["id"]}
    sources = {field_of(h, "id"): h["_source"] for h in view.search(body)["hits"]["hits"]}
    return [{**h, "_source": sources[field_of(h, "id")]} for h in hits]


# --- cursors


@dataclass(frozen=True, slots=True)
class Cursor:
    """A place after a hit.

    Attributes:
        id: of the hit's paragraph.
        article: id of its article.
        commit: names the commit in which `place` was told.
        place: the values that the hit was sorted by.
    """

    id: str
    article: str
    commit: str
    place: Sequence[Any]


def make_cursor(view: View, request: SearchRequest, hit: Mapping[str, Any]) -> str:
    """An opaque place after a hit: the hit itself, which search it is of, and where it stood."""
    told = [request.fingerprint(), field_of(hit, "id"), field_of(hit, "article"), _commit(view), hit["sort"]]
    body = json.dumps(told, separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def read_cursor(request: SearchRequest) -> Cursor | None:
    """Where a request goes on, or None for the first page.

    Raises:
        CursorError: it is not one of ours, or of another search.
    """
    if not request.cursor:
        return None
    try:
        padded = request.cursor + "=" * (-len(request.cursor) % 4)
        told = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
        fingerprint, id_, article, commit, place = told
        cursor = Cursor(str(id_), str(article), str(commit), list(place))
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError) as error:
        raise CursorError("it is not one that an answer gave") from error
    if fingerprint != request.fingerprint():
        raise CursorError("it belongs to another search")
    if any(isinstance(v, dict | list) for v in cursor.place):
        raise CursorError("it is not one that an answer gave")
    return cursor


def _commit(view: View) -> str:
    return blake2b(view.identity.encode(), digest_size=6).hexdigest()


def place_of(view: View, asked: Asked, cursor: Cursor) -> Sequence[Any]:
    """Where a page begins: behind the hit that the cursor names, wherever a commit moved it.

    Raises:
        CursorExpiredError: the hit is gone, or is none any more.
    """
    if cursor.commit == _commit(view) and len(cursor.place) == len(hits_body(asked)["sort"]):
        return cursor.place
    own: Body = {"term": {"id": cursor.id}}
    there = {"query": {"bool": {"filter": [own]}}, "size": 0, "track_total_hits": True}
    if not view.search(there)["hits"]["total"]["value"]:
        raise CursorExpiredError("the index has changed and the hit it points at is gone (expired)")
    found = _moved(view, asked, cursor, own)
    if found is None:
        raise CursorExpiredError("the index has changed and the hit it points at no longer matches (expired)")
    place: Sequence[Any] = found["sort"]
    return place


def _moved(view: View, asked: Asked, cursor: Cursor, own: Body) -> Told | None:
    """The hit of a cursor as it stands now, or the one that is shown instead."""
    unit = folded(asked.request)
    if unit is None:
        return _one(view, asked, own)
    mine = same_story(view, cursor.article) if unit == "story" else {"term": {"article": cursor.article}}
    best = _one(view, asked, mine)
    if best is None or asked.request.group != "none":
        return best
    if field_of(best, "article") == cursor.article:
        return _one(view, asked, own)
    # Another article of its story is shown now: the page goes on behind the last of it.
    return _one(view, asked, {"term": {"article": field_of(best, "article")}}, last=True)


def _one(view: View, asked: Asked, body: Body, *, last: bool = False) -> Told | None:
    """The first, or the last, of the matches that pass a filter."""
    asked_for = {**hits_body(asked), "query": asked.query(body, late=True), "size": 1}
    if last:
        asked_for["size"] = 10_000
    hits: list[Told] = view.search(asked_for)["hits"]["hits"]
    return hits[-1] if hits else None
