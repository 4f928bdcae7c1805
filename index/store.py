"""Where paragraphs are kept: one folder with a Whoosh index, written by one writer at a time."""

from __future__ import annotations

import json
import os
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from uuid import uuid4

from whoosh import index as whoosh_index
from whoosh.index import FileIndex, LockError
from whoosh.reading import IndexReader, SegmentReader
from whoosh.writing import SegmentWriter

from index.errors import IndexDamagedError, IndexLockedError, IndexMissingError, IndexVersionError
from index.model import Article
from index.schema import FORMAT, whoosh_schema
from index.stored import Facts, facts_of, read_facts, record_of

_SEGMENTS = "whoosh"
_MARKER = "dateline.json"


@dataclass(frozen=True, slots=True)
class Held:
    """What the index holds of one document."""

    digest: str
    articles: int
    paragraphs: int
    dates: int
    entities: int


def open_index(path: Path) -> FileIndex:
    """Open an index for reading.

    Raises:
        IndexMissingError: there is none at `path`.
        IndexVersionError: it has another format.
        IndexDamagedError: its files cannot be read.
    """
    marker = path / _MARKER
    try:
        found = str(json.loads(marker.read_text("utf-8"))["format"])
    except FileNotFoundError:
        raise IndexMissingError(path) from None
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise IndexDamagedError(marker, str(error)) from error
    if found != FORMAT:
        raise IndexVersionError(path, found, FORMAT)
    try:
        return whoosh_index.open_dir(str(path / _SEGMENTS))
    except Exception as error:  # Whoosh raises whatever its unpickler met
        raise IndexDamagedError(path / _SEGMENTS, str(error) or type(error).__name__) from error


def marker_of(path: Path) -> str:
    """Name this very index: another one at the same path has another marker."""
    try:
        return str(json.loads((path / _MARKER).read_text("utf-8")).get("made", ""))
    except (OSError, ValueError, AttributeError):
        return ""


def create_index(path: Path) -> FileIndex:
    """Open the index at `path`, making an empty one where there is none."""
    try:
        return open_index(path)
    except IndexMissingError:
        segments = path / _SEGMENTS
        segments.mkdir(parents=True, exist_ok=True)
        if not whoosh_index.exists_in(str(segments)):
            whoosh_index.create_in(str(segments), whoosh_schema())
        temporary = path / f".{_MARKER}.{os.getpid()}"
        temporary.write_text(json.dumps({"format": FORMAT, "made": uuid4().hex}) + "\n", "utf-8")
        temporary.replace(path / _MARKER)
        return open_index(path)


def size_on_disk(path: Path) -> int:
    """Bytes of all files of the index."""
    return sum(f.stat().st_size for f in (path / _SEGMENTS).iterdir() if f.is_file())


def leaves(reader: IndexReader) -> list[SegmentReader]:
    """Readers of the segments in order; those without a paragraph have no column either."""
    return [leaf for leaf, _ in reader.leaf_readers() if leaf.doc_count_all()]


def live_facts(index: FileIndex) -> Iterator[Facts]:
    """Facts of every paragraph that is not deleted."""
    with index.reader() as reader:
        for leaf in leaves(reader):
            column = leaf.column_reader("facts")
            for number in range(leaf.doc_count_all()):
                if not leaf.is_deleted(number):
                    yield read_facts(column[number])


def held_documents(index: FileIndex) -> dict[str, Held]:
    """What is in the index already, by document id."""
    articles: dict[str, set[str]] = {}
    sums: dict[str, list[int]] = {}
    digests: dict[str, str] = {}
    for facts in live_facts(index):
        digests[facts.document] = facts.digest
        articles.setdefault(facts.document, set()).add(facts.article)
        row = sums.setdefault(facts.document, [0, 0, 0])
        row[0] += 1
        row[1] += facts.mentions[0]
        row[2] += facts.mentions[1]
    return {d: Held(digests[d], len(articles[d]), *sums[d]) for d in digests}


class StoreWriter:
    """Adds, replaces and deletes documents; use as a context, which commits on a clean end.

    Raises:
        IndexLockedError: another writer did not finish within `wait_s` seconds.
    """

    def __init__(self, path: Path, wait_s: float = 30.0) -> None:
        self._path = path
        self._index = create_index(path)
        self._wait_s = wait_s
        self._writer = self._take()
        self.held = held_documents(self._index)
        self._fresh: set[str] = set()

    def __enter__(self) -> StoreWriter:
        """Hold the writer's lock."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit, or drop what was not committed when something went wrong."""
        if kind is None:
            self._writer.commit()
        else:
            self._writer.cancel()

    def put(self, document: str, digest: str, articles: Iterable[Article]) -> Held:
        """Add a document's articles in place of what the index holds of it."""
        self.delete(document)
        counts = [0, 0, 0, 0]
        for article in articles:
            counts[0] += 1
            for place, paragraph in enumerate(article.paragraphs):
                self._writer.add_document(
                    id=paragraph.id,
                    document=document,
                    kind=paragraph.kind,
                    exact=paragraph.text,
                    stem=paragraph.text,
                    facts=facts_of(article, paragraph, digest),
                    record=record_of(article, paragraph, first=place == 0),
                )
                counts[1] += 1
                counts[2] += len(paragraph.dates)
                counts[3] += len(paragraph.entities)
        self._fresh.add(document)
        self.held[document] = held = Held(digest, *counts)
        return held

    def delete(self, document: str) -> bool:
        """Remove a document; returns whether the index held it."""
        if document in self._fresh:
            self.commit()  # Whoosh's writer cannot delete what it has not committed
        if self.held.pop(document, None) is None:
            return False
        self._writer.delete_by_term("document", document)
        return True

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        self._writer.commit()
        self._fresh.clear()
        self._writer = self._take()

    def _take(self) -> SegmentWriter:
        try:
            return self._index.writer(timeout=self._wait_s, delay=0.05, limitmb=256)
        except LockError as error:
            raise IndexLockedError(self._path, self._wait_s) from error
