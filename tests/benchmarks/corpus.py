"""Which paragraphs are indexed? One corpus, written once as JSON lines, read by every engine alike.

It is ../shared/data/news/reuters-1987.jsonl.gz beside the repository where that is present (its licence
allows research only, so it is never copied into the project), and else the bundled sample, repeated.
What is written holds an article a line with its day, its facet values and its paragraphs with their ids.
"""

from __future__ import annotations

import gzip
import json
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, replace
from itertools import islice
from pathlib import Path
from typing import Any

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT.parent / "shared" / "data"
REUTERS = DATA / "news" / "reuters-1987.jsonl.gz"
SAMPLE = ROOT / "api" / "sample"
KINDS = ("places", "people", "orgs")

MARKER = "zyzzogeton"
"""A word that no corpus holds: added articles are told by it."""

_BATCH = 500  # articles read between two looks at the clock


@dataclass(frozen=True, slots=True)
class News:
    """An article as every engine gets it.

    Attributes:
        id: stable, distinct over all copies.
        headline: kept to be shown, not searched.
        day: of publication, ISO 8601, or empty.
        values: the facet values by kind: places, people, orgs.
        paragraphs: (id, text) in order; these are what is searched.
    """

    id: str
    headline: str
    day: str
    values: dict[str, tuple[str, ...]]
    paragraphs: tuple[tuple[str, str], ...]

    @property
    def month(self) -> int:
        """Months since the year 0, for a histogram; 0 without a day."""
        return int(self.day[:4]) * 12 + int(self.day[5:7]) - 1 if self.day else 0


@dataclass(frozen=True, slots=True)
class Corpus:
    """A prepared corpus.

    Attributes:
        path: the JSON lines.
        source: what it was made of, for a person to read.
        name: which list of queries goes with it: reuters or sample.
        paragraphs: how many the file holds.
    """

    path: Path
    source: str
    name: str
    paragraphs: int


def prepare(path: Path) -> Corpus:
    """Write the corpus to `path`."""
    if REUTERS.exists():
        rows, name, source = _reuters(), "reuters", "Reuters 1987"
    else:
        rows, name, source = (
            _sample(),
            "sample",
            f"the bundled sample, repeated, since {REUTERS.name} is absent",
        )
    paragraphs = 0
    with path.open("w", encoding="utf-8") as out:
        for row in rows:
            paragraphs += len(row["paragraphs"])
            out.write(json.dumps(row, ensure_ascii=False) + "\n")
    return Corpus(path, source, name, paragraphs)


def _reuters() -> Iterator[dict[str, Any]]:
    with gzip.open(REUTERS, "rt", encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            values = {kind: list(dict.fromkeys(row[kind])) for kind in KINDS}  # some are given twice
            yield _row(row["id"], row["headline"], (row["date"] or "")[:10], values, row["paragraphs"])


def _sample() -> Iterator[dict[str, Any]]:
    """The sample's articles; the names found in an article are the facet values of its paragraphs."""
    from index.pipeline import Analysed, Analyser, Options
    from index.readers.sources import open_sources

    documents = [d for d in open_sources([str(SAMPLE)]) if not isinstance(d, Exception)]
    kinds = {"places": "place", "people": "person", "orgs": "org"}
    for made in Analyser(Options()).analyse(documents):
        for article in made.articles if isinstance(made, Analysed) else ():
            named = [e for p in article.paragraphs for e in p.entities]
            values = {k: sorted({e.name for e in named if e.kind == kind}) for k, kind in kinds.items()}
            day = article.published.day.isoformat() if article.published.day else ""
            yield _row(article.id, article.headline, day, values, [p.text for p in article.paragraphs])


def _row(
    key: str, headline: str | None, day: str, values: dict[str, list[str]], texts: list[str]
) -> dict[str, Any]:
    from index.model import stable_id  # here, since Xapian's Python reads this module without the project

    def first_copy(*parts: str) -> str:
        return stable_id(*parts)[:-2] + "00"  # the last byte counts copies

    return {
        "id": first_copy("article", key),
        "headline": headline or "",
        "day": day,
        **values,
        "paragraphs": [(first_copy("paragraph", key, str(n)), text) for n, text in enumerate(texts)],
    }


def read(path: Path, limit: int | None = None) -> list[News]:
    """Read a corpus into memory, so that no engine waits for the reading.

    Args:
        path: as `prepare` wrote it.
        limit: paragraphs at most, about; None reads all.
    """
    news: list[News] = []
    held = 0
    with path.open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            values = {kind: tuple(row[kind]) for kind in KINDS}
            paragraphs = tuple((key, text) for key, text in row["paragraphs"])
            news.append(News(row["id"], row["headline"], row["day"], values, paragraphs))
            held += len(paragraphs)
            if limit is not None and held >= limit:
                break
    return news


def copied(news: Iterable[News], copies: int, first: int = 0) -> Iterator[News]:
    """Every article so many times, from the second copy on under ids of its own."""
    held = list(news)
    for copy in range(first, first + copies):
        for article in held:
            yield article if copy == 0 else _copy(article, f"{copy:02x}")


def _copy(article: News, mark: str) -> News:
    paragraphs = tuple((key[:-2] + mark, text) for key, text in article.paragraphs)
    return replace(article, id=article.id[:-2] + mark, paragraphs=paragraphs)


def added(news: list[News], articles: int = 100) -> list[News]:
    """Articles that no index holds yet; the first paragraph of each has the marker."""
    made = []
    for article in copied(news[:articles], 1, first=255):
        (key, text), *rest = article.paragraphs
        made.append(replace(article, paragraphs=((key, f"{text} {MARKER}"), *rest)))
    return made


def untimed(news: Iterable[News], waited: Callable[[float], None]) -> Iterator[News]:
    """Hand on articles, telling the seconds that making them took and the engine did not."""
    source = iter(news)
    while True:
        started = time.perf_counter()
        batch = list(islice(source, _BATCH))
        waited(time.perf_counter() - started)
        if not batch:
            return
        yield from batch
