"""Takes a picture of every page, wide and narrow, light and dark, for a person to look at.

`make screenshots` serves the bundled sample and writes build/screenshots/NAME-SIZE-SCHEME.png.
A page is added as a line of `PAGES`: its name, its address, and what is done there first, if anything;
{article} and {paragraph} in an address stand for the first that a search for `dam` finds, other
names for what `tests/newsroom.py` puts there.

Usage: python tests/browser/screenshots.py [NAME...]
"""

from __future__ import annotations

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))
from tests import newsroom  # noqa: E402  (run as a file, of which Python knows the folder alone)

OUT = ROOT / "build" / "screenshots"
SIZES = {"wide": {"width": 1280, "height": 900}, "narrow": {"width": 375, "height": 800}}
SCHEMES = ("light", "dark")
KEY = "a-key-for-pictures"


def typed(page: Page) -> None:
    page.get_by_role("combobox").press_sequentially("dam inq")
    page.get_by_role("option").first.wait_for()


def card(page: Page) -> None:
    page.locator(".facet .about").first.click()
    page.get_by_role("dialog").wait_for()


def brushed(page: Page) -> None:
    first = page.get_by_role("slider", name="Published, first days")
    first.focus()
    for _ in range(5):
        page.keyboard.press("ArrowRight")


def explained(page: Page) -> None:
    page.locator(".snippet .to").nth(1).focus()


def signed_in(page: Page) -> None:
    page.get_by_label("Your name").fill("Anna Berg")
    page.get_by_label("Key").fill(KEY)
    page.get_by_role("button", name="Sign in").click()
    page.get_by_role("button", name="Sign out").wait_for()


def desk_page(path: str) -> Callable[[Page], None]:
    """Signs in and goes to a page of the desk."""

    def prepare(page: Page) -> None:
        signed_in(page)
        page.goto(path)

    return prepare


@dataclass(frozen=True)
class Shot:
    """A page to take a picture of; all of it unless `whole` is False, then what a screen shows.

    `server`: one without a key (`off`), or one that is `closed` to who has none.
    """

    name: str
    path: str
    prepare: Callable[[Page], None] | None = None
    whole: bool = False
    server: str = ""


def saving(page: Page) -> None:
    signed_in(page)
    page.goto("/?q=dam+inquiry")
    page.get_by_role("link", name="Save this search").click()


PAGES = (
    Shot("home", "/"),
    Shot("search", "/?q=dam+inquiry", whole=True),
    Shot("filters", "/?q=the&person=person-helen-walsh&not_place=place-london&published_from=2017"),
    Shot("typing", "/", typed),
    Shot("card", "/?q=dam", card),
    Shot("brush", "/", brushed),
    Shot("explained", "/?q=dam", explained),
    Shot("nothing", "/?q=qqxzqqxz&person=person-helen-walsh"),
    Shot("entity", "/entities/person-helen-walsh?q=the", whole=True),
    Shot("values", "/facets/person?prefix=wal"),
    Shot("article", "/articles/{article}?q=dam", whole=True),
    Shot("missing", "/articles/none"),
    Shot("embed", "/embed?q=dam"),
    Shot("desk-entry", "/desk"),
    Shot("desk", "/desk", signed_in),
    Shot("desk-names", "/desk", desk_page("/desk/entities"), whole=True),
    Shot("desk-name", "/desk", desk_page("/desk/entities/person-helen-walsh"), whole=True),
    Shot("desk-duplicates", "/desk", desk_page("/desk/duplicates")),
    Shot("desk-log", "/desk", desk_page("/desk/decisions")),
    Shot("desk-ingests", "/desk", desk_page("/desk/ingests")),
    Shot("copies", "/?q=dam+gates", whole=True),
    Shot("copies-article", "/articles/{copied}", whole=True),
    Shot("desk-searches", "/desk/searches", signed_in, whole=True),
    Shot("desk-saving", "/desk", saving, whole=True),
    Shot("desk-search", "/desk/searches/{saved}", signed_in, whole=True),
    Shot("desk-alerts", "/desk/alerts", signed_in, whole=True),
    Shot("desk-alert", "/desk/alerts/{alert}", signed_in, whole=True),
    Shot("desk-audit", "/desk/audit", signed_in, whole=True),
    Shot("unsubscribe", "{unsubscribe}"),
    Shot("closed", "/", server="closed"),
    Shot("desk-off", "/desk", server="off"),
)


SERVERS = {
    "": {"DATELINE_API_KEY": KEY, "DATELINE_PRIVATE": newsroom.PRIVATE},
    "closed": {"DATELINE_API_KEY": KEY, "DATELINE_READING": "closed"},
    "off": {},
}


@contextmanager
def served(kind: str) -> Iterator[tuple[str, dict[str, str]]]:
    """The bundled sample, indexed and served; yields the address, and what may stand in those of pages."""
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free, newsroom.receiver() as receiver:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
        free.close()
        environ = os.environ | {"DATELINE_INDEX": f"{folder}/index"} | SERVERS[kind]
        run = [sys.executable, "-m", "api"]
        subprocess.run([*run, "index", "api/sample", "--json"], cwd=ROOT, env=environ, check=True)
        made = None if kind else newsroom.furnish(Path(folder, "index"), receiver)
        server = subprocess.Popen([*run, "serve", "--port", str(port)], cwd=ROOT, env=environ)
        home = f"http://127.0.0.1:{port}"
        try:
            _wait_for(f"{home}/readyz")
            yield home, first_found(home) | names(made) if made else {}
        finally:
            server.terminate()
            server.wait(20)


def names(made: newsroom.Newsroom) -> dict[str, str]:
    """What was put there, as it may stand in addresses."""
    return {
        "saved": made.searches[0],
        "alert": made.webhook,
        "copied": made.article,
        "unsubscribe": made.unsubscribe,
    }


def _wait_for(address: str) -> None:
    for _ in range(300):
        try:
            with urllib.request.urlopen(address, timeout=2):
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError(f"nothing answers at {address}")


def first_found(home: str) -> dict[str, str]:
    """Ids to put into addresses."""
    with urllib.request.urlopen(f"{home}/api/v1/search?q=dam&limit=1&facets=") as answer:
        (hit,) = json.load(answer)["hits"]
    return {"article": hit["article"]["id"], "paragraph": hit["id"]}


def take(browser: Browser, home: str, shot: Shot, ids: dict[str, str]) -> None:
    """Take one page's pictures."""
    for size, viewport in SIZES.items():
        for scheme in SCHEMES:
            context = browser.new_context(
                viewport=viewport, color_scheme=scheme, base_url=home, reduced_motion="reduce"
            )
            page = context.new_page()
            page.goto(shot.path.format_map(ids))
            if shot.prepare:
                shot.prepare(page)
            page.screenshot(path=OUT / f"{shot.name}-{size}-{scheme}.png", full_page=shot.whole)
            context.close()


def main() -> None:
    """Take the pictures that are named, or all."""
    chromium = shutil.which("chromium")
    if chromium is None:
        sys.exit("Chromium is not installed (Debian: apt install chromium)")
    wanted = set(sys.argv[1:]) or {shot.name for shot in PAGES}
    OUT.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        for kind in SERVERS:
            if shots := [shot for shot in PAGES if shot.name in wanted and shot.server == kind]:
                with served(kind) as (home, ids):
                    for shot in shots:
                        take(browser, home, shot, ids)
        browser.close()
    print(f"{len(list(OUT.glob('*.png')))} pictures in {OUT.relative_to(ROOT)}")


if __name__ == "__main__":
    main()
