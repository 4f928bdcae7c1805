"""What is asked? A fixed list by shape, and the queries of the search benchmark game."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

AOL = "queries/aol-tagged.jsonl"
"""Below ../shared/data; each has tags, of which these four are asked."""

AOL_KINDS = {"term": "term", "intersection": "and", "union": "or", "phrase": "phrase"}


@dataclass(frozen=True, slots=True)
class Query:
    """One question, in no engine's language.

    Attributes:
        shape: the line of the table that it counts for.
        kind: term, and, or, phrase, not (the first word without the others), prefix, fuzzy
            (one letter off) or all (every paragraph, newest first).
        words: lower case, letters and digits only.
        place: a value of the facet of places that was chosen, or empty.
    """

    shape: str
    kind: str
    words: tuple[str, ...] = ()
    place: str = ""

    @property
    def key(self) -> str:
        """Name it in a report."""
        words = " ".join(self.words) or "*"
        return f"{self.shape}: {words}" + (f" [{self.place}]" if self.place else "")

    @property
    def extra(self) -> bool:
        """Whether it stands beside the fixed list, and so out of its mean."""
        return self.shape.startswith("aol ")


# Words of fuzzy and prefix queries are ones that stemming leaves alone, since most engines expand stems.
_LISTS: dict[str, dict[str, tuple[str, str]]] = {
    "reuters": {
        "rare term": ("term", "smuggling|platinum|drought"),
        "common term": ("term", "said|company|bank"),
        "and": ("and", "opec production|japan trade surplus|said mln dlrs company"),
        "or": ("or", "bank rate dollar|opec oil|cocoa coffee sugar"),
        "phrase": ("phrase", "interest rate|prime minister|crude oil"),
        "not": ("not", "crude opec|trade japan|bank england"),
        "filter": ("term", "oil [usa]|trade [japan]|rate [uk]"),
        "prefix": ("prefix", "elect|petro|agric"),
        "fuzzy": ("fuzzy", "petrolum|brazl|reagn"),
        "everything": ("all", ""),
    },
    "sample": {
        "rare term": ("term", "spillway|dockers|vaccine"),
        "common term": ("term", "said|minister|people"),
        "and": ("and", "dam inquiry|prime minister talks|port strike"),
        "or": ("or", "election strike vaccine|bank energy|hospital trial"),
        "phrase": ("phrase", "prime minister|united states|chief executive"),
        "not": ("not", "dam inquiry|minister prime|bank energy"),
        "filter": ("term", "minister [United Kingdom]|port [Port Ellery]|people [London]"),
        "prefix": ("prefix", "elect|hosp|vacc"),
        "fuzzy": ("fuzzy", "northwnd|trst|londn"),
        "everything": ("all", ""),
    },
}


def fixed(name: str) -> list[Query]:
    """The fixed list for a corpus."""
    return [
        _query(shape, kind, text) for shape, (kind, row) in _LISTS[name].items() for text in row.split("|")
    ]


def _query(shape: str, kind: str, text: str) -> Query:
    place = re.search(r"\[(.+)\]", text)
    words = re.sub(r"\[.+\]", "", text).split()
    return Query(shape, kind, tuple(words), place[1] if place else "")


def aol(data: Path, each: int) -> list[Query]:
    """So many queries of each tag, spread evenly over the file; none where it is absent."""
    path = data / AOL
    if not path.exists():
        return []
    found: dict[str, list[Query]] = {}
    for query in _tagged(path):
        found.setdefault(query.shape, []).append(query)
    return [q for queries in found.values() for q in _spread(queries, each)]


def _tagged(path: Path) -> Iterator[Query]:
    for line in path.read_text("utf-8").splitlines():
        row = json.loads(line)
        words = tuple(row["query"].replace("+", " ").replace('"', " ").lower().split())
        if row["tags"][0] in AOL_KINDS and all(re.fullmatch("[a-z0-9]+", w) for w in words):
            yield Query(f"aol {row['tags'][0]}", AOL_KINDS[row["tags"][0]], words)


def _spread(queries: list[Query], wanted: int) -> list[Query]:
    step = max(1.0, len(queries) / max(1, wanted))
    return [queries[int(n * step)] for n in range(min(wanted, len(queries)))]


def dump(queries: list[Query]) -> list[dict[str, Any]]:
    """As a worker is told them."""
    return [asdict(q) for q in queries]


def load(rows: list[dict[str, Any]]) -> list[Query]:
    """As a worker reads them."""
    return [Query(r["shape"], r["kind"], tuple(r["words"]), r["place"]) for r in rows]
