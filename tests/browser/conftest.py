"""What the browser tests share: Chromium, a server of hostile news, and axe."""

from __future__ import annotations

import json
import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Browser, ConsoleMessage, Page, sync_playwright

CHROMIUM = shutil.which("chromium")
CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
LONG = "Donaudampfschiff" * 70
RUNS = "<img src=x onerror=\"document.title='run'\"><script>document.title='run'</script>"
HOSTILE = [
    {
        "id": "markup",
        "headline": f"</title></script>{RUNS} ferry & “quotes” 'single' \"double\"",
        "published": "2019-05-06",
        "author": '"><script>document.title="run"</script>',
        "publisher": "<b>Bold Press</b>",
        "url": "javascript:document.title='run'",
        "paragraphs": [
            f"{RUNS} The ferry sank on Tuesday, said </p></article> Anna Berg \u2028 of {{{{7*7}}}}.",
            "</script><!-- ferry --><style>body{display:none}</style> -->",
        ],
    },
    {
        "id": "emoji",
        "headline": "🛳️🌊 Ferry 👩‍👩‍👧‍👦 afloat 🇮🇹",
        "published": "2019-05-07",
        "paragraphs": [
            "🗞️🗞️🗞️ The 𝒻𝑒𝓇𝓇𝓎 is a ferry 🛳️, and another ferry 🛳️🛳️ came.",
            "Anna Berg 😀 left on Monday.",
        ],
    },
    {
        "id": "bidi",
        "headline": "العبّارة ferry \u202e dereversed \u202c غرقت",
        "published": "2019-05-08",
        "paragraphs": [
            "غرقت العبّارة ferry في 7 مايو 2019، قالت Anna Berg.",
            "\u202eferry reversed\u202c and on.",
        ],
    },
    {
        "id": "long",
        "headline": f"Ferry {LONG}",
        "published": "2019-05-09",
        "publisher": LONG,
        "paragraphs": [f"A ferry {LONG} sank.", LONG * 2 + " ferry", f"{'word ' * 3000} ferry"],
    },
]


WIRE = "The harbour of Port Ellery was closed on Tuesday, said Anna Berg of the Ellery Harbour Trust."
HOSTILE_WIRE = [
    ("<script>window.ran=1</script>", "<img src=x onerror='window.ran=1'> said John Kerry in London."),
    ("'\"><svg onload=window.ran=1>", "“Quotes” 'and' \"more\" & &lt;b&gt; of Anna Berg."),
    (
        "مرحبا بالعالم \u202etxet siht",
        "שלום עולם from \u202eJerusalem\u202c said John Kerry on 3 March 2014.",
    ),
    (f"{'x' * 1000} 🗞️👩‍👩‍👧‍👦", f"An emoji 🗞️ and {'x' * 1000} in Paris. {'🔥' * 300}"),
    (
        "{{7*7}} ${7*7} <%= 7 %>",
        "javascript:alert(1) data:text/html,<script>window.ran=1</script> in Berlin.",
    ),
    ("First of the wire", WIRE),
    ("Second of the wire", WIRE),
    ("Third of the wire", WIRE),
]


@pytest.fixture(scope="session")  # one for all: Playwright runs once a thread
def chromium():
    if CHROMIUM is None:
        pytest.skip("Chromium is not installed (Debian: chromium)")
    with sync_playwright() as playwright:
        found = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox", "--disable-gpu"])
        yield found
        found.close()


@pytest.fixture(scope="session")
def helpers(request):
    """The module of what all tests share."""
    return request.config.pluginmanager.get_plugin(str(CONFTEST))


@pytest.fixture(scope="session")
def hostile_server(helpers, tmp_path_factory):
    """A server of news that means harm; any site may ask its API."""
    folder = tmp_path_factory.mktemp("hostile")
    source = folder / "hostile.jsonl"
    source.write_text("\n".join(json.dumps(record) for record in HOSTILE), "utf-8")
    index = helpers.build_index(folder / "index", source)
    server = helpers.Server(index, DATELINE_CORS="*")
    yield server.url
    server.stop()


@pytest.fixture(scope="session")
def open_server(helpers, sample_index):
    """A server of the sample whose API any site may ask."""
    server = helpers.Server(sample_index, DATELINE_CORS="*")
    yield server.url
    server.stop()


class Watch:
    """What a page must not do: speak up, run what it shows, or complain."""

    def __init__(self, tab):
        self.told = []
        tab.on("dialog", lambda dialog: (self.told.append(f"dialog: {dialog.message}"), dialog.dismiss()))
        tab.on("console", lambda message: self.told.append(f"{message.type}: {message.text}"))
        tab.on("pageerror", lambda error: self.told.append(f"error: {error}"))
        tab.on("requestfailed", self._failed)

    def _failed(self, asked):
        if asked.failure != "net::ERR_ABORTED":  # a question that a newer one made needless
            self.told.append(f"failed: {asked.url} {asked.failure}")


@pytest.fixture
def watch():
    return Watch


@pytest.fixture
def violations():
    """axe's violations on a page as lines, none when all is well; the page's policy must let axe in."""

    def found(tab):
        answer = Axe().run(tab)
        return [
            f"{rule['id']}: {node['html'][:200]} {node.get('failureSummary', '')[:300]}"
            for rule in answer.response["violations"]
            for node in rule["nodes"]
        ]

    return found


@pytest.fixture(scope="session")
def hostile_wire(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """An archive of `HOSTILE_WIRE`, served."""
    shared = request.config.pluginmanager.get_plugin(str(CONFTEST))
    folder = tmp_path_factory.mktemp("hostile-wire")
    lines = [
        json.dumps({"id": str(n), "headline": headline, "published": f"2014-03-{n + 1:02}", "text": text})
        for n, (headline, text) in enumerate(HOSTILE_WIRE)
    ]
    (folder / "wire.jsonl").write_text("\n".join(lines))
    server = shared.Server(shared.build_index(folder / "index", folder / "wire.jsonl"))
    yield server.url
    server.stop()


def complains(line: ConsoleMessage) -> bool:
    """Whether a line of the console is a fault; the browser also calls our own status 400 an error."""
    return line.type == "error" and "status of 400" not in line.text


@pytest.fixture
def open_tab(chromium: Browser, live_server: str) -> Iterator[Callable[..., Page]]:
    """Opens tabs, each a visitor of its own; what a page complains of fails the test."""
    contexts, complaints = [], []

    def make(path: str = "/", **options: object) -> Page:
        context = chromium.new_context(**{"base_url": live_server, "reduced_motion": "reduce", **options})
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
