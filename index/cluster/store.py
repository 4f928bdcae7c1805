"""The store on a cluster: documents are written in bulk, and seen when they are committed.

There may be several writers at once. What each writes carries the turn of the archive's changes as its
version, so that of two versions of a document the later one stays, in whatever order they come.
"""

from __future__ import annotations

import time
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import TracebackType
from typing import Any

from index.cluster.client import Cluster, cluster_of, encoded
from index.cluster.documents import (
    ARTICLE,
    COMMIT,
    DOCUMENT,
    ClusterDocument,
    document_of,
    documents_of,
)
from index.cluster.indices import generation_of, opened
from index.cluster.place import ClusterPlace
from index.errors import ClusterBusyError, ClusterRefusedError
from index.model import Article
from index.storing import Held

_BULK_BYTES = 8 * 2**20
_BULK_LINES = 4_000
_PAGE = 1_000


class ClusterHeld:
    """What is in the index, by document id; asked for many at once, or one by one."""

    def __init__(self, cluster: Cluster, index: str) -> None:
        self._cluster, self._index = cluster, index
        self._known: dict[str, Held | None] = {}
        self._written: set[str] = set()  # and perhaps not sent yet

    def look_up(self, ids: Sequence[str]) -> None:
        """Ask for many at once."""
        wanted = [i for i in dict.fromkeys(ids) if i not in self._known]
        for at in range(0, len(wanted), _PAGE):
            some = wanted[at : at + _PAGE]
            docs = [{"_id": DOCUMENT + i, "routing": i, "_source": ["digest", "record"]} for i in some]
            found = self._cluster.ask("POST", f"/{self._index}/_mget", {"docs": docs})["docs"]
            for id_, one in zip(some, found, strict=True):
                self._known[id_] = _held(one["_source"]) if one.get("found") else None

    def get(self, id_: str) -> Held | None:
        """What is held of a document, or None."""
        if id_ not in self._known:
            self.look_up([id_])
        return self._known[id_]

    def note(self, id_: str, held: Held | None) -> None:
        """What was written."""
        self._known[id_] = held
        self._written.add(id_)

    def forget(self, ids: Sequence[str] | None = None) -> None:
        """Others may have written these, or any, since they were looked up."""
        if ids is None:
            self._written.clear()
        for id_ in [*self._known] if ids is None else ids:
            if id_ not in self._written or self._known[id_] is None:
                self._known.pop(id_, None)

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
        for id_, _ in self._all():
            seen.add(id_)
            if self._known.get(id_, True):
                yield id_
        yield from [i for i, held in self._known.items() if held is not None and i not in seen]

    def __len__(self) -> int:
        return sum(1 for _ in self)

    def values(self) -> Iterator[Held]:
        """What is held of all documents, committed ones alone."""
        return (held for _, held in self._all())

    def _all(self) -> Iterator[tuple[str, Held]]:
        after: list[Any] = []
        while True:
            body: dict[str, Any] = {
                "query": {"term": {"type": "document"}},
                "sort": [{"document": "asc"}],
                "size": _PAGE,
                "_source": ["digest", "record"],
                "track_total_hits": False,
            } | ({"search_after": after} if after else {})
            hits = self._cluster.search(body, index=self._index)["hits"]["hits"]
            for hit in hits:
                yield hit["sort"][0], _held(hit["_source"])
            if len(hits) < _PAGE:
                return
            after = hits[-1]["sort"]


def _held(source: dict[str, Any]) -> Held:
    return Held(digest=source["digest"], **source["record"])


class ClusterStore:
    """Adds, replaces and deletes documents; see `storing.Store`."""

    alone = False

    def __init__(self, place: ClusterPlace, index: str | None = None) -> None:
        """Open the index that readers see, made where there is none, or another one by its own name."""
        self._cluster = cluster_of(place)
        if index is None:
            found = opened(self._cluster)
            self._index, self.made = found.index, found.made
        else:
            told = self._cluster.ask("GET", f"/{index}/_mapping")[index]["mappings"]["_meta"]
            self._index, self.made = index, str(told["made"])
        self.held = ClusterHeld(self._cluster, self._index)
        self._lines: list[str] = []
        self._bytes = 0
        self._dirty = False

    @property
    def generation(self) -> int:
        """Number of the newest commit."""
        return generation_of(self._cluster, self._index)[0]

    def __enter__(self) -> ClusterStore:
        """Be a writer, one of several."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Commit on a clean end."""
        if kind is None:
            self.commit()

    def put(self, document: str, digest: str, articles: Iterable[Article], *, turn: int = 0) -> Held:
        """Add a document's articles in place of what the index holds of it."""
        turn = turn or time.time_ns()
        now = datetime.now(UTC).replace(microsecond=0)
        timed = [a if a.added else replace(a, added=now, updated=now) for a in articles]
        before = set(self._ids(document)) if document in self.held else set()
        paragraphs = [p for a in timed for p in a.paragraphs]
        held = Held(
            digest=digest,
            articles=len(timed),
            paragraphs=len(paragraphs),
            dates=sum(len(p.dates) for p in paragraphs),
            entities=sum(len(p.entities) for p in paragraphs),
        )
        for article in timed:
            for made in documents_of(article):
                before.discard((made.id, made.routing))
                self._index_one(made, turn)
        counts = {n: getattr(held, n) for n in ("articles", "paragraphs", "dates", "entities")}
        self._index_one(document_of(document, digest, counts), turn)
        for id_, routing in before:
            self._delete_one(id_, routing, turn)
        self.held.note(document, held)
        return held

    def delete(self, document: str, *, turn: int = 0) -> bool:
        """Remove a document; returns whether the index held it."""
        if document not in self.held:
            return False
        turn = turn or time.time_ns()
        for id_, routing in [*self._ids(document), (DOCUMENT + document, document)]:
            self._delete_one(id_, routing, turn)
        self.held.note(document, None)
        return True

    def commit(self) -> None:
        """Make everything so far visible to readers and go on writing."""
        self._send()
        if self._dirty:
            self._cluster.ask("POST", f"/{self._index}/_refresh", timeout_s=120.0)
            self._next_generation()
            self._dirty = False
        self.held.forget()

    def _next_generation(self) -> None:
        for _ in range(50):
            number, seq, term = generation_of(self._cluster, self._index)
            body = {"type": "commit", "generation": number + 1}
            here = f"/{self._index}/_doc/{COMMIT}"
            try:
                self._cluster.ask("PUT", here, body, routing=COMMIT, if_seq_no=seq, if_primary_term=term)
            except ClusterRefusedError as error:
                if error.status != 409:  # another writer committed in between
                    raise
            else:
                return
        raise ClusterBusyError(str(self._cluster.place), "too many writers commit at once")

    # --- what goes out

    def _ids(self, document: str) -> list[tuple[str, str]]:
        """Ids and routing of a document's paragraphs and articles, as they are seen now."""
        self._send()
        self._cluster.ask("POST", f"/{self._index}/_refresh", timeout_s=120.0)
        body = {
            "query": {
                "bool": {
                    "filter": [
                        {"term": {"document": document}},
                        {"terms": {"type": ["paragraph", "article"]}},
                    ]
                }
            },
            "size": 10_000,
            "_source": False,
            "docvalue_fields": ["article", "type"],
        }
        hits = self._cluster.search(body, index=self._index)["hits"]["hits"]
        return [(hit["_id"], hit["fields"]["article"][0]) for hit in hits]

    def _index_one(self, made: ClusterDocument, turn: int) -> None:
        self._line("index", made.id, made.routing, turn, encoded(made.body))

    def _delete_one(self, id_: str, routing: str, turn: int) -> None:
        self._line("delete", id_, routing, turn)

    def _line(self, action: str, id_: str, routing: str, turn: int, body: str = "") -> None:
        told = {"_id": id_, "routing": routing, "version": turn, "version_type": "external_gte"}
        lines = [encoded({action: told}), *([body] if body else [])]
        size = sum(map(len, lines))
        if self._lines and (self._bytes + size > _BULK_BYTES or len(self._lines) >= _BULK_LINES):
            self._send()
        self._lines += lines
        self._bytes += size
        self._dirty = True

    def _send(self) -> None:
        """Send what waits. What is stale was written by somebody later, which is as good."""
        lines, self._lines, self._bytes = self._lines, [], 0
        if not lines:
            return
        for told in self._cluster.bulk(lines, index=self._index):
            status = int(told["status"])
            if status in (200, 201, 404, 409):
                continue
            reason = told.get("error", {})
            if status in (429, 503):
                raise ClusterBusyError(str(self._cluster.place), str(reason.get("type", "")))
            raise ClusterRefusedError(
                f"document {told['_id']}", status, f"{reason.get('type')}: {reason.get('reason')}"
            )


__all__ = ["ARTICLE", "ClusterHeld", "ClusterStore"]
