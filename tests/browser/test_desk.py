"""The desk in a real browser on a real server: signing in, deciding, undoing, with scripts off and on."""

import re
import shutil
import time
import urllib.request
from dataclasses import replace

import pytest
from playwright.sync_api import expect

from index.archive import Archive
from index.errors import InputError
from index.ingests import IngestLog
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.pipeline import Summary
from index.store import StoreWriter
from tests.conftest import Server

CHROMIUM = shutil.which("chromium")
pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="Chromium is not installed (Debian: chromium)")

KEY = "a-long-secret"
HOSTILE = (
    "<script>document.title='ran'</script>",
    "\"'><img src=x onerror=\"document.title='ran'\">",
    "\u202eעברית אבג\u202e abc",
    "👩\u200d⚖️🇳🇴",
    "x" * 1_000,
)
PAGES = (
    "/desk",
    "/desk/entities?prefix=re",
    "/desk/entities?kind=org&limit=100",
    "/desk/entities/person-daniel-reyes",
    "/desk/entities/person-daniel-reyes/split",
    "/desk/merge?entity=person-daniel-reyes&entity=person-reyes",
    "/desk/merge?entity=org-hostile-0&entity=org-hostile-4&find=a",
    "/desk/duplicates",
    "/desk/decisions",
    "/desk/ingests",
    "/desk/alerts",
    "/desk/ingests/1",
    "/desk/entities/person-nobody",
    *(f"/desk/entities/org-hostile-{n}" for n in range(len(HOSTILE))),
)


def hostile(path):
    """Articles about hostile names, and a run that failed on them."""
    with StoreWriter(path) as store:
        for n, name in enumerate(HOSTILE):
            id_, text = stable_id("hostile", str(n)), f"{name} was there."
            mention = EntityMention(0, len(name), name, "org", f"org-hostile-{n}", name)
            headline = Paragraph(stable_id(id_, name), 0, "headline", 0, len(name), name, (), (mention,))
            body = replace(
                headline, id=stable_id(id_, text), ordinal=1, kind="body", end=len(text), text=text
            )
            day = Publication(None, None)
            store.put(id_, "x", [Article(id_, id_, "w", name, "t", (headline, body), day)])
    with IngestLog(Archive(path)).note("command line", "/srv/wire/*.html", pytest.fail) as note:
        for name in HOSTILE:
            note.failed(InputError(f"/srv/wire/{name}", "damaged gzip (it ends early); fetch it again"))
        note.progress(Summary(documents=3, failed=len(HOSTILE)))
    return path


@pytest.fixture(scope="module")
def desk(sample_index, tmp_path_factory):
    path = shutil.copytree(sample_index, tmp_path_factory.mktemp("desk") / "index")
    server = Server(hostile(path), DATELINE_API_KEY=KEY)
    yield server.url
    server.stop()


def signed_in(chromium, desk, **options):
    context = chromium.new_context(base_url=desk, **options)
    tab = context.new_page()
    tab.told = []
    tab.on("console", lambda message: tab.told.append(message.text))
    tab.on("dialog", lambda dialog: tab.told.append(dialog.message))
    tab.goto("/desk")
    tab.get_by_label("Your name").fill("Anna Berg")
    tab.get_by_label("Key").fill(KEY)
    tab.get_by_role("button", name="Sign in").click()
    expect(tab.get_by_role("button", name="Sign out")).to_be_visible()
    return tab


@pytest.fixture(params=[False, True], ids=["scripts off", "scripts on"])
def tab(chromium, desk, request):
    tab = signed_in(chromium, desk, java_script_enabled=request.param)
    yield tab
    tab.context.close()


def soon(desk, path, condition):
    """Whether every process answers so within a second."""
    until = time.monotonic() + 1
    while True:
        late = time.monotonic() > until
        told = []
        for _ in range(6):
            with urllib.request.urlopen(f"{desk}{path}") as answer:
                told.append(answer.read().decode())
        if all(map(condition, told)):
            return True
        if late:
            return False


def undo(tab):
    tab.locator(".desk-made").get_by_role("button", name="Undo").click()
    expect(tab.locator(".desk-made")).to_contain_text("undid decision")


def test_sign_in_and_out(chromium, desk):
    context = chromium.new_context(base_url=desk, java_script_enabled=False)
    tab = context.new_page()
    tab.goto("/desk/entities?prefix=reyes")
    tab.get_by_label("Your name").fill("Anna Berg")
    tab.get_by_label("Key").fill("wrong")
    tab.keyboard.press("Enter")
    expect(tab.get_by_role("alert")).to_have_text("That is not the key.")
    expect(tab.get_by_label("Your name")).to_have_value("Anna Berg")
    tab.get_by_label("Key").fill(KEY)
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile(r"/desk/entities\?prefix=reyes$"))
    expect(tab.locator(".desk-who")).to_contain_text("Anna Berg")
    tab.get_by_role("button", name="Sign out").click()
    expect(tab.get_by_label("Key")).to_be_visible()
    tab.goto("/desk/decisions")
    expect(tab.get_by_label("Key")).to_be_visible()
    context.close()


def test_merge_two_that_look_alike_and_undo_it(tab, desk):
    listed = re.compile('value" href="[^"]*person=person-reyes[&"]')
    assert soon(desk, "/?facet_limit=100", listed.search)
    tab.get_by_role("link", name="Likely the same").first.click()
    tab.get_by_role("link", name="Merge… Reyes and Daniel Reyes").click()
    expect(tab.get_by_role("radio", name="Daniel Reyes")).to_be_checked()
    expect(tab.locator(".desk-sides mark").first).to_be_visible()
    tab.get_by_role("button", name="Merge into the one kept").click()
    expect(tab.locator(".desk-made")).to_contain_text(
        "merged “\u2068Reyes\u2069” into “\u2068Daniel Reyes\u2069”"
    )
    assert soon(desk, "/?facet_limit=100", lambda page: not listed.search(page))
    undo(tab)
    assert soon(desk, "/?facet_limit=100", listed.search)
    assert tab.told == []


def test_merge_several_that_were_chosen(tab):
    tab.goto("/desk/entities?prefix=reyes")
    for box in tab.get_by_role("checkbox").all():
        box.check()
    tab.get_by_role("button", name="Merge the chosen").click()
    tab.get_by_role("searchbox", name="Find a name").fill("hartly")
    tab.keyboard.press("Enter")
    tab.get_by_role("link", name="Simon Hartley").click()
    expect(tab.get_by_role("radio")).to_have_count(3)
    tab.get_by_role("link", name="Leave out Simon Hartley").click()
    expect(tab.get_by_role("radio")).to_have_count(2)
    tab.get_by_role("radio", name="Reyes", exact=True).check()
    tab.get_by_role("button", name="Merge into the one kept").click()
    expect(tab).to_have_url(re.compile("/desk/entities/person-reyes"))
    undo(tab)


def test_rename(tab, desk):
    tab.goto("/desk/entities/person-helen-walsh")
    tab.get_by_label("Display name").fill("Helen M. Walsh")
    tab.keyboard.press("Enter")
    expect(tab.locator("h1")).to_have_text("Helen M. Walsh")
    assert soon(desk, "/?facet_limit=100", lambda page: "Helen M. Walsh" in page)
    undo(tab)
    expect(tab.locator("h1")).to_have_text("Helen Walsh")


def test_split(tab, desk):
    tab.goto("/desk/entities/person-helen-walsh")
    tab.get_by_role("link", name="Split…").click()
    box = tab.get_by_role("checkbox").first
    box.check()
    article = box.get_attribute("value")
    tab.get_by_label("Name of the other one").fill("Helen Walsh (novelist)")
    tab.get_by_role("button", name="Split off").click()
    assert soon(desk, f"/articles/{article}", lambda page: "Helen Walsh (novelist)" in page)
    tab.get_by_role("link", name="Show what was split off").click()
    expect(tab.locator("h1")).to_have_text("Helen Walsh (novelist)")
    tab.go_back()
    undo(tab)
    assert soon(desk, f"/articles/{article}", lambda page: "(novelist)" not in page)


def test_hide_and_show_again(tab, desk):
    tab.goto("/desk/entities/place-kasara")
    name = tab.locator("h1").inner_text()
    tab.get_by_role("button", name=f"Hide {name}").click()
    expect(tab.locator(".meta")).to_contain_text("hidden", ignore_case=True)
    assert soon(desk, "/?facet_limit=100", lambda page: "person=place-kasara" not in page)
    tab.goto("/desk/entities?hidden=1")
    tab.get_by_role("link", name=name, exact=True).click()
    tab.get_by_role("button", name=f"Show again {name}").click()
    assert soon(desk, "/?facet_limit=100", lambda page: "place=place-kasara" in page)


def test_a_refusal_is_told_where_it_happened(tab):
    tab.goto("/desk/entities/person-helen-walsh/split")
    tab.get_by_role("checkbox").first.check()
    tab.get_by_label("Name of the other one").fill("Helen Walsh")
    tab.get_by_role("button", name="Split off").click()
    expect(tab.get_by_role("alert")).to_contain_text("Nothing was changed")
    expect(tab.get_by_role("checkbox").first).to_be_checked()
    expect(tab.get_by_label("Name of the other one")).to_have_value("Helen Walsh")


def test_the_log_undoes_any_decision(tab):
    tab.goto("/desk/entities/person-simon-hartley")
    tab.get_by_role("button", name="Pin Simon Hartley").click()
    number = re.search(r"Decision (\d+)", tab.locator(".desk-made").inner_text())[1]
    tab.get_by_role("link", name="Decisions", exact=True).click()
    expect(tab).to_have_url(re.compile("/desk/decisions$"))
    tab.get_by_role("button", name=f"Undo decision {number}", exact=True).click()
    expect(tab).to_have_url(re.compile("/desk/decisions"))
    expect(tab.locator(".desk-log li", has_text="pinned").first).to_contain_text("undone by")


def test_what_failed_and_why(tab):
    tab.get_by_role("link", name="Ingested", exact=True).click()
    tab.get_by_role("link", name="With failures").click()
    tab.get_by_role("link", name="Run 1", exact=True).click()
    expect(tab.locator("h1")).to_contain_text("incomplete")
    expect(tab.locator(".desk-failures li").first).to_contain_text("damaged gzip")
    expect(tab.locator(".desk-failures li").first).to_contain_text("What helps: fetch it again")


def test_all_of_it_by_keyboard(chromium, desk):
    context = chromium.new_context(base_url=desk, java_script_enabled=False)
    tab = context.new_page()

    def reach(target):
        for _ in range(80):
            if target.evaluate("e => e === document.activeElement"):
                return
            tab.keyboard.press("Tab")
        raise AssertionError(f"{target} is not reached by the keyboard")

    tab.goto("/desk")
    reach(tab.get_by_label("Your name"))
    tab.keyboard.type("Berit")
    reach(tab.get_by_label("Key"))
    tab.keyboard.type(KEY)
    tab.keyboard.press("Enter")
    reach(tab.get_by_role("link", name="Names"))
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("/desk/entities$"))
    reach(tab.get_by_role("searchbox"))
    tab.keyboard.type("reyes")
    tab.keyboard.press("Enter")
    expect(tab).to_have_url(re.compile("prefix=reyes"))
    for name in ("Choose Daniel Reyes", "Choose Reyes"):
        reach(tab.get_by_role("checkbox", name=name, exact=True))
        tab.keyboard.press("Space")
    tab.keyboard.press("Enter")  # a form's own button
    expect(tab.locator("h1")).to_have_text("Are these the same?")
    reach(tab.get_by_role("radio", name="Daniel Reyes"))
    tab.keyboard.press("Enter")
    expect(tab.locator(".desk-made")).to_contain_text("Decision")
    reach(tab.locator(".desk-made").get_by_role("button", name="Undo"))
    tab.keyboard.press("Enter")
    expect(tab.locator(".desk-made")).to_contain_text("undid decision")
    context.close()


@pytest.mark.parametrize("name", HOSTILE[:4])
def test_hostile_names_run_nothing(tab, name):
    tab.goto("/desk/entities/person-simon-hartley")
    tab.get_by_label("Display name").fill(name)
    tab.get_by_role("button", name="Rename").click()
    expect(tab.locator("h1")).to_have_text(name)
    expect(tab.locator(".desk-made")).to_contain_text(name)
    for path in ("/desk", "/desk/decisions", "/desk/entities?prefix=hartley", "/desk/duplicates"):
        tab.goto(path)
        assert tab.title() != "ran"
        assert tab.locator("main img").count() == 0
    tab.goto("/desk/decisions")
    tab.get_by_role("button", name="Undo").first.click()
    assert tab.told == []


def test_scripts_choose_all_and_filter_while_typing(chromium, desk):
    tab = signed_in(chromium, desk)
    tab.goto("/desk/entities?kind=person&limit=100")
    everybody = tab.locator("#rows > li").count()
    tab.get_by_role("searchbox").fill("RÉYES")
    expect(tab.locator("#rows > li:visible")).to_have_count(2)
    tab.get_by_role("button", name="Choose all").click()
    expect(tab.get_by_role("status")).to_have_text("2 chosen")
    tab.get_by_role("button", name="Choose none").click()
    tab.get_by_role("searchbox").fill("")
    expect(tab.locator("#rows > li:visible")).to_have_count(everybody)
    assert tab.told == []
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [320, 768, 1280])
def test_nothing_is_wider_than_the_screen_and_the_browser_has_nothing_to_complain_of(
    chromium, desk, width, scheme
):
    tab = signed_in(chromium, desk, viewport={"width": width, "height": 700}, color_scheme=scheme)
    wide = []
    for path in PAGES:
        tab.goto(path)
        wide += [path] if tab.evaluate("document.documentElement.scrollWidth") > width else []
    assert wide == []
    assert [told for told in tab.told if "404" not in told] == []
    assert tab.title() != "ran"
    tab.context.close()


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_axe_finds_nothing(chromium, desk, scheme):
    axe = pytest.importorskip("axe_playwright_python.sync_playwright").Axe()
    tab = signed_in(chromium, desk, color_scheme=scheme)
    found = {}
    for path in PAGES:
        tab.goto(path)
        wrong = axe.run(tab).response["violations"]
        found |= {path: [(v["id"], v["nodes"][0]["html"][:200]) for v in wrong]} if wrong else {}
    tab.get_by_role("button", name="Sign out").click()
    wrong = axe.run(tab).response["violations"]
    assert found == {}
    assert wrong == []
    tab.context.close()
