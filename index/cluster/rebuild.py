"""How is an index on a cluster built anew from the archive, while the old one serves and is written to?

The new one is built beside it under its own name; at the end the alias moves in one step, while whoever
commits to the old one waits. What changes meanwhile is done again. A run that is killed leaves an index
that nobody sees, which the next one deletes.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Sequence
from contextlib import suppress
from dataclasses import dataclass
from uuid import uuid4

from index.archive import Archive
from index.carrying import unarchived
from index.cluster.client import Cluster, cluster_of
from index.cluster.commits import Commits
from index.cluster.indices import Behind, check_whole, create, leads_to, mine, opened, size_of, standing
from index.cluster.place import ClusterPlace
from index.cluster.source import ClusterSource
from index.cluster.store import ClusterStore
from index.errors import (
    ClusterBusyError,
    ClusterRefusedError,
    DatelineError,
    IndexVersionError,
    InputError,
    RebuildError,
    UnsupportedInputError,
)
from index.intake import Analysed
from index.pipeline import Options, analysed
from index.rebuild import Rebuilt
from index.recut import Recut, dated
from index.settling import stored
from index.shelf import Place, Shelf

_PAGE = 128
_FEW = 500  # changes meanwhile that are few enough to be done while writers wait
_ROUNDS = 10
_WAIT_S = 3_600.0
READERS_S = 2.0
"""How long who was answered from the old index may go on there, after the alias moved."""

_SOURCES = "index their sources again, or leave them out with `--force`"


def rebuild(
    place: ClusterPlace,
    archive: Archive,
    options: Options,
    *,
    force: bool = False,
    progress: Callable[[Rebuilt], None] = lambda _: None,
) -> Rebuilt:
    """Build the index anew and put it in the place of the old one.

    Raises:
        RebuildError: the archive is empty, another run is at work, or documents would be lost.
    """
    cluster, shelf = cluster_of(place), Shelf(archive)
    noted = shelf.place()
    current = shelf.states().get("current", 0)
    if not current and not cluster.exists(f"/{place.name}"):
        raise _empty_archive(place)
    old = _looked_at(cluster, shelf, noted, force=force)
    _clear(cluster, old.index)
    done = Rebuilt(total=current + len(old.strays))
    if not done.total:
        raise _empty_archive(place)
    new = create(cluster, alias=False)
    try:
        _Building(cluster, old, new, _Source(shelf, options, done, progress), force=force).run()
    except BaseException:
        with suppress(DatelineError):
            if not leads_to(cluster, new.index):
                cluster.find("DELETE", f"/{new.index}")
        raise
    cluster.ask("POST", f"/{new.index}/_flush")
    done.size = size_of(cluster, new.index)
    return done


def _empty_archive(place: ClusterPlace) -> RebuildError:
    return RebuildError(str(place), "the archive holds no document", "run `dateline index SOURCE`")


# --- the old one


@dataclass(frozen=True, slots=True)
class _Old:
    """The index that is to be replaced.

    Attributes:
        index: its name.
        source: that reads it back; None: it cannot be read.
        strays: documents that it alone has.
    """

    index: str
    source: ClusterSource | None
    strays: Sequence[str] = ()


def _looked_at(cluster: Cluster, shelf: Shelf, noted: Place, *, force: bool) -> _Old:
    """The old index, and what it alone has.

    Args:
        cluster: where it is.
        shelf: the archive.
        noted: what that notes of an index.
        force: whether documents may be lost.

    Raises:
        RebuildError: it cannot be read, and may have documents that the archive lacks.
    """
    try:
        old = opened(cluster)
        check_whole(cluster, old.index)
        source = ClusterSource(cluster.place)
        return _Old(old.index, source, unarchived([*source.ids()], shelf))
    except (IndexVersionError, ClusterBusyError) as error:
        old = standing(cluster)
        if force or (noted.made == old.made and not noted.strays):
            return _Old(old.index, None)
        why = f"it has format {old.format}"
        if isinstance(error, ClusterBusyError):
            why = f"a part of it does not answer: {error.reason}"
        reason = f"it cannot be read ({why}), and may hold documents that the archive lacks"
        raise RebuildError(str(cluster.place), reason, _SOURCES) from error


def _clear(cluster: Cluster, old: str) -> None:
    """Delete what runs left that were killed.

    Raises:
        RebuildError: one is at work.
    """
    for index in mine(cluster):
        if index == old or index.endswith("-searches"):
            continue
        if _is_written_to(cluster, index):
            remedy = "wait for it; where it was killed, for two minutes"
            raise RebuildError(str(cluster.place), "another `dateline reindex` is at work", remedy)
        cluster.find("DELETE", f"/{index}")


def _is_written_to(cluster: Cluster, index: str) -> bool:
    try:
        return any(writer.alive for writer in Commits(cluster, index).read().writers.values())
    except (ClusterRefusedError, ClusterBusyError):  # who made it did not come that far
        return False


# --- the new one


class _Source:
    """The archive, out of which documents go into a new index.

    Attributes:
        shelf: the archive.
        done: what was done.
        refused: those of the failed ones that the cluster does not take.
        recut: those that are cut otherwise than before.
    """

    def __init__(
        self, shelf: Shelf, options: Options, done: Rebuilt, progress: Callable[[Rebuilt], None]
    ) -> None:
        self.shelf, self._options, self.done, self._progress = shelf, options, done, progress
        self.refused: set[str] = set()
        self.recut = Recut()

    def catch_up(self, new: ClusterStore, upto: int, go_on: Callable[[], object] = lambda: None) -> int:
        """Do in the new index what changed after a turn; returns the turn that it is at then."""
        turn, shown = self.shelf.last_turn(), []
        for held in self.shelf.all(upto):
            if held.state == "current":
                shown.append(held.id)
            else:
                new.delete(held.id, turn=held.turn)
                self.recut.forget(held.id)
                self._settled(held.id)
        for at in range(0, len(shown), _PAGE):
            go_on()
            self._put(new, shown[at : at + _PAGE])
        return turn

    def send(self, new: ClusterStore) -> None:
        """Write what waits, and note what is refused."""
        refused = new.send()
        self.refused |= refused.keys()
        self.done.failed |= {id_: InputError(id_, why) for id_, why in refused.items()}

    def lost(self, ids: Collection[str]) -> list[str]:
        """Documents that could not be built, and are not among these, of which something is to be shown."""
        failed = self.done.failed.items()
        empty = {id_ for id_, error in failed if isinstance(error, UnsupportedInputError)}
        return [id_ for id_, _ in failed if id_ not in ids and id_ not in self.refused | empty]

    def _settled(self, id_: str) -> None:
        self.done.failed.pop(id_, None)
        self.refused.discard(id_)

    def _put(self, new: ClusterStore, ids: Sequence[str]) -> None:
        known = self.shelf.times(ids)
        made = [stored(held, document) for held, document in self.shelf.documents(ids)]
        wanted = [one for one in made if not isinstance(one, InputError)]
        self.done.failed |= {one.source: one for one in made if isinstance(one, InputError)}
        for judged, found in analysed(iter(wanted), self._options):
            if isinstance(found, Analysed):
                self._settled(found.document)
                articles = known.get(found.document, {})
                new.put(found.document, found.digest, dated(found, articles), turn=judged.turn)
                self.recut.look(found, judged.turn, articles)
                self.done.documents += 1
            elif isinstance(found, InputError):
                self.done.failed[judged.document.id] = found
            self._progress(self.done)
        self.send(new)


class _Building:
    """One run.

    Args:
        cluster: where.
        old: the index that is to be replaced.
        new: the one that takes its place.
        source: of its documents.
        force: whether documents that would be lost are left out.
    """

    def __init__(self, cluster: Cluster, old: _Old, new: Behind, source: _Source, *, force: bool) -> None:
        self._cluster, self._old, self._new, self._source = cluster, old, new, source
        self._force = force

    def run(self) -> None:
        """Build it, and put it in place."""
        source = self._source
        with ClusterStore(self._cluster.place, self._new.index) as store:
            store.follow(source.shelf.last_turn)
            upto = source.catch_up(store, 0)
            strays = self._carry_strays(store)
            for _ in range(_ROUNDS):
                if sum(1 for _ in source.shelf.all(upto)) < _FEW:
                    break
                upto = source.catch_up(store, upto)
            store.commit()
            upto = self._put_in_place(store, upto)
            source.catch_up(store, upto)
            store.commit()
            source.done.paragraphs = sum(held.paragraphs for held in store.held.values())
            self._note(store, strays)

    def _note(self, store: ClusterStore, strays: int) -> None:
        """Tell the archive of the new index; what others have in hand meanwhile stays there."""
        with self._source.shelf.hand as hand:
            hand.alone = store.alone
            self._source.recut.note(self._source.shelf)
            self._source.shelf.indexed(self._new.made, store.generation, strays)

    def _put_in_place(self, store: ClusterStore, upto: int) -> int:
        """Move the alias, while nobody commits to the old one; returns the turn up to which all is there."""
        if self._old.source is None:  # nor does anybody write to it
            upto = self._finish(store, upto, lambda: None)
            self._swap()
            return upto
        commits, by = Commits(self._cluster, self._old.index), uuid4().hex
        commits.take(by, _WAIT_S)
        try:
            upto = self._finish(store, upto, lambda: commits.go_on(by))
            self._swap()
        except BaseException:
            with suppress(DatelineError):
                if not leads_to(self._cluster, self._new.index):
                    commits.let_go(by)
            raise
        return upto

    def _finish(self, store: ClusterStore, upto: int, go_on: Callable[[], object]) -> int:
        upto = self._source.catch_up(store, upto, go_on)
        self._carry_failed(store)
        store.commit()
        return upto

    def _swap(self) -> None:
        name = self._cluster.place.name
        add = {"add": {"index": self._new.index, "alias": name}}
        remove = {"remove": {"index": self._old.index, "alias": name}}
        try:
            self._cluster.ask("POST", "/_aliases", {"actions": [add, remove]})
        except DatelineError:
            # A node may have done it, and gone before it said so; who was asked then finds it moved.
            if not leads_to(self._cluster, self._new.index):
                raise
        time.sleep(READERS_S)
        self._cluster.find("DELETE", f"/{self._old.index}")

    # --- what the archive has not

    def _carry_strays(self, store: ClusterStore) -> int:
        """Take over what the old index alone has; returns how many documents.

        Raises:
            RebuildError: it has one not whole.
        """
        count, left = self._carry(store, dict.fromkeys(self._old.strays, 0))
        left = unarchived(left, self._source.shelf)
        if left and not self._force:
            reason = f"the archive lacks {len(left):,} documents of which it has not all, as of {left[0]}"
            raise RebuildError(str(self._cluster.place), reason, _SOURCES)
        return count

    def _carry_failed(self, store: ClusterStore) -> None:
        """Documents that cannot be built stay as the old index has them.

        Raises:
            RebuildError: it has not all of them.
        """
        failed = self._source.done.failed
        if not failed:
            return
        known = self._source.shelf.known([*failed])
        turns = {id_: held.turn for id_, held in known.items() if id_ not in self._source.refused}
        _, left = self._carry(store, turns)
        carried = turns.keys() - set(left)
        if (lost := self._source.lost(carried)) and not self._force:
            reason = f"{len(lost)} documents cannot be built, the first one since: {failed[lost[0]]}"
            raise RebuildError(str(self._cluster.place), reason, _SOURCES)

    def _carry(self, store: ClusterStore, turns: dict[str, int]) -> tuple[int, list[str]]:
        """Take over documents as the old index has them; returns how many, and which it has not whole."""
        ids, count, left = [*turns], 0, set(turns)
        source = self._old.source
        if not ids or source is None:
            return 0, ids
        source.refresh()
        for at in range(0, len(ids), _PAGE):
            for id_, held, articles in source.articles(ids[at : at + _PAGE]):
                store.put(id_, held.digest, articles, turn=turns[id_])
                left.discard(id_)
                count += 1
            self._source.send(store)
        self._source.done.carried += count
        return count, [id_ for id_ in ids if id_ in left]
