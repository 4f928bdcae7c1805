"""Requests of every kind that the description allows and forbids, sent to a server of the sample.

Usage: python tests/fuzz.py [EXAMPLES]

EXAMPLES requests of each operation and kind (500), and chains of operations, by schemathesis, over a real
connection. Each failure is told with the request that makes it; the exit status is 1 if there is any.
"""

from __future__ import annotations

import sys
import tempfile
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import schemathesis
from examples import HEADERS, KEY, sample
from flask import Flask
from schemathesis.config import SchemathesisConfig
from schemathesis.engine import events, from_schema
from werkzeug.serving import WSGIRequestHandler, make_server

from api.app import create_app
from api.settings import Settings

SEED = 20_150_303
_TAKEN = ["2xx", "3xx", "401", "403", "404", "409", "429"]
# What no schema can say: whether a body holds text, and whether one day lies before another.
_OPERATIONS = [
    {
        "include-operation-id": "add_documents",
        "checks": {"positive_data_acceptance": {"expected-statuses": [*_TAKEN, "422"]}},
    }
]
_PAIRS = (("published_from", "published_to"), ("mentioned_from", "mentioned_to"))


def application(index: Path) -> Flask:
    """A server of an index that takes any number of requests, right keys and wrong ones."""
    return create_app(Settings(index=index, api_key=KEY, rate=None, rate_write=None, rate_keys=None))


def configuration(examples: int, *, chains: bool) -> SchemathesisConfig:
    """The same requests at each run."""
    generation = {"max-examples": examples, "deterministic": True, "database": "none"}
    told: dict[str, Any] = {"seed": SEED, "headers": HEADERS, "generation": generation}
    phases = {"stateful": {"enabled": chains}}
    return SchemathesisConfig.from_dict({**told, "operations": _OPERATIONS, "phases": phases})


@schemathesis.hook
def before_call(context: Any, case: Any, kwargs: Any) -> None:
    """Of the requests that should be taken, make those that no schema can tell from others."""
    query = case.query
    if not query or case.meta is None or not case.meta.generation.mode.is_positive:
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


def failures(app: Flask, examples: int, *, chains: bool) -> list[str]:
    """Send them, and tell what failed, each with its request.

    Args:
        app: what they are sent to.
        examples: requests of each operation, beside those that the schema's edges make.
        chains: also operations one after the other, as their answers lead to each other.
    """
    found: dict[str, str] = {}
    with _served(app) as address:
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
