"""One `dateline work` and two on the same queue: how much faster, and is anything indexed twice?

Usage: python tests/benchmarks/writers.py --opensearch URL [--documents 600] [--kill]

A PostgreSQL server of its own keeps the archive; the index is on the cluster that the URL names, under a name
of its own. The documents are Reuters' where they lie beside the repository, else the bundled sample's, each
with a line that makes it another one. Names are found anew each time. With `--kill` one of two workers is
ended by kill -9 half-way, and the other finishes.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "deploy" / "opensearch")]

from corpus import REUTERS, SAMPLE  # noqa: E402

from index.cluster.indices import remove  # noqa: E402
from index.cluster.place import ClusterPlace  # noqa: E402
from tests.conftest import PostgresServer, postgres_binaries  # noqa: E402


def texts(number: int) -> Iterator[str]:
    """So many texts, each another one."""
    if REUTERS.exists():
        with gzip.open(REUTERS, "rt", encoding="utf-8") as lines:
            for _, line in zip(range(number), lines, strict=False):
                row = json.loads(line)
                yield "\n\n".join([row["headline"] or "Untitled", *row["paragraphs"]])
        return
    files = sorted(p for p in SAMPLE.rglob("*") if p.suffix == ".txt")
    for n in range(number):
        yield f"{files[n % len(files)].read_text('utf-8')}\n\nThis is copy number {n}.\n"


def dateline(*arguments: str, environ: dict[str, str]) -> subprocess.Popen[str]:
    """Start a command."""
    command = [sys.executable, "-m", "api", *arguments, "--json"]
    return subprocess.Popen(command, cwd=ROOT, env=environ, stdout=subprocess.PIPE, text=True)


def told_by(process: subprocess.Popen[str]) -> dict[str, Any]:
    """What a command printed."""
    out, _ = process.communicate(timeout=3_000)
    told: dict[str, Any] = json.loads(out) if out.strip() else {}
    return told


def environment(folder: Path, worker: int, archive: str, place: ClusterPlace) -> dict[str, str]:
    """A machine of its own: nothing in common with the others but the archive and the cluster."""
    return os.environ | {
        "DATELINE_INDEX": str(folder / f"machine-{worker}"),
        "DATELINE_ARCHIVE": archive,
        "DATELINE_ENGINE": "opensearch",
        "DATELINE_OPENSEARCH": ",".join(f"{host}/{place.name}" for host in place.hosts),
        "OMP_NUM_THREADS": "1",
        "OPENBLAS_NUM_THREADS": "1",
    }


def run(
    folder: Path, documents: Path, workers: int, given: argparse.Namespace, archive: str
) -> dict[str, Any]:
    """Queue all documents, and work them off."""
    place = ClusterPlace.of(f"{given.opensearch}/bench-writers-{uuid4().hex[:6]}")
    environs = [
        environment(folder / f"of-{workers}-{uuid4().hex[:6]}", n, archive, place) for n in range(workers)
    ]
    try:
        queued = told_by(dateline("index", "--queue", str(documents), environ=environs[0]))
        before = resource.getrusage(resource.RUSAGE_CHILDREN)
        started = time.perf_counter()
        processes = [dateline("work", "--once", environ=environ) for environ in environs]
        if given.kill and workers > 1:
            time.sleep(given.kill_after)
            processes[-1].kill()
        told = [told_by(process) for process in processes]
        seconds = time.perf_counter() - started
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        stats = told_by(dateline("stats", environ=environs[0]))
        return {
            "workers": workers,
            "queued": queued.get("queued"),
            "in_index": stats["documents"],
            "paragraphs": stats["paragraphs"],
            "taken": [one.get("documents") for one in told],
            "seconds": round(seconds, 1),
            "documents_a_second": round(stats["documents"] / seconds, 1),
            "processor_s": round(used.ru_utime + used.ru_stime - before.ru_utime - before.ru_stime, 1),
        }
    finally:
        remove(place)


def main() -> None:
    """Run with one and with two."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--opensearch", required=True, help="URL of a node, without a name of an index")
    parser.add_argument("--documents", type=int, default=600)
    parser.add_argument("--kill", action="store_true", help="end one of two by kill -9 on the way")
    parser.add_argument("--kill-after", type=float, default=12.0, metavar="SECONDS")
    given = parser.parse_args()
    binaries = postgres_binaries()
    if binaries is None:
        sys.exit("no PostgreSQL here; on Debian: apt install postgresql")
    server = PostgresServer(binaries)
    try:
        with tempfile.TemporaryDirectory() as name:
            documents = Path(name) / "documents"
            documents.mkdir()
            for n, text in enumerate(texts(given.documents)):
                (documents / f"{n:05}.txt").write_text(text, "utf-8")
            rows = []
            for workers in (2,) if given.kill else (1, 2):
                with server.database() as archive:
                    rows.append(run(Path(name), documents, workers, given, archive))
                    print(json.dumps(rows[-1]), flush=True)
            if len(rows) == 2:
                print(f"two are {rows[0]['seconds'] / rows[1]['seconds']:.2f} times as fast as one")
    finally:
        server.stop()


if __name__ == "__main__":
    main()
