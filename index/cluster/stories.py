"""Which story is each new article of? Found when it is committed, and written at its paragraphs.

As `index.kinship` tells it, of the articles that may be alike: those that share some of an article's
prints, the likest first, and the first articles of their stories. Whoever commits is alone in doing so.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from index.cluster.client import Cluster
from index.cluster.documents import ARTICLE, read_prints
from index.cluster.retelling import retell
from index.columns.prints import FIGURE, Prints
from index.columns.ragged import key_of
from index.kinship import Arrivals, Pairs, Postings, settled_anew

_LIKELY = 32  # articles that are compared with one
_ASKED = 96  # prints by which they are found
# A copy has at least 0.55 of the shorter one's runs, and this at least a tenth of the longer one's length
# (see `index.kinship`): of the longer one's prints so many, less what chance takes away.
_SHARED = 0.04
_TOGETHER = 200  # searches of one request, and articles got in one
_PAGE = 1_000
_ROUNDS = 10
_FIELDS = ["record.prints", "record.came", "story", "copied"]


@dataclass(frozen=True, slots=True)
class Told:
    """An article as far as its story is concerned.

    Attributes:
        id: of it.
        prints: of its text, ascending.
        came: when it was added, in seconds, and its day of publication, or -1.
        story: id of the first article of its story, as written last.
        copied: whether several are of that story.
    """

    id: str
    prints: Prints
    came: tuple[int, int]
    story: str
    copied: bool

    @property
    def order(self) -> tuple[int, float, int]:
        """Sorts articles as they came, as `search.stories` does."""
        added, day = self.came
        return added, float("inf") if day < 0 else day, key_of(self.id)

    @property
    def runs(self) -> Prints:
        """Its prints of runs of words."""
        found: Prints = self.prints[(self.prints & FIGURE) == 0]
        return found


def settle(
    cluster: Cluster, index: str, touched: Collection[str], left: Collection[str], go_on: Callable[[], object]
) -> bool:
    """Find the stories of articles and write them.

    Args:
        cluster: where.
        index: its name; everything that is to be looked at can be searched.
        touched: ids of articles that came, changed or went.
        left: stories that they were in before.
        go_on: is called now and then.

    Returns:
        Whether anything was written.
    """
    found = _Settling(cluster, index, touched, go_on).run()
    changed = {a.id: a for a in _sized(cluster, index, found, left)}
    retell(cluster, index, {id_: (a.story, a.copied) for id_, a in changed.items()}, go_on)
    return bool(changed)


class _Settling:
    """Articles whose stories are looked for, and those with which they are compared."""

    def __init__(
        self, cluster: Cluster, index: str, touched: Collection[str], go_on: Callable[[], object]
    ) -> None:
        self._cluster, self._index, self._go_on = cluster, index, go_on
        self._all: dict[str, Told] = {}
        self._anew: set[str] = set()
        self._touched = touched

    def run(self) -> list[tuple[Told, str]]:
        """Articles that were settled, with the first article of the story of each."""
        self._take(_got(self._cluster, self._index, self._touched), asked=True)
        self._take(self._members(self._touched), asked=True)
        first: dict[str, str] = {}
        for _ in range(_ROUNDS):
            first, pairs, order = self._settled()
            more = [*self._members(self._moved(first)), *self._followers(pairs, order)]
            if not more:
                break
            self._take(more, asked=True)
        return [(self._all[id_], first[id_]) for id_ in self._anew]

    def _take(self, articles: Iterable[Told], *, asked: bool) -> None:
        """Look for the stories of articles, and fetch those that may be like them."""
        new = [a for a in articles if a.id not in self._anew]
        self._all |= {a.id: a for a in new}
        if asked:
            self._anew |= {a.id for a in new}
            self._fetch_alike(new)
        firsts = {a.story for a in self._all.values()} - self._all.keys()
        self._all |= {a.id: a for a in _got(self._cluster, self._index, firsts)}

    def _fetch_alike(self, articles: Sequence[Told]) -> None:
        asked = [a for a in articles if len(a.runs)]
        for at in range(0, len(asked), _TOGETHER):
            some = asked[at : at + _TOGETHER]
            self._go_on()
            bodies = [_alike(a) for a in some]
            for found in self._cluster.searches(bodies, index=self._index, ranked=False):
                for hit in found["hits"]["hits"]:
                    told = _told(hit)
                    self._all.setdefault(told.id, told)

    def _settled(self) -> tuple[dict[str, str], Pairs, list[Told]]:
        order = sorted(self._all.values(), key=lambda a: a.order)
        place = {a.id: n for n, a in enumerate(order)}
        known = np.array([place.get(a.story, n) for n, a in enumerate(order)], dtype=np.int64)
        anew = np.array([a.id in self._anew for a in order], dtype=np.bool_)
        lengths = [len(a.prints) for a in order]
        prints = np.concatenate([np.zeros(0, np.uint32), *(a.prints for a in order)])
        postings = Postings.of(prints, np.repeat(np.arange(len(order)), lengths))
        runs = np.array([len(a.runs) for a in order], dtype=np.int64)
        figures = np.array(lengths, dtype=np.int64) - runs
        days = np.array([a.came[1] for a in order], dtype=np.int64)
        first, pairs = settled_anew(postings, Arrivals(days, runs, figures), known, anew)
        return {a.id: order[first[n]].id for n, a in enumerate(order)}, pairs, order

    def _moved(self, first: Mapping[str, str]) -> list[str]:
        """Articles that are the first of no story any more."""
        return [id_ for id_ in self._anew if first[id_] != id_]

    def _members(self, stories: Collection[str]) -> list[Told]:
        """Articles of stories whose first article went, changed, or is of another story now."""
        found = _of_stories(self._cluster, self._index, stories)
        return [a for a in found if a.id not in self._anew and a.id != a.story]

    def _followers(self, pairs: Pairs, order: Sequence[Told]) -> list[Told]:
        """Later articles that an article which is settled anew is a copy of, or they of it."""
        copies = zip(pairs.early[pairs.copies].tolist(), pairs.late[pairs.copies].tolist(), strict=True)
        return [
            order[late] for early, late in copies
            if order[early].id in self._anew and order[late].id not in self._anew
        ]  # fmt: skip


def _sized(
    cluster: Cluster, index: str, settled: Sequence[tuple[Told, str]], left: Collection[str]
) -> list[Told]:
    """Articles of which something else is to be written: another story, or whether others are of it."""
    now = {a.id: first for a, first in settled}
    stories = {*now.values(), *(a.story for a, _ in settled), *left}
    members = {a.id: a for a in _of_stories(cluster, index, stories)} | {a.id: a for a, _ in settled}
    sizes: dict[str, int] = {}
    for id_, a in members.items():
        story = now.get(id_, a.story)
        sizes[story] = sizes.get(story, 0) + 1
    made = {id_: replace(a, story=now.get(id_, a.story)) for id_, a in members.items()}
    made = {id_: replace(a, copied=sizes[a.story] > 1) for id_, a in made.items()}
    return [a for id_, a in made.items() if (a.story, a.copied) != (members[id_].story, members[id_].copied)]


def _alike(article: Told) -> dict[str, Any]:
    """Ask for articles that share some of its prints, the likest first."""
    asked = article.runs[:_ASKED]
    clauses = [{"term": {"prints": f"{n:08x}"}} for n in asked.tolist()]
    least = max(1, int(_SHARED * len(clauses)))
    wanted = {"should": clauses, "minimum_should_match": least}
    mine = {"must_not": {"term": {"article": article.id}}}
    query = {"bool": {**wanted, **mine}}
    return {"query": query, "size": _LIKELY, "_source": _FIELDS, "track_total_hits": False}


def _of_stories(cluster: Cluster, index: str, stories: Collection[str]) -> list[Told]:
    found: list[Told] = []
    wanted = sorted(stories)
    for at in range(0, len(wanted), _PAGE):
        kinds = [{"term": {"type": "article"}}, {"terms": {"story": wanted[at : at + _PAGE]}}]
        body = {"query": {"bool": {"filter": kinds}}, "sort": [{"article_key": "asc"}], "_source": _FIELDS}
        after: dict[str, Any] = {}
        while True:
            asked = body | {"size": _PAGE, "track_total_hits": False} | after
            hits = cluster.search(asked, index=index)["hits"]["hits"]
            found += map(_told, hits)
            if len(hits) < _PAGE:
                break
            after = {"search_after": hits[-1]["sort"]}
    return found


def _got(cluster: Cluster, index: str, ids: Collection[str]) -> list[Told]:
    found: list[Told] = []
    wanted = sorted(ids)
    for at in range(0, len(wanted), _PAGE):
        some = wanted[at : at + _PAGE]
        docs = [{"_id": ARTICLE + i, "routing": i, "_source": _FIELDS} for i in some]
        told = cluster.ask("POST", f"/{index}/_mget", {"docs": docs})["docs"]
        found += [_told(one) for one in told if one.get("found")]
    return found


def _told(hit: Mapping[str, Any]) -> Told:
    source = hit["_source"]
    added, day = source["record"]["came"]
    id_ = str(hit["_id"])[len(ARTICLE) :]
    return Told(id_, read_prints(source), (added, day), source["story"], source["copied"])
