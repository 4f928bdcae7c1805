"""Compare Dateline with other engines on the same paragraphs and the same faceted job, in one run.

Usage: python tests/benchmarks/compare.py [--sizes 105k,1050k] [--engines dateline,tantivy,...]
           [--repetitions 15] [--quick] [--all]

The job: ranked top ten, three facets, a histogram by month, ten snippets. Machines are noisy, so figures
are ratios to Dateline's in the same run; `build/bench.json` has them all. Stock Whoosh gets a tenth of the
repetitions and of the aol queries, and is left out above 200k paragraphs unless --all is given.
"""

from __future__ import annotations

import argparse
import json
import os
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from importlib import metadata
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT)]

from corpus import DATA, Corpus, prepare  # noqa: E402
from engines.base import ENGINES  # noqa: E402
from queries import Query, aol, fixed  # noqa: E402
from report import agreement, http_lines, table  # noqa: E402
from steps import Bench, FailedError, Row, Size, python_for, summed  # noqa: E402

_SLOW = "whoosh"
_LARGE = 200  # thousand paragraphs; beyond, stock Whoosh and the load test are left out
_ROUNDS = 3  # over all engines; the repetitions are spread over them
_AOL_EACH = {"quick": 20, "full": 60}  # queries of a tag


def arguments() -> argparse.Namespace:
    """What was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--sizes", default="105k,1050k", help="thousands of paragraphs, such as 105k,1050k")
    parser.add_argument("--engines", default=",".join(ENGINES), help="of " + ", ".join(ENGINES))
    parser.add_argument("--repetitions", type=int, default=15, help="of each query; the median counts")
    parser.add_argument(
        "--quick", action="store_true", help="fewer repetitions and queries, shorter load test"
    )
    parser.add_argument("--all", action="store_true", help="stock Whoosh at every size: an hour and more")
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "bench.json", help="where results go")
    given = parser.parse_args()
    if unknown := set(given.engines.split(",")) - set(ENGINES):
        parser.error(f"no such engine: {', '.join(sorted(unknown))}")
    if given.quick:
        given.repetitions = min(given.repetitions, 7)
    return given


def installed(names: list[str]) -> dict[str, str]:
    """Interpreter by engine; what is missing is named with how to get it."""
    found = {name: python_for(name) for name in names}
    for name, python in found.items():
        if python is None:
            print(f"{name} is not installed and left out; to have it: {ENGINES[name].install}")
    return {name: python for name, python in found.items() if python}


def asked_of(name: str, corpus: Corpus, given: argparse.Namespace) -> tuple[list[Query], int]:
    """Queries of an engine, and repetitions of them in a round."""
    each = _AOL_EACH["quick" if given.quick else "full"]
    beside = aol(DATA, each) if corpus.name == "reuters" else []
    repetitions = max(1, round(given.repetitions / _ROUNDS))
    if name == _SLOW:
        beside, repetitions = beside[::10], given.repetitions // 10
    return fixed(corpus.name) + beside, repetitions


@contextmanager
def step(name: str) -> Iterator[None]:
    """Tell what runs and for how long, on standard error."""
    started = time.perf_counter()
    print(f"  {name} …", end="", file=sys.stderr, flush=True)
    yield
    print(f" {time.perf_counter() - started:.1f} s", file=sys.stderr)


def tried(bench: Bench, what: str, work: Callable[[], Row]) -> Row | None:
    """Do a step of an engine; None where it failed, which is told."""
    with step(f"{bench.size.label} {bench.name}: {what}"):
        try:
            return work()
        except FailedError as error:
            print(f"\n{error}\n{bench.name} is left out")
            return None


def asked(bench: Bench, given: argparse.Namespace) -> Row | None:
    """One round of an engine's queries."""
    queries, repetitions = asked_of(bench.name, bench.corpus, given)
    times = f"{repetitions} times" if repetitions else "once"
    return tried(bench, f"{len(queries)} queries, {times}", lambda: bench.ask(queries, repetitions))


def rest(bench: Bench, given: argparse.Namespace) -> Row | None:
    """Memory, HTTP and how soon a commit is seen; the last alters the index."""
    few = fixed(bench.corpus.name)
    if bench.name == _SLOW and given.quick:
        few = few[::3]  # one a shape
    row = tried(bench, "memory", lambda: bench.memory(few))
    if row is not None and bench.name == "dateline" and bench.size.thousands <= _LARGE:
        from http_load import load  # needs Dateline's own interpreter, as this one is

        with step(f"{bench.size.label} {bench.name}: HTTP"):
            row["http"] = load(bench.folder, few, seconds=2 if given.quick else 5)
    seen = tried(bench, "100 articles more", bench.fresh) if row is not None else None
    return row | seen if row is not None and seen is not None else None


def measured(benches: list[Bench], given: argparse.Namespace) -> dict[str, Row]:
    """Every engine's figures; all are asked in turn, so that a noisy minute falls on each of them."""
    rows = {bench.name: tried(bench, "build", bench.build) for bench in benches}
    rounds: dict[str, list[Row | None]] = {bench.name: [] for bench in benches}
    for number in range(_ROUNDS):
        for bench in benches:
            if rows[bench.name] is not None and (bench.name != _SLOW or number == 0):
                rounds[bench.name].append(asked(bench, given))
    found: dict[str, Row] = {}
    for bench in benches:
        built, several = rows[bench.name], [r for r in rounds[bench.name] if r is not None]
        last = rest(bench, given) if built is not None and several else None
        if built is not None and last is not None:
            found[bench.name] = built | summed(several) | last
    return found


def compared(
    corpus: Corpus, size: Size, pythons: dict[str, str], given: argparse.Namespace
) -> dict[str, Row]:
    """Every engine at one size, printed."""
    chosen = dict(pythons)
    if _SLOW in chosen and size.thousands > _LARGE and not given.all:
        print(f"{_SLOW} is left out at {size.label}: it would take an hour and more (--all runs it)")
        del chosen[_SLOW]
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as work:
        rows = measured([Bench(n, p, corpus, size, Path(work) / n) for n, p in chosen.items()], given)
    if rows:
        show(size, rows)
    return rows


def show(size: Size, rows: dict[str, Row]) -> None:
    """Print one size."""
    paragraphs = next(iter(rows.values()))["paragraphs"]
    print(
        f"\n{size.label}: {paragraphs:,} paragraphs; the first column is absolute, the others multiples of it"
    )
    for line in (*table(rows), "", *agreement(rows)):
        print(line)
    for row in rows.values():
        for line in http_lines(row["http"]) if "http" in row else ():
            print(line)


def versions(pythons: dict[str, str]) -> dict[str, Any]:
    """What was compared, for whoever reads the file later."""
    known = {"dateline": "dateline", "tantivy": "tantivy", "whoosh": "whoosh3"}
    found = {name: metadata.version(known[name]) for name in pythons if name in known}
    if "xapian" in pythons:
        command = [pythons["xapian"], "-c", "import xapian; print(xapian.version_string())"]
        found["xapian"] = subprocess.run(command, capture_output=True, text=True, check=True).stdout.strip()
    return found | ({"fts5": sqlite3.sqlite_version} if "fts5" in pythons else {})


def main() -> int:
    """Run what was asked for; 1 when an engine failed."""
    given = arguments()
    pythons = installed(given.engines.split(","))
    results: dict[str, Any] = {}
    with tempfile.TemporaryDirectory(prefix="dateline-bench-") as folder:
        corpus = prepare(Path(folder) / "corpus.jsonl")
        print(f"corpus: {corpus.source}, {corpus.paragraphs:,} paragraphs once; {os.cpu_count()} cores")
        for label in given.sizes.split(","):
            results[label] = compared(corpus, Size.of(label, corpus), pythons, given)
            about = {"corpus": corpus.source, "cores": os.cpu_count(), "versions": versions(pythons)}
            given.json.parent.mkdir(parents=True, exist_ok=True)
            given.json.write_text(json.dumps(results | {"run": about}, indent=1) + "\n", "utf-8")
    print(f"\nall figures: {given.json}")
    return int(any(len(rows) == 0 for rows in results.values()))


if __name__ == "__main__":
    sys.exit(main())
