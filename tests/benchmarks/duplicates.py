"""Are copies of wire copy found, and what does that cost?

Usage: python tests/benchmarks/duplicates.py STORIES.jsonl.gz [COPIES] [--pairs N]

Takes Reuters' stories of 1987 (an object a line: id, headline, date, paragraphs), COPIES times (1; 9 are a
million paragraphs) with other words and figures each time, so that these are no copies. Prints what the
prints cost a build and an index, how long the stories take to find at first and after a commit, how many
copies made in each way are found, and with --pairs some of the copies found among the stories as they are,
for a person to judge.
"""

from __future__ import annotations

import argparse
import gzip
import json
import random
import re
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from index.columns.buffer import Buffer
from index.model import Article, Paragraph, Publication, stable_id
from index.store import StoreWriter, segments_folder, size_on_disk
from search.snapshot import Snapshot

MADE_OF_EACH = 150  # copies of long stories, and of short ones, by each way of making them
ADDED = datetime(2026, 1, 1, tzinfo=UTC)
_SPELT = {
    "program": "programme",
    "labor": "labour",
    "defense": "defence",
    "pct": "percent",
    "dlrs": "dollars",
}
_FILLERS = ("also", "officials", "yesterday", "reported", "new", "that")


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("stories", type=Path)
    parser.add_argument("copies", type=int, nargs="?", default=1)
    parser.add_argument("--pairs", type=int, default=0)
    asked = parser.parse_args()
    with gzip.open(asked.stories, "rt", encoding="utf-8") as stream:
        rows = [json.loads(line) for line in stream]
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "index"
        _cost(path, rows, asked.copies)
        made = list(_made(rows, random.Random(7)))
        _after_a_commit(path, made)
        if asked.copies == 1:
            _recall(path, made)
        if asked.pairs:
            _pairs(path, rows, asked.pairs)


# --- what it costs


def _cost(path: Path, rows: Sequence[dict[str, Any]], copies: int) -> None:
    spent = [0.0]
    plain = Buffer._print

    def timed(*args: Any) -> None:
        started = time.perf_counter()
        plain(*args)
        spent[0] += time.perf_counter() - started

    Buffer._print = timed  # type: ignore[method-assign]
    paragraphs = 0
    articles = [_article(row, copy) for copy in range(copies) for row in rows]
    started = time.perf_counter()
    with StoreWriter(path) as store:
        for article in articles:
            paragraphs += len(article.paragraphs)
            store.put(article.document, "1", [article])
    took = time.perf_counter() - started
    Buffer._print = plain  # type: ignore[method-assign]
    of_prints = sum(f.stat().st_size for f in segments_folder(path).glob("*.prints*"))
    print(f"{paragraphs:,} paragraphs of {len(articles):,} articles built in {took:.1f} s")
    print(f"prints: {spent[0] / took:.1%} of the build, {of_prints / paragraphs:.0f} of")
    print(f"  {size_on_disk(path) / paragraphs:.0f} bytes a paragraph")
    times = []
    for _ in range(3):
        snap = Snapshot(path, "benchmark")
        times.append(_found_in(snap))
    print(f"stories of {len(snap.corpus.segments)} segments found in {min(times) * 1e3:.0f} ms at first")


def _found_in(snap: Snapshot) -> float:
    started = time.perf_counter()
    assert snap.columns.stories.any is not None
    return time.perf_counter() - started


def _after_a_commit(path: Path, made: Sequence[tuple[str, Article, Article]]) -> None:
    """Commit the copies that were made, ten at first, then the rest; the stories are found anew each time."""
    before = Snapshot(path, "benchmark")
    _found_in(before)
    for few in (made[:10], made[10:]):
        with StoreWriter(path) as store:
            for _, _, copy in few:
                store.put(copy.document, "1", [copy])
        after = Snapshot(path, "benchmark", before)
        took = _found_in(after)
        print(f"  and in {took * 1e3:.0f} ms after a commit of {len(few):,} articles")
        before = after


def _article(row: dict[str, Any], copy: int) -> Article:
    texts = row["paragraphs"]
    if copy:
        rand = random.Random(f"{row['id']} {copy}")
        texts = [" ".join(_other(word, rand) for word in text.split()) for text in texts]
    day = date.fromisoformat(row["date"][:10]) if row["date"] else None
    return _of(f"{row['id']}-{copy}", row["headline"] or "", texts, day)


def _other(word: str, rand: random.Random) -> str:
    if any(c.isdigit() for c in word):
        return str(rand.randrange(10**6))
    return f"{word}x" if rand.random() < 0.35 else word


def _of(document: str, headline: str, texts: Sequence[str], day: date | None, late: int = 0) -> Article:
    id_ = stable_id("article", document)
    paragraphs = tuple(
        Paragraph(stable_id(id_, str(n)), n, "body" if n else "headline", 0, len(text), text)
        for n, text in enumerate((headline, *texts))
    )
    published = Publication(day, "metadata" if day else None)
    made = Article(id_, document, "benchmark", headline, "benchmark", paragraphs, published)
    return replace(made, added=ADDED + timedelta(seconds=late))


# --- what is found


def _made(rows: Sequence[dict[str, Any]], rand: random.Random) -> Iterator[tuple[str, Article, Article]]:
    """How a copy was made, what it was made of, and itself."""
    leads = [r["paragraphs"][0] for r in rows if r["paragraphs"] and len(r["paragraphs"][0]) > 120]
    sizes = {n: sum(len(p.split()) for p in row["paragraphs"]) for n, row in enumerate(rows)}
    long = [n for n, size in sizes.items() if size >= 100 and len(rows[n]["paragraphs"]) >= 4]
    short = [n for n, size in sizes.items() if 25 <= size < 100 and len(rows[n]["paragraphs"]) < 4]
    for way, make in _ways(rand, leads).items():
        for length, pool in (("long", long), ("short", short)):
            for n in rand.sample(pool, MADE_OF_EACH):
                texts = make(rows[n]["paragraphs"])
                if sum(len(t.split()) for t in texts) >= 15:  # what is left of it is a text at all
                    first = _article(rows[n], 0)
                    day = first.published.day
                    later = day + timedelta(rand.randrange(3)) if day else None
                    name = f"{way}|{length}|{n}"
                    yield f"{way}|{length}", first, _of(name, "Another headline", texts, later, late=60)


def _ways(rand: random.Random, leads: Sequence[str]) -> dict[str, Callable[[Sequence[str]], Sequence[str]]]:
    def some(texts: Sequence[str]) -> Sequence[str]:
        return [t for t in texts if rand.random() > 0.33] or texts[:1]

    def half(texts: Sequence[str]) -> Sequence[str]:
        return texts[: max(2, (len(texts) + 1) // 2)]

    def led(texts: Sequence[str]) -> Sequence[str]:
        return [rand.choice(leads), *texts]

    def edited(texts: Sequence[str], share: float) -> Sequence[str]:
        return [_edited(t, share, rand) for t in texts]

    def spelt(texts: Sequence[str]) -> Sequence[str]:
        return [" ".join(_SPELT.get(w, w) for w in t.split()) for t in texts]

    def wrapped(texts: Sequence[str]) -> Sequence[str]:
        words, size = " ".join(texts).upper().split(), rand.randrange(25, 60)
        return [" ".join(words[n : n + size]) for n in range(0, len(words), size)]

    def signed(texts: Sequence[str]) -> Sequence[str]:
        return ["By JANE DOE", f"CITY (AP) - {texts[0]}", *texts[1:], "Copyright 1987 The Associated Press."]

    return {
        "first half kept": half,
        "first two paragraphs kept": lambda texts: texts[:2],
        "a third left out": some,
        "first paragraph left out": lambda texts: texts[1:],
        "a lead added": led,
        "a lead added, half kept": lambda texts: led(half(texts)),
        "another order": lambda texts: rand.sample(list(texts), len(texts)),
        "capitals, other paragraphs": wrapped,
        "punctuation": lambda texts: [re.sub(r"(?<!\d)[,;](?!\d)", " -", t).replace('"', "”") for t in texts],
        "3% of words edited": lambda texts: edited(texts, 0.03),
        "8% of words edited": lambda texts: edited(texts, 0.08),
        "byline and agency": signed,
        "spelling": spelt,
        "a third left out, edited, a lead added": lambda texts: led(edited(some(texts), 0.04)),
    }


def _edited(text: str, share: float, rand: random.Random) -> str:
    words = text.split()
    for _ in range(max(1, int(len(words) * share))):
        at = rand.randrange(len(words))
        if any(c.isdigit() for c in words[at]):
            continue
        if rand.random() < 0.5:
            words[at] = rand.choice(_FILLERS)
        elif len(words) > 5:
            del words[at]
    return " ".join(words)


def _recall(path: Path, made: Sequence[tuple[str, Article, Article]]) -> None:
    columns = Snapshot(path, "benchmark").columns
    of = columns.stories.of_article
    found: dict[str, list[bool]] = {}
    for way, first, copy in made:
        numbers = columns.article_number(first.id), columns.article_number(copy.id)
        found.setdefault(way, []).append(of[numbers[0]] == of[numbers[1]])
    for way in dict.fromkeys(key.partition("|")[0] for key in found):
        shares = [found[f"{way}|{length}"] for length in ("long", "short")]
        told = ", ".join(f"{sum(s) / len(s):.1%} of {len(s)}" for s in shares)
        print(f"  {way}: {told}")


def _pairs(path: Path, rows: Sequence[dict[str, Any]], count: int) -> None:
    """Copies among the stories as they are, words changed at least a little, each beside the first one."""
    columns = Snapshot(path, "benchmark").columns
    numbers = {columns.article_number(_article(row, 0).id): row for row in rows}
    of = columns.stories.of_article
    pairs = [(numbers[int(of[n])], row) for n, row in numbers.items() if n is not None and of[n] != n]
    pairs = [(a, b) for a, b in pairs if a["paragraphs"] != b["paragraphs"]]
    print(f"{len(pairs)} pairs that are not the same letter by letter, {count} of them:")
    for pair in random.Random(1).sample(pairs, min(count, len(pairs))):
        print("--")
        for row in pair:
            print(f"{row['date']} {row['headline']}\n    {' // '.join(row['paragraphs'])[:400]}")


if __name__ == "__main__":
    main()
