"""Results as you type, suggestions, and the way back: a reporter who never presses Enter loses nothing."""

import re

import pytest
from playwright.sync_api import expect

WIDE = {"width": 1280, "height": 900}


def total(tab):
    return int(re.match(r"[\d,]+", tab.locator("main h1").inner_text())[0].replace(",", ""))


def box(tab):
    return tab.get_by_role("combobox", name="Search the archive")


def test_results_follow_the_keys_and_the_address_follows_them(open_tab):
    tab = open_tab("/")
    everything = total(tab)
    box(tab).press_sequentially("dam")
    expect(tab).to_have_url(re.compile(r"/\?q=dam$"))
    expect(tab.locator("main mark").first).to_be_visible()
    assert 0 < total(tab) < everything
    expect(box(tab)).to_be_focused()
    expect(box(tab)).to_have_value("dam")
    expect(tab).to_have_title("dam – Dateline")


def test_what_is_taken_along_is_the_search_that_is_shown(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("dam")
    expect(tab).to_have_title("dam – Dateline")
    out = tab.get_by_role("navigation", name="Take these results along")
    expect(out.get_by_role("link", name="CSV")).to_have_attribute("href", "/search.csv?q=dam")
    feeds = tab.locator("head link[rel=alternate][type='application/atom+xml']")
    expect(feeds).to_have_attribute("href", "/search.atom?q=dam")
    with tab.expect_download() as download:
        out.get_by_role("link", name="CSV").click()
    assert download.value.suggested_filename == "dateline-dam.csv"
    assert download.value.path().read_bytes().startswith(b"\xef\xbb\xbfheadline,")


def test_one_step_back_leaves_the_word_not_its_letters(open_tab):
    tab = open_tab("/?q=strike")
    found = total(tab)
    box(tab).fill("")
    box(tab).press_sequentially("dam", delay=80)
    expect(tab).to_have_url(re.compile(r"q=dam$"))
    tab.go_back()
    expect(tab).to_have_url(re.compile(r"q=strike$"))
    expect(box(tab)).to_have_value("strike")
    expect(tab.locator("main h1")).to_contain_text(f"{found} paragraph")
    tab.go_forward()
    expect(box(tab)).to_have_value("dam")


def test_a_cancelled_search_takes_no_place_in_the_way_back(open_tab):
    tab = open_tab("/?q=strike")
    tab.route(re.compile(r"q=strikes$"), lambda route: None)  # never answered
    box(tab).press("End")
    box(tab).press_sequentially("s")
    tab.wait_for_timeout(100)
    box(tab).fill("dam")
    expect(tab).to_have_url(re.compile(r"q=dam$"))
    tab.go_back()
    expect(tab).to_have_url(re.compile(r"q=strike$"))
    expect(box(tab)).to_have_value("strike")


def test_only_the_last_of_several_answers_is_shown(open_tab):
    tab = open_tab("/")
    held = []
    tab.route(re.compile(r"/\?q=da$"), lambda route: held.append(route))
    box(tab).press_sequentially("da")
    tab.wait_for_timeout(100)
    box(tab).press_sequentially("m")
    expect(tab).to_have_url(re.compile(r"q=dam$"))
    for route in held:
        try:
            route.continue_()
        except Exception as error:  # what was cancelled cannot go on
            assert "handled" in str(error) or "closed" in str(error) or "intercept" in str(error).lower()
    tab.wait_for_timeout(200)
    expect(tab).to_have_url(re.compile(r"q=dam$"))


def test_an_unfinished_word_finds_what_begins_with_it(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("inquir")
    expect(tab.locator("main")).to_contain_text("these have words that begin so")
    expect(tab.locator("main mark").first).to_have_text(re.compile("inquir", re.IGNORECASE))
    expect(box(tab)).to_have_value("inquir")
    shared = open_tab(tab.url)
    assert total(shared) == total(tab)


def test_the_count_is_told_to_who_cannot_see_it(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("dam")
    expect(tab.locator("#told")).to_have_text(re.compile(r"^\d+ paragraphs in \d+ articles$"))
    box(tab).fill("qqxzqqxz")
    expect(tab.locator("#told")).to_have_text("0 paragraphs in 0 articles. Nothing found")


def test_a_search_that_fails_leaves_what_is_there(open_tab):
    tab = open_tab("/?q=dam")
    found = total(tab)
    tab.route(re.compile(r"q=damx"), lambda route: route.fulfill(status=204))
    box(tab).press("End")
    box(tab).press_sequentially("x")
    expect(tab.locator("#told")).to_contain_text("does not answer")
    assert total(tab) == found


def test_suggestions_complete_by_keyboard(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("inq")
    option = tab.get_by_role("option").first
    expect(option).to_have_text("inquiry")
    expect(box(tab)).to_have_attribute("aria-expanded", "true")
    box(tab).press("ArrowDown")
    expect(option).to_have_attribute("aria-selected", "true")
    assert box(tab).get_attribute("aria-activedescendant") == option.get_attribute("id")
    box(tab).press("Enter")
    expect(tab).to_have_url(re.compile(r"q=inquiry$"))
    expect(tab.get_by_role("listbox")).to_be_hidden()


def test_escape_closes_the_suggestions_and_leaves_the_words(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("inq")
    expect(tab.get_by_role("option").first).to_be_visible()
    box(tab).press("Escape")
    expect(tab.get_by_role("listbox")).to_be_hidden()
    expect(box(tab)).to_have_value("inq")


def test_a_suggested_name_becomes_a_filter(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("okafor")
    tab.get_by_role("option", name="Grace Okafor person").click()
    expect(tab).to_have_url(re.compile(r"\?person=person-grace-okafor$"))
    expect(tab.locator(".chosen")).to_contain_text("Grace Okafor")
    expect(box(tab)).to_have_value("")


def test_did_you_mean(open_tab):
    tab = open_tab("/")
    box(tab).press_sequentially("inquirry dam")
    expect(tab.get_by_role("option").first).to_contain_text("did you mean")
    box(tab).press("Escape")
    tab.locator(".suggestion a").click()
    expect(box(tab)).to_have_value("inquiry dam")
    expect(tab.locator("main mark").first).to_be_visible()


def test_recent_searches_stay_in_the_browser_and_can_be_forgotten(open_tab):
    tab = open_tab("/")
    for q in ("dam", "strike"):
        box(tab).fill(q)
        box(tab).press("Enter")
        expect(tab).to_have_url(re.compile(f"q={q}$"))
    box(tab).fill("")
    expect(tab.get_by_role("option")).to_have_count(3)
    expect(tab.get_by_role("option").first).to_contain_text("strike")
    asked = []
    tab.on("request", lambda request: asked.append(request.url))
    tab.get_by_role("option", name="dam searched before").click()
    expect(tab).to_have_url(re.compile("q=dam$"))
    assert all("recent" not in url for url in asked)
    box(tab).fill("")
    tab.get_by_role("option", name="Forget").click()
    box(tab).blur()
    box(tab).focus()
    expect(tab.get_by_role("listbox")).to_be_hidden()
    assert tab.evaluate("localStorage.length") == 0


def test_back_from_an_article_finds_the_place(open_tab):
    tab = open_tab("/?q=the", viewport=WIDE)
    last = tab.locator(".hit h2 a").nth(9)
    last.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    at = tab.evaluate("scrollY")
    assert at > 0
    last.click()
    expect(tab).to_have_url(re.compile("/articles/"))
    tab.go_back()
    expect(tab.locator(".hit")).to_have_count(20)
    assert tab.evaluate("scrollY") == pytest.approx(at, abs=50)


def test_back_from_the_next_page_finds_the_place(open_tab):
    tab = open_tab("/?q=the", viewport=WIDE)
    first = tab.locator(".hit h2").first.get_attribute("id")
    following = tab.get_by_role("link", name="Next page")
    following.scroll_into_view_if_needed()
    tab.wait_for_timeout(300)
    at = tab.evaluate("scrollY")
    following.click()
    expect(tab).to_have_url(re.compile("cursor="))
    expect(tab.locator("main")).to_be_focused()
    assert tab.locator(".hit h2").first.get_attribute("id") != first
    assert tab.evaluate("scrollY") < at
    tab.go_back()
    expect(tab.locator(".hit h2").first).to_have_attribute("id", first)
    assert tab.evaluate("scrollY") == pytest.approx(at, abs=50)


def test_what_is_shared_is_what_is_seen(open_tab):
    tab = open_tab("/?q=dam&sort=oldest")
    tab.locator(".facet .value").first.click()
    expect(tab).to_have_url(re.compile("person=|org=|place="))
    ids = [hit.get_attribute("id") for hit in tab.locator(".hit h2").all()]
    for scripts in (True, False):
        other = open_tab(tab.url, java_script_enabled=scripts)
        assert [hit.get_attribute("id") for hit in other.locator(".hit h2").all()] == ids
