"""How fast do a CMS's items go in by HTTP? ninjs items, posted to a real server, one by one and many at once.

Usage: python tests/benchmarks/ingest.py [ITEMS] [STORIES.jsonl.gz]

Reuters' stories of 1987 as ninjs 2.1, 1,000 of them unless told otherwise; every way begins with an empty
index and is told again afterwards, when nothing is new. Prints items a second, and the median of a request.
"""

from __future__ import annotations

import gzip
import http.client
import json
import os
import socket
import statistics
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from pathlib import Path
from typing import Any

_ROOT = Path(__file__).resolve().parents[2]
STORIES = _ROOT.parent / "shared" / "data" / "news" / "reuters-1987.jsonl.gz"
_KEY = "benchmark"
_WAYS = {"one a request": 1, "50 a request": 50, "all at once": 1_000_000}


def ninjs(story: dict[str, Any]) -> dict[str, Any]:
    """A story as an item of the standard; its editors' names go with it."""
    return {
        "uri": f"urn:benchmark:{story['id']}",
        "standard": {"name": "ninjs", "version": "2.1"},
        "type": "text",
        "language": "en",
        "version": "1",
        "pubstatus": "usable",
        "versioncreated": f"{story['date']}T12:00:00Z" if story.get("date") else None,
        "headlines": [{"role": "main", "value": story.get("headline") or ""}],
        "bodies": [{"role": "main", "contenttype": "text/plain", "value": "\n\n".join(story["paragraphs"])}],
        "people": [{"name": name} for name in story.get("people", ())],
        "organisations": [{"name": name} for name in story.get("orgs", ())],
        "places": [{"name": name} for name in story.get("places", ())],
    }


def items(path: Path, count: int) -> list[dict[str, Any]]:
    """The first stories of the file as items; what a story does not say is left out."""
    with gzip.open(path, "rt", encoding="utf-8") as lines:
        made = [ninjs(json.loads(line)) for line in islice(lines, count)]
    return [{name: value for name, value in item.items() if value is not None} for item in made]


@contextmanager
def served(index: Path) -> Iterator[int]:
    """A real server of one index; its port."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "api", "serve", "--index", str(index), "--port", str(port)]
    environ = os.environ | {"DATELINE_API_KEY": _KEY, "DATELINE_MAX_BODY": str(64 * 1024 * 1024)}
    environ |= {"DATELINE_RATE": "off", "DATELINE_RATE_WRITE": "off"}
    process = subprocess.Popen([*command, "--workers", "2"], cwd=_ROOT, env=environ)
    try:
        for _ in range(300):
            with socket.socket() as ask:
                if ask.connect_ex(("127.0.0.1", port)) == 0:
                    break
            time.sleep(0.1)
        yield port
    finally:
        process.terminate()
        process.wait()


def post(port: int, batches: Sequence[bytes]) -> tuple[float, list[float], int]:
    """Post bodies one after the other; seconds in all, milliseconds of each, and how many were accepted."""
    took, accepted = [], 0
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=600)
    headers = {"Authorization": f"Bearer {_KEY}", "Content-Type": "application/json"}
    started = time.perf_counter()
    for body in batches:
        asked = time.perf_counter()
        connection.request("POST", "/api/v1/documents", body, headers)
        answer = connection.getresponse()
        told = json.loads(answer.read())
        took.append((time.perf_counter() - asked) * 1e3)
        if answer.status != 200:
            raise SystemExit(f"the server answered {answer.status}: {told}")
        accepted += len(told["accepted"])
    return time.perf_counter() - started, took, accepted


def main() -> None:
    """Measure and print."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000
    told = items(Path(sys.argv[2]) if len(sys.argv) > 2 else STORIES, count)
    print(f"{'':14}{'items':>7}{'seconds':>10}{'a second':>10}{'ms a request':>14}   again: a second")
    for name, size in _WAYS.items():
        bodies = [json.dumps(told[at : at + size]).encode() for at in range(0, len(told), size)]
        with tempfile.TemporaryDirectory() as folder, served(Path(folder) / "index") as port:
            seconds, each, accepted = post(port, bodies)
            again, _, _ = post(port, bodies)
        figures = f"{accepted:7,}{seconds:10.2f}{accepted / seconds:10.0f}{statistics.median(each):14.1f}"
        print(f"{name:14}{figures}   {accepted / again:.0f}")


if __name__ == "__main__":
    main()
