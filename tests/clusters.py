"""The OpenSearch cluster of the tests: nodes that run already, or three of its own."""

from __future__ import annotations

import json
import os
import threading
import urllib.request
from collections.abc import Iterator
from contextlib import suppress
from uuid import uuid4

import pytest
from opensearch_nodes import Node, Nodes, NodesError

from index.cluster.place import ClusterPlace

HOW_TO = "; or name running nodes in DATELINE_TEST_OPENSEARCH (deploy/opensearch/README.md)"
_WAITING = 12  # indices of tests that are over, deleted together


class Starting:
    """Three nodes that start while other tests run."""

    def __init__(self) -> None:
        self._nodes: Nodes | None = None
        self._error: Exception | None = None
        self._thread = threading.Thread(target=self._start, name="cluster", daemon=True)
        self._thread.start()

    def _start(self) -> None:
        try:
            self._nodes = Nodes(3, brief=True)
        except (NodesError, OSError) as error:
            self._error = error

    def done(self) -> Nodes:
        """The nodes, as soon as they are one cluster.

        Raises:
            NodesError: they could not be started.
        """
        self._thread.join()
        if self._nodes is None:
            raise NodesError(f"no OpenSearch cluster: {self._error}{HOW_TO}")
        return self._nodes

    def close(self) -> None:
        """End them."""
        self._thread.join()
        if self._nodes is not None:
            self._nodes.close()


class TestCluster:
    """Nodes that run, and indices of this run's own on them.

    Attributes:
        urls: of the nodes.
        nodes: to kill and to start again; none where somebody else started them.
    """

    __test__ = False

    def __init__(self, urls: tuple[str, ...], nodes: Nodes | None = None) -> None:
        self.urls = urls
        self.nodes: tuple[Node, ...] = tuple(nodes or ())
        self._started = nodes
        self._prefix = f"test-{uuid4().hex[:8]}"
        self._made = 0
        self._over: list[str] = []

    def place(self, name: str = "", shards: int = 2) -> ClusterPlace:
        """Where an index of this run may be made that nobody else has."""
        self._made += 1
        return ClusterPlace.of(
            f"{','.join(self.urls)}/{self._prefix}-{self._made}{name and '-'}{name}", shards=shards
        )

    def wait(self, status: str = "green") -> None:
        """Wait until all of our nodes are one cluster again that has every shard."""
        assert self._started is not None
        self._started.wait(status=status)

    def mend(self) -> None:
        """Start again those of our nodes that were killed, and wait for them."""
        for node in self.nodes:
            if not node.runs:
                node.start()
        self.wait()

    def forget(self, place: ClusterPlace) -> None:
        """Let go of an index that is needed no more."""
        self._over.append(place.name)
        if len(self._over) >= _WAITING:
            self._delete(tuple(self._over))
            self._over.clear()

    def close(self) -> None:
        """Delete all that this run made. Nodes of our own end anyway."""
        if not self.nodes:
            self._delete((self._prefix,))

    def _delete(self, names: tuple[str, ...]) -> None:
        told = json.loads(self.ask("GET", f"/_cat/indices/{self._prefix}-*?format=json&h=index"))
        ours = [one["index"] for one in told]
        over = [i for i in ours if any(i == name or i.startswith(f"{name}-") for name in names)]
        if over:
            self.ask("DELETE", f"/{','.join(over)}")

    def ask(self, method: str, path: str) -> bytes:
        """Ask the first node that answers."""
        error: OSError | None = None
        for url in self.urls:
            try:
                with urllib.request.urlopen(
                    urllib.request.Request(url + path, method=method), timeout=60
                ) as answer:
                    found: bytes = answer.read()
                    return found
            except OSError as told:
                error = told
        raise AssertionError(f"{method} {path}: {error}")


def wanted_by(items: list[pytest.Item]) -> bool:
    """Whether one of these tests needs a cluster."""
    return any(map(needs_cluster, items))


def needs_cluster(item: pytest.Item) -> bool:
    """Whether a test needs a cluster."""
    chosen = getattr(getattr(item, "callspec", None), "params", {})
    return "cluster" in getattr(item, "fixturenames", ()) or any(
        isinstance(value, str) and value == "opensearch" for value in chosen.values()
    )


def cluster_of(starting: Starting | None) -> Iterator[TestCluster]:
    """The cluster, for the length of a run; without one its tests are left out, or fail if told to."""
    if named := os.environ.get("DATELINE_TEST_OPENSEARCH", ""):
        made = TestCluster(tuple(url.strip() for url in named.split(",")))
    else:
        assert starting is not None
        try:
            nodes = starting.done()
        except NodesError as error:
            if os.environ.get("DATELINE_TEST_CLUSTER") == "required":
                pytest.fail(str(error), pytrace=False)
            pytest.skip(str(error))
        made = TestCluster(nodes.urls, nodes)
    yield made
    with suppress(AssertionError):
        made.close()
