"""What an index on a cluster holds, read back by document, as it was analysed."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from index.carrying import articles_of
from index.cluster.client import cluster_of
from index.cluster.commits import Commits
from index.cluster.documents import read
from index.cluster.indices import behind
from index.cluster.place import ClusterPlace
from index.cluster.records import DocumentRecord, all_records, get_records
from index.cluster.retelling import parts
from index.model import Article
from index.stored import Record
from index.storing import Held


class ClusterSource:
    """An index on a cluster, to be read back by document; see `migrating.Source`.

    Raises:
        IndexMissingError, IndexVersionError: there is none that can be read.
        ClusterUnreachableError, ClusterBusyError: no, or no whole, answer.
    """

    def __init__(self, place: ClusterPlace) -> None:
        self._cluster = cluster_of(place)
        self._index = behind(self._cluster).index
        self.generation = Commits(self._cluster, self._index).read().generation
        self.refresh()

    def refresh(self) -> None:
        """Have what was written since be found."""
        self._cluster.ask("POST", f"/{self._index}/_refresh")

    def ids(self) -> Iterator[str]:
        """Ids of all documents."""
        return (record.id for record in all_records(self._cluster, self._index))

    def held(self, ids: Sequence[str]) -> dict[str, Held]:
        """What it holds of documents, by id; without a digest while one is being written."""
        records = get_records(self._cluster, self._index, ids)
        return {id_: r.held() for id_, r in records.items() if r is not None and (r.open or not r.gone)}

    def articles(self, ids: Sequence[str]) -> Iterator[tuple[str, Held, list[Article]]]:
        """Documents of it with their articles; those that are not there whole are left out."""
        found = get_records(self._cluster, self._index, ids)
        records = {id_: r for id_, r in found.items() if r is not None and not (r.open or r.gone)}
        hits: dict[str, list[Mapping[str, Any]]] = {}
        for hit in parts(self._cluster, self._index, [{"terms": {"document": list(records)}}]):
            hits.setdefault(hit["fields"]["document"][0], []).append(hit)
        for id_, record in records.items():
            mine = _in_order(record, hits.get(id_, []))
            if mine is not None:
                yield id_, record.held(), list(articles_of(mine))


def _in_order(record: DocumentRecord, hits: Sequence[Mapping[str, Any]]) -> list[Record] | None:
    """The paragraphs of a document as they came; None: one is missing, or of another version."""
    if any(int(hit["_version"]) != record.version for hit in hits):
        return None
    found = {str(hit["_id"]): hit for hit in hits if hit["fields"]["type"] == ["paragraph"]}
    wanted = [id_ for ids in record.parts.values() for id_ in ids]
    if found.keys() != set(wanted):
        return None
    return [read(found[id_]["_source"], found[id_]["fields"]) for id_ in wanted]
