"""Articles as ninjs 3: what another newsroom's system takes in."""

import json
from datetime import date
from pathlib import Path

import pytest

from api.app import create_app
from api.ninjs import ninjs_item
from api.settings import Settings
from index.model import Document
from index.pipeline import Analyser, Options
from index.readers import read_bytes
from index.store import StoreWriter
from search.whoosh_engine import WhooshEngine

DATA = Path(__file__).parents[1] / "data" / "formats"
SCHEMAS = Path(__file__).parents[3] / "shared" / "data" / "formats" / "ninjs" / "schemas"
ADDRESS = "https://dateline.example/articles/x"


@pytest.fixture(scope="module")
def wire(tmp_path_factory):
    """An index of every story in the fixtures of formats."""
    folder = tmp_path_factory.mktemp("wire")
    read = [o for path in sorted(DATA.iterdir()) for o in read_bytes(path.read_bytes(), path.name)]
    documents = [o for o in read if isinstance(o, Document) and o.blocks]
    with StoreWriter(folder) as store:
        for made in Analyser(Options()).analyse(documents):
            store.put(made.document, made.digest, made.articles)
    return folder


@pytest.fixture(scope="module")
def wire_client(wire):
    return create_app(Settings(index=wire, url="https://dateline.example")).test_client()


def ids(client):
    found = client.get("/api/v1/search?limit=100&group=article&facets=").get_json()["hits"]
    return {hit["article"]["headline"]: hit["article"]["id"] for hit in found}


def item_of(client, headline):
    answer = client.get(f"/api/v1/articles/{ids(client)[headline]}/ninjs")
    assert answer.status_code == 200
    return answer.get_json()


def test_an_article_as_ninjs(wire_client):
    item = item_of(wire_client, "Talks on the dam begin in Kasara")
    bodies = item.pop("bodies")
    ids = {one["role"]: one["value"] for one in item.pop("altIds")}
    assert item.pop("uri").startswith("https://dateline.example/articles/")
    assert item.pop("versionCreated")
    assert item == {
        "standard": {
            "name": "ninjs", "version": "3.1", "schema": "http://www.iptc.org/std/ninjs/ninjs-schema_3.1.json",
        },
        "type": "text", "representationType": "full", "pubStatus": "usable",
        "firstCreated": "2014-03-11T18:00:00-05:00",
        "slugline": "DAM-TALKS",
        "copyrightHolder": "The Example Wire", "infoSources": [{"name": "The Example Wire"}],
        "headlines": [
            {"role": "main", "contentType": "text/plain", "value": "Talks on the dam begin in Kasara"}
        ],
        "by": "Ida Moe", "located": "KASARA",
        "people": [
            {"name": "Grace N. Okafor", "rel": "mentions", "literal": "staff:p7"},
            {"name": "Washington", "rel": "mentions", "literal": "person-washington"},
            {"name": "Tom Alder", "rel": "mentions", "literal": "person-tom-alder"},
        ],
        "organisations": [{"name": "Northern Rivers Commission", "rel": "mentions", "literal": "codes:o1"}],
        "places": [{"name": "Kasara", "rel": "mentions", "literal": "place-kasara"}],
    }  # fmt: skip
    assert ids["uri"] == "dam-talks-0042"
    plain, markup = bodies
    assert plain["value"].startswith(
        "Minister says work may stop\n\nThe minister of water, Dr. Grace Okafor, met"
    )
    assert plain["charCount"] == sum(map(len, plain["value"].split("\n\n"))) - len(
        "The dam at Kasara in autumn."
    )
    assert markup["contentType"] == "text/html"
    assert "<figure><figcaption>The dam at Kasara in autumn.</figcaption></figure>" in markup["value"]
    assert "<blockquote><p>Nothing is decided, and nothing will be.</p></blockquote>" in markup["value"]


def test_identifiers_that_are_addresses_are_uris(wire_client):
    one = item_of(wire_client, "Captain on trial in Port Ada")
    assert one["people"][0] == {
        "name": "Victor Danso", "rel": "mentions", "uri": "http://codes.example/person/0h",
    }  # fmt: skip


def test_its_address_is_found_from_the_article_and_has_a_tag(wire_client):
    id_ = ids(wire_client)["Talks on the dam begin in Kasara"]
    address = wire_client.get(f"/api/v1/articles/{id_}").get_json()["links"]["ninjs"]
    page = wire_client.get(f"/articles/{id_}").text
    assert f'<link rel="alternate" type="application/ninjs+json" title="ninjs" href="{address}">' in page
    answer = wire_client.get(address)
    assert answer.mimetype == "application/ninjs+json"
    again = wire_client.get(address, headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    assert wire_client.get("/api/v1/articles/none/ninjs").status_code == 404
    assert wire_client.get(f"{address}?q=dam").status_code == 400


def texts(paragraphs):
    return [(kind, " ".join(text.split())) for kind, text in paragraphs]


def test_what_we_write_is_read_back_with_the_same_text_headline_day_and_names(
    wire, wire_client, sample_index
):
    analyser = Analyser(Options())
    for folder in (wire, sample_index):
        engine = WhooshEngine(folder)
        client = create_app(Settings(index=folder)).test_client()
        for id_ in list(ids(client).values())[:12]:
            view = engine.article(id_)
            item = client.get(f"/api/v1/articles/{id_}/ninjs").data
            (document,) = read_bytes(item, "ours", "application/ninjs+json")
            (made,) = analyser.analyse([document])
            (article,) = made.articles
            assert document.format == "ninjs"
            assert article.headline == view.head.headline
            assert article.published.day == view.head.published
            assert texts((p.kind, p.text) for p in article.paragraphs) == texts(
                (p.kind, p.text) for p in view.paragraphs
            )
            names = {(m.kind, m.name) for p in article.paragraphs for m in p.entities}
            assert {(m.kind, m.name) for p in view.paragraphs for m in p.entities} <= names


@pytest.mark.skipif(not SCHEMAS.is_dir(), reason=f"the IPTC's ninjs schemas are not at {SCHEMAS}")
@pytest.mark.parametrize("version", ["3.0", "3.1"])
def test_ninjs_out_is_valid_by_the_iptcs_schema(wire, sample_index, version):
    jsonschema = pytest.importorskip("jsonschema")
    schema = json.loads((SCHEMAS / f"ninjs-schema_{version}.json").read_text("utf-8"))
    validator = jsonschema.Draft202012Validator(schema, format_checker=jsonschema.FormatChecker())
    checked = 0
    for folder in (wire, sample_index):
        client = create_app(Settings(index=folder)).test_client()
        engine = WhooshEngine(folder)
        for id_ in ids(client).values():
            item = ninjs_item(engine.article(id_), ADDRESS)
            assert [error.message for error in validator.iter_errors(item)] == []
            checked += 1
    assert checked > 10


def test_a_day_alone_is_its_midnight_and_no_day_is_none(sample_index):
    engine = WhooshEngine(sample_index)
    client = create_app(Settings(index=sample_index)).test_client()
    for id_ in ids(client).values():
        view = engine.article(id_)
        item = ninjs_item(view, ADDRESS)
        if view.head.published is None:
            assert "firstCreated" not in item
        else:
            assert date.fromisoformat(item["firstCreated"][:10]) == view.head.published


@pytest.mark.parametrize(
    ("name", "media_type", "accepted", "refused"),
    [
        ("story.nitf", "application/nitf+xml", 1, 0),
        ("story.nitf", "text/xml", 1, 0),
        ("message.newsml.xml", "application/vnd.iptc.g2.newsmessage+xml", 5, 2),
        ("items.ninjs.jsonl", "application/x-ndjson", 4, 2),
    ],
)
def test_wire_formats_are_posted_by_their_types(tmp_path, name, media_type, accepted, refused):
    client = create_app(Settings(index=tmp_path, api_key="k")).test_client()
    answer = client.post(
        "/api/v1/documents",
        data=(DATA / name).read_bytes(),
        headers={"Content-Type": media_type, "X-API-Key": "k"},
    )
    assert answer.status_code == 200, answer.text
    body = answer.get_json()
    assert len(body["accepted"]) >= accepted
    assert len(body["refused"]) >= refused
    assert all(one["reason"] for one in body["refused"])
    again = client.post(
        "/api/v1/documents",
        data=(DATA / name).read_bytes(),
        headers={"Content-Type": media_type, "X-API-Key": "k"},
    ).get_json()
    states = {one["state"] for one in again["accepted"]}
    assert "unchanged" in states
    assert states <= {"unchanged", "withheld", "canceled"}


def test_versions_of_an_item_replace_each_other_and_a_canceled_one_takes_it_back(tmp_path):
    client = create_app(Settings(index=tmp_path, api_key="k")).test_client()

    def post(version, text, status="usable"):
        item = {"uri": "urn:wire.example:v", "version": str(version), "pubStatus": status}
        item |= {"headlines": [{"value": "The tower"}], "bodies": [{"value": text}]} if text else {}
        answer = client.post("/api/v1/documents", json=item, headers={"X-API-Key": "k"})
        assert answer.status_code == 200, answer.text
        found = client.get("/api/v1/search?q=tower+-headline:tower").get_json()
        return [hit["text"] for hit in found["hits"]]

    assert post(2, "A tower of ten floors.") == ["A tower of ten floors."]
    assert post(3, "A tower of twelve floors.") == ["A tower of twelve floors."]
    assert post(2, "A tower of ten floors.") == ["A tower of twelve floors."]
    assert post(4, "", "canceled") == []
    assert post(3, "A tower of twelve floors.") == []
    assert post(5, "A tower of nine floors.") == ["A tower of nine floors."]
