"""How is an index built anew from the archive while the old one serves and is written to?

The new one is built in a folder beside the old one's segments, from the documents as the archive has
them. What changes meanwhile is done again, the last of it while the writer's lock of the old one is
held; then one rename of `dateline.json` makes readers open the new one. Whoever is killed on the way
leaves the old one serving, and a folder that the next writer removes.
"""

from __future__ import annotations

import contextlib
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from index.archive import Archive
from index.carrying import carry_over, held_documents, unarchived
from index.errors import (
    DatelineError,
    IndexDamagedError,
    IndexMissingError,
    IndexVersionError,
    InputError,
    RebuildError,
    UnsupportedInputError,
)
from index.intake import Analysed, Judged
from index.pipeline import Options, analysed
from index.recut import Known, Recut, dated
from index.settling import stored
from index.shelf import Shelf
from index.store import (
    BUILDING,
    Marker,
    StoreWriter,
    bytes_of,
    lock_index,
    marker_of,
    read_marker,
    rebuilding_lock,
    remove_leftovers,
    segments_folder,
    write_marker,
)

_PAGE = 128  # documents that are looked up, analysed and put together
_FEW = 500  # changes meanwhile that are few enough to be done while writers wait
_ROUNDS = 10  # of catching up without the lock, at most


@dataclass(slots=True)
class Rebuilt:
    """What a rebuilding did.

    Attributes:
        documents: put into the new index from the archive.
        carried: taken over as the old index had them, since the archive does not.
        total: documents that are to be shown, as the archive counted them at the start.
        paragraphs: of the new index.
        failed: documents that could not be built, and why; the old index's are carried over.
        size: bytes of the new index.
    """

    documents: int = 0
    carried: int = 0
    total: int = 0
    paragraphs: int = 0
    failed: dict[str, InputError] = field(default_factory=dict)
    size: int = 0


@dataclass(frozen=True, slots=True)
class Rebuilding:
    """What a rebuilding is told.

    Attributes:
        path: folder of the index.
        archive: that it is built from.
        options: how documents are analysed.
        wait_s: seconds to wait for a writer at the end.
        memory_mb: megabytes that building may take.
        force: whether documents that would be lost are left out.
        progress: is told how far it is.
    """

    path: Path
    archive: Archive
    options: Options
    wait_s: float
    memory_mb: int
    force: bool = False
    progress: Callable[[Rebuilt], None] = lambda _: None


def rebuild(told: Rebuilding) -> Rebuilt:
    """Build the index anew and put it in the place of the old one, or of none.

    Raises:
        IndexLockedError: another rebuilding is at work, or a writer did not finish in time.
        RebuildError: there is not enough room, or documents would be lost.
        ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: the archive cannot be read.
    """
    told.path.mkdir(parents=True, exist_ok=True)
    lock = rebuilding_lock(told.path)
    if not lock.acquire():
        raise RebuildError(told.path, "another `dateline reindex` is at work", "wait for it")
    try:
        with contextlib.suppress(IndexMissingError, IndexDamagedError):
            remove_leftovers(told.path, mine=True)
        _check_room(told.path)
        folder = Path(tempfile.mkdtemp(dir=told.path, prefix=BUILDING))
        try:
            return _Rebuild(told, folder).run()
        finally:
            shutil.rmtree(folder, ignore_errors=True)
    finally:
        lock.release()


def room_needed(path: Path) -> int:
    """Bytes that rebuilding needs: about the old index, and as much again while segments are merged."""
    return 2 * bytes_of(segments_folder(path))


def _check_room(path: Path) -> None:
    wanted, free = room_needed(path), shutil.disk_usage(path).free
    if free < wanted:
        reason = (
            f"it needs about {wanted // 2**20:,} MB beside the old index and {free // 2**20:,} MB are free"
        )
        raise RebuildError(path, reason, "make room, then start it again")


class _Rebuild:
    def __init__(self, told: Rebuilding, folder: Path) -> None:
        self._told = told
        self._folder = folder
        self._shelf = Shelf(told.archive)
        self._done = Rebuilt()
        self._recut = Recut()
        self._known: dict[str, Known] = {}  # of documents on their way

    def run(self) -> Rebuilt:
        path, shelf, done = self._told.path, self._shelf, self._done
        shelf.place()  # tables that are there from now on
        strays = self._strays()
        done.total = shelf.states().get("current", 0) + len(strays)
        if not done.total:
            raise RebuildError(
                path, "the archive holds no document", "index their sources: `dateline index SOURCE`"
            )
        with StoreWriter(self._folder, memory_mb=self._told.memory_mb) as new:
            upto = self._catch_up(new, 0)
            done.carried = carry_over(path, strays, new)
            for _ in range(_ROUNDS):
                if self._changed(upto) < _FEW:
                    break
                upto = self._catch_up(new, upto)
            new.commit()
            segments_folder(path).mkdir(exist_ok=True)
            segments, lock = lock_index(path, self._told.wait_s)
            try:
                self._finish(new, upto, len(strays))
            finally:
                lock.release()
        shutil.rmtree(segments, ignore_errors=True)
        return done

    def _strays(self) -> list[str]:
        """Documents that the old index alone has.

        Raises:
            RebuildError: it cannot be read, and may have some.
        """
        path = self._told.path
        try:
            return unarchived(held_documents(path), self._shelf)
        except IndexMissingError:
            return []
        except (IndexVersionError, IndexDamagedError, OSError) as error:
            place = self._shelf.place()
            if self._told.force or (place.made == marker_of(path) and not place.strays):
                return []
            known = place.made == marker_of(path)
            count = f"{place.strays:,} documents" if known else "documents"
            found = f"it has format {error.found}" if isinstance(error, IndexVersionError) else str(error)
            raise RebuildError(
                path,
                f"it cannot be read ({found.partition(';')[0]}), and may hold {count} that the archive lacks",
                "index their sources into another folder (`--index`), or leave them out with `--force`",
            ) from error

    def _finish(self, new: StoreWriter, upto: int, strays: int) -> None:
        """While no other writer is at work: the last changes, and the new index in place of the old."""
        path = self._told.path
        self._catch_up(new, upto)
        self._carry_the_failed(new)
        new.commit()
        self._done.paragraphs = sum(held.paragraphs for held in new.held.values())
        self._recut.note(self._shelf)
        made = read_marker(self._folder)
        name = f"segments-{made.made[:16]}"
        segments_folder(self._folder).rename(path / name)
        write_marker(path, Marker(made.format, made.made, name))
        self._shelf.indexed(made.made, new.generation, strays)
        self._done.size = bytes_of(path / name)

    def _carry_the_failed(self, new: StoreWriter) -> None:
        """Documents that cannot be built stay as the old index has them.

        Raises:
            RebuildError: it has not all of them.
        """
        failed = self._done.failed
        try:
            held = held_documents(self._told.path) if failed else {}
        except (DatelineError, OSError):
            held = {}
        lost = [id_ for id_, error in failed.items() if id_ not in held and not _empty(error)]
        if lost and not self._told.force:
            reason = f"{len(lost)} documents cannot be built, the first one since: {failed[lost[0]]}"
            raise RebuildError(
                self._told.path, reason, "index their sources, or leave them out with `--force`"
            )
        self._done.carried += carry_over(self._told.path, [id_ for id_ in failed if id_ in held], new)

    def _changed(self, upto: int) -> int:
        return sum(1 for _ in self._shelf.all(upto))

    def _catch_up(self, new: StoreWriter, upto: int) -> int:
        """Do in the new index what changed after a turn; returns the turn that it is at then."""
        shelf = self._shelf
        turn = shelf.last_turn()
        if turn == upto:
            return upto
        shown: list[str] = []
        for held in shelf.all(upto):
            if held.state == "current":
                shown.append(held.id)
            else:
                new.delete(held.id)
                self._recut.forget(held.id)
                self._done.failed.pop(held.id, None)
        for judged, made in analysed(self._documents(shown), self._told.options):
            if isinstance(made, Analysed):
                self._put(new, judged, made)
            elif isinstance(made, InputError):
                self._done.failed[judged.document.id] = made
            self._told.progress(self._done)
        self._known.clear()
        return turn

    def _documents(self, ids: Sequence[str]) -> Iterator[Judged]:
        for at in range(0, len(ids), _PAGE):
            some = ids[at : at + _PAGE]
            self._known |= self._shelf.times(some)
            for held, document in self._shelf.documents(some):
                made = stored(held, document)
                if isinstance(made, InputError):
                    self._done.failed[held.id] = made
                else:
                    yield made

    def _put(self, new: StoreWriter, judged: Judged, made: Analysed) -> None:
        known = self._known.pop(made.document, {})
        new.put(made.document, made.digest, dated(made, known))
        self._done.failed.pop(made.document, None)
        self._done.documents += 1
        self._recut.look(made, judged.turn, known)


def _empty(error: InputError) -> bool:
    """Whether a document has nothing to show any more, by the analysis of today."""
    return isinstance(error, UnsupportedInputError)
