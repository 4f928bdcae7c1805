"""What the browser tests share: Chromium, a server of hostile news, and axe."""

import json
import shutil
from pathlib import Path

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

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


@pytest.fixture(scope="module")  # one Playwright at a time: other modules start their own
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
