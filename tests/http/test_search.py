"""Reading by HTTP, to the letter of the contract."""

import gzip
import json
import re
import shutil
from dataclasses import replace
from html import unescape
from urllib.parse import quote, urlencode

import pytest

from api.app import create_app
from api.settings import Settings
from index.model import Metadata, stable_id
from search.whoosh_engine import WhooshEngine
from tests import wire
from tests.homes import Home

PROBLEM = "application/problem+json"
ISO_DAY = re.compile(r"\d{4}-\d\d-\d\d")
REPEATABLE = ["person", "org", "place", "not_person", "not_org", "not_place"]
SINGLE = {
    "q": "dam", "person_mode": "all", "org_mode": "any", "place_mode": "all",
    "published_from": "2014", "published_to": "2018-03",
    "mentioned_from": "2014-03-11", "mentioned_to": "2019",
    "undated": "include", "sort": "newest", "group": "article", "limit": "5",
    "duplicates": "fold", "story": "a",
    "facets": "person,published", "facet_limit": "3", "interval": "year",
}  # fmt: skip


def search(client, status=200, **parameters):
    answer = client.get("/api/v1/search", query_string=parameters)
    assert answer.status_code == status, answer.text[:500]
    return answer.get_json()


def check_problem(answer, status):
    assert answer.status_code == status
    assert answer.mimetype == PROBLEM
    body = answer.get_json()
    assert {"type", "title", "status", "detail"} <= set(body)
    assert body["status"] == status
    assert all(isinstance(body[k], str) and body[k] for k in ("type", "title", "detail"))
    return body


def bad(client, **parameters):
    body = check_problem(client.get("/api/v1/search", query_string=parameters), 400)
    return {error["parameter"] for error in body["errors"]}


@pytest.fixture
def client(sample_home):
    """The application on the sample, on either engine."""
    return sample_home.client()


@pytest.fixture
def plain(sample_index):
    """The application for what does not reach the engine: one of them is enough."""
    return Home(Settings(index=sample_index)).client()


@pytest.fixture
def own(home, homes):
    """An application on a copy of the sample that the test may change."""
    if home.on_cluster:
        homes.build(home, "sample")
    else:
        shutil.copytree(homes.of_files("whoosh", "sample").settings.index, home.settings.index)
    return home, home.client()


def drop(home, client, hit):
    """Remove a hit's document from the index and wait until the application sees it."""
    document = client.get(hit["links"]["article"]).get_json()["document"]
    with home.store() as store:
        assert store.delete(document)
    client.application.extensions["dateline"]["engine"].close()


# --- the shape


def test_an_answer_has_every_key_of_the_contract(client):
    page = search(client, q="dam")
    assert set(page) == {"query", "total", "took_ms", "hits", "facets", "next"}
    assert set(page["query"]) == {"text", "parsed", "suggestion", "notes"}
    assert page["query"] == {"text": "dam", "parsed": "dam", "suggestion": None, "notes": []}
    assert set(page["total"]) == {"paragraphs", "articles", "stories"}
    assert page["total"]["paragraphs"] >= page["total"]["articles"] > 0
    assert isinstance(page["took_ms"], float)
    assert len(page["hits"]) == 20
    assert isinstance(page["next"], str)


def test_a_hit_has_every_key_of_the_contract(client):
    hits = search(client, q="dam", limit=100)["hits"]
    for hit in hits:
        assert {
            "id",
            "ordinal",
            "kind",
            "score",
            "text",
            "snippet",
            "article",
            "story",
            "dates",
            "entities",
            "links",
        } == set(hit)
        assert hit["kind"] in {"headline", "body", "caption", "heading", "quote"}
        assert hit["score"] > 0
        assert set(hit["snippet"]) == {"text", "html", "marks"}
        assert {"id", "headline", "published", "published_by", "source", "url"} <= set(hit["article"])
        assert {"self", "article"} <= set(hit["links"])
        for mention in hit["dates"]:
            assert set(mention) == {"start", "end", "text", "timex", "from", "to", "reason"}
            assert (mention["from"] is None) == (mention["to"] is None)
            assert hit["text"][mention["start"] : mention["end"]] == mention["text"]
        for mention in hit["entities"]:
            assert set(mention) == {"start", "end", "text", "kind", "entity", "name", "reason"}
            assert hit["text"][mention["start"] : mention["end"]] == mention["text"]
    assert any(hit["dates"] for hit in hits)
    assert any(hit["entities"] for hit in hits)


def test_a_day_of_publication_comes_with_how_it_is_known(client):
    hits = search(client, limit=100, group="article")["hits"]
    for article in (hit["article"] for hit in hits):
        assert article["published_by"] in ("metadata", "stated", "inferred", None)
        assert (article["published"] is None) == (article["published_by"] is None)
        assert article["published"] is None or ISO_DAY.fullmatch(article["published"])


def test_facets_have_every_key_of_the_contract(client):
    facets = search(client)["facets"]
    assert list(facets) == ["person", "org", "place", "published", "mentioned"]
    for kind in ("person", "org", "place"):
        assert {"values", "other"} <= set(facets[kind])
        assert len(facets[kind]["values"]) == 10
        for value in facets[kind]["values"]:
            assert {"id", "name", "count", "selected"} <= set(value)
            assert value["count"] > 0
            assert value["selected"] is False
    for axis in ("published", "mentioned"):
        assert set(facets[axis]) == {"interval", "buckets", "undated"}
        assert facets[axis]["interval"] in ("year", "quarter", "month", "week", "day")
        for bucket in facets[axis]["buckets"]:
            assert set(bucket) == {"from", "to", "count", "precise"}
            assert ISO_DAY.fullmatch(bucket["from"])
            assert bucket["from"] <= bucket["to"]
            assert bucket["count"] > 0


def test_the_snippet_is_escaped_text_with_marks_alone(client):
    for hit in search(client, q='dam OR "the harbour" OR port', limit=100)["hits"]:
        snippet = hit["snippet"]
        assert set(re.findall(r"<[^>]*>", snippet["html"])) <= {"<mark>", "</mark>"}
        assert snippet["html"].count("<mark>") == len(snippet["marks"])
        marked = [snippet["text"][a:b] for a, b in snippet["marks"]]
        assert re.findall(r"<mark>(.*?)</mark>", snippet["html"], re.DOTALL) == marked
        assert marked


def test_links_lead_somewhere(client):
    for hit in search(client, q="dam", limit=3)["hits"]:
        alone = client.get(hit["links"]["self"]).get_json()
        assert (alone["id"], alone["text"]) == (hit["id"], hit["text"])
        article = client.get(hit["links"]["article"]).get_json()
        assert article["id"] == hit["article"]["id"]
        assert hit["id"] in {p["id"] for p in article["paragraphs"]}


def test_empty_means_everything(client):
    everything = client.get("/api/v1/stats").get_json()["paragraphs"]
    for q in ("", " ", "*"):
        assert search(client, q=q)["total"]["paragraphs"] == everything


# --- parameters


@pytest.mark.parametrize("name", SINGLE)
def test_each_parameter_is_taken(client, name):
    search(client, **{name: SINGLE[name]})


def test_all_parameters_at_once_are_taken(client):
    search(client, **SINGLE, **{name: ["a", "b"] for name in REPEATABLE})


@pytest.mark.parametrize("kind", ["person", "org", "place"])
def test_filters_on_names(client, kind):
    first, second = search(client)["facets"][kind]["values"][:2]
    chosen = [first["id"], second["id"]]
    total = lambda **p: search(client, **p)["total"]["paragraphs"]  # noqa: E731
    either, both = total(**{kind: chosen}), total(**{kind: chosen, f"{kind}_mode": "all"})
    assert total(**{kind: first["id"]}) == first["count"]
    assert either == total(**{kind: chosen, f"{kind}_mode": "any"}) == first["count"] + second["count"] - both
    assert total(**{f"not_{kind}": first["id"]}) == total() - first["count"]
    assert total(**{kind: first["id"], f"not_{kind}": second["id"]}) == first["count"] - both


def test_a_facet_counts_after_every_filter_but_its_own(client):
    before = search(client)["facets"]
    person, place = before["person"]["values"][0], before["place"]["values"][0]
    page = search(client, person=person["id"])
    mine = [{**v, "selected": v["id"] == person["id"]} for v in before["person"]["values"]]
    assert page["facets"]["person"]["values"] == mine
    for value in page["facets"]["place"]["values"]:
        narrowed = search(client, person=person["id"], place=value["id"])
        assert narrowed["total"]["paragraphs"] == value["count"]
    assert (
        sum(b["count"] for b in page["facets"]["published"]["buckets"])
        + page["facets"]["published"]["undated"]
        == page["total"]["paragraphs"]
    )
    other = search(client, place=place["id"])["facets"]["place"]["values"]
    assert [v["count"] for v in other] == [v["count"] for v in before["place"]["values"]]


def test_a_chosen_value_is_always_listed(client):
    rare = client.get("/api/v1/facets/person?limit=100").get_json()["values"][-1]
    facet = search(client, person=rare["id"], facet_limit=1)["facets"]["person"]
    assert [v["id"] for v in facet["values"]][1:] == [rare["id"]]
    assert facet["values"][1]["selected"] is True
    nothing = search(client, q="zzzz", person=rare["id"])["facets"]["person"]
    assert [(v["id"], v["count"]) for v in nothing["values"]] == [(rare["id"], 0)]


def test_facet_limit_and_other_add_up(client):
    few, many = (search(client, facet_limit=n)["facets"]["person"] for n in (2, 100))
    total = sum(v["count"] for v in many["values"]) + many["other"]
    assert len(few["values"]) == 2
    assert sum(v["count"] for v in few["values"]) + few["other"] == total


def test_which_facets(client):
    assert list(search(client, facets="org,mentioned")["facets"]) == ["org", "mentioned"]
    assert search(client, facets="")["facets"] == {}


@pytest.mark.parametrize("interval", ["year", "quarter", "month", "week", "day"])
def test_intervals(client, interval):
    page = search(client, interval=interval)
    facets, total = page["facets"], page["total"]["paragraphs"]
    if interval != "day":  # many years of days may be more buckets than anyone can look at
        assert facets["published"]["interval"] == interval
    assert sum(b["count"] for b in facets["published"]["buckets"]) + facets["published"]["undated"] == total


def published(client, **parameters):
    hits = search(client, limit=100, facets="", group="article", **parameters)["hits"]
    return sorted(hit["article"]["published"] or "" for hit in hits)


def test_days_months_and_years_include_both_ends(client):
    days = [day for day in published(client) if day]
    for length in (10, 7, 4):
        first, last = days[len(days) // 3][:length], days[2 * len(days) // 3][:length]
        found = published(client, published_from=first, published_to=last)
        assert found == [day for day in days if first <= day[:length] <= last]
        assert found
        assert published(client, published_to=last) == [day for day in days if day[:length] <= last]
        assert published(client, published_from=first) == [day for day in days if day[:length] >= first]


def test_mentioned_days_are_those_that_overlap(client):
    hits = search(client, mentioned_from="2016-02", mentioned_to="2016-03", limit=100)["hits"]
    assert hits
    for hit in hits:
        assert any(d["from"] and d["from"] <= "2016-03-31" and d["to"] >= "2016-02-01" for d in hit["dates"])


def test_undated(client):
    everything = published(client)
    assert "" in everything
    dated = [day for day in everything if day]
    assert published(client, undated="include") == everything
    assert published(client, undated="exclude") == dated
    assert set(published(client, undated="only")) == {""}
    assert published(client, undated="include", published_from="1000") == everything


def test_sorts(client):
    newest = [
        h["article"]["published"] for h in search(client, sort="newest", undated="exclude", limit=100)["hits"]
    ]
    oldest = [
        h["article"]["published"] for h in search(client, sort="oldest", undated="exclude", limit=100)["hits"]
    ]
    assert newest == sorted(newest, reverse=True)
    assert oldest == sorted(oldest)
    scores = [h["score"] for h in search(client, q="dam", limit=100)["hits"]]
    assert scores == sorted(scores, reverse=True)
    assert search(client, limit=5)["hits"] == search(client, limit=5, sort="newest")["hits"]


def test_one_hit_an_article(client):
    page = search(client, q="dam", group="article", limit=100)
    ids = [hit["article"]["id"] for hit in page["hits"]]
    assert len(ids) == len(set(ids)) == page["total"]["articles"]
    assert page["facets"]["published"]["undated"] + sum(
        b["count"] for b in page["facets"]["published"]["buckets"]
    ) == len(ids)


@pytest.mark.parametrize("limit", [1, 100])
def test_limits_that_are_taken(client, limit):
    assert len(search(client, limit=limit)["hits"]) == limit


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("limit", "-1"), ("limit", "0"), ("limit", "101"), ("limit", "x"), ("limit", "1.5"),
        ("limit", "9" * 5000),
        ("facet_limit", "0"), ("facet_limit", "101"), ("sort", "best"), ("group", "paragraph"),
        ("undated", "yes"), ("interval", "decade"), ("person_mode", "none"), ("facets", "person,colour"),
        ("published_from", "2014-13"), ("published_from", "2014-02-30"), ("published_to", "99999"),
        ("published_to", "2014-13"), ("published_to", "2014-02-30"), ("mentioned_from", "99999"),
        ("mentioned_to", "0000"), ("mentioned_from", "0000-01-01"), ("mentioned_to", "yesterday"),
        ("published_from", "2014-"), ("published_from", "11.3.2014"), ("published_from", "٢٠١٤x"),
        ("unknown", "1"), ("Q", "1"), ("limit[]", "1"), ("person", "x" * 201), ("cursor", "x" * 501),
    ],
)  # fmt: skip
def test_a_bad_parameter_is_named(plain, name, value):
    assert bad(plain, **{name: value}) == {name}


def test_every_bad_parameter_is_named(plain):
    assert bad(plain, limit="-1", colour="red", published_from="x", shape="round") == {
        "limit", "colour", "published_from", "shape",
    }  # fmt: skip


def test_days_in_the_wrong_order_are_named(client):
    assert bad(client, published_from="2016", published_to="2015") == {"published_to"}
    assert search(client, published_from="2016-05", published_to="2016")["total"]


def test_an_empty_field_of_a_form_is_as_good_as_absent(client):
    names = [name for name in SINGLE if name != "facets"]
    assert (
        search(client, **dict.fromkeys([*names, *REPEATABLE, "cursor"], ""))["hits"] == search(client)["hits"]
    )


@pytest.mark.parametrize(
    "q", ["*", "/", "?", "(" * 300, '"' * 99, "~", "AND", "\0", "a" * 3_000, "🚀", "שלום", "'; DROP TABLE",
          "<script>",
          "-" * 99, "-(" * 500, "../../etc/passwd", "{{7*7}}", "%00", "headline:", "w*" * 50, "?*?*?*a"],
)  # fmt: skip
def test_no_query_is_an_error(client, q):
    page = search(client, q=q)
    assert page["query"]["text"] == q
    assert "<script" not in json.dumps([h["snippet"]["html"] for h in page["hits"]])


def test_a_query_that_is_not_unicode_is_answered(client):
    assert client.get("/api/v1/search?q=%ff%fe").status_code == 200
    assert client.get("/api/v1/search?q=%ed%a0%80").status_code == 200


def test_a_misspelt_word_and_a_left_out_one_are_told(client):
    assert search(client, q="harbuor")["query"]["suggestion"] == "harbour"
    notes = search(client, q="the dam")["query"]["notes"]
    assert notes == ["Left out as too common: the. Put words in quotes to require them."]


# --- pages


@pytest.mark.parametrize("sort", ["relevance", "newest", "oldest"])
def test_pages_meet(client, sort):
    whole, page = [], search(client, q="dam", sort=sort, limit=7, facets="")
    while True:
        whole += [hit["id"] for hit in page["hits"]]
        if page["next"] is None:
            break
        page = search(client, q="dam", sort=sort, limit=7, facets="", cursor=page["next"])
    assert len(whole) == len(set(whole)) == page["total"]["paragraphs"]


def test_link_headers_lead_to_the_next_page_and_the_first(client):
    parameters = [("q", "dam"), ("limit", "5"), ("not_person", "person-x"), ("not_person", "person-y")]
    first = client.get(f"/api/v1/search?{urlencode(parameters)}")
    (link,) = first.headers.getlist("Link")
    following = re.fullmatch(r'<(.*)>; rel="next"', link)[1]
    second = client.get(following)
    assert {h["id"] for h in second.get_json()["hits"]}.isdisjoint(h["id"] for h in first.get_json()["hits"])
    back = [
        found[1]
        for link in second.headers.getlist("Link")
        if (found := re.fullmatch(r'<(.*)>; rel="first"', link))
    ]
    assert client.get(back[0]).get_json()["hits"] == first.get_json()["hits"]


def test_the_last_page_has_no_next(client):
    answer = client.get("/api/v1/search?q=zzzz")
    assert answer.get_json()["next"] is None
    assert "Link" not in answer.headers


def test_a_cursor_of_another_search_is_refused(client):
    following = search(client, q="dam", limit=2)["next"]
    body = check_problem(client.get(f"/api/v1/search?q=port&cursor={following}"), 400)
    assert "another search" in body["detail"]
    check_problem(client.get("/api/v1/search?cursor=nonsense"), 400)


def test_a_cursor_whose_hit_was_removed_says_expired(own):
    home, client = own
    page = search(client, q="dam", limit=3)
    drop(home, client, page["hits"][-1])
    body = check_problem(client.get(f"/api/v1/search?q=dam&limit=3&cursor={page['next']}"), 410)
    assert "expired" in body["detail"]


# --- what else is read


def test_an_article(client):
    hit = search(client, q="dam")["hits"][0]
    article = client.get(f"{hit['links']['article']}?q=dam").get_json()
    assert set(hit["article"]) < set(article)
    keys = "published_evidence document boundary dateline byline agency extra paragraphs links"
    assert set(keys.split()) <= set(article)
    assert [p["ordinal"] for p in article["paragraphs"]] == sorted(
        p["ordinal"] for p in article["paragraphs"]
    )
    assert any(p["snippet"]["marks"] for p in article["paragraphs"])


def test_an_inferred_day_has_its_evidence(dump_client):
    hit = search(dump_client, q="headline:steel")["hits"][0]
    article = dump_client.get(hit["links"]["article"]).get_json()
    assert article["published_by"] == "inferred"
    assert article["published_evidence"]


def test_values_of_a_facet_are_found_by_typing(client):
    first = search(client)["facets"]["person"]["values"][0]
    answer = client.get(f"/api/v1/facets/person?prefix={quote(first['name'][:4].lower())}").get_json()
    assert answer["kind"] == "person"
    assert first["id"] in {v["id"] for v in answer["values"]}
    check_problem(client.get("/api/v1/facets/colour"), 404)


def test_suggestions(client):
    answer = client.get("/api/v1/suggest?q=harbo").get_json()
    assert "harbour" in answer["words"]
    assert set(answer) == {"q", "words", "entities", "suggestion"}
    assert client.get("/api/v1/suggest").get_json()["words"] == []


def test_similar_paragraphs(client):
    hit = search(client, q="dam inquiry")["hits"][0]
    page = client.get(f"/api/v1/similar/{hit['id']}?limit=3").get_json()
    assert 0 < len(page["hits"]) <= 3
    assert hit["id"] not in {h["id"] for h in page["hits"]}


def test_an_entity(client):
    value = search(client)["facets"]["person"]["values"][0]
    card = client.get(f"/api/v1/entities/{value['id']}").get_json()
    assert (card["id"], card["name"], card["kind"]) == (value["id"], value["name"], "person")
    assert card["total"]["paragraphs"] == value["count"]
    assert card["total"].items() <= client.get(card["links"]["search"]).get_json()["total"].items()


@pytest.mark.parametrize(
    "path",
    [
        "/api/v1/articles/none", "/api/v1/paragraphs/none", "/api/v1/entities/none", "/api/v1/similar/none",
        "/api/v1/none", "/api/v2/search", "/api/v1/docs/none.js", "/api/v1/problems/none", "/api/v1/",
    ],
)  # fmt: skip
def test_what_is_not_there_is_a_problem(client, path):
    check_problem(client.get(path), 404)


@pytest.mark.parametrize(
    "path",
    ["/api/v1/articles/x?colour=1", "/api/v1/entities/x?colour=1", "/api/v1/facets/person?colour=1",
     "/api/v1/suggest?colour=1", "/api/v1/similar/x?colour=1", "/api/v1/stats?colour=1",
     "/api/v1/paragraphs/x?colour=1"],
)  # fmt: skip
def test_unknown_parameters_are_named_everywhere(plain, path):
    assert [e["parameter"] for e in check_problem(plain.get(path), 400)["errors"]] == ["colour"]


# --- HTTP itself


def test_a_wrong_method_is_a_problem(plain):
    answer = plain.post("/api/v1/search")
    check_problem(answer, 405)
    assert "GET" in answer.headers["Allow"]


def test_a_long_address_is_a_problem(sample_index):
    client = create_app(Settings(index=sample_index, max_url=1_000)).test_client()
    body = check_problem(client.get(f"/api/v1/search?q={'x' * 2_000}"), 414)
    assert "1000" in body["detail"]


def test_an_unexpected_error_is_a_problem_that_tells_no_secret(sample_index):
    class Broken(WhooshEngine):
        def search(self, request):
            raise RuntimeError("the secret is 42")

    app = create_app(Settings(index=sample_index), Broken(sample_index))
    answer = app.test_client().get("/api/v1/search")
    check_problem(answer, 500)
    assert "secret" not in answer.text
    assert "Traceback" not in answer.text


def test_every_problem_type_is_explained(plain):
    kinds = [plain.get(path).get_json()["type"] for path in ("/api/v1/none", "/api/v1/search?limit=0")]
    kinds.append(plain.put("/api/v1/search").get_json()["type"])
    for kind in kinds:
        answer = plain.get(kind)
        assert answer.status_code == 200
        assert answer.mimetype == "text/plain"


def test_an_answer_is_not_sent_twice(client):
    first = client.get("/api/v1/search?q=dam")
    tag = first.headers["ETag"]
    again = client.get("/api/v1/search?q=dam", headers={"If-None-Match": tag})
    assert (again.status_code, again.data, again.headers["ETag"]) == (304, b"", tag)
    other = client.get("/api/v1/search?q=port", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


def test_a_commit_changes_the_tag(own):
    home, client = own
    first = client.get("/api/v1/search?q=dam")
    drop(home, client, first.get_json()["hits"][0])
    again = client.get("/api/v1/search?q=dam", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 200
    assert again.headers["ETag"] != first.headers["ETag"]
    assert again.get_json()["total"] != first.get_json()["total"]


def test_answers_are_compressed_for_who_takes_it(plain):
    answer = plain.get("/api/v1/search?q=dam", headers={"Accept-Encoding": "gzip"})
    assert answer.headers["Content-Encoding"] == "gzip"
    assert json.loads(gzip.decompress(answer.data))["query"]["text"] == "dam"
    assert "Accept-Encoding" in answer.headers["Vary"]
    assert "Content-Encoding" not in plain.get("/api/v1/search?q=dam").headers


@pytest.mark.parametrize(
    "path", ["/", "/api/v1/search", "/api/v1/none", "/healthz", "/api/v1/docs", "/nothing"]
)
def test_every_answer_carries_the_security_headers(plain, path):
    headers = plain.get(path).headers
    policy = headers["Content-Security-Policy"]
    assert "default-src 'none'" in policy
    assert "script-src 'self';" in policy
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert headers["X-Frame-Options"] == "SAMEORIGIN"


# --- the description


def test_the_description_is_openapi_3_1_and_names_every_route(plain):
    described = plain.get("/api/v1/openapi.json").get_json()
    assert described["openapi"].startswith("3.1.")
    routes = {
        (re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", rule.rule), method.lower())
        for rule in plain.application.url_map.iter_rules()
        if rule.rule.startswith("/api/v1/")
        and not re.search(r"/(openapi\.json|docs.*|problems/.*)$", rule.rule)
        for method in rule.methods - {"HEAD", "OPTIONS"}
    }
    named = {
        (path, method)
        for path, of_path in described["paths"].items()
        for method in of_path
        if method != "parameters"
    }
    assert routes == named
    for of_path in described["paths"].values():
        assert all(of_path[m].get("summary") for m in of_path if m != "parameters")


def test_the_description_names_every_parameter_of_a_search(plain):
    parameters = plain.get("/api/v1/openapi.json").get_json()["paths"]["/api/v1/search"]["get"]["parameters"]
    assert {p["name"] for p in parameters} == {*SINGLE, *REPEATABLE, "cursor"}
    assert all(p.get("description") or p["schema"].get("description") for p in parameters)


def test_the_documentation_page_loads_from_here_alone(plain):
    page = plain.get("/api/v1/docs")
    assert page.status_code == 200
    addresses = re.findall(r'(?:src|href)="([^"]+)"', page.text)
    assert len(addresses) >= 3
    for address in addresses:
        assert address.startswith("/")
        assert not address.startswith("//")
        with plain.get(address) as answer:
            assert answer.status_code == 200, address


# --- health


def test_alive_and_ready(client):
    assert client.get("/healthz").status_code == 200
    assert client.get("/readyz").status_code == 200


def test_metrics_count(client):
    client.get("/api/v1/search")
    text = client.get("/metrics").text
    paragraphs = client.get("/api/v1/stats").get_json()["paragraphs"]
    assert f"dateline_paragraphs {float(paragraphs)}" in text
    assert re.search(
        r'dateline_requests_total\{[^}]*endpoint="search\.Search"[^}]*status="200"[^}]*\} \d', text
    )
    assert "dateline_request_seconds_bucket" in text


def test_without_an_index_all_but_life_is_unavailable(home):
    client = home.client()
    assert client.get("/healthz").status_code == 200
    for path in ("/readyz", "/api/v1/search", "/api/v1/articles/x", "/api/v1/stats", "/api/v1/suggest?q=a"):
        answer = client.get(path)
        body = check_problem(answer, 503)
        assert "dateline index" in body["detail"]
        assert answer.headers["Retry-After"]
    assert client.get("/metrics").status_code == 200


def test_an_index_that_comes_later_is_found(home):
    client = home.client()
    check_problem(client.get("/api/v1/search"), 503)
    with home.store() as store:
        store.put("agency", "1", [wire.article("agency", wire.DAM)])
    assert search(client, q="dam")["hits"]


def test_a_damaged_index_is_a_problem(tmp_path):
    (tmp_path / "dateline.json").write_text("{", "utf-8")
    check_problem(create_app(Settings(index=tmp_path)).test_client().get("/api/v1/search"), 503)
    (tmp_path / "dateline.json").write_text('{"format": "0"}', "utf-8")
    body = check_problem(create_app(Settings(index=tmp_path)).test_client().get("/api/v1/search"), 503)
    assert "dateline reindex" in body["detail"]


# --- copies of one text


@pytest.fixture
def wire_client(home):
    with home.store() as store:
        for n, (name, texts) in enumerate(
            [("agency", wire.DAM), ("courier", wire.DAM[:3]), ("other", wire.REWRITE)]
        ):
            made = wire.article(name, texts, headline=f"The {name}'s <headline>", minute=n)
            store.put(name, "1", [replace(made, metadata=Metadata(publisher=f"The {name.title()}"))])
    return home.client()


def test_copies_are_told_folded_and_expanded(wire_client):
    shown = search(wire_client, q="minister walsh")
    assert shown["total"] == {"paragraphs": 2, "articles": 2, "stories": 1}
    first = stable_id("agency")
    assert [h["story"] for h in shown["hits"]] == [{"id": first, "articles": 2, "found": 2}] * 2
    folded = search(wire_client, q="minister walsh", duplicates="fold")
    assert folded["total"] == shown["total"] and len(folded["hits"]) == 1
    expanded = search(wire_client, story=first, group="article")
    assert {h["article"]["publisher"] for h in expanded["hits"]} == {"The Agency", "The Courier"}
    assert search(wire_client, group="story")["total"] == {"paragraphs": 16, "articles": 3, "stories": 2}


def test_an_article_tells_its_copies(wire_client):
    told = wire_client.get(f"/api/v1/articles/{stable_id('courier')}").get_json()
    assert (told["story"]["id"], told["story"]["articles"]) == (stable_id("agency"), 2)
    [copy] = told["story"]["copies"]
    assert (copy["publisher"], copy["paragraphs"], len(copy["same"])) == ("The Agency", 6, 3)
    assert wire_client.get(copy["links"]["self"]).status_code == 200
    paragraph = wire_client.get(f"/api/v1/paragraphs/{told['paragraphs'][0]['id']}").get_json()
    assert paragraph["story"] == {"id": stable_id("agency"), "articles": 2}


def test_pages_fold_copies_and_expand_them_by_a_link(wire_client):
    page = wire_client.get("/?q=minister+walsh").text
    assert "(1 story)" in page and page.count('class="hit"') == 1
    link = re.search(r'<p class="copies"><a href="([^"]+)"[^>]*>and 1 more copy</a>', page)
    expanded = wire_client.get(unescape(link[1])).text
    assert expanded.count('class="hit"') == 2 and "more cop" not in expanded
    assert "copies of “The" in expanded and "&lt;headline&gt;" in expanded
    assert wire_client.get("/?q=minister+walsh&duplicates=show").text.count('class="hit"') == 2
    assert wire_client.get("/embed?q=minister+walsh").text.count('class="hit"') == 1


def test_an_article_s_page_says_who_else_published_it(wire_client):
    page = wire_client.get(f"/articles/{stable_id('courier')}").text
    assert "Also published" in page and "The Agency" in page and "came first" in page
    assert "3 of 4 paragraphs here" in page
    assert "Also published" not in wire_client.get(f"/articles/{stable_id('other')}").text


@pytest.mark.parametrize("asked", [{"group": "day"}, {"duplicates": "hide"}, {"story": "x" * 201}])
def test_what_is_asked_of_copies_is_checked(wire_client, asked):
    assert wire_client.get("/api/v1/search", query_string=asked).status_code == 400
