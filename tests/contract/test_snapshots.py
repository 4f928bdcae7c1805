"""The runbook's requests for snapshots of a cluster, as they stand there, on real nodes."""

import json
import re
import shutil
import subprocess

import pytest

from index.pipeline import Listener, Options, run, settle
from index.readers.sources import open_sources
from index.shelf import Shelf
from search.request import SearchRequest
from tests.homes import ROOT

RUNBOOK = (ROOT / "deploy" / "RUNBOOK.md").read_text("utf-8")
TAKE, RESTORE = (
    next(block for block in re.findall(r"```sh\n(.*?)```", RUNBOOK, re.S) if word in block)
    for word in ("_snapshot/dateline -H", "_restore")
)


@pytest.fixture
def home(cluster, homes, tmp_path):
    made = homes.new("opensearch", tmp_path / "index")
    yield made
    homes.forget(made)


@pytest.fixture
def folder(cluster):
    """What the nodes may write snapshots to."""
    nodes = json.loads(cluster.ask("GET", "/_nodes/settings"))["nodes"]
    told = next(iter(nodes.values()))["settings"]["path"].get("repo")
    if not told:
        pytest.skip("the nodes that run have no path.repo; nodes of deploy/opensearch have")
    yield told[0] if isinstance(told, list) else told
    cluster.ask("DELETE", "/_snapshot/dateline")


def performed(script, cluster, home, folder):
    """Perform a block of the runbook on these nodes, and this index alone; its answers."""
    script = script.replace("dateline release", "").replace(
        "node-1:9200", cluster.urls[0].removeprefix("http://")
    )
    script = script.replace("/mnt/snapshots", folder).replace(
        '"dateline*"', f'"{home.settings.cluster.name}*"'
    )
    script = script.replace("/dateline-*", f"/{home.settings.cluster.name}-*").replace("curl", "curl -s")
    told = subprocess.run(["sh", "-ec", script], capture_output=True, text=True, timeout=120, check=True)
    decoder, answers, rest = json.JSONDecoder(), [], told.stdout.strip()
    while rest:
        answer, at = decoder.raw_decode(rest)
        answers.append(answer)
        rest = rest[at:].strip()
    return answers


def index(home, path, text):
    path.write_text(text, "utf-8")
    with home.store() as store:
        run(open_sources([str(path)]), store, Options(), Listener(), Shelf(home.archive()))


def found(home):
    engine = home.engine()
    page = engine.search(SearchRequest(q="barge"))
    engine.close()
    return sorted(hit.text for hit in page.hits)


@pytest.mark.skipif(shutil.which("curl") is None, reason="no curl here; on Debian: apt install curl")
def test_an_index_comes_back_from_a_snapshot_and_gets_what_came_since(cluster, home, folder, tmp_path):
    index(home, tmp_path / "one.txt", "The first barge left.\n")
    taken = performed(TAKE, cluster, home, f"{folder}/{home.settings.cluster.name}")
    assert taken[0] == {"acknowledged": True}
    assert taken[1]["snapshot"]["state"] == "SUCCESS"
    index(home, tmp_path / "two.txt", "The second barge left.\n")
    both = found(home)
    assert len(both) == 2

    restored = performed(RESTORE, cluster, home, folder)
    assert restored[0] == {"acknowledged": True}
    assert restored[1]["snapshot"]["shards"]["failed"] == 0
    assert found(home) == both[:1]
    with home.store() as store:  # `dateline release`
        settle(store, Options(), Listener(), Shelf(home.archive()))
    assert found(home) == both
