"""What the browser tests share: Chromium, tabs with and without scripts, and an archive of hostile text."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
SHARED = str(Path(__file__).resolve().parents[1] / "conftest.py")
WIRE = "The harbour of Port Ellery was closed on Tuesday, said Anna Berg of the Ellery Harbour Trust."
LONG = "x" * 1000
HOSTILE = [
    ("<script>window.ran=1</script>", "<img src=x onerror='window.ran=1'> said John Kerry in London."),
    ("'\"><svg onload=window.ran=1>", "“Quotes” 'and' \"more\" & &lt;b&gt; of Anna Berg."),
    (
        "مرحبا بالعالم \u202etxet siht",
        "שלום עולם from \u202eJerusalem\u202c said John Kerry on 3 March 2014.",
    ),
    (f"{LONG} 🗞️👩‍👩‍👧‍👦", f"An emoji 🗞️ and {LONG} in Paris. {'🔥' * 300}"),
    (
        "{{7*7}} ${7*7} <%= 7 %>",
        "javascript:alert(1) data:text/html,<script>window.ran=1</script> in Berlin.",
    ),
    ("First of the wire", WIRE),
    ("Second of the wire", WIRE),
    ("Third of the wire", WIRE),
]


@pytest.fixture(scope="session")
def browser_app() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def hostile_server(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive of `HOSTILE`, served."""
    shared = request.config.pluginmanager.get_plugin(SHARED)
    folder = tmp_path_factory.mktemp("hostile")
    lines = [
        json.dumps({"id": str(n), "headline": headline, "published": f"2014-03-{n + 1:02}", "text": text})
        for n, (headline, text) in enumerate(HOSTILE)
    ]
    (folder / "wire.jsonl").write_text("\n".join(lines))
    server = shared.Server(shared.build_index(folder / "index", folder / "wire.jsonl"))
    yield server.url
    server.stop()


def complains(line: ConsoleMessage) -> bool:
    """Whether a line of the console is a fault; the browser also calls our own status 400 an error."""
    return line.type == "error" and "status of 400" not in line.text


@pytest.fixture
def open_tab(browser_app: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Opens tabs, each a visitor of its own; what a page complains of fails the test."""
    contexts, complaints = [], []

    def make(path: str = "/", **options: object) -> Page:
        context = browser_app.new_context(**{"base_url": live_server, "reduced_motion": "reduce", **options})
        contexts.append(context)
        page = context.new_page()
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.on("console", lambda line: complains(line) and complaints.append(line.text))
        page.goto(path)
        return page

    yield make
    for context in contexts:
        context.close()
    assert complaints == []
