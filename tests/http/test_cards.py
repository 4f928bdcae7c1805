"""Pages of names: what is known of one, and those that begin as typed."""

import pytest
from lxml import html


def page(client, path, status=200):
    answer = client.get(path)
    assert answer.status_code == status, answer.text[:500]
    return html.fromstring(answer.get_data())


def api(client, path):
    return client.get(f"/api/v1{path}").get_json()


def test_a_card_tells_what_the_api_does(client):
    told = api(client, "/entities/person-helen-walsh")
    tree = page(client, "/entities/person-helen-walsh?q=the")
    words = " ".join(tree.xpath("string(//article[@id='card'])").split())
    assert f"{told['total']['paragraphs']} paragraphs in {told['total']['articles']} articles" in words
    for form in told["forms"]:
        assert f"{form['text']} {form['count']}" in words
    assert [a.xpath("string()") for a in tree.xpath("//ul[@class='related']//a")] == [
        other["name"] for other in told["related"]
    ]
    bars = tree.xpath("//*[local-name()='svg']//*[local-name()='a']")
    dated = sum(int(bar.get("data-count")) for bar in bars)
    undated = api(client, "/search?person=person-helen-walsh&undated=only")["total"]["paragraphs"]
    assert dated + undated == told["total"]["paragraphs"]
    assert "/?q=the&person=person-helen-walsh" in tree.xpath("//p[@class='acts']/a/@href")


def test_a_bar_of_a_card_leads_to_what_names_it_then(client):
    bar = page(client, "/entities/person-helen-walsh?q=the").xpath("//*[@data-count]")[0]
    found = page(client, bar.get("href"))
    assert " ".join(found.xpath("string(//main//h1)").split()).startswith(
        f"{bar.get('data-count')} paragraph"
    )


def test_a_chosen_name_can_be_taken_back_on_its_card(client):
    tree = page(client, "/entities/person-helen-walsh?q=the&person=person-helen-walsh")
    assert "/?q=the" in tree.xpath("//p[@class='acts']/a/@href")


@pytest.mark.parametrize("path", ["/entities/person-nobody", "/facets/dog", "/entities/%3Cb%3E"])
def test_what_there_is_not_is_told(client, path):
    tree = page(client, path, 404)
    assert not tree.xpath("//b")


def test_values_are_counted_in_the_search_that_comes_along(client):
    every = api(client, "/search?q=dam&facet_limit=100")["facets"]["person"]["values"]
    counts = {value["id"]: value["count"] for value in every}
    tree = page(client, "/facets/person?prefix=wal&q=dam&person=person-simon-hartley&sort=oldest")
    rows = tree.xpath("//div[@id='values']//li")
    shown = {
        row.xpath("a[@class='about']/@href")[0].partition("?")[0].removeprefix("/entities/"): int(
            row.xpath("string(.//span[@class='count'])")
        )
        for row in rows
    }
    assert "person-helen-walsh" in shown
    assert shown == {id_: counts.get(id_, 0) for id_ in shown}
    assert [*shown.values()][-1] <= next(iter(shown.values()))
    links = rows[0].xpath("a[@class='value']/@href")[0]
    assert links.startswith("/?q=dam&person=person-simon-hartley&person=person-")
    assert tree.xpath("//nav[@class='back']/a/@href") == ["/?q=dam&person=person-simon-hartley&sort=oldest"]


def test_no_name_begins_so(client):
    tree = page(client, "/facets/org?prefix=%3Cscript%3Eqqxz")
    assert not tree.xpath("//script | //div[@id='values']//li")
    assert "No name begins so" in tree.xpath("string(//main)")


def test_a_card_is_not_sent_twice(client):
    first = client.get("/entities/person-helen-walsh")
    again = client.get("/entities/person-helen-walsh", headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304
