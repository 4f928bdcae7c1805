"""How long does it take to match new articles against 10,000 saved searches, and with how much memory?

The last of Reuters' stories of 1987 are added to an index of the others, a hundred at a time and one at a
time. The searches are drawn from the stories' own
words, phrases and names: two words, a word, a phrase, a name, a name and a word, alternatives, a prefix, a
pattern, a word with a slip, a word without another, days.

Usage: python tests/benchmarks/alerts.py [--searches N] [--copies N] [--source FILE]
       [--check N]
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import statistics
import tempfile
import time
import tracemalloc
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import Any

from corpus import REUTERS

from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.percolate import Standing
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine

KINDS = (("places", "place"), ("people", "person"), ("orgs", "org"))
NEW = 600  # stories that come in afterwards
_COMMON = 300  # words that nobody would be told of: the commonest


def main() -> None:
    options = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    options.add_argument("--searches", type=int, default=10_000)
    options.add_argument("--copies", type=int, default=1, help="of the stories that are there before")
    options.add_argument("--source", type=Path, default=REUTERS, help="JSON lines of stories, gzipped")
    options.add_argument("--check", type=int, default=200, help="searches compared with the page's answers")
    asked = options.parse_args()
    rows = [row for row in _rows(asked.source) if row["paragraphs"]]
    old, new = rows[:-NEW], rows[-NEW:]
    searches = _searches(rows, asked.searches)
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        with StoreWriter(path) as store:
            for copy in range(asked.copies):
                for row in old:
                    article = _article(row, str(copy))
                    store.put(article.document, "digest", (article,))
        with closing(WhooshEngine(path)) as engine:
            print(f"{engine.stats().paragraphs:,} paragraphs; {len(searches):,} saved searches")
            standing = _indexed(engine, searches)
            _matched(engine, standing, path, [new[n : n + 100] for n in range(0, 500, 100)], "100 at a time")
            _matched(engine, standing, path, [[row] for row in new[500:540]], "one at a time")
            _compared(engine, searches, new[:100], asked.check)


def _rows(source: Path) -> list[dict[str, Any]]:
    if not source.exists():
        raise SystemExit(f"{source} is not there")
    with gzip.open(source, "rt", encoding="utf-8") as stream:
        return [json.loads(line) for line in stream]


def _article(row: dict[str, Any], copy: str) -> Article:
    document = f"{row['id']}-{copy}"
    id_ = stable_id("article", document)
    named = [
        EntityMention(0, 1, "x", kind, f"{kind}-{name}", name) for key, kind in KINDS for name in row[key]
    ]
    texts = [row["headline"] or "", *row["paragraphs"]]
    made = tuple(
        Paragraph(stable_id(id_, str(n)), n, "body" if n else "headline", 0, len(t), t, (), tuple(named))
        for n, t in enumerate(texts)
        if t
    )
    day = date.fromisoformat(row["date"][:10]) if row["date"] else None
    published = Publication(day, "metadata" if day else None)
    return Article(id_, document, row["source"], row["headline"], "", made, published)


def _words(text: str) -> list[str]:
    return [w.lower() for w in re.findall(r"[A-Za-z]{4,}", text)]


class _Drawing:
    """Searches as people save them, drawn from stories."""

    def __init__(self, rows: list[dict[str, Any]], seed: int) -> None:
        self._rows, self._random = rows, random.Random(seed)
        counts = Counter(w for row in rows for w in set(_words(" ".join(row["paragraphs"]))))
        self._common = {w for w, _ in counts.most_common(_COMMON)}
        self._names = sorted({(k, f"{k}-{name}") for row in rows for key, k in KINDS for name in row[key]})

    def words(self, how_many: int) -> list[str]:
        """Neighbours in a text that are worth asking for."""
        while True:
            row = self._random.choice(self._rows)
            found = [w for w in _words(self._random.choice(row["paragraphs"])) if w not in self._common]
            if len(found) >= how_many:
                at = self._random.randrange(len(found) - how_many + 1)
                return found[at : at + how_many]

    def phrase(self) -> str:
        while True:
            row = self._random.choice(self._rows)
            found = re.findall(r"\b[A-Za-z]{3,} [A-Za-z]{4,}\b", self._random.choice(row["paragraphs"]))
            if found:
                return f'"{self._random.choice(found).lower()}"'

    def name(self) -> dict[str, EntityFilter]:
        kind, id_ = self._random.choice(self._names)
        return {kind: EntityFilter((id_,))}

    def request(self) -> SearchRequest:
        shapes: list[tuple[int, Callable[[], SearchRequest]]] = [
            (30, lambda: SearchRequest(q=" ".join(self.words(2)))),
            (10, lambda: SearchRequest(q=" ".join(self.words(3)))),
            (10, lambda: SearchRequest(q=self.words(1)[0])),
            (15, lambda: SearchRequest(q=self.phrase())),
            (6, lambda: SearchRequest(entities=self.name())),
            (12, lambda: SearchRequest(q=self.words(1)[0], entities=self.name())),
            (5, lambda: SearchRequest(q=" OR ".join(self.words(3)))),
            (4, lambda: SearchRequest(q=f"{self.words(1)[0][:6]}* {self.words(1)[0]}")),
            (2, lambda: SearchRequest(q=f"{self.words(1)[0][:6]}*")),
            (1, lambda: SearchRequest(q="{}*{}".format(*(w[:3] for w in self.words(2))))),
            (1, lambda: SearchRequest(q=f"{self.words(1)[0]}~")),
            (2, lambda: SearchRequest(q="{} -{}".format(*self.words(2)))),
            (1, lambda: SearchRequest(q=self.words(1)[0], published=DayRange(date(1987, 1, 1), None))),
            (1, lambda: SearchRequest(q=f"headline:{self.words(1)[0]}")),
        ]
        weights, made = zip(*shapes, strict=True)
        return self._random.choices(made, weights)[0]()


def _searches(rows: list[dict[str, Any]], wanted: int) -> list[SearchRequest]:
    drawing = _Drawing(rows, 1987)
    return [replace(drawing.request(), facets=()) for _ in range(wanted)]


def _indexed(engine: WhooshEngine, searches: list[SearchRequest]) -> Standing:
    tracemalloc.start()
    standing = engine.standing()
    for n, request in enumerate(searches):
        standing.put(str(n), request)
    engine.percolate(standing, [])
    held = tracemalloc.get_traced_memory()[0]
    tracemalloc.stop()
    again = engine.standing()
    started = time.perf_counter()
    for n, request in enumerate(searches):
        again.put(str(n), request)
    engine.percolate(again, [])
    print(f"indexed in {time.perf_counter() - started:.2f} s; {held / 2**20:.0f} MB held")
    return again


def _matched(
    engine: WhooshEngine, standing: Standing, path: Path, batches: list[list[dict[str, Any]]], how: str
) -> None:
    took, opened, checked, found, articles = [], [], 0, 0, 0
    for batch in batches:
        made = [_article(row, "new") for row in batch]
        with StoreWriter(path) as store:
            for article in made:
                store.put(article.document, "digest", (article,))
        engine.look_again()
        started = time.perf_counter()
        engine.generation()
        opened.append((time.perf_counter() - started) * 1e3)
        started = time.perf_counter()
        told = engine.percolate(standing, [a.id for a in made])
        took.append((time.perf_counter() - started) * 1e3 / len(made))
        checked, found, articles = checked + told.checked, found + len(told.found), articles + len(made)
    middle, least, most = statistics.median(took), min(took), max(took)
    print(
        f"{how}: {middle:.1f} ms an article in the median, {least:.1f} to {most:.1f}; "
        f"{checked / len(batches):.0f} searches run a batch, {found / articles:.1f} matches an article; "
        f"the new commit opened in {statistics.median(opened):.1f} ms"
    )


def _compared(
    engine: WhooshEngine, searches: list[SearchRequest], new: list[dict[str, Any]], most: int
) -> None:
    """Hold the matcher to the page, and tell what running every search would have cost."""
    some = searches[:: max(1, len(searches) // max(1, most))]
    standing = engine.standing()
    for n, request in enumerate(some):
        standing.put(str(n), request)
    ids = [_article(row, "new").id for row in new]
    told = engine.percolate(standing, ids)
    ours = {(f.search, f.article): f.paragraphs for f in told.found}
    started = time.perf_counter()
    theirs = {(str(n), a): engine.found_in(a, r) for n, r in enumerate(some) for a in ids[:5]}
    alone = (time.perf_counter() - started) / len(theirs) * 1e3
    wrong = [key for key, found in theirs.items() if ours.get(key, ()) != found]
    print(
        f"{len(theirs):,} answers of the page compared: {len(wrong)} differ; "
        f"one search run on one article {alone:.2f} ms"
    )


if __name__ == "__main__":
    main()
