"""Which index of a cluster stands behind an alias, and how is one made?"""

from __future__ import annotations

import re
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from index.cluster import commits
from index.cluster.client import NO_INDEX, Cluster, cluster_of
from index.cluster.documents import COMMIT
from index.cluster.mapping import mapping, settings
from index.cluster.place import ClusterPlace
from index.errors import (
    ClusterBusyError,
    ClusterRefusedError,
    DatelineError,
    IndexMissingError,
    IndexVersionError,
)
from index.schema import FORMAT

_FIRST = "first"  # so that of several who make one at once, one does
_CONFLICT, _GONE = 409, 404
_REPLACED = "the index that was written to was replaced by a new one, or removed"
_EXISTS = "resource_already_exists"
_LOOKS, _LOOK_S = 40, 0.25  # at an index whose shards are being made
_LAST_LOOKS = 8  # at one that is being deleted


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
    made = standing(cluster)
    if made.format != FORMAT:
        raise IndexVersionError(str(cluster.place), made.format, FORMAT)
    return made


def standing(cluster: Cluster) -> Behind:
    """The index that readers see, whatever its format.

    Raises:
        IndexMissingError: there is none.
    """
    found = cluster.find("GET", f"/{cluster.place.name}/_mapping")
    if not found:
        raise IndexMissingError(str(cluster.place))
    index, told = next(iter(found.items()))
    meta: dict[str, Any] = told["mappings"].get("_meta", {})
    return Behind(index, str(meta.get("made", "")), str(meta.get("format", "")))


def leads_to(cluster: Cluster, index: str) -> bool:
    """Whether an index is the one that readers see."""
    return cluster.exists(f"/{index}/_alias/{cluster.place.name}")


def create(cluster: Cluster, *, alias: bool = True, name: str = "") -> Behind:
    """Make an empty index; with `alias` readers see it at once.

    Args:
        cluster: where.
        alias: whether the place's name leads to it.
        name: what it is called behind the place's name; else a part of what names it.

    Raises:
        ClusterRefusedError: there is one of that name, among other reasons.
    """
    made = uuid4().hex
    index = f"{cluster.place.name}-{name or made[:16]}"
    body: dict[str, Any] = {"settings": settings(cluster.place.shards), "mappings": mapping(made)}
    body |= {"aliases": {cluster.place.name: {}}} if alias else {}
    try:
        cluster.ask("PUT", f"/{index}", body, wait_for_active_shards=1)
    except ClusterRefusedError as error:
        if name or _EXISTS not in error.reason:
            raise
        # A name that nobody else has: a node made it, was gone before it said so, and another one was asked.
    begin(cluster, index)
    return Behind(index, made, FORMAT)


def begin(cluster: Cluster, index: str) -> None:
    """Write the commit document of an index that has none."""
    try:
        here = f"/{index}/_create/{COMMIT}"
        cluster.ask("PUT", here, commits.begin(), routing=COMMIT, refresh=True)
    except ClusterRefusedError as error:
        if error.status != _CONFLICT:
            raise


def opened(cluster: Cluster) -> Behind:
    """The index that readers see, made where there is none; of several that try at once, one makes it."""
    try:
        found = behind(cluster)
    except IndexMissingError:
        try:
            return create(cluster, name=_FIRST)
        except ClusterRefusedError as error:
            if _EXISTS not in error.reason:
                raise
        found = behind(cluster)
    if not _has_begun(cluster, found.index):
        begin(cluster, found.index)  # who made it was killed in between
    return found


def check_whole(cluster: Cluster, index: str) -> None:
    """See that each shard of an index is on a node; who refreshes it otherwise waits for long.

    Raises:
        ClusterBusyError: one is on none.
    """
    health = cluster.ask("GET", f"/_cluster/health/{index}", level="indices")["indices"][index]
    if health["status"] == "red":
        shards, there = health["number_of_shards"], health["active_primary_shards"]
        raise ClusterBusyError(str(cluster.place), f"{shards - there} of its {shards} shards are on no node")


def _has_begun(cluster: Cluster, index: str) -> bool:
    """Whether an index has its commit document; one that another writer makes now has no shard yet."""
    here = f"/{index}/_doc/{COMMIT}?routing={COMMIT}"
    for _ in range(_LOOKS):
        with suppress(ClusterBusyError):
            return cluster.exists(here)
        time.sleep(_LOOK_S)
    return cluster.exists(here)


def remove(place: ClusterPlace) -> None:
    """Delete an index, and whatever stands behind its name."""
    cluster = cluster_of(place)
    for index in mine(cluster):
        cluster.find("DELETE", f"/{index}")


def mine(cluster: Cluster) -> list[str]:
    """Names of all indices that were made for a place, the one that is seen among them."""
    name = cluster.place.name
    found = cluster.find("GET", f"/{name}-*/_alias") or {}
    ours = re.compile(re.escape(name) + rf"-(?:{_FIRST}|[0-9a-f]{{16}}|searches)")
    return [index for index in found if ours.fullmatch(index)]


def generation_of(cluster: Cluster, index: str) -> tuple[int, int, int]:
    """Number of the newest commit of an index, and its sequence number and primary term in the cluster.

    Raises:
        ClusterRefusedError: it has none.
    """
    found = cluster.find("GET", f"/{index}/_doc/{COMMIT}", routing=COMMIT)
    if found is None:
        raise ClusterRefusedError(f"the commit of {index}", 404, "there is none")
    return int(found["_source"]["generation"]), int(found["_seq_no"]), int(found["_primary_term"])


def size_of(cluster: Cluster, index: str) -> int:
    """Bytes of an index on all nodes, copies of shards included, as far as they are on disk."""
    found = cluster.ask("GET", f"/{index}/_stats/store")
    return int(found["_all"]["total"]["store"]["size_in_bytes"])


@contextmanager
def written(cluster: Cluster, index: str) -> Iterator[None]:
    """Around what writes to an index: who finds that another one took its place may begin again there.

    Raises:
        ClusterBusyError: the index is gone.
    """
    try:
        yield
    except (ClusterRefusedError, ClusterBusyError) as error:
        # A node may know before the manager does, which is asked whether there is one.
        looks = _LAST_LOOKS if getattr(error, "status", 0) == _GONE else 1
        if NO_INDEX in error.reason or _is_gone(cluster, index, looks):
            raise ClusterBusyError(str(cluster.place), _REPLACED) from error
        raise


def _is_gone(cluster: Cluster, index: str, looks: int) -> bool:
    try:
        for look in range(looks):
            time.sleep(_LOOK_S if look else 0)
            if not cluster.exists(f"/{index}"):
                return True
    except DatelineError:  # then the error that there was is told
        pass
    return False
