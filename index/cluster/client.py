"""Asking an OpenSearch cluster; the one module that knows its client's library.

A question goes to any node, and to another one where that does not answer. An answer that lacks the
part of a shard is never taken for one.
"""

from __future__ import annotations

import json
import logging
import os
import re
from collections.abc import Iterable, Mapping, Sequence
from functools import lru_cache
from typing import Any

import orjson

from index.cluster.place import ClusterPlace
from index.errors import (
    ClusterBucketsError,
    ClusterBusyError,
    ClusterClientMissingError,
    ClusterRefusedError,
    ClusterUnreachableError,
)

try:
    from opensearchpy import OpenSearch, Urllib3HttpConnection
    from opensearchpy.exceptions import ConnectionError as NoConnectionError
    from opensearchpy.exceptions import (
        ConnectionTimeout,
        NotFoundError,
        OpenSearchException,
        TransportError,
    )
    from opensearchpy.serializer import JSONSerializer
except ModuleNotFoundError as missing:  # an optional extra
    raise ClusterClientMissingError(str(missing)) from missing

__all__ = ["Body", "Cluster"]

Body = Mapping[str, Any]

TIMEOUT_S = 30.0
"""Seconds in which a node answers, if at all."""

SEARCH_S = 20.0
"""Seconds after which nodes end a search that nobody would wait for any longer."""

NO_INDEX = "no such index"
"""Stands in the reason of an error where an index is gone."""

_BUSY = frozenset({429, 502, 503, 504})  # a node that is full, or a cluster that lacks a shard or a manager
_RETRIES = 3
_EARLY = "a node ended its answer early"
# What is told, as an error of its own, where the node that was to answer for a shard has just gone.
_LEFT = re.compile(r"^(node_\w+|\w*transport|no_shard_available_action|shard_not_\w+)_exception|disconnected")
_TOO_LONG = "the search took too long, and was ended"


def _worth_a_line(record: logging.LogRecord) -> bool:
    """Whether a line of the library goes into the log; a request that failed is told by its error."""
    return record.module == "connection_pool"


logging.getLogger("opensearch").addFilter(_worth_a_line)


class _Serializer(JSONSerializer):  # type: ignore[misc,unused-ignore]
    """JSON by orjson; what it refuses, lone surrogates, is escaped by the standard library."""

    def dumps(self, data: Any) -> Any:
        return data if isinstance(data, str | bytes) else encoded(data)

    def loads(self, s: Any) -> Any:
        try:
            return orjson.loads(s)
        except orjson.JSONDecodeError:
            return json.loads(s)


def encoded(data: Any) -> str:
    """JSON on one line."""
    try:
        return orjson.dumps(data).decode()
    except TypeError:
        return json.dumps(data, ensure_ascii=True, separators=(",", ":"))


class Cluster:
    """The nodes of one cluster. May be used by several threads, and after a fork.

    Every method raises:
        ClusterUnreachableError: no node can be reached.
        ClusterBusyError: a shard or a manager is missing, too much is asked at once, or a node took the
            question and does not answer it in time; later it works.
        ClusterRefusedError: the cluster does not take what is asked.
    """

    def __init__(self, place: ClusterPlace, timeout_s: float = TIMEOUT_S, search_s: float = SEARCH_S) -> None:
        self.place = place
        self._timeout_s = timeout_s
        self._search: dict[str, Any] = {
            "allow_partial_search_results": False,
            "cancel_after_time_interval": f"{int(search_s * 1e6)}micros",
        }
        self._process = os.getpid()
        self._connected = self._connections()

    @property
    def _client(self) -> OpenSearch:
        """Connections of this very process: shared with the one it was forked from they mix up answers."""
        if self._process != os.getpid():
            self._process = os.getpid()
            self._connected = self._connections()
        return self._connected

    def _connections(self) -> OpenSearch:
        more: dict[str, Any] = {"ca_certs": self.place.ca} if self.place.ca else {}
        return OpenSearch(
            list(self.place.hosts),
            http_auth=self.place.login,
            verify_certs=True,
            serializer=_Serializer(),
            connection_class=Urllib3HttpConnection,
            timeout=self._timeout_s,
            max_retries=_RETRIES,
            retry_on_timeout=False,
            retry_on_status=(502, 504),
            http_compress=False,
            **more,
        )

    def ask(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        timeout_s: float | None = None,
        **params: Any,
    ) -> dict[str, Any]:
        """Ask one question; `params` are those of the URL.

        Returns:
            The answer's JSON.
        """
        told: dict[str, Any] = {k: _param(v) for k, v in params.items() if v is not None}
        if timeout_s is not None:
            told["request_timeout"] = timeout_s
        return _answer(self.place, self._performed(method, path, told, body))

    def _performed(self, method: str, path: str, params: dict[str, Any], body: Any) -> Any:
        """The answer as the client's library gives it; its errors as ours."""
        try:
            return self._client.transport.perform_request(method, path, params=params, body=body)
        except ConnectionTimeout as error:  # of a node that took the request: it may wait for a shard
            within_s = float(params.get("request_timeout", self._timeout_s))
            raise ClusterBusyError(str(self.place), f"no answer within {within_s:g} s") from error
        except NoConnectionError as error:
            raise ClusterUnreachableError(str(self.place), _reason(error)) from error
        except TransportError as error:
            raise _refused(self.place, method, path, error) from error
        except OpenSearchException as error:
            raise ClusterRefusedError(f"{method} {path}", 0, str(error)) from error
        except json.JSONDecodeError as error:
            raise ClusterBusyError(str(self.place), _EARLY) from error

    def exists(self, path: str) -> bool:
        """Whether there is something at a path."""
        return self.find("HEAD", path) is not None

    def find(self, method: str, path: str, body: Any = None, **params: Any) -> dict[str, Any] | None:
        """Ask for what may not be there; None where it is not."""
        try:
            found = self._performed(method, path, {k: _param(v) for k, v in params.items()}, body)
        except ClusterRefusedError as error:
            if isinstance(error.__cause__, NotFoundError):
                return None
            raise
        if method == "HEAD":
            return {} if found else None
        return _answer(self.place, found)

    def search(self, body: Body, *, index: str | None = None, **params: Any) -> dict[str, Any]:
        """Search; of all shards, or it is an error. Where the body names a point in time no index is named.

        Ranking is by the statistics of all shards.
        """
        path = "/_search" if "pit" in body else f"/{index or self.place.name}/_search"
        asked = {"search_type": "dfs_query_then_fetch", **self._search, **params}
        return whole(self.place, self.ask("POST", path, body, **asked))

    def searches(
        self, bodies: Sequence[Body], *, index: str | None = None, ranked: bool = True
    ) -> list[dict[str, Any]]:
        """Several searches in one request, answered in order; an error of one is raised.

        Args:
            bodies: of the searches.
            index: its name, where the bodies name no point in time.
            ranked: whether scores are by the statistics of all shards.
        """
        if not bodies:
            return []
        lines: list[str] = []
        for body in bodies:
            kind = "dfs_query_then_fetch" if ranked else "query_then_fetch"
            head: dict[str, Any] = {"search_type": kind, **self._search}
            if "pit" not in body:
                head["index"] = index or self.place.name
            lines += [encoded(head), encoded(body)]
        found = self.ask("POST", "/_msearch", "\n".join(lines) + "\n")
        return [whole(self.place, one) for one in found["responses"]]

    def bulk(self, lines: Iterable[str], *, index: str, count: int) -> list[dict[str, Any]]:
        """Write several documents; returns what became of each, refused ones as they are told of.

        Args:
            lines: that say what is done, and with what.
            index: its name.
            count: of documents; an answer that does not tell of each is none.
        """
        found = self.ask("POST", f"/{index}/_bulk", "\n".join(lines) + "\n", timeout_s=120.0)
        items = found.get("items", ())
        if len(items) != count:
            raise ClusterBusyError(str(self.place), _EARLY)
        return [next(iter(item.values())) for item in items]

    def close(self) -> None:
        """Let go of the connections."""
        self._client.close()


@lru_cache(maxsize=8)
def cluster_of(place: ClusterPlace) -> Cluster:
    """The process's connections to a place."""
    return Cluster(place)


def whole(place: ClusterPlace, answer: dict[str, Any]) -> dict[str, Any]:
    """An answer that all shards took part in.

    Raises:
        ClusterBusyError, ClusterRefusedError: it is an error, or lacks the part of a shard.
    """
    if "error" in answer:
        raise failure(place, "search", int(answer.get("status", 500)), answer["error"])
    shards = answer.get("_shards", {})
    if shards.get("failed") or answer.get("timed_out"):
        over = any(_over(str(one)) for one in shards.get("failures", ()))
        raise ClusterBusyError(str(place), _TOO_LONG if over else "a shard did not answer")
    return answer


def _answer(place: ClusterPlace, found: Any) -> dict[str, Any]:
    """The answer's JSON. A killed node may leave one without a body; that is no answer.

    Raises:
        ClusterBusyError: it has no JSON.
    """
    if not isinstance(found, dict):
        raise ClusterBusyError(str(place), _EARLY)
    return found


def _param(value: Any) -> Any:
    return ("true" if value else "false") if isinstance(value, bool) else value


def _refused(place: ClusterPlace, method: str, path: str, error: TransportError) -> Exception:
    status = error.status_code if isinstance(error.status_code, int) else 500
    told = error.info.get("error", error.error) if isinstance(error.info, dict) else error.error
    return failure(place, f"{method} {path}", status, told)


def failure(place: ClusterPlace, what: str, status: int, told: Any) -> ClusterBusyError | ClusterRefusedError:
    """What an error is that the cluster tells of; busy, where the same may succeed in a moment.

    Args:
        place: that was asked.
        what: was asked.
        status: of HTTP that it answered.
        told: the error, as it tells it.
    """
    reason = _told(told)
    if _over(str(told)):
        return ClusterBusyError(str(place), _TOO_LONG)
    if "too_many_buckets_exception" in str(told):  # which is a 503 there, and one for ever
        return ClusterBucketsError(what, status, reason)
    if status in _BUSY or _LEFT.search(reason):
        return ClusterBusyError(str(place), reason)
    return ClusterRefusedError(what, status, reason)


def _over(told: str) -> bool:
    """Whether a search was ended for the time it took."""
    return "task_cancelled_exception" in told


def _told(error: Any) -> str:
    """The innermost reason of an error as the cluster tells it."""
    if not isinstance(error, Mapping):
        return str(error)[:500]
    causes = error.get("root_cause") or []
    cause = causes[0] if causes else error.get("caused_by") or error
    return f"{cause.get('type', 'error')}: {cause.get('reason', '')}"[:500]


def _reason(error: TransportError) -> str:
    return str(error.error)[:300] or type(error).__name__
