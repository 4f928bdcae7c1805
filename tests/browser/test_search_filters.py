"""Facets, cards and histograms with scripts: the counts move, the place stays."""

import re

from playwright.sync_api import expect

WIDE = {"width": 1280, "height": 900}


def total(tab):
    return int(re.match(r"[\d,]+", tab.locator("main h1").inner_text())[0].replace(",", ""))


def people(tab):
    return tab.locator("section[aria-labelledby=person-title]")


def test_a_choice_keeps_focus_scroll_and_page(open_tab):
    tab = open_tab("/", viewport=WIDE)
    tab.evaluate("window.mine = true")
    everything = total(tab)
    value = people(tab).locator(".value").nth(1)
    name = value.locator("bdi").inner_text()
    value.focus()
    before = value.bounding_box()["y"]
    tab.keyboard.press("Enter")
    expect(tab.locator(".chosen")).to_contain_text(name)
    assert 0 < total(tab) < everything
    chosen = people(tab).locator(".on .value")
    expect(chosen).to_be_focused()
    assert abs(chosen.bounding_box()["y"] - before) < 2 or tab.evaluate("scrollY") == 0
    assert tab.evaluate("window.mine")
    tab.keyboard.press("Enter")
    expect(tab.locator(".chosen")).to_have_count(0)
    assert total(tab) == everything


def test_exclude_and_undo(open_tab):
    tab = open_tab("/")
    everything = total(tab)
    people(tab).locator(".not").first.click()
    expect(people(tab).locator(".off")).to_have_count(1)
    assert total(tab) < everything
    people(tab).locator(".off .not").click()
    expect(people(tab).locator(".off")).to_have_count(0)
    assert total(tab) == everything


def test_any_and_all(open_tab):
    tab = open_tab("/")
    for n in (1, 2):
        people(tab).locator("li:not(.on) .value").first.click()
        expect(people(tab).locator(".on")).to_have_count(n)
    either = total(tab)
    tab.get_by_role("link", name="all of them").click()
    expect(tab).to_have_url(re.compile("person_mode=all"))
    expect(tab.get_by_role("link", name="all of them")).to_be_focused()
    assert total(tab) < either


def test_zero_never_hides_a_chosen_value(open_tab):
    tab = open_tab("/?person=person-helen-walsh")
    tab.get_by_role("combobox").press_sequentially("qqxzqqxz")
    expect(tab.locator("main")).to_contain_text("Nothing found")
    expect(people(tab).locator(".on")).to_contain_text("Helen Walsh")
    expect(people(tab).locator(".on .count")).to_have_text("0")


def test_more_values(open_tab):
    tab = open_tab("/")
    tab.get_by_role("link", name="More people").click()
    expect(people(tab).locator("li")).to_have_count(30)


def test_a_value_is_found_by_typing(open_tab):
    tab = open_tab("/?q=the")
    field = tab.get_by_label("Find people by name")
    field.press_sequentially("okaf")
    found = people(tab).locator(".found .value")
    expect(found).to_have_count(1)
    expect(tab.locator("#told")).to_have_text("1 name found")
    count = int(found.locator(".count").inner_text())
    field.press("Tab")
    tab.keyboard.press("Tab")
    expect(found).to_be_focused()
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"q=the&person=person-grace-okafor$"))
    assert total(tab) == count


def test_a_value_is_found_without_scripts(open_tab):
    tab = open_tab("/?q=the", java_script_enabled=False)
    tab.get_by_label("Find people by name").fill("okaf")
    tab.get_by_role("form", name="Find people").get_by_role("button").click()
    expect(tab.locator("h1")).to_contain_text("okaf")
    tab.locator(".values .value").click()
    expect(tab).to_have_url(re.compile(r"/\?q=the&person=person-grace-okafor$"))


def test_a_card_tells_of_a_name_and_leads_on(open_tab):
    tab = open_tab("/?q=dam", viewport=WIDE)
    people(tab).locator(".about").first.click()
    card = tab.get_by_role("dialog")
    expect(card).to_be_visible()
    expect(card.locator("h1")).to_be_focused()
    for words in ("Written as", "Named in the same paragraphs", "published"):
        expect(card).to_contain_text(words)
    assert card.locator("svg a").count()
    name = card.locator("h1").inner_text()
    card.locator(".related a").first.click()
    expect(card.locator("h1")).not_to_have_text(name)
    tab.keyboard.press("Escape")
    expect(card).to_be_hidden()
    expect(people(tab).locator(".about").first).to_be_focused()
    people(tab).locator(".about").first.click()
    card.get_by_role("link", name="Only with this name").click()
    expect(card).to_be_hidden()
    expect(tab.locator(".chosen")).to_contain_text(name)


def test_a_card_is_a_page_without_scripts(open_tab):
    tab = open_tab("/?q=dam", java_script_enabled=False)
    people(tab).locator(".about").first.click()
    expect(tab).to_have_url(re.compile(r"/entities/person-.*\?q=dam"))
    expect(tab.locator("main")).to_contain_text("Written as")
    tab.get_by_role("link", name="Back to the results").click()
    expect(tab).to_have_url(re.compile(r"/\?q=dam$"))


def timeline(tab):
    return tab.locator(".timeline .plot")


def drag(tab, plot, start, end):
    at = plot.bounding_box()
    y = at["y"] + 20
    tab.mouse.move(at["x"] + at["width"] * start, y)
    tab.mouse.down()
    tab.mouse.move(at["x"] + at["width"] * (start + end) / 2, y, steps=4)
    expect(plot.locator(".brushed")).to_be_visible()
    tab.mouse.move(at["x"] + at["width"] * end, y, steps=4)
    tab.mouse.up()


def test_days_are_brushed_with_the_mouse(open_tab):
    tab = open_tab("/", viewport=WIDE)
    everything = total(tab)
    bars = timeline(tab).locator("svg a").count()
    drag(tab, timeline(tab), 0.1, 0.4)
    expect(tab).to_have_url(re.compile(r"published_from=\d{4}(-\d\d)*&published_to="))
    expect(tab.locator(".chosen")).to_contain_text("published")
    assert 0 < total(tab) < everything
    assert bars != timeline(tab).locator("svg a").count()
    tab.get_by_role("link", name="All days").click()
    expect(tab.locator(".chosen")).to_have_count(0)


def test_a_click_on_a_bar_drills_to_days_and_back_out(open_tab):
    tab = open_tab("/", viewport=WIDE)
    day = r"published_from=(\d{4}-\d\d-\d\d)&published_to=\1"
    for _ in range(6):
        if re.search(day, tab.url):
            break
        before = tab.url
        timeline(tab).locator("svg a").nth(1).locator(".hit-area").click()
        expect(tab).not_to_have_url(before)
    assert re.search(day, tab.url)
    tab.get_by_role("link", name=re.compile("^All of ")).click()
    expect(tab.locator(".chosen")).to_contain_text(re.compile(r"published \d{4}"))


def test_days_are_brushed_by_keyboard(open_tab):
    tab = open_tab("/", viewport=WIDE)
    first = tab.get_by_role("slider", name="Published, first days")
    last = tab.get_by_role("slider", name="Published, last days")
    first.focus()
    for key in ("ArrowRight", "ArrowRight", "ArrowLeft"):
        tab.keyboard.press(key)
    expect(first).to_have_attribute("aria-valuenow", "1")
    tab.keyboard.press("Tab")
    expect(last).to_be_focused()
    tab.keyboard.press("Home")
    expect(last).to_have_attribute("aria-valuenow", "1")
    tab.keyboard.press("Shift+ArrowRight")
    expect(first).to_have_attribute("aria-valuenow", "2")
    expect(last).to_have_attribute("aria-valuenow", "2")
    words = last.get_attribute("aria-valuetext")
    tab.keyboard.press("Enter")
    expect(tab.locator(".chosen")).to_contain_text(f"published {words.split(':')[0]}")
    assert total(tab) == int(words.rpartition(": ")[2])
    expect(tab.get_by_role("slider", name="Published, last days")).to_be_focused()


def test_escape_leaves_the_days_as_they_were(open_tab):
    tab = open_tab("/")
    first = tab.get_by_role("slider", name="Published, first days")
    first.focus()
    tab.keyboard.press("End")
    expect(first).not_to_have_attribute("aria-valuenow", "0")
    tab.keyboard.press("Escape")
    expect(first).to_have_attribute("aria-valuenow", "0")


def test_days_are_brushed_with_a_finger(open_tab):
    tab = open_tab("/", viewport={"width": 390, "height": 800}, has_touch=True, is_mobile=True)
    everything = total(tab)
    at = timeline(tab).bounding_box()
    session = tab.context.new_cdp_session(tab)
    y = at["y"] + 20

    def touch(kind, part=None):
        points = [] if part is None else [{"x": at["x"] + at["width"] * part, "y": y}]
        session.send("Input.dispatchTouchEvent", {"type": kind, "touchPoints": points})

    touch("touchStart", 0.3)
    for part in (0.4, 0.5, 0.6):
        touch("touchMove", part)
    touch("touchEnd")
    expect(tab).to_have_url(re.compile("published_from="))
    assert total(tab) < everything


def test_the_days_spoken_of_are_brushed_too(open_tab):
    tab = open_tab("/?q=dam", viewport=WIDE)
    plot = tab.locator(".filters .plot")
    plot.scroll_into_view_if_needed()
    drag(tab, plot, 0.0, 0.5)
    expect(tab).to_have_url(re.compile("mentioned_from="))
    expect(tab.locator(".chosen")).to_contain_text("mentioned")
    expect(tab.locator(".filters table th").filter(has_text="To the")).to_have_count(1)


def test_undated_articles_are_counted_and_shown(open_tab):
    tab = open_tab("/", viewport=WIDE)
    link = tab.get_by_role("link", name=re.compile(r"\d+ undated"))
    count = int(link.inner_text().split()[0])
    link.click()
    expect(tab).to_have_url(re.compile("undated=only"))
    assert total(tab) == count


def test_typed_days_are_taken_without_leaving_the_page(open_tab):
    tab = open_tab("/?q=the")
    tab.evaluate("window.mine = true")
    form = tab.get_by_role("form", name="Published between")
    form.get_by_label("From").fill("2018")
    form.get_by_label("From").press("Enter")
    expect(tab).to_have_url(re.compile("published_from=2018"))
    assert tab.evaluate("window.mine")
