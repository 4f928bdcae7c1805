"""How does an index come from one engine to the other, through the archive that both have?

What the old index holds as the archive has it, analysed as today, is copied; all else is analysed anew from
the archive. The old index is only read. It stays the one that the archive means, so that whoever writes
first to the new one compares it with the archive, and brings what came in between.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from typing import Protocol, TypeVar

from index.archive import Archive
from index.carrying import unarchived
from index.contents import index_digest
from index.errors import InputError
from index.intake import Analysed, Judged, timed
from index.lifecycle import Shelved
from index.model import Article
from index.pipeline import Options, analysed
from index.settling import stored
from index.shelf import Shelf, now_utc
from index.shelving import Times
from index.storing import Held, Store

_PAGE = 128  # documents that are looked up and put together
_ROUNDS = 3
_COMMIT_PARAGRAPHS, _COMMIT_S = 20_000, 60.0


T = TypeVar("T")


class Source(Protocol):
    """An index that is read back by document.

    Attributes:
        generation: of its commit.
    """

    generation: int

    def ids(self) -> Iterator[str]:
        """Ids of all documents."""
        ...

    def held(self, ids: Sequence[str], /) -> dict[str, Held]:
        """What it holds of documents, by id; without a digest while one is being written."""
        ...

    def articles(self, ids: Sequence[str], /) -> Iterator[tuple[str, Held, list[Article]]]:
        """Those of documents that it has whole, each with its articles as they were analysed."""
        ...


@dataclass(slots=True)
class Migrated:
    """What a migration did.

    Attributes:
        total: documents of the archive, as counted at the start.
        seen: of these, how many were looked at.
        copied: documents put as the old index has them.
        analysed: documents put as they are analysed anew.
        unchanged: documents that the new index had.
        deleted: documents that the new index had, and that are not shown.
        strays: of those that are in the new index, how many the archive has never seen.
        waiting: documents that the archive has and the old index not yet.
        failed: documents that could not be brought over, and why.
        rounds: how often everything was compared.
        moving: whether the old index was written to meanwhile, every time.
    """

    total: int = 0
    seen: int = 0
    copied: int = 0
    analysed: int = 0
    unchanged: int = 0
    deleted: int = 0
    strays: int = 0
    waiting: int = 0
    failed: dict[str, InputError] = field(default_factory=dict)
    rounds: int = 0
    moving: bool = False


def migrate(
    source: Callable[[], Source],
    target: Callable[[], Store],
    archive: Archive,
    options: Options,
    progress: Callable[[Migrated], None] = lambda _: None,
) -> Migrated:
    """Bring the documents of one index into another one, which is committed now and then.

    What the other one has already is left, so that a run that was cut off goes on where it was.

    Args:
        source: opens the old index as it is then.
        target: opens the new index, for one writer.
        archive: of both.
        options: how documents are analysed.
        progress: is told how far it is.

    Raises:
        IndexMissingError, IndexVersionError, IndexDamagedError: the old index cannot be read.
        IndexLockedError: another writer of the new one did not finish in time.
    """
    shelf = Shelf(archive)
    shelf.place()  # tables that are there from now on
    # Turns count from here on. Who follows, though, has in hand what it writes for minutes after it was
    # killed, and this is to go on at once.
    with target() as store:
        store.follow(shelf.last_turn)
    with target() as store:
        made = _Migration(store, shelf, options, progress)
        for _ in range(_ROUNDS):
            now, turn = source(), shelf.last_turn()
            made.round(now)
            made.done.rounds += 1
            made.done.moving = (source().generation, shelf.last_turn()) != (now.generation, turn)
            if not made.done.moving:
                break
    return made.done


class _Migration:
    def __init__(
        self, target: Store, shelf: Shelf, options: Options, progress: Callable[[Migrated], None]
    ) -> None:
        self._shelf, self.done = shelf, Migrated()
        self._target, self._options, self._progress = target, options, progress
        self._uncommitted, self._committed = 0, time.monotonic()
        self.done.total = sum(shelf.states().values())

    def round(self, source: Source) -> None:
        """Compare everything, and bring over what is missing."""
        self._target.held.forget()
        self.done.waiting = self.done.strays = 0
        lacking: list[str] = []
        for some in _pages(self._shelf.all()):
            lacking += self._page(source, some)
        self._analyse(lacking)
        self._strays(source)
        self._commit()

    # --- what the archive has

    def _page(self, source: Source, some: Sequence[Shelved]) -> list[str]:
        """Copy what can be copied of some documents; returns those to be analysed."""
        ids = [held.id for held in some]
        self._target.held.look_up(ids)
        theirs, waiting = source.held(ids), self._shelf.hand.waiting(ids)
        copied: dict[str, int] = {}
        lacking: list[str] = []
        for held in some:
            there = theirs.get(held.id)
            current = there is not None and there.digest == index_digest(held.digest or "")
            if held.state != "current" or (held.id in waiting and there is None):
                self._delete(held.id, held.turn)
            elif current or held.id in waiting:
                if self._lacks(held.id, there):
                    copied[held.id] = held.turn
            elif self._lacks_digest(held):
                lacking.append(held.id)
            self.done.waiting += held.id in waiting
        left = self._copy(source, copied)
        self._told(len(some))
        return lacking + [id_ for id_ in left if id_ not in waiting]

    def _lacks(self, id_: str, wanted: Held | None) -> bool:
        """Whether the new index has not what the old one has."""
        has = wanted is not None and self._target.held.get(id_) == wanted
        self.done.unchanged += has and not self.done.rounds
        return not has

    def _lacks_digest(self, held: Shelved) -> bool:
        has = self._target.held.get(held.id)
        return self._lacks(held.id, has if has and has.digest == index_digest(held.digest or "") else None)

    def _copy(self, source: Source, turns: dict[str, int]) -> list[str]:
        """Copy documents, each at its turn; returns those that the old index has not whole."""
        left = dict(turns)
        for id_, held, articles in source.articles([*turns]):
            self._put(id_, held.digest, articles, left.pop(id_))
            self.done.copied += 1
        self._send()
        return [*left]

    def _analyse(self, ids: Sequence[str]) -> None:
        times: dict[str, dict[str, tuple[Times, str, bool]]] = {}
        for judged, made in analysed(self._documents(ids, times), self._options):
            known = times.pop(judged.document.id, {})
            if isinstance(made, Analysed):
                first = min((at.added for at, _, _ in known.values()), default=now_utc())
                new = Times(first, first)
                articles = [timed(a, known[a.id][0] if a.id in known else new) for a in made.articles]
                self._put(made.document, made.digest, articles, judged.turn)
                self.done.analysed += 1
            elif made is not None:
                self.done.failed[judged.document.id] = made
            self._told(0)
        self._send()

    def _documents(
        self, ids: Sequence[str], times: dict[str, dict[str, tuple[Times, str, bool]]]
    ) -> Iterator[Judged]:
        for some in _pages(ids):
            times |= self._shelf.times(some)
            self._send()
            for held, document in self._shelf.documents(some):
                made = stored(held, document)
                if isinstance(made, InputError):
                    self.done.failed[held.id] = made
                else:
                    yield made

    # --- what it has not

    def _strays(self, source: Source) -> None:
        """Documents that the archive has never seen: those of the old index are copied, others go."""
        for some in _pages(source.ids()):
            strays = unarchived(some, self._shelf)
            self._target.held.look_up(strays)
            theirs = source.held(strays)
            left = self._copy(source, {id_: 0 for id_ in strays if self._lacks(id_, theirs.get(id_))})
            for id_ in left:
                self.done.failed[id_] = InputError(
                    id_, "the old index has not all of it; index its source again"
                )
            self.done.strays += len(strays) - len(left)
            self._told(len(strays))
        self._commit()  # so that what is asked below sees what was put
        gone: list[str] = []
        for some in _pages(self._target.held):
            strays = unarchived(some, self._shelf)
            theirs = source.held(strays)
            gone += [id_ for id_ in strays if id_ not in theirs]
        for id_ in gone:
            self._delete(id_, 0)

    # --- into the new index

    def _put(self, id_: str, digest: str, articles: Iterable[Article], turn: int) -> None:
        self._uncommitted += self._target.put(id_, digest, articles, turn=turn).paragraphs
        self.done.failed.pop(id_, None)

    def _delete(self, id_: str, turn: int) -> None:
        if id_ in self._target.held:
            self._target.delete(id_, turn=turn)
            self.done.deleted += 1

    def _send(self) -> None:
        self.done.failed |= {id_: InputError(id_, why) for id_, why in self._target.send().items()}
        if self._uncommitted >= _COMMIT_PARAGRAPHS or time.monotonic() - self._committed > _COMMIT_S:
            self._commit()

    def _commit(self) -> None:
        self._target.commit()
        self._uncommitted, self._committed = 0, time.monotonic()

    def _told(self, count: int) -> None:
        self.done.seen += count if not self.done.rounds else 0
        self._progress(self.done)


def _pages(items: Iterable[T]) -> Iterator[list[T]]:
    left = iter(items)
    while some := list(islice(left, _PAGE)):
        yield some
