"""What every command has in common: its words, its flags and its exit status, as somebody new meets them."""

import getpass
import json

import click
import pytest
from click.testing import CliRunner

from api.cli import main, main_group
from api.options import login
from index.errors import DatelineError, IndexMissingError, SettingError
from index.store import StoreWriter

WITHOUT_JSON = {"serve", "demo", "annotate", "mcp", "courier"}  # they go on, or write JSON anyway


@pytest.fixture
def index(tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_INDEX", str(tmp_path / "index"))
    with StoreWriter(tmp_path / "index"):
        pass
    return tmp_path / "index"


def run(*words, status=0):
    done = CliRunner().invoke(main_group, words)
    if isinstance(done.exception, DatelineError):
        raise done.exception
    assert done.exit_code == status, done.output
    return done


def commands(group=main_group, path=()):
    for name, command in group.commands.items():
        if isinstance(command, click.Group):
            yield from commands(command, (*path, name))
        else:
            yield (*path, name), command


@pytest.mark.parametrize(
    ("path", "command"), [*commands()], ids=lambda value: " ".join(value) if isinstance(value, tuple) else ""
)
def test_every_command_that_ends_can_answer_a_program(path, command):
    flags = {flag for option in command.params for flag in option.opts}
    assert ("--json" in flags) == (path[0] not in WITHOUT_JSON)
    assert "INTEGER RANGE" not in CliRunner().invoke(main_group, [*path, "--help"]).output


def test_a_parameter_that_is_wrong_is_said_in_words(index):
    told = run("search", "x", "--limit", "999", "--sort", "loudest", status=2).stderr
    assert "dateline: --limit: Must be" in told
    assert "dateline: --sort: Must be one of" in told
    assert "[" not in told
    assert "dateline: QUERY: sort: Must be" in run("searches", "add", "x", "sort=loudest", status=2).stderr


def test_a_cursor_that_is_no_cursor_is_misuse(index, monkeypatch):
    monkeypatch.setattr("sys.argv", ["dateline", "search", "x", "--cursor", "x"])
    with pytest.raises(SystemExit) as ended:
        main()
    assert ended.value.code == 2


@pytest.mark.parametrize("command", [["reindex"], ["release"], ["check"], ["backup", "x.tar.gz"]])
def test_a_folder_that_is_misspelt_is_not_made(tmp_path, command):
    with pytest.raises(IndexMissingError):
        run(*command, "--index", str(tmp_path / "misspelt"))
    assert not (tmp_path / "misspelt").exists()


def test_a_file_is_no_index(tmp_path):
    (tmp_path / "file").write_text("x")
    with pytest.raises(SettingError, match=r"--index=.*it must name a folder"):
        run("stats", "--index", str(tmp_path / "file"))


def test_where_nobody_is_logged_in_the_option_that_helps_is_named(monkeypatch):
    def nobody():
        raise KeyError("uid")

    monkeypatch.setattr(getpass, "getuser", nobody)
    with pytest.raises(click.UsageError, match="--owner NAME"):
        login("--owner")


def test_lines_that_are_not_annotated_say_why_in_words():
    lines = b'junk\n{"id": 1}\n[1]\n{"text": 1}\n{"text": "x", "published": "yesterday"}\n'
    done = CliRunner().invoke(main_group, ["annotate"], input=lines)
    assert done.exit_code == 1
    told = done.stderr.splitlines()
    assert [line.split(": ")[0] for line in told] == [f"line {n}" for n in range(1, 6)]
    assert "not JSON" in told[0]
    assert "`text` is missing" in told[1]
    assert "Error" not in done.stderr


def test_answers_for_programs(index, tmp_path):
    assert json.loads(run("check", "--json").stdout) == {"problems": []}
    made = json.loads(run("backup", str(tmp_path / "b.tar.gz"), "--json").stdout)
    assert made["bytes"] == (tmp_path / "b.tar.gz").stat().st_size
    other = str(tmp_path / "other")
    told = json.loads(run("restore", made["file"], "--index", other, "--json").stdout)
    assert told == {"restored": other}
    assert json.loads(run("release", "--json").stdout) == {"documents": 0}
    assert json.loads(run("watch", "--status", "--json").stdout) == []
    run("watch", "x", "--json", status=2)


def test_keys_and_searches_answer_programs_to_their_end(index):
    key = json.loads(run("keys", "add", "CMS", "--scope", "write", "--json").stdout)
    assert key["created"].endswith("Z")
    assert json.loads(run("keys", "revoke", key["id"], "--json").stdout)["state"] == "revoked"
    run("searches", "add", "The dam", "q=dam", "--owner", "anna")
    assert json.loads(run("searches", "pause", "The dam", "--json").stdout)["state"] == "paused"
    assert json.loads(run("searches", "resume", "The dam", "--json").stdout)["state"] == "active"
    assert set(json.loads(run("searches", "remove", "The dam", "--json").stdout)) == {"removed"}


def test_an_alert_is_made_by_its_searchs_name(index, monkeypatch):
    monkeypatch.setenv("DATELINE_SMTP", "smtp://127.0.0.1:25")
    monkeypatch.setenv("DATELINE_MAIL_FROM", "dateline@example.org")
    search = json.loads(run("searches", "add", "The dam", "q=dam", "--owner", "anna", "--json").stdout)
    words = ["The dam", "mail", "desk@example.org", "--editor", "anna"]
    made = json.loads(run("alerts", "add", *words, "--json").stdout)
    assert made["search"] == search["id"]
    listed = json.loads(run("alerts", "list", "--search", "The dam", "--json").stdout)
    assert [alert["id"] for alert in listed["alerts"]] == [made["id"]]


def test_a_server_without_an_index_says_so_at_once(tmp_path, monkeypatch):
    served = []
    monkeypatch.setattr("api.serve.serve", served.append)
    path = str(tmp_path / "misspelt")
    assert f"note: no index at {path}" in run("serve", "--index", path).stderr
    assert [str(made.index) for made in served] == [path]


def test_a_server_with_an_index_says_only_where(index, monkeypatch):
    monkeypatch.setattr("api.serve.serve", lambda made: None)
    told = run("serve").stderr
    assert "Dateline serves" in told
    assert "note" not in told
