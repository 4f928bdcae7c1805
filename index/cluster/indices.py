"""Which index of a cluster stands behind an alias, and how is one made?"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

from index.cluster.client import Cluster
from index.cluster.documents import COMMIT
from index.cluster.mapping import mapping, settings
from index.errors import ClusterRefusedError, IndexMissingError, IndexVersionError
from index.schema import FORMAT


@dataclass(frozen=True, slots=True)
class Behind:
    """The index behind an alias.

    Attributes:
        index: its own name.
        made: names it as `dateline.json` names a folder's.
        format: of what is written.
    """

    index: str
    made: str
    format: str


def behind(cluster: Cluster) -> Behind:
    """The index that readers see.

    Raises:
        IndexMissingError: there is none.
        IndexVersionError: it has another format.
    """
    found = cluster.find("GET", f"/{cluster.place.name}/_mapping")
    if not found:
        raise IndexMissingError(Path(str(cluster.place)))
    index, told = next(iter(found.items()))
    meta: dict[str, Any] = told["mappings"].get("_meta", {})
    made = Behind(index, str(meta.get("made", "")), str(meta.get("format", "")))
    if made.format != FORMAT:
        raise IndexVersionError(Path(str(cluster.place)), made.format, FORMAT)
    return made


def create(cluster: Cluster, *, alias: bool = True) -> Behind:
    """Make an empty index; with `alias` readers see it at once.

    Raises:
        ClusterRefusedError: there is one of that name, among other reasons.
    """
    made = uuid4().hex
    index = f"{cluster.place.name}-{made[:16]}"
    body: dict[str, Any] = {"settings": settings(cluster.place.shards), "mappings": mapping(made)}
    cluster.ask("PUT", f"/{index}", body, wait_for_active_shards=1)
    commit = {"type": "commit", "generation": 0}
    cluster.ask("PUT", f"/{index}/_doc/{COMMIT}", commit, routing=COMMIT, refresh=True)
    if alias:
        add = {"add": {"index": index, "alias": cluster.place.name}}
        cluster.ask("POST", "/_aliases", {"actions": [add]})
    return Behind(index, made, FORMAT)


def opened(cluster: Cluster) -> Behind:
    """The index that readers see, made where there is none; of several that try at once, one makes it."""
    try:
        return behind(cluster)
    except IndexMissingError:
        pass
    made = create(cluster, alias=False)
    # An alias that others may have set meanwhile is left: then theirs is the index, and ours goes.
    found = cluster.find("GET", f"/_alias/{cluster.place.name}")
    if not found:
        add = {"add": {"index": made.index, "alias": cluster.place.name}}
        cluster.ask("POST", "/_aliases", {"actions": [add]})
    else:
        cluster.ask("DELETE", f"/{made.index}")
    return behind(cluster)


def generation_of(cluster: Cluster, index: str) -> tuple[int, int, int]:
    """Number of the newest commit of an index, and its sequence number and primary term in the cluster.

    Raises:
        ClusterRefusedError: it has none.
    """
    found = cluster.find("GET", f"/{index}/_doc/{COMMIT}", routing=COMMIT)
    if found is None:
        raise ClusterRefusedError(f"the commit of {index}", 404, "there is none")
    return int(found["_source"]["generation"]), int(found["_seq_no"]), int(found["_primary_term"])
