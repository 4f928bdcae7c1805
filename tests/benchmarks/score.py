"""Score the dates and names that `dateline annotate` finds against the gold sets, and tell README.

Usage: python tests/benchmarks/score.py [--check]

The sets lie beside the repository at ../shared/data, the scripts that score at ../shared/tools; the
sets' licences allow measuring, not copying. The table of README is written anew between its two
comments, and `build/scores.json` has all figures. With --check nothing is written.
"""

from __future__ import annotations

import argparse
import json
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
SHARED = ROOT.parent / "shared"
README = ROOT / "README.md"
BEGIN, END = "<!-- scores: made by `make score` -->", "<!-- end of scores -->"
ANNOTATE = (sys.executable, "-m", "api", "annotate")

Figures = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Gold:
    """A gold set.

    Attributes:
        name: as the table has it.
        what: of what it consists.
        tool: script and arguments in front of the file.
        files: below `SHARED`, joined.
    """

    name: str
    what: str
    tool: tuple[str, ...]
    files: tuple[str, ...]


_DATES = ("score_dates.py",)
_CONLL, _AIDA = ("score_entities.py", "conll"), ("score_entities.py", "aida")
SETS = (
    Gold(
        "TimeBank and AQUAINT",
        "256 news documents (TempEval-3's training part)",
        _DATES,
        ("data/dates/timebank.jsonl", "data/dates/aquaint.jsonl"),
    ),
    Gold("WikiWars, half", "11 histories of wars", _DATES, ("data/dates/wikiwars-half.jsonl",)),
    Gold("CoNLL-2003 dev", "216 agency articles", _CONLL, ("data/entities/conll2003-dev.iob.gz",)),
    Gold("CoNLL-2003 train", "946 agency articles", _CONLL, ("data/entities/conll2003-train.iob.gz",)),
    Gold(
        "WikiGold",
        "1,841 sentences of Wikipedia, one by one",
        _CONLL,
        ("data/entities/wikigold/en/test.conllu",),
    ),
    Gold("AIDA dev", "216 agency articles with identities", _AIDA, ("data/entities/aida-dev.jsonl.gz",)),
)


def as_read(path: Path) -> str:
    """A file as the tools read it: a word a line without its number, each sentence a document."""
    text = path.read_text("utf-8")
    if path.suffix != ".conllu":
        return text
    sentences = (s.splitlines() for s in text.split("\n\n") if s.strip())
    words = ([line.split("\t")[1:3] for line in s if not line.startswith("#")] for s in sentences)
    return "".join(
        "-DOCSTART- O\n\n" + "".join(f"{w} {tag}\n" for w, tag in sentence) + "\n" for sentence in words
    )


def scored(gold: Gold) -> Figures:
    """The figures that the set's tool prints."""
    files = [SHARED / f for f in gold.files]
    with tempfile.TemporaryDirectory(prefix="dateline-score-") as folder:
        path = files[0]
        if len(files) > 1 or path.suffix == ".conllu":
            path = Path(folder) / "gold"
            path.write_text("".join(as_read(f) for f in files), "utf-8")
        script, *kind = gold.tool
        command = [sys.executable, str(SHARED / "tools" / script), *kind, str(path), "--", *ANNOTATE]
        done = subprocess.run(
            command,
            capture_output=True,
            text=True,
            check=True,
            cwd=ROOT,
            env=os.environ | {"PYTHONPATH": str(ROOT)},
        )
    found: Figures = {}
    for line in done.stdout.splitlines():
        label, brace, rest = line.partition("{")
        found[label.strip() or "names"] = json.loads(brace + rest)
    return found


def dates_speed() -> float:
    """Megabytes of text a second in which dates are found, one process; the best of three runs."""
    sys.path.insert(0, str(ROOT))
    from index.dates import find_dates

    rows = [json.loads(line) for f in SETS[0].files for line in (SHARED / f).read_text("utf-8").splitlines()]
    documents = [(row["text"].split("\n"), date.fromisoformat(row["dct"][:10])) for row in rows]
    size = sum(len(p.encode()) for paragraphs, _ in documents for p in paragraphs)
    best = float("inf")
    for _ in range(3):
        started = time.perf_counter()
        for paragraphs, day in documents:
            find_dates(paragraphs, day)
        best = min(best, time.perf_counter() - started)
    return size / best / 1e6


def cells(gold: Gold, found: Figures) -> str:
    """What is told of a set, in words."""
    if gold.tool == _DATES:
        told = [f"spans {found['all']['strict'][2]:.1f} strict, {found['all']['relaxed'][2]:.1f} relaxed"]
        told.append(f"values {found['all']['value'][2]:.1f}")
        if found["calendar"]["gold"]:
            told.append(f"calendar values {found['calendar']['value'][2]:.1f}")
        return "; ".join(told)
    names = found["names"]
    if "all" in names:
        kinds = ", ".join(f"{kind} {names[kind]:.1f}" for kind in ("person", "org", "place"))
        return f"{names['all']:.1f} ({kinds})"
    return (
        f"surname with its person {names['surname']:.1f}; same person {names['same_person_f1']:.1f}; "
        f"same entity across articles, precision {names['across_precision']:.1f}"
    )


def table(results: dict[str, Figures], speed: float) -> str:
    """The table of README."""
    rows = [f"| {g.name} | {g.what} | {cells(g, results[g.name])} |" for g in SETS if g.name in results]
    head = ["| gold set | what it is | F1 in per cent |", "|---|---|---|"]
    return "\n".join([*head, *rows, "", f"Dates are found in {speed:.1f} MB of text a second on one core."])


def write(text: str) -> None:
    """Put the table between README's comments."""
    old = README.read_text("utf-8")
    before, rest = old.split(BEGIN, 1)
    README.write_text(f"{before}{BEGIN}\n{text}\n{END}{rest.split(END, 1)[1]}", "utf-8")


def main() -> int:
    """Score what is there; 1 when nothing is."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("--check", action="store_true", help="print, and leave README alone")
    given = parser.parse_args()
    results: dict[str, Figures] = {}
    for gold in SETS:
        missing = [f for f in gold.files if not (SHARED / f).exists()]
        if missing or not (SHARED / "tools" / gold.tool[0]).exists():
            print(f"{gold.name} is left out: {', '.join(missing) or gold.tool[0]} is absent")
            continue
        results[gold.name] = scored(gold)
        print(f"{gold.name}: {cells(gold, results[gold.name])}", flush=True)
    if len(results) < len(SETS):
        return 1
    speed = dates_speed()
    build = ROOT / "build"
    build.mkdir(exist_ok=True)
    (build / "scores.json").write_text(json.dumps(results | {"dates_mb_s": speed}, indent=1) + "\n", "utf-8")
    print("\n" + table(results, speed))
    if not given.check:
        write(table(results, speed))
    return 0


if __name__ == "__main__":
    sys.exit(main())
