"""What an index on a cluster says of a document: its digest, its parts, and whether they are all there.

This record is written before a document's paragraphs, with compare-and-set, and again when they are
committed: what lies between is a document that is being written, or that a writer who was killed left.
So of several writers of one document the one with the higher version stays, whatever comes when; and the
paragraphs of an older version are known even where nobody searches for them.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from index.cluster.client import Cluster
from index.cluster.documents import ARTICLE, DOCUMENT
from index.errors import ClusterRefusedError
from index.storing import Held

_PAGE = 500
Parts = Mapping[str, Sequence[str]]
"""Ids of paragraphs by the article's id."""


@dataclass(frozen=True, slots=True)
class DocumentRecord:
    """What is said of a document.

    Attributes:
        id: of the document.
        version: that wrote it.
        by: who wrote it.
        digest: of the content.
        open: whether its parts are not committed yet.
        gone: whether it was deleted.
        counts: of articles, paragraphs, dates and entities.
        parts: that it has.
        was: those that it had before, while it is open.
        at: sequence number and primary term of the record in the cluster; None: it is not there yet.
    """

    id: str
    version: int
    by: str = ""
    digest: str = ""
    open: bool = True
    gone: bool = False
    counts: tuple[int, int, int, int] = (0, 0, 0, 0)
    parts: Parts = field(default_factory=dict)
    was: Parts = field(default_factory=dict)
    at: tuple[int, int] | None = None

    def held(self) -> Held:
        """The same for who asks what the index holds."""
        return Held("" if self.open else self.digest, *self.counts)

    def closed(self) -> DocumentRecord:
        """The record once its parts are committed."""
        return replace(self, open=False, was={})

    @property
    def body(self) -> dict[str, Any]:
        """The record as a document of the cluster."""
        told: dict[str, Any] = {"version": self.version, "by": self.by, "counts": list(self.counts)}
        told["parts"] = {article: list(ids) for article, ids in self.parts.items()}
        if self.open:
            told["open"] = True
            told["was"] = {article: list(ids) for article, ids in self.was.items()}
        kind = "gone" if self.gone else "document"
        return {"type": kind, "document": self.id, "digest": self.digest, "record": told}


def known(parts: Parts) -> Iterator[tuple[str, str]]:
    """Ids and routing of all documents of the cluster's that are parts of a document."""
    for article, ids in parts.items():
        yield ARTICLE + article, article
        yield from ((id_, article) for id_ in ids)


def joined(one: Parts, other: Parts) -> dict[str, list[str]]:
    """The parts of both."""
    found = {article: list(ids) for article, ids in one.items()}
    for article, ids in other.items():
        found[article] = list(dict.fromkeys([*found.get(article, []), *ids]))
    return found


def read_record(id_: str, told: Mapping[str, Any]) -> DocumentRecord | None:
    """A record out of a document of the cluster's as it is got or found; None: there is none."""
    if "error" in told:  # as where another index took the place of this one
        raise ClusterRefusedError(f"document {id_}", 404, str(told["error"].get("reason", "")))
    if not told.get("found", True):
        return None
    source = told["_source"]
    record = source["record"]
    return DocumentRecord(
        id=id_,
        version=int(record["version"]),
        by=record["by"],
        digest=source["digest"],
        open=bool(record.get("open")),
        gone=source["type"] == "gone",
        counts=tuple(record["counts"]),
        parts=record["parts"],
        was=record.get("was", {}),
        at=(int(told["_seq_no"]), int(told["_primary_term"])) if "_seq_no" in told else None,
    )


def get_records(cluster: Cluster, index: str, ids: Sequence[str]) -> dict[str, DocumentRecord | None]:
    """What is said of some documents, as it is this moment."""
    found: dict[str, DocumentRecord | None] = {}
    for at in range(0, len(ids), _PAGE):
        some = ids[at : at + _PAGE]
        docs = [{"_id": DOCUMENT + i, "routing": i} for i in some]
        told = cluster.ask("POST", f"/{index}/_mget", {"docs": docs})["docs"]
        found |= {id_: read_record(id_, one) for id_, one in zip(some, told, strict=True)}
    return found


def all_records(cluster: Cluster, index: str) -> Iterator[DocumentRecord]:
    """What is said of all documents that are there, as of the last refresh, by id."""
    after: list[Any] = []
    while True:
        body: dict[str, Any] = {
            "query": {"term": {"type": "document"}},
            "sort": [{"document": "asc"}],
            "size": _PAGE,
            "seq_no_primary_term": True,
            "track_total_hits": False,
        }
        hits = cluster.search(body | ({"search_after": after} if after else {}), index=index)["hits"]["hits"]
        for hit in hits:
            record = read_record(hit["sort"][0], hit)
            if record is not None:
                yield record
        if len(hits) < _PAGE:
            return
        after = hits[-1]["sort"]
