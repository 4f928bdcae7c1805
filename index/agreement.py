"""Do an index and its archive hold the same documents, and what helps where they do not?"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from pathlib import Path

from index.archive import Archive
from index.carrying import held_documents, unarchived
from index.errors import ArchiveDamagedError
from index.shelf import Shelf
from index.upkeep import check

_PAGE = 200
_NAMED = 5  # documents that a sentence names


def problems(path: Path, archive: Archive) -> Iterator[str]:
    """Read an index and its archive through; what is wrong, a sentence each.

    Raises:
        IndexMissingError, IndexVersionError: there is no index that can be read.
        IndexDamagedError: its table of contents, which names the files, is damaged.
    """
    wrong = [*check(path), *archive.problems()]
    yield from wrong
    if not wrong:
        yield from disagreements(held_documents(path), Shelf(archive))


def disagreements(held: Collection[str], shelf: Shelf) -> Iterator[str]:
    """Compare an index with its archive, and read every document of the archive.

    Args:
        held: ids of the documents of the index.
        shelf: the archive.

    Yields:
        What is wrong, a sentence each, with its remedy.
    """
    missing: list[str] = []
    extra: list[str] = []
    shown: list[str] = []
    for document in shelf.all():
        if document.state == "current":
            shown.append(document.id)
        if document.state == "current" and document.id not in held:
            missing.append(document.id)
        elif document.state != "current" and document.id in held:
            extra.append(document.id)
    if missing:
        yield (
            f"the index lacks {_told(missing)} that the archive has; "
            "`dateline release` indexes what a run that was cut off left, `dateline reindex` builds all anew"
        )
    if extra:
        yield (
            f"the index shows {_told(extra)} that the archive has as not to be shown; "
            "`dateline reindex` hides them"
        )
    strays = unarchived(held, shelf)
    if strays:
        yield (
            f"the archive has never seen {_told(strays)} that the index has; index their sources again, "
            "so that an index can be built from the archive alone"
        )
    yield from _illegible(shelf, shown)


def _illegible(shelf: Shelf, ids: Sequence[str]) -> Iterator[str]:
    found = 0
    for at in range(0, len(ids), _PAGE):
        some = ids[at : at + _PAGE]
        for _, document in shelf.documents(some):
            found += 1
            if isinstance(document, ArchiveDamagedError):
                yield f"the archive {document.where}: {document.reason}; index its source again"
    if found != len(ids):
        yield f"the archive has lost the content of {len(ids) - found} documents; index their sources again"


def _told(ids: Sequence[str]) -> str:
    named = ", ".join(ids[:_NAMED])
    more = f" and {len(ids) - _NAMED:,} more" if len(ids) > _NAMED else ""
    return f"{len(ids):,} document{'s' if len(ids) > 1 else ''} ({named}{more})"
