"""Files by the name of their content, and the policy that every page comes with."""

import re

import pytest
from lxml import html

from api.assets import find
from api.origins import POLICY

DIRECTIVES = {
    "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self' data:",
    "connect-src 'self'", "font-src 'self'", "form-action 'self'", "base-uri 'none'",
    "frame-ancestors 'self'",
}  # fmt: skip


def tree_of(client, path):
    return html.fromstring(client.get(path, headers={"Accept": "text/html"}).get_data())


def an_article(client):
    return client.get("/api/v1/search?q=dam&limit=1").get_json()["hits"][0]["links"]["page"]


def pages(client):
    return ["/", "/?q=dam", "/?limit=x", an_article(client), "/articles/none", "/nowhere", "/api/v1/docs"]


def test_every_file_a_page_asks_for_is_named_by_its_content_and_kept(client):
    for page in pages(client):
        tree = tree_of(client, page)
        files = tree.xpath("//link[@rel='stylesheet' or @rel='icon']/@href | //script/@src")
        assert files
        for address in files:
            assert re.fullmatch(r"/(static|api/v1/docs)/[\w.-]+\?v=[0-9a-f]{12}", address)
            answer = client.get(address)
            assert answer.status_code == 200
            assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"


@pytest.mark.parametrize("accepted", ["identity", "gzip", "br"])
@pytest.mark.parametrize("address", ["/static/dateline.css", "/api/v1/docs/swagger-ui.css", "/embed.js"])
def test_a_file_under_its_plain_name_is_asked_after(client, address, accepted):
    first = client.get(address, headers={"Accept-Encoding": accepted})
    assert first.status_code == 200
    assert "immutable" not in first.headers["Cache-Control"]
    again = client.get(address, headers={"Accept-Encoding": accepted, "If-None-Match": first.headers["ETag"]})
    assert (again.status_code, again.get_data()) == (304, b"")
    assert again.headers["Cache-Control"] == first.headers["Cache-Control"]


def test_an_address_of_other_content_is_not_kept_for_ever(client):
    answer = client.get("/static/dateline.css?v=000000000000")
    assert answer.status_code == 200
    assert answer.headers["Cache-Control"] == "public, no-cache"


@pytest.mark.parametrize(
    "name", ["none.css", "../app.py", "..%2fapp.py", "%2e%2e/app.py", "%00", ".", "/etc/passwd", "a" * 300]
)
def test_nothing_but_the_folder_is_served(client, name):
    assert client.get(f"/static/{name}").status_code in (404, 308)
    assert client.get(f"/api/v1/docs/{name}").status_code in (404, 308)


def test_a_changed_file_has_another_name(tmp_path):
    path = tmp_path / "a.css"
    path.write_text("a{}")
    first = find(tmp_path, "a.css")
    path.write_text("b{color:red}")
    second = find(tmp_path, "a.css")
    assert first.digest != second.digest
    assert second.body == b"b{color:red}"


def test_every_page_comes_with_the_policy(client):
    for page in pages(client):
        assert set(client.get(page).headers["Content-Security-Policy"].split("; ")) == DIRECTIVES
    assert {f"{name} {value}" for name, value in POLICY.items()} == DIRECTIVES


def test_no_page_holds_a_script_or_a_style_of_its_own(client):
    for page in pages(client):
        tree = tree_of(client, page)
        assert not tree.xpath("//style | //@style")
        assert not [name for name in tree.xpath("//@*") if name.attrname.startswith("on")]
        for script in tree.xpath("//script[not(@src)]"):
            assert script.get("type") == "application/ld+json"  # data: a browser runs none of it
