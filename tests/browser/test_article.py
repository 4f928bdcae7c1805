"""An article read in a real browser: with scripts, without, by keyboard, and when its text means harm."""

import json
import re
import urllib.request
from itertools import pairwise
from unicodedata import normalize
from urllib.parse import quote, urlsplit

import pytest
from playwright.sync_api import expect


def api(server, path):
    with urllib.request.urlopen(f"{server}/api/v1/{path}", timeout=10) as answer:
        return json.load(answer)


def an_article(server, q="dam inquiry", at_least=2):
    """The page of an article with several answers to a query, and these answers' ids in order."""
    hits = api(server, f"search?q={quote(q)}&limit=100&facets=")["hits"]
    by_article = {}
    for hit in hits:
        by_article.setdefault(hit["article"]["id"], []).append(hit)
    found = next(mine for mine in by_article.values() if len(mine) >= at_least)
    ids = [hit["id"] for hit in sorted(found, key=lambda hit: hit["ordinal"])]
    return f"/articles/{found[0]['article']['id']}?q={quote(q)}", ids


def open_tab(chromium, server, path, **options):
    context = chromium.new_context(base_url=server, **options)
    tab = context.new_page()
    tab.goto(path)
    return tab


@pytest.fixture(params=[True, False], ids=["scripts", "no scripts"])
def either(request, chromium, live_server):
    """A function that opens a page with scripts, and one that opens it without."""
    opened = []

    def open_page(path, **options):
        opened.append(open_tab(chromium, live_server, path, java_script_enabled=request.param, **options))
        return opened[-1]

    yield open_page
    for tab in opened:
        tab.context.close()


@pytest.fixture
def scripted(chromium, live_server):
    opened = []

    def open_page(path, **options):
        opened.append(open_tab(chromium, live_server, path, **options))
        return opened[-1]

    yield open_page
    for tab in opened:
        tab.context.close()


def test_one_walks_from_answer_to_answer_by_links(either, live_server):
    path, ids = an_article(live_server)
    tab = either(path)
    expect(tab.locator(".found")).to_have_count(len(ids))
    tab.get_by_role("link", name="Answer 1", exact=True).click()
    for here, there in pairwise(ids):
        expect(tab).to_have_url(re.compile(f"#p-{here}$"))
        tab.locator(f"#p-{here}").get_by_role("link", name="Next answer to the search").click()
        expect(tab).to_have_url(re.compile(f"#p-{there}$"))
    tab.locator(f"#p-{ids[1]}").get_by_role("link", name="Previous answer to the search").click()
    expect(tab).to_have_url(re.compile(f"#p-{ids[0]}$"))
    expect(tab.locator(".story mark")).not_to_have_count(0)
    tab.get_by_role("link", name="Back to the results").click()
    expect(tab).to_have_url(f"{live_server}/?q=dam+inquiry")


def test_a_name_chosen_without_words_has_answers_too(either, live_server):
    person = api(live_server, "search?q=dam&facets=person")["facets"]["person"]["values"][0]["id"]
    article = api(live_server, f"search?person={person}&limit=1")["hits"][0]["article"]["id"]
    wanted = {h["id"] for h in api(live_server, f"search?person={person}&limit=100")["hits"]}
    tab = either(f"/articles/{article}?person={person}")
    shown = {node.get_attribute("id").removeprefix("p-") for node in tab.locator(".found").all()}
    assert shown
    assert shown <= wanted


def test_annotations_say_what_they_mean_by_keyboard_and_tap(either, live_server):
    tab = either(an_article(live_server)[0], has_touch=True)
    note = tab.locator(".note.name", has_text="Simon Hartley").first
    shown = "node => getComputedStyle(node, '::after').content"
    note.focus()
    assert "Simon Hartley (person)" in tab.evaluate_handle("document.activeElement").evaluate(shown)
    day = tab.locator(".note", has_text="Tuesday, March 6").first
    day.tap()
    expect(day).to_be_focused()
    assert "6 March 2018" in day.evaluate(shown)
    tab.keyboard.press("Tab")
    expect(day).not_to_be_focused()


def test_annotations_are_switched_off_by_a_link_where_there_are_no_scripts(chromium, live_server):
    path, _ = an_article(live_server)
    tab = open_tab(chromium, live_server, path, java_script_enabled=False)
    expect(tab.locator(".note")).not_to_have_count(0)
    tab.get_by_role("link", name="Hide dates and names").click()
    expect(tab.locator(".note")).to_have_count(0)
    expect(tab.locator(".story mark")).not_to_have_count(0)
    tab.get_by_role("link", name="Show dates and names").click()
    expect(tab.locator(".note")).not_to_have_count(0)
    tab.context.close()


def test_annotations_stay_off_in_this_browser(scripted, live_server):
    tab = scripted(an_article(live_server)[0])
    box = tab.get_by_role("checkbox", name="Dates and names")
    expect(box).to_be_checked()
    box.press("Space")
    assert tab.locator(".note[tabindex], .note[title]").count() == 0
    tab.goto(an_article(live_server, "strike")[0])
    expect(tab.get_by_role("checkbox", name="Dates and names")).not_to_be_checked()
    assert tab.locator(".note[tabindex], .note[title]").count() == 0
    tab.get_by_role("checkbox", name="Dates and names").check()
    assert tab.locator(".note[tabindex][title]").count() == tab.locator(".note").count() > 0


def test_n_and_p_walk_through_the_answers(scripted, live_server):
    path, ids = an_article(live_server)
    tab = scripted("/?q=dam+inquiry")
    tab.goto(path)
    tab.keyboard.press("n")
    expect(tab.locator(f"#p-{ids[0]}")).to_be_focused()
    tab.keyboard.press("n")
    expect(tab).to_have_url(re.compile(f"#p-{ids[1]}$"))
    expect(tab.get_by_role("status")).to_have_text(f"Answer 2 of {len(ids)}.")
    tab.keyboard.press("p")
    expect(tab.locator(f"#p-{ids[0]}")).to_be_focused()
    tab.keyboard.press("p")
    expect(tab.get_by_role("status")).to_have_text("That was the first answer here.")
    tab.go_back()
    expect(tab).to_have_url(f"{live_server}/?q=dam+inquiry")


def test_a_paragraph_s_link_is_copied(scripted, live_server):
    path, ids = an_article(live_server)
    tab = scripted(path, permissions=["clipboard-read", "clipboard-write"])
    tab.locator(f"#p-{ids[1]} .permalink").focus()
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("status")).to_have_text("Link copied.")
    copied = tab.evaluate("navigator.clipboard.readText()")
    assert copied == f"{live_server}{urlsplit(path).path}#p-{ids[1]}"
    expect(tab).to_have_url(re.compile(f"#p-{ids[1]}$"))
    tab.goto(copied)
    expect(tab.locator(":target")).to_have_count(1)


def test_similar_paragraphs_are_shown_where_one_reads(either, live_server):
    path, ids = an_article(live_server)
    tab = either(path)
    tab.locator(f"#p-{ids[-1]} .like").click()
    similar = tab.get_by_role("complementary", name="Similar paragraphs")
    expect(similar.get_by_role("listitem").first).to_be_visible()
    own = urlsplit(path).path
    assert not [a for a in similar.locator("li a").all() if a.get_attribute("href").startswith(own)]
    similar.get_by_role("link", name="Close").click()
    expect(similar).to_have_count(0)
    expect(tab.locator(".story mark")).not_to_have_count(0)


def test_data_for_programs_is_accepted_and_not_run(chromium, hostile_server, watch):
    for hit in api(hostile_server, "search?q=ferry&group=article&facets=")["hits"]:
        context = chromium.new_context(base_url=hostile_server)
        tab = context.new_page()
        seen = watch(tab)
        tab.goto(f"/articles/{hit['article']['id']}?q=ferry")
        data = tab.locator("script[type='application/ld+json']")
        expect(data).to_have_count(1)
        assert (
            json.loads(data.text_content())["headline"][:20]
            == " ".join(hit["article"]["headline"].split())[:20]
        )
        assert tab.evaluate("document.scripts.length") == 2
        assert seen.told == []
        context.close()


@pytest.mark.parametrize("scripts", [True, False], ids=["scripts", "no scripts"])
@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_news_is_text(chromium, hostile_server, watch, width, scripts):
    context = chromium.new_context(
        base_url=hostile_server, viewport={"width": width, "height": 700}, java_script_enabled=scripts
    )
    tab = context.new_page()
    seen = watch(tab)
    for hit in api(hostile_server, "search?q=ferry&group=article&facets=")["hits"]:
        head = hit["article"]
        similar = f"&similar={hit['id']}"
        for path in (
            f"/articles/{head['id']}?q=ferry{similar}",
            f"/embed/articles/{head['id']}",
            "/embed?q=ferry",
        ):
            tab.goto(path)
            assert tab.title() != "run"
            assert tab.locator("main img, main script, main style, main b").count() == 0
            assert tab.locator("main").is_visible()
            if scripts:
                assert tab.evaluate("document.documentElement.scrollWidth") <= width, path
        tab.goto(f"/articles/{head['id']}?q=ferry")
        whole = api(hostile_server, f"articles/{head['id']}")["paragraphs"]
        for paragraph in whole:
            shown = tab.locator(f"#p-{paragraph['id']}").text_content()
            assert shown.startswith(paragraph["text"])
        assert {normalize("NFKC", m).lower() for m in tab.locator(".story mark").all_text_contents()} == {
            "ferry"
        }
        assert not tab.locator("a[href^='javascript:']").count()
    assert seen.told == []
    context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [360, 1280])
def test_axe_finds_nothing(chromium, live_server, violations, scheme, width):
    path, ids = an_article(live_server)
    context = chromium.new_context(
        base_url=live_server, color_scheme=scheme, viewport={"width": width, "height": 800}, bypass_csp=True
    )
    tab = context.new_page()
    article = path.partition("?")[0]
    for shown in (
        f"{path}&similar={ids[0]}#p-{ids[0]}", f"{path}&notes=off", article, f"/embed{article}",
        "/embed?q=dam", "/embed?q=qqxzqqxz", "/embed/articles/none",
    ):  # fmt: skip
        tab.goto(shown)
        assert violations(tab) == [], shown
    context.close()


def test_a_tip_passes_for_contrast_and_fits(chromium, live_server):
    tab = open_tab(chromium, live_server, an_article(live_server)[0], viewport={"width": 320, "height": 700})
    for note in tab.locator(".note").all():
        note.focus()
        assert tab.evaluate("document.documentElement.scrollWidth") <= 320
    tab.keyboard.press("Escape")
    assert tab.locator(".note:focus").count() == 0
    tab.context.close()
