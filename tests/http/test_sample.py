"""The bundled sample is worth looking at: what a newcomer sees after `make demo`."""

from __future__ import annotations

import json
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from tests.homes import Home

EXPECTED = json.loads((Path(__file__).parents[1] / "data" / "sample-expected.json").read_text("utf-8"))
ARTICLES = [article for articles in EXPECTED.values() for article in articles]


@pytest.fixture
def client(sample_home: Home) -> FlaskClient:
    return sample_home.client()


@pytest.fixture
def found(client: FlaskClient) -> dict[str, dict[str, object]]:
    heads: dict[str, dict[str, object]] = {}
    cursor = ""
    while cursor is not None:
        query = {"group": "article", "limit": "100", "facets": "", "cursor": cursor}
        page = client.get("/api/v1/search", query_string=query).get_json()
        heads |= {hit["article"]["headline"]: hit["article"] for hit in page["hits"]}
        cursor = page["next"]
    return heads


def test_every_article_is_found_with_its_day(found: dict[str, dict[str, object]]) -> None:
    days = {headline: (head["published"], head["published_by"]) for headline, head in found.items()}
    assert days == {a["headline"]: (a["published"], a["published_by"]) for a in ARTICLES}


def test_there_is_enough_to_look_at(client: FlaskClient) -> None:
    page = client.get("/api/v1/search").get_json()
    assert page["total"]["articles"] >= 60
    assert all(len(page["facets"][kind]["values"]) == 10 for kind in ("person", "org", "place"))
    assert len({bucket["from"][:4] for bucket in page["facets"]["published"]["buckets"]}) >= 8
    assert page["facets"]["published"]["undated"] > 0


def test_two_people_of_one_surname_stay_two(client: FlaskClient) -> None:
    values = client.get("/api/v1/facets/person?prefix=walsh").get_json()["values"]
    assert {"Helen Walsh", "David Walsh"} <= {value["name"] for value in values}


def test_a_script_in_a_text_is_text(client: FlaskClient) -> None:
    hits = client.get("/api/v1/search?q=alert&limit=100").get_json()["hits"]
    assert any("<script>" in hit["text"] for hit in hits)
    assert not any("<script" in hit["snippet"]["html"] for hit in hits)
