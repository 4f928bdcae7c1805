"""Which documents has an index that the archive has not, and how do they come into another index?"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from pathlib import Path

from index.columns import commits
from index.columns.segment import OpenSegment
from index.model import Article, Metadata, Publication
from index.shelf import Shelf
from index.store import StoreWriter, held_in, open_index, segments_folder
from index.stored import Record, moments_of, published_of
from index.storing import Held

_PAGE = 2_000


def held_documents(path: Path) -> dict[str, str]:
    """Ids and digests of all documents of an index.

    Raises:
        IndexVersionError, IndexDamagedError: it cannot be read.
    """
    found: dict[str, str] = {}
    for segment in _segments(path):
        ids, digests = segment.strings("document_ids"), segment.strings("digests")
        found |= {ids[n]: digests[n] for n in segment.live_documents()}
    return found


def unarchived(ids: Collection[str], shelf: Shelf) -> list[str]:
    """Those of documents that the archive has never seen."""
    waiting = list(ids)
    left: list[str] = []
    for at in range(0, len(waiting), _PAGE):
        some = waiting[at : at + _PAGE]
        known = shelf.known(some)
        left += [id_ for id_ in some if id_ not in known]
    return left


def carry_over(path: Path, ids: Collection[str], new: StoreWriter) -> int:
    """Put documents of an index into another one as they were analysed then; returns how many."""
    if not ids:
        return 0
    wanted = set(ids)
    count = 0
    for segment in _segments(path):
        names, digests = segment.strings("document_ids"), segment.strings("digests")
        for number in segment.live_documents():
            if names[number] in wanted:
                new.put(names[number], digests[number], _all_articles(segment, number))
                count += 1
    return count


class FolderSource:
    """One commit of an index in a folder, to be read back by document; see `migrating.Source`.

    Raises:
        IndexMissingError, IndexVersionError, IndexDamagedError: it cannot be read.
    """

    def __init__(self, path: Path) -> None:
        self.generation, self._open = _commit(path)

    def ids(self) -> Iterator[str]:
        """Ids of all documents."""
        for segment in self._open:
            names = segment.strings("document_ids")
            yield from (names[number] for number in segment.live_documents())

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """What it holds of documents, by id; those that it has not are left out."""
        return {id_: held_in(*place) for id_ in ids if (place := self._place(id_)) is not None}

    def articles(self, ids: Sequence[str]) -> Iterator[tuple[str, Held, list[Article]]]:
        """Documents of it with what is held of them and their articles, as they were analysed."""
        for id_ in ids:
            if (place := self._place(id_)) is not None:
                yield id_, held_in(*place), _all_articles(*place)

    def _place(self, id_: str) -> tuple[OpenSegment, int] | None:
        found = ((segment, segment.document(id_)) for segment in self._open)
        return next(((segment, number) for segment, number in found if number is not None), None)


def _all_articles(segment: OpenSegment, number: int) -> list[Article]:
    rows = range(*segment.document_rows(number))
    return list(articles_of(segment.records([row for row in rows if segment.is_live(row)])))


def _segments(path: Path) -> list[OpenSegment]:
    return _commit(path)[1]


def _commit(path: Path) -> tuple[int, list[OpenSegment]]:
    """The newest commit of an index: its number and its segments."""
    for _ in range(5):
        open_index(path)
        folder = segments_folder(path)
        try:
            generation, named, _ = commits.contents(folder)
            return generation, commits.open_segments(folder, named)
        except FileNotFoundError:  # a commit came between
            continue
    raise FileNotFoundError(folder)


def articles_of(records: Iterable[Record]) -> Iterator[Article]:
    """Articles out of the paragraphs of a document as they were read back, in order."""
    by_article: dict[str, list[Record]] = {}
    for record in records:
        by_article.setdefault(record.article["id"], []).append(record)
    return (article_of(mine) for mine in by_article.values())


def article_of(records: Sequence[Record]) -> Article:
    """An article out of its paragraphs as they were read back, in order."""
    told, whole = records[0].article, records[0].whole
    day, by = published_of(told)
    added, updated = moments_of(told)
    return Article(
        id=told["id"],
        document=whole["document"],
        source=told["source"],
        headline=told["headline"],
        boundary=whole["boundary"],
        paragraphs=tuple(record.paragraph for record in records),
        published=Publication(day, by, whole["evidence"], whole["stamp"]),
        dateline=whole["dateline"],
        byline=whole["byline"],
        agency=whole["agency"],
        metadata=Metadata(
            author=told["author"], publisher=told["publisher"], url=told["url"], extra=whole["extra"]
        ),
        added=added,
        updated=updated,
    )
