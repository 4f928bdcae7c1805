"""How much does an index on a cluster hold?"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from index.cluster.indices import size_of
from index.model import ENTITY_KINDS
from search.cluster.reading import articles
from search.cluster.table import EntityTable
from search.cluster.view import View
from search.cluster.words import ClusterWords, counting, total
from search.results import Stats


def stats_of(view: View) -> Stats:
    """Counts of a commit; remembered with it. Bytes are those of all copies on all nodes."""
    found: tuple[str, Stats] | None = view.memo.get("stats")
    if found is None or found[0] != view.decisions.version:
        found = view.memo["stats"] = view.decisions.version, _counted(view)
    return found[1]


def _counted(view: View) -> Stats:
    days = {
        "first": {"min": {"field": "published"}},
        "last": {"max": {"field": "published"}},
        "undated": {"missing": {"field": "published"}},
    }
    bodies = [{**counting(articles()), "aggs": days}, counting({"term": {"type": "document"}})]
    of_articles, of_documents = view.searches(bodies)
    told = of_articles["aggregations"]
    columns = EntityTable(view).columns
    named = {kind: columns.names.range(kind) for kind in ENTITY_KINDS}
    counts = columns.entity_counts
    return Stats(
        generation=view.generation,
        documents=total(of_documents),
        articles=total(of_articles),
        paragraphs=ClusterWords(view).doc_count(),
        entities={k: int(np.count_nonzero(counts[n.start : n.stop])) for k, n in named.items()},
        first=_day(told["first"]),
        last=_day(told["last"]),
        undated=int(told["undated"]["doc_count"]),
        bytes=size_of(view.cluster, view.cluster.place.name),
    )


def _day(told: dict[str, Any]) -> date | None:
    return None if told["value"] is None else date.fromordinal(int(told["value"]))
