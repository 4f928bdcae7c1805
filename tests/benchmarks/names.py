"""Time finding names against the same spaCy model run plainly with its entity component alone, in one run.

Usage: python tests/benchmarks/names.py [STORIES.jsonl.gz] [--articles 2000] [--processes 1] [--rounds 3]

Dateline's side is all of it: legible text, names, the cache of names, and an article's names made people,
organisations and places.
"Cold" begins with an empty cache and nothing learnt of any word, "warm" has every paragraph in its cache;
models are loaded beforehand on both sides. Machines are noisy, so the sides take turns and each one's best
round counts. Words are what stands between spaces. `build/names.json` has the figures.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import sys
import tempfile
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from pathlib import Path
from random import Random
from typing import Any

for _name in ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "BLIS_NUM_THREADS", "MKL_NUM_THREADS"):
    os.environ[_name] = "1"  # a process is one thread on both sides; before NumPy is loaded

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT)]

import spacy  # noqa: E402
from corpus import DATA  # noqa: E402

from index.entities import (  # noqa: E402
    DEFAULT_MODEL,
    NameCache,
    Recogniser,
    legible_article,
    recognise_cached,
    resolve_names,
)

_BATCH = 64  # articles, as the pipeline has them
Articles = Sequence[Sequence[str]]


class Sides:
    """Both ways of finding names, in one process."""

    def __init__(self, model: str) -> None:
        self._model = model
        config = spacy.util.load_config(next(spacy.util.get_package_path(model).rglob("config.cfg")))
        parts = config["nlp"]["pipeline"]
        self._plain = spacy.load(model, exclude=[part for part in parts if part != "ner"])
        self._learnt = self._fresh()

    def _fresh(self) -> Recogniser:
        made = Recogniser(self._model)
        made.recognise(["Anna Berg"])
        return made

    def plain(self, articles: Articles, _: Path) -> float:
        """Seconds of spaCy."""
        texts = [text for article in articles for text in article]
        started = time.perf_counter()
        for doc in self._plain.pipe(texts):
            [(e.start_char, e.end_char, e.label_) for e in doc.ents]
        return time.perf_counter() - started

    def cold(self, articles: Articles, cache: Path) -> float:
        """Seconds of Dateline, with nothing known."""
        return _ours(self._fresh(), articles, cache)

    def warm(self, articles: Articles, cache: Path) -> float:
        """Seconds of Dateline, every paragraph in the cache."""
        return _ours(self._learnt, articles, cache)


def _ours(recogniser: Recogniser, articles: Articles, path: Path) -> float:
    started = time.perf_counter()
    _find(recogniser, articles, path)
    return time.perf_counter() - started


def _find(recogniser: Recogniser, articles: Articles, path: Path) -> int:
    """Find names; how many mentions of people, organisations and places there are."""
    found = 0
    cache = NameCache(path)
    for i in range(0, len(articles), _BATCH):
        batch = articles[i : i + _BATCH]
        texts = [text for article in batch for text in legible_article(article)]
        names = iter(recognise_cached(recogniser, cache, texts))
        for article in batch:
            found += sum(map(len, resolve_names(article, [next(names) for _ in article])))
    cache.close()
    return found


def mentions(articles: Articles, model: str) -> int:
    """How many mentions of names articles have."""
    with tempfile.TemporaryDirectory() as folder:
        return _find(Recogniser(model), articles, Path(folder) / "names.db")


_mine: list[Sides] = []  # of a worker process


def _start(model: str) -> None:
    _mine.append(Sides(model))


def _run(side: str, articles: Articles, cache: Path) -> float:
    run: Callable[[Articles, Path], float] = getattr(_mine[0], side)
    return run(articles, cache)


def measure(articles: Articles, processes: int, rounds: int, model: str) -> dict[str, float]:
    """Seconds of each side's best round; of a round the slowest process counts."""
    best: dict[str, float] = {}
    shares = [articles[i::processes] for i in range(processes)]
    with Pool(processes, model) as pool:
        for _ in range(rounds):
            with tempfile.TemporaryDirectory() as folder:
                for side in ("plain", "cold", "warm"):
                    seconds = pool.run(side, shares, Path(folder) / "names.db")
                    best[side] = min(seconds, best.get(side, seconds))
                    print(f"  {side:<6} {seconds:7.2f} s", flush=True)
    return best


class Pool:
    """As many processes as asked for, each with its models loaded."""

    def __init__(self, processes: int, model: str) -> None:
        self._pool = ProcessPoolExecutor(
            processes, get_context("spawn"), initializer=_start, initargs=(model,)
        )

    def __enter__(self) -> Pool:
        return self

    def __exit__(self, *_: object) -> None:
        self._pool.shutdown()

    def run(self, side: str, shares: list[Articles], cache: Path) -> float:
        """Seconds until every share is done."""
        return max(f.result() for f in [self._pool.submit(_run, side, share, cache) for share in shares])


def stories(path: Path, articles: int) -> list[list[str]]:
    """Paragraphs of articles drawn from a file; always the same ones."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows: list[dict[str, Any]] = [json.loads(line) for line in stream]
    some = rows if articles >= len(rows) else Random(4).sample(rows, articles)
    return [row["paragraphs"] for row in some]


def main() -> None:
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("source", nargs="?", type=Path, default=DATA / "news" / "reuters-1987.jsonl.gz")
    parser.add_argument("--articles", type=int, default=2000)
    parser.add_argument("--processes", type=int, default=1)
    parser.add_argument("--rounds", type=int, default=3)
    parser.add_argument("--model", default=DEFAULT_MODEL)
    parser.add_argument("--json", type=Path, default=ROOT / "build" / "names.json")
    given = parser.parse_args()
    articles = stories(given.source, given.articles)
    words = sum(len(text.split()) for article in articles for text in article)
    print(f"{len(articles)} articles, {words} words, {given.processes} process(es), one thread each")
    seconds = measure(articles, given.processes, given.rounds, given.model)
    names = mentions(articles, given.model)
    speeds = {side: words / took for side, took in seconds.items()}
    row = {
        "articles": len(articles),
        "words": words,
        "names": names,
        "processes": given.processes,
        "words_per_second": {side: round(speed) for side, speed in speeds.items()},
        "cold_to_plain": round(speeds["cold"] / speeds["plain"], 2),
        "warm_to_plain": round(speeds["warm"] / speeds["plain"], 2),
    }
    for side, speed in speeds.items():
        told = f"{speed / speeds['plain']:5.2f} times plain spaCy"
        if side != "plain":
            told += f", {speed * names / words:7.0f} names a second"
        print(f"{side:<6} {speed:9.0f} words a second, {told}")
    given.json.parent.mkdir(exist_ok=True)
    given.json.write_text(json.dumps(row, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
