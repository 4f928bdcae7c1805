"""Which of some saved searches do some articles answer? Asked as the page asks, many in one request."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any, Protocol

from whoosh import query

from index.cluster.client import Body
from index.errors import ClusterRefusedError, DatelineError
from search.cluster.asking import Asked, asked_of
from search.cluster.lowering import words_of
from search.cluster.reading import hits_of, paragraphs
from search.cluster.view import View
from search.cluster.words import ClusterWords, Pattern
from search.execute import plan
from search.limits import Limits
from search.request import SearchRequest
from search.spotting import Wanted

_MOST_CLAUSES = 900  # of one request, below the cluster's `indices.query.bool.max_clause_count` of 1,024
_LEAVES = frozenset(
    "term terms range exists match_all match_none match_phrase span_term prefix wildcard fuzzy".split()
)


class Search(Protocol):
    """A saved search."""

    @property
    def id(self) -> str:
        """Of it."""
        ...

    @property
    def request(self) -> SearchRequest:
        """What it asks."""
        ...

    @property
    def tree(self) -> query.Query:
        """Its query, parsed."""
        ...


@dataclass
class Confirmed:
    """What some searches find.

    Attributes:
        found: by id of a search, the ids of the paragraphs.
        wanted: by id of a search, what to mark in them.
        failed: by id of a search, what it raised.
    """

    found: dict[str, list[str]] = field(default_factory=dict)
    wanted: dict[str, Wanted] = field(default_factory=dict)
    failed: dict[str, str] = field(default_factory=dict)


def confirmed(view: View, searches: Sequence[Search], articles: Sequence[str], limits: Limits) -> Confirmed:
    """Ask searches of some articles.

    Args:
        view: of the commit.
        searches: to be asked; one that raises is told of in `failed`.
        articles: their ids.
        limits: of each search.
    """
    told = Confirmed()
    asked = dict(_asked(view, searches, limits, told))
    told.wanted = {id_: one.wanted for id_, one in asked.items()}
    here = {"terms": {"article": list(articles)}}
    queries = {id_: one.matching() for id_, one in asked.items() if not one.nothing}
    for some in _requests(queries):
        _ask(view, some, here, told)
    return told


def _asked(
    view: View, searches: Sequence[Search], limits: Limits, told: Confirmed
) -> Iterator[tuple[str, Asked]]:
    words = ClusterWords(view)
    words.look_up_patterns(p for search in searches for p in _patterns(search.tree, limits))
    wanted: list[tuple[str, str]] = []
    for search in searches:
        with _telling(told, search.id):
            wanted += words_of(plan(search.tree, words, limits).tree)
    words.look_up(wanted)
    for search in searches:
        if search.id not in told.failed:
            found = None
            with _telling(told, search.id):
                found = asked_of(view, search.request, limits)
            if found is not None:
                yield search.id, found


@contextmanager
def _telling(told: Confirmed, id_: str) -> Iterator[None]:
    """Tell of what a search raises, whatever it is, so that the others go on."""
    try:
        yield
    except ClusterRefusedError as error:
        told.failed[id_] = str(error)
    except DatelineError:
        raise
    except Exception as error:
        told.failed[id_] = f"{type(error).__name__}: {error}"


def _patterns(tree: query.Query, limits: Limits) -> Iterator[Pattern]:
    if isinstance(tree, query.And | query.Or):
        for sub in tree.subqueries:
            yield from _patterns(sub, limits)
    elif isinstance(tree, query.Not):
        yield from _patterns(tree.query, limits)
    elif isinstance(tree, query.Prefix):
        yield Pattern("prefix", tree.text, limits.scanned)
    elif isinstance(tree, query.Wildcard):
        yield Pattern("wildcard", tree.text, limits.scanned)
    elif isinstance(tree, query.FuzzyTerm):
        yield Pattern("near", tree.text, int(tree.maxdist))


def _requests(queries: Mapping[str, Body]) -> Iterator[dict[str, Body]]:
    """Queries put together as far as the cluster takes so many clauses."""
    some: dict[str, Body] = {}
    clauses = 0
    for id_, body in queries.items():
        mine = _clauses(body)
        if some and clauses + mine > _MOST_CLAUSES:
            yield some
            some, clauses = {}, 0
        some[id_] = body
        clauses += mine
    if some:
        yield some


def _clauses(body: Any) -> int:
    if isinstance(body, Mapping):
        return sum(1 if name in _LEAVES else _clauses(part) for name, part in body.items())
    if isinstance(body, list | tuple):
        return sum(map(_clauses, body))
    return 0


def _ask(view: View, queries: Mapping[str, Body], here: Body, told: Confirmed) -> None:
    """Ask several at once; where the cluster refuses, each half by its own."""
    named = [{"bool": {"filter": [body], "_name": id_}} for id_, body in queries.items()]
    any_of = {"bool": {"should": named, "minimum_should_match": 1}}
    body = {
        "query": paragraphs(here, any_of),
        "sort": [{"article_key": "asc"}, {"ordinal": "asc"}],
        "_source": False,
        "docvalue_fields": ["id"],
    }
    try:
        hits = list(hits_of(view, body))
    except ClusterRefusedError as error:
        ids = [*queries]
        if len(ids) == 1:
            told.failed[ids[0]] = str(error)
            return
        for half in (ids[: len(ids) // 2], ids[len(ids) // 2 :]):
            _ask(view, {id_: queries[id_] for id_ in half}, here, told)
        return
    for hit in hits:
        for id_ in hit["matched_queries"]:
            told.found.setdefault(id_, []).append(hit["fields"]["id"][0])
