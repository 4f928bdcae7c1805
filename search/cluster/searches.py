"""Saved searches on a cluster, indexed: its percolator tells which of them new paragraphs may answer.

They lie in an index beside that of the paragraphs, each under a hash of what is stored of it, so that all
processes share them. What is stored is what a match must hold (`search.signs`): words, patterns,
names and days. It asks for no more than the search itself, whatever editors decided and whatever is
in the index, so it never has to be written again. Each is touched now and then by those who have it in
memory; what nobody has touched for a month is swept out.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, date, datetime
from hashlib import blake2b
from typing import Any

from index.cluster.client import Body, Cluster, encoded, failure
from index.cluster.mapping import properties
from index.errors import ClusterBusyError, ClusterRefusedError
from search.cluster.filters import mentioned, published
from search.signs import Anything, Both, Days, Either, Has, InHeadline, Sign

KEPT_DAYS = 30
"""Days after which a search that nobody touched is swept out."""
TOUCHED_DAYS = 3
"""Days after which one that somebody has in memory is touched again."""

FORMAT = "1"
_PAGE = 5_000  # searches of one answer
_AT_ONCE = 1_000  # written in one request
_LONGEST = 8_191  # characters of a word or name; what is longer is not found by it

_WORD = {"type": "keyword", "ignore_above": _LONGEST}
_NOTHING: Body = {"bool": {"must_not": [{"match_all": {}}]}}


def mapping() -> dict[str, Any]:
    """The mapping of the index of saved searches, with the fields of paragraphs that they ask for."""
    of_paragraphs = properties()
    return {
        "dynamic": "strict",
        "_meta": {"format": FORMAT},
        "_source": {"includes": ["touched"]},
        "properties": {
            "query": {"type": "percolator"},
            "hash": {"type": "keyword"},
            "touched": {"type": "integer"},
            "exact": _WORD,
            "stem": _WORD,
            "named": _WORD,
            **{name: of_paragraphs[name] for name in ("kind", "published", "mentioned")},
        },
    }


def stored(sign: Sign) -> Body:
    """A sign in the cluster's query language."""
    if isinstance(sign, Has):
        return _held(sign)
    if isinstance(sign, Both):
        return {"bool": {"filter": [stored(part) for part in sign.parts]}}
    if isinstance(sign, Either):
        parts = [stored(part) for part in sign.parts]
        return {"bool": {"should": parts, "minimum_should_match": 1}} if parts else _NOTHING
    if isinstance(sign, InHeadline):
        return {"bool": {"filter": [{"term": {"kind": "headline"}}, stored(sign.part)]}}
    if isinstance(sign, Days):
        return published(sign.within, sign.undated) if sign.axis == "published" else mentioned(sign.within)
    if isinstance(sign, Anything):
        return {"match_all": {}}
    raise TypeError(f"no sign: {sign!r}")


def _held(sign: Has) -> Body:
    kind, text, slips = sign.key
    if kind == "entity":
        return {"term": {"named": text}}
    if kind in ("stem", "exact"):
        return {"term": {kind: text}}
    if kind == "near":
        return {"fuzzy": {"exact": {"value": text, "fuzziness": slips, "rewrite": "constant_score"}}}
    if kind == "prefix":
        return {"prefix": {"exact": {"value": text}}}
    escaped = text.replace("\\", "\\\\")
    return {"wildcard": {"exact": {"value": escaped}}}


def hash_of(query: Body) -> str:
    """Name a stored query."""
    told = encoded(query).encode("utf-8", "surrogatepass")
    return blake2b(told, digest_size=16, person=FORMAT.encode()).hexdigest()


class SearchIndex:
    """The index of saved searches beside an index of paragraphs.

    Args:
        cluster: that has it.
    """

    def __init__(self, cluster: Cluster) -> None:
        self._cluster = cluster
        self.name = f"{cluster.place.name}-searches"
        self._made = ""  # names the index that is there
        self._touched: dict[str, int] = {}  # by hash, the day when it was touched
        self._swept = 0

    def keep(self, queries: Mapping[str, Body]) -> dict[str, str]:
        """Have some queries there, by hash; costs a question where they are already.

        Returns:
            By hash of those that the cluster refused, why.
        """
        self._open()
        today = datetime.now(UTC).date().toordinal()
        old = [h for h in queries if self._touched.get(h, 0) < today - TOUCHED_DAYS]
        for at in range(0, len(old), _AT_ONCE):
            self._look(old[at : at + _AT_ONCE])
        missing = [h for h in old if self._touched.get(h, 0) < today - TOUCHED_DAYS]
        refused: dict[str, str] = {}
        for at in range(0, len(missing), _AT_ONCE):
            refused |= self._write({h: queries[h] for h in missing[at : at + _AT_ONCE]}, today)
        if missing:
            self._cluster.ask("POST", f"/{self.name}/_refresh", timeout_s=120.0)
        self._sweep(today)
        return refused

    def answering(self, documents: Sequence[Body]) -> dict[str, list[int]]:
        """Which stored queries some documents answer: by hash, the places of those that do."""
        found: dict[str, list[int]] = {}
        query = {"percolate": {"field": "query", "documents": list(documents)}}
        body: dict[str, Any] = {
            "query": {"constant_score": {"filter": query}},
            "size": _PAGE,
            "_source": False,
            "sort": [{"hash": "asc"}],
            "track_total_hits": False,
            "fields": ["_percolator_document_slot"],
        }
        while True:
            hits = self._cluster.search(body, index=self.name, search_type="query_then_fetch")["hits"]["hits"]
            for hit in hits:
                found[hit["_id"]] = hit["fields"]["_percolator_document_slot"]
            if len(hits) < _PAGE:
                return found
            body["search_after"] = hits[-1]["sort"]

    def _open(self) -> None:
        """Make the index where it is not there; forget what was in one that went."""
        found = self._cluster.find("GET", f"/{self.name}")
        told = next(iter(found.values())) if found else {}
        if found and told["mappings"].get("_meta", {}).get("format") != FORMAT:
            self._cluster.ask("DELETE", f"/{self.name}")
            found = None
        if not found:
            self._create()
            return self._open()
        made = str(told["settings"]["index"]["uuid"])
        if made != self._made:
            self._made = made
            self._touched.clear()
        return None

    def _create(self) -> None:
        settings = {
            "number_of_shards": 1,
            "auto_expand_replicas": "0-1",
            "refresh_interval": -1,
            # What the cluster cannot take apart is asked of every paragraph; words it never saw are none.
            "index.percolator.map_unmapped_fields_as_text": False,
        }
        with suppress(ClusterRefusedError):  # somebody else was faster
            body = {"settings": settings, "mappings": mapping()}
            self._cluster.ask("PUT", f"/{self.name}", body, wait_for_active_shards=1)

    def _look(self, hashes: Sequence[str]) -> None:
        docs = {"docs": [{"_id": h, "_source": ["touched"]} for h in hashes]}
        for one in self._cluster.ask("POST", f"/{self.name}/_mget", docs)["docs"]:
            if one.get("found"):
                self._touched[one["_id"]] = int(one["_source"]["touched"])

    def _write(self, queries: Mapping[str, Body], today: int) -> dict[str, str]:
        lines: list[str] = []
        for hash_, query in queries.items():
            told = {"query": query, "hash": hash_, "touched": today}
            lines += [encoded({"index": {"_id": hash_}}), encoded(told)]
        refused: dict[str, str] = {}
        for one in self._cluster.bulk(lines, index=self.name, count=len(queries)):
            if "error" not in one:
                self._touched[one["_id"]] = today
                continue
            what = f"POST /{self.name}/_bulk"
            error = failure(self._cluster.place, what, int(one["status"]), one["error"])
            if isinstance(error, ClusterBusyError):
                raise error
            refused[one["_id"]] = error.reason
        return refused

    def _sweep(self, today: int) -> None:
        """Delete what nobody touched for long, once a day."""
        if self._swept == today:
            return
        self._swept = today
        old = {"query": {"range": {"touched": {"lt": today - KEPT_DAYS}}}}
        self._cluster.ask("POST", f"/{self.name}/_delete_by_query", old, conflicts="proceed")


def document(
    words: Iterable[str],
    stems: Iterable[str],
    facts: tuple[str, Iterable[str], date | None, Iterable[tuple[date, date]]],
) -> Body:
    """A paragraph as stored queries ask it.

    Args:
        words: its exact forms.
        stems: theirs.
        facts: its kind, the ids of entities that it names, its day, and the days that it mentions.
    """
    kind, named, day, spans = facts
    made: dict[str, Any] = {
        "exact": list(words),
        "stem": list(stems),
        "kind": kind,
        "named": list(named),
        "mentioned": [{"gte": a.toordinal(), "lte": b.toordinal()} for a, b in spans],
    }
    if day is not None:
        made["published"] = day.toordinal()
    return made
