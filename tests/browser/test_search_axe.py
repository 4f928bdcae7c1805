"""axe-core finds nothing to complain of on the search page, in whatever state it is left."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

SIZES = {"narrow": {"width": 320, "height": 800}, "wide": {"width": 1280, "height": 900}}
# axe's rules for what WCAG 2.2 AA asks, and its best practices.
RULES = {
    "runOnly": {
        "type": "tag",
        "values": ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"],
    }
}


def typing(tab):
    tab.get_by_role("combobox").press_sequentially("inq")
    expect(tab.get_by_role("option").first).to_be_visible()
    tab.keyboard.press("ArrowDown")


def card(tab):
    tab.locator(".about").first.click()
    expect(tab.get_by_role("dialog")).to_be_visible()


def finding(tab):
    tab.get_by_label("Find people by name").press_sequentially("okaf")
    expect(tab.locator(".found .value")).to_have_count(1)


def brushing(tab):
    tab.get_by_role("slider", name="Published, first days").focus()
    tab.keyboard.press("ArrowRight")
    expect(tab.locator(".timeline .brushed")).to_be_visible()


def told(tab):
    tab.locator(".snippet .to").first.focus()


STATES = {
    "everything": ("/", None),
    "words": ("/?q=dam", None),
    "nothing": ("/?q=qqxzqqxz&person=person-helen-walsh", None),
    "refused": ("/?limit=x", None),
    "chosen": (
        "/?q=the&person=person-helen-walsh&person=person-simon-hartley&not_place=place-london",
        None,
    ),
    "typing": ("/", typing),
    "card": ("/?q=dam", card),
    "finding": ("/", finding),
    "brushing": ("/", brushing),
    "told": ("/?q=dam", told),
    "entity": ("/entities/person-helen-walsh?q=dam", None),
    "values": ("/facets/person?prefix=wal&q=the", None),
}


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(open_tab, state, size, scheme):
    path, prepare = STATES[state]
    tab = open_tab(path, viewport=SIZES[size], color_scheme=scheme)
    if prepare:
        prepare(tab)
    found = Axe().run(tab, options=RULES)
    told = [
        f"{v['id']}: {v['help']}: {n['html'][:160]} {n['failureSummary'][:300]}"
        for v in found.response["violations"]
        for n in v["nodes"][:3]
    ]
    assert told == []


def test_nothing_moves_for_who_wants_it_still(open_tab):
    tab = open_tab("/?q=dam")
    moving = tab.evaluate(
        "[...document.querySelectorAll('*')].filter(e => {const s = getComputedStyle(e);"
        " return parseFloat(s.transitionDuration) || s.animationName !== 'none'}).map(e => e.className)"
    )
    assert moving == []


@pytest.mark.parametrize("width", [320, 768, 1280, 3840])
@pytest.mark.parametrize("state", ["typing", "card", "finding", "brushing", "entity", "values"])
def test_nothing_is_wider_than_the_screen(open_tab, state, width):
    path, prepare = STATES[state]
    tab = open_tab(path, viewport={"width": width, "height": 800})
    if prepare:
        prepare(tab)
    assert tab.evaluate("document.documentElement.scrollWidth") <= width
