"""Which of many saved searches do new articles on a cluster answer?

OpenSearch's percolator tells which of them some paragraphs may answer; whether they do is asked of the
page's own query, of many searches in one request, restricted to these articles. What a pattern stands
for, and what editors decided, is as of the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property

from whoosh import query

from index.analysis import stem
from index.cluster.client import Body, Cluster
from index.cluster.documents import analyse, read
from index.stored import Record, published_of
from search.cluster.confirming import Confirmed, confirmed
from search.cluster.decided import Decided, decided_of
from search.cluster.reading import SHOWN, hits_of, paragraphs
from search.cluster.searches import SearchIndex, document, hash_of, stored
from search.cluster.view import View
from search.cluster.words import ClusterWords
from search.limits import Limits
from search.percolate import Found, Percolated, Standing
from search.query import parse
from search.request import SearchRequest
from search.signs import most_touched, sign_of
from search.views import hit_of

_AT_ONCE = 500  # paragraphs that the percolator is asked about in one request
_CHARS = 2_000_000  # of their texts
_WORDS = 60  # of a paragraph, about


@dataclass(frozen=True, slots=True)
class Entry:
    """A search in memory.

    Attributes:
        id: of it.
        request: what it asks.
        tree: its query, parsed.
        hash: of what is stored of it.
    """

    id: str
    request: SearchRequest
    tree: query.Query
    hash: str


class ClusterStanding:
    """Saved searches in memory, and on the cluster as far as they are stored; see `Standing`.

    Args:
        limits: of the engine that answers them.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._entries: dict[str, Entry] = {}
        self._pending: dict[str, SearchRequest] = {}
        self._stored: dict[str, Body] = {}  # by hash
        self._of_hash: dict[str, dict[str, Entry]] = {}
        self._refused: dict[str, str] = {}
        self._index: SearchIndex | None = None

    def __len__(self) -> int:
        """How many there are."""
        return len(self._entries.keys() | self._pending.keys())

    def __contains__(self, id_: object) -> bool:
        """Whether there is one of an id."""
        return id_ in self._entries or id_ in self._pending

    def put(self, id_: str, request: SearchRequest) -> None:
        """Add a search, or put it in place of the one of its id."""
        self.remove(id_)
        self._pending[id_] = request

    def remove(self, id_: str) -> None:
        """Forget a search, if there is one of the id."""
        self._pending.pop(id_, None)
        entry = self._entries.pop(id_, None)
        if entry is not None:
            mine = self._of_hash[entry.hash]
            del mine[id_]
            if not mine:
                del self._of_hash[entry.hash], self._stored[entry.hash]

    def settle(self, cluster: Cluster) -> SearchIndex:
        """Have all of them on the cluster; what it refuses to store is asked directly."""
        for id_, request in self._pending.items():
            tree = parse(request.q, self.limits).tree
            body = stored(sign_of(tree, request))
            entry = self._entries[id_] = Entry(id_, request, tree, hash_of(body))
            self._stored[entry.hash] = body
            self._of_hash.setdefault(entry.hash, {})[id_] = entry
        self._pending.clear()
        if self._index is None:
            self._index = SearchIndex(cluster)
        unknown = {h: body for h, body in self._stored.items() if h not in self._refused}
        self._refused |= self._index.keep(unknown)
        return self._index

    def of(self, hash_: str) -> Iterable[Entry]:
        """Searches of which this is stored."""
        return self._of_hash.get(hash_, _NONE).values()

    def direct(self, rows: int) -> Iterator[Entry]:
        """Searches that are asked directly, in an index of so many paragraphs.

        The cluster does not store them, or they can come to the end of their budget: then
        parts of theirs are not asked for, and they find more than what is stored of them says.
        """
        most = self.limits.postings * 1e6
        for entry in self._entries.values():
            parts, patterns = most_touched(entry.tree)
            costly = parts * rows + patterns * rows * _WORDS > most
            if entry.hash in self._refused or (costly and _narrowed(entry.tree)):
                yield entry


_NONE: dict[str, Entry] = {}


def percolated(view: View, searches: Standing, articles: Iterable[str]) -> Percolated:
    """Which searches some articles of a commit answer, and with which paragraphs.

    A search that raises is told of in `failed` and the others go on.

    Raises:
        ClusterUnreachableError, ClusterBusyError, ClusterRefusedError: there is no whole answer.
        TypeError: another engine made the searches' room.
    """
    if not isinstance(searches, ClusterStanding):
        raise TypeError("these searches stand elsewhere")
    asked = list(dict.fromkeys(articles))
    index = searches.settle(view.cluster)
    batch = _Batch(view, asked)
    if not batch.records or not len(searches):
        return Percolated((), {}, frozenset(batch.articles), 0)
    near = {entry.id: entry for entry in searches.direct(ClusterWords(view).doc_count())}
    for documents in batch.documents():
        for hash_ in index.answering(documents):
            near.update((entry.id, entry) for entry in searches.of(hash_))
    told = confirmed(view, [*near.values()], [*batch.articles], searches.limits)
    found = sorted(batch.found(told), key=lambda f: (asked.index(f.article), f.search))
    return Percolated(tuple(found), told.failed, frozenset(batch.articles), len(near))


class _Batch:
    """The paragraphs of some articles, as they are in a commit."""

    def __init__(self, view: View, articles: Sequence[str]) -> None:
        self._decided: Decided = decided_of(view)
        body = {
            **SHOWN,
            "query": paragraphs({"terms": {"article": list(articles)}}),
            "sort": [{"article_key": "asc"}, {"ordinal": "asc"}],
        }
        self.records = [read(h["_source"], h["fields"]) for h in hits_of(view, body)] if articles else []
        self.articles = dict.fromkeys(record.article["id"] for record in self.records)

    def documents(self) -> Iterator[list[Body]]:
        """The paragraphs as stored searches are asked about them, a request's at a time."""
        made: list[Body] = []
        chars = 0
        for record in self.records:
            chars += len(record.paragraph.text)
            if made and (len(made) >= _AT_ONCE or chars > _CHARS):
                yield made
                made, chars = [], len(record.paragraph.text)
            made.append(self._document(record))
        if made:
            yield made

    def _document(self, record: Record) -> Body:
        p, article = record.paragraph, record.article["id"]
        words = {form for word in analyse(p.text) for form in word if form}
        counted = (self._decided.counts_as(e.entity, article) for e in p.entities)
        named = {id_ for entity in counted if entity is not None for id_ in self._asked_as(entity)}
        spans = [(d.first, d.last) for d in p.dates if d.first and d.last]
        day, _ = published_of(record.article)
        return document(sorted(words), sorted({stem(w) for w in words}), (p.kind, named, day, spans))

    def _asked_as(self, entity: str) -> Iterable[str]:
        """Ids by which somebody may ask for an entity."""
        return (entity, *self._decided.decisions.merged_into(entity))

    @cached_property
    def _by_id(self) -> Mapping[str, Record]:
        return {record.paragraph.id: record for record in self.records}

    def found(self, told: Confirmed) -> Iterator[Found]:
        """What was found, by search and article."""
        for id_, ids in told.found.items():
            by_article: dict[str, list[Record]] = {}
            for record in sorted((self._by_id[i] for i in ids), key=lambda r: r.paragraph.ordinal):
                by_article.setdefault(record.article["id"], []).append(record)
            for article, records in by_article.items():
                shown = next((r for r in records if r.paragraph.kind != "headline"), records[0])
                hit = hit_of(self._decided.record(shown), 0.0, told.wanted[id_])
                yield Found(id_, article, tuple(r.paragraph.id for r in records), hit)


def _narrowed(tree: query.Query) -> bool:
    """Whether a part of a tree finds more where another part of it is not asked for."""
    if isinstance(tree, query.Or):
        return any(_narrowed(t) for t in tree.subqueries)
    if isinstance(tree, query.Phrase):
        return len(tree.words) > 1
    return isinstance(tree, query.And | query.Not | query.Sequence)
