"""What does an index on a cluster hold of each document? Asked for many at once, or one by one."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence

from index.cluster.client import Cluster
from index.cluster.indices import written
from index.cluster.records import DocumentRecord, all_records, get_records
from index.storing import Held

_MOST = 100_000  # documents that are remembered


class ClusterHeld:
    """What is in the index, by document id, with what was put and deleted since the last commit.

    Args:
        cluster: where it is.
        index: its name there.
        in_hands: whether a document that is not committed is another writer's, who lives: then it is held
            as that one will have it.
    """

    def __init__(self, cluster: Cluster, index: str, in_hands: Callable[[DocumentRecord], bool]) -> None:
        self._cluster, self._index, self._in_hands = cluster, index, in_hands
        self._known: dict[str, Held | None] = {}
        self._noted: set[str] = set()

    def look_up(self, ids: Sequence[str]) -> None:
        """Ask for many at once."""
        if len(self._known) > _MOST:
            self.forget()
        wanted = [i for i in dict.fromkeys(ids) if i not in self._known]
        with written(self._cluster, self._index):
            records = get_records(self._cluster, self._index, wanted)
        self._known |= {id_: self._held(record) for id_, record in records.items()}

    def get(self, id_: str) -> Held | None:
        """What is held of a document, or None."""
        if id_ not in self._known:
            self.look_up([id_])
        return self._known[id_]

    def note(self, id_: str, held: Held | None) -> None:
        """What was written."""
        self._known[id_] = held
        self._noted.add(id_)

    def forget(self, ids: Sequence[str] | None = None) -> None:
        """Others may have written these, or any, since they were looked up; what waits here stays."""
        for id_ in [*self._known] if ids is None else ids:
            if id_ not in self._noted:
                self._known.pop(id_, None)

    def settled(self) -> None:
        """Everything noted is committed."""
        self._noted.clear()
        self._known.clear()

    def __getitem__(self, id_: str) -> Held:
        found = self.get(id_)
        if found is None:
            raise KeyError(id_)
        return found

    def __contains__(self, id_: object) -> bool:
        """Whether the index holds a document."""
        return self.get(str(id_)) is not None

    def __iter__(self) -> Iterator[str]:
        seen: set[str] = set()
        for record in all_records(self._cluster, self._index):
            seen.add(record.id)
            if self._known.get(record.id, record):
                yield record.id
        yield from [i for i, held in self._known.items() if held is not None and i not in seen]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> Iterator[Held]:
        """What is held of all documents, committed ones alone."""
        return (record.held() for record in all_records(self._cluster, self._index))

    def _held(self, record: DocumentRecord | None) -> Held | None:
        if record is None or (record.gone and not record.open):
            return None
        if record.open and self._in_hands(record):
            return None if record.gone else record.closed().held()
        return None if record.gone else record.held()
