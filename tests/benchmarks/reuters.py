"""Time the engine on Reuters' stories of 1987: building, and the faceted job by shape of query.

Usage: python tests/benchmarks/reuters.py STORIES.jsonl.gz [COPIES] [MEMORY_MB]

The stories' own places, people and orgs are the entities. Prints seconds to build, bytes on
disk, memory at most, and the median time of each query.
"""

from __future__ import annotations

import gzip
import json
import resource
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import date
from pathlib import Path

from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import MEMORY_MB, StoreWriter, size_on_disk
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

QUERIES = {
    "term": "oil",
    "term rare": "spillway",
    "term common": "company",
    "and": "opec production",
    "and of three": "japan trade surplus",
    "and common": "said mln dlrs company",
    "or": "bank OR rate OR dollar",
    "phrase": '"interest rate"',
    "not": "crude -opec",
    "prefix": "produc*",
    "wildcard": "pro*ion",
    "fuzzy": "prodction~",
    "everything": "",
}
KINDS = (("places", "place"), ("people", "person"), ("orgs", "org"))


def stories(path: Path, copies: int) -> Iterator[tuple[str, Article]]:
    """Each story as one article, with its entities in every paragraph."""
    with gzip.open(path, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    for copy in range(copies):
        for row in rows:
            yield from _article(row, f"{row['id']}-{copy}")


def _article(row: dict, document: str) -> Iterator[tuple[str, Article]]:
    named = tuple(
        EntityMention(0, 1, "x", kind, f"{kind}-{name}", name) for key, kind in KINDS for name in row[key]
    )
    id_ = stable_id("article", document)
    paragraphs = tuple(
        Paragraph(stable_id(id_, str(n)), n, "body", 0, len(text), text, (), named)
        for n, text in enumerate(row["paragraphs"], 1)
    )
    day = date.fromisoformat(row["date"][:10]) if row["date"] else None
    published = Publication(day, "metadata" if day else None)
    yield document, Article(id_, document, row["source"], row["headline"], "", paragraphs, published)


def build(path: Path, source: Path, copies: int, memory: int) -> None:
    """Index the stories and tell what it took; making their objects is not counted."""
    seconds = 0.0
    with StoreWriter(path, memory_mb=memory) as store:
        for document, article in stories(source, copies):
            started = time.perf_counter()
            store.put(document, "digest", (article,))
            seconds += time.perf_counter() - started
        started = time.perf_counter()
    seconds += time.perf_counter() - started
    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(f"built in {seconds:.2f} s, {size_on_disk(path) / 2**20:.1f} MiB on disk, {most:.0f} MiB at most")


def time_queries(engine: WhooshEngine) -> None:
    """Print each query's median of fifteen runs, and the mean over the queries."""
    medians = []
    for name, q in QUERIES.items():
        request = SearchRequest(q=q, limit=10, facets=("person", "org", "place", "published"))
        pages = [engine.search(request) for _ in range(15)]
        medians.append(statistics.median(page.took_ms for page in pages))
        print(f"{name:<14} {q:<26} {pages[0].paragraphs:>8} hits {medians[-1]:8.2f} ms")
    print(f"mean {statistics.mean(medians):.2f} ms")


def main() -> None:
    source = Path(sys.argv[1])
    copies = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    memory = int(sys.argv[3]) if len(sys.argv) > 3 else MEMORY_MB
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        build(path, source, copies, memory)
        engine = WhooshEngine(path)
        started = time.perf_counter()
        print(f"{engine.stats().paragraphs} paragraphs, opened in {time.perf_counter() - started:.3f} s")
        time_queries(engine)


if __name__ == "__main__":
    main()
