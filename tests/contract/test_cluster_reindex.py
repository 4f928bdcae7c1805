"""An index on a cluster built anew: nothing is lost, doubled or noticed by who reads or writes."""

import json
import os
import threading
import time
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa
from click.testing import CliRunner

from api.cli import main_group
from index.articles import split_articles
from index.cluster.client import cluster_of
from index.cluster.commits import Commits
from index.cluster.indices import behind, create, mine
from index.cluster.rebuild import rebuild
from index.cluster.store import ClusterStore
from index.cluster.upkeep import problems
from index.errors import ClusterBusyError, IndexVersionError, RebuildError
from index.model import Block, Document, Metadata
from index.pipeline import Listener, Options, run, settle
from index.recut import Recut
from index.settling import remove
from index.shelf import Shelf
from index.shelf_tables import DOCUMENTS
from search.request import SearchRequest
from tests.loopback import Loopback, Told, failed, forward

OLD = 20


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    monkeypatch.setattr(
        "index.entities.recogniser.Recogniser.recognise", lambda self, texts: [() for _ in texts]
    )


@pytest.fixture(autouse=True)
def hurry(monkeypatch):
    monkeypatch.setattr("index.cluster.rebuild.READERS_S", 0.5)


@pytest.fixture
def home(homes, tmp_path):
    made = homes.new("opensearch", tmp_path / "index")
    yield made
    homes.forget(made)


@pytest.fixture
def place(home):
    return home.settings.cluster


def document(n, text="The salt is gone."):
    headline = f"Story {n:04}"
    whole = f"{headline}\n\n{text}"
    blocks = (Block(0, 10, "headline"), Block(12, len(whole), "body"))
    return Document(f"id:{n}", f"wire:{n}", "jsonlines", whole, Metadata(headline=headline), blocks)


def take(home, *documents, shelf=True):
    with home.store() as store:
        return run(documents, store, Options(), Listener(), Shelf(home.archive()) if shelf else None)


def build(home, **told):
    return rebuild(home.settings.cluster, home.archive(), Options(), **told)


def found(home, q="", **asked):
    with closing(home.engine()) as engine:
        return engine.search(SearchRequest(q=q, limit=100, sort="newest", **asked)).hits


def hits(home, q="", **asked):
    return [(h.id, h.text, h.article.added, h.article.updated) for h in found(home, q, **asked)]


def indices(home):
    return [i for i in mine(cluster_of(home.settings.cluster)) if not i.endswith("-searches")]


def wrong(home):
    """What is wrong with the index; not that copies of its shards are on their way to other nodes."""
    return [one for one in problems(home.settings.cluster, home.archive()) if "is yellow" not in one]


def test_the_new_index_answers_as_the_old_one_did_and_that_is_gone(home):
    take(home, *(document(n) for n in range(OLD)))
    take(home, document(3, "The salt is back."))
    with home.store() as store:
        remove(document(4).id, store, Shelf(home.archive()))
    before, (old,) = hits(home), indices(home)
    changes = Shelf(home.archive()).changes(0, 100)
    done = build(home)
    assert (done.documents, done.carried, done.paragraphs, done.failed) == (OLD - 1, 0, 2 * OLD - 2, {})
    assert done.size > 0
    assert hits(home) == before
    assert Shelf(home.archive()).changes(0, 100) == changes
    assert indices(home) != [old]
    assert len(indices(home)) == 1
    assert wrong(home) == []
    assert take(home, document(3, "The salt is back.")).unchanged == 1


class Reader(threading.Thread):
    """Searches without pause; what it saw that it should not have is in `wrong`."""

    def __init__(self, home, stop):
        super().__init__()
        self.home, self.stop, self.wrong, self.searches = home, stop, [], 0
        self.indices = set()

    def run(self):
        with closing(self.home.engine()) as engine:
            while not self.stop.is_set():
                try:
                    self.search(engine)
                except Exception as error:
                    self.wrong.append(repr(error))
                    return

    def search(self, engine):
        page = engine.search(SearchRequest(q="salt", limit=100, facets=("published",)))
        texts = [h.text for h in page.hits]
        olds = [h.id for h in page.hits if h.text == "The salt is gone."]
        if len(olds) != OLD or len({h.id for h in page.hits}) != len(texts):
            self.wrong.append(texts)
        if sum(text.startswith("Salt") for text in texts) > 1:
            self.wrong.append("two versions of one paragraph")
        self.searches += 1
        self.indices.add(engine.identity().split()[0])


class Writer(threading.Thread):
    """Takes new documents and changes one, over and over; begins again where its index was replaced."""

    def __init__(self, home, stop):
        super().__init__()
        self.home, self.stop, self.wrong, self.wrote = home, stop, [], 0

    def run(self):
        while not self.stop.is_set():
            n = self.wrote + 1
            try:
                take(self.home, document(1000 + n, "It came."), document(999, f"Salt {n}."))
                self.wrote = n
            except Exception as error:  # which is told as what passes, so that `dateline work` goes on
                if not isinstance(error, ClusterBusyError) or "replaced by a new one" not in error.reason:
                    self.wrong.append(repr(error))
                    return


def test_who_reads_and_writes_meanwhile_notices_nothing(home):
    take(home, *(document(n) for n in range(OLD)))
    stop = threading.Event()
    threads = [reader, writer] = [Reader(home, stop), Writer(home, stop)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            assert build(home).failed == {}
            assert len(indices(home)) == 1
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert (reader.wrong, writer.wrong) == ([], [])
    assert len(reader.indices) > 1
    assert writer.wrote
    with home.store() as store:  # what the last one replaced had in hand
        settle(store, Options(), Listener(), Shelf(home.archive()))
    came = {id_ for id_, *_ in hits(home, "came")}
    assert len(came) in (min(100, writer.wrote), min(100, writer.wrote + 1))
    assert len(hits(home, '"The salt is gone"')) == OLD
    assert wrong(home) == []


@pytest.mark.parametrize("at", ["as it begins", "when all is built"])
def test_one_that_is_killed_leaves_the_old_one_answering_and_the_next_one_cleans_up(home, monkeypatch, at):
    take(home, *(document(n) for n in range(8)))
    before, old = hits(home), indices(home)
    child = os.fork()
    if not child:
        try:
            if at == "as it begins":
                build(home, progress=lambda done: os._exit(9) if done.documents > 3 else None)
            monkeypatch.setattr("index.cluster.rebuild._Building._swap", lambda self: os._exit(9))
            build(home)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    assert hits(home) == before
    assert len(indices(home)) == 2
    with pytest.raises(RebuildError, match="another `dateline reindex` is at work"):
        build(home)
    monkeypatch.setattr("index.cluster.commits.ALIVE_S", 0.0)  # as after two minutes
    monkeypatch.setattr("index.cluster.commits.STEAL_S", 0.1)  # as after half a minute
    take(home, document(9))
    assert build(home).documents == 9
    (new,) = indices(home)
    assert new not in old
    assert len(hits(home)) == len(before) + 2
    assert wrong(home) == []


def test_one_that_raises_leaves_the_old_one_as_it_was_and_no_writer_waiting(home, monkeypatch):
    take(home, *(document(n) for n in range(4)))
    before, old = hits(home), indices(home)

    def full(self):
        raise ClusterBusyError("here", "no room")

    monkeypatch.setattr("index.cluster.rebuild._Building._swap", full)
    with pytest.raises(ClusterBusyError, match="no room"):
        build(home)
    assert (hits(home), indices(home)) == (before, old)
    assert Commits(cluster_of(home.settings.cluster), old[0]).read().lock is None
    take(home, document(9))
    assert len(hits(home)) == len(before) + 2
    assert wrong(home) == []


def through(home, server):
    return replace(home.settings.cluster, hosts=(server.url,))


def test_one_that_fails_after_the_alias_moved_leaves_the_new_one_answering(home):
    """What is left to be done then is in the archive, and done by who writes next."""
    take(home, *(document(n) for n in range(4)))
    before, (old,) = hits(home), indices(home)

    def answer(asked):
        if any(a.path == "/_aliases" for a in server.asked[:-1]) and asked.path.endswith("/_stats/store"):
            return Told(503, failed(503, "cluster_manager_not_discovered_exception"))
        return forward(home.settings.cluster.hosts[0], asked)

    with Loopback(answer) as server, pytest.raises(ClusterBusyError, match="manager_not_discovered"):
        rebuild(through(home, server), home.archive(), Options())
    assert hits(home) == before
    assert indices(home) != [old]
    take(home, document(9))
    assert len(hits(home)) == len(before) + 2
    assert wrong(home) == []


def test_a_node_that_moves_the_alias_and_is_gone_before_it_says_so_costs_nothing(home):
    take(home, *(document(n) for n in range(4)))
    before, (old,) = hits(home), indices(home)

    def answer(asked):
        told = forward(home.settings.cluster.hosts[0], asked)
        first = asked.path == "/_aliases" and sum(a.path == "/_aliases" for a in server.asked) == 1
        return replace(told, upto=0) if first else told

    with Loopback(answer) as server:
        assert rebuild(through(home, server), home.archive(), Options()).documents == 4
        assert sum(a.path == "/_aliases" for a in server.asked) == 2
    assert hits(home) == before
    assert indices(home) != [old]
    assert wrong(home) == []


def test_one_at_a_time(home, place):
    take(home, document(1))
    new = create(cluster_of(place), alias=False)
    with ClusterStore(place, new.index) as store:
        store.follow(lambda: 1)
        with pytest.raises(RebuildError, match="another `dateline reindex` is at work; wait for it"):
            build(home)
        assert new.index in indices(home)
    assert build(home).documents == 1
    assert new.index not in indices(home)


def test_what_the_archive_never_had_is_taken_over_as_it_is(home):
    take(home, document(1), document(2, "Anna Berg spoke on March 3, 2015."), shelf=False)
    take(home, document(3))
    with closing(home.engine()) as engine:
        before = {h.id: h for h in engine.search(SearchRequest(limit=100)).hits}
    done = build(home)
    assert (done.documents, done.carried, done.total, done.paragraphs) == (1, 2, 3, 6)
    with closing(home.engine()) as engine:
        after = {h.id: h for h in engine.search(SearchRequest(limit=100)).hits}
    assert after.keys() == before.keys()
    for id_, hit in before.items():
        now = after[id_]
        assert (now.text, now.dates, now.entities, now.article) == (
            hit.text,
            hit.dates,
            hit.entities,
            hit.article,
        )
    assert Shelf(home.archive()).looked_at_place().strays == 2
    assert take(home, document(1)).unchanged == 0  # and comes into the archive now
    assert build(home).carried == 1


def test_what_the_archive_never_had_and_is_not_there_whole_is_told(home, place):
    take(home, document(1), shelf=False)
    take(home, document(2))
    cluster, (index,) = cluster_of(place), indices(home)
    one = {
        "query": {
            "bool": {"filter": [{"term": {"type": "paragraph"}}, {"term": {"document": document(1).id}}]}
        }
    }
    cluster.ask("POST", f"/{index}/_delete_by_query", one | {"max_docs": 1}, refresh=True)
    with pytest.raises(RebuildError, match="lacks 1 documents of which it has not all"):
        build(home)
    assert indices(home) == [index]
    assert build(home, force=True).documents == 1


def test_what_cannot_be_built_stays_as_the_old_index_has_it(home):
    take(home, document(1), document(2))
    before = hits(home)
    here = sa.update(DOCUMENTS).where(DOCUMENTS.c.id == document(1).id)
    home.archive().write(lambda c: c.execute(here.values(content=b"\x01nonsense")))
    done = build(home)
    assert (done.documents, done.carried) == (1, 1)
    assert "cannot be unpacked" in str(done.failed[document(1).id])
    assert hits(home) == before
    with home.store() as store:
        store.delete(document(1).id)
    with pytest.raises(RebuildError, match="1 documents cannot be built, the first one since"):
        build(home)
    assert build(home, force=True).documents == 1


def old_format(place):
    cluster = cluster_of(place)
    found = behind(cluster)
    told = {"_meta": {"format": "1", "made": found.made}}
    cluster.ask("PUT", f"/{found.index}/_mapping", told)


def test_an_index_of_an_older_format_is_built_anew(home, place):
    take(home, document(1), document(2))
    before = hits(home)
    old_format(place)
    with pytest.raises(IndexVersionError, match="dateline reindex"):
        hits(home)
    assert build(home).documents == 2
    assert hits(home) == before
    assert wrong(home) == []


def test_an_index_that_cannot_be_read_is_not_replaced_where_something_would_be_lost(home, place):
    take(home, document(1), shelf=False)
    take(home, document(2))
    old_format(place)
    before = indices(home)
    with pytest.raises(RebuildError, match=r"has format 1.*may hold documents that the archive lacks"):
        build(home)
    assert indices(home) == before
    assert build(home, force=True).documents == 1


@pytest.fixture
def ours(cluster):
    """The cluster, whose nodes a test may kill; they all run again after it."""
    if not cluster.nodes:
        pytest.skip("the nodes are not ours to kill")
    yield cluster
    cluster.mend()


def lose_shard(place, ours, index, shard):
    """Kill the node that alone has a shard."""
    told = {"number_of_replicas": 0, "auto_expand_replicas": False}
    cluster_of(place).ask("PUT", f"/{index}/_settings", told)
    copies = json.loads(ours.ask("GET", f"/_cat/shards/{index}?format=json&h=shard,node,prirep"))
    (name,) = {one["node"] for one in copies if (one["shard"], one["prirep"]) == (str(shard), "p")}
    next(node for node in ours.nodes if node.name == name).kill()
    until = time.monotonic() + 60
    while json.loads(ours.ask("GET", f"/_cluster/health/{index}"))["status"] != "red":
        assert time.monotonic() < until, "the shard is not missed"
        time.sleep(0.2)


@pytest.mark.parametrize(("shard", "shelf"), [(0, True), (1, False)])
def test_an_index_that_lost_a_shard_is_built_anew_unless_it_may_hold_what_the_archive_lacks(
    home, place, ours, shard, shelf
):
    take(home, document(OLD), shelf=shelf)
    take(home, *(document(n) for n in range(OLD)))
    before, (old,) = found(home), indices(home)
    (alone,) = {h.article.id for h in before if h.text == f"Story {OLD:04}"}
    lose_shard(place, ours, old, shard)
    if not shelf:
        with pytest.raises(RebuildError, match=r"1 of its 2 shards are on no node.*may hold documents"):
            build(home)
        assert indices(home) == [old]
    assert build(home, force=not shelf).documents == OLD + shelf
    left = [(h.id, h.text) for h in before if shelf or h.article.id != alone]
    assert [(h.id, h.text) for h in found(home)] == left
    assert old not in indices(home)
    assert wrong(home) == []


def cut_otherwise(monkeypatch):
    """Have articles be others from now on, as by another version's analysis, an hour later."""
    monkeypatch.setattr(
        "index.pipeline.split_articles",
        lambda d: tuple(replace(a, id=f"new-{a.id}") for a in split_articles(d)),
    )
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    for module in ("index.shelf", "index.recut", "index.intake"):
        monkeypatch.setattr(f"{module}.now_utc", lambda: later)


def shown(home, *documents):
    found = Shelf(home.archive()).times([d.id for d in documents])
    return {id_ for known in found.values() for id_, (_, _, there) in known.items() if there}


def test_another_analysis_finds_other_articles_and_that_is_no_news(home, monkeypatch):
    take(home, document(1), document(2))
    old, added = shown(home, document(1), document(2)), {h[2] for h in hits(home)}
    changes = Shelf(home.archive()).changes(0, 9)
    cut_otherwise(monkeypatch)
    assert build(home).documents == 2
    new = {f"new-{id_}" for id_ in old}
    assert {h.article.id for h in found(home)} == new
    assert shown(home, document(1), document(2)) == new
    assert {h[2] for h in hits(home)} == added
    assert Shelf(home.archive()).changes(0, 9) == changes
    assert Shelf(home.archive()).looked_at_place().turn == Shelf(home.archive()).last_turn()
    take(home, document(1, "Corrected."))
    assert [c.kind for c in Shelf(home.archive()).changes(2, 9)] == ["corrected"]
    assert wrong(home) == []


def test_what_changes_while_articles_are_noted_is_noted_by_who_changed_it(home, monkeypatch):
    take(home, document(1), document(2))
    cut_otherwise(monkeypatch)
    note = Recut.note

    def late(self, shelf):
        take(home, document(1, "Corrected."))
        note(self, shelf)

    monkeypatch.setattr(Recut, "note", late)
    assert build(home).documents == 2
    assert {h[1] for h in hits(home, "corrected")} == {"Corrected."}
    kinds = [c.kind for c in Shelf(home.archive()).changes(2, 9)]
    assert kinds == ["new", "removed"]
    assert shown(home, document(1)) == {h.article.id for h in found(home, "corrected")}
    assert wrong(home) == []


def test_an_empty_archive_builds_nothing(home):
    with pytest.raises(RebuildError, match="dateline index SOURCE"):
        build(home)
    assert indices(home) == []


def test_a_lost_index_is_built_from_its_archive(home, place):
    take(home, document(1), document(2))
    before = hits(home)
    cluster_of(place).ask("DELETE", f"/{indices(home)[0]}")
    assert build(home).documents == 2
    assert hits(home) == before


def test_the_command_tells_what_was_taken_over(home):
    take(home, document(1), shelf=False)
    take(home, document(2))
    made = CliRunner().invoke(main_group, ["reindex", "--json"], env=home.environ)
    assert made.exit_code == 0, made.output
    told = json.loads(made.stdout)
    assert (told["documents"], told["carried"], told["paragraphs"], told["failed"]) == (2, 1, 4, 0)
    assert "1 documents were taken over as the old index had them" in made.stderr
