"""What an answer to posted documents says of versions, cancellations and embargoes; removal, and back."""

import json

import pytest

from api.app import create_app
from api.context import current_ingests
from api.documents import _take
from api.releasing import release_due
from api.settings import Settings
from index.archive import Archive
from index.model import Block, Document, Lifecycle
from index.pipeline import Listener, Options, run
from index.shelf import Shelf
from index.store import StoreWriter

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}


def document(text="The salt is gone.", version=None, status="usable", embargo=None):
    life = Lifecycle(version, status, embargo)
    return Document("id:1", "wire:1", "ninjs", text, blocks=(Block(0, len(text), "body"),), lifecycle=life)


@pytest.fixture
def settings(tmp_path, archive_url):
    return Settings(index=tmp_path / "index", api_key=KEY, archive=archive_url)


@pytest.fixture
def app(settings):
    return create_app(settings)


@pytest.fixture
def post(app):
    def take(*documents):
        with app.test_request_context(), current_ingests().note("HTTP", "x", pytest.fail) as noted:
            accepted, refused = _take(list(documents), noted)
        assert refused == []
        for told in accepted:
            del told["id"], told["articles"], told["paragraphs"], told["unchanged"]
        return accepted

    return take


def test_each_document_says_what_became_of_it(post):
    assert post(document(version=2)) == [{"state": "indexed"}]
    assert post(document(version=2)) == [{"state": "unchanged"}]
    assert post(document("Older.", version=1)) == [
        {"state": "stale", "version": 2, "reason": "version 1 is older than version 2, which is held"}
    ]
    later = document("Later.", version=3, embargo="2099-01-01T01:00:00+01:00")
    told = {"state": "embargoed", "version": 3, "embargo": "2099-01-01T00:00:00Z"}
    assert post(later) == post(later) == [told]
    assert post(document(version=4, status="withheld")) == [{"state": "withheld", "version": 4}]
    assert post(document(version=5, status="canceled")) == [{"state": "canceled", "version": 5}]
    assert post(document(version=5))[0]["state"] == "stale"
    assert post(document(version=6)) == [{"state": "indexed"}]


def test_what_is_due_is_released_once(post, settings, app):
    post(document(embargo="2099-01-01T00:00:00Z"))
    assert release_due(settings) == 0
    from index.shelf_tables import DOCUMENTS

    shelf = Shelf(Archive(settings.index, settings.archive))
    due = shelf.next_due().replace(year=2001)
    shelf._archive.write(lambda c: c.execute(DOCUMENTS.update().values(due=due)))
    assert release_due(settings) == 1
    assert release_due(settings) == 0
    assert app.test_client().get("/api/v1/search?q=salt").get_json()["total"]["paragraphs"] == 1


def test_what_was_removed_comes_back_by_posting_and_not_by_itself(app, settings):
    client = app.test_client()
    record = {"id": "r-1", "text": "The salt is gone."}

    def found():
        app.extensions["dateline"]["engine"].close()
        return client.get("/api/v1/search?q=salt").get_json()["total"]["paragraphs"]

    def post():
        return client.post("/api/v1/documents", json=record, headers=HEADERS).get_json()["accepted"][0]

    added = post()
    assert client.delete("/api/v1/documents/r-1", headers=HEADERS).status_code == 204
    assert client.delete("/api/v1/documents/r-1", headers=HEADERS).status_code == 404
    from index.readers import read_bytes

    with StoreWriter(settings.index) as store:
        errors = []
        shelf = Shelf(Archive(settings.index, settings.archive))
        run(read_bytes(json.dumps(record).encode(), "x"), store, Options(), Listener(errors.append), shelf)
    assert "an editor removed it" in str(errors[0])
    assert found() == 0
    again = post()
    assert (again["state"], again["id"], found()) == ("indexed", added["id"], 1)


def test_an_archive_that_is_out_of_reach_takes_nothing(tmp_path):
    url = f"sqlite:///{tmp_path}/missing/archive.sqlite3"
    client = create_app(Settings(index=tmp_path / "index", api_key=KEY, archive=url)).test_client()
    answer = client.post("/api/v1/documents", json={"text": "The salt is gone."}, headers=HEADERS)
    assert answer.status_code == 503
    assert answer.get_json()["type"].endswith("archive-unreachable")
