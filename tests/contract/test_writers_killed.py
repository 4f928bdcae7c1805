"""Two real `dateline work` on a cluster, one ended by kill -9: all goes in, each document once."""

import json
import os
import subprocess
import sys
import time
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from api.settings import Settings
from index.shelf import Shelf
from index.shelf_tables import WAITING
from search.request import SearchRequest
from tests.homes import ROOT, Home

DOCUMENTS_IN_ALL = 140  # more than two writers take in hand at once
WORDS = "salt tide barge ferry winter harbour sluice dyke"


def texts():
    """One document's text each; some share a paragraph, which makes them stories."""
    for n in range(DOCUMENTS_IN_ALL):
        own = " ".join(f"{word} of number {n}" for word in WORDS.split())
        shared = f"The ferry to Ameland left at noon on 3 May 2021, salt {n % 7} said."
        yield f"Salt number {n}\n\n{own}\n\n{shared}\n"


@pytest.fixture
def newsroom(cluster, postgres, tmp_path):
    """An index on the cluster whose archive, in PostgreSQL, has a queue."""
    place = cluster.place(shards=2)
    urls = f"{','.join(place.hosts)}/{place.name}"
    with postgres.database() as url:
        settings = Settings(
            index=tmp_path / "index", engine="opensearch", opensearch=urls, shards=2, archive=url
        )
        yield Home(settings)
    cluster.forget(place)


def environ(home, machine):
    """Of a machine of its own, which has the archive and the cluster in common with the others."""
    folder = home.settings.index.parent / machine
    return (
        os.environ | home.environ | {"DATELINE_INDEX": str(folder), "DATELINE_ARCHIVE": home.settings.archive}
    )


@pytest.fixture
def start(newsroom):
    """Starts a command on one of several machines; what still runs at the end is ended."""
    started = []

    def begin(machine, *arguments):
        command = [sys.executable, "-m", "api", *arguments, "--json"]
        where = {"cwd": ROOT, "env": environ(newsroom, machine), "text": True}
        process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, **where)
        started.append(process)
        return process

    yield begin
    for process in started:
        process.kill()
        process.communicate()


def told(process):
    out, err = process.communicate(timeout=300)
    assert process.returncode == 0, err
    return json.loads(out)


def queue_all(start, folder):
    folder.mkdir()
    for n, text in enumerate(texts()):
        (folder / f"{n:03}.txt").write_text(text, "utf-8")
    assert told(start("desk", "index", "--queue", str(folder)))["queued"] == DOCUMENTS_IN_ALL


def in_hand_of(home, process, *which):
    """Which rows of the queue are in a process's hand."""
    mine = sa.and_(WAITING.c.holder.contains(f":{process.pid}:"), *which)
    return [row.id for row in home.archive().rows(WAITING, sa.select(WAITING.c.id).where(mine))]


def wait_until(true, process, seconds=240):
    until = time.monotonic() + seconds
    while not (found := true()):
        assert process.poll() is None, "it ended"
        assert time.monotonic() < until, "it did not happen"
        time.sleep(0.02)
    return found


def let_time_pass_for(home, process):
    """What a process that says nothing any more had in hand falls to others now, not in a minute."""
    mine = sa.update(WAITING).where(WAITING.c.holder.contains(f":{process.pid}:"))
    ago = datetime.now(UTC) - timedelta(seconds=1)
    home.archive().write(lambda connection: connection.execute(mine.values(until=ago)))


def found(home):
    """Ids of all paragraphs, the headlines among them, and of their articles, as pages give them."""
    engine, cursor, paragraphs, articles = home.engine(), None, [], set()
    while True:
        page = engine.search(SearchRequest(q="salt", limit=100, cursor=cursor))
        paragraphs += [hit.id for hit in page.hits]
        articles |= {hit.article.id for hit in page.hits}
        if not (cursor := page.next):
            break
    engine.close()
    return paragraphs, articles


def check_all_is_there_once(home):
    paragraphs, articles = found(home)
    assert len(paragraphs) == len(set(paragraphs)) == 3 * DOCUMENTS_IN_ALL
    assert len(articles) == DOCUMENTS_IN_ALL
    changes = Shelf(home.archive()).changes(0, 10_000)
    assert sorted(change.article for change in changes) == sorted(articles)  # each told once
    assert {change.kind for change in changes} == {"new"}
    assert Shelf(home.archive()).hand.all() == 0


def test_what_a_worker_had_when_it_was_killed_is_done_by_the_other(newsroom, start, tmp_path):
    queue_all(start, tmp_path / "wire")
    killed = start("machine-1", "work", "--once")
    wait_until(lambda: in_hand_of(newsroom, killed), killed)
    other = start("machine-2", "work", "--once")
    # Some of it is analysed and written down, and on its way into the index.
    wait_until(lambda: in_hand_of(newsroom, killed, WAITING.c.fresh.is_(False)), killed)
    killed.kill()
    killed.communicate()
    left = in_hand_of(newsroom, killed)
    assert left
    let_time_pass_for(newsroom, killed)
    assert told(other)["documents"] >= len(left)
    check_all_is_there_once(newsroom)
