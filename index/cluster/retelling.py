"""How is it written at an article's paragraphs of which story they are? By writing them again.

Their words are not kept, but their texts are, from which they are analysed once more.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import groupby
from typing import Any

from index.carrying import article_of
from index.cluster import bulk
from index.cluster.bulk import Action
from index.cluster.client import Cluster
from index.cluster.documents import documents_of, read

_PAGE = 500
_TOGETHER = 500  # articles
Story = tuple[str, bool]
"""Id of the first article, and whether there are others."""


def retell(cluster: Cluster, index: str, stories: Mapping[str, Story], go_on: Callable[[], object]) -> None:
    """Write of which stories articles are.

    Args:
        cluster: where.
        index: its name; the articles can be searched.
        stories: by id of an article.
        go_on: is called now and then.
    """
    for _ in bulk.send(cluster, index, _actions(cluster, index, stories, go_on)):
        pass  # what changed meanwhile is settled by who changed it


def _actions(
    cluster: Cluster, index: str, stories: Mapping[str, Story], go_on: Callable[[], object]
) -> Iterator[Action]:
    ids = sorted(stories)
    for at in range(0, len(ids), _TOGETHER):
        hits = parts(cluster, index, [{"terms": {"article": ids[at : at + _TOGETHER]}}])
        for article, mine in groupby(hits, key=lambda hit: str(hit["fields"]["article"][0])):
            go_on()
            yield from _again(list(mine), *stories[article])


def _again(hits: Sequence[Mapping[str, Any]], story: str, copied: bool) -> Iterator[Action]:
    versions = {hit["_id"]: int(hit["_version"]) for hit in hits}
    records = [read(hit["_source"], hit["fields"]) for hit in hits if hit["fields"]["type"] == ["paragraph"]]
    if not records:
        return
    article = article_of(records)
    for made in documents_of(article, story, copied=copied):
        if made.id in versions:
            yield bulk.put(article.id, made, versions[made.id])


def parts(cluster: Cluster, index: str, filters: Sequence[Mapping[str, Any]]) -> Iterator[Mapping[str, Any]]:
    """Articles and their paragraphs as they can be searched, by article, in order."""
    kinds = {"terms": {"type": ["article", "paragraph"]}}
    body: dict[str, Any] = {
        "query": {"bool": {"filter": [kinds, *filters]}},
        "sort": [{"article": "asc"}, {"ordinal": {"order": "asc", "missing": "_first"}}],
        "size": _PAGE,
        "version": True,
        "_source": ["record"],
        "docvalue_fields": ["type", "article", "document", "id", "ordinal", "kind"],
        "track_total_hits": False,
    }
    after: dict[str, Any] = {}
    while True:
        hits = cluster.search(body | after, index=index)["hits"]["hits"]
        yield from hits
        if len(hits) < _PAGE:
            return
        after = {"search_after": hits[-1]["sort"]}
