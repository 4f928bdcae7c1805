"""What every engine does: build a folder, open it, and answer the faceted job."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

if TYPE_CHECKING:
    from corpus import News
    from queries import Query

HITS = 10
VALUES = 10
PASSAGE = 240  # characters of a snippet, about


class UnsupportedError(Exception):
    """The engine has no such query."""


@dataclass(frozen=True, slots=True)
class Answer:
    """A page of results in plain values, to compare engines by.

    Attributes:
        hits: how many paragraphs match.
        ids: of the ranked top ten.
        facets: by kind, the ten most frequent values with their counts.
        months: paragraphs by month (`News.month`), months without any left out.
        snippets: of the top ten, with the words marked.
    """

    hits: int
    ids: list[str]
    facets: dict[str, list[tuple[str, int]]]
    months: dict[int, int]
    snippets: list[str]


class Engine(Protocol):
    """One engine. `run` is what is timed; `answer` turns what it gave into plain values, untimed."""

    def build(self, news: Iterable[News], folder: Path) -> None:
        """Index articles into an empty folder and commit."""

    def add(self, news: Iterable[News], folder: Path) -> None:
        """Add articles to what `build` made and commit."""

    def open(self, folder: Path) -> None:
        """Open for searching."""

    def refresh(self) -> None:
        """See what was committed since."""

    def run(self, query: Query) -> Any:
        """Do the faceted job: top ten, three facets, a histogram by month, ten snippets.

        Raises:
            UnsupportedError: there is no such query.
        """

    def answer(self, found: Any) -> Answer:
        """What `run` found, in plain values."""


@dataclass(frozen=True, slots=True)
class Known:
    """An engine that can be asked for.

    Attributes:
        module: of its adapter, and the import that tells whether it is installed.
        package: the library's import name.
        install: how to get it.
    """

    module: str
    package: str
    install: str


ENGINES = {
    "dateline": Known("engines.dateline", "search.whoosh_engine", "pip install -e ."),
    "tantivy": Known("engines.tantivy", "tantivy", "pip install -e '.[bench]'"),
    "fts5": Known("engines.fts5", "sqlite3", "a Python whose SQLite has FTS5"),
    "xapian": Known("engines.xapian", "xapian", "apt install python3-xapian"),
    "whoosh": Known("engines.whoosh", "whoosh", "pip install -e ."),
}


def engine(name: str) -> Engine:
    """The adapter of an engine."""
    made: Engine = import_module(ENGINES[name].module).make()
    return made


def folder_bytes(folder: Path) -> int:
    """Size of all files below a folder."""
    return sum(f.stat().st_size for f in folder.rglob("*") if f.is_file())


def top(counts: dict[str, int]) -> list[tuple[str, int]]:
    """The most frequent values, for engines that hand out all of them."""
    return sorted(counts.items(), key=lambda c: (-c[1], c[0]))[:VALUES]
