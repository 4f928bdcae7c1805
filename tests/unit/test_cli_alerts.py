"""`dateline alerts` and `dateline courier` as they are typed."""

import json

import pytest
from click.testing import CliRunner

from api.cli import main_group
from index.archive import Archive
from index.errors import AddressRefusedError, AlertError, NotFoundError
from index.saved import SavedSearches


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("DATELINE_INDEX", str(tmp_path))
    monkeypatch.setenv("DATELINE_PRIVATE", "127.0.0.1")

    def ran(*words, status=0):
        done = CliRunner().invoke(main_group, words)
        if isinstance(done.exception, Exception):
            raise done.exception
        assert done.exit_code == status, done.output
        return done

    ran.search = SavedSearches(Archive(tmp_path)).create("Dam inquiry", "anna", "q=dam").id
    return ran


def test_an_alert_from_its_making_to_its_removal(run):
    made = json.loads(
        run(
            "alerts", "add", run.search, "webhook", "http://127.0.0.1:1/hook", "--editor", "anna", "--json"
        ).stdout
    )
    assert made["secret"].startswith("whsec_")
    assert "secret" not in json.loads(run("alerts", "list", "--json").stdout)["alerts"][0]
    listed = run("alerts", "list")
    assert "webhook" in listed.stdout
    assert "no courier is at work" in listed.stderr
    failed = run("alerts", "test", made["id"], status=1).stdout
    assert "1. " in failed
    assert "again" in failed
    assert "nothing listens there" in failed
    assert "try 2 of 8" in failed
    log = run("alerts", "log", made["id"]).stdout
    assert "waiting" in log
    delivery = log.split()[0]
    told = json.loads(run("alerts", "log", delivery, "--json").stdout)
    assert [a["outcome"] for a in told["attempts"]] == ["again"]
    assert json.loads(run("alerts", "log", "--failed", "--json").stdout) == []
    with pytest.raises(AlertError, match="not at its end"):
        run("alerts", "resend", delivery)
    assert "secret (shown only now): whsec_" in run("alerts", "rotate", made["id"]).stdout
    run("alerts", "disable", made["id"])
    assert "It was turned off." in run("alerts", "list").stdout
    run("alerts", "enable", made["id"])
    assert "deliveries were tried" in run("courier", "--once").stderr
    run("alerts", "remove", made["id"])
    with pytest.raises(NotFoundError):
        run("alerts", "log", made["id"])


def test_what_cannot_be_an_alert_says_why(run):
    with pytest.raises(AddressRefusedError, match="DATELINE_PRIVATE=10"):
        run("alerts", "add", run.search, "webhook", "http://10.0.0.1/")
    assert "pigeon" in run("alerts", "add", run.search, "pigeon", "x", status=2).stderr
    made = run("alerts", "add", run.search, "mail", "desk@news.example")
    assert "secret" not in made.stdout
