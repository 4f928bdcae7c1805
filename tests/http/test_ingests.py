"""What was posted, by its log: behind the key, with each failure's reason."""

import json

import pytest

from api.app import create_app
from api.settings import Settings
from index.archive import Archive
from index.errors import ArchiveUnreachableError
from index.ingests import IngestLog, RunNote
from index.store import StoreWriter

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
GOOD = {"id": "1", "headline": "Rain", "text": "Rain fell in the hills all night."}


@pytest.fixture
def client(tmp_path):
    with StoreWriter(tmp_path / "index"):
        pass
    return create_app(Settings(index=tmp_path / "index", api_key=KEY)).test_client()


def post(client, body, kind="application/x-ndjson", **headers):
    return client.post("/api/v1/documents", data=body, headers={**HEADERS, "Content-Type": kind, **headers})


def get(client, path="ingests", status=200, **query):
    answer = client.get(f"/api/v1/{path}", headers=HEADERS, query_string=query)
    assert answer.status_code == status, answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    return answer.get_json()


def test_posts_are_noted_with_what_failed(client):
    assert get(client) == {"ingests": [], "next": None}
    post(client, json.dumps(GOOD), **{"Content-Location": "cms/1"})
    answer = post(client, f"{json.dumps(GOOD)}\n[1, 2]\n")
    assert len(answer.get_json()["refused"]) == 1
    found = get(client)["ingests"]
    assert [(r["number"], r["how"], r["state"]) for r in found] == [
        (2, "HTTP", "incomplete"),
        (1, "HTTP", "done"),
    ]
    assert found[1]["source"] == "cms/1"
    assert found[1]["counts"]["documents"] == 1
    assert found[0]["counts"]["failed"] == 1
    assert [r["number"] for r in get(client, failed="true")["ingests"]] == [2]
    (failure,) = get(client, "ingests/2")["failures"]
    assert failure["reason"] == answer.get_json()["refused"][0]["reason"]
    assert failure["remedy"]


def test_a_post_of_which_nothing_was_taken_is_noted(client):
    assert post(client, b"\x00\x01\x02" * 50, "application/octet-stream").status_code == 422
    (run,) = get(client)["ingests"]
    assert run["state"] == "incomplete"
    assert run["counts"]["documents"] == 0
    assert run["counts"]["failed"] + run["counts"]["skipped"] == 1


def test_page_by_page(client):
    post(client, json.dumps(GOOD))
    post(client, "[1]\n[2]\n[3]\n")
    first = get(client, limit=1)
    assert (first["ingests"][0]["number"], first["next"]) == (2, 2)
    assert get(client, before=2)["ingests"][0]["number"] == 1
    page = get(client, "ingests/2", limit=2)
    assert len(page["failures"]) == 2
    rest = get(client, "ingests/2", after=page["next"])
    assert (len(rest["failures"]), rest["next"]) == (1, None)


def test_only_with_the_key(client):
    for path in ("ingests", "ingests/1"):
        assert client.get(f"/api/v1/{path}").status_code == 401
    get(client, "ingests/7", status=404)
    get(client, status=400, limit=0)


def test_posting_goes_on_where_the_log_cannot_be_written(client, caplog, monkeypatch):
    def fails(*_):
        raise ArchiveUnreachableError("x", "the table is locked")

    monkeypatch.setattr(RunNote, "_put", fails)
    assert post(client, json.dumps(GOOD)).get_json()["accepted"]
    assert caplog.text.count("not in the log of ingests") == 1


def test_nothing_is_taken_that_the_archive_cannot_keep(tmp_path):
    with StoreWriter(tmp_path / "index"):
        pass
    settings = Settings(
        index=tmp_path / "index", api_key=KEY, archive=f"sqlite:///{tmp_path}/no/archive.sqlite3"
    )
    client = create_app(settings).test_client()
    answer = post(client, json.dumps(GOOD))
    assert (answer.status_code, answer.mimetype) == (503, "application/problem+json")
    assert client.get("/api/v1/search").get_json()["total"]["paragraphs"] == 0


def test_another_writer_is_noted_too(tmp_path):
    settings = Settings(index=tmp_path / "index", api_key=KEY, wait=0)
    with StoreWriter(settings.index):
        client = create_app(settings).test_client()
        assert post(client, json.dumps(GOOD)).status_code == 503
    (run,) = IngestLog(Archive(settings.index)).runs()
    assert "another writer" in run.error
