"""`dateline searches` at a terminal."""

import json

import pytest
from click.testing import CliRunner

from api.cli import main_group
from index import pipeline
from index.entities import Recogniser
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.shelf import Shelf
from index.store import StoreWriter


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser(None)


@pytest.fixture
def dateline(tmp_path, monkeypatch, recogniser):
    monkeypatch.setattr(pipeline, "Recogniser", lambda model: recogniser)
    monkeypatch.setenv("DATELINE_INDEX", str(tmp_path / "index"))
    with StoreWriter(tmp_path / "index"):
        pass

    def run_it(*arguments, status=0):
        done = CliRunner().invoke(main_group, ["searches", *arguments])
        assert done.exit_code == status, done.output
        return done.output

    return run_it


def index(tmp_path, text="The ferry was late."):
    from index.archive import Archive

    source = tmp_path / "wire.jsonl"
    source.write_text(json.dumps({"id": "1", "headline": "Ferry \x1b[31mLate", "text": text}))
    with StoreWriter(tmp_path / "index") as store:
        shelf = Shelf(Archive(tmp_path / "index"))
        run(open_sources([str(source)]), store, Options(), Listener(), shelf)


def test_a_search_is_saved_run_paused_and_removed(dateline, tmp_path):
    made = json.loads(dateline("add", "Ferries", "?q=ferry&limit=5", "--owner", "anna", "--json"))
    assert (made["query"], made["owner"], made["state"]) == ("q=ferry", "anna", "active")
    index(tmp_path)
    assert dateline("run") == "1 matches in 1 articles\n"
    assert json.loads(dateline("run", "--json")) == {"matches": 0, "articles": 0, "broken": {}}
    (match,) = json.loads(dateline("matches", "Ferries", "--json"))
    assert match["kind"] == "new" and match["snippet"]["marks"]
    shown = dateline("matches", made["id"])
    assert "new" in shown and "\x1b" not in shown
    index(tmp_path, "The ferry was early.")
    assert dateline("run") == "1 matches in 1 articles\n"
    assert [m["kind"] for m in json.loads(dateline("matches", "Ferries", "--json"))] == ["corrected", "new"]
    assert "paused" in dateline("pause", "Ferries")
    assert "active" in dateline("resume", "Ferries")
    assert f"/searches/{made['id']}.atom" in dateline("show", "Ferries")
    assert "1 story" in dateline("list") and json.loads(dateline("list", "--json"))[0]["stories"] == 1
    assert dateline("remove", "Ferries") == "Ferries is no longer saved\n"
    assert dateline("list", "--owner", "anna").strip() == "no search is saved"


def test_what_cannot_be_used_is_told(dateline):
    assert "colour" in dateline("add", "Red", "colour=red", status=2)
    for _ in range(2):
        dateline("add", "Twice", "q=x")
    assert "use one of the ids" in dateline("show", "Twice", status=2)
    done = CliRunner().invoke(main_group, ["searches", "show", "gone"])
    assert "no saved search 'gone'" in str(done.exception)
    assert "it found nothing yet" in dateline("matches", json.loads(dateline("list", "--json"))[0]["id"])


def test_a_search_that_cannot_be_run_is_named(dateline, tmp_path):
    from index.archive import Archive

    made = json.loads(dateline("add", "Ferries", "q=ferry", "--json"))
    archive = Archive(tmp_path / "index")
    archive.write(lambda c: c.exec_driver_sql("UPDATE saved_searches SET query = 'colour=red'"))
    index(tmp_path)
    told = dateline("run", status=1)
    assert "0 matches" in told and f"search {made['id']} could not be run" in told
    assert "it cannot be run, and is tried again" in dateline("show", "Ferries")
