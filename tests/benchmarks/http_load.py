"""How much does HTTP add? The real server on loopback, one client and eight, for a few seconds each."""

from __future__ import annotations

import http.client
import json
import os
import re
import shutil
import signal
import socket
import statistics
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from engines.dateline import _text as query_text
from engines.dateline import entity_id
from queries import Query

_ROOT = Path(__file__).resolve().parents[2]
_WORKERS = 2
_LUA = """local paths = {%s}
local n = 0
request = function()
  n = n %% #paths + 1
  return wrk.format("GET", paths[n])
end
"""


def addresses(queries: list[Query]) -> list[str]:
    """Faceted searches with 20 hits."""
    found = []
    for query in queries:
        given = {"q": query_text(query), "limit": 20}
        if query.place:
            given["place"] = entity_id("place", query.place)
        found.append(f"/api/v1/search?{urlencode(given)}")
    return found


def load(index: Path, queries: list[Query], seconds: int, **environ: str) -> dict[str, Any]:
    """Serve an index and measure; `environ` are further settings of the server.

    Returns:
        Median milliseconds at one and at eight clients; at one client also the median of
        what remains without the engine's own `took_ms`; which client measured.
    """
    paths = addresses(queries)
    with _served(index, environ) as port:
        _one_client(port, paths, 1.0)  # every worker has opened the index
        alone = _one_client(port, paths, float(seconds))
        measure, name = (_wrk, "wrk") if shutil.which("wrk") else (_threads, "stdlib threads")
        return {
            **alone,
            "client": name,
            "workers": _WORKERS,
            "clients_1": measure(port, paths, 1, seconds),
            "clients_8": measure(port, paths, 8, seconds),
        }


@contextmanager
def _served(index: Path, more: dict[str, str]) -> Iterator[int]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = int(free.getsockname()[1])
    command = [sys.executable, "-m", "api", "serve", "--index", str(index), "--port", str(port)]
    environ = os.environ | {"DATELINE_WORKERS": str(_WORKERS), "DATELINE_RATE": "off"} | more
    with tempfile.TemporaryFile() as log, subprocess.Popen(
        command, cwd=_ROOT, env=environ, stdout=log, stderr=log
    ) as server:  # fmt: skip
        try:
            _wait_for(port, server)
            yield port
        finally:
            server.send_signal(signal.SIGTERM)
            server.wait(30)


def _wait_for(port: int, server: subprocess.Popen[bytes]) -> None:
    ends = time.monotonic() + 60
    while time.monotonic() < ends and server.poll() is None:
        try:
            if _get(port, "/api/v1/stats")[0] == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server did not start")


def _get(port: int, path: str) -> tuple[int, bytes]:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def _one_client(port: int, paths: list[str], seconds: float) -> dict[str, float]:
    whole, above = [], []
    ends = time.monotonic() + seconds
    while time.monotonic() < ends:
        for path in paths:
            started = time.perf_counter()
            status, body = _get(port, path)
            took = (time.perf_counter() - started) * 1e3
            if status != 200:
                raise RuntimeError(f"{path} answered {status}")
            whole.append(took)
            above.append(took - json.loads(body)["took_ms"])
    return {
        "median_ms": round(statistics.median(whole), 3),
        "above_engine_ms": round(statistics.median(above), 3),
    }


def _wrk(port: int, paths: list[str], clients: int, seconds: int) -> dict[str, float]:
    with tempfile.NamedTemporaryFile("w", suffix=".lua") as script:
        script.write(_LUA % ", ".join(json.dumps(p) for p in paths))
        script.flush()
        command = [
            "wrk", "-t1", f"-c{clients}", f"-d{seconds}s", "--timeout", "30s", "--latency",
            "-s", script.name, f"http://127.0.0.1:{port}",
        ]  # fmt: skip
        told = subprocess.run(command, capture_output=True, text=True, check=True).stdout
    median = re.search(r"50%\s+([\d.]+)(us|ms|s)", told)
    rate = re.search(r"Requests/sec:\s+([\d.]+)", told)
    if not (median and rate):
        raise RuntimeError(f"wrk answered otherwise than expected: {told[-300:]}")
    unit = {"us": 1e-3, "ms": 1.0, "s": 1e3}[median[2]]
    return {"median_ms": round(float(median[1]) * unit, 3), "a_second": float(rate[1])}


def _threads(port: int, paths: list[str], clients: int, seconds: int) -> dict[str, float]:
    times: list[float] = []
    ends = time.monotonic() + seconds

    def ask(first: int) -> None:
        n = first
        while time.monotonic() < ends:
            started = time.perf_counter()
            _get(port, paths[n % len(paths)])
            times.append((time.perf_counter() - started) * 1e3)
            n += 1

    several = [threading.Thread(target=ask, args=(n,)) for n in range(clients)]
    for thread in several:
        thread.start()
    for thread in several:
        thread.join()
    return {"median_ms": round(statistics.median(times), 3), "a_second": round(len(times) / seconds, 1)}
