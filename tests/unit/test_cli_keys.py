"""`dateline keys` and `dateline audit`, as processes of their own, and servers that they tell."""

import json
import os
import subprocess
import sys
import threading
import urllib.error
import urllib.request
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
CONFTEST = ROOT / "tests" / "conftest.py"


@pytest.fixture
def dateline(tmp_path):
    def run(*arguments, status=0):
        clean = {k: v for k, v in os.environ.items() if not k.startswith("DATELINE_")}
        done = subprocess.run(
            [sys.executable, "-m", "api", *map(str, arguments)],
            capture_output=True, cwd=ROOT, timeout=60, text=True,
            env={**clean, "DATELINE_INDEX": str(tmp_path), "LOGNAME": "anna"},
        )  # fmt: skip
        assert done.returncode == status, done.stderr
        assert "Traceback" not in done.stderr
        return done

    return run


def test_a_key_is_made_listed_and_revoked(dateline, tmp_path):
    assert "there are none" in dateline("keys", "list").stderr
    made = dateline("keys", "add", "CMS", "--scope", "write", "--scope", "read", "--expires", "90d")
    text = made.stdout.strip()
    assert text.startswith("dateline_")
    assert "not shown again" in made.stderr
    (listed,) = json.loads(dateline("keys", "list", "--json").stdout)
    assert (listed["name"], listed["scopes"], listed["state"]) == ("CMS", ["read", "write"], "live")
    assert listed["expires"]
    assert text not in dateline("keys", "list").stdout
    assert text.rpartition("_")[2].encode() not in (tmp_path / "archive.sqlite3").read_bytes()
    assert "revoked" in dateline("keys", "revoke", listed["id"]).stdout
    assert "no key '00000000'" in dateline("keys", "revoke", "00000000", status=1).stderr
    lines = json.loads(dateline("audit", "--json").stdout)
    assert [(n["route"], n["who"], n["what"]) for n in lines] == [
        ("keys revoke", "anna", "CMS (read, write)"),
        ("keys add", "anna", "CMS (read, write)"),
    ]
    assert "command keys add" in dateline("audit", "--key", listed["id"], "--limit", "1000").stdout


@pytest.mark.parametrize(
    "arguments",
    [
        ("keys", "add", "CMS"),
        ("keys", "add", "CMS", "--scope", "everything"),
        ("keys", "add", "CMS", "--scope", "read", "--expires", "2001-01-01"),
        ("keys", "add", "CMS", "--scope", "read", "--expires", "soon"),
        ("keys", "add", "CMS", "--scope", "read", "--expires", "9999999d"),
        ("keys", "revoke"),
    ],
)
def test_what_is_used_wrongly_makes_no_key(dateline, arguments, tmp_path):
    dateline(*arguments, status=2)
    assert not (tmp_path / "archive.sqlite3").exists()


def _status(url, key="", address="198.51.100.7"):
    headers = {"X-Forwarded-For": address, **({"Authorization": f"Bearer {key}"} if key else {})}
    try:
        with urllib.request.urlopen(urllib.request.Request(url, headers=headers), timeout=20) as answer:
            return answer.status
    except urllib.error.HTTPError as error:
        with error:
            return error.code


def test_a_server_of_several_processes_counts_in_one_place_and_hears_of_a_key_at_once(
    request, dateline, tmp_path
):
    (tmp_path / "article.txt").write_text("Ferry Leaves Harbour\n\nThe ferry left the harbour at noon.\n")
    dateline("index", tmp_path / "article.txt")
    key = dateline("keys", "add", "CMS", "--scope", "desk").stdout.strip()
    server_class = request.config.pluginmanager.get_plugin(str(CONFTEST)).Server
    server = server_class(tmp_path, workers=2, DATELINE_RATE="30/600", DATELINE_RATE_KEYS="5/600")
    try:
        url = f"{server.url}/api/v1/stats"
        seen: list[int] = []
        threads = [
            threading.Thread(target=lambda: seen.extend(_status(url) for _ in range(10))) for _ in range(5)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(60)
        assert (seen.count(200), seen.count(429)) == (30, 20)
        audit = f"{server.url}/api/v1/audit"
        assert [_status(audit, "wrong", "198.51.100.8") for _ in range(10)] == [401] * 5 + [429] * 5
        assert [_status(audit, key) for _ in range(6)] == [200] * 6
        dateline("keys", "add", "Another", "--scope", "write")
        dateline("keys", "revoke", key.split("_")[1])
        assert [_status(audit, key, "198.51.100.9") for _ in range(6)] == [401] * 5 + [429]
    finally:
        server.stop()
