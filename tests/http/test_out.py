"""Searches in other forms: feeds that readers follow, files that hold all that the page counts."""

import csv
import gzip
import io
import json
import re
from dataclasses import replace
from datetime import UTC, date, datetime
from urllib.parse import parse_qs, urlsplit

import feedparser
import pytest
from lxml import html

from api.app import create_app
from api.context import KEY
from api.exporting import COLUMNS, harmless
from api.settings import Settings
from index.model import Article, DateMention, Metadata, Paragraph, Publication, stable_id
from index.store import StoreWriter

SITE = "http://localhost"
FIRST = datetime(2026, 3, 1, 9, tzinfo=UTC)
LATER = datetime(2026, 3, 2, 9, tzinfo=UTC)
FEEDS = {"atom": "application/atom+xml", "rss": "application/rss+xml"}


def article(name, text, headline=None, added=FIRST, updated=None, **metadata):
    id_ = stable_id("article", name)
    texts = [*([headline] if headline else []), *([text] if isinstance(text, str) else text)]
    mention = DateMention(0, 1, "x", "2014-03-11", date(2014, 3, 11), date(2014, 3, 11))
    return Article(
        id=id_,
        document=name,
        source=f"{name}.txt",
        headline=headline,
        boundary="test",
        paragraphs=tuple(
            Paragraph(
                stable_id(id_, str(n)),
                n,
                "headline" if headline and not n else "body",
                0,
                1,
                told,
                (mention,),
                (),
            )
            for n, told in enumerate(texts)
        ),
        published=Publication(date(2014, 3, 12), "metadata"),
        metadata=Metadata(**metadata),
        added=added,
        updated=updated or added,
    )


def put(path, *articles):
    with StoreWriter(path) as store:
        for made in articles:
            store.put(made.document, made.updated.isoformat(), [made])


@pytest.fixture(scope="module")
def client(sample_index):
    return create_app(Settings(index=sample_index)).test_client()


@pytest.fixture
def own(tmp_path):
    """An index that a test writes itself, and a client that has just looked at it."""
    path = tmp_path / "index"

    def make(*articles, **settings):
        put(path, *articles)
        return create_app(replace(Settings(index=path), **settings)).test_client()

    make.path = path
    return make


def parsed(answer):
    assert answer.status_code == 200, answer.get_data()[:500]
    found = feedparser.parse(answer.get_data(), response_headers={"content-type": answer.content_type})
    assert not found.bozo, found.get("bozo_exception")
    return found


def rows(answer):
    assert answer.status_code == 200, answer.get_data()[:500]
    return list(csv.DictReader(io.StringIO(answer.get_data().decode("utf-8-sig"), newline="")))


def path_of(url):
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def total(client, query):
    return client.get(f"/api/v1/search?{query}").get_json()["total"]


# --- feeds


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_holds_every_article_once_page_by_page(client, kind):
    seen, path = [], f"/search.{kind}?q=dam+OR+port&limit=7"
    while path:
        answer = client.get(path)
        found = parsed(answer)
        assert answer.mimetype == FEEDS[kind]
        seen += [entry.id for entry in found.entries]
        following = [link.href for link in found.feed.links if link.rel == "next"]
        path = path_of(following[0]) if following else None
        counted = int(found.feed.opensearch_totalresults)
    assert len(seen) == len(set(seen)) == counted == total(client, "q=dam+OR+port")["articles"]
    assert int(answer.headers["X-Total-Count"]) == counted


@pytest.mark.parametrize("kind", FEEDS)
def test_a_feed_leads_to_the_page_of_the_same_search(client, kind):
    found = parsed(client.get(f"/search.{kind}?q=dam&place=place-wrenford&utm_source=mail"))
    assert path_of(found.feed.link) == "/?q=dam&place=place-wrenford&sort=added&group=article"
    assert found.feed.title == "dam, Wrenford – Dateline"
    entry = found.entries[0]
    assert entry.link.startswith(f"{SITE}/articles/")
    assert client.get(path_of(entry.link)).status_code == 200


def test_an_entry_a_paragraph_where_that_is_asked(client):
    found = parsed(client.get("/search.atom?q=dam&group=none&limit=100"))
    assert len(found.entries) == total(client, "q=dam")["paragraphs"]
    assert all("#p-" in entry.link for entry in found.entries)


def test_what_was_added_last_comes_first_and_a_correction_moves_updated_alone(own):
    old, new = article("old", "The ferry left."), article("new", "A ferry sank.", added=LATER)
    client = own(old, new)
    before = parsed(client.get("/search.atom?q=ferry"))
    assert [e.summary.split("</p><p>")[-1] for e in before.entries] == [
        "A ferry sank.</p>",
        "The ferry left.</p>",
    ]
    put(own.path, replace(old, paragraphs=article("old", "The ferry left late.").paragraphs, updated=LATER))
    client.application.extensions[KEY]["engine"].look_again()
    after = parsed(client.get("/search.atom?q=ferry"))
    assert [e.id for e in after.entries] == [e.id for e in before.entries]
    assert [e.published for e in after.entries] == [e.published for e in before.entries]
    assert before.entries[1].updated == before.entries[1].published == "2026-03-01T09:00:00Z"
    assert after.entries[1].updated == "2026-03-02T09:00:00Z"
    assert after.entries[0].updated == before.entries[0].updated


def test_a_headline_is_followed_by_how_the_article_begins(own):
    client = own(article("a", ["The ferry left.", "It came back."], headline="Ferry <Leaves>"))
    (entry,) = parsed(client.get("/search.atom?q=headline:ferry")).entries
    assert entry.title == "Ferry <Leaves>"
    assert entry.summary == "<p>12 March 2014</p><p>The ferry left.</p>"
    assert entry.content[0].value == "The ferry left."


@pytest.mark.parametrize("kind", [*FEEDS, "json"])
def test_a_reader_that_has_it_already_is_told_so_whatever_else_was_written(own, kind):
    client = own(article("a", "The ferry left."))
    path = f"/search.{kind}?q=ferry&limit=5&sort=added"
    first = client.get(path)
    put(own.path, article("b", "A barge.", added=LATER))  # a commit that changes nothing of this feed
    client.application.extensions[KEY]["engine"].look_again()
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert first.headers["Last-Modified"] == "Sun, 01 Mar 2026 09:00:00 GMT"
    since = {"If-Modified-Since": first.headers["Last-Modified"]}
    assert client.get(path, headers=since).status_code == 304
    put(own.path, article("c", "Another ferry.", added=LATER))
    client.application.extensions[KEY]["engine"].look_again()
    assert client.get(path, headers={"If-None-Match": first.headers["ETag"]} | since).status_code == 200
    assert client.get(path, headers=since).status_code == 200


def test_a_feed_of_nothing_is_a_feed_that_stays_the_same(client):
    first, second = (client.get("/search.atom?q=qqxzqqxz") for _ in range(2))
    assert parsed(first).entries == []
    assert first.get_data() == second.get_data()
    assert "Last-Modified" not in first.headers


def test_ids_and_order_outlive_building_the_index_anew(own, tmp_path):
    made = [article(str(n), f"Ferry {n}.", added=FIRST.replace(hour=n % 3)) for n in range(12)]
    before = parsed(own(*made).get("/search.atom?q=ferry"))
    other = tmp_path / "anew"
    put(other, *made[::-1])
    put(other, article("x", "A barge."))
    after = parsed(create_app(Settings(index=other)).test_client().get("/search.atom?q=ferry"))
    assert [(e.id, e.updated) for e in after.entries] == [(e.id, e.updated) for e in before.entries]
    assert after.feed.id == before.feed.id


def test_the_site_is_called_as_it_is_set(own):
    client = own(article("a", "The ferry left."), url="https://dateline.example")
    for path in ("/search.atom", "/search.rss", "/search.csv", "/search.json", "/opensearch.xml"):
        body = client.get(path).get_data(as_text=True)
        assert "https://dateline.example/" in body
        assert "localhost" not in body


def test_bad_parameters_are_named_whatever_the_form(client):
    for form in ("atom", "rss", "json", "csv", "ndjson"):
        answer = client.get(f"/search.{form}?published_from=soon&colour=red")
        assert (answer.status_code, answer.mimetype) == (400, "application/problem+json")
        assert {e["parameter"] for e in answer.get_json()["errors"]} == {"published_from", "colour"}
        assert client.get(f"/search.{form}?cursor=xyz&limit=5").get_json()["type"].endswith("/bad-cursor")


# --- exports


@pytest.mark.parametrize("query", ["", "q=the", "q=dam&group=article", "q=the&sort=oldest", "q=qqxzqqxz"])
def test_an_export_holds_what_the_page_counts_in_the_order_of_the_pages(client, query):
    counted = total(client, query)["articles" if "group=article" in query else "paragraphs"]
    ids, path = [], f"/api/v1/search?{query}&limit=100&facets="
    while path:
        page = client.get(path).get_json()
        ids += [hit["id"] for hit in page["hits"]]
        path = page["next"] and f"/api/v1/search?{query}&limit=100&facets=&cursor={page['next']}"
    table = client.get(f"/search.csv?{query}")
    lines = [json.loads(line) for line in client.get(f"/search.ndjson?{query}").get_data().splitlines()]
    whole = client.get(f"/search.json?{query}").get_json(force=True)
    assert len(ids) == counted
    assert [row["paragraph_id"] for row in rows(table)] == ids
    assert [line["id"] for line in lines] == ids
    assert [item["_dateline"]["id"] for item in whole["items"]] == ids
    assert whole["_dateline"]["total"] == total(client, query)
    assert table.headers["X-Total-Count"] == str(counted)
    shown = client.get(f"/?{query}").get_data(as_text=True)
    assert re.search(rf"<h1>{total(client, query)['paragraphs']:,} paragraph", shown)


def test_what_an_address_says_of_one_page_does_not_cut_an_export(client):
    assert len(rows(client.get("/search.csv?q=dam&facets=person&facet_limit=3&interval=day"))) == 45
    refused = client.get("/search.csv?q=dam&cursor=x")
    assert refused.get_json()["errors"][0]["parameter"] == "cursor"


def test_a_page_of_an_export_where_a_limit_is_asked_for(client):
    seen, path = [], "/search.csv?q=dam&limit=20"
    while path:
        answer = client.get(path)
        seen += [row["paragraph_id"] for row in rows(answer)]
        assert answer.headers["X-Total-Count"] == "45"
        link = re.match(r"<([^>]+)>; rel=\"next\"", answer.headers.get("Link", ""))
        path = link and link[1]
    assert len(set(seen)) == 45


def test_lines_are_the_hits_of_the_api(client):
    wanted = client.get("/api/v1/search?q=dam&limit=3").get_json()["hits"]
    lines = client.get("/search.ndjson?q=dam").get_data().splitlines()
    assert [json.loads(line) for line in lines[:3]] == wanted


def test_a_table_has_what_a_reporter_needs(client):
    found = next(row for row in rows(client.get("/search.csv?q=foreseen+disaster")) if row["kind"] == "body")
    assert tuple(found) == tuple(COLUMNS)
    assert found["headline"].startswith("Pryce Report Finds")
    assert (found["published"], found["published_by"]) == ("2021-03-17", "metadata")
    assert found["publisher"] == "Meridian News"
    assert "2018-02-14" in found["dates"].split("; ")
    assert "Calder Dam" in found["places"].split("; ")
    assert found["url"] == "https://example.org/meridian/britain/pryce-report"
    assert client.get(path_of(found["link"])).status_code == 302


HOSTILE = [
    "=1+1",
    "+1",
    "-1",
    "@SUM(A1)",
    "\tx",
    "\r=1",
    "  =1",
    "＝1",
    'a "quote", and\r\na line',
    "a\x00b\x0b",
    "é 🗞",
]


def test_no_cell_begins_a_formula_and_every_other_text_is_kept(own):
    client = own(*(article(f"n{n}", text, headline=text or None) for n, text in enumerate(HOSTILE)))
    answer = client.get("/search.csv?group=none")
    assert answer.get_data().startswith(b"\xef\xbb\xbfheadline,")
    assert answer.get_data().count(b"\r\n") > len(HOSTILE)
    found = {row["paragraph"] for row in rows(answer)}
    assert 'a "quote", and\r\na line' in found
    assert {"'=1+1", "'+1", "'-1", "'@SUM(A1)", "ab", "é 🗞"} <= found
    for row in rows(answer):
        assert not any(cell and cell.lstrip()[:1] in "=+-@＝" for cell in row.values())
    assert harmless("a=1") == "a=1"


def test_a_file_has_a_name_that_any_system_takes(client):
    for q, wanted in (
        ("dam+inquiry", "dateline-dam-inquiry.csv"),
        ("%22%0d%0aX-Evil:1", "dateline-x-evil-1.csv"),
        ("..%2F..%2Fetc", "dateline-etc.csv"),
        ("", "dateline.csv"),
        ("x" * 500, f"dateline-{'x' * 60}.csv"),
    ):
        answer = client.get(f"/search.csv?q={q}")
        assert answer.headers["Content-Disposition"] == f'attachment; filename="{wanted}"'


def test_an_export_over_the_bound_is_refused_and_says_so(own):
    client = own(*(article(str(n), f"Ferry {n}.") for n in range(4)), max_export=3)
    answer = client.get("/search.csv?q=ferry")
    told = answer.get_json()
    assert (answer.status_code, told["type"]) == (422, "/api/v1/problems/export-too-large")
    assert (told["count"], told["limit"]) == (4, 3)
    assert "DATELINE_MAX_EXPORT" in told["detail"]
    assert len(rows(client.get("/search.csv?q=ferry&limit=2"))) == 2
    assert client.get("/api/v1/problems/export-too-large").status_code == 200


@pytest.mark.parametrize("form", ["atom", "rss", "json", "csv", "ndjson"])
def test_head_tells_the_same_without_the_body(client, form):
    head, whole = client.head(f"/search.{form}?q=dam"), client.get(f"/search.{form}?q=dam")
    assert (head.status_code, head.get_data()) == (200, b"")
    for name in ("Content-Type", "ETag", "X-Total-Count", "Content-Disposition"):
        assert head.headers.get(name) == whole.headers.get(name)


def test_an_export_is_told_unchanged(client):
    tag = client.get("/search.csv?q=dam").headers["ETag"]
    assert client.get("/search.csv?q=dam", headers={"If-None-Match": tag}).status_code == 304


def test_an_export_is_compressed_where_that_is_understood(client):
    plain = client.get("/search.ndjson?q=dam")
    small = client.get("/search.ndjson?q=dam", headers={"Accept-Encoding": "br, gzip"})
    assert small.headers["Content-Encoding"] == "gzip"
    assert gzip.decompress(small.get_data()) == plain.get_data()
    assert "Accept-Encoding" in plain.headers["Vary"]


def test_places_are_given_back_however_an_export_ends(client):
    for _ in range(20):
        client.get("/search.csv?q=dam", buffered=False).close()
        client.head("/search.csv?q=dam")
    held = [client.get("/search.csv?q=dam", buffered=False) for _ in range(8)]
    refused = client.get("/search.csv?q=dam")
    assert (refused.status_code, refused.headers["Retry-After"]) == (503, "30")
    assert refused.get_json()["type"].endswith("/too-many-exports")
    assert client.get("/search.atom?q=dam").status_code == 200
    for answer in held:
        answer.close()
    assert client.get("/search.csv?q=dam").status_code == 200


def test_an_index_that_is_not_there_is_a_problem(tmp_path):
    client = create_app(Settings(index=tmp_path / "none")).test_client()
    for form in ("atom", "json", "csv", "ndjson"):
        answer = client.get(f"/search.{form}?q=dam")
        assert (answer.status_code, answer.get_json()["type"]) == (503, "/api/v1/problems/no-index")


# --- the page


def test_the_page_leads_to_every_form_of_the_same_search(client):
    tree = html.fromstring(
        client.get("/?q=dam&place=place-wrenford&sort=oldest&limit=3&facet_limit=30").get_data()
    )
    links = {a.text_content(): a.get("href") for a in tree.xpath("//nav[@class='out']//a")}
    assert set(links) == {"CSV", "JSON", "NDJSON", "Atom", "RSS", "JSON Feed"}
    same = {"q": ["dam"], "place": ["place-wrenford"]}
    for label in ("CSV", "JSON", "NDJSON"):
        assert parse_qs(urlsplit(links[label]).query) == same | {"sort": ["oldest"]}
        assert client.head(links[label]).status_code == 200
    for label in ("Atom", "RSS"):
        assert parse_qs(urlsplit(links[label]).query) == same
    alternates = {
        link.get("type"): link.get("href") for link in tree.xpath("//head/link[@rel='alternate'][@type]")
    }
    assert alternates["application/atom+xml"] == links["Atom"]
    assert alternates["application/rss+xml"] == links["RSS"]
    assert alternates["application/feed+json"] == links["JSON Feed"]
    atom, listed = parsed(client.get(links["Atom"])), client.get(links["JSON Feed"]).get_json(force=True)
    assert [e.id for e in atom.entries] == [item["id"] for item in listed["items"]]


def test_a_search_that_finds_nothing_can_be_followed(client):
    tree = html.fromstring(client.get("/?q=qqxzqqxz").get_data())
    assert [a.text_content() for a in tree.xpath("//nav[@class='out']//a")] == ["Atom", "RSS", "JSON Feed"]


def test_a_link_to_a_search_has_a_preview(client):
    tree = html.fromstring(client.get("/?q=dam+inquiry").get_data())
    metas = {m.get("property"): m.get("content") for m in tree.xpath("//meta[@property]")}
    assert metas["og:title"] == "dam inquiry"
    assert metas["og:description"] == "7 paragraphs in 6 articles"
    assert metas["og:url"] == f"{SITE}/?q=dam+inquiry"


def test_sites_that_are_let_may_read_the_forms_too(own):
    client = own(article("a", "The ferry left."), cors=("https://news.example",))
    answer = client.get("/search.json?q=ferry", headers={"Origin": "https://news.example"})
    assert answer.headers["Access-Control-Allow-Origin"] == "https://news.example"
    assert "X-Total-Count" in answer.headers["Access-Control-Expose-Headers"]
