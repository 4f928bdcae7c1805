"""Killed at any instant, a run leaves archive and index such that the next one makes them agree.

`DATELINE_TEST_KILLS` says how often; a few unless set, 200 before a release.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.agreement import problems
from index.archive import Archive
from index.pipeline import Listener, Options, settle
from index.rebuild import Rebuilding, rebuild
from index.shelf import Shelf
from index.store import StoreWriter
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("DATELINE_TEST_KILLS", "6"))

# Takes versions of sixty documents for ever, cancels some, and tells of each run that is done; every
# fourth run the index is built anew. What is shown is told by the numbers in the texts.
WRITER = """
import random, sys
from pathlib import Path
from index import intake
from index.archive import Archive
from index.model import Block, Document, Lifecycle, Metadata
from index.pipeline import Listener, Options, run
from index.rebuild import Rebuilding, rebuild
from index.shelf import Shelf
from index.store import StoreWriter

intake._TOGETHER, intake._COMMIT_PARAGRAPHS = 7, 20
path, url, at = Path(sys.argv[1]), sys.argv[2], int(sys.argv[3])
archive, options = Archive(path, url), Options(cache=path / "names.sqlite")
rand = random.Random(at)

def document(n, version):
    status = "canceled" if version % 5 == 0 else "usable"
    text = f"salt {n} of {version}"
    blocks = (Block(0, len(text), "body"),)
    return Document(f"id:{n}", f"s{n}", "t", text, Metadata(), blocks, Lifecycle(version, status))

from index.entities.recogniser import Recogniser
Recogniser.recognise = lambda self, texts: [() for _ in texts]  # what is killed here are the writers
print("ready", flush=True)
while True:
    at += 1
    with StoreWriter(path, wait_s=20) as store:
        run([document(n, at) for n in rand.sample(range(60), 30)], store, options, Listener(), Shelf(archive))
    print(at, flush=True)
    if at % 4 == 0:
        rebuild(Rebuilding(path, archive, options, 20, 512))
"""


def killed(path, url, at, after):
    """Run the writer, kill it after some seconds; returns the last run that it told of."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), url, str(at)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    told = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    return int(told[-1]) if told else at


def shown(path, archive):
    """By document, the text that is found."""
    found = {}
    engine = WhooshEngine(path, archive=archive)
    asked = SearchRequest(q="salt", sort="newest", limit=100)
    for hit in engine.search(asked).hits:
        _, n, _, version = hit.text.split()
        assert n not in found, "a document is there twice"
        found[n] = int(version)
    engine.close()
    return found


def told_by_changes(changes):
    """Which articles are there, by what the changes say; each must make sense after the one before."""
    there = {}
    for seq, change in enumerate(changes, 1):
        assert change.seq == seq
        before = there.get(change.article)
        assert (
            change.kind
            in {None: {"new"}, False: {"new", "corrected"}, True: {"corrected", "removed"}}[before]
        )
        there[change.article] = change.kind != "removed"
    return sum(there.values())


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process outright")
def test_archive_and_index_agree_after_the_run_that_follows_a_killed_one(tmp_path, archive_url):
    path, at, rand = tmp_path / "index", 0, random.Random(11)
    path.mkdir()
    archive = Archive(path, archive_url)
    options = Options(cache=path / "names.sqlite")
    rounds = KILLS if archive_url == "" else max(2, KILLS // 4)
    for _ in range(rounds):
        at = killed(path, archive_url, at, rand.uniform(0, 0.6)) + 1
        with StoreWriter(path, wait_s=5) as store:
            settle(store, options, Listener(), Shelf(archive))
        assert list(problems(path, archive)) == []
        documents = {d.id: d for d in Shelf(archive).all()}
        found = shown(path, archive)
        assert len(found) == sum(d.state == "current" for d in documents.values())
        changes = Shelf(archive).changes(0, 100_000)
        assert told_by_changes(changes) == len(found)
        assert not [p for p in path.iterdir() if p.name.startswith("building-")]
        at = max([at, *(d.version for d in documents.values())])
    before = shown(path, archive)
    rebuild(Rebuilding(path, archive, options, 5, 512))
    assert shown(path, archive) == before
