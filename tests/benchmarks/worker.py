"""One step of one engine in a process of its own, so that its memory is its own.

Usage: worker.py JOB, a JSON object with `step` and `engine`; prints one JSON object. `compare.py` starts it.
"""

from __future__ import annotations

import contextlib
import gc
import json
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

sys.path[:0] = [str(Path(__file__).resolve().parents[2])]

from corpus import MARKER, added, copied, read, untimed  # noqa: E402
from engines.base import Answer, Engine, UnsupportedError, engine, folder_bytes  # noqa: E402
from queries import Query, load  # noqa: E402

_SEEN_WITHIN_S = 120.0


def build(job: dict[str, Any]) -> dict[str, Any]:
    """Build; the reading of the corpus and the making of copies are not timed."""
    news = read(Path(job["corpus"]), job["limit"]) if job["copies"] else []
    made, waits = engine(job["engine"]), [0.0]
    folder = _empty_folder(job["folder"])
    gc.collect()
    gc.freeze()  # the corpus is no engine's garbage to look through
    source = news if job["copies"] == 1 else untimed(copied(news, job["copies"]), waits.append)
    _forget_peak()
    before = _status_kb("VmRSS")
    started = time.perf_counter()
    made.build(source, folder)
    seconds = time.perf_counter() - started - sum(waits)
    peak = _status_kb("VmHWM")
    return {
        "build_s": round(seconds, 3),
        "build_peak_mb": round(peak / 1024, 1),
        "build_above_mb": round((peak - before) / 1024, 1),
        "bytes": folder_bytes(folder),
        "paragraphs": job["copies"] * sum(len(n.paragraphs) for n in news),
    }


def _empty_folder(path: str) -> Path:
    folder = Path(path)
    folder.mkdir(parents=True)
    return folder


def queries(job: dict[str, Any]) -> dict[str, Any]:
    """Every query once for its answer, then so often over all of them, timed.

    With no repetitions the first time is told, after one query that warms up.
    """
    made = engine(job["engine"])
    made.open(Path(job["folder"]))
    rows: dict[str, dict[str, Any]] = {}
    asked = load(job["queries"])
    made.run(asked[0])
    for query in asked:
        try:
            found, took = _timed(made, query)
            rows[query.key] = {"shape": query.shape, **_plain(made.answer(found)), "times": [took]}
        except UnsupportedError as error:
            rows[query.key] = {"shape": query.shape, "unsupported": str(error)}
    able = [q for q in asked if "hits" in rows[q.key]]
    for number in range(job["repetitions"]):
        for query in able:
            times = [] if number == 0 else rows[query.key]["times"]
            rows[query.key]["times"] = [*times, _timed(made, query)[1]]
    return {"queries": rows}


def _timed(made: Engine, query: Query) -> tuple[Any, float]:
    started = time.perf_counter()
    found = made.run(query)
    return found, (time.perf_counter() - started) * 1e3


def _plain(answer: Answer) -> dict[str, Any]:
    counts = {kind: sorted((n for _, n in values), reverse=True) for kind, values in answer.facets.items()}
    return {
        "hits": answer.hits,
        "top": answer.ids,
        "facets": counts,
        "months": {str(month): n for month, n in sorted(answer.months.items())},
        "marked": sum(1 for s in answer.snippets if s),
    }


def memory(job: dict[str, Any]) -> dict[str, Any]:
    """Serve every query, tell so, and measure when told that the process beside this one has, too.

    Pages of a file that two processes have mapped are shared; alone, they would count as private.
    """
    made = engine(job["engine"])
    made.open(Path(job["folder"]))
    for query in load(job["queries"]):
        try:
            made.run(query)
        except UnsupportedError:
            continue
    print("served", flush=True)
    sys.stdin.readline()
    return {"private_mb": round(_private_kb() / 1024, 2)}


def fresh(job: dict[str, Any]) -> dict[str, Any]:
    """Add 100 articles and wait until a process that had the index open sees them all."""
    news = added(read(Path(job["corpus"]), 1000))
    made = engine(job["engine"])
    watching = job | {"step": "watch", "wanted": len(news)}
    command = [sys.executable, __file__, json.dumps(watching)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as watcher:
        assert watcher.stdout is not None
        if watcher.stdout.readline() != "open\n":
            raise RuntimeError("the reader did not open the index")
        started = time.monotonic()
        made.add(news, Path(job["folder"]))
        committed = time.monotonic()
        seen = json.loads(watcher.stdout.readline())["seen"]
    return {"commit_s": round(committed - started, 3), "seen_s": round(seen - started, 3), "added": len(news)}


def watch(job: dict[str, Any]) -> dict[str, Any]:
    """Ask for the added articles until they are all there; returns when, on the clock all processes share."""
    made = engine(job["engine"])
    made.open(Path(job["folder"]))
    marked = Query("marker", "term", (MARKER,))
    made.run(marked)
    print("open", flush=True)
    ends = time.monotonic() + _SEEN_WITHIN_S
    while time.monotonic() < ends:
        made.refresh()
        if made.answer(made.run(marked)).hits == job["wanted"]:
            return {"seen": time.monotonic()}
        time.sleep(0.005)
    raise TimeoutError(f"not seen within {_SEEN_WITHIN_S:.0f} s")


def _forget_peak() -> None:
    """From now on the peak is the build's; the corpus was read before and is held all the while."""
    with contextlib.suppress(OSError):  # where the kernel has no such switch, it is the process's
        Path("/proc/self/clear_refs").write_text("5")


def _status_kb(name: str) -> int:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith(name):
            return int(line.split()[1])
    return 0


def _private_kb() -> int:
    lines = Path("/proc/self/smaps_rollup").read_text().splitlines()
    return sum(int(line.split()[1]) for line in lines if line.startswith("Private_"))


STEPS = {"build": build, "queries": queries, "memory": memory, "fresh": fresh, "watch": watch}

if __name__ == "__main__":
    given = json.loads(sys.argv[1])
    print(json.dumps(STEPS[given["step"]](given)), flush=True)
