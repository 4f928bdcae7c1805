"""Saved searches on a cluster find in new articles what those of our own index find."""

from contextlib import contextmanager
from datetime import timedelta
from random import Random

import pytest

from index.cluster.store import ClusterStore
from index.decisions import fold
from index.model import ENTITY_KINDS
from index.store import StoreWriter
from search.limits import Limits
from search.opensearch_engine import OpenSearchEngine
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine
from tests.corpora import FIRST, NAMES, NEW, WORDS, DecidingArchive, articles, decisions

PATTERNS = (
    "da*",
    "vot*",
    "*s",
    "?am",
    "d?m*",
    "zz*",
    "*",
    "caf*",
    "str*e",
    "damm~",
    "vored~2",
    "fery~",
    "cafe~1",
)


def a_query(random, depth=2):
    kind = random.randrange(9 if depth else 5)
    words = [random.choice(WORDS) for _ in range(random.randrange(1, 4))]
    if kind < 2:
        return words[0]
    if kind == 2:
        return random.choice(PATTERNS)
    if kind == 3:
        return f'"{" ".join(words)}"' + random.choice(["", "~3"])
    if kind == 4:
        return f"headline:{words[0]}"
    parts = [f"({a_query(random, depth - 1)})" for _ in range(random.randrange(2, 4))]
    return {5: " ".join, 6: " OR ".join, 7: lambda p: f"NOT {p[0]}", 8: " -".join}[kind](parts)


def a_range(random):
    first, last = (FIRST + timedelta(random.randrange(400)) for _ in range(2))
    return DayRange(*random.choice([(None, None), (None, None), (first, None), (None, last), (first, last)]))


def a_search(random):
    if random.random() < 0.2:
        id_ = random.choice([*NAMES, *NEW])
        return SearchRequest(q=random.choice(["", "dam"]), entities={id_.split("-")[0]: EntityFilter((id_,))})
    entities = {}
    for kind in ENTITY_KINDS if random.random() < 0.3 else ():
        chosen = random.sample([*NAMES, *NEW, "unknown"], random.randrange(3))
        excluded = random.sample([*NAMES], random.randrange(2))
        entities[kind] = EntityFilter(tuple(chosen), random.random() < 0.3, tuple(excluded))
    return SearchRequest(
        q=a_query(random),
        entities=entities,
        published=a_range(random),
        mentioned=a_range(random),
        undated=random.choice([None, None, None, "include", "exclude", "only"]),
    )


@contextmanager
def engines(path, place, limits):
    archive = DecidingArchive(path)
    ours, theirs = WhooshEngine(path, limits, archive), OpenSearchEngine(place, limits, archive)
    yield archive, ours, theirs
    ours.close()
    theirs.close()


@pytest.fixture(scope="module")
def made(cluster, tmp_path_factory):
    path, place = tmp_path_factory.mktemp("percolate") / "index", cluster.place()
    found = articles(Random(3), 60)
    with StoreWriter(path) as ours, ClusterStore(place) as theirs:
        for store in (ours, theirs):
            for article in found:
                store.put(article.document, "1", [article])
    yield path, place, found
    cluster.forget(place)


def found_by(engine, standing, asked):
    told = engine.percolate(standing, asked)
    assert told.failed == {}
    return told.found, told.known


@pytest.mark.parametrize("limits", [Limits(), Limits(expansion=2), Limits(words=2, depth=1)], ids=str)
def test_what_is_found_is_the_same(made, limits):
    path, place, found = made
    random = Random(str(limits))
    with engines(path, place, limits) as (archive, ours, theirs):
        standing = ours.standing(), theirs.standing()
        for turn in range(3):
            for n in range(120):
                search = a_search(random)
                for one in standing:
                    one.put(f"s{n}", search)
            for one in standing:
                one.remove(f"s{turn}")
            archive.held = decisions(random, found) if turn else fold([])
            for engine in (ours, theirs):
                engine.look_again()
            asked = [*(a.id for a in random.sample(found, random.choice([1, 12, 60]))), "unheard of"]
            mine, others = found_by(ours, standing[0], asked), found_by(theirs, standing[1], asked)
            assert others[1] == mine[1]
            assert [f.search for f in mine[0]]
            for one, other in zip(mine[0], others[0], strict=True):
                assert (other.search, other.article) == (one.search, one.article)
                assert other == one
            assert [len(one) for one in standing] == [119, 119]
