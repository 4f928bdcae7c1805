"""How long from a key press to results on the screen, and how heavy is the page?

`make bench-page` indexes Reuters' stories of 1987 with their dates and names (the bundled sample where
they are absent), serves them, and types queries in headless Chromium as a person does. It tells, for every
key, the milliseconds until the next frame with results is painted; what the page weighs compressed without
its results; and whether any request left the host. Writes build/page.json.

Usage: python tests/benchmarks/page.py [--index DIR] [--delay MS] [--rounds N]
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import re
import shutil
import statistics
import subprocess
import sys
import tempfile
from contextlib import nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from corpus import REUTERS, ROOT, SAMPLE
from http_load import _served
from playwright.sync_api import Browser, Page, Response, sync_playwright

OUT = ROOT / "build" / "page.json"
QUERIES = {
    "reuters": ["opec production", "japan trade", "prime minister", "cocoa", "interest rate", "smuggling"],
    "sample": ["dam inquiry", "prime minister", "strike", "vaccine", "election"],
}
KILOBYTE = 1000
# Results are painted in the frame after they are put in place: a task queued by that frame's callback
# runs when the frame is done.
WATCH = """
addEventListener("keydown", (e) => (window.pressed ??= []).push({at: e.timeStamp}), true);
document.addEventListener("dateline:shown", () => requestAnimationFrame(() => {
  const done = new MessageChannel();
  done.port1.onmessage = () => {
    const now = performance.now();
    for (const key of window.pressed ?? []) key.painted ??= now;
  };
  done.port2.postMessage(null);
}));
"""


def main() -> None:
    """Measure and write."""
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--index", type=Path, help="an index to measure instead of making one")
    options.add_argument("--delay", type=int, default=150, help="milliseconds between keys")
    options.add_argument("--rounds", type=int, default=3)
    asked = options.parse_args()
    source = REUTERS if REUTERS.exists() else SAMPLE
    with tempfile.TemporaryDirectory() if asked.index is None else nullcontext() as folder:
        index = asked.index or _indexed(source, Path(str(folder)) / "index")
        name = "reuters" if source == REUTERS else "sample"
        found = {"index": name, **_measured(index, QUERIES[name], asked.delay, asked.rounds)}
    OUT.parent.mkdir(exist_ok=True)
    OUT.write_text(json.dumps(found, indent=2) + "\n")
    print(json.dumps(found, indent=2))


def _indexed(source: Path, index: Path) -> Path:
    command = [sys.executable, "-m", "api", "index", str(source), "--index", str(index), "--workers", "2"]
    subprocess.run(command, cwd=ROOT, check=True, env=os.environ | {"DATELINE_INDEX": str(index)})
    return index


def _measured(index: Path, queries: list[str], delay: int, rounds: int) -> dict[str, Any]:
    chromium = shutil.which("chromium")
    with _served(index) as port, sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=chromium, args=["--no-sandbox", "--disable-gpu"])
        home = f"http://127.0.0.1:{port}/"
        keys = _keys(browser, home, queries, delay, rounds)
        weight, hosts = _weight(browser, home, queries[0])
        browser.close()
    return {
        "queries": queries,
        "delay_ms": delay,
        "cores": os.cpu_count(),
        "load_average": round(os.getloadavg()[0], 1),
        "keys": len(keys),
        "median_ms": round(statistics.median(keys), 1),
        "p95_ms": round(statistics.quantiles(keys, n=20)[-1], 1),
        "most_ms": round(max(keys), 1),
        "within_100_ms": round(sum(k <= 100 for k in keys) / len(keys), 3),
        "page": weight,
        "other_hosts": sorted(hosts - {f"127.0.0.1:{port}"}),
    }


def _keys(browser: Browser, home: str, queries: list[str], delay: int, rounds: int) -> list[float]:
    """Milliseconds from each key press to results painted; a first round warms the server up."""
    times: list[float] = []
    for turn in range(rounds + 1):
        for query in queries:
            context = browser.new_context(viewport={"width": 1280, "height": 900})
            page = context.new_page()
            page.add_init_script(WATCH)
            page.goto(home)
            times += _typed(page, query, delay) if turn else _typed(page, query, delay)[:0]
            context.close()
    return times


def _typed(page: Page, query: str, delay: int) -> list[float]:
    page.get_by_role("combobox").press_sequentially(query, delay=delay)
    for _ in range(600):  # not wait_for_function, which evaluates and so is against the page's policy
        if page.evaluate("window.pressed.at(-1).painted"):
            break
        page.wait_for_timeout(50)
    # A space changes no search, so nothing need be painted for it; what follows it does.
    seen = page.evaluate("window.pressed.map(k => k.painted === undefined ? null : k.painted - k.at)")
    pairs = zip(query, seen, strict=True)
    missing = [key for key, took in pairs if took is None and key != " "]
    if missing:
        raise RuntimeError(f"nothing was painted for {missing} of {query!r}")
    return [took for key, took in zip(query, seen, strict=True) if took is not None and key != " "]


def _weight(browser: Browser, home: str, query: str) -> tuple[dict[str, Any], set[str]]:
    """Bytes over the wire of a page of results and what it loads, its results taken out; hosts asked."""
    context = browser.new_context()
    page = context.new_page()
    answers: list[Response] = []
    page.on("response", lambda answer: answers.append(answer))
    page.goto(f"{home}?q={query.replace(' ', '+')}", wait_until="networkidle")
    page.get_by_role("combobox").press_sequentially("s")
    page.wait_for_load_state("networkidle")
    sizes = {
        urlsplit(a.url).path: a.request.sizes()["responseBodySize"]
        for a in answers
        if urlsplit(a.url).path == "/" or "/static/" in a.url
    }
    whole = answers[0].text()
    without = re.sub(
        r'<ol class="hits">.*?</ol>(?=\s*(?:<nav class="paging"|</main>))', "", whole, flags=re.S
    )
    sizes["/"] = len(gzip.compress(without.encode(), 5))
    hosts = {urlsplit(a.url).netloc for a in answers}
    context.close()
    parts = {path: round(size / KILOBYTE, 2) for path, size in sorted(sizes.items())}
    return {"kilobytes": round(sum(parts.values()), 2), "parts": parts}, hosts


if __name__ == "__main__":
    main()
