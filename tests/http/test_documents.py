"""Writing by HTTP."""

import json

import pytest

from api.app import create_app
from api.settings import Settings
from index.store import StoreWriter

KEY = "a-long-secret"
PROBLEM = "application/problem+json"
HEADERS = {"X-API-Key": KEY}


def record(id_="r-1", text="The ferry left the harbour of Ellery at noon on March 3, 2015.", **more):
    return {"id": id_, "headline": "Ferry Leaves Harbour", "published": "2015-03-03", "text": text, **more}


@pytest.fixture
def settings(tmp_path):
    return Settings(index=tmp_path / "index", api_key=KEY, wait=0.3, max_body=100_000)


@pytest.fixture
def writer(settings):
    return create_app(settings).test_client()


def post(client, body, media_type="application/json", status=200, **headers):
    data = body if isinstance(body, bytes | str) else json.dumps(body)
    answer = client.post(
        "/api/v1/documents", data=data, content_type=media_type, headers={**HEADERS, **headers}
    )
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == ("application/json" if status == 200 else PROBLEM)
    # A process looks for a new commit now and then; the test does not wait for it.
    client.application.extensions["dateline"]["engine"].close()
    return answer.get_json()


def found(client, q):
    return client.get("/api/v1/search", query_string={"q": q}).get_json()["total"]["paragraphs"]


def delete(client, id_, status=204):
    answer = client.delete(f"/api/v1/documents/{id_}", headers=HEADERS)
    assert answer.status_code == status, answer.text
    client.application.extensions["dateline"]["engine"].close()
    return answer


def test_a_record_is_added_and_found(writer):
    answer = post(writer, record())
    (accepted,) = answer["accepted"]
    counts = {"articles": 1, "paragraphs": 2, "unchanged": False, "state": "indexed"}
    assert accepted | {"id": None} == {"id": None, "source": "posted document:1", **counts}
    assert answer["refused"] == []
    (hit,) = writer.get("/api/v1/search?q=noon").get_json()["hits"]
    assert hit["article"]["headline"] == "Ferry Leaves Harbour"
    assert (hit["article"]["published"], hit["article"]["published_by"]) == ("2015-03-03", "metadata")
    assert (hit["dates"][0]["from"], hit["dates"][0]["to"]) == ("2015-03-03", "2015-03-03")
    assert writer.get(hit["links"]["article"]).get_json()["document"] == accepted["id"]


def test_an_array_is_many_records(writer):
    answer = post(writer, [record("a", "The salt is gone."), record("b", "The tide is high.")])
    assert len(answer["accepted"]) == 2
    assert found(writer, "salt OR tide") == 2


@pytest.mark.parametrize("media_type", ["application/x-ndjson", "application/jsonl"])
def test_json_lines_are_a_record_each(writer, media_type):
    lines = "\n".join(json.dumps(record(str(n), f"Salt number {n}.")) for n in range(5))
    assert len(post(writer, lines, media_type)["accepted"]) == 5
    assert found(writer, "salt") == 5


def test_a_page_is_read(writer):
    body = (
        "<html><head><title>Ferry</title><meta property='article:published_time' content='2016-05-04'>"
        "<script>alert('salt')</script></head><body><article><h1>Ferry Sinks Off Ellery</h1>"
        "<p>The ferry sank off Ellery in the night, and all on board were brought ashore by noon.</p>"
        "<p>Its owners said that they did not know why it had sunk, and that they would look into it.</p>"
        "</article></body></html>"
    )
    post(writer, body, "text/html; charset=utf-8")
    assert found(writer, "ashore") == 1
    assert found(writer, "alert") == 0


def test_plain_text_is_read(writer):
    answer = post(writer, "Ferry Sinks Off Ellery\n\nThe ferry sank in the night.\n", "text/plain")
    assert answer["accepted"][0]["paragraphs"] == 2
    assert found(writer, "headline:sinks") == 1


def test_without_a_key_writing_is_off(sample_index):
    client = create_app(Settings(index=sample_index)).test_client()
    for key in ("", KEY):
        headers = {"X-API-Key": key}
        for answer in (
            client.post("/api/v1/documents", json=record(), headers=headers),
            client.delete("/api/v1/documents/x", headers=headers),
        ):
            assert (answer.status_code, answer.mimetype) == (403, PROBLEM)
            assert "DATELINE_API_KEY" in answer.get_json()["detail"]


@pytest.mark.parametrize(
    "headers",
    [
        {},
        {"X-API-Key": "wrong"},
        {"X-API-Key": ""},
        {"X-API-Key": KEY.upper()},
        {"X-API-Key": "clé"},
        {"Authorization": "Bearer wrong"},
        {"Authorization": "Bearer"},
        {"Authorization": f"Basic {KEY}"},
        {"Authorization": "Bearer wrong", "X-API-Key": KEY},
    ],
)
def test_a_wrong_key_is_refused(writer, headers):
    for answer in (
        writer.post("/api/v1/documents", json=record(), headers=headers),
        writer.delete("/api/v1/documents/x", headers=headers),
    ):
        assert (answer.status_code, answer.mimetype) == (401, PROBLEM)
        assert KEY not in answer.text
    assert writer.get("/readyz").status_code == 503


@pytest.mark.parametrize("headers", [{"Authorization": f"Bearer {KEY}"}, {"Authorization": f"bearer {KEY}"}])
def test_a_bearer_token_is_a_key(writer, headers):
    assert writer.post("/api/v1/documents", json=record(), headers=headers).status_code == 200


def test_posting_again_changes_nothing(writer):
    first = post(writer, record())["accepted"][0]
    hits = writer.get("/api/v1/search").get_json()["hits"]
    again = post(writer, record())["accepted"][0]
    assert again == first | {"unchanged": True, "state": "unchanged"}
    assert writer.get("/api/v1/search").get_json()["hits"] == hits


def test_posting_a_new_version_replaces_the_old(writer):
    first = post(writer, record(text="The salt is gone."))["accepted"][0]
    second = post(writer, record(text="The tide is high."))["accepted"][0]
    assert (second["id"], second["unchanged"]) == (first["id"], False)
    assert (found(writer, "salt"), found(writer, "tide")) == (0, 1)


def test_a_document_goes_by_the_id_that_was_answered(writer):
    id_ = post(writer, record())["accepted"][0]["id"]
    answer = delete(writer, id_)
    assert answer.data == b""
    assert found(writer, "") == 0
    body = delete(writer, id_, 404).get_json()
    assert body["status"] == 404


@pytest.mark.parametrize("own", ["r-1", "2015/03/ferry", "ferry 1", "fähre?"])
def test_a_document_goes_by_its_own_id(writer, own):
    post(writer, [record(own), record("other", "Another text stays.")])
    writer_path = own.replace("?", "%3F")
    delete(writer, writer_path)
    assert (found(writer, "noon"), found(writer, "stays")) == (0, 1)


def test_what_cannot_be_taken_is_named_and_keeps_nothing_else_out(writer):
    lines = [json.dumps(record("a", "The salt is gone.")), "{broken", json.dumps({"id": "c"}), "[1, 2]"]
    answer = post(writer, "\n".join(lines), "application/x-ndjson")
    assert len(answer["accepted"]) == 1
    assert len(answer["refused"]) == 3
    for number, refused in zip((2, 3, 4), answer["refused"], strict=True):
        assert set(refused) == {"source", "reason"}
        assert refused["source"].endswith(f":{number}")
        assert refused["reason"]
    assert found(writer, "salt") == 1


@pytest.mark.parametrize(
    ("body", "media_type"),
    [
        (b"   \n", "application/json"),
        (b"{", "application/json"),
        (b"[]", "application/json"),
        (b"17", "application/json"),
        (b'{"id": "a"}', "application/json"),
        (b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "text/plain"),
        (b"\0\1\2\3" * 100, "application/octet-stream"),
        (b"<html><body></body></html>", "text/html"),
        (b"[" * 50_000, "application/json"),
    ],
)
def test_where_nothing_can_be_taken_that_is_an_error(writer, body, media_type):
    answer = post(writer, body, media_type, status=422)
    assert {"type", "title", "status", "detail", "refused"} <= set(answer)
    assert all(refused["reason"] for refused in answer["refused"])


def test_no_body_is_no_document(writer):
    answer = writer.post("/api/v1/documents", headers=HEADERS, content_type="text/plain")
    assert (answer.status_code, answer.mimetype) == (411, PROBLEM)


def test_a_body_that_is_too_large_is_refused(writer):
    answer = post(writer, record(text="salt " * 30_000), status=413)
    assert answer["status"] == 413


def test_a_second_writer_waits_and_then_says_so(writer, settings):
    post(writer, record())
    with StoreWriter(settings.index):
        answer = writer.post("/api/v1/documents", json=record("b"), headers=HEADERS)
        assert (answer.status_code, answer.mimetype) == (503, PROBLEM)
        assert "another writer" in answer.get_json()["detail"]
        assert int(answer.headers["Retry-After"]) > 0
        assert writer.delete("/api/v1/documents/r-1", headers=HEADERS).status_code == 503
        assert found(writer, "noon") == 1  # reading goes on
    post(writer, record("b"))
    assert found(writer, "noon") == 2


def test_where_it_came_from_may_be_told(writer):
    post(writer, "The salt is gone, said the mayor.", "text/plain", **{"Content-Location": "desk/salt.txt"})
    assert writer.get("/api/v1/search?q=salt").get_json()["hits"][0]["article"]["source"] == "desk/salt.txt"


def test_half_a_surrogate_pair_is_taken(writer):
    post(writer, b'{"id": "half", "headline": "Half \\ud800", "text": "The salt \\ud83d is gone."}')
    (hit,) = writer.get("/api/v1/search?q=gone").get_json()["hits"]
    assert "<mark>gone</mark>" in hit["snippet"]["html"]
    assert writer.get("/?q=gone").status_code == 200


def test_scripts_in_a_text_are_text(writer):
    post(writer, record(text="Type <script>alert(1)</script> & <b>salt</b>."))
    (hit,) = writer.get("/api/v1/search?q=salt").get_json()["hits"]
    assert hit["text"] == "Type <script>alert(1)</script> & <b>salt</b>."
    assert "<script>" not in hit["snippet"]["html"]
    assert "<script>" not in writer.get("/?q=salt").text
