"""Several writers on a cluster, the archive in PostgreSQL: each document is there once, as it came last."""

import random
import threading

import pytest

from api.settings import Settings
from index.intake import Listener
from index.model import Block, Document, Lifecycle, Metadata
from index.pipeline import Options, run, settle
from index.queueing import enqueue, work_off
from index.settling import remove
from index.shelf import Shelf
from search.request import SearchRequest
from tests.homes import Home


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    monkeypatch.setattr(
        "index.entities.recogniser.Recogniser.recognise", lambda self, texts: [() for _ in texts]
    )


@pytest.fixture
def newsroom(cluster, postgres, tmp_path):
    """An index on the cluster whose archive is in PostgreSQL."""
    place = cluster.place(shards=1)
    urls = f"{','.join(place.hosts)}/{place.name}"
    with postgres.database() as url:
        yield Home(Settings(index=tmp_path, engine="opensearch", opensearch=urls, shards=1, archive=url))
    cluster.forget(place)


def document(n, version=None, status="usable", paragraphs=1):
    texts = [f"salt {n} of {version or 0}, part {part}" for part in range(paragraphs)]
    text = "\n\n".join(texts)
    blocks, at = [], 0
    for one in texts:
        blocks.append(Block(at, at + len(one), "body"))
        at += len(one) + 2
    return Document(f"id:{n}", f"s{n}", "t", text, Metadata(), tuple(blocks), Lifecycle(version, status))


def shown(home):
    """By document: the texts that are found; none may be there twice."""
    engine, found, cursor = home.engine(), {}, None
    while True:
        page = engine.search(SearchRequest(q="salt", limit=100, cursor=cursor))
        for hit in page.hits:
            assert hit.text not in found.setdefault(hit.text.split()[1], []), "a paragraph is there twice"
            found[hit.text.split()[1]].append(hit.text)
        cursor = page.next
        if not cursor:
            break
    engine.close()
    return {n: sorted(texts) for n, texts in found.items()}


def held(home):
    """The same, as the archive has it."""
    shelf, found = Shelf(home.archive()), {}
    for _, made in shelf.documents([d.id for d in shelf.all() if d.state == "current"]):
        texts = made.text.split("\n\n")
        found[texts[0].split()[1]] = sorted(texts)
    return found


def told_by_changes(home):
    """Articles that are shown by what the changes say, each of which makes sense after the one before."""
    there = {}
    for seq, change in enumerate(Shelf(home.archive()).changes(0, 100_000), 1):
        assert change.seq == seq
        before = there.get(change.article, False)
        assert change.kind in ({"corrected", "removed"} if before else {"new", "corrected"})
        there[change.article] = change.kind != "removed"
    return sum(there.values())


def writing(home, n, rounds):
    """One writer of several: takes, queues, cancels and removes, and works off what waits."""
    rand = random.Random(n)
    for at in range(rounds):
        shelf = Shelf(home.archive())
        some = [
            document(k, at + 1, rand.choice(["usable"] * 5 + ["canceled"]), rand.randint(1, 3))
            for k in rand.sample(range(12), 5)
        ]
        way = rand.random()
        if way < 0.3:
            enqueue(some, Listener(), shelf)
            continue
        with home.store() as store:
            if way < 0.75:
                run(some, store, Options(), Listener(), shelf)
            elif way < 0.9:
                work_off(store, Options(), Listener(), shelf, lambda: False)
            else:
                remove(some[0].id, store, shelf)


def test_whatever_several_writers_do_at_once_index_and_archive_agree(newsroom):
    errors = []

    def work(n):
        try:
            writing(newsroom, n, 8)
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    with newsroom.store() as store:
        settle(store, Options(), Listener(), Shelf(newsroom.archive()), queued=True)
    assert Shelf(newsroom.archive()).hand.all() == 0
    assert shown(newsroom) == held(newsroom)
    assert told_by_changes(newsroom) == len(held(newsroom))
