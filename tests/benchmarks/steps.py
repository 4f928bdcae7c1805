"""Runs an engine's steps, each in a fresh process, and gathers what they tell."""

from __future__ import annotations

import json
import statistics
import subprocess
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from corpus import Corpus, read
from engines.base import ENGINES
from queries import Query, dump

_WORKER = Path(__file__).with_name("worker.py")
_DEBIAN_PYTHON = "/usr/bin/python3"  # where distributions put bindings that no package index has
_LIMIT_S = 3600

Row = dict[str, Any]


class FailedError(Exception):
    """A step of an engine ended with an error."""


@dataclass(frozen=True, slots=True)
class Size:
    """How much is indexed: about `label` thousand paragraphs.

    Attributes:
        label: as in the results, `105k`.
        copies: how often the corpus is repeated.
        limit: paragraphs of it at most, or None.
    """

    label: str
    copies: int
    limit: int | None

    @property
    def thousands(self) -> int:
        """Paragraphs, in thousands."""
        return int(self.label.rstrip("k"))

    @classmethod
    def of(cls, label: str, corpus: Corpus) -> Size:
        """The size that a label names; the corpus is repeated as a whole, or cut."""
        wanted = int(label.rstrip("k")) * 1000
        if wanted < 0.9 * corpus.paragraphs:
            return cls(label, 1, wanted)
        return cls(label, round(wanted / corpus.paragraphs), None)


def python_for(name: str) -> str | None:
    """An interpreter that has the engine's library, or None."""
    for python in (sys.executable, _DEBIAN_PYTHON):
        command = [python, "-c", f"import {ENGINES[name].package}"]
        try:
            done = subprocess.run(command, capture_output=True, check=False, cwd=_WORKER.parents[2])
            if done.returncode == 0:
                return python
        except OSError:
            continue
    return None


@dataclass(frozen=True, slots=True)
class Bench:
    """One engine at one size.

    Attributes:
        name: of the engine.
        python: interpreter that has it.
        corpus: what is indexed.
        size: how much of it.
        work: a folder for this engine and size.
    """

    name: str
    python: str
    corpus: Corpus
    size: Size
    work: Path

    @property
    def folder(self) -> Path:
        """The index."""
        return self.work / "index"

    def build(self) -> Row:
        """Build the index, and an empty one to compare memory with."""
        row = self._run(step="build", copies=self.size.copies)
        self._run(step="build", copies=0, folder=str(self.work / "empty"))
        return row

    def ask(self, queries: list[Query], repetitions: int) -> Row:
        """Ask every query so often, in one process; answers and times by query."""
        rows: Row = self._run(step="queries", queries=dump(queries), repetitions=repetitions)["queries"]
        wanted = self.paragraphs()
        for row in rows.values():
            # An indexing thread that died unheard must not look like a fast engine.
            if row["shape"] == "everything" and row["hits"] != wanted:
                raise FailedError(f"{self.name} holds {row['hits']} paragraphs instead of {wanted}")
        return rows

    def paragraphs(self) -> int:
        """How many there must be."""
        once = sum(len(n.paragraphs) for n in read(self.corpus.path, self.size.limit))
        return once * self.size.copies

    def memory(self, queries: list[Query]) -> Row:
        """Private memory of a worker that served the queries, above one on an empty index."""
        full, empty = (self._private(folder, queries) for folder in (self.folder, self.work / "empty"))
        return {"worker_private_mb": round(full - empty, 2), "empty_worker_private_mb": empty}

    def fresh(self) -> Row:
        """Time until 100 added articles are seen; the index holds them afterwards."""
        row = self._run(step="fresh")
        return {"commit_100_s": row["commit_s"], "seen_100_s": row["seen_s"]}

    def _private(self, folder: Path, queries: list[Query]) -> float:
        command = self._command(step="memory", folder=str(folder), queries=dump(queries))
        pipes: dict[str, Any] = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
        workers = [subprocess.Popen(command, **pipes) for _ in range(2)]
        for worker in workers:
            worker.stdout.readline()  # type: ignore[union-attr]
        # In turn: the second one still has its files mapped while the first one measures.
        told = [_last(worker.communicate("\n")[0]) for worker in workers]
        return float(told[0]["private_mb"])

    def _command(self, **job: Any) -> list[str]:
        given = {
            "engine": self.name, "corpus": str(self.corpus.path), "folder": str(self.folder),
            "limit": self.size.limit, **job,
        }  # fmt: skip
        return [self.python, str(_WORKER), json.dumps(given)]

    def _run(self, **job: Any) -> Row:
        done = subprocess.run(
            self._command(**job), capture_output=True, text=True, check=False, timeout=_LIMIT_S
        )
        if done.returncode:
            raise FailedError(f"{self.name}, {job['step']}: {done.stderr.strip()[-800:]}")
        return _last(done.stdout)


def summed(rounds: list[Row]) -> Row:
    """Of each query the median of all rounds, of each shape the mean of its queries, and means of shapes."""
    rows = rounds[0]
    for key, row in rows.items():
        times = [ms for one in rounds for ms in one[key].get("times", ())]
        row.pop("times", None)
        row |= {"ms": round(statistics.median(times), 4)} if times else {}
    shapes: dict[str, float | None] = {}
    for shape in dict.fromkeys(row["shape"] for row in rows.values()):
        measured = [row["ms"] for row in rows.values() if row["shape"] == shape and "ms" in row]
        shapes[shape] = round(statistics.mean(measured), 4) if measured else None
    fixed = [ms for s, ms in shapes.items() if ms is not None and not s.startswith("aol ")]
    beside = [ms for s, ms in shapes.items() if ms is not None and s.startswith("aol ")]
    return {
        "mean_ms": round(statistics.mean(fixed), 4),
        "aol_mean_ms": round(statistics.mean(beside), 4) if beside else None,
        "shapes": shapes,
        "queries": rows,
    }


def _last(text: str) -> Row:
    row: Row = json.loads(text.strip().splitlines()[-1])
    return row
