"""What a browser is told of how to search here, and what it is offered while one types."""

import json
from base64 import b64decode
from urllib.parse import quote, urlsplit

import pytest
from lxml import etree, html

from api.app import create_app
from api.settings import Settings

SPACE = {"o": "http://a9.com/-/spec/opensearch/1.1/"}
SITE = "http://localhost"


@pytest.fixture(scope="module")
def client(sample_index):
    return create_app(Settings(index=sample_index)).test_client()


@pytest.fixture(scope="module")
def described(client):
    tree = html.fromstring(client.get("/").get_data())
    (link,) = tree.xpath("//head/link[@rel='search']")
    answer = client.get(link.get("href"))
    assert answer.mimetype == link.get("type") == "application/opensearchdescription+xml"
    return etree.fromstring(answer.get_data())


def test_a_description_keeps_to_the_specification(described):
    assert described.tag == f"{{{SPACE['o']}}}OpenSearchDescription"
    assert 0 < len(described.findtext("o:ShortName", "", SPACE)) <= 16
    assert 0 < len(described.findtext("o:LongName", "", SPACE)) <= 48
    assert 0 < len(described.findtext("o:Description", "", SPACE)) <= 1024
    assert described.findtext("o:InputEncoding", "", SPACE) == "UTF-8"
    image = described.find("o:Image", SPACE)
    assert b64decode(image.text.partition("base64,")[2]).startswith(b"<svg")
    assert described.find("o:Query[@role='example']", SPACE).get("searchTerms")


@pytest.mark.parametrize("words", ["dam inquiry", "“dam” & <é>", "100%"])
@pytest.mark.parametrize("count", ["", "3"])
def test_every_address_of_it_answers(client, described, words, count):
    found = {}
    for url in described.findall("o:Url", SPACE):
        address = url.get("template").replace("{searchTerms}", quote(words)).replace("{count?}", count)
        assert "{" not in address
        assert address.startswith(f"{SITE}/")
        parts = urlsplit(address)
        answer = client.get(f"{parts.path}?{parts.query}")
        assert (answer.status_code, answer.mimetype) == (200, url.get("type")), address
        found[url.get("type")] = answer
    assert set(found) >= {"text/html", "application/atom+xml", "application/rss+xml"}
    assert json.loads(found["application/x-suggestions+json"].get_data())[0] == words


def test_suggestions_have_the_browsers_form(client):
    answer = client.get("/suggest.json?q=dam")
    typed, completions, told, addresses = json.loads(answer.get_data())
    assert typed == "dam"
    assert "dam" in completions
    assert len(completions) == len(told) == len(addresses) <= 8
    assert all(client.get(a.removeprefix(SITE)).status_code == 200 for a in addresses)
    named = completions.index("Calder Dam")
    assert told[named].startswith("place, ")
    assert addresses[named] == f"{SITE}/?place=place-calder-dam"


def test_a_slip_is_corrected(client):
    assert "inquiry" in json.loads(client.get("/suggest.json?q=inqiury").get_data())[1]


def test_nothing_typed_and_nothing_known(client):
    assert json.loads(client.get("/suggest.json").get_data()) == ["", [], [], []]
    assert json.loads(client.get("/suggest.json?q=qqxzqqxz").get_data()) == ["qqxzqqxz", [], [], []]
    assert client.get("/suggest.json?q=" + "x" * 501).status_code == 400


def test_suggestions_are_told_unchanged(client):
    tag = client.get("/suggest.json?q=dam").headers["ETag"]
    assert client.get("/suggest.json?q=dam", headers={"If-None-Match": tag}).status_code == 304


def test_where_reading_is_closed_a_browser_still_learns_how_to_ask_and_is_told_nothing(sample_index):
    client = create_app(Settings(index=sample_index, reading="closed")).test_client()
    assert client.get("/opensearch.xml").status_code == 200
    for path in ("/suggest.json?q=dam", "/search.csv?q=dam", "/search.atom?q=dam", "/search.json?limit=1"):
        assert client.get(path).status_code in (401, 403), path
