"""Which documents has an index that the archive has not, and how do they come into another index?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from index.columns import commits
from index.columns.segment import OpenSegment
from index.model import Article, Metadata, Publication
from index.shelf import Shelf
from index.store import StoreWriter, open_index, segments_folder
from index.stored import Record, moments_of, published_of

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
                rows = range(*segment.document_rows(number))
                records = segment.records([row for row in rows if segment.is_live(row)])
                new.put(names[number], digests[number], list(_articles(records)))
                count += 1
    return count


def _segments(path: Path) -> list[OpenSegment]:
    for _ in range(5):
        open_index(path)
        folder = segments_folder(path)
        try:
            return commits.open_segments(folder, commits.contents(folder)[1])
        except FileNotFoundError:  # a commit came between
            continue
    raise FileNotFoundError(folder)


def _articles(records: Sequence[Record]) -> Iterator[Article]:
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
