"""The box, the frame and its policy on a page of another site, in a real browser."""

import http.server
import json
import re
import threading
import urllib.request
from pathlib import Path
from urllib.parse import quote

import pytest
from playwright.sync_api import expect

README = (Path(__file__).resolve().parents[2] / "README.md").read_text("utf-8")
SNIPPET = next(b for b in re.findall(r"```html\n(.*?)```", README, re.DOTALL) if "<dateline-search" in b)


class Site:
    """A site of somebody else: another port is another origin."""

    def __init__(self):
        self.pages, self.policy = {}, None
        site = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                body = site.pages.get(self.path.partition("?")[0])
                self.send_response(200 if body else 204)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                if site.policy:
                    self.send_header("Content-Security-Policy", site.policy)
                self.end_headers()
                self.wfile.write((body or "").encode())

            def log_message(self, *args):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def page(self, body, path="/"):
        head = '<meta charset="utf-8"><meta name="color-scheme" content="light dark"><title>The Host</title>'
        self.pages[path] = (
            f'<!doctype html><html lang="en"><head>{head}</head>'
            f"<body><main><h1>The Host</h1>{body}</main></body>"
        )

    def close(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def site():
    made = Site()
    yield made
    made.close()


@pytest.fixture
def visit(chromium, site, watch):
    """A function that opens the host's page with a body of its own."""
    opened = []

    def open_page(body, **options):
        site.page(body)
        context = chromium.new_context(**options)
        opened.append(context)
        tab = context.new_page()
        tab.seen = watch(tab)
        tab.goto(site.url)
        return tab

    yield open_page
    for context in opened:
        context.close()


def snippet(server, attributes="", fields=""):
    made = SNIPPET.replace("https://dateline.example", server)
    return made.replace("<dateline-search ", f"<dateline-search {attributes} ").replace(
        "</form>", f"{fields}</form>"
    )


def api(server, path):
    with urllib.request.urlopen(f"{server}/api/v1/{path}", timeout=10) as answer:
        return json.load(answer)


def box(tab):
    return tab.get_by_role("searchbox", name="Search the archive")


def results(tab):
    return tab.locator("dateline-search li")


def test_the_snippet_of_the_readme_answers_while_one_types(visit, open_server):
    tab = visit(snippet(open_server))
    box(tab).press_sequentially("dam")
    expect(results(tab)).to_have_count(5)
    wanted = api(open_server, "search?q=dam&limit=5")
    total = wanted["total"]
    expect(tab.get_by_role("status")).to_have_text(
        f"{total['paragraphs']} paragraphs in {total['articles']} articles"
    )
    assert results(tab).locator(".headline").all_text_contents() == [
        h["article"]["headline"] for h in wanted["hits"]
    ]
    assert {m.lower() for m in tab.locator("dateline-search mark").all_text_contents()} == {"dam"}
    assert tab.seen.told == []
    results(tab).first.get_by_role("link").click()
    expect(tab).to_have_url(re.compile(rf"^{open_server}/articles/.*\?q=dam#p-"))
    expect(tab.locator(":target")).to_have_count(1)


def test_without_scripts_the_form_is_the_box(visit, open_server):
    tab = visit(snippet(open_server), java_script_enabled=False)
    box(tab).fill("dam inquiry")
    box(tab).press("Enter")
    expect(tab).to_have_url(f"{open_server}/?q=dam+inquiry")
    expect(tab.locator(".hit")).not_to_have_count(0)


def test_enter_and_the_button_lead_to_all_results(visit, open_server):
    tab = visit(snippet(open_server, fields='<input type="hidden" name="sort" value="oldest">'))
    box(tab).fill("dam")
    box(tab).press("Enter")
    expect(tab).to_have_url(f"{open_server}/?q=dam&sort=oldest")
    tab.go_back()
    box(tab).fill("strike")
    tab.get_by_role("button", name="Search").click()
    expect(tab).to_have_url(f"{open_server}/?q=strike&sort=oldest")


def test_by_keyboard_alone(visit, open_server):
    tab = visit(snippet(open_server))
    expect(tab.locator("dateline-search input")).to_have_count(2)  # the form's, unseen, and the box's
    tab.keyboard.press("Tab")
    expect(box(tab)).to_be_focused()
    tab.keyboard.type("dam")
    expect(results(tab)).to_have_count(5)
    links = results(tab).get_by_role("link")
    tab.keyboard.press("ArrowDown")
    expect(links.nth(0)).to_be_focused()
    tab.keyboard.press("ArrowDown")
    expect(links.nth(1)).to_be_focused()
    tab.keyboard.press("Escape")
    expect(box(tab)).to_be_focused()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("ArrowUp")
    expect(box(tab)).to_be_focused()
    tab.keyboard.press("Escape")
    expect(results(tab)).to_have_count(0)
    expect(box(tab)).to_have_value("")


def test_filters_and_limit_narrow(visit, open_server):
    person = api(open_server, "search?q=dam&facets=person")["facets"]["person"]["values"][0]["id"]
    tab = visit(snippet(open_server, f'limit="2" filters="person={person}&sort=oldest&cursor=x&limit=99"'))
    box(tab).fill("dam")
    expect(results(tab)).to_have_count(2)
    wanted = api(open_server, f"search?q=dam&person={person}&sort=oldest&limit=2")["hits"]
    assert results(tab).locator(".headline").all_text_contents() == [h["article"]["headline"] for h in wanted]
    link = tab.get_by_role("link", name="All results")
    assert link.get_attribute("href") == f"{open_server}/?q=dam&person={person}&sort=oldest"


def test_the_last_thing_typed_is_what_is_shown(visit, open_server):
    tab = visit(snippet(open_server))
    held = []

    def slowly(route):
        if "q=dam&" in route.request.url and not held:
            held.append(route)  # the first question is answered last
        else:
            route.continue_()

    tab.route("**/api/v1/search?*", slowly)
    box(tab).fill("dam")
    tab.wait_for_timeout(400)
    box(tab).fill("strike")
    expect(tab.locator("dateline-search mark").first).to_have_text(re.compile("strike", re.IGNORECASE))
    assert held
    tab.wait_for_timeout(200)
    assert "dam" not in {m.lower() for m in tab.locator("dateline-search mark").all_text_contents()}


def test_what_was_typed_before_the_script_came_is_kept(visit, open_server):
    tab = visit(snippet(open_server).replace("embed.js", "none.js"))
    box(tab).fill("dam")
    tab.add_script_tag(url=f"{open_server}/embed.js")
    expect(results(tab)).to_have_count(5)
    expect(box(tab)).to_have_value("dam")
    expect(box(tab)).to_be_focused()


def test_a_site_that_is_not_let_is_told_and_its_form_goes_on(visit, live_server):
    tab = visit(snippet(live_server))
    box(tab).fill("dam")
    expect(tab.get_by_role("status")).to_contain_text("cannot be searched from here")
    box(tab).press("Enter")
    expect(tab).to_have_url(f"{live_server}/?q=dam")


def test_it_works_under_a_strict_policy_of_the_page_around_it(visit, site, open_server):
    allowed = f"script-src {open_server}; connect-src {open_server}; form-action {open_server}"
    site.policy = f"default-src 'none'; {allowed}"
    tab = visit(snippet(open_server))
    box(tab).fill("dam")
    expect(results(tab)).to_have_count(5)
    assert tab.locator("dateline-search ol").evaluate("n => getComputedStyle(n).listStyleType") == "none"
    assert [told for told in tab.seen.told if "favicon" not in told] == []


def test_its_looks_are_set_by_variables(visit, open_server):
    style = (
        "<style>dateline-search { --dateline-accent: rgb(1, 2, 3); --dateline-mark: rgb(4, 5, 6) }</style>"
    )
    tab = visit(style + snippet(open_server))
    box(tab).fill("dam")
    colour = "n => getComputedStyle(n).backgroundColor"
    assert tab.get_by_role("button", name="Search").evaluate(colour) == "rgb(1, 2, 3)"
    assert tab.locator("dateline-search mark").first.evaluate(colour) == "rgb(4, 5, 6)"


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_news_is_text_in_the_box(visit, hostile_server, width):
    tab = visit(snippet(hostile_server, 'limit="20"'), viewport={"width": width, "height": 800})
    box(tab).fill("ferry")
    wanted = api(hostile_server, "search?q=ferry&limit=20")["hits"]
    expect(results(tab)).to_have_count(len(wanted))
    assert results(tab).locator(".headline").all_text_contents() == [h["article"]["headline"] for h in wanted]
    for n, hit in enumerate(wanted):
        points = list(hit["snippet"]["text"])
        once = hit["snippet"]["text"] == hit["article"]["headline"]  # then it is not said twice
        passage = results(tab).nth(n).locator(".headline" if once else ".passage")
        assert passage.text_content() == hit["snippet"]["text"]
        assert passage.locator("mark").all_text_contents() == [
            "".join(points[a:b]) for a, b in hit["snippet"]["marks"]
        ]
    assert tab.locator("dateline-search img, dateline-search script, dateline-search b").count() == 0
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    assert tab.title() == "The Host"
    assert tab.seen.told == []


@pytest.mark.parametrize(
    "q", ["<img src=x onerror=alert(1)>", "\u202eferry", "👩‍👩‍👧‍👦", "(" * 400, "a&limit=1#x"]
)
def test_hostile_queries_are_text_in_the_box(visit, hostile_server, q):
    tab = visit(snippet(hostile_server))
    box(tab).fill(q)
    expect(tab.get_by_role("status")).not_to_be_empty()
    assert "cannot" not in tab.get_by_role("status").inner_text()
    assert tab.seen.told == []


@pytest.mark.parametrize("endpoint", ["javascript:alert(1)//", "data:text/html,x", "http://["])
def test_an_endpoint_that_is_no_address_is_not_used(visit, open_server, endpoint):
    tab = visit(
        f'<script src="{open_server}/embed.js"></script>'
        f'<dateline-search endpoint="{endpoint}"></dateline-search>'
    )
    box(tab).fill("dam")
    expect(tab.get_by_role("status")).to_contain_text("no usable endpoint")
    assert tab.seen.told == []


def frame_of(server, url):
    with urllib.request.urlopen(f"{server}/oembed?url={quote(url, safe='')}", timeout=10) as answer:
        return json.load(answer)["html"]


def test_the_frame_of_oembed_shows_results_and_opens_them_on_top(visit, live_server):
    tab = visit(frame_of(live_server, f"{live_server}/?q=dam"))
    frame = tab.frame_locator("iframe")
    expect(frame.locator("h2 a")).to_have_count(5)
    assert frame.locator("h1").evaluate("n => getComputedStyle(n).fontWeight") == "700"  # its sheet is let in
    assert tab.seen.told == []
    frame.locator("h2 a").first.click()
    expect(tab).to_have_url(re.compile(rf"^{live_server}/articles/"))


def test_the_frame_of_an_article(visit, live_server):
    hit = api(live_server, "search?q=dam&limit=1")["hits"][0]
    tab = visit(frame_of(live_server, f"{live_server}{hit['links']['page']}"))
    frame = tab.frame_locator("iframe")
    expect(frame.get_by_role("heading")).to_have_text(hit["article"]["headline"])
    frame.get_by_role("link", name="The whole article in Dateline").click()
    expect(tab).to_have_url(f"{live_server}/articles/{hit['article']['id']}")


def test_no_other_page_lets_itself_be_framed(visit, live_server):
    tab = visit(f'<iframe src="{live_server}/" title="x"></iframe>')
    tab.wait_for_timeout(300)
    assert any("frame-ancestors" in told for told in tab.seen.told)
    assert tab.frame_locator("iframe").locator("form").count() == 0


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(visit, open_server, violations, scheme):
    # axe does not know the colour that a dark page has by itself, so the page says it.
    canvas = "<style>html { background: Canvas; color: CanvasText }</style>"
    tab = visit(canvas + snippet(open_server), color_scheme=scheme)
    assert violations(tab) == []
    box(tab).fill("dam")
    expect(results(tab)).to_have_count(5)
    assert violations(tab) == []
