"""Saved searches by HTTP: the API, the feeds of what each found, and the desk's pages."""

import json
import re
from urllib.parse import urlsplit

import feedparser
import pytest

from api.alerts import Matcher
from api.app import create_app
from api.options import archive_of
from api.settings import Settings
from index import pipeline
from index.entities import Recogniser
from index.errors import ArchiveUnreachableError
from index.keys import Keys
from index.saved import SavedSearches
from index.store import StoreWriter

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
FERRY = "The ferry to Ellery Harbour left <i>late</i> & full on Monday."
TEXTS = (
    FERRY,
    "Nobody was hurt when a ferry struck the pier at Kasara in thick fog, its captain told an inquiry.",
    "Ministers promised islanders a second ferry by summer, and money for a longer quay at Wrenford.",
)
"""None a copy of another."""


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser(None)


@pytest.fixture
def client(tmp_path, recogniser, monkeypatch):
    # One for all runs: loading the model takes longer than all else that these tests do.
    monkeypatch.setattr(pipeline, "Recogniser", lambda model: recogniser)
    with StoreWriter(tmp_path / "index"):
        pass
    return create_app(Settings(index=tmp_path / "index", api_key=KEY)).test_client()


def add(client, id_, text=FERRY, headline="Ferry Leaves Late", **more):
    record = {"id": id_, "headline": headline, "published": "2015-03-03", "text": text, **more}
    answer = client.post("/api/v1/documents", json=record, headers=HEADERS)
    assert answer.status_code == 200, answer.text
    held = client.application.extensions["dateline"]
    held["engine"].look_again()
    settings = held["settings"]
    return Matcher(archive_of(settings), held["engine"]).match_new().matches


def save(client, query="q=ferry", name="Ferries", status=201):
    body = {"name": name, "owner": "anna", "query": query}
    answer = client.post("/api/v1/searches", json=body, headers=HEADERS)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def get(client, path, status=200):
    answer = client.get(path, headers=HEADERS)
    assert answer.status_code == status, answer.text
    return answer.get_json()


# --- the API


def test_a_search_is_saved_found_changed_and_removed(client):
    made = save(client, "?sort=newest&limit=5&q=+ferry&person=person-a&facets=&org=")
    assert made["query"] == "q=+ferry&person=person-a&sort=newest"
    assert (made["state"], made["stories"], made["last"], made["reason"]) == ("active", 0, None, None)
    here = made["links"]["self"]
    assert get(client, here) == made
    assert get(client, "/api/v1/searches")["searches"] == [made]
    assert get(client, "/api/v1/searches?owner=berg")["searches"] == []
    changed = client.patch(
        here, json={"name": "Boats", "query": "q=boat", "state": "paused"}, headers=HEADERS
    )
    told = changed.get_json()
    assert (told["name"], told["query"], told["state"]) == ("Boats", "q=boat", "paused")
    assert get(client, "/api/v1/searches?state=paused")["searches"] == [told]
    assert client.get(told["links"]["page"]).status_code == 200
    assert client.delete(here, headers=HEADERS).status_code == 204
    assert get(client, here, 404)["type"].endswith("/not-found")
    assert client.get(told["links"]["atom"]).status_code == 404


@pytest.mark.parametrize(
    ("body", "parameter"),
    [
        ({"owner": "anna", "query": "q=x"}, "name"),
        ({"name": "a\nb", "owner": "anna", "query": "q=x"}, "name"),
        ({"name": "x", "owner": "anna", "query": "colour=red"}, "query"),
        ({"name": "x", "owner": "anna", "query": "published_from=yesterday"}, "query"),
        ({"name": "x", "owner": "anna", "query": "q=x", "state": "active"}, "state"),
        (["x"], "body"),
    ],
)
def test_what_cannot_be_saved_is_named(client, body, parameter):
    answer = client.post("/api/v1/searches", json=body, headers=HEADERS)
    assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
    assert [e["parameter"] for e in answer.get_json()["errors"]] == [parameter]


def test_everything_asks_for_the_key(client):
    made = save(client)["links"]
    asked = {"/api/v1/searches": "GET POST", made["self"]: "GET PATCH DELETE", made["matches"]: "GET"}
    for path, methods in asked.items():
        assert [client.open(path, method=m).status_code for m in methods.split()] == [401] * len(
            methods.split()
        )


def test_matches_are_paged_the_last_first(client):
    made = save(client)
    for number in range(3):
        assert add(client, str(number), TEXTS[number], f"Ferry {number}") == 1
    first = get(client, f"{made['links']['matches']}?limit=2")
    assert [m["headline"] for m in first["matches"]] == ["Ferry 2", "Ferry 1"]
    rest = get(client, f"{made['links']['matches']}?limit=2&before={first['next']}")
    assert [m["headline"] for m in rest["matches"]] == ["Ferry 0"] and rest["next"] is None
    (match,) = rest["matches"]
    assert match["snippet"]["html"] == (
        "The <mark>ferry</mark> to Ellery Harbour left &lt;i&gt;late&lt;/i&gt; &amp; full on Monday."
    )
    assert get(client, match["links"]["article"])["headline"] == "Ferry 0"
    assert set(match["paragraphs"]) == {p["id"] for p in get(client, match["links"]["article"])["paragraphs"]}
    told = get(client, made["links"]["self"])
    assert told["stories"] == 3 and told["last"] >= match["at"]


def test_the_description_has_an_example_of_each_body(client):
    paths = client.get("/api/v1/openapi.json").get_json()
    schemas = paths["components"]["schemas"]
    assert schemas["SaveBody"]["properties"]["query"]["example"].startswith("q=")
    assert "/api/v1/searches/{search_id}/matches" in paths["paths"]


# --- feeds


def read(client, made, kind):
    answer = client.get(made["links"][kind])
    assert answer.status_code == 200
    return answer


@pytest.mark.parametrize("kind", ["atom", "rss"])
def test_a_feed_is_read_back_with_nothing_flagged(client, kind):
    made = save(client, name="Ferries & <boats>")
    add(client, "1", author="Anna Berg")
    add(client, "2", TEXTS[1], "Ferry <b>Waits</b>")
    found = feedparser.parse(read(client, made, kind).data, sanitize_html=False)
    assert not found.bozo, found.get("bozo_exception")
    assert [e.title for e in found.entries] == ["Ferry <b>Waits</b>", "Ferry Leaves Late"]
    assert found.feed.title == "Ferries & <boats> – Dateline"
    assert "<mark>ferry</mark>" in found.entries[1].summary and "&lt;i&gt;" in found.entries[1].summary
    assert urlsplit(found.entries[1].link).query == "q=ferry"
    assert client.get(found.entries[1].link).status_code == 200


def test_the_json_feed_tells_what_was_corrected(client):
    made = save(client)
    add(client, "1")
    add(client, "2", TEXTS[1], "Ferry Waits")
    before = read(client, made, "json").get_json()
    add(client, "1", text=f"{FERRY} It was corrected.")
    after = read(client, made, "json").get_json()
    # The order is by first seen, and ids stay.
    assert [i["id"] for i in after["items"]] == [i["id"] for i in before["items"]]
    assert [i["title"] for i in after["items"]] == ["Ferry Waits", "Corrected: Ferry Leaves Late"]
    assert after["items"][1]["date_published"] == before["items"][1]["date_published"]
    assert after["items"][1]["_dateline"]["kind"] == "corrected"
    assert after["items"][0] == before["items"][0]


def test_a_feed_is_not_sent_twice_and_goes_on_in_pages(client):
    made = save(client)
    for number in range(3):
        add(client, str(number), TEXTS[number], f"Ferry {number}")
    answer = read(client, made, "atom")
    again = client.get(made["links"]["atom"], headers={"If-None-Match": answer.headers["ETag"]})
    assert (again.status_code, again.data) == (304, b"")
    page = client.get(f"{made['links']['json']}?limit=2").get_json()
    assert len(page["items"]) == 2
    rest = client.get(page["next_url"]).get_json()
    assert [i["title"] for i in rest["items"]] == ["Ferry 0"] and "next_url" not in rest
    assert client.get(f"{made['links']['json']}?limit=nonsense&before=-1").status_code == 200


def test_a_feed_without_entries_and_one_that_is_not_there(client):
    made = save(client, "")
    found = feedparser.parse(read(client, made, "atom").data)
    assert not found.bozo and found.entries == []
    answer = client.get("/searches/nothing.atom")
    assert (answer.status_code, answer.mimetype) == (404, "text/plain")


# --- the desk


@pytest.fixture
def desk(client):
    token = re.search(r'name="token" value="(\w+)"', client.get("/desk").text)[1]
    given = {"token": token, "key": KEY, "editor": "anna"}
    assert client.post("/desk/sign-in", data=given).status_code == 303
    return client


def send(desk, path, **form):
    token = re.search(r'name="token" value="(\w+)"', desk.get("/desk").text)[1]
    return desk.post(path, data={"token": token, **form})


def test_the_search_page_leads_to_the_form_that_saves_it_by_way_of_signing_in(client):
    page = client.get("/?q=dam+%22inquiry%22&limit=5").text
    (link,) = re.findall(r'href="([^"]+)">Save this search', page)
    answer = client.get(link.replace("&amp;", "&"))
    assert answer.status_code == 401 and "/desk/searches?query=q%3Ddam" in answer.text.replace("&amp;", "&")
    off = create_app(
        Settings(index=client.application.extensions["dateline"]["settings"].index)
    ).test_client()
    assert "Save this search" not in off.get("/?q=dam").text


def test_a_search_is_saved_and_looked_at_in_the_browser(desk):
    form = desk.get("/desk/searches?query=q%3Dferry").text
    assert 'value="ferry"' in form and 'value="q=ferry"' in form
    answer = send(desk, "/desk/searches", name="Ferries <b>", query="q=ferry&limit=5")
    assert answer.status_code == 303
    (search,) = SavedSearches(archive_of(desk.application.extensions["dateline"]["settings"])).all()
    assert (search.owner, search.query) == ("anna", "q=ferry")
    page = desk.get(answer.location).text
    assert "Saved. What is added" in page and "Ferries &lt;b&gt;" in page and "<b>" not in page
    assert (
        f'type="application/atom+xml" title="Ferries &lt;b&gt; (Atom)" href="/searches/{search.id}.atom"'
        in page
    )
    add(desk, "1")
    add(desk, "1", text=f"{FERRY} It was corrected.")
    page = desk.get(f"/desk/searches/{search.id}").text
    assert "corrected</span>" in page and "<mark>ferry</mark>" in page and "&lt;i&gt;late" in page
    assert "1 story" in desk.get("/desk/searches").text


def test_it_is_renamed_paused_resumed_and_removed_there(desk):
    made = save(desk)
    here = f"/desk/searches/{made['id']}"
    assert send(desk, here, action="pause").status_code == 303
    assert ">paused</span>" in desk.get(here).text
    assert send(desk, here, action="resume").status_code == 303
    assert send(desk, here, action="change", name="Boats", query="q=boat").status_code == 303
    assert get(desk, made["links"]["self"])["query"] == "q=boat"
    for form in ({"action": "change", "name": "", "query": "q=x"}, {"action": "burn"},
                 {"action": "change", "name": "Boats", "query": "colour=<i>"}):  # fmt: skip
        answer = send(desk, here, **form)
        assert answer.status_code == 422 and 'role="alert"' in answer.text and "<i>" not in answer.text
    assert send(desk, "/desk/searches", name="", query="q=x").status_code == 422
    assert send(desk, here, action="remove").status_code == 303
    assert desk.get(here).status_code == 404
    assert "Removed, with what" in desk.get("/desk/searches?done=removed").text


def test_a_form_of_elsewhere_does_nothing(desk):
    made = save(desk)
    answer = desk.post(f"/desk/searches/{made['id']}", data={"action": "remove", "token": "x"})
    assert answer.status_code == 403
    assert get(desk, made["links"]["self"])["id"] == made["id"]


def test_why_a_search_is_broken_is_shown(desk):
    made = save(desk)
    archive = archive_of(desk.application.extensions["dateline"]["settings"])
    archive.write(
        lambda c: c.exec_driver_sql("UPDATE saved_searches SET query = 'colour=red', revision = revision + 1")
    )
    add(desk, "1")
    assert "colour" in get(desk, made["links"]["self"])["reason"]
    assert "It cannot be run" in desk.get(f"/desk/searches/{made['id']}").text
    assert json.dumps("broken") in json.dumps(get(desk, "/api/v1/searches?state=broken"))


# --- before there is an index, and without the server's own key


def test_a_search_is_saved_before_there_is_a_folder_for_the_index(tmp_path):
    client = create_app(Settings(index=tmp_path / "none" / "yet", api_key=KEY)).test_client()
    assert get(client, "/api/v1/searches") == {"searches": []}
    made = save(client)
    assert [s["id"] for s in get(client, "/api/v1/searches")["searches"]] == [made["id"]]
    assert get(client, made["links"]["matches"])["matches"] == []
    assert client.get(made["links"]["atom"]).status_code == 200


def test_the_page_offers_saving_where_any_key_is_taken(tmp_path):
    with StoreWriter(tmp_path / "index"):
        pass
    settings = Settings(index=tmp_path / "index")
    client, keys = create_app(settings).test_client(), Keys(archive_of(settings))
    without = client.get("/?q=ferry")
    assert "/desk/searches?" not in without.text
    found, _ = keys.add("Anna", ["desk"])
    again = client.get("/?q=ferry", headers={"If-None-Match": without.headers["ETag"]})
    assert again.status_code == 200
    assert "/desk/searches?" in again.text
    keys.revoke(found.id)
    assert "/desk/searches?" not in client.get("/?q=ferry").text


def test_searching_goes_on_where_the_archive_cannot_be_reached(client, monkeypatch):
    def fails():
        raise ArchiveUnreachableError("x", "the disk is gone")

    monkeypatch.setattr(client.application.extensions["dateline"]["keys"], "any_live", fails)
    client.application.extensions["dateline"]["settings"] = Settings(
        index=client.application.extensions["dateline"]["settings"].index
    )
    assert client.get("/?q=ferry").status_code == 200
