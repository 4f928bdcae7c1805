"""What other sites may do: read JSON-LD and previews, frame a search, ask oEmbed and, where let, the API."""

import json
from dataclasses import replace
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from api.app import create_app
from api.linked_data import json_ld
from api.settings import Settings
from index.errors import SettingError

SITE = "http://localhost"
HEADLINE = "</script><script>alert(1)</script> & \u2028 “quotes” 🗞"


@pytest.fixture
def make_client(sample_index):
    def make(**more):
        return create_app(replace(Settings(index=sample_index), **more)).test_client()

    return make


@pytest.fixture
def hit(client):
    return client.get("/api/v1/search?q=dam+inquiry&limit=1").get_json()["hits"][0]


def tree_of(client, path, status=200):
    answer = client.get(path, headers={"Accept": "text/html"})
    assert answer.status_code == status
    return html.fromstring(answer.get_data())


def oembed(client, url, **more):
    return client.get("/oembed", query_string={"url": url, **more})


# --- what an article's page tells programs


def test_an_article_describes_itself(client, hit):
    article = hit["article"]
    tree = tree_of(client, f"/articles/{article['id']}?q=dam")
    told = json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))
    own = f"{SITE}/articles/{article['id']}"
    assert (told["@context"], told["@type"]) == ("https://schema.org", "NewsArticle")
    assert (told["headline"], told["url"]) == (article["headline"], own)
    assert told["datePublished"].startswith(article["published"])
    assert {"@type": "Person", "name": "Simon Hartley"} in told["mentions"]
    metas = {m.get("property") or m.get("name"): m.get("content") for m in tree.xpath("//meta[@content]")}
    assert metas["og:type"] == "article"
    assert metas["og:title"] == article["headline"]
    assert metas["og:url"] == own
    assert metas["twitter:card"] == "summary"
    assert metas["og:description"] == metas["description"] == told["description"]
    assert tree.xpath("//link[@rel='canonical']/@href") == [own]


def test_an_undated_article_gives_no_day(client):
    hit = client.get("/api/v1/search?undated=only&limit=1").get_json()["hits"][0]
    tree = tree_of(client, hit["links"]["page"])
    assert "datePublished" not in json.loads(tree.xpath("string(//script[@type='application/ld+json'])"))
    assert not tree.xpath("//meta[@property='article:published_time']")


def test_nothing_in_json_ld_ends_its_element():
    told = str(json_ld({"headline": HEADLINE, "none": "<!-- ]]> \u2029"}))
    assert not set(told) & set("<>&\u2028\u2029")
    assert json.loads(told)["headline"] == HEADLINE


def test_the_site_is_called_as_it_is_set(make_client, hit):
    client = make_client(url="https://dateline.example")
    tree = tree_of(client, f"/articles/{hit['article']['id']}")
    own = f"https://dateline.example/articles/{hit['article']['id']}"
    assert tree.xpath("//link[@rel='canonical']/@href") == [own]
    assert oembed(client, own).get_json()["html"].startswith('<iframe src="https://dateline.example/embed/')


# --- the frame


def test_a_search_in_a_frame(client):
    tree = tree_of(client, "/embed?q=dam&sort=oldest")
    links = tree.xpath("//h2/a")
    assert len(links) == 5
    assert {link.get("target") for link in tree.xpath("//a")} == {"_top"}
    assert tree.xpath("//mark")
    assert tree.xpath("//footer/a/@href") == ["/?q=dam&sort=oldest"]
    assert not tree.xpath("//script")
    first = client.get("/api/v1/search?q=dam&sort=oldest&limit=5").get_json()["hits"]
    assert [urlsplit(link.get("href")).fragment for link in links] == [f"p-{hit['id']}" for hit in first]


def test_a_frame_takes_the_parameters_of_a_search(client):
    assert len(tree_of(client, "/embed?q=the&limit=3").xpath("//h2")) == 3
    assert len(tree_of(client, "/embed?q=the&limit=100").xpath("//h2")) == 20
    assert "limit" in tree_of(client, "/embed?q=the&limit=x", 400).xpath(
        "string(//*[contains(@class,'notice')])"
    )
    assert tree_of(client, "/embed").xpath("//h2")
    assert "Nothing" in tree_of(client, "/embed?q=qqxzqqxz").text_content()


def test_an_article_in_a_frame(client, hit):
    article = client.get(f"/api/v1/articles/{hit['article']['id']}").get_json()
    body = [p for p in article["paragraphs"] if p["kind"] == "body"][-1]
    tree = tree_of(client, f"/embed/articles/{article['id']}?paragraph={body['id']}")
    assert tree.xpath("string(//h1)").strip() == article["headline"]
    assert [p.text_content() for p in tree.xpath("//p[@class='snippet']")] == [body["text"]]
    begun = tree_of(client, f"/embed/articles/{article['id']}")
    assert len(begun.xpath("//p[@class='snippet']")) == 2
    assert "not in the archive" in tree_of(client, "/embed/articles/none", 404).text_content()


@pytest.mark.parametrize("path", ["/embed?q=dam", "/embed?limit=x", "/embed/articles/none"])
def test_any_site_may_frame_what_is_made_for_it_and_nothing_else(client, path):
    headers = client.get(path).headers
    assert headers["Content-Security-Policy"].endswith("frame-ancestors *")
    assert "X-Frame-Options" not in headers
    for other in ("/", "/articles/none", "/oembed", "/embed.js", "/embed/nothing"):
        headers = client.get(other).headers
        assert headers["Content-Security-Policy"].endswith("frame-ancestors 'self'")
        assert headers["X-Frame-Options"] == "SAMEORIGIN"


def test_who_may_frame_can_be_set(make_client):
    client = make_client(frames=("https://news.example", "https://blog.example:8443"))
    policy = client.get("/embed").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors https://news.example https://blog.example:8443")


# --- oEmbed


def test_a_search_and_an_article_can_be_discovered(client, hit):
    article = f"/articles/{hit['article']['id']}"
    for path, url in (("/?q=dam&person=x", "/?q=dam&person=x"), (f"{article}?q=dam", article)):
        (link,) = tree_of(client, path).xpath("//link[@type='application/json+oembed']/@href")
        parts = urlsplit(link)
        assert (parts.path, parse_qs(parts.query)) == ("/oembed", {"url": [SITE + url], "format": ["json"]})
        assert client.get(f"{parts.path}?{parts.query}").status_code == 200
    assert not tree_of(client, "/articles/none", 404).xpath("//link[@type='application/json+oembed']")


def test_a_search_is_a_frame(client):
    told = oembed(
        client, f'{SITE}/?q="dam"+<b>&sort=oldest&utm_source=x', maxwidth=320, maxheight=200
    ).get_json()
    assert (told["version"], told["type"], told["width"], told["height"]) == ("1.0", "rich", 320, 200)
    assert told["title"] == '"dam" <b> – Dateline'
    (frame,) = html.fragments_fromstring(told["html"])
    assert (frame.tag, frame.get("width"), frame.get("height")) == ("iframe", "320", "200")
    assert frame.get("title") == told["title"]
    source = urlsplit(frame.get("src"))
    assert (source.netloc, source.path) == ("localhost", "/embed")
    assert parse_qs(source.query) == {"q": ['"dam" <b>'], "sort": ["oldest"]}
    assert "allow-scripts" not in frame.get("sandbox")
    assert "allow-same-origin" not in frame.get("sandbox")
    assert client.get(f"{source.path}?{source.query}").status_code == 200


@pytest.mark.parametrize(
    "form", ["/articles/{article}", "/articles/{article}?q=dam#p-{id}", "/paragraphs/{id}"]
)
def test_an_article_is_a_frame(client, hit, form):
    told = oembed(client, SITE + form.format(id=hit["id"], article=hit["article"]["id"])).get_json()
    assert told["title"] == hit["article"]["headline"]
    (frame,) = html.fragments_fromstring(told["html"])
    source = urlsplit(frame.get("src"))
    assert source.path == f"/embed/articles/{hit['article']['id']}"
    assert parse_qs(source.query) == ({"paragraph": [hit["id"]]} if hit["id"] in form.format(**hit) else {})


@pytest.mark.parametrize(
    "url",
    [
        "https://elsewhere.example/?q=dam",
        f"{SITE}.elsewhere.example/",
        f"{SITE}@elsewhere.example/",
        f"{SITE}:1/",
    ]
    + [
        SITE + path for path in ("/api/v1/search", "/healthz", "/articles/none", "/paragraphs/x", "/x", "//x")
    ],
)
def test_nothing_else_can_be_embedded(client, url):
    answer = oembed(client, url)
    assert answer.status_code == 404
    assert answer.mimetype == "application/problem+json"


def test_other_formats_are_not_written(client):
    answer = oembed(client, f"{SITE}/?q=dam", format="xml")
    assert (answer.status_code, answer.mimetype) == (501, "application/problem+json")
    assert answer.get_json()["type"] == "/api/v1/problems/not-implemented"


@pytest.mark.parametrize(
    ("asked", "named"),
    [({}, "url"), ({"url": "javascript:alert(1)"}, "url"), ({"url": "http://["}, "url")]
    + [({"url": SITE + "/", "maxwidth": bad}, "maxwidth") for bad in ("0", "-1", "x", "1e9", "9" * 400)],
)
def test_bad_parameters_are_named(client, asked, named):
    answer = client.get("/oembed", query_string=asked, headers={"Accept": "text/html"})
    assert answer.status_code == 400
    assert answer.mimetype == "application/problem+json"
    assert [error["parameter"] for error in answer.get_json()["errors"]] == [named]


# --- the box


def test_the_box_is_for_every_site_and_small(client):
    answer = client.get("/embed.js", headers={"Accept-Encoding": "gzip"})
    assert answer.mimetype in ("text/javascript", "application/javascript")
    assert answer.headers["Access-Control-Allow-Origin"] == "*"
    assert answer.headers["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "max-age=300" in answer.headers["Cache-Control"]
    assert len(answer.get_data()) < 15_000


# --- CORS


def preflight(client, path, origin, method="GET", **headers):
    return client.options(
        path, headers={"Origin": origin, "Access-Control-Request-Method": method, **headers}
    )


def test_no_other_site_reads_the_api_unless_it_is_let(client):
    for answer in (
        client.get("/api/v1/search?q=dam", headers={"Origin": "https://news.example"}),
        preflight(client, "/api/v1/search", "https://news.example"),
    ):
        assert not [name for name, _ in answer.headers if name.startswith("Access-Control-")]


@pytest.mark.parametrize("path", ["search?q=dam", "suggest?q=da", "facets/person", "stats", "articles/none"])
def test_a_site_that_is_let_reads(make_client, path):
    client = make_client(cors=("https://news.example", "http://127.0.0.1:5500"))
    for origin in ("https://news.example", "http://127.0.0.1:5500"):
        answer = client.get(f"/api/v1/{path}", headers={"Origin": origin})
        assert answer.headers["Access-Control-Allow-Origin"] == origin
        assert "Origin" in answer.headers["Vary"]
        assert "Access-Control-Allow-Credentials" not in answer.headers
    for origin in (
        "https://evil.example",
        "https://news.example.evil.example",
        "null",
        "http://news.example",
    ):
        answer = client.get(f"/api/v1/{path}", headers={"Origin": origin})
        assert "Access-Control-Allow-Origin" not in answer.headers
        assert "Origin" in answer.headers["Vary"]
    assert "Origin" in client.get(f"/api/v1/{path}").headers["Vary"]


def test_an_answer_that_is_kept_is_let_too(make_client):
    client = make_client(cors=("*",))
    headers = {"Origin": "https://news.example"}
    tag = client.get("/api/v1/search?q=dam", headers=headers).headers["ETag"]
    again = client.get("/api/v1/search?q=dam", headers={**headers, "If-None-Match": tag})
    assert again.status_code == 304
    assert again.headers["Access-Control-Allow-Origin"] == "*"


def test_a_browser_that_asks_first_is_told_that_it_may_read_and_no_more(make_client):
    client = make_client(cors=("*",), api_key="secret")
    for path in ("/api/v1/search", "/api/v1/documents", "/api/v1/decisions"):
        answer = preflight(client, path, "https://news.example", "POST")
        assert answer.status_code == 200
        assert answer.headers["Access-Control-Allow-Methods"] == "GET, HEAD"
        allowed = answer.headers["Access-Control-Allow-Headers"].lower()
        assert "x-api-key" not in allowed
        assert "authorization" not in allowed
    posted = client.post(
        "/api/v1/documents", headers={"Origin": "https://news.example", "X-API-Key": "secret"}
    )
    assert "Access-Control-Allow-Origin" not in posted.headers


def test_pages_are_not_shared(make_client):
    answer = make_client(cors=("*",)).get("/", headers={"Origin": "https://news.example"})
    assert "Access-Control-Allow-Origin" not in answer.headers


@pytest.mark.parametrize(
    ("raw", "origins"),
    [
        ("*", ("*",)), ("https://a.example, *", ("*",)),
        ("https://News.example/", ("https://news.example",)),
        ("https://a.example, http://b.example:8080,https://a.example", ("https://a.example", "http://b.example:8080")),
        ("http://[::1]:8000", ("http://[::1]:8000",)),
    ],
)  # fmt: skip
def test_origins_are_read(raw, origins):
    assert Settings.from_env({"DATELINE_CORS": raw}).cors == origins
    assert Settings.from_env({"DATELINE_FRAMES": raw}).frames == origins


def test_frames_can_be_off():
    assert Settings.from_env({}).frames == ("*",)
    assert Settings.from_env({"DATELINE_FRAMES": "none"}).frames == ("'none'",)


@pytest.mark.parametrize(
    ("name", "raw"),
    [
        (name, raw)
        for name in ("CORS", "FRAMES", "URL")
        for raw in (
            "news.example",
            "null",
            "https://",
            "https://a.example/path",
            "https://a b",
            "https://a.example;x",
        )
    ]
    + [("URL", "*"), ("URL", "https://a.example,https://b.example")],
)
def test_what_is_no_origin_is_refused(name, raw):
    with pytest.raises(SettingError, match=f"DATELINE_{name}"):
        Settings.from_env({f"DATELINE_{name}": raw})
