"""The pages, without a browser: what is in them, and what they do with nonsense."""

import re
from html import unescape
from urllib.parse import parse_qs, urlsplit

import pytest
from lxml import html

from api.context import KEY
from index.errors import CursorExpiredError


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    assert answer.mimetype == "text/html"
    return html.fromstring(answer.get_data())


def links(tree, css_class):
    return [
        node.get("href") for node in tree.xpath(f"//a[contains(concat(' ', @class, ' '), ' {css_class} ')]")
    ]


def heading(tree):
    return " ".join(tree.xpath("string(//main//h1)").split())


def first_article(client):
    return page(client, "/?q=the").xpath("//article[@class='hit']//h2/a/@href")[0]


def test_the_bare_page_shows_everything(client):
    tree = page(client, "/")
    assert re.match(r"[\d,]+ paragraphs in [\d,]+ articles", heading(tree))
    assert len(tree.xpath("//article[@class='hit']")) == 20
    assert tree.xpath("//form[@role='search'][@method='get']//input[@name='q']")
    assert [h.text for h in tree.xpath("//aside//h2")][:3] == ["People", "Organisations", "Places"]
    assert tree.xpath("//*[local-name()='svg']//*[local-name()='a']")


def test_matches_are_marked(client):
    tree = page(client, "/?q=dam")
    assert tree.xpath("//p[@class='snippet']/mark")


def test_no_page_needs_a_script_or_another_host(client):
    for path in ("/", first_article(client), "/articles/none"):
        tree = html.fromstring(client.get(path).get_data())
        assert not tree.xpath("//style | //@style | //@*[starts-with(name(), 'on')]")
        assert not tree.xpath("//script[not(@type='application/ld+json')][not(@src) or text()]")
        for node in tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //img/@src | //script/@src"):
            assert urlsplit(node).netloc == ""


def test_static_addresses_carry_their_content(client):
    sheet = page(client, "/").xpath("//link[@rel='stylesheet']/@href")[0]
    assert re.fullmatch(r"/static/dateline\.css\?v=[0-9a-f]{12}", sheet)
    answer = client.get(sheet)
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    answer.close()


@pytest.mark.parametrize("path", ["/static/dateline.css", "/static/none.css?v=1"])
def test_only_a_static_file_named_by_its_content_is_kept_for_ever(client, path):
    answer = client.get(path)
    assert "immutable" not in answer.headers.get("Cache-Control", "")
    answer.close()


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
@pytest.mark.parametrize("path", ["/", "/?q=dam", "article"])
def test_an_unchanged_page_is_not_sent_again(client, path, accepted):
    path = first_article(client) if path == "article" else path
    first = client.get(path, headers={"Accept-Encoding": accepted})
    assert first.headers["Cache-Control"] == "private, no-cache"
    tag = first.headers["ETag"]
    assert tag.startswith('W/"')
    again = client.get(path, headers={"Accept-Encoding": accepted, "If-None-Match": tag})
    assert (again.status_code, again.get_data(), again.headers["ETag"]) == (304, b"", tag)
    other = client.get("/?q=strike", headers={"If-None-Match": tag})
    assert other.status_code == 200
    assert other.headers["ETag"] != tag


@pytest.mark.parametrize("path", ["/?limit=x", "/?q=the&cursor=nonsense", "/articles/none"])
def test_a_page_that_tells_of_a_problem_is_not_kept(client, path):
    for headers in ({}, {"If-None-Match": "*"}):
        answer = client.get(path, headers=headers)
        assert answer.status_code >= 400
        assert answer.headers["Cache-Control"] == "no-store"
        assert "ETag" not in answer.headers


def test_a_page_that_begins_again_is_not_kept(client, monkeypatch):
    engine = client.application.extensions[KEY]["engine"]
    found = engine.search

    def search(asked):
        if asked.cursor:
            raise CursorExpiredError("gone")
        return found(asked)

    monkeypatch.setattr(engine, "search", search)
    answer = client.get("/?q=the&cursor=old")
    assert answer.status_code == 200
    assert "changed since" in answer.text
    assert answer.headers["Cache-Control"] == "no-store"
    assert "ETag" not in answer.headers


def test_a_facet_value_is_chosen_and_taken_back(client):
    chosen = links(page(client, "/?q=the"), "value")[0]
    tree = page(client, chosen)
    assert tree.xpath("//aside//a[@aria-current='true']")
    back = tree.xpath("//aside//a[@aria-current='true']/@href")[0]
    assert parse_qs(urlsplit(back).query) == {"q": ["the"]}
    assert links(tree, "chip")[0] == back


def test_a_facet_value_is_excluded(client):
    tree = page(client, "/")
    excluded = page(client, links(tree, "not")[0])
    assert "not_person=" in links(tree, "not")[0]
    assert heading(excluded) != heading(tree)
    assert "not " in excluded.xpath("string(//nav[@aria-label='Filters in force']//bdi)")


def test_two_chosen_values_can_be_joined(client):
    one = page(client, links(page(client, "/"), "value")[0])
    two = page(client, one.xpath("//aside//li[not(@class)]/a[@class='value']/@href")[0])
    modes = two.xpath("//*[@aria-label='Match']//a/@href")
    assert len(modes) == 2
    assert "person_mode=all" in modes[1]


def test_a_bar_narrows_to_its_days(client):
    tree = page(client, "/")
    bar = tree.xpath(
        "//section[@aria-labelledby='published-title']//*[local-name()='svg']//*[local-name()='a']"
    )[0]
    label, href = bar.get("aria-label"), bar.get("href")
    narrowed = page(client, href)
    count = int(label.rpartition(": ")[2].replace(",", ""))
    assert heading(narrowed).startswith(f"{count:,} paragraph")
    assert narrowed.xpath("//input[@name='published_from']/@value")[0]


def test_chosen_days_are_counted_more_finely(client):
    coarse = page(client, "/").xpath("string(//section[@aria-labelledby='published-title']//table/caption)")
    section = page(client, "/?published_from=2016-01&published_to=2019-12").xpath(
        "//section[@aria-labelledby='published-title']"
    )[0]
    assert coarse != section.xpath("string(.//table/caption)")
    years = {label.split(":")[0][-4:] for label in section.xpath(".//*[local-name()='a']/@aria-label")}
    assert years <= {"2016", "2017", "2018", "2019"}


def test_a_chart_has_the_same_numbers_in_a_table(client):
    section = page(client, "/").xpath("//section[@aria-labelledby='published-title']")[0]
    bars = section.xpath(".//*[local-name()='svg']//*[local-name()='a']/@aria-label")
    rows = section.xpath(".//tbody/tr")
    assert [f"{r.xpath('string(th)')}: {r.xpath('string(td)')}" for r in rows] == list(bars)


def test_undated_articles_can_be_asked_for(client):
    tree = page(client, "/?undated=only")
    assert tree.xpath("//article[@class='hit']")
    assert not tree.xpath("//article[@class='hit']/p[@class='meta']/time")
    assert "undated" in tree.xpath("string(//p[@class='meta'])")


def test_pages_follow_one_another_without_repeating(client):
    first = page(client, "/?q=the&limit=5")
    second = page(client, first.xpath("//a[@rel='next']/@href")[0])
    titles = "//article[@class='hit']/h2/@id"
    assert not set(first.xpath(titles)) & set(second.xpath(titles))


@pytest.mark.parametrize("cursor", ["nonsense", "%00", "e" * 3000])
def test_a_damaged_cursor_shows_the_first_page_and_says_so(client, cursor):
    tree = page(client, f"/?q=the&cursor={cursor}", 400)
    assert tree.xpath("//article[@class='hit']")
    assert tree.xpath("//*[contains(@class, 'notice')]")
    assert "cursor=" + cursor not in html.tostring(tree.xpath("//main")[0]).decode()


@pytest.mark.parametrize(
    "bad",
    ["limit=-1", "limit=x", "published_from=banana", "sort=best", "group=x", "undated=maybe", "nonsense=1"],
)
def test_a_bad_parameter_is_named_and_left_out(client, bad):
    tree = page(client, f"/?q=the&{bad}", 400)
    assert bad.partition("=")[0] in tree.xpath("string(//*[@role='alert'])")
    assert tree.xpath("//article[@class='hit']")
    assert not [h for h in tree.xpath("//aside//a/@href") if bad in h]


def test_a_range_the_wrong_way_round_keeps_the_words(client):
    tree = page(client, "/?q=the&published_from=2020&published_to=2010", 400)
    assert tree.xpath("//input[@id='q']/@value") == ["the"]
    assert tree.xpath("//input[@id='published_to']/@value") == ["2010"]


def test_nothing_found_helps(client):
    person = parse_qs(urlsplit(links(page(client, "/"), "value")[0]).query)["person"][0]
    tree = page(client, f"/?q=qqxzqqxz&person={person}")
    ways = tree.xpath("//div[@class='nothing']//a/@href")
    assert "/?q=qqxzqqxz" in ways
    assert f"/?person={person}" in ways


@pytest.mark.parametrize(
    "q",
    [
        "<script>alert(1)</script>",
        '"><img src=x onerror=alert(1)>',
        "'-alert(1)-'",
        "{{7*7}}",
        "\u202eabc",
        "(" * 2000,
    ],
)
def test_a_hostile_query_stays_text(client, q):
    answer = client.get("/", query_string={"q": q})
    assert answer.status_code == 200
    tree = html.fromstring(answer.get_data())
    assert not tree.xpath("//script[text()] | //img[@onerror]")
    assert tree.xpath("//input[@id='q']/@value") == [q]


def test_hidden_fields_carry_the_rest_along(client):
    tree = page(client, "/?q=the&sort=oldest&group=article")
    kept = {(i.get("name"), i.get("value")) for i in tree.xpath("//input[@type='hidden'][@form='ask']")}
    assert kept == {("sort", "oldest"), ("group", "article")}


def test_an_article_keeps_the_search(client):
    href = first_article(client)
    tree = page(client, href)
    anchor = urlsplit(href).fragment
    assert tree.xpath(f"//*[@id='{anchor}']")
    assert tree.xpath("//article//mark")
    assert tree.xpath("//nav[@class='back']/a/@href") == ["/?q=the"]


def test_every_paragraph_of_an_article_has_a_permalink(client):
    tree = page(client, first_article(client))
    anchors = tree.xpath("//*[starts-with(@id, 'p-')]/@id")
    assert [f"#{anchor}" for anchor in anchors] == list(tree.xpath("//a[@class='permalink']/@href"))


def test_a_paragraph_leads_to_its_place(client):
    href = urlsplit(first_article(client))
    answer = client.get(f"/paragraphs/{href.fragment.removeprefix('p-')}?q=the")
    assert answer.status_code == 302
    assert unescape(answer.headers["Location"]) == href.geturl()


@pytest.mark.parametrize(
    "path", ["/articles/none", "/paragraphs/none", "/articles/%3Cscript%3E", "/articles/..%2f"]
)
def test_an_unknown_id_is_a_page_too(client, path):
    tree = html.fromstring(client.get(path).get_data())
    assert client.get(path).status_code == 404
    assert not tree.xpath("//script")


def test_what_a_network_adds_to_a_shared_link_is_ignored(client):
    answer = client.get("/?q=dam&utm_source=letter&fbclid=1")
    assert answer.status_code == 200
    assert "utm_source" not in answer.get_data(as_text=True)
