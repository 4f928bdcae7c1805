"""The page in a real browser, on a real server, with scripts off: there are none to miss."""

import re
import shutil

import pytest
from playwright.sync_api import expect

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)")


@pytest.fixture
def tab(chromium, live_server):
    context = chromium.new_context(java_script_enabled=False, base_url=live_server)
    yield context.new_page()
    context.close()


def total(tab):
    return int(re.match(r"[\d,]+", tab.locator("main h1").inner_text())[0].replace(",", ""))


def test_type_and_submit(tab):
    tab.goto("/")
    everything = total(tab)
    tab.get_by_role("searchbox").fill("dam")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"/\?q=dam$"))
    assert 0 < total(tab) < everything
    expect(tab.locator(".snippet mark")).not_to_have_count(0)


def test_choose_and_exclude_a_name(tab):
    tab.goto("/")
    everything = total(tab)
    row = tab.locator(".facet li").first
    name = row.locator("bdi").inner_text()
    row.locator(".value").click()
    chosen = total(tab)
    assert 0 < chosen < everything
    expect(tab.locator(".chosen")).to_contain_text(name)
    tab.get_by_role("link", name=f"Exclude {name}").click()
    assert total(tab) == everything - chosen
    tab.get_by_role("link", name="Clear all").click()
    assert total(tab) == everything


def test_drill_into_a_bar_and_out_again(tab):
    tab.goto("/")
    everything = total(tab)
    bar = tab.locator(".timeline svg a").nth(1)
    count = int(bar.get_attribute("aria-label").rpartition(": ")[2].replace(",", ""))
    bar.locator(".hit-area").click()
    expect(tab).to_have_url(re.compile("published_from="))
    assert total(tab) == count
    tab.get_by_role("link", name="All days").click()
    assert total(tab) == everything


def test_days_can_be_typed(tab):
    tab.goto("/?q=the")
    form = tab.get_by_role("form", name="Published between")
    form.get_by_label("From").fill("2018")
    form.get_by_label("to").fill("2018-12")
    form.get_by_role("button").click()
    expect(tab.locator(".chosen")).to_contain_text("published 2018")


def test_page_on_and_come_back(tab):
    tab.goto("/?q=the&limit=5")
    first = tab.locator(".hit h2").first.inner_text()
    ids = {hit.get_attribute("id") for hit in tab.locator(".hit h2").all()}
    tab.get_by_role("link", name="Next page").click()
    assert not ids & {hit.get_attribute("id") for hit in tab.locator(".hit h2").all()}
    tab.go_back()
    expect(tab.locator(".hit h2").first).to_have_text(first)


def test_open_an_article_and_return_to_the_results(tab):
    tab.goto("/?q=dam&sort=oldest")
    found = total(tab)
    tab.locator(".hit h2 a").first.click()
    expect(tab).to_have_url(re.compile(r"/articles/.*#p-"))
    expect(tab.locator(":target")).to_have_count(1)
    expect(tab.locator(".story mark")).not_to_have_count(0)
    tab.get_by_role("link", name="Back to the results").click()
    expect(tab).to_have_url(re.compile(r"/\?q=dam&sort=oldest$"))
    assert total(tab) == found


def test_the_first_key_press_reaches_the_results(tab):
    tab.goto("/?q=dam")
    tab.keyboard.press("Tab")
    expect(tab.get_by_role("link", name="Skip to the results")).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab.locator("main")).to_be_focused()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
@pytest.mark.parametrize("path", ["/", "/?q=dam", "/?q=qqxzqqxz", "/?limit=x", "/articles/none"])
def test_nothing_is_wider_than_the_screen(chromium, live_server, path, width, scheme):
    context = chromium.new_context(
        viewport={"width": width, "height": 700}, color_scheme=scheme, base_url=live_server
    )
    tab = context.new_page()
    tab.goto(path)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
    context.close()


def test_the_browser_has_nothing_to_complain_of(chromium, live_server):
    tab = chromium.new_page(base_url=live_server)
    told = []
    tab.on("console", lambda message: told.append(message.text))
    tab.on("requestfailed", lambda request: told.append(request.url))
    tab.goto("/?q=dam")
    tab.locator(".hit h2 a").first.click()
    tab.close()
    assert told == []
