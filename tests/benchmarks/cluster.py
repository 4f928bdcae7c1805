"""The same paragraphs on both engines, a folder and an OpenSearch cluster: do they agree?

Usage: python tests/benchmarks/cluster.py agree --opensearch URL [--queries 500] [--sizes 105k]
       python tests/benchmarks/cluster.py http --opensearch URL [--seconds 10] [--sizes 105k,1050k]

`agree` asks so many queries of each shape of both and compares what they find, all facet counts, the
histogram and the ten best. `http` times the faceted job through `dateline serve` on each, in one run; figures
are ratios. The indexes are made anew under names of their own and removed at the end. Sizes above the corpus
are made of copies of it under other ids, for which no stories are looked for on the cluster: ten copies of
everything are ten times the work for what no archive has. A folder is built with them.
"""

from __future__ import annotations

import argparse
import json
import random
import re
import statistics
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent
ROOT = HERE.parents[1]
sys.path[:0] = [str(ROOT)]

from corpus import News, copied, prepare, read  # noqa: E402
from engines.dateline import Dateline, entity_id  # noqa: E402
from http_load import load  # noqa: E402
from queries import fixed  # noqa: E402
from steps import Size  # noqa: E402

from index.cluster import store as cluster_store  # noqa: E402
from index.cluster.client import cluster_of  # noqa: E402
from index.cluster.place import ClusterPlace  # noqa: E402
from index.cluster.store import ClusterStore  # noqa: E402
from index.store import StoreWriter, size_on_disk  # noqa: E402
from search.engine import Engine  # noqa: E402
from search.opensearch_engine import OpenSearchEngine  # noqa: E402
from search.request import DayRange, EntityFilter, SearchRequest  # noqa: E402
from search.results import Page  # noqa: E402
from search.whoosh_engine import WhooshEngine  # noqa: E402

SHAPES = (
    "term", "and", "or", "not", "brackets", "phrase", "phrase near", "hyphen", "prefix", "wildcard", "fuzzy",
    "place", "place and not", "published", "article", "newest",
)  # fmt: skip
_WORD = re.compile(r"[a-z]{2,}")
_LISTED = 2_000  # hits up to which all of them are compared one by one


@dataclass
class Differences:
    """What two engines answered otherwise, by shape.

    Attributes:
        asked: queries of the shape.
        paragraphs: queries whose paragraphs differ.
        facets: whose facet values, counts or rest differ.
        histograms: whose counts by month differ.
        overlaps: of the ten best, in those with at least ten hits.
        milliseconds: of both engines, by query.
        shown: the first few, in words.
    """

    asked: int = 0
    paragraphs: int = 0
    facets: int = 0
    histograms: int = 0
    overlaps: list[int] = field(default_factory=list)
    milliseconds: list[tuple[float, float]] = field(default_factory=list)
    shown: list[str] = field(default_factory=list)


class Asking:
    """Queries of each shape, out of the corpus itself, the same every time."""

    def __init__(self, news: list[News], seed: int = 7) -> None:
        self._random = random.Random(seed)
        self._news = [n for n in news if n.paragraphs]
        counts = Counter(
            w for n in news for _, text in n.paragraphs for w in set(_WORD.findall(text.lower()))
        )
        self._words = sorted(counts)
        self._common = [w for w, _ in counts.most_common(3_000)]
        self._places = [p for p, _ in Counter(v for n in news for v in n.values["places"]).most_common(60)]

    def of(self, shape: str, number: int) -> list[SearchRequest]:
        """So many requests of a shape."""
        return [self._one(shape) for _ in range(number)]

    def _text(self) -> list[str]:
        """Neighbouring words of some paragraph."""
        while True:
            _, text = self._random.choice(self._random.choice(self._news).paragraphs)
            words = text.lower().split()
            if len(words) > 8:
                at = self._random.randrange(len(words) - 4)
                found = [w.strip(".,\"'()<>-") for w in words[at : at + 4]]
                if all(re.fullmatch("[a-z]+", w) for w in found):
                    return found

    def _one(self, shape: str) -> SearchRequest:
        pick = self._random.choice
        a, b, c = (pick(self._common) for _ in range(3))
        rare = pick(self._words)
        near = self._text()
        filters: dict[str, Any] = {}
        q = {
            "term": rare if self._random.random() < 0.5 else a,
            "and": " ".join(near[:2]) if self._random.random() < 0.5 else f"{a} AND {b}",
            "or": f"{a} OR {b} OR {rare}",
            "not": f"{a} -{b}",
            "brackets": f"({a} OR {rare}) AND NOT ({b} {c})",
            "phrase": f'"{" ".join(near[: pick((2, 2, 3))])}"',
            "phrase near": f'"{near[0]} {near[2]}"~{pick((2, 3, 5))}',
            "hyphen": f"{near[0]}-{near[1]}",
            "prefix": f"{rare[: pick((3, 4, 5))]}*",
            "wildcard": f"{rare[:2]}*{rare[-2:]}",
            "fuzzy": f"{rare}~{pick((1, 2))}",
            "newest": "",
        }.get(shape, a)
        if shape.startswith("place"):
            chosen = tuple(entity_id("place", pick(self._places)) for _ in range(pick((1, 2))))
            excluded = (entity_id("place", pick(self._places)),) if shape.endswith("not") else ()
            filters["entities"] = {"place": EntityFilter(chosen, excluded=excluded)}
        if shape == "published":
            first = date(1987, pick((2, 3, 4, 6, 10)), pick(range(1, 28)))
            filters["published"] = DayRange(first, date(1987, 10, 28) if pick((0, 1)) else None)
        if shape == "article":
            filters["group"] = "article"
        if shape == "newest":
            filters["entities"] = {"place": EntityFilter((entity_id("place", pick(self._places)),))}
        facets = ("place", "person", "org", "published")
        return SearchRequest(q=q, limit=10, facets=facets, interval="month", **filters)


def build(news: list[News], copies: int, folder: Path, place: ClusterPlace) -> dict[str, float]:
    """Put the corpus into both; returns seconds and bytes of each."""
    told: dict[str, float] = {}
    adapter = Dateline()
    for name, store in (("folder", StoreWriter(folder)), ("cluster", ClusterStore(place))):
        started, cpu = time.perf_counter(), time.process_time()
        with _without_stories(copies > 1), store as writer:
            for article in copied(news, copies):
                writer.put(article.id, article.id, [adapter._article(article)])
        told[f"{name}_s"] = round(time.perf_counter() - started, 1)
        told[f"{name}_own_s"] = round(time.process_time() - cpu, 1)
    told["folder_mb"] = round(size_on_disk(folder) / 2**20, 1)
    cluster = cluster_of(place)
    cluster.ask("POST", f"/{place.name}/_flush", timeout_s=120)
    stats = cluster.ask("GET", f"/{place.name}/_stats/store")["_all"]["primaries"]
    told["cluster_mb"] = round(stats["store"]["size_in_bytes"] / 2**20, 1)
    return told


@contextmanager
def _without_stories(wanted: bool) -> Iterator[None]:
    """Look for no stories at the commits of a cluster."""
    settle = cluster_store.settle
    if wanted:
        cluster_store.settle = lambda *_: False
    try:
        yield
    finally:
        cluster_store.settle = settle


def compare(mine: Engine, theirs: Engine, request: SearchRequest, found: Differences, shape: str) -> None:
    """Ask both and note what differs."""
    a, b = mine.search(request), theirs.search(request)
    found.asked += 1
    found.milliseconds.append((a.took_ms, b.took_ms))
    wrong = []
    if not _same_paragraphs(mine, theirs, request, a, b):
        found.paragraphs += 1
        wrong.append(f"{a.paragraphs} and {b.paragraphs} paragraphs, {a.articles} and {b.articles} articles")
    if a.facets != b.facets:
        found.facets += 1
        wrong.append(_unlike(a, b))
    if a.histograms != b.histograms:
        found.histograms += 1
        wrong.append("histograms")
    if wrong and len(found.shown) < 4:
        found.shown.append(f"{shape} {request.q!r}: {'; '.join(wrong)}")
    best = [{h.article.id if request.group == "article" else h.id for h in page.hits} for page in (a, b)]
    if len(best[0]) == 10:
        found.overlaps.append(len(best[0] & best[1]))


def _same_paragraphs(mine: Engine, theirs: Engine, request: SearchRequest, a: Page, b: Page) -> bool:
    if (a.paragraphs, a.articles, a.stories) != (b.paragraphs, b.articles, b.stories):
        return False
    if a.paragraphs > _LISTED or request.group != "none":
        return True
    return {h.id for h in mine.scan(request)} == {h.id for h in theirs.scan(request)}


def _unlike(a: Page, b: Page) -> str:
    for kind, facet in a.facets.items():
        other = b.facets[kind]
        if facet != other:
            values = [(x.name, x.count) for x in facet.values], [(x.name, x.count) for x in other.values]
            rest = (facet.other, facet.distinct), (other.other, other.distinct)
            return f"{kind}: {rest} {[p for p in zip(*values, strict=False) if p[0] != p[1]][:2]}"
    return "other kinds"


def agree(news: list[News], mine: Engine, theirs: Engine, number: int) -> dict[str, Differences]:
    """Ask queries of each shape."""
    asking = Asking(news)
    out: dict[str, Differences] = {}
    for shape in SHAPES:
        found = out[shape] = Differences()
        for request in asking.of(shape, number):
            compare(mine, theirs, request, found, shape)
        print(_line(shape, found), flush=True)
        for text in found.shown:
            print(f"    {text}")
    return out


def _line(shape: str, found: Differences) -> str:
    folder, cluster = (statistics.median(ms) for ms in zip(*found.milliseconds, strict=True))
    overlap = f"{statistics.mean(found.overlaps):5.2f}" if found.overlaps else "    –"
    return (
        f"{shape:<14} {found.asked:5} asked, other paragraphs {found.paragraphs:3}, facets {found.facets:3}, "
        f"histograms {found.histograms:3}, ten best {overlap} ({len(found.overlaps)}), "
        f"median {folder:7.2f} and {cluster:7.2f} ms"
    )


def sized(given: argparse.Namespace, work: Path) -> Iterator[tuple[str, list[News], int]]:
    """Each size with its corpus and how often it is repeated."""
    corpus = prepare(work / "corpus.jsonl")
    print(f"{corpus.source}, {corpus.paragraphs:,} paragraphs", flush=True)
    for label in given.sizes.split(","):
        size = Size.of(label, corpus)
        yield label, read(corpus.path, size.limit), size.copies


def run(given: argparse.Namespace) -> list[dict[str, Any]]:
    """All sizes."""
    rows = []
    with tempfile.TemporaryDirectory() as folder:
        work = Path(folder)
        for label, news, copies in sized(given, work):
            place = ClusterPlace.of(f"{given.opensearch}/bench-{label}", shards=given.shards)
            path = work / label
            try:
                row = {"size": label, **build(news, copies, path, place)}
                print(json.dumps(row), flush=True)
                engines = WhooshEngine(path), OpenSearchEngine(place)
                if given.what == "agree":
                    agree(news, *engines, given.queries)
                else:
                    row |= over_http(path, place, given)
                    print(json.dumps(row), flush=True)
                rows.append(row)
            finally:
                cluster_of(place).ask("DELETE", f"/{place.name}-*")
    return rows


def over_http(path: Path, place: ClusterPlace, given: argparse.Namespace) -> dict[str, Any]:
    """The faceted job through `dateline serve`, on the folder and on the cluster."""
    queries = fixed("reuters")
    here = load(path, queries, given.seconds)
    url = ",".join(f"{host}/{place.name}" for host in place.hosts)
    there = load(path, queries, given.seconds, DATELINE_ENGINE="opensearch", DATELINE_OPENSEARCH=url)
    ratios = {
        "one_client": round(there["median_ms"] / here["median_ms"], 1),
        "eight_clients": round(here["clients_8"]["a_second"] / there["clients_8"]["a_second"], 1),
    }
    return {"folder": here, "cluster": there, "times_as_long": ratios}


def main() -> None:
    """Run what was asked for."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n", 1)[0])
    parser.add_argument("what", choices=("agree", "http"))
    parser.add_argument("--opensearch", required=True, help="URL of a node, without a name of an index")
    parser.add_argument("--sizes", default="105k", help="thousands of paragraphs, such as 105k,1050k")
    parser.add_argument("--queries", type=int, default=500, help="of each shape")
    parser.add_argument("--seconds", type=int, default=10, help="of each load")
    parser.add_argument("--shards", type=int, default=5)
    run(parser.parse_args())


if __name__ == "__main__":
    main()
