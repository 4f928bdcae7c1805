"""How do documents get into an index on a cluster, when others write, too, and anybody may be killed?

First a document's record says which parts it will have, then the parts are written, and those that it had
are deleted. When all of that is committed, the record is closed.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

from index.cluster import bulk
from index.cluster.bulk import Action, reason_of
from index.cluster.client import Cluster
from index.cluster.documents import ARTICLE, DOCUMENT, ClusterDocument, documents_of
from index.cluster.records import DocumentRecord, get_records, joined, known
from index.errors import ClusterBusyError
from index.model import Article

_DONE = frozenset({200, 201, 404, 409})  # there is a later one, or nothing to be deleted: as good
_CONFLICT = 409
_ROUNDS = 50
_PAGE = 1_000
_STORY = ["story", "copied"]
_REMEDY = "shorten it, or split it, and index it again"


@dataclass(frozen=True, slots=True)
class Waiting:
    """A document on its way.

    Attributes:
        id: of it.
        version: that it is written with.
        digest: of its content.
        articles: what was found in it; None: it is to be deleted.
        counts: of articles, paragraphs, dates and entities.
    """

    id: str
    version: int
    digest: str = ""
    articles: Sequence[Article] | None = None
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)


class Writing:
    """What one writer wrote since its last commit.

    Args:
        cluster: where.
        index: its name there.
        by: names the writer.

    Attributes:
        open: records of what was written and is not committed.
        touched: ids of articles that came, changed or went.
        left: stories that such articles were in before.
        refused: documents that the cluster does not take, and why.
    """

    def __init__(self, cluster: Cluster, index: str, by: str) -> None:
        self._cluster, self._index, self._by = cluster, index, by
        self.open: dict[str, DocumentRecord] = {}
        self.touched: set[str] = set()
        self.left: set[str] = set()
        self.refused: dict[str, str] = {}

    def write(self, documents: Iterable[Waiting]) -> None:
        """Write and delete documents, no two of one id; what is stale is left.

        Raises:
            ClusterBusyError, ClusterUnreachableError, ClusterRefusedError: as `bulk.send` does.
        """
        wanted = {d.id: d for d in documents}
        claimed = self._claim(wanted)
        self._clean(self._parts([(wanted[id_], record) for id_, record in claimed.items()]))

    def close(self) -> None:
        """Say of everything written that it is there; to be called when it is about to be seen."""
        lost: list[DocumentRecord] = []
        actions = (_swap(record.closed(), record.at) for record in self.open.values())
        for action, told in bulk.send(self._cluster, self._index, actions):
            if int(told["status"]) == _CONFLICT:
                lost.append(self.open[action.owner])
        if lost:
            self._give_way(lost)
        self.open.clear()
        self.touched.clear()
        self.left.clear()

    # --- records

    def _claim(self, wanted: Mapping[str, Waiting]) -> dict[str, DocumentRecord]:
        """Write the records of documents that are not stale."""
        claimed: dict[str, DocumentRecord] = {}
        waiting = list(wanted)
        for _ in range(_ROUNDS):
            records = get_records(self._cluster, self._index, waiting)
            made = [r for id_ in waiting if (r := self._next(wanted[id_], records[id_])) is not None]
            tried = {r.id: r for r in made}
            waiting = []
            actions = (_swap(r, r.at) for r in made)
            for action, told in bulk.send(self._cluster, self._index, actions):
                status, id_ = int(told["status"]), action.owner
                if status == _CONFLICT:
                    waiting.append(id_)
                elif status in _DONE:
                    at = int(told["_seq_no"]), int(told["_primary_term"])
                    claimed[id_] = replace(tried[id_], at=at)
                else:
                    self.refused[id_] = _reason(reason_of(told))
            if not waiting:
                return claimed
        raise ClusterBusyError(str(self._cluster.place), "too many writers change the same documents")

    def _next(self, document: Waiting, before: DocumentRecord | None) -> DocumentRecord | None:
        """The record of a document that is written, or None where there is nothing to do."""
        if document.articles is None and (before is None or (before.gone and not before.open)):
            return None
        if before is not None and before.version > document.version:
            return None
        return DocumentRecord(
            id=document.id,
            version=document.version,
            by=self._by,
            digest=document.digest,
            gone=document.articles is None,
            counts=document.counts,
            parts={a.id: [p.id for p in a.paragraphs] for a in document.articles or ()},
            was=joined(before.parts, before.was) if before is not None else {},
            at=before.at if before is not None else None,
        )

    def _give_way(self, lost: Sequence[DocumentRecord]) -> None:
        """Others wrote these documents after us: what we wrote of them that they have not goes."""
        records = get_records(self._cluster, self._index, [r.id for r in lost])
        actions: list[Action] = []
        for mine in lost:
            now = records[mine.id]
            theirs = set(known(now.parts)) if now is not None else set()
            left = [part for part in known(mine.parts) if part not in theirs]
            actions += [bulk.drop(mine.id, id_, routing, mine.version) for id_, routing in left]
        for _ in bulk.send(self._cluster, self._index, actions):
            pass

    # --- parts

    def _parts(self, claimed: Sequence[tuple[Waiting, DocumentRecord]]) -> dict[str, DocumentRecord]:
        """Write the parts of documents; returns those of which one was refused."""
        refused: dict[str, DocumentRecord] = {}
        for document, record in claimed:
            self.open[document.id] = record
            self.touched |= record.parts.keys() | record.was.keys()
        self._note_stories([a for _, record in claimed for a in record.was])
        for action, told in bulk.send(self._cluster, self._index, self._actions(claimed)):
            if int(told["status"]) not in _DONE:
                self.refused.setdefault(action.owner, _reason(reason_of(told)))
        for document, record in claimed:
            if document.id in self.refused:
                refused[document.id] = record
        return refused

    def _note_stories(self, articles: Sequence[str]) -> None:
        """Which stories of several are articles of that are about to be replaced, or deleted?"""
        for at in range(0, len(articles), _PAGE):
            docs = [{"_id": ARTICLE + a, "routing": a, "_source": _STORY} for a in articles[at : at + _PAGE]]
            told = self._cluster.ask("POST", f"/{self._index}/_mget", {"docs": docs})["docs"]
            found = (one["_source"] for one in told if one.get("found"))
            self.left |= {source["story"] for source in found if source["copied"]}

    def _actions(self, claimed: Iterable[tuple[Waiting, DocumentRecord]]) -> Iterator[Action]:
        for document, record in claimed:
            for article in document.articles or ():
                for made in documents_of(article):
                    action = bulk.put(document.id, made, document.version)
                    if action.size > bulk.MOST_BYTES:
                        self.refused.setdefault(document.id, _too_large(action.size))
                    else:
                        yield action
            mine = set(known(record.parts))
            left = (part for part in known(record.was) if part not in mine)
            yield from (bulk.drop(document.id, id_, routing, document.version) for id_, routing in left)

    def _clean(self, refused: Mapping[str, DocumentRecord]) -> None:
        """Take back what was written of documents that are not taken whole: none is shown in part."""
        actions: list[Action] = []
        for id_, record in refused.items():
            actions += [
                bulk.drop(id_, part, routing, record.version) for part, routing in known(record.parts)
            ]
            self.open[id_] = replace(record, gone=True, digest="", counts=(0, 0, 0, 0), parts={})
        for _ in bulk.send(self._cluster, self._index, actions):
            pass


def _swap(record: DocumentRecord, at: tuple[int, int] | None) -> Action:
    return bulk.swap(record.id, ClusterDocument(DOCUMENT + record.id, record.id, record.body), at)


def _reason(told: str) -> str:
    return f"OpenSearch does not take it ({told}); {_REMEDY}"


def _too_large(size: int) -> str:
    most = bulk.MOST_BYTES // 2**20
    return (
        f"a paragraph of it is {size / 2**20:.0f} MB as OpenSearch takes it, and {most} are let in; {_REMEDY}"
    )
