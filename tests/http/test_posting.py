"""Posting documents: every format by its type, several at once, and what is said of what is not taken."""

import gzip
import io
import json
from pathlib import Path

import pytest

from api.app import create_app
from api.settings import Settings
from index.readers import media_types
from tests.makers import docx_of, pdf_of, zip_of

FORMATS = Path(__file__).parents[1] / "data" / "formats"
KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
WORD = "application/vnd.openxmlformats-officedocument.wordprocessingml.document"
GOOD = "The salt is gone."

ITEM = f"<item><title>Salt</title><description>{GOOD}</description></item>"
FEED = f"<rss><channel>{ITEM}</channel></rss>"
BODIES = {
    "application/json": json.dumps({"headline": "Salt", "text": GOOD}).encode(),
    "application/x-ndjson": b'{"text": "The salt is gone."}\n',
    "application/ld+json": json.dumps({"@type": "NewsArticle", "articleBody": GOOD}).encode(),
    "text/html": f"<html><body><p>{GOOD}</p></body></html>".encode(),
    "text/plain": GOOD.encode(),
    "text/markdown": f"# Salt\n\n{GOOD}".encode(),
    "application/rss+xml": FEED.encode(),
    "text/csv": f"headline,text\nSalt,{GOOD}\n".encode(),
    "text/tab-separated-values": f"headline\ttext\nSalt\t{GOOD}\n".encode(),
    "application/pdf": pdf_of([[(72, 700, 12, GOOD)]]),
    WORD: docx_of([("Normal", GOOD)]),
    "application/zip": zip_of({"a.txt": GOOD}),
}  # fmt: skip


@pytest.fixture
def writer(tmp_path):
    return create_app(Settings(index=tmp_path / "index", api_key=KEY, max_body=1_000_000)).test_client()


def post(client, data, status=200, **more):
    answer = client.post("/api/v1/documents", data=data, headers=HEADERS, **more)
    assert answer.status_code == status, answer.text[:500]
    client.application.extensions["dateline"]["engine"].close()
    return answer.get_json()


def files(*named):
    return {"file": [(io.BytesIO(data), name, kind) for name, data, kind in named]}


def test_every_type_is_taken_found_and_unchanged_the_second_time(writer):
    for media_type, body in BODIES.items():
        (first,) = post(writer, body, content_type=media_type)["accepted"]
        (again,) = post(writer, body, content_type=media_type)["accepted"]
        assert again == first | {"unchanged": True, "state": "unchanged"}, media_type
        assert first["source"].startswith("posted document")
        answer = writer.get("/api/v1/search?q=salt").get_json()
        assert answer["hits"][0]["text"] in (GOOD, "Salt")
        assert writer.delete(f"/api/v1/documents/{first['id']}", headers=HEADERS).status_code == 204


@pytest.mark.parametrize("media_type", ["", "application/octet-stream", "application/x-www-form-urlencoded"])
def test_where_the_type_says_nothing_the_body_does(writer, media_type):
    for stated, body in BODIES.items():
        if stated in ("text/markdown", "text/tab-separated-values"):
            continue
        packed = gzip.compress(body)
        assert post(writer, packed, content_type=media_type)["accepted"][0]["articles"] == 1


def test_the_name_tells_what_the_type_does_not(writer):
    location = {**HEADERS, "Content-Location": "desk/salt.md"}
    answer = writer.post("/api/v1/documents", data=f"Salt\n====\n\n{GOOD}", headers=location, content_type="")
    assert answer.get_json()["accepted"][0]["source"] == "desk/salt.md"
    assert writer.get("/api/v1/search?q=headline:salt").get_json()["total"]["paragraphs"] == 1


def test_many_files_in_a_form(writer):
    data = files(
        ("a.txt", GOOD.encode(), "text/plain"),
        ("b.csv", b"headline,text\nA,b\nB,c,d\n", "application/vnd.ms-excel"),
        ("c.pdf", BODIES["application/pdf"], "application/octet-stream"),
        ("d.png", b"\x89PNG\r\n\x1a\n", "image/png"),
        ("e.zip", zip_of({"x.txt": "Text x.", "y.json": "{"}), "application/zip"),
    ) | {"title": "no file"}
    answer = post(writer, data, content_type="multipart/form-data")
    assert [one["source"] for one in answer["accepted"]] == ["a.txt", "b.csv:2", "c.pdf", "e.zip!x.txt"]
    reasons = {one["source"]: one["reason"] for one in answer["refused"]}
    assert list(reasons) == ["b.csv:3", "d.png", "e.zip!y.json", "title"]
    assert reasons["d.png"] == "image/png, a type that is not read here"
    again = post(writer, files(("a.txt", GOOD.encode(), "text/plain")), content_type="multipart/form-data")
    assert again["accepted"][0]["unchanged"] is True


def test_a_form_without_files_holds_nothing(writer):
    post(writer, {"a": "b"}, status=422, content_type="multipart/form-data")
    post(writer, b"--x--", status=422, content_type="multipart/form-data; boundary=x")


def test_an_entry_of_a_feed_goes_by_its_guid(writer):
    body = (FORMATS / "feed.rss").read_bytes()
    answer = post(writer, body, content_type="application/rss+xml")
    assert len(answer["accepted"]) == 2
    assert "no text" in answer["refused"][0]["reason"]
    assert writer.delete("/api/v1/documents/tag:post.example,2016:ferry", headers=HEADERS).status_code == 204


@pytest.mark.parametrize(
    "media_type", ["image/png", "application/msword", "video/mp4", "application/x-nonsense"]
)
def test_a_type_that_nobody_reads_is_415(writer, media_type):
    answer = writer.post("/api/v1/documents", data=b"abc", headers=HEADERS, content_type=media_type)
    assert (answer.status_code, answer.mimetype) == (415, "application/problem+json")
    assert media_type in answer.get_json()["detail"]
    assert answer.get_json()["type"].endswith("unsupported-media-type")
    assert "application/pdf" in answer.headers["Accept-Post"]


def test_a_flood_of_bad_records_is_counted_not_listed(writer):
    answer = post(writer, "[" + "1," * 5000 + '{"text": "x"}]', content_type="application/json")
    assert len(answer["accepted"]) == 1
    assert len(answer["refused"]) == 1001
    assert "4000 more" in answer["refused"][-1]["reason"]


def test_the_description_names_every_type(writer):
    described = writer.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/documents"]["post"]
    content = described["requestBody"]["content"]
    assert set(media_types()) | {"multipart/form-data"} <= set(content)
