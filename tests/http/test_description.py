"""The OpenAPI description: its examples run, and its errors are problems."""

import re
from pathlib import Path

import examples as ex
import jsonschema
import pytest

from api.app import create_app
from api.examples import EXAMPLES
from api.settings import Settings

PROBLEM = {"application/problem+json": {"schema": {"$ref": "#/components/schemas/Problem"}}}


@pytest.fixture(scope="module")
def client(tmp_path_factory):
    return ex.served(ex.sample(tmp_path_factory.mktemp("described") / "index"))


@pytest.fixture(scope="module")
def whole(client):
    return client.get("/api/v1/openapi.json").get_json()


@pytest.fixture(scope="module")
def operations(client):
    return list(ex.described(client))


def test_every_operation_has_an_example(operations):
    without = [id_ for id_, _, _, told in operations if not ex.names(told)]
    assert without == [], "add a line to api/examples.py, then `make examples`"


def test_every_example_runs_and_answers_as_described(client, whole, operations):
    """In one test, since what writes comes before what tells of it."""
    by_id = {id_: rest for id_, *rest in operations}
    performer = ex.Performer(client)
    for example in EXAMPLES:
        what = f"{example.operation} {example.name}"
        method, path, told = by_id[example.operation]
        answer = performer.perform(method, path, told, example)
        assert 200 <= answer.status_code < 300, f"{what}: {answer.status_code} {answer.text[:500]}"
        described = told["responses"][str(answer.status_code)].get("content", {})
        if not answer.data:
            assert described == {}, what
            continue
        content = described[answer.mimetype]
        found, shown = performer.found(answer), content["examples"][example.name]["value"]
        assert ex.comparable(found) == ex.comparable(shown), f"{what}: run `make examples`"
        for value in (found, shown):
            jsonschema.validate(value, {**content["schema"], "components": whole["components"]})


def test_an_example_is_of_an_operation_that_is_there(operations):
    assert {e.operation for e in EXAMPLES} <= {id_ for id_, *_ in operations}
    assert len({(e.operation, e.name) for e in EXAMPLES}) == len(EXAMPLES)


def test_no_example_names_the_machine_it_was_made_on(operations):
    assert not re.search(r'": "/(home|root|tmp|work|var|usr)/', ex.ANSWERS.read_text("utf-8"))


def test_every_error_is_a_problem(operations):
    for id_, _, _, told in operations:
        assert {"400", "429", "503", "default"} <= set(told["responses"]), id_
        for status, answer in told["responses"].items():
            if not status.startswith(("2", "3")):
                assert answer["content"] == PROBLEM, (id_, status)


def test_every_address_of_the_api_is_described(whole):
    apart = {"/api/v1/openapi.json", "/api/v1/docs", "/api/v1/docs/<name>", "/api/v1/problems/<kind>"}
    rules = {str(r) for r in create_app(Settings(index=Path("none"))).url_map.iter_rules()}
    listed = {re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", r) for r in rules - apart if r.startswith("/api/v1/")}
    assert listed == set(whole["paths"])


def test_it_says_which_address_asks_for_a_key(tmp_path):
    for reading in ("open", "closed"):
        client = create_app(Settings(index=tmp_path, reading=reading)).test_client()
        for id_, _, _, told in ex.described(client):
            guarded = id_ in ("add_documents", "remove_document", "decide", "decisions", "undo", "audit")
            if guarded or id_ in ("search", "article", "stats"):
                assert ("security" in told) is (guarded or reading == "closed"), id_
