"""Time exports of all of Reuters' stories of 1987 from a real server, and what they cost other searches.

Usage: python tests/benchmarks/export.py STORIES.jsonl.gz [COPIES]

One process serves. Prints for each form: seconds, paragraphs and megabytes a second, and the process's
memory at most; then the time of other searches of that process, alone and during an export.
"""

from __future__ import annotations

import http.client
import statistics
import sys
import tempfile
import threading
import time
from contextlib import closing
from pathlib import Path
from urllib.parse import urlsplit

sys.path.insert(0, str(Path(__file__).parents[1]))

from benchmarks.reuters import build
from conftest import Server

from index.store import MEMORY_MB

FORMS = ("csv", "ndjson", "json")
SEARCH = "/api/v1/search?q=oil+production&limit=10"


def fetch(server: Server, path: str, **headers: str) -> tuple[int, int, int]:
    """Read an answer without keeping it; returns its count, bytes and lines."""
    with closing(http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=600)) as connection:
        connection.request("GET", path, headers=headers)
        answer = connection.getresponse()
        assert answer.status == 200, answer.read()
        size = lines = 0
        while piece := answer.read(1 << 16):
            size += len(piece)
            lines += piece.count(b"\n")
        return int(answer.headers.get("X-Total-Count", 0)), size, lines


def memory_of(server: Server) -> tuple[float, float]:
    """Megabytes of the process that answers: in all at most, and of its own now."""
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children").read_text().split()
    told = dict(line.split(":", 1) for line in Path(f"/proc/{children[0]}/status").read_text().splitlines())
    return tuple(int(told[name].split()[0]) / 1024 for name in ("VmHWM", "RssAnon"))


def searches(server: Server, until: threading.Event, least: int = 0) -> list[float]:
    """Milliseconds of searches, one after the other, until told to stop."""
    times = []
    while not until.is_set() or len(times) < least:
        started = time.perf_counter()
        fetch(server, SEARCH)
        times.append((time.perf_counter() - started) * 1e3)
    return times


def told(name: str, times: list[float]) -> None:
    ranked = sorted(times)
    worst = ranked[int(len(ranked) * 0.99)]
    middle = statistics.median(times)
    print(f"{name:<24} {len(times):>5} searches, median {middle:6.1f} ms, 99% {worst:6.1f} ms")


def main() -> None:
    copies = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    with tempfile.TemporaryDirectory() as folder:
        build(Path(folder) / "index", Path(sys.argv[1]), copies, MEMORY_MB)
        server = Server(Path(folder) / "index", workers=1)
        try:
            measure(server)
        finally:
            server.stop()


def measure(server: Server) -> None:
    fetch(server, SEARCH)
    print(f"before: {memory_of(server)[1]:.0f} MB of its own")
    for form in FORMS:
        for headers in ({}, {"Accept-Encoding": "gzip"}):
            started = time.perf_counter()
            count, size, _ = fetch(server, f"/search.{form}", **headers)
            took = time.perf_counter() - started
            most, own = memory_of(server)
            name = f"{form} gzip" if headers else form
            speed = f"{count:>8} in {took:6.2f} s: {count / took:8.0f}/s, {size / 2**20:6.1f} MB"
            print(f"{name:<12} {speed}; memory {most:.0f} MB at most, {own:.0f} MB its own")
    done = threading.Event()
    done.set()
    told("alone", searches(server, done, least=200))
    during = threading.Event()
    export = threading.Thread(target=lambda: (fetch(server, "/search.ndjson"), during.set()))
    export.start()
    told("during an export", searches(server, during))
    export.join()


if __name__ == "__main__":
    main()
