"""Killed at any instant, the writer leaves the last commit whole.

`DATELINE_TEST_KILLS` says how often; 20 unless set, 200 before a release.
"""

import os
import random
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from index.store import StoreWriter
from index.upkeep import check
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

ROOT = Path(__file__).resolve().parents[2]
KILLS = int(os.environ.get("DATELINE_TEST_KILLS", "20"))

# Commits batches of documents for ever, merging often, and tells of each commit that is done.
WRITER = """
import random, sys
from pathlib import Path
from index.columns import writer
from index.model import Article, Paragraph, Publication, stable_id
from index.store import StoreWriter

writer.FANOUT = 3
path, at = Path(sys.argv[1]), int(sys.argv[2])
rand = random.Random(at)
with StoreWriter(path, wait_s=20) as store:
    print("ready", flush=True)
    while True:
        at += 1
        for n in range(20):
            document = f"d{rand.randrange(60)}"
            words = " ".join(rand.choice(["dam", "vote", "ferry", "salt"]) for _ in range(20))
            text = f"batch {at} {words}"
            id_ = stable_id(document)
            p = Paragraph(stable_id(id_, "0"), 0, "body", 0, len(text), text)
            store.put(document, str(at), [Article(id_, document, "t", None, "t", (p,), Publication())])
        p = Paragraph("last", 0, "body", 0, 4, "last")
        store.put("last", str(at), [Article("last", "last", "t", None, "t", (p,), Publication())])
        store.commit()
        print(at, flush=True)
"""


def killed(path, at, after):
    """Run the writer, kill it after some seconds; returns the last commit it told of."""
    child = subprocess.Popen(
        [sys.executable, "-c", WRITER, str(path), str(at)], cwd=ROOT, stdout=subprocess.PIPE, text=True
    )
    assert child.stdout is not None
    assert child.stdout.readline() == "ready\n"
    time.sleep(after)
    child.send_signal(signal.SIGKILL)
    told = child.stdout.read().split()
    child.wait()
    child.stdout.close()
    return int(told[-1]) if told else at


@pytest.mark.skipif(not hasattr(signal, "SIGKILL"), reason="this system cannot kill a process outright")
def test_the_last_commit_is_whole_whenever_the_writer_dies(tmp_path):
    path, at, rand = tmp_path / "index", 0, random.Random(7)
    with StoreWriter(path):
        pass
    for _ in range(KILLS):
        told = killed(path, at, rand.uniform(0, 0.25))
        assert list(check(path)) == []
        engine = WhooshEngine(path)
        engine.search(SearchRequest(q="dam"))
        with StoreWriter(path, wait_s=5) as store:
            held = store.held.get("last")
        # What was told is there; the commit that was being told of may be.
        at = int(held.digest) if held else 0
        assert told <= at <= told + 1
        engine.close()
