"""Articles, paragraphs and stories of a commit on a cluster, read back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

from index.cluster.client import Body
from index.cluster.documents import read
from index.errors import NotFoundError
from index.stored import Record, read_article
from search.cluster.decided import Decided, decided_of
from search.cluster.view import View
from search.copies import MOST, copy_of, own_runs
from search.results import ArticleView, Hit, Story, StoryView
from search.spotting import Wanted
from search.views import article_view, whole_hit

SHOWN: Body = {"_source": ["record"], "docvalue_fields": ["id", "ordinal", "kind"]}
"""What a search must ask for so that `records_of` can read its hits."""

_PAGE = 2_000  # hits of one request
_SETTLED = {"_source": False, "docvalue_fields": ["article", "story", "copied"]}
_IN_ORDER = [{"ordinal": "asc"}]
_AS_THEY_CAME = [
    {"added": "asc"},
    {"published": {"order": "asc", "missing": "_last"}},
    {"article_key": "asc"},
]


def paragraphs(*filters: Body) -> Body:
    """A query for the paragraphs that pass some filters; scores nothing."""
    return {"bool": {"filter": [{"term": {"type": "paragraph"}}, *filters]}}


def articles(*filters: Body) -> Body:
    """A query for the documents of articles that pass some filters."""
    return {"bool": {"filter": [{"term": {"type": "article"}}, *filters]}}


def hits_of(view: View, body: Body, most: int | None = None) -> Iterator[dict[str, Any]]:
    """Hits of a search in order, asked for page by page.

    Args:
        view: of the commit.
        body: with a sort that no two hits share.
        most: hits wanted; None for all.
    """
    after: list[Any] | None = None
    while most is None or most > 0:
        size = _PAGE if most is None else min(_PAGE, most)
        more = {"size": size, "track_total_hits": False} | ({"search_after": after} if after else {})
        hits = view.search({**body, **more})["hits"]["hits"]
        yield from hits
        if len(hits) < size:
            return
        after = hits[-1]["sort"]
        most = None if most is None else most - len(hits)


def records_of(
    view: View, hits: Iterable[Mapping[str, Any]], decided: Decided | None = None
) -> Iterator[Record]:
    """Paragraphs out of the hits of a search with `SHOWN`, their names as decided."""
    as_decided = (decided or decided_of(view)).record
    return (as_decided(read(hit["_source"], hit["fields"])) for hit in hits)


def article_of(view: View, article_id: str, wanted: Wanted) -> ArticleView:
    """A whole article, marked with what is wanted; raises NotFoundError where there is none."""
    records = _records(view, article_id)
    return article_view(records, wanted, _story_view(view, article_id, records))


def paragraph_of(view: View, paragraph_id: str, wanted: Wanted) -> Hit:
    """One paragraph, marked; raises NotFoundError where there is none."""
    record = record_of(view, paragraph_id)
    return whole_hit(record, wanted, story_of(view, record.article["id"]))


def record_of(view: View, paragraph_id: str) -> Record:
    """One paragraph read back; raises NotFoundError where there is none."""
    body = {**SHOWN, "query": paragraphs({"term": {"id": paragraph_id}}), "size": 1}
    found = list(records_of(view, view.search(body)["hits"]["hits"]))
    if not found:
        raise NotFoundError("paragraph", paragraph_id)
    return found[0]


def story_view_of(view: View, article_id: str) -> StoryView:
    """The copies of an article, and which of its paragraphs each has; raises NotFoundError."""
    return _story_view(view, article_id, _records(view, article_id))


def story_of(view: View, article_id: str) -> Story:
    """The story of an article; raises NotFoundError where there is no such article."""
    found = stories_of(view, [article_id])
    if article_id not in found:
        raise NotFoundError("article", article_id)
    return found[article_id]


def stories_of(view: View, article_ids: Sequence[str], found_query: Body | None = None) -> dict[str, Story]:
    """The stories of some articles, by the articles' ids; those that are not there are left out.

    Args:
        view: of the commit.
        article_ids: that answer the search, where there is one.
        found_query: what a paragraph must match to answer it.
    """
    body = {**_SETTLED, "query": articles({"terms": {"article": list(article_ids)}})}
    settled = {}
    for hit in hits_of(view, {**body, "sort": [{"article_key": "asc"}]}, len(article_ids)):
        told = hit["fields"]
        settled[told["article"][0]] = told["story"][0] if told["copied"][0] else None
    several = sorted({story for story in settled.values() if story is not None})
    sizes, found = _sizes(view, several, found_query) if several else ({}, {})
    none, alone = (None, None) if found_query is None else (0, 1)
    return {
        id_: Story(id_, 1, alone) if story is None else Story(story, sizes[story], found.get(story, none))
        for id_, story in settled.items()
    }


def _sizes(
    view: View, stories: Sequence[str], found_query: Body | None
) -> tuple[dict[str, int], dict[str, int]]:
    """How many articles some stories have; and how many of them a query finds, where there is one."""
    mine = {"terms": {"story": list(stories)}}
    counting: dict[str, Any] = {"terms": {"field": "story", "size": len(stories)}}
    bodies: list[Body] = [{"size": 0, "query": articles(mine), "aggs": {"stories": counting}}]
    if found_query is not None:
        # Joined to their articles, since a query may find several paragraphs of one.
        joined = {**counting, "aggs": {"articles": {"parent": {"type": "paragraph"}}}}
        query = paragraphs(mine, found_query)
        bodies.append({"size": 0, "query": query, "aggs": {"stories": joined}})
    sizes, *found = (told["aggregations"]["stories"]["buckets"] for told in view.searches(bodies))
    return (
        {bucket["key"]: int(bucket["doc_count"]) for bucket in sizes},
        {bucket["key"]: int(bucket["articles"]["doc_count"]) for some in found for bucket in some},
    )


def _records(view: View, article_id: str) -> list[Record]:
    body = {**SHOWN, "query": paragraphs({"term": {"article": article_id}}), "sort": _IN_ORDER}
    found = list(records_of(view, hits_of(view, body)))
    if not found:
        raise NotFoundError("article", article_id)
    return found


def _story_view(view: View, article_id: str, records: Sequence[Record]) -> StoryView:
    story = story_of(view, article_id)
    if story.articles == 1:
        return StoryView(story, ())
    others = {"bool": {"must_not": {"term": {"article": article_id}}}}
    body: Body = {
        "query": articles({"term": {"story": story.id}}, others),
        "sort": _AS_THEY_CAME,
        "_source": ["record"],
        "docvalue_fields": ["article"],
    }
    heads = {hit["fields"]["article"][0]: _fields(hit) for hit in hits_of(view, body, MOST)}
    texts = _texts(view, heads)
    own = own_runs(records)
    return StoryView(story, tuple(copy_of(fields, texts[id_], own) for id_, fields in heads.items()))


def _fields(hit: Mapping[str, Any]) -> dict[str, Any]:
    return read_article(hit["_source"]["record"]["article"].encode("utf-8", "surrogatepass"))


def _texts(view: View, article_ids: Iterable[str]) -> dict[str, list[str]]:
    found: dict[str, list[str]] = {id_: [] for id_ in article_ids}
    body = {
        "query": paragraphs({"terms": {"article": list(found)}}),
        "sort": [{"article_key": "asc"}, *_IN_ORDER],
        "_source": ["record.text"],
        "docvalue_fields": ["article"],
    }
    for hit in hits_of(view, body):
        found[hit["fields"]["article"][0]].append(hit["_source"]["record"]["text"])
    return found


__all__ = [
    "SHOWN", "article_of", "articles", "hits_of", "paragraph_of", "paragraphs",
    "record_of", "records_of", "stories_of", "story_of", "story_view_of",
]  # fmt: skip
