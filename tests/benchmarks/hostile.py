"""What hostile files cost: time and memory of each, in a process of its own.

    python tests/benchmarks/hostile.py [NAME...]

prints for each file of `tests/hostile.py` its size; the seconds that reading it takes, and with finding
its articles and dates; the processor seconds of this process and of the child that runs others' readers;
the highest memory of both (of this one, what reading added); and what came of it. The slowest come last.
"""

from __future__ import annotations

import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

LIMIT_S = 15
ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]


def measure(path: str) -> dict[str, object]:
    """Read one file here; seconds are from the first look at it, imports left out."""
    from index import confined
    from index.articles import split_articles
    from index.dates import find_dates
    from index.model import Document
    from index.readers.sources import open_sources

    for kind, data in (("html", b"<p>Warm."), ("feed", b"<rss><item/></rss>"), ("markdown", b"Warm.")):
        confined.extract(kind, data, "warm")  # type: ignore[arg-type]
    base = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    worked = time.process_time() + _child_cpu(confined._held[0]._process.pid)
    started = time.perf_counter()
    outcomes = list(open_sources([path]))
    read = time.perf_counter() - started
    documents = [outcome for outcome in outcomes if isinstance(outcome, Document)]
    for document in documents:
        for article in split_articles(document):
            find_dates([paragraph.text for paragraph in article.paragraphs], None)
    seconds = time.perf_counter() - started
    confined._drop()
    children = resource.getrusage(resource.RUSAGE_CHILDREN)
    worked = time.process_time() + children.ru_utime + children.ru_stime - worked
    errors = [str(outcome) for outcome in outcomes if not isinstance(outcome, Document)]
    return {
        "read": read,
        "seconds": seconds,
        "cpu": worked,
        "mb": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - base) / 1024,
        "child_mb": resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024,
        "documents": len(documents),
        "errors": len(errors),
        "why": errors[0].partition(": ")[2][:90] if errors else "",
    }


def _child_cpu(pid: int) -> float:
    """Processor seconds that a process has had (proc(5), `stat`, fields 14 and 15)."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def _row(command: list[str]) -> dict[str, Any]:
    try:
        done = subprocess.run(command, capture_output=True, text=True, timeout=LIMIT_S, check=False)
    except subprocess.TimeoutExpired:
        return {"why": f"took more than {LIMIT_S} s", "seconds": 999}
    if done.returncode:
        return {"why": done.stderr[-200:], "seconds": 998}
    row: dict[str, Any] = json.loads(done.stdout)
    return row


def main() -> None:
    if sys.argv[1:2] == ["--one"]:
        print(json.dumps(measure(sys.argv[2])))
        return
    from tests.hostile import HOSTILE

    rows = []
    with tempfile.TemporaryDirectory() as folder:
        for name in sys.argv[1:] or HOSTILE:
            path = Path(folder) / name
            path.write_bytes(HOSTILE[name]())
            command = [sys.executable, __file__, "--one", str(path)]
            rows.append((name, path.stat().st_size, _row(command)))
            print(name, rows[-1], file=sys.stderr, flush=True)
            path.unlink()
    print(
        "| file | bytes | read s | with articles and dates s | MB | child MB | documents | errors | first |"
    )
    print("|---|---|---|---|---|---|---|---|---|")
    for name, size, row in sorted(rows, key=lambda row: float(row[2].get("cpu", row[2]["seconds"]))):
        shown = [f"{row.get(key, 0):.2f}" for key in ("read", "seconds", "cpu")]
        shown += [f"{row.get(key, 0):.0f}" for key in ("mb", "child_mb", "documents", "errors")]
        print(f"| {name} | {size} | {' | '.join(shown)} | {row['why']} |")
    print(f"{len(rows)} files")


if __name__ == "__main__":
    main()
