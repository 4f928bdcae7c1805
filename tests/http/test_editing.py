"""The editor's desk over HTTP: decisions, their effect on every answer, and the log."""

import json
import re
import shutil
from datetime import UTC, date, datetime
from html.parser import HTMLParser
from urllib.parse import parse_qsl, quote, urlsplit

import pytest

from api.app import create_app
from api.settings import Settings
from index.archive import FILE
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from index.upkeep import backup, restore

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
PROBLEM = "application/problem+json"
ANNA, OTHER = "person-anna-berg", "person-peter-otieno"

NAMES = {
    "Anna Berg": ("person", ANNA, "Anna Berg"),
    "Berg": ("person", ANNA, "Anna Berg"),
    "Peter Otieno": ("person", OTHER, "Peter Otieno"),
    "Otieno": ("person", OTHER, "Peter Otieno"),
    "Nairobi": ("place", "place-nairobi", "Nairobi"),
    "Mombasa": ("place", "place-mombasa", "Mombasa"),
    "Oslo": ("place", "place-oslo", "Oslo"),
}
NAME = re.compile("|".join(NAMES))
RECORDS = [
    ("a1", "Talks Open in Nairobi", "Anna Berg met Peter Otieno in Nairobi. Berg spoke first."),
    ("a2", "Verdict in Oslo", "Anna Berg sentenced two men in Oslo. Otieno was not there."),
    ("a3", "Otieno Returns", "Peter Otieno flew home. Anna Berg and Peter Otieno waved."),
    ("a4", "Quiet Day", "Peter Otieno said nothing in Mombasa."),
]


def paragraph(article, ordinal, text):
    spans = [(m.start(), m.end(), m.group()) for m in NAME.finditer(text)]
    names = tuple(EntityMention(a, b, form, *NAMES[form]) for a, b, form in spans)
    kind = "body" if ordinal else "headline"
    return Paragraph(stable_id(article, text), ordinal, kind, 0, len(text), text, (), names)


ADDED = datetime(2020, 2, 1, tzinfo=UTC)


def put(path, records=RECORDS):
    with StoreWriter(path) as store:
        for n, (document, *texts) in enumerate(records, 1):
            id_ = stable_id("article", document)
            made = tuple(paragraph(id_, k, t) for k, t in enumerate(texts))
            day = Publication(date(2020, 1, n), "metadata")
            times = {"added": ADDED, "updated": ADDED}
            store.put(document, "x", [Article(id_, document, "wire", texts[0], "test", made, day, **times)])
    return path


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    return put(tmp_path_factory.mktemp("desk") / "index")


@pytest.fixture
def path(made, tmp_path):
    return shutil.copytree(made, tmp_path / "index")


@pytest.fixture
def client(path):
    return create_app(Settings(index=path, api_key=KEY)).test_client()


def decide(client, action, status=201, editor="anna", **given):
    body = {"action": action, "editor": editor, **given}
    answer = client.post("/api/v1/decisions", json=body, headers=HEADERS)
    assert answer.status_code == status, answer.text
    assert answer.mimetype == ("application/json" if status == 201 else PROBLEM)
    return answer.get_json()


def merge(client, *sources, into, **more):
    return decide(client, "merge", **{"from": list(sources)}, into=into, **more)


def undo(client, number, status=201, editor="berit"):
    answer = client.post(f"/api/v1/decisions/{number}/undo", json={"editor": editor}, headers=HEADERS)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def get(client, path, status=200, **query):
    answer = client.get(f"/api/v1/{path}", query_string=query)
    assert answer.status_code == status, answer.text
    return answer.get_json()


def values(client, kind="person", **query):
    found = get(client, "search", facets=kind, facet_limit=100, **query)["facets"][kind]["values"]
    return {v["id"]: v["count"] for v in found}


def everything(client):
    """Answers of every address that tells of names."""
    search = get(client, "search", limit=100)
    search.pop("took_ms")
    first = search["hits"][0]["id"]
    similar = get(client, f"similar/{first}")
    similar.pop("took_ms")
    return {
        "search": search,
        "grouped": get(client, "search", group="article", q="anna OR otieno")["facets"],
        "typed": [get(client, f"facets/{k}") for k in ("person", "org", "place")],
        "suggest": get(client, "suggest", q="be"),
        "similar": similar,
        "articles": [get(client, f"articles/{h['article']['id']}") for h in search["hits"]],
    }


def test_the_fixture_is_as_the_tests_suppose(client):
    assert values(client)[ANNA] == 3
    assert values(client)[OTHER] == 5
    assert values(client, "place") == {"place-nairobi": 2, "place-oslo": 2, "place-mombasa": 1}


# --- merge


def test_a_merge_shows_in_every_answer_at_once(client):
    before = everything(client)
    made = merge(client, ANNA, into=OTHER)
    assert (made["number"], made["who"], made["action"], made["undone_by"]) == (1, "anna", "merge", None)
    assert values(client) == {OTHER: 5}  # three paragraphs name both, which count once
    assert "anna-berg" not in json.dumps(everything(client)["search"])
    assert everything(client)["articles"][0]["id"] == before["articles"][0]["id"]
    page = get(client, "search", limit=100)
    names = {(e["entity"], e["name"]) for h in page["hits"] for e in h["entities"] if e["kind"] == "person"}
    assert names == {(OTHER, "Peter Otieno")}
    typed = get(client, "facets/person", prefix="anna")["values"]  # found by what it was, too
    assert [(v["id"], v["count"]) for v in typed] == [(OTHER, 5)]


def test_an_old_id_goes_on_working(client):
    merge(client, ANNA, into=OTHER)
    old, new = (get(client, "search", person=i, limit=100) for i in (ANNA, OTHER))
    assert old["total"] == new["total"] == {"paragraphs": 5, "articles": 4, "stories": 4}
    assert old["facets"] == new["facets"]
    assert [v["selected"] for v in old["facets"]["person"]["values"]] == [True]
    assert get(client, "search", not_person=ANNA)["total"] == get(client, "search", not_person=OTHER)["total"]
    both = get(client, "search", person=[ANNA, OTHER], person_mode="all")
    assert both["total"] == new["total"]
    card = get(client, f"entities/{ANNA}")
    assert (card["id"], card["also"], card["name"]) == (OTHER, [ANNA], "Peter Otieno")
    forms = {f["text"]: f["count"] for f in card["forms"]}
    assert forms["Anna Berg"] == 3
    assert forms["Peter Otieno"] == 4


def test_undoing_brings_back_every_answer(client):
    before = everything(client)
    merge(client, ANNA, into=OTHER)
    assert everything(client) != before
    assert undo(client, 1)["number"] == 2
    assert everything(client) == before
    undo(client, 2)
    assert values(client) == {OTHER: 5}  # three paragraphs name both, which count once


def test_chains_follow_and_circles_are_refused(client):
    merge(client, ANNA, into=OTHER)
    merge(client, OTHER, into="place-nairobi")
    assert get(client, f"entities/{ANNA}")["id"] == "place-nairobi"
    assert values(client) == {}
    assert values(client, "place")["place-nairobi"] == 6
    for sources, into in (("place-nairobi", ANNA), (OTHER, ANNA), (ANNA, ANNA)):
        told = merge(client, sources, into=into, status=409)
        assert told["type"] == "/api/v1/problems/decision-refused"
    assert "undo decision" in merge(client, "place-nairobi", into=ANNA, status=409)["detail"]
    assert get(client, "search", person=ANNA)["total"]["paragraphs"] == 6  # a headline names Nairobi alone


# --- split, rename, retype, hide, pin


def test_namesakes_are_told_apart(client):
    hit = get(client, "search", q="sentenced")["hits"][0]
    made = decide(client, "split", entity=ANNA, articles=[hit["article"]["id"]], name="Anna Berg (judge)")
    judge = made["arguments"]["into"]
    assert judge == "person-anna-berg-judge"
    assert (values(client)[ANNA], values(client)[judge]) == (2, 1)
    assert get(client, "search", person=judge)["hits"][0]["id"] == hit["id"]
    mention = get(client, f"paragraphs/{hit['id']}")["entities"][0]
    assert (mention["entity"], mention["name"], mention["text"]) == (judge, "Anna Berg (judge)", "Anna Berg")
    card = get(client, f"entities/{judge}")
    assert card["total"] == {"paragraphs": 1, "articles": 1}
    assert [d["action"] for d in card["decisions"]] == ["split"]
    decide(client, "rename", entity=judge, name="Anna Berg")
    found = get(client, "facets/person", prefix="anna")["values"]
    assert sorted((v["id"], v["name"]) for v in found) == [(ANNA, "Anna Berg"), (judge, "Anna Berg")]
    merge(client, judge, into=ANNA)
    assert values(client)[ANNA] == 3


def test_a_split_names_what_is_there(client):
    quiet = get(client, "search", q="mombasa")["hits"][0]["article"]["id"]
    told = decide(client, "split", 409, entity=ANNA, articles=[quiet], name="Anna Berg (judge)")
    assert "does not name" in told["detail"]
    assert decide(client, "split", 404, entity=ANNA, articles=["none"], name="Anna Berg (judge)")
    verdict = get(client, "search", q="sentenced")["hits"][0]["article"]["id"]
    told = decide(client, "split", 409, entity=ANNA, articles=[verdict], name="Anna Berg")
    assert "another name" in told["detail"]
    assert values(client)[ANNA] == 3


def test_a_new_name_is_shown_everywhere_and_found_by_the_old_one(client):
    decide(client, "rename", entity=ANNA, name="Anna Berg-Lunde")
    page = get(client, "search", limit=100)
    assert {v["name"] for v in page["facets"]["person"]["values"]} == {"Anna Berg-Lunde", "Peter Otieno"}
    assert {e["name"] for h in page["hits"] for e in h["entities"] if e["entity"] == ANNA} == {
        "Anna Berg-Lunde"
    }
    assert get(client, f"entities/{ANNA}")["name"] == "Anna Berg-Lunde"
    for typed in ("anna berg", "lunde"):
        assert [v["id"] for v in get(client, "facets/person", prefix=typed)["values"]] == [ANNA]
    assert "already" in decide(client, "rename", 409, entity=ANNA, name="Anna Berg-Lunde")["detail"]


def test_another_kind_moves_to_the_other_facet(client):
    decide(client, "retype", entity="place-nairobi", kind="org")
    assert "place-nairobi" not in values(client, "place")
    assert values(client, "org")["place-nairobi"] == 2
    # Links to it as a place go on working, and it can be taken out of the choice.
    page = get(client, "search", place="place-nairobi")
    assert page["total"]["paragraphs"] == 2
    assert {v["id"] for v in page["facets"]["place"]["values"] if v["selected"]} == {"place-nairobi"}
    assert get(client, "search", org="place-nairobi")["total"]["paragraphs"] == 2
    assert get(client, "entities/place-nairobi")["kind"] == "org"
    assert decide(client, "retype", 409, entity="place-nairobi", kind="org")


def test_what_is_hidden_is_nowhere(client):
    text = get(client, "search", q="sentenced")["hits"][0]["text"]
    decide(client, "hide", entity=ANNA)
    told = json.dumps([everything(client)[k] for k in ("grouped", "typed", "suggest")])
    assert ANNA not in told
    page = get(client, "search", limit=100)
    assert ANNA not in {e["entity"] for h in page["hits"] for e in h["entities"]}
    assert get(client, "search", q="sentenced")["hits"][0]["text"] == text  # the words stay
    assert get(client, "search", person=ANNA)["total"]["paragraphs"] == 0
    assert get(client, "search", not_person=ANNA)["total"] == get(client, "search")["total"]
    get(client, f"entities/{ANNA}", 404)
    related = get(client, f"entities/{OTHER}")["related"]
    assert ANNA not in {v["id"] for v in related}
    assert get(client, "entities", prefix="anna")["entities"] == []
    assert client.get("/api/v1/entities?hidden=true").status_code == 401
    answer = client.get("/api/v1/entities?hidden=true", headers=HEADERS)
    (hidden,) = answer.get_json()["entities"]
    assert (hidden["id"], hidden["count"], hidden["hidden"]) == (ANNA, 3, True)
    assert "no-store" in answer.headers["Cache-Control"]
    undo(client, 1)
    assert values(client)[ANNA] == 3


def test_what_is_pinned_comes_first_and_keeps_its_name(client):
    assert [v["id"] for v in get(client, "facets/person")["values"]] == [OTHER, ANNA]
    decide(client, "pin", entity=ANNA)
    assert [v["id"] for v in get(client, "facets/person")["values"]] == [ANNA, OTHER]
    assert [e["id"] for e in get(client, "entities", kind="person")["entities"]] == [ANNA, OTHER]
    card = get(client, f"entities/{ANNA}")
    assert (card["pinned"], card["name"]) == (True, "Anna Berg")


# --- the log, and who may do what


def test_the_log_tells_who_did_what_and_when(client):
    merge(client, ANNA, into=OTHER)
    decide(client, "hide", entity="place-oslo", editor="Åsa Öberg")
    undo(client, 1)
    assert client.get("/api/v1/decisions").status_code == 401
    log = client.get("/api/v1/decisions", headers=HEADERS).get_json()
    told = [(d["number"], d["who"], d["action"], d["undone_by"], d["effect"]) for d in log["decisions"]]
    assert told == [
        (3, "berit", "undo", None, True),
        (2, "Åsa Öberg", "hide", None, True),
        (1, "anna", "merge", 3, False),
    ]
    assert all(d["at"].endswith("Z") for d in log["decisions"])
    first = client.get("/api/v1/decisions?limit=2", headers=HEADERS).get_json()
    assert (len(first["decisions"]), first["next"]) == (2, 2)
    rest = client.get("/api/v1/decisions?limit=2&before=2", headers=HEADERS).get_json()
    assert ([d["number"] for d in rest["decisions"]], rest["next"]) == ([1], None)
    about = client.get(f"/api/v1/decisions?entity={ANNA}", headers=HEADERS).get_json()
    assert [d["number"] for d in about["decisions"]] == [3, 1]
    card = get(client, f"entities/{ANNA}")  # everybody may read what was decided, not by whom
    assert [(d["number"], d["undone_by"], "who" in d) for d in card["decisions"]] == [
        (1, 3, False),
        (3, None, False),
    ]


def test_an_undoing_is_refused_where_there_is_nothing_to_undo(client):
    undo(client, 1, 404)
    decide(client, "hide", entity=ANNA)
    undo(client, 1)
    assert "undone by 2" in undo(client, 1, 409)["detail"]


BODY = {"action": "hide", "editor": "anna", "entity": ANNA}


@pytest.mark.parametrize("address", ["/api/v1/decisions", "/api/v1/decisions/1/undo"])
def test_writing_needs_the_key(client, path, address):
    assert client.post(address, json=BODY).status_code == 401
    assert client.post(address, json=BODY, headers={"X-API-Key": "wrong"}).status_code == 401
    keyless = create_app(Settings(index=path)).test_client()
    assert keyless.post(address, json=BODY, headers=HEADERS).status_code == 403
    assert keyless.get("/api/v1/decisions", headers=HEADERS).status_code == 403
    assert not (path / FILE).exists()


@pytest.mark.parametrize(
    ("body", "bad"),
    [
        ("[]", "body"), ("{", "body"), ("", "body"), ('"x"', "body"), ("null", "body"),
        ({}, "action"), ({"action": "explode"}, "action"), ({"action": ["merge"]}, "action"),
        ({"action": "undo", "number": 1, "editor": "anna"}, "action"),
        ({**BODY, "editor": None}, "editor"), ({**BODY, "editor": "  "}, "editor"),
        ({**BODY, "editor": "x" * 201}, "editor"), ({**BODY, "editor": "a\u0000b"}, "editor"),
        ({**BODY, "entity": 7}, "entity"), ({**BODY, "colour": "red"}, "colour"),
        ({**BODY, "action": "rename"}, "name"), ({**BODY, "action": "rename", "name": "a\nb"}, "name"),
        ({**BODY, "action": "rename", "name": "\ud800"}, "name"),
        ({**BODY, "action": "retype", "kind": "thing"}, "kind"),
        ({**BODY, "action": "split", "name": "x", "articles": []}, "articles"),
        ({"action": "merge", "editor": "anna", "from": [], "into": ANNA}, "from"),
        ({"action": "merge", "editor": "anna", "from": "x", "into": ANNA}, "from"),
        ({"action": "merge", "editor": "anna", "from": ["x"] * 1_001, "into": ANNA}, "from"),
    ],
)  # fmt: skip
def test_a_body_that_cannot_be_used_is_a_problem_that_names_it(client, body, bad):
    data = body if isinstance(body, str) else json.dumps(body)
    answer = client.post("/api/v1/decisions", data=data, content_type="application/json", headers=HEADERS)
    assert (answer.status_code, answer.mimetype) == (400, PROBLEM)
    assert bad in {e["parameter"] for e in answer.get_json()["errors"]}


def test_what_is_not_there_cannot_be_decided_about(client):
    assert "person-nobody" in decide(client, "hide", 404, entity="person-nobody")["detail"]
    merge(client, "person-nobody", into=ANNA, status=404)
    merge(client, ANNA, into="person-nobody", status=404)
    assert client.get("/api/v1/decisions", headers=HEADERS).get_json()["decisions"] == []


def test_names_are_text_wherever_they_are_shown(client):
    decide(client, "rename", entity=ANNA, name="<img src=x onerror=alert(1)> & 'Co' \u202etxt")
    page = client.get("/", query_string={"person": ANNA}).text
    assert "<img" not in page
    assert "&lt;img src=x" in page


# --- caching, pages, carrying elsewhere


def test_a_kept_answer_is_not_kept_beyond_a_decision(client):
    tags = [client.get("/api/v1/search").headers["ETag"]]
    for act in (lambda: decide(client, "pin", entity=ANNA), lambda: undo(client, 1), lambda: undo(client, 2)):
        act()
        answer = client.get("/api/v1/search", headers={"If-None-Match": tags[-1]})
        assert answer.status_code == 200
        tags.append(answer.headers["ETag"])
    assert len(set(tags)) == 4
    assert client.get("/api/v1/search", headers={"If-None-Match": tags[-1]}).status_code == 304


class Links(HTMLParser):
    def __init__(self, text):
        super().__init__()
        self.found = []
        self.feed(text)

    def handle_starttag(self, tag, attrs):
        if tag == "a":
            self.found.append(dict(attrs).get("href", ""))


def test_the_page_under_an_old_id_can_be_left_and_continued(client):
    merge(client, ANNA, into=OTHER)
    page = client.get("/", query_string={"person": ANNA, "limit": 2})
    assert "Peter Otieno" in page.text
    assert "Anna Berg</bdi>" not in page.text
    links = [dict(parse_qsl(urlsplit(h).query)) for h in Links(page.text).found]
    assert any("person" not in q and "cursor" not in q and q.get("limit") == "2" for q in links)
    (following,) = [q for q in links if "cursor" in q]
    second = client.get("/", query_string=following)
    assert second.status_code == 200
    assert "damaged" not in second.text and "has changed" not in second.text


def test_a_cursor_goes_on_across_a_decision(client):
    first = get(client, "search", sort="newest", limit=2)
    decide(client, "rename", entity=ANNA, name="Anna B.")
    second = get(client, "search", sort="newest", limit=2, cursor=first["next"])
    assert {h["id"] for h in second["hits"]}.isdisjoint({h["id"] for h in first["hits"]})


def test_indexing_from_scratch_keeps_decisions(client, path):
    merge(client, ANNA, into=OTHER)
    decide(client, "hide", entity="place-oslo")
    before = everything(client)
    shutil.rmtree(path / "whoosh")
    (path / "dateline.json").unlink()
    put(path)
    after = everything(create_app(Settings(index=path)).test_client())
    assert after == before


def test_articles_to_come_are_under_the_decisions(client, path):
    merge(client, ANNA, into=OTHER)
    put(path, [("a5", "More", "Anna Berg went home.")])
    client.application.extensions["dateline"]["engine"].look_again()
    assert values(client)[OTHER] == 6


def test_a_backup_carries_decisions(client, path, tmp_path):
    merge(client, ANNA, into=OTHER)
    before = everything(client)
    backup(path, tmp_path / "b.tar.gz", 1)
    restore(tmp_path / "b.tar.gz", tmp_path / "back")
    assert everything(create_app(Settings(index=tmp_path / "back")).test_client()) == before


def test_a_damaged_archive_is_a_problem_and_nothing_hidden_is_shown(client, path):
    decide(client, "hide", entity=ANNA)
    (path / FILE).write_bytes(b"no archive" * 500)
    fresh = create_app(Settings(index=path, api_key=KEY)).test_client()
    answer = fresh.get("/api/v1/search")
    assert (answer.status_code, answer.mimetype) == (503, PROBLEM)
    assert FILE in answer.get_json()["detail"]
    assert fresh.get("/readyz").status_code == 503


def test_the_description_has_every_decision(client):
    paths = get(client, "openapi.json")["paths"]
    posting = paths["/api/v1/decisions"]["post"]
    bodies = posting["requestBody"]["content"]["application/json"]["schema"]["oneOf"]
    assert len(bodies) == 5  # hide and pin take the same; twice in a oneOf, it would never fit
    assert all("$ref" in b for b in bodies)
    assert {"200", "default"} & set(paths["/api/v1/decisions"]["get"]["responses"])
    assert "/api/v1/decisions/{number}/undo" in paths
    assert quote(ANNA) == ANNA  # ids need no escaping in an address
