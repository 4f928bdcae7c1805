"""Saved searches, alerts, the audit and copies in a real browser, with scripts off and on."""

import re
import shutil

import pytest
from playwright.sync_api import expect

from index.archive import Archive
from index.keys import Keys
from tests import newsroom

KEY = "a-long-secret"


@pytest.fixture(scope="module")
def room(helpers, sample_index, tmp_path_factory):
    """A server with its courier, a receiver of webhooks, and what `newsroom` puts there."""
    path = shutil.copytree(sample_index, tmp_path_factory.mktemp("room") / "index")
    with newsroom.receiver() as to:
        made = newsroom.furnish(path, to)
        more = {"DATELINE_PRIVATE": newsroom.PRIVATE, "DATELINE_COURIER": "on"}
        server = helpers.Server(path, DATELINE_API_KEY=KEY, **more)
        yield server.url, made, to
        server.stop()


def pages(made):
    return (
        "/desk/searches",
        "/desk/searches?query=q%3Ddam",
        *(f"/desk/searches/{id_}" for id_ in made.searches),
        "/desk/alerts",
        f"/desk/alerts?search={made.searches[1]}",
        f"/desk/alerts?search={newsroom.LONG}",
        f"/desk/alerts/{made.webhook}",
        f"/desk/alerts/{made.mail}",
        "/desk/audit",
        "/desk/audit?key=",
        made.unsubscribe,
        "/?q=dam+gates",
        "/?q=dam+gates&duplicates=show",
        f"/articles/{made.article}",
    )


@pytest.fixture
def visit(chromium, room):
    """Opens tabs, signed in at the desk unless told not to; what they complain of fails the test."""
    contexts, told = [], []

    def open_(path="/desk", signed=True, **options):
        context = chromium.new_context(base_url=room[0], reduced_motion="reduce", **options)
        contexts.append(context)
        tab = context.new_page()
        tab.set_default_timeout(5_000)
        tab.on("dialog", lambda dialog: told.append(dialog.message))
        tab.on("pageerror", lambda error: told.append(str(error)))
        tab.on("console", lambda line: "status of 4" in line.text or told.append(line.text))
        tab.goto(path)
        if signed:
            sign_in(tab)
        return tab

    yield open_
    for context in contexts:
        context.close()
    assert told == []


def sign_in(tab):
    tab.get_by_label("Your name").fill("Anna Berg")
    tab.get_by_label("Key").fill(KEY)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.locator(".desk-who")).to_contain_text("Anna Berg")


scripts = pytest.mark.parametrize("scripts", [False, True], ids=["scripts off", "scripts on"])


@scripts
def test_a_search_is_saved_paused_resumed_renamed_and_removed(visit, scripts):
    tab = visit("/?q=Helen+Walsh&limit=5", signed=False, java_script_enabled=scripts)
    tab.get_by_role("link", name="Save this search").click()
    sign_in(tab)  # and goes on to the form
    expect(tab.get_by_label("Save this search as")).to_have_value("Helen Walsh")
    tab.get_by_label("Save this search as").fill("The minister <b>")
    tab.get_by_role("button", name="Save", exact=True).click()
    expect(tab.get_by_role("status")).to_contain_text("What is added from now on is matched")
    expect(tab.locator("h1")).to_contain_text("The minister <b>")
    expect(tab.get_by_label("Query, as in the address")).to_have_value("q=Helen+Walsh")
    tab.get_by_role("button", name="Pause").click()
    expect(tab.locator("h1")).to_contain_text("paused")
    tab.get_by_role("button", name="Resume").click()
    expect(tab.locator("h1")).to_contain_text("active")
    tab.get_by_label("Query, as in the address").fill("q=dam&published_from=soon")
    tab.get_by_role("button", name="Change").click()
    expect(tab.get_by_role("alert")).to_contain_text("Nothing was changed: the query cannot be used")
    tab.get_by_label("Name", exact=True).fill("The minister")
    tab.get_by_label("Query, as in the address").fill("q=Walsh")
    tab.get_by_role("button", name="Change").click()
    expect(tab.get_by_role("status")).to_have_text("Changed.")
    tab.get_by_role("link", name="Search it").click()
    expect(tab.get_by_role("searchbox").or_(tab.get_by_role("combobox")).first).to_have_value("Walsh")
    tab.go_back()
    tab.get_by_text("Remove it…").click()
    tab.get_by_role("button", name="Remove this search").click()
    expect(tab.get_by_role("status")).to_contain_text("Removed")
    expect(tab.get_by_role("link", name="The minister")).to_have_count(0)


def test_what_a_saved_search_found_leads_to_the_article_and_its_feeds(visit, room):
    tab = visit(f"/desk/searches/{room[1].searches[0]}")
    expect(tab.locator(".facts")).to_contain_text("1 story")
    expect(tab.locator(".snippet mark").first).to_be_visible()
    for label in ("Atom", "RSS", "JSON"):
        href = tab.get_by_role("link", name=label, exact=True).get_attribute("href")
        assert "Gates of the Calder Dam" in tab.request.get(href).text()
    tab.get_by_role("link", name="Gates of the Calder Dam").click()
    expect(tab).to_have_url(re.compile(f"/articles/{room[1].article}"))


@scripts
def test_an_alert_is_added_tested_turned_off_and_removed(visit, room, scripts):
    tab = visit("/desk/searches", java_script_enabled=scripts)
    tab.get_by_role("link", name="Calder dam").click()
    tab.get_by_role("link", name="Webhooks, Slack and mail").click()
    form = tab.get_by_role("region", name="A new alert")
    expect(form.get_by_label("Saved search")).to_have_value(room[1].searches[0])
    form.get_by_label("Address").fill("http://192.168.1.1/hook")
    form.get_by_role("button", name="Add").click()
    expect(tab.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(form.get_by_label("Address")).to_have_value("http://192.168.1.1/hook")
    form.get_by_label("To", exact=True).select_option("Webhook")
    form.get_by_label("How soon").select_option("Hourly")
    form.get_by_label("Address").fill(f"{room[2]}/hook")
    form.get_by_role("button", name="Add").click()
    expect(tab.get_by_role("status")).to_contain_text("whsec_")
    tab.get_by_role("button", name="Send a test").click()
    expect(tab.locator(".desk-runs > li")).to_have_count(1)
    for _ in range(50):  # the courier looks each second
        if "delivered" in tab.locator(".desk-runs").inner_text():
            break
        tab.wait_for_timeout(200)
        tab.reload()
    expect(tab.locator(".desk-runs > li")).to_contain_text("200")
    tab.get_by_role("button", name="Turn off").click()
    expect(tab.locator("h1")).to_contain_text("off")
    tab.get_by_role("button", name="Turn on").click()
    expect(tab.get_by_role("button", name="Turn off")).to_be_visible()
    assert "whsec_" not in tab.content()
    before = tab.url
    tab.get_by_role("button", name="Remove").click()
    expect(tab).to_have_url(re.compile("/desk/alerts$"))
    tab.goto(before)
    expect(tab.get_by_role("heading", level=1)).to_have_text("No such alert")


def test_each_try_of_an_alert_is_told(visit, room):
    tab = visit(f"/desk/alerts/{room[1].webhook}")
    tries = tab.locator(".desk-passages > li")
    expect(tries).to_have_count(2)
    expect(tries.first).to_contain_text(f"503: {newsroom.RUNS} busy")
    expect(tries.last).to_contain_text("200: taken")
    tab.get_by_role("link", name="Calder dam").click()
    expect(tab.locator("h1")).to_contain_text("Calder dam")


def test_a_search_is_saved_and_its_alert_added_by_keyboard(visit, room):
    tab = visit("/desk/searches?query=q%3Dlighthouse", java_script_enabled=False)

    def reach(target):
        for _ in range(80):
            if target.evaluate("e => e === document.activeElement"):
                return
            tab.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by the keyboard")

    reach(tab.get_by_label("Save this search as"))
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_contain_text("lighthouse")
    reach(tab.get_by_role("link", name="Webhooks, Slack and mail"))
    tab.keyboard.press("Enter")
    reach(tab.get_by_label("To", exact=True))
    tab.keyboard.type("Webhook")
    reach(tab.get_by_label("Address"))
    tab.keyboard.type(f"{room[2]}/keyboard")
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_contain_text("Webhook to")
    reach(tab.get_by_role("button", name="Turn off"))
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_contain_text("off")


def test_the_audit_names_who_wrote_what(visit):
    tab = visit("/desk/searches?query=q%3Dsluice")
    tab.get_by_role("button", name="Save", exact=True).click()
    tab.get_by_role("link", name="Audit", exact=True).click()
    expect(tab.locator(".desk-runs > li").first).to_contain_text("Anna Berg")
    expect(tab.locator(".desk-runs > li").first).to_contain_text("/desk/searches")
    expect(tab.locator(".desk-runs")).to_contain_text(newsroom.RUNS)
    tab.locator(".desk-runs a").first.click()
    tab.get_by_role("link", name="With every key").click()
    expect(tab).to_have_url(re.compile("/desk/audit$"))


@scripts
def test_a_reader_ends_the_mails(visit, room, scripts):
    tab = visit(room[1].unsubscribe, signed=False, java_script_enabled=scripts)
    expect(tab.locator("main")).to_contain_text(newsroom.RUNS[:20])
    if scripts:  # once: it is over then
        tab.get_by_role("button", name="Send no more").click()
        expect(tab.locator("main")).to_contain_text("Nothing more is sent to desk@news.example")
    else:
        expect(tab.get_by_role("button", name="Send no more")).to_be_visible()


@scripts
def test_copies_are_folded_and_told(visit, room, scripts):
    tab = visit("/?q=dam+gates+spillway", signed=False, java_script_enabled=scripts)
    expect(tab.locator(".hit")).to_have_count(1)
    tab.get_by_role("link", name="and 3 more copies").click()
    expect(tab).to_have_url(re.compile("story="))
    expect(tab.locator(".hit")).to_have_count(4)
    tab.goto(f"/articles/{room[1].article}")
    also = tab.get_by_role("region", name="Also published")
    expect(also.get_by_role("listitem")).to_have_count(3)
    expect(also).to_contain_text(newsroom.OUTLETS[2])
    also.get_by_role("link", name="Harbour Post").click()
    expect(tab.get_by_role("region", name="Also published")).to_contain_text("came first")


@scripts
def test_results_are_taken_along(visit, scripts):
    tab = visit("/?q=dam", signed=False, java_script_enabled=scripts)
    if scripts:  # the links go with what is searched
        tab.get_by_role("combobox").fill("ferry")
        tab.get_by_role("combobox").press("Enter")
        expect(tab).to_have_url(re.compile("q=ferry"))
    words = "ferry" if scripts else "dam"
    links = tab.get_by_role("navigation", name="Take these results along").get_by_role("link")
    hrefs = [links.nth(n).get_attribute("href") for n in range(links.count())]
    assert len(hrefs) >= 6 and all(f"q={words}" in h or f"q%3D{words}" in h for h in hrefs)
    for href in hrefs[:-1]:
        assert tab.request.get(href).ok, href


def test_the_desk_is_found_from_every_page_and_only_where_a_key_exists(
    chromium, helpers, sample_index, tmp_path
):
    path = shutil.copytree(sample_index, tmp_path / "index")
    server = helpers.Server(path, workers=1)
    tab = chromium.new_page(base_url=server.url)
    try:
        tab.goto("/?q=dam")
        assert tab.get_by_role("link", name="Save this search").count() == 0
        assert tab.get_by_role("link", name="The editor’s desk").count() == 0
        tab.goto("/desk")
        expect(tab.locator("h1")).to_have_text("The desk is off")
        Keys(Archive(path)).add("Desk", ["desk"])
        tab.goto("/?q=dam")  # which the browser has, and asks for again
        expect(tab.get_by_role("link", name="Save this search")).to_be_visible()
        tab.get_by_role("link", name="The editor’s desk").click()
        expect(tab.get_by_label("Your name")).to_be_visible()
        assert tab.get_by_role("link", name="The editor’s desk").count() == 0
    finally:
        tab.close()
        server.stop()


@scripts
def test_a_closed_archive_asks_for_a_key_and_leads_on(chromium, helpers, sample_index, violations, scripts):
    server = helpers.Server(sample_index, workers=1, DATELINE_READING="closed", DATELINE_API_KEY=KEY)
    context = chromium.new_context(base_url=server.url, java_script_enabled=scripts, bypass_csp=True)
    try:
        tab = context.new_page()
        tab.goto("/?q=dam")
        expect(tab.locator("h1")).to_have_text("This archive is closed")
        assert tab.get_by_role("button", name="Sign out").count() == 0
        assert not scripts or violations(tab) == []
        tab.get_by_label("Key").fill("wrong")
        tab.keyboard.press("Enter")
        expect(tab.get_by_role("alert")).to_contain_text("not a key")
        tab.get_by_label("Key").fill(KEY)
        tab.keyboard.press("Enter")
        expect(tab).to_have_url(f"{server.url}/?q=dam")
        expect(tab.locator(".hit").first).to_be_visible()
        tab.get_by_role("link", name="The editor’s desk").click()
        sign_in(tab)
        assert tab.get_by_role("button", name="Sign out").count() == 1
        tab.goto("/")
        tab.get_by_role("button", name="Sign out").click()
        expect(tab.locator("h1")).to_have_text("This archive is closed")
    finally:
        context.close()
        server.stop()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_hostile_text_runs_nothing_fits_a_narrow_screen_and_axe_finds_nothing(
    visit, room, violations, scheme
):
    tab = visit(viewport={"width": 320, "height": 700}, color_scheme=scheme, bypass_csp=True)
    wrong = []
    for path in pages(room[1]):
        tab.goto(path)
        if tab.evaluate("document.documentElement.scrollWidth") > 320:
            wrong.append(f"{path}: wider than the screen")
        if tab.title() == "ran" or tab.locator("main img").count():
            wrong.append(f"{path}: runs what it shows")
        wrong += [f"{path}: {told}" for told in violations(tab)]
    assert wrong == []
