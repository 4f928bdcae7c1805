"""What is too large, too many or too deep is refused, and the server goes on."""

import json
import shutil

import pytest

from api.app import create_app
from api.settings import Settings

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}


@pytest.fixture
def client(sample_index, tmp_path):
    path = shutil.copytree(sample_index, tmp_path / "index")
    return create_app(Settings(index=path, api_key=KEY, max_body=2_000_000)).test_client()


def nested(depth):
    return "[" * depth + "]" * depth


@pytest.mark.parametrize("depth", [100, 1_000, 100_000])
@pytest.mark.parametrize("address", ["/api/v1/documents", "/api/v1/decisions", "/api/v1/decisions/1/undo"])
def test_deep_json_is_refused(client, address, depth):
    for body in (nested(depth), '{"text":' * depth + "1" + "}" * depth):
        answer = client.post(address, data=body, content_type="application/json", headers=HEADERS)
        assert answer.status_code in (400, 422)
        assert answer.mimetype == "application/problem+json"


def test_forms_of_many_or_large_fields_are_refused(client):
    client.get("/desk")  # gives the cookie without which no form is read at all
    address = "/desk/sign-in"
    assert client.post(address, data={"key": "x" * 600_000}).status_code == 413
    parts = {f"f{n}": "1" for n in range(2_500)}
    assert client.post(address, data=parts, content_type="multipart/form-data").status_code == 413
    assert client.post(address, data=dict.fromkeys(parts, "x" * 250)).status_code == 413


def test_a_body_over_the_limit_is_refused_unread(client):
    answer = client.post("/api/v1/documents", data="x" * 2_000_001, headers=HEADERS)
    assert (answer.status_code, answer.mimetype) == (413, "application/problem+json")


def test_every_list_has_an_end(client):
    described = client.get("/api/v1/openapi.json").get_json()
    for path, operations in described["paths"].items():
        for method, told in operations.items():
            if method != "parameters":
                for parameter in told.get("parameters", ()):
                    if parameter["name"] == "limit":
                        assert parameter["schema"]["maximum"] <= 1_000, path


def test_large_numbers_are_refused_or_name_nothing(client):
    for address in ("ingests?before={}", "audit?before={}", "decisions?before={}", "ingests/1?after={}"):
        for number in (2**31, 2**63, 10**400, -1):
            answer = client.get(f"/api/v1/{address.format(number)}", headers=HEADERS)
            assert answer.status_code == 400, (address, number)
    for number in (2**31, 2**63, "9" * 400):
        assert client.get(f"/api/v1/ingests/{number}", headers=HEADERS).status_code == 404
    assert json.loads(client.get("/api/v1/search").data)["hits"]
