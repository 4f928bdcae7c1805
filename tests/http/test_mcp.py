"""The Model Context Protocol, by the official client: in process, over pipes, and over HTTP."""

import asyncio
import json
import os
import sys
from concurrent.futures import ThreadPoolExecutor

import pytest
from mcp import StdioServerParameters
from mcp.client.client import Client

from api.app import create_app
from api.mcp_tools import mcp_server
from api.settings import Settings
from search.whoosh_engine import WhooshEngine

pytestmark = pytest.mark.filterwarnings("ignore::ResourceWarning")  # of the client's own streams

INITIALIZE = {
    "jsonrpc": "2.0",
    "id": 1,
    "method": "initialize",
    "params": {
        "protocolVersion": "2025-06-18",
        "capabilities": {},
        "clientInfo": {"name": "test", "version": "1"},
    },
}
ACCEPT = {"Accept": "application/json, text/event-stream"}


def ask(server, *calls):
    """What tools answer, one after the other, in one session; None as the name lists them."""

    async def talk():
        async with Client(server) as client:
            out = []
            for name, arguments in calls:
                told = await (client.list_tools() if name is None else client.call_tool(name, arguments))
                out.append(told)
            return out

    # In a thread: the browser's tests, which come before, leave a loop running in this one.
    with ThreadPoolExecutor(1) as beside:
        return beside.submit(asyncio.run, talk()).result()


def told(result):
    assert not result.is_error, result.content
    return result.structured_content


@pytest.fixture
def mcp(sample_index):
    return mcp_server(WhooshEngine(sample_index), lambda path: f"https://dateline.example{path}")


def test_the_four_tools_are_read_only_and_described(mcp):
    (listed,) = ask(mcp, (None, None))
    assert [t.name for t in listed.tools] == ["search", "get_article", "facet_values", "similar"]
    for tool in listed.tools:
        assert tool.description and tool.annotations.read_only_hint
        assert tool.output_schema and tool.input_schema["properties"]


def test_a_search_answers_with_passages_that_can_be_quoted_and_linked(mcp, client):
    page = client.get("/api/v1/search?q=dam+inquiry&limit=3").json
    found = told(ask(mcp, ("search", {"query": "dam inquiry", "limit": 3}))[0])
    assert {name: found[name] for name in ("paragraphs", "articles")}.items() <= page["total"].items()
    assert [h["id"] for h in found["hits"]] == [h["id"] for h in page["hits"]]
    first = found["hits"][0]
    assert first["text"] == page["hits"][0]["text"]
    assert first["published"] == page["hits"][0]["article"]["published"]
    assert first["link"] == f"https://dateline.example/articles/{first['article']}#p-{first['id']}"
    assert client.get(first["link"].removeprefix("https://dateline.example")).status_code == 200


def test_a_name_is_found_by_typing_and_narrows_a_search_page_by_page(mcp, client):
    (values,) = ask(mcp, ("facet_values", {"kind": "person", "prefix": "wal"}))
    person = told(values)["result"][0]
    assert person["name"] == "Helen Walsh"
    first = told(ask(mcp, ("search", {"person": [person["id"]], "limit": 2}))[0])
    second = told(ask(mcp, ("search", {"person": [person["id"]], "limit": 2, "cursor": first["next"]}))[0])
    assert first["paragraphs"] == person["count"]
    assert not {h["id"] for h in first["hits"]} & {h["id"] for h in second["hits"]}
    assert all(person["id"] in [n["id"] for n in h["names"]] for h in first["hits"] + second["hits"])


def test_an_article_is_read_whole_and_what_is_like_a_paragraph_found(mcp, client):
    hit = told(ask(mcp, ("search", {"query": "dam", "limit": 1}))[0])["hits"][0]
    article, similar = ask(
        mcp, ("get_article", {"id": hit["article"]}), ("similar", {"paragraph": hit["id"], "limit": 4})
    )
    whole = client.get(f"/api/v1/articles/{hit['article']}").json
    assert [p["text"] for p in told(article)["body"]] == [p["text"] for p in whole["paragraphs"]]
    assert told(article)["evidence"] == whole["published_evidence"]
    assert 0 < len(told(similar)["hits"]) <= 4
    assert hit["id"] not in [h["id"] for h in told(similar)["hits"]]


@pytest.mark.parametrize(
    ("name", "arguments", "says"),
    [
        ("search", {"limit": 101}, "100"),
        ("search", {"published_from": "last week"}, "published_from"),
        ("search", {"cursor": "nonsense"}, "cursor"),
        ("search", {"q": "dam"}, "q"),
        ("similar", {"paragraph": "0000000000000000", "count": 3}, "count"),
        ("search", {"query": "x" * 5000}, "2000"),
        ("get_article", {"id": "0000000000000000"}, "no article"),
        ("similar", {"paragraph": "0000000000000000"}, "no paragraph"),
        ("facet_values", {"kind": "animal"}, "person"),
    ],
)
def test_what_cannot_be_asked_is_told_to_the_assistant(mcp, name, arguments, says):
    (result,) = ask(mcp, (name, arguments))
    assert result.is_error
    assert says in result.content[0].text


def test_the_command_answers_on_standard_input_and_output(sample_index):
    environ = {**os.environ, "DATELINE_INDEX": str(sample_index)}
    server = StdioServerParameters(command=sys.executable, args=["-m", "api", "mcp"], env=environ)
    found = told(ask(server, ("search", {"query": "dam", "limit": 1}))[0])
    assert found["paragraphs"] > 0
    assert found["hits"][0]["link"].startswith("/articles/")


def test_a_server_answers_the_same_at_mcp(live_server):
    address = f"{live_server}/mcp"
    found = told(ask(address, ("search", {"query": "dam", "limit": 1}))[0])
    assert found["hits"][0]["link"].startswith(f"{live_server}/articles/")


def test_pages_of_other_sites_are_refused_whatever_name_they_came_by(sample_index):
    client = create_app(Settings(index=sample_index, cors=("https://news.example",))).test_client()

    def status(origin, **more):
        headers = ACCEPT | ({"Origin": origin} if origin else {})
        return client.post("/mcp", json=INITIALIZE, headers=headers, **more).status_code

    assert status(None) == status("https://news.example") == status("http://localhost:5173") == 200
    assert status("https://evil.example") == 403
    assert status("http://evil.example", base_url="http://evil.example") == 403
    assert status("null") == 403


def test_an_exchange_over_http_is_one_answer_and_bounded(client, sample_index):
    answer = client.post("/mcp", json=INITIALIZE, headers=ACCEPT)
    assert answer.json["result"]["serverInfo"]["name"] == "dateline"
    assert answer.content_type == "application/json"
    assert client.get("/mcp").status_code == 405
    small = create_app(Settings(index=sample_index, max_body=1024)).test_client()
    assert small.post("/mcp", data=b"x" * 2000, headers=ACCEPT).status_code == 413
    assert client.post("/mcp", data=b"not json", headers=ACCEPT).status_code == 400
    deep = json.dumps(INITIALIZE).replace('"test"', "[" * 100_000 + "]" * 100_000)
    assert client.post("/mcp", data=deep, headers=ACCEPT).status_code == 400
