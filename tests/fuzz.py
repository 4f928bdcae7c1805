"""Requests of every kind that the description allows and forbids, sent to a server of the sample.

Usage: python tests/fuzz.py [EXAMPLES]

EXAMPLES requests of each operation and kind (500), and chains of operations, by schemathesis, over a real
connection. Each failure is told with the request that makes it; the exit status is 1 if there is any.
"""

from __future__ import annotations

import itertools
import sys
import tempfile
import threading
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from unittest import mock

import schemathesis
from examples import HEADERS, KEY, sample
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from api.app import create_app
from api.options import archive_of
from api.settings import Settings
from index import fetching
from index.archive import Archive
from index.channels import Channels
from index.deliveries import Deliveries, Outcome
from index.lease import utc_now
from index.saved import SavedSearches

SEED = 20_150_303
_TAKEN = ["2xx", "3xx", "401", "403", "404", "409", "429"]
# What no schema can say: whether a body holds text, whether an address may be posted to, and whether
# one day lies before another.
_OPERATIONS = [
    {
        "include-operation-id": operation,
        "checks": {"positive_data_acceptance": {"expected-statuses": [*_TAKEN, "422"]}},
    }
    for operation in ("add_documents", "addAlert")
]
_PAIRS = (("published_from", "published_to"), ("mentioned_from", "mentioned_to"))


def application(index: Path) -> Flask:
    """A server of an index that takes any number of requests, right keys and wrong ones.

    It has no courier, and no name has an address: nothing is ever sent.
    """
    return create_app(Settings(index=index, api_key=KEY, rate=None, rate_write=None, rate_keys=None))


class Held:
    """Ids of what there is in an archive, which nobody guesses; what was removed is made anew."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._saved = SavedSearches(archive)
        self._channels = Channels(archive)
        self._count = itertools.count()
        self._ids: Mapping[str, Callable[[], str]] = {
            "search_id": self.search, "alert_id": self.alert, "delivery_id": self.delivery
        }  # fmt: skip

    def search(self) -> str:
        """A saved search."""
        found = self._saved.all()
        return (found[0] if found else self._saved.create("Dam", "anna", "q=dam")).id

    def alert(self) -> str:
        """An alert that is on."""
        found = [channel for channel in self._channels.all() if channel.on]
        return found[0].id if found else self._webhook()

    def _webhook(self) -> str:
        target = f"https://cms.example/{next(self._count)}"
        return self._channels.add((self.search(), "Dam"), "webhook", target, "at once", "anna")[0].id

    def delivery(self) -> str:
        """A message that waits, or one that was taken."""
        deliveries = Deliveries(self._archive)
        id_ = deliveries.test(self._channels.one(self.alert()), utc_now())
        if next(self._count) % 2:
            for job in deliveries.claim(utc_now(), 1, id_):
                deliveries.settle(job, Outcome("delivered", 204, "204"), utc_now())
        return id_

    def put(self, case: Any) -> None:
        """Make every other request one about something that there is."""
        if next(self._count) % 2:
            return
        for name in self._ids.keys() & set(case.path_parameters or ()):
            case.path_parameters[name] = self._ids[name]()
        if isinstance(case.body, dict) and case.operation.definition.raw.get("operationId") == "addAlert":
            case.body["search"] = self.search()


def configuration(examples: int, *, chains: bool) -> SchemathesisConfig:
    """The same requests at each run."""
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    told: dict[str, Any] = {"seed": SEED, "headers": HEADERS, "generation": generation}
    phases = {"stateful": {"enabled": chains}}
    return SchemathesisConfig.from_dict({**told, "operations": _OPERATIONS, "phases": phases})


_held: list[Held] = []


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Of the requests that should be taken, make those that no schema can tell from others."""
    if case.meta is None or not case.meta.generation.mode.is_positive:
        return
    if _held:
        _held[-1].put(case)
    query = case.query
    if not query:
        return
    query.pop("cursor", None)  # an answer gives it
    for first, last in _PAIRS:
        if first in query and last in query:
            query.pop(last)


@contextmanager
def _served(app: Flask) -> Iterator[str]:
    class Quiet(WSGIRequestHandler):
        def log(self, *_: object) -> None:
            pass

    server = make_server("127.0.0.1", 0, app, request_handler=Quiet)
    thread = threading.Thread(target=server.serve_forever, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}/api/v1/openapi.json"
    finally:
        server.shutdown()
        thread.join(20)
        server.server_close()


@contextmanager
def _nothing_is_sent() -> Iterator[None]:
    with mock.patch.object(fetching, "resolve", side_effect=OSError("no name has an address here")):
        yield


def failures(app: Flask, examples: int, *, chains: bool) -> list[str]:
    """Send them, and tell what failed, each with its request.

    Args:
        app: what they are sent to.
        examples: requests of each operation, beside those that the schema's edges make.
        chains: also operations one after the other, as their answers lead to each other.
    """
    found: dict[str, str] = {}
    with _served(app) as address, _nothing_is_sent():
        _held[:] = [Held(archive_of(app.extensions["dateline"]["settings"]))]
        config = configuration(examples, chains=chains)
        schema = schemathesis.openapi.from_url(address, config=config, headers=HEADERS)
        for event in from_schema(schema).execute():
            if isinstance(event, events.NonFatalError | events.FatalError):
                found[f"{event}"] = ""
            elif isinstance(event, events.ScenarioFinished):
                found.update(_failed(event))
    return [f"{what}\n{request[:2_000]}" for what, request in sorted(found.items())]


def _failed(event: Any) -> dict[str, str]:
    return {
        f"{event.recorder.label}: {check.name}\n{str(info.failure)[:500]}": info.code_sample
        for checks in event.recorder.checks.values()
        for check in checks
        if (info := check.failure_info) is not None
    }


def main(examples: int) -> int:
    """Fuzz a server of the sample."""
    with tempfile.TemporaryDirectory() as folder:
        found = failures(application(sample(Path(folder) / "index")), examples, chains=True)
    print("\n\n".join([*found, f"{len(found)} failures"]))
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(int(sys.argv[1]) if len(sys.argv) > 1 else 500))
