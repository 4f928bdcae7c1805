"""The JavaScript example in a browser, on a page of another origin, with hostile news."""

import base64

from tests.conftest import ROOT

MODULE = ROOT / "deploy" / "examples" / "search.mjs"


def test_the_example_shows_hostile_passages_as_text_with_their_marks_right(chromium, hostile_server):
    tab = chromium.new_page()
    try:
        address = "data:text/javascript;base64," + base64.b64encode(MODULE.read_bytes()).decode()
        told = tab.evaluate(
            """async ([module, server]) => {
                const { search, passage } = await import(module);
                const { hits } = await search(server, "ferry", { limit: 20 });
                for (const hit of hits) document.body.append(passage(document, hit.snippet));
                return Array.from(document.querySelectorAll("mark"), (mark) => mark.textContent);
            }""",
            [address, hostile_server],
        )
        assert len(told) > 5
        assert all(mark.lower() in ("ferry", "𝒻𝑒𝓇𝓇𝓎") for mark in told)
        assert tab.locator("blockquote img, blockquote script").count() == 0
        assert tab.title() == ""
    finally:
        tab.close()
