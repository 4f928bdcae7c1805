"""Is an index on a cluster whole, and does it hold what its archive does?"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from index.agreement import disagreements
from index.archive import Archive
from index.cluster.client import Cluster, cluster_of
from index.cluster.documents import read
from index.cluster.indices import behind
from index.cluster.place import ClusterPlace
from index.cluster.records import DocumentRecord, all_records, known
from index.cluster.retelling import parts
from index.model import Paragraph
from index.shelf import Shelf

_TOGETHER = 200  # documents that are looked at together
_HEALTH = {
    "red": "a part of it is on no node: start the nodes that have it, or bring it back by `dateline reindex`",
    "yellow": "a part of it is on one node alone; with that node it would be lost until it is started again",
}


def problems(place: ClusterPlace, archive: Archive) -> Iterator[str]:
    """Read an index and its archive through; what is wrong, a sentence each.

    Raises:
        IndexMissingError, IndexVersionError: there is no index that can be read.
        ClusterUnreachableError, ClusterBusyError: no, or no whole, answer.
    """
    cluster = cluster_of(place)
    index = behind(cluster).index
    status = str(cluster.ask("GET", f"/_cluster/health/{index}")["status"])
    nodes = int(cluster.ask("GET", "/_cluster/health")["number_of_data_nodes"])
    if status == "red" or (status == "yellow" and nodes > 1):
        yield f"the index {index} is {status}: {_HEALTH[status]}"
    if status == "red":
        return
    cluster.ask("POST", f"/{index}/_refresh")
    ids: set[str] = set()
    waiting: list[DocumentRecord] = []
    for record in all_records(cluster, index):
        ids.add(record.id)
        waiting.append(record)
        if len(waiting) >= _TOGETHER:
            yield from _wrong(cluster, index, waiting)
            waiting = []
    yield from _wrong(cluster, index, waiting)
    wrong = [*archive.problems()]
    yield from wrong
    if not wrong:
        yield from disagreements(ids, Shelf(archive))


def _wrong(cluster: Cluster, index: str, records: Sequence[DocumentRecord]) -> Iterator[str]:
    """What is wrong with some documents' parts."""
    open_ = [r.id for r in records if r.open]
    if open_:
        yield (
            f"{len(open_):,} documents, the first one {open_[0]}, are being written now, or were left by a "
            "writer that was killed; `dateline release` brings them in"
        )
    expected = {part for r in records if not r.open for part, _ in known(r.parts)}
    mine = {r.id for r in records if not r.open}
    for hit in parts(cluster, index, [{"terms": {"document": sorted(mine)}}]):
        if hit["_id"] not in expected:
            yield f"{hit['_id']} is of no document; `dateline reindex` builds the index without it"
        expected.discard(hit["_id"])
        if hit["fields"]["type"] == ["paragraph"]:
            yield from _outside(read(hit["_source"], hit["fields"]).paragraph)
    for missing in sorted(expected)[:5]:
        yield f"{missing} is missing in the index; `dateline reindex` builds it anew from the archive"


def _outside(paragraph: Paragraph) -> Iterator[str]:
    spans = [(d.start, d.end) for d in paragraph.dates] + [(e.start, e.end) for e in paragraph.entities]
    if any(not 0 <= start < end <= len(paragraph.text) for start, end in spans):
        yield f"paragraph {paragraph.id} has a mention outside its text"
