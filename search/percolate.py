"""Which of many saved searches do new articles answer? The searches are indexed, not run one by one.

Each search is filed under the rarest thing that a match must hold. The words and names of a batch
of new paragraphs lead to the searches filed there, their signs tell which paragraphs may match, and
these are asked of the code that answers the page: the same plan, the same nodes, the same
filters, restricted to them. What a pattern stands for, and what editors decided, is as of the commit.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Protocol

import numpy as np
from whoosh import query

from index.errors import DatelineError
from index.stored import Record
from search.answer import Answer
from search.batch import Batch, to_places
from search.execute import plan
from search.filters import filtered
from search.limits import Limits, Meter
from search.matching import among
from search.nodes import Numbers
from search.query import parse
from search.request import SearchRequest
from search.results import Hit
from search.signs import PATTERNS, Key, Sign, most_touched, sign_of
from search.snapshot import Snapshot
from search.spotting import Wanted
from search.terms import Vocabulary
from search.views import hit_of

_PATTERN_RARITY = 500.0  # paragraphs that hold a word of a pattern, about
_ENTITY_RARITY = 50.0  # paragraphs that name an entity, about


@dataclass(frozen=True, slots=True)
class Found:
    """An article that answers a search.

    Attributes:
        search: its id.
        article: id of the article.
        paragraphs: ids of those that do, in reading order.
        hit: the first of them that is no headline, else the headline, with its best passage.
    """

    search: str
    article: str
    paragraphs: tuple[str, ...]
    hit: Hit


@dataclass(frozen=True, slots=True)
class Percolated:
    """What a batch of articles answers.

    Attributes:
        found: by article as asked, then by search.
        failed: by id of a search, what it raised; it found nothing.
        known: those of the articles that the index has.
        checked: searches that were run on some of the paragraphs.
    """

    found: tuple[Found, ...]
    failed: Mapping[str, str]
    known: frozenset[str]
    checked: int


@dataclass(frozen=True, slots=True)
class _Entry:
    id: str
    request: SearchRequest
    tree: query.Query
    sign: Sign
    touched: tuple[int, int]
    keys: tuple[Key, ...] | None


@dataclass(slots=True)
class _Files:
    """Searches by what they are filed under."""

    by_key: dict[Key, dict[str, _Entry]] = field(default_factory=dict)
    patterns: set[Key] = field(default_factory=set)
    entities: set[Key] = field(default_factory=set)
    always: dict[str, _Entry] = field(default_factory=dict)

    def put(self, entry: _Entry) -> None:
        if entry.keys is None:
            self.always[entry.id] = entry
        for key in entry.keys or ():
            self.by_key.setdefault(key, {})[entry.id] = entry
            self._special(key).add(key)

    def _special(self, key: Key) -> set[Key]:
        if key.kind == "entity":
            return self.entities
        return self.patterns if key.kind in PATTERNS else set()

    def remove(self, entry: _Entry) -> None:
        self.always.pop(entry.id, None)
        for key in entry.keys or ():
            self.by_key[key].pop(entry.id)
            if not self.by_key[key]:
                del self.by_key[key]
                self._special(key).discard(key)


class Standing(Protocol):
    """Saved searches in memory, as the engine keeps them that made it; fast to change one at a time."""

    def __len__(self) -> int:
        """How many there are."""
        ...

    def __contains__(self, id_: object, /) -> bool:
        """Whether there is one of an id."""
        ...

    def put(self, id_: str, request: SearchRequest, /) -> None:
        """Add a search, or put it in place of the one of its id."""
        ...

    def remove(self, id_: str, /) -> None:
        """Forget a search, if there is one of the id."""
        ...


class FiledSearches:
    """Saved searches, filed by what a match must hold; see `Standing`.

    Args:
        limits: of the engine that answers them.
    """

    def __init__(self, limits: Limits | None = None) -> None:
        self.limits = limits or Limits()
        self._entries: dict[str, _Entry] = {}
        self._pending: dict[str, SearchRequest] = {}
        self._files = _Files()
        self._most = (0, 0)  # of what any of them may touch
        self._canonical: tuple[str, dict[int, list[Key]]] | None = None

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
            self._files.remove(entry)
            self._canonical = None

    def settle(self, terms: Vocabulary) -> None:
        """File what was put since, by how rare words are now; what changes later costs time, not matches."""

        def rarity(key: Key) -> float:
            if key.kind in ("stem", "exact"):
                return terms.doc_frequency(key.kind, key.text)
            return _ENTITY_RARITY if key.kind == "entity" else _PATTERN_RARITY

        for id_, request in self._pending.items():
            tree = parse(request.q, self.limits).tree
            sign = sign_of(tree, request)
            filed = sign.keys(rarity)
            keys = None if filed is None else filed[1]
            touched = most_touched(tree)
            self._most = max(self._most[0], touched[0]), max(self._most[1], touched[1])
            entry = _Entry(id_, request, tree, sign, touched, keys)
            self._entries[id_] = entry
            self._files.put(entry)
            self._canonical = None
        self._pending.clear()

    def near(self, batch: Batch) -> Iterator[_Entry]:
        """Searches that are filed under anything that a batch holds, each once."""
        seen: set[str] = set()
        for key in self._keys_in(batch):
            for id_, entry in self._files.by_key.get(key, _NONE).items():
                if id_ not in seen:
                    seen.add(id_)
                    yield entry
        yield from self._files.always.values()

    def costly(self, rows: int, postings: int) -> Iterator[_Entry]:
        """Searches that can come to the end of their budget in an index of so many rows and postings."""
        most = self.limits.postings * 1e6
        if self._most[0] * rows + self._most[1] * postings <= most:
            return
        for entry in self._entries.values():
            parts, patterns = entry.touched
            if parts * rows + patterns * postings > most:
                yield entry

    def _keys_in(self, batch: Batch) -> Iterator[Key]:
        yield from (Key("stem", s) for s in batch.stems)
        yield from (Key("exact", w) for w in batch.words)
        yield from (key for key in self._files.patterns if batch.holding(key))
        wanted = self._entities(batch)
        yield from (key for named in batch.entities for key in wanted.get(named, ()))

    def _entities(self, batch: Batch) -> dict[int, list[Key]]:
        """Keys of entities by what they count as; the same until something is decided."""
        version = batch.snap.decisions.version
        if self._canonical is None or self._canonical[0] != version:
            found: dict[int, list[Key]] = {}
            for key in self._files.entities:
                found.setdefault(batch.counts_as(key.text), []).append(key)
            self._canonical = version, found
        return self._canonical[1]


_NONE: dict[str, _Entry] = {}


def percolated(snap: Snapshot, searches: Standing, articles: Iterable[str]) -> Percolated:
    """Which searches some articles of a commit answer, and with which paragraphs.

    A search that raises is told of in `failed` and the others go on.

    Raises:
        IndexDamagedError: the index cannot be read.
        TypeError: another engine made the searches' room.
    """
    if not isinstance(searches, FiledSearches):
        raise TypeError("these searches stand elsewhere")
    asked = [*dict.fromkeys(articles)]
    numbers = {n: a for a in asked if (n := snap.columns.article_number(a)) is not None}
    live = snap.live
    rows = live[np.isin(snap.columns.article[live], np.fromiter(numbers, dtype=np.int64))]
    searches.settle(snap.terms)
    if not len(rows):
        return Percolated((), {}, frozenset(), 0)
    checking = _Checking(Batch(snap, rows), searches)
    checking.run()
    known = {numbers[n] for n in np.unique(snap.columns.article[rows]).tolist()}
    return Percolated(tuple(checking.found(asked)), checking.failed, frozenset(known), checking.checked)


class _Checking:
    """Searches run on the paragraphs of a batch that may answer them."""

    def __init__(self, batch: Batch, searches: FiledSearches) -> None:
        self._batch, self._searches = batch, searches
        self._matches: list[tuple[_Entry, Numbers, Wanted]] = []
        self._records: dict[int, Record] = {}
        self.failed: dict[str, str] = {}
        self.checked = 0

    def run(self) -> None:
        batch, corpus = self._batch, self._batch.snap.corpus
        postings = sum(len(s.arrays["exact_docs"]) for s in corpus.segments)
        costly = {entry.id: entry for entry in self._searches.costly(corpus.rows, postings)}
        for entry in costly.values():
            self._try(entry, batch.everything, whole=True)
        for entry in self._searches.near(batch):
            if entry.id not in costly:
                self._try(entry, None, whole=False)

    def _try(self, entry: _Entry, bits: int | None, *, whole: bool) -> None:
        try:
            bits = entry.sign.bits(self._batch) if bits is None else bits
            if bits:
                self.checked += 1
                self._check(entry, bits, whole)
        except DatelineError:
            raise
        except Exception as error:  # whatever it is, the other searches go on, and this one is told of
            self.failed[entry.id] = f"{type(error).__name__}: {error}"

    def _check(self, entry: _Entry, bits: int, whole: bool) -> None:
        """Ask of the page's own code which paragraphs match."""
        batch, limits = self._batch, self._searches.limits
        snap, meter = batch.snap, Meter(limits)
        rows = batch.rows[to_places(bits, len(batch.rows))]
        planned = plan(entry.tree, snap.terms, limits, meter)
        if whole:
            matching = np.intersect1d(Answer(snap, planned.tree, meter).rows, rows, assume_unique=True)
        elif planned.tree == query.NullQuery:
            return
        else:
            matching = among(planned.tree, snap.corpus, meter, rows)
        places = np.searchsorted(batch.rows, matching).astype(np.int32)
        kept = filtered(batch.columns, places, entry.request).kept
        if len(kept):
            self._matches.append((entry, kept, planned.wanted))

    def found(self, articles: Iterable[str]) -> Iterator[Found]:
        """What was found, by article as they are given, then by search."""
        order = {a: n for n, a in enumerate(articles)}
        places = np.unique(np.concatenate([np.zeros(0, np.int32), *(kept for _, kept, _ in self._matches)]))
        read = self._batch.snap.records(self._batch.rows[places])
        self._records = dict(zip(places.tolist(), read, strict=True))
        out = [made for match in self._matches for made in self._of(*match)]
        yield from sorted(out, key=lambda f: (order[f.article], f.search))

    def _of(self, entry: _Entry, kept: Numbers, wanted: Wanted) -> Iterator[Found]:
        by_article: dict[str, list[Record]] = {}
        for record in (self._records[n] for n in kept.tolist()):
            by_article.setdefault(record.article["id"], []).append(record)
        for article, records in by_article.items():
            records.sort(key=lambda r: r.paragraph.ordinal)
            shown = next((r for r in records if r.paragraph.kind != "headline"), records[0])
            ids = tuple(r.paragraph.id for r in records)
            yield Found(entry.id, article, ids, hit_of(shown, 0.0, wanted))
