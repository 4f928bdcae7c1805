"""Time the faceted job: ranked top ten, three facets, two histograms, ten snippets.

Usage: python tests/benchmarks/faceted.py [COPIES]

Indexes the bundled sample COPIES times (20) with ids made distinct, without finding names
anew, and prints the time to build and the median time of each query as ratios to the
first. Absolute times depend on the machine; compare runs side by side.
"""

from __future__ import annotations

import statistics
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

from index.model import Article, stable_id
from index.pipeline import Analysed, Analyser, Options
from index.readers.sources import open_sources
from index.store import StoreWriter
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

SAMPLE = Path(__file__).resolve().parents[2] / "api" / "sample"
QUERIES = {
    "rare term": "spillway",
    "common term": "government",
    "and": "dam inquiry",
    "or": "election OR strike OR vaccine",
    "phrase": '"prime minister"',
    "not": "dam -inquiry",
    "prefix": "elect*",
    "fuzzy": "goverment~",
    "everything": "",
}


def copied(article: Article, copy: int) -> Article:
    """The same article under ids of its own."""
    paragraphs = tuple(replace(p, id=stable_id(p.id, str(copy))) for p in article.paragraphs)
    return replace(article, id=stable_id(article.id, str(copy)), paragraphs=paragraphs)


def build(path: Path, copies: int) -> float:
    """Index the sample so many times; returns seconds, without the finding of names."""
    documents = [d for d in open_sources([str(SAMPLE)]) if not isinstance(d, Exception)]
    made = [m for m in Analyser(Options()).analyse(documents) if isinstance(m, Analysed)]
    started = time.perf_counter()
    with StoreWriter(path) as store:
        for copy in range(copies):
            for m in made:
                store.put(f"{m.document}-{copy}", m.digest, [copied(a, copy) for a in m.articles])
    return time.perf_counter() - started


def time_queries(engine: WhooshEngine) -> None:
    """Print each query's median of seven runs, and its ratio to the first."""
    first = 0.0
    for name, q in QUERIES.items():
        pages = [engine.search(SearchRequest(q=q, limit=10)) for _ in range(7)]
        median = statistics.median(page.took_ms for page in pages)
        first = first or median
        print(f"{name:<12} {pages[0].paragraphs:>7} hits {median:9.2f} ms {median / first:8.2f} x")


def main() -> None:
    copies = int(sys.argv[1]) if len(sys.argv) > 1 else 20
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        built = build(path, copies)
        engine = WhooshEngine(path)
        paragraphs = engine.stats().paragraphs
        print(f"{paragraphs} paragraphs in {built:.1f} s ({paragraphs / built:.0f} a second, names known)")
        time_queries(engine)


if __name__ == "__main__":
    main()
