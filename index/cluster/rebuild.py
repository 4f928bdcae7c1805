"""How is an index on a cluster built anew from the archive, while the old one serves and is written to?

The new one is built beside it under its own name; at the end the alias moves in one step, while whoever
commits to the old one waits. What changes meanwhile is done again. A run that is killed leaves an index
that nobody sees, which the next one deletes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import uuid4

from index.archive import Archive
from index.carrying import unarchived
from index.cluster.client import Cluster, cluster_of
from index.cluster.commits import Commits
from index.cluster.indices import Behind, create, mine, opened, size_of
from index.cluster.place import ClusterPlace
from index.cluster.records import all_records
from index.cluster.store import ClusterStore
from index.errors import InputError, RebuildError
from index.intake import Analysed, timed
from index.pipeline import Options, analysed
from index.rebuild import Rebuilt
from index.settling import stored
from index.shelf import Shelf, now_utc
from index.shelving import Times

_PAGE = 128
_FEW = 500  # changes meanwhile that are few enough to be done while writers wait
_ROUNDS = 10
_WAIT_S = 3_600.0


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
        RebuildError: the archive is empty, or documents would be lost that it lacks.
    """
    cluster, shelf = cluster_of(place), Shelf(archive)
    shelf.place()
    old = opened(cluster)
    for index in mine(cluster):
        if index != old.index and not index.endswith("-searches"):
            cluster.find("DELETE", f"/{index}")
    cluster.ask("POST", f"/{old.index}/_refresh")
    strays = unarchived([r.id for r in all_records(cluster, old.index)], shelf)
    if strays and not force:
        raise RebuildError(
            str(place),
            f"the archive lacks {len(strays):,} documents that it has",
            "index their sources again, or leave them out with `--force`",
        )
    done = Rebuilt(total=shelf.states().get("current", 0))
    if not done.total:
        raise RebuildError(str(place), "the archive holds no document", "run `dateline index SOURCE`")
    new = create(cluster, alias=False)
    try:
        _build(cluster, old, new, _Source(shelf, options, done, progress))
    except BaseException:
        cluster.find("DELETE", f"/{new.index}")
        raise
    cluster.ask("POST", f"/{new.index}/_flush")
    done.size = size_of(cluster, new.index)
    return done


class _Source:
    """The archive, out of which documents go into a new index."""

    def __init__(
        self, shelf: Shelf, options: Options, done: Rebuilt, progress: Callable[[Rebuilt], None]
    ) -> None:
        self.shelf, self._options, self.done, self._progress = shelf, options, done, progress

    def catch_up(self, new: ClusterStore, upto: int) -> int:
        """Do in the new index what changed after a turn; returns the turn that it is at then."""
        turn, shown = self.shelf.last_turn(), []
        for held in self.shelf.all(upto):
            if held.state == "current":
                shown.append(held.id)
            else:
                new.delete(held.id, turn=held.turn)
        for at in range(0, len(shown), _PAGE):
            self._put(new, shown[at : at + _PAGE])
        return turn

    def _put(self, new: ClusterStore, ids: Sequence[str]) -> None:
        times = self.shelf.times(ids)
        made = [stored(held, document) for held, document in self.shelf.documents(ids)]
        wanted = [one for one in made if not isinstance(one, InputError)]
        self.done.failed |= {one.source: one for one in made if isinstance(one, InputError)}
        for judged, found in analysed(iter(wanted), self._options):
            if isinstance(found, Analysed):
                known = {id_: at for id_, (at, _, _) in times.get(found.document, {}).items()}
                first = min((at.added for at in known.values()), default=now_utc())
                articles = [timed(a, known.get(a.id, Times(first, first))) for a in found.articles]
                new.put(found.document, found.digest, articles, turn=judged.turn)
                self.done.documents += 1
            elif isinstance(found, InputError):
                self.done.failed[judged.document.id] = found
            self._progress(self.done)
        self.done.failed |= {id_: InputError(id_, why) for id_, why in new.send().items()}


def _build(cluster: Cluster, old: Behind, new: Behind, source: _Source) -> None:
    with ClusterStore(cluster.place, new.index) as store:
        store.follow(source.shelf.last_turn)
        upto = source.catch_up(store, 0)
        for _ in range(_ROUNDS):
            if sum(1 for _ in source.shelf.all(upto)) < _FEW:
                break
            upto = source.catch_up(store, upto)
        store.commit()
        # Nobody commits to the old one from here on: what comes is in the archive, and done below.
        Commits(cluster, old.index).take(uuid4().hex, _WAIT_S)
        upto = source.catch_up(store, upto)
        store.commit()
        name = cluster.place.name
        add = {"add": {"index": new.index, "alias": name}}
        cluster.ask("POST", "/_aliases", {"actions": [add, {"remove_index": {"index": old.index}}]})
        source.catch_up(store, upto)
        store.commit()
        source.done.paragraphs = sum(held.paragraphs for held in store.held.values())
        source.shelf.indexed(new.made, store.generation, 0, notes=True)
