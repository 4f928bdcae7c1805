"""A writer on a real cluster whose node rejects, breaks off and bounds: all goes in, each document once.

Between the writer and the node stands a proxy that fails as it is told.
"""

import json
import random
from contextlib import closing

import pytest

from index.cluster import bulk
from index.cluster.client import cluster_of
from index.cluster.records import all_records
from index.cluster.store import ClusterStore
from index.cluster.upkeep import problems
from index.errors import ClusterBusyError, ClusterRefusedError
from index.model import Article, Paragraph, Publication, stable_id
from search.opensearch_engine import OpenSearchEngine
from search.request import SearchRequest
from tests.loopback import Loopback, Told, failed, forward

COUNT = 30
BUSY = failed(429, "es_rejected_execution_exception", "rejected execution")


def article(document, paragraphs=2, version=1):
    id_ = stable_id("article", document)
    made = [
        Paragraph(stable_id(id_, str(n)), n, "body", 0, 20, f"salt {document} {n} of version {version}")
        for n in range(1, paragraphs + 1)
    ]
    return Article(id_, document, document, "", "", tuple(made), Publication(None, None))


class Bad:
    """A way in which a node is bad; passes on to a real one what it does not fail at."""

    def __init__(self, url):
        self.url = url
        self.rand = random.Random(3)
        self.failures = 0

    def __call__(self, asked):
        return forward(self.url, asked)

    def fails(self, chance):
        hit = self.rand.random() < chance
        self.failures += hit
        return hit


class RejectsSome(Bad):
    """Of a bulk some documents are not taken, since the node's queue is full."""

    def __call__(self, asked):
        if not asked.is_bulk:
            return super().__call__(asked)
        rejected = [self.fails(0.3) for _ in asked.actions]
        taken = b"".join(lines for (_, _, lines), no in zip(asked.actions, rejected, strict=True) if not no)
        items = iter(json.loads(forward(self.url, asked, taken).data)["items"]) if taken else iter(())
        told = [
            {name: {"_id": one["_id"], **BUSY}} if no else next(items)
            for (name, one, _), no in zip(asked.actions, rejected, strict=True)
        ]
        return Told(200, {"took": 1, "errors": True, "items": told})


class RejectsRequests(Bad):
    """Every third bulk is not taken at all."""

    def __call__(self, asked):
        if asked.is_bulk and self.fails(0.35):
            status = self.rand.choice([429, 502, 503])
            return Told(status, {**BUSY, "status": status})
        return super().__call__(asked)


class BreaksOff(Bad):
    """Does what it is asked, and dies before it could say so."""

    def __call__(self, asked):
        told = super().__call__(asked)
        writes = asked.method == "PUT" or asked.is_bulk
        if writes and self.fails(0.35):
            return Told(told.status, told.data, told.kind, upto=self.rand.choice([0, 30]))
        return told


class TakesLittle(Bad):
    """Stands behind a proxy that takes small requests alone."""

    def __call__(self, asked):
        if asked.is_bulk and len(asked.body) > 3_000:
            self.failures += 1
            return Told(413, b"<h1>Request Entity Too Large</h1>", "text/html")
        return super().__call__(asked)


@pytest.fixture
def place(cluster):
    made = cluster.place(shards=1)
    yield made
    cluster.forget(made)


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr(bulk, "_FIRST_PAUSE_S", 0.001)
    monkeypatch.setattr(bulk, "_LONGEST_PAUSE_S", 0.01)


def before(place, server):
    """The same index, asked for at a server."""
    return type(place)((server.url,), place.name, shards=place.shards)


def shown(place):
    with closing(OpenSearchEngine(place)) as engine:
        return sorted(hit.text for hit in engine.scan(SearchRequest(q="salt")).hits)


def expected(*articles):
    return sorted(p.text for a in articles for p in a.paragraphs)


@pytest.mark.parametrize("bad", [RejectsSome, RejectsRequests, BreaksOff, TakesLittle])
def test_all_goes_in_once_whatever_the_node_does_meanwhile(place, tmp_path, bad):
    names = [f"doc{n:02}" for n in range(COUNT)]
    with Loopback(bad(place.hosts[0])) as server, ClusterStore(before(place, server)) as store:
        for name in names:
            store.put(name, "1", [article(name, 3)])
        assert store.send() == {}
        store.commit()
        for name in names[:10]:
            store.put(name, "2", [article(name, 1, version=2)])
        store.delete(names[10])
        assert store.send() == {}
        store.commit()
        node = server.answer
    assert node.failures
    assert shown(place) == expected(
        *(article(n, 1, version=2) for n in names[:10]), *(article(n, 3) for n in names[11:])
    )
    check_whole(place, tmp_path)
    records = list(all_records(cluster_of(place), store._index))
    assert {r.id: r.digest for r in records} == {
        n: "2" if n in names[:10] else "1" for n in names if n != names[10]
    }
    assert not any(r.open for r in records)


def check_whole(place, tmp_path):
    from index.archive import Archive

    told = [one for one in problems(place, Archive(tmp_path)) if "is yellow" not in one]
    assert [one for one in told if "the archive has never seen" not in one] == []


def test_what_is_refused_for_ever_is_named_and_no_part_of_it_is_shown(place):
    class Refuses(Bad):
        def __call__(self, asked):
            told = super().__call__(asked)
            if asked.is_bulk and b"doc1 2 of" in asked.body:
                answer = json.loads(told.data)
                for (_, _, lines), item in zip(asked.actions, answer["items"], strict=True):
                    if b"doc1 2 of" in lines and b'"text"' in lines:
                        (one,) = item.values()
                        one |= failed(400, "mapper_parsing_exception", "failed to parse")
                        self.failures += 1
                return Told(200, answer)
            return told

    with Loopback(Refuses(place.hosts[0])) as server, ClusterStore(before(place, server)) as store:
        for name in ("doc0", "doc1", "doc2"):
            store.put(name, "1", [article(name)])
        refused = store.send()
        assert server.answer.failures == 1
    assert list(refused) == ["doc1"]
    assert "OpenSearch does not take it (failed to parse)" in refused["doc1"]
    assert shown(place) == expected(article("doc0"), article("doc2"))


def test_a_node_that_stays_full_is_told_and_who_writes_next_brings_it_in(place, tmp_path, monkeypatch):
    monkeypatch.setattr(bulk, "PATIENCE_S", 0.05)

    class Full(Bad):
        def __call__(self, asked):
            if asked.is_bulk and b'"paragraph"' in asked.body:
                return Told(429, BUSY)
            return super().__call__(asked)

    with (
        Loopback(Full(place.hosts[0])) as server,
        pytest.raises(ClusterBusyError, match="rejected execution"),
        ClusterStore(before(place, server)) as one,
    ):
        one.put("doc0", "1", [article("doc0")])
        one.send()
    with ClusterStore(place) as store:
        assert store.held["doc0"].digest == ""  # it is known that it is not there whole
        store.put("doc0", "1", [article("doc0")])
    assert shown(place) == expected(article("doc0"))
    check_whole(place, tmp_path)


def test_an_index_that_may_not_be_written_to_is_told_once_and_not_of_each_document(place, cluster):
    with ClusterStore(place) as store:
        store.put("doc0", "1", [article("doc0")])
        store.commit()
        client = cluster_of(place)
        client.ask("PUT", f"/{store._index}/_settings", {"index.blocks.write": True})
        store.put("doc1", "1", [article("doc1")])
        with pytest.raises(ClusterRefusedError, match="index write") as caught:
            store.send()
        assert caught.value.status == 403
        client.ask("PUT", f"/{store._index}/_settings", {"index.blocks.write": None})
        store.put("doc1", "1", [article("doc1")])
    assert shown(place) == expected(article("doc0"), article("doc1"))


def test_an_index_that_is_deleted_amid_a_write_is_told(place):
    class Deletes(Bad):
        def __call__(self, asked):
            if asked.is_bulk:
                cluster_of(place).find("DELETE", asked.path.partition("/_bulk")[0])
            return super().__call__(asked)

    with (
        Loopback(Deletes(place.hosts[0])) as server,
        pytest.raises(ClusterBusyError, match="replaced by a new one, or removed"),
        ClusterStore(before(place, server)) as store,
    ):
        store.put("doc0", "1", [article("doc0")])
        store.send()


def test_an_index_is_made_though_the_node_dies_before_it_says_so(place):
    from index.cluster.indices import create

    with Loopback(BreaksOff(place.hosts[0])) as server:
        server.answer.fails = lambda _: sum(a.method == "PUT" for a in server.asked) == 1
        made = create(cluster_of(before(place, server)), alias=False)
    assert cluster_of(place).exists(f"/{made.index}")
    with ClusterStore(place, made.index) as store:
        assert store.made == made.made
