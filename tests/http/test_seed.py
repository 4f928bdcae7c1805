"""What two articles in one file must show: the seed, where it is there, and an invented pair."""

import json

import pytest
from click.testing import CliRunner

from api.cli import main_group

SAID = {}


def index(source, home):
    """Index by the command itself; returns what it says of it."""
    done = CliRunner().invoke(main_group, ["index", str(source), "--json"], env=home.environ)
    assert done.exit_code == 0, done.output
    return json.loads(done.stdout)


@pytest.fixture
def indexed(seed, engine_kind, homes):
    """The seed on either engine, and what the command said of it."""
    home = homes.shared(engine_kind, "seed", lambda home: SAID.update({engine_kind: index(seed, home)}))
    return home, SAID[engine_kind]


@pytest.fixture
def client(indexed):
    return indexed[0].client()


@pytest.fixture
def dump_client(dump_home):
    return dump_home.client()


def ask(client, q="", **parameters):
    answer = client.get("/api/v1/search", query_string={"q": q, "limit": 100, **parameters})
    assert answer.status_code == 200
    return answer.get_json()


def places(page):
    """Hits as (headline's first word, ordinal)."""
    return {(hit["article"]["headline"].split()[0], hit["ordinal"]) for hit in page["hits"]}


def article(client, first):
    hits = ask(client)["hits"]
    link = next(h["links"]["article"] for h in hits if h["article"]["headline"].startswith(first))
    return client.get(link).get_json()


def dates(found):
    return {d["text"]: d["timex"] for p in found["paragraphs"] for d in p["dates"]}


def names(page, kind):
    return {value["name"]: value["count"] for value in page["facets"][kind]["values"]}


def mentions(found, entity):
    return {e["text"] for p in found["hits"] for e in p["entities"] if e["name"] == entity}


def kinds(client):
    found = [hit["kind"] for hit in ask(client)["hits"]]
    return {kind: found.count(kind) for kind in set(found)}


# --- the seed


def test_it_is_counted(indexed, client):
    _, summary = indexed
    counted = {key: summary[key] for key in ("documents", "articles", "paragraphs", "failed")}
    assert counted == {"documents": 1, "articles": 2, "paragraphs": 22, "failed": 0}
    assert kinds(client) == {"headline": 2, "body": 19, "caption": 1}


def test_the_second_article_is_dated_by_inference(client):
    found = article(client, "US")
    assert (found["published"], found["published_by"]) == ("2014-03-11", "inferred")
    assert found["published_evidence"]
    timex = dates(found)
    assert timex["Monday (March 10)"] == "2014-03-10"
    assert next(v for k, v in timex.items() if "(March 16)" in k) == "2014-03-16"


def test_the_first_article_is_not_dated_by_guessing(client):
    found = article(client, "John")
    assert (found["published"], found["published_by"]) == (None, None)
    timex = dates(found)
    assert timex["April 2014"] == "2014-04"
    assert timex["the autumn of 2013"] == "2013-FA"
    assert timex["Tuesday"] is None


def test_the_people_are_five(client):
    page = ask(client, facet_limit=100)
    assert set(names(page, "person")) == {
        "John Kerry", "Vladimir Putin", "Sergei Lavrov", "Dmitry Peskov", "Jen Psaki",
    }  # fmt: skip
    assert len(page["facets"]["person"]["values"]) == 5
    assert "Kerry" in mentions(page, "John Kerry")
    assert "Psaki" in mentions(page, "Jen Psaki")
    putin = mentions(page, "Vladimir Putin")
    assert any(text in putin for text in ("President Putin", "Putin"))


def test_the_places(client):
    page = ask(client, facet_limit=100)
    assert {"United States", "Russia", "Ukraine", "Crimea", "Moscow"} <= set(names(page, "place"))
    assert {"U.S.", "US", "United States"} <= {
        t.removeprefix("the ") for t in mentions(page, "United States")
    }
    assert not {"U.S.", "US"} & set(names(page, "place"))


def test_the_state_department_is_an_organisation(client):
    assert "State Department" in names(ask(client, facet_limit=100), "org")


def test_quotes_mean_exact_words(client):
    # The second article's third body paragraph stands after its headline and its caption.
    found = ask(client, '"Secretary of State"')["hits"]
    third = [p for p in article(client, "US")["paragraphs"] if p["kind"] == "body"][2]
    first = next(p for p in article(client, "John")["paragraphs"] if p["kind"] == "body")
    assert {hit["id"] for hit in found} == {first["id"], third["id"]}
    for hit in found:
        marks = [hit["snippet"]["text"][a:b] for a, b in hit["snippet"]["marks"]]
        assert marks == ["Secretary of State"]


def test_glued_words_are_found(client):
    texts = [hit["text"] for hit in ask(client, "russian")["hits"]]
    assert any(text.startswith("RussianU.S. Secretary") for text in texts)


def test_endings_do_not_matter_but_in_quotes(client):
    annexing = places(ask(client, "annexing"))
    assert annexing == places(ask(client, "annexed"))
    assert len(annexing) == 1
    assert places(ask(client, '"annexed"')) == set()


def test_indexing_it_twice_changes_nothing(indexed, seed, client):
    home, first = indexed
    before = [hit["id"] for hit in ask(client)["hits"]]
    again = index(seed, home)
    assert {**again, "seconds": 0, "unchanged": 0} == {**first, "seconds": 0, "unchanged": 0}
    assert [hit["id"] for hit in ask(client)["hits"]] == before


# --- the invented pair


def test_own_is_counted(dump_client):
    assert kinds(dump_client) == {"headline": 2, "body": 11, "caption": 1}


def test_own_second_article_is_dated_by_inference(dump_client):
    found = article(dump_client, "US")
    assert (found["published"], found["published_by"]) == ("2016-10-06", "inferred")
    assert found["published_evidence"]
    timex = dates(found)
    assert timex["Wednesday (October 5)"] == "2016-10-05"
    assert next(v for k, v in timex.items() if "(October 9)" in k) == "2016-10-09"


def test_own_first_article_is_not_dated_by_guessing(dump_client):
    found = article(dump_client, "Anna")
    assert (found["published"], found["published_by"]) == (None, None)
    timex = dates(found)
    assert timex["June 2016"] == "2016-06"
    assert timex["the spring of 2015"] == "2015-SP"
    assert timex["Friday"] is None


def test_own_people(dump_client):
    page = ask(dump_client, facet_limit=100)
    assert set(names(page, "person")) == {
        "Anna Berg", "Joseph Mwangi", "Grace Wanjiru", "Peter Otieno", "Paul Lindgren",
    }  # fmt: skip
    assert {"Anna Berg", "Berg"} <= mentions(page, "Anna Berg")
    assert {"Paul Lindgren", "Lindgren"} <= mentions(page, "Paul Lindgren")


def test_own_places_and_organisations(dump_client):
    page = ask(dump_client, facet_limit=100)
    assert {"United States", "Kenya", "Uganda", "Nairobi", "Mombasa"} <= set(names(page, "place"))
    assert not {"U.S.", "US"} & set(names(page, "place"))
    assert "Commerce Department" in names(page, "org")


def test_own_quotes_mean_exact_words(dump_client):
    found = ask(dump_client, '"Secretary of Trade"')["hits"]
    third = [p for p in article(dump_client, "US")["paragraphs"] if p["kind"] == "body"][2]
    first = next(p for p in article(dump_client, "Anna")["paragraphs"] if p["kind"] == "body")
    assert {hit["id"] for hit in found} == {first["id"], third["id"]}


def test_own_glued_words_and_endings(dump_client):
    assert ("Anna", 1) in places(ask(dump_client, "swedish"))
    assert places(ask(dump_client, "proposing")) == places(ask(dump_client, "proposals")) != set()
    assert places(ask(dump_client, '"proposing"')) == set()
