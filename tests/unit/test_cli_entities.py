"""`dateline entities`: the editor's desk at a terminal, as a process of its own."""

import getpass
import json
import os
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def path(sample_index, tmp_path):
    return shutil.copytree(sample_index, tmp_path / "index")


@pytest.fixture
def dateline(path):
    def run(*arguments, status=0, **environ):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
        done = subprocess.run(
            [sys.executable, "-m", "api", *map(str, arguments)],
            capture_output=True, cwd=ROOT, timeout=60, text=True,
            env={**clean, "DATELINE_INDEX": str(path), **environ},
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done.stdout + done.stderr

    return run


@pytest.fixture
def people(dateline):
    def listed(*arguments):
        return {r["id"]: r for r in json.loads(dateline("entities", "list", "--json", *arguments))}

    return listed


def test_a_prefix_lists_as_it_always_did(dateline, people):
    assert dateline("entities") == dateline("entities", "list")
    assert dateline("entities", "wal", "--kind", "person") == dateline(
        "entities", "list", "wal", "--kind", "person"
    )
    assert dateline("entities", "--limit", "2", "okafor") == dateline("entities", "okafor", "--limit", "2")
    assert set(people("--kind", "person")["person-helen-walsh"]) == {"kind", "id", "name", "count"}
    assert "merge" in dateline("entities", "--help")
    assert dateline("entities", "list", "merge").strip() == ""  # a name that begins like a command


def test_each_decision_is_made_and_undone(dateline, people):
    before = people("--limit", "100")
    walsh, reyes, ellery = "person-helen-walsh", "person-daniel-reyes", "place-port-ellery"
    article = json.loads(dateline("entities", "show", walsh, "--json"))["articles"][0]["id"]
    said = [
        dateline("entities", "merge", "person-victor-danso", reyes),
        dateline("entities", "split", walsh, article, "--name", "Helen Walsh (other)"),
        dateline("entities", "rename", walsh, "Helen M. Walsh"),
        dateline("entities", "hide", "person-simon-hartley"),
        dateline("entities", "retype", ellery, "org"),
        dateline("entities", "pin", reyes),
    ]
    assert [s.split(":")[0] for s in said] == [f"decision {n}" for n in range(1, 7)]
    after = people("--limit", "100")
    assert "person-victor-danso" not in after
    assert after[reyes]["count"] > before[reyes]["count"]
    assert after["person-helen-walsh-other"]["count"] + after[walsh]["count"] == before[walsh]["count"]
    assert after[walsh]["name"] == "Helen M. Walsh"
    assert "person-simon-hartley" not in after
    assert [*people("--hidden")] == ["person-simon-hartley"]
    assert after[ellery] == before[ellery] | {"kind": "org"}
    assert next(iter(after)) == reyes
    for n in range(1, 7):
        dateline("entities", "undo", n)
    assert people("--limit", "100") == before
    assert len(dateline("entities", "log").splitlines()) == 12


def test_the_log_names_the_editor(dateline):
    dateline("entities", "hide", "person-helen-walsh", "--editor", "Åsa Öberg")
    made = json.loads(dateline("entities", "undo", "1", "--json"))
    assert (made["number"], made["action"], made["arguments"]) == (2, "undo", {"number": 1})
    assert made["who"] == getpass.getuser()
    log = json.loads(dateline("entities", "log", "--json"))
    assert [(d["number"], d["who"], d["undone_by"]) for d in log] == [
        (2, made["who"], None),
        (1, "Åsa Öberg", 2),
    ]
    text = dateline("entities", "log", "person-helen-walsh")
    assert "Åsa Öberg  hid person-helen-walsh (undone by 2)" in text
    assert dateline("entities", "log", "person-daniel-reyes") == "nothing was decided\n"


def test_show_is_the_evidence(dateline):
    dateline("entities", "merge", "person-victor-danso", "person-helen-walsh")
    text = dateline("entities", "show", "person-victor-danso")
    assert "Helen Walsh  person  person-helen-walsh" in text
    assert "also person-victor-danso" in text
    assert "Danso" in text and "decision 1: merge" in text


@pytest.mark.parametrize(
    ("arguments", "status", "told"),
    [
        (["merge", "person-helen-walsh"], 2, "at least one"),
        (["merge", "person-helen-walsh", "person-nobody"], 1, "no entity 'person-nobody'"),
        (["merge", "person-helen-walsh", "person-helen-walsh"], 1, "into itself"),
        (["split", "person-helen-walsh", "none", "--name", "X"], 1, "no article 'none'"),
        (["split", "person-helen-walsh", "none"], 2, "--name"),
        (["rename", "person-helen-walsh", " "], 1, "1 to 200 characters"),
        (["rename", "person-helen-walsh", "a\nb"], 1, "one line"),
        (["rename", "person-helen-walsh", "Helen Walsh"], 1, "pin it"),
        (["retype", "person-helen-walsh", "thing"], 2, "thing"),
        (["retype", "person-helen-walsh", "person"], 1, "already"),
        (["undo", "4"], 1, "no decision '4'"),
        (["hide", "person-helen-walsh", "--editor", ""], 0, "decision 1"),
        (["hide", "person-helen-walsh", "--editor", " "], 1, "editor's name"),
    ],
)
def test_what_cannot_be_done_is_said_in_a_line(dateline, arguments, status, told):
    assert told in dateline("entities", *arguments, status=status)


def test_an_archive_elsewhere_is_used_where_it_is_set(dateline, path, tmp_path):
    elsewhere = {"DATELINE_ARCHIVE": f"sqlite:///{tmp_path}/desk.db"}
    (path / "archive.sqlite3").unlink()
    dateline("entities", "hide", "person-helen-walsh", **elsewhere)
    assert not (path / "archive.sqlite3").exists()
    assert "Helen Walsh" in dateline("entities", "walsh")
    assert "Helen Walsh" not in dateline("entities", "walsh", **elsewhere)
    assert "DATELINE_ARCHIVE" in dateline("stats", status=2, DATELINE_ARCHIVE="nonsense")


def test_check_and_backup_know_the_archive(dateline, path, tmp_path):
    dateline("entities", "hide", "person-helen-walsh")
    dateline("backup", tmp_path / "b.tar.gz")
    dateline("restore", tmp_path / "b.tar.gz", "--index", tmp_path / "back")
    restored = {"DATELINE_INDEX": str(tmp_path / "back")}
    assert "hid person-helen-walsh" in dateline("entities", "log", **restored)
    assert dateline("check", **restored) == "the index is whole\n"
    (tmp_path / "back" / "archive.sqlite3").write_bytes(b"no archive" * 500)
    assert "archive.sqlite3 is damaged" in dateline("check", status=1, **restored)
    assert "archive.sqlite3 is damaged" in dateline("search", "x", status=1, **restored)
