"""What a hit offers: what its dates and names mean, copies, folds; and text that means harm."""

import re

import pytest
from playwright.sync_api import expect

WIDE = {"width": 1280, "height": 900}
COPY = {"permissions": ["clipboard-read", "clipboard-write"]}


def clipboard(tab):
    return tab.evaluate("navigator.clipboard.readText()")


def test_dates_and_names_tell_what_they_mean_on_hover(open_tab):
    tab = open_tab("/?q=calder+dam+inquiry", viewport=WIDE)
    date = tab.locator(".snippet .to:has(time)").first
    date.hover()
    tip = tab.get_by_role("tooltip")
    expect(tip).to_have_text(re.compile(r"\d{4}"))
    assert date.get_attribute("aria-describedby") == tip.get_attribute("id")
    tab.locator(".snippet .to:has(.name)").first.hover()
    expect(tip).to_have_text(re.compile(r"\((person|organisation|place)\)"))
    tab.keyboard.press("Escape")
    expect(tip).to_be_hidden()


def test_how_the_day_is_known_is_told_on_hover(open_tab):
    tab = open_tab("/?q=dam", viewport=WIDE)
    tab.locator(".hit .how", has_text="inferred").first.hover()
    expect(tab.get_by_role("tooltip")).to_contain_text("Worked out")


def test_a_tap_tells_and_a_second_leads_on(open_tab):
    tab = open_tab("/?q=dam", viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    name = tab.locator(".snippet .to:has(.name)").first
    name.tap()
    tip = tab.locator("#tip")
    expect(tip).to_be_visible()
    tip.get_by_role("link").tap()
    expect(tab.get_by_role("dialog")).to_be_visible()
    tab.get_by_role("button", name="Close").tap()
    expect(tab).to_have_url(re.compile(r"/\?q=dam$"))
    tab.locator(".snippet .to:has(time)").first.tap()
    expect(tip).to_have_text(re.compile(r"\d{4}"))
    tip.get_by_role("link").tap()
    expect(tab).to_have_url(re.compile("mentioned_from="))


def test_a_link_is_copied(open_tab):
    tab = open_tab("/?q=dam", **COPY)
    tab.get_by_role("button", name="Copy link").first.click()
    expect(tab.locator("#told")).to_have_text("Copy link: copied")
    other = open_tab(clipboard(tab))
    expect(other).to_have_url(re.compile(r"/articles/.*#p-"))
    expect(other.locator(":target")).to_have_count(1)


def test_a_quotation_is_copied_whole_and_with_its_source(open_tab):
    tab = open_tab("/?q=summon+witnesses", **COPY)
    hit = tab.locator(".hit").first
    hit.get_by_role("button", name="Copy quotation").click()
    expect(hit.get_by_role("button", name="Copied")).to_be_visible()
    quote = clipboard(tab)
    text, source, address = quote.split("\n")
    assert text.startswith("“")
    assert text.endswith("”")
    assert "…" not in text
    assert hit.locator("h2").inner_text() in source
    assert hit.locator(".meta time").inner_text() in source
    assert re.match(r"http://127\.0\.0\.1:\d+/paragraphs/\w+$", address)


def test_a_passage_that_was_cut_is_quoted_whole(open_tab, hostile_wire):
    tab = open_tab(f"{hostile_wire}/?q=emoji", **COPY)
    assert tab.locator(".snippet").first.inner_text().endswith("…")
    tab.get_by_role("button", name="Copy quotation").first.click()
    expect(tab.get_by_role("button", name="Copied")).to_be_visible()
    assert "x" * 1000 in clipboard(tab)


def test_more_from_the_article_keeps_the_marks(open_tab):
    tab = open_tab("/?q=dam")
    tab.get_by_role("link", name="More from this article").first.click()
    expect(tab).to_have_url(re.compile(r"/articles/\w+\?q=dam$"))
    expect(tab.locator("mark")).not_to_have_count(0)


@pytest.mark.parametrize("scripts", [True, False])
def test_the_same_words_are_folded_and_unfold(open_tab, hostile_wire, scripts):
    tab = open_tab(f"{hostile_wire}/?q=harbour", java_script_enabled=scripts)
    expect(tab.locator("main h1")).to_contain_text("3 paragraphs in 3 articles")
    expect(tab.locator(".hit")).to_have_count(1)
    fold = tab.locator(".same summary")
    expect(fold).to_have_text("2 more with the same words")
    fold.click()
    expect(tab.locator(".same li")).to_have_count(2)
    expect(tab.locator(".same")).to_contain_text("of the wire")


def test_one_hit_an_article(open_tab):
    tab = open_tab("/?q=dam")
    tab.get_by_role("link", name="Articles", exact=True).click()
    expect(tab).to_have_url(re.compile("group=article"))
    titles = [h.inner_text() for h in tab.locator(".hit h2").all()]
    assert len(titles) == len(set(titles))


QUERIES = [
    "<script>window.ran=1</script>",
    '"><img src=x onerror=window.ran=1>',
    "'; window.ran=1; '",
    "مرحبا \u202etxet",
    "🗞️👩‍👩‍👧‍👦",
    "x" * 1000,
    "((((((((((",
    "{{7*7}}",
]


@pytest.mark.parametrize("q", QUERIES, ids=range(len(QUERIES)))
def test_hostile_words_stay_words(open_tab, hostile_wire, q):
    for width in (320, 1280):
        tab = open_tab(f"{hostile_wire}/", viewport={"width": width, "height": 800})
        box = tab.get_by_role("combobox")
        box.fill(q)
        box.press("Enter")
        expect(tab).to_have_url(re.compile(r"\?q="))
        tab.wait_for_timeout(300)
        expect(box).to_have_value(q)
        assert tab.evaluate("window.ran") is None
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        box.fill("")
        if len(q) <= 200:  # recent searches show it
            expect(tab.get_by_role("option").first).to_contain_text(q)
        assert tab.evaluate("document.documentElement.scrollWidth") <= width
        assert tab.evaluate("window.ran") is None


@pytest.mark.parametrize("width", [320, 1280])
def test_hostile_texts_stay_texts(open_tab, hostile_wire, width):
    tab = open_tab(f"{hostile_wire}/", viewport={"width": width, "height": 800}, **COPY)
    expect(tab.locator("h2", has_text="<script>window.ran=1</script>").first).to_be_visible()
    expect(tab.locator(".snippet", has_text="<img src=x")).to_be_visible()
    for about in range(tab.locator(".about").count()):
        tab.locator(".about").nth(about).click()
        expect(tab.get_by_role("dialog")).to_be_visible()
        tab.keyboard.press("Escape")
        expect(tab.get_by_role("dialog")).to_be_hidden()
    for quote in tab.get_by_role("button", name="Copy quotation").all():
        quote.click()
    assert tab.locator(".hits img, .hits svg, .hits script").count() == 0
    assert tab.evaluate("window.ran") is None
    assert tab.evaluate("document.documentElement.scrollWidth") <= width


def test_search_by_keyboard_alone(open_tab):
    """Type, complete, choose, open, come back: without a mouse."""
    tab = open_tab("/", viewport=WIDE)
    for _ in range(3):  # past the skip link and the title
        tab.keyboard.press("Tab")
    expect(tab.get_by_role("combobox")).to_be_focused()
    tab.keyboard.type("inq")
    expect(tab.get_by_role("option").first).to_be_visible()
    tab.keyboard.press("ArrowDown")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("q=inquiry$"))
    seen = []
    for _ in range(400):
        tab.keyboard.press("Tab")
        label = tab.evaluate(
            "(e => (e.closest('section')?.getAttribute('aria-labelledby') ?? '') + '|' + e.className)"
            "(document.activeElement)"
        )
        seen.append(label)
        ring = tab.evaluate("getComputedStyle(document.activeElement).outlineStyle")
        assert ring != "none", label
        if label == "person-title|value":
            break
    assert seen[-1] == "person-title|value"
    assert "published-title|grip" in seen
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("person="))
    expect(tab.locator(".on .value")).to_be_focused()
    tab.locator(".hit h2 a").first.focus()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/articles/"))
    tab.get_by_role("link", name="Back to the results").focus()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"/\?q=inquiry&person="))
    expect(tab.locator(".hit").first).to_be_visible()
