"""The examples of the description: performed against the bundled sample, and written down.

Usage: python tests/examples.py --write

Performs every line of `api/examples.py` in order, against an index of the sample of its own, and writes the
answers to `api/examples.json`, from where they come into the description. Read the difference before
committing it.
"""

from __future__ import annotations

import contextlib
import io
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any
from unittest import mock

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.courier import Courier
from api.errands import Matching, SavedMatches
from api.examples import ANSWERS, EXAMPLES, Example, answer_to, answers, resolved
from api.options import archive_of
from api.settings import Settings
from index import fetching
from index.archive import Archive
from index.deliveries import Job
from index.deliveries import Outcome as Delivered
from index.errors import InputError
from index.lease import utc_now
from index.pipeline import Listener, Options, run
from index.readers import Outcome
from index.readers.sources import open_sources
from index.shelf import Shelf
from index.store import StoreWriter

KEY = "a-key-for-examples"
HEADERS = {"Authorization": f"Bearer {KEY}"}
VARYING = frozenset(
    "took_ms at started seen ended seconds score bytes generation added updated created used source document"
    " secret meaning outlook".split()
)  # fmt: skip
"""Members of answers that are others each time, or elsewhere: their type is compared."""
_TIME = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(Z|[+-]\d\d:\d\d)")
_MAKE_IDS = frozenset({"save_search", "addAlert", "matches", "testAlert", "deliveries"})
_SOMEWHERE = "93.184.215.14"  # where the examples' names are said to be; nothing is sent there
SAMPLE = Path(__file__).parents[1] / "api" / "sample"


def sample(path: Path) -> Path:
    """An index of the bundled sample, with the same ids wherever the sample lies."""
    with contextlib.chdir(SAMPLE.parents[1]), StoreWriter(path.absolute()) as store:
        found = open_sources([str(SAMPLE.relative_to(Path.cwd()))])
        placed = (_placed(outcome) for outcome in found)
        run(placed, store, Options(), Listener(), Shelf(Archive(path.absolute())))
    return path


def _placed(outcome: Outcome) -> Outcome:
    """A file's document goes by its path: here by one that is the same everywhere."""
    if isinstance(outcome, InputError):
        return outcome
    return replace(outcome, identity=outcome.identity.replace(SAMPLE.as_uri(), "file:///sample"))


def served(path: Path, **more: Any) -> FlaskClient:
    """A client of an index, whose every request has a key."""
    return create_app(Settings(index=path, api_key=KEY, **more)).test_client()


def described(client: FlaskClient) -> Iterator[tuple[str, str, str, dict[str, Any]]]:
    """Operations: id, method, path, and what is said of them with the path's own parameters."""
    for path, operations in client.get("/api/v1/openapi.json").get_json()["paths"].items():
        shared = operations.get("parameters", [])
        for method, told in operations.items():
            if method != "parameters":
                own = told.get("parameters", [])
                named = {(p["in"], p["name"]) for p in own}
                both = [*own, *(p for p in shared if (p["in"], p["name"]) not in named)]
                yield told["operationId"], method, path, {**told, "parameters": both}


def names(told: Mapping[str, Any]) -> set[str]:
    """The examples of an operation: those that its parameters, its body or its answer have."""
    places = [*told["parameters"], *told.get("requestBody", {}).get("content", {}).values()]
    for status, answer in told["responses"].items():
        places += answer.get("content", {}).values() if status.startswith("2") else ()
    return {name for place in places for name in place.get("examples", {})}


class Performer:
    """Makes the requests of the examples, one after the other; ids that are new each time are remembered.

    Args:
        client: of a server that nothing was written to yet.
    """

    def __init__(self, client: FlaskClient) -> None:
        self._client = client
        self._given: dict[str, Any] = {}
        self._ids: dict[str, str] = {}

    def perform(self, method: str, path: str, told: Mapping[str, Any], example: Example) -> TestResponse:
        """Make the request that an example of an operation describes."""
        if example.courier:
            self._deliver()
        given = {
            (p["in"], p["name"]): self._new(p["examples"][example.name]["value"], example.given[p["name"]])
            for p in told["parameters"]
            if example.name in p.get("examples", {})
        }
        address = re.sub(r"\{(\w+)\}", lambda m: str(given["path", m[1]]), path)
        query = {n: _text(value) for (place, n), value in given.items() if place == "query"}
        more: dict[str, Any] = {"query_string": query, "headers": HEADERS}
        for media_type, content in told.get("requestBody", {}).get("content", {}).items():
            if example.name in content.get("examples", {}):
                value = self._new(content["examples"][example.name]["value"], example.body)
                more |= {"data": _body(value), "content_type": media_type}
        with mock.patch.object(fetching, "resolve", lambda host, port: [_SOMEWHERE]):
            answer = self._client.open(address, method=method.upper(), **more)
        self._note(example, answer)
        # A process looks for a new commit now and then; the next example does not wait for it.
        self._client.application.extensions["dateline"]["engine"].close()
        return answer

    def found(self, answer: TestResponse) -> Any:
        """What was answered, with the ids that were recorded in place of the new ones."""
        value = answer.get_json() if answer.is_json else answer.text
        return _replaced(value, self._ids)

    def _new(self, described: Any, written: Any) -> Any:
        """What an example's line takes from an answer before, it takes from the one that was given now."""
        asked: list[str] = []
        found = resolved(written, lambda operation: asked.append(operation) or self._given[operation])
        return found if asked else described

    def _note(self, example: Example, answer: TestResponse) -> None:
        if not answer.is_json:
            return
        found = answer.get_json()
        self._given.setdefault(example.operation, found)
        if example.operation in _MAKE_IDS:
            ids, old = _ids(found), _ids(answer_to(example))
            self._ids.update(zip(ids, old, strict=True) if len(old) == len(ids) else ())

    def _deliver(self) -> None:
        """A round of the courier, a little later, with receivers that take everything."""
        settings = self._client.application.extensions["dateline"]["settings"]

        def taken(job: Job, settings: Settings, now: datetime) -> Delivered:
            return Delivered("delivered", 204, "204", 0.1)

        def later() -> datetime:
            return utc_now() + timedelta(minutes=2)

        courier = Courier(settings, (Matching(),), SavedMatches(archive_of(settings)), later, taken)
        with contextlib.redirect_stderr(io.StringIO()), contextlib.redirect_stdout(io.StringIO()):
            courier.once()
        courier.leave()


def _ids(answer: Any) -> list[str]:
    """Every id that an answer gives."""
    if isinstance(answer, list):
        return [id_ for one in answer for id_ in _ids(one)]
    if not isinstance(answer, Mapping):
        return []
    own = [answer[name] for name in ("id", "entry") if name in answer]
    return [*own, *(id_ for name, value in answer.items() if name != "article" for id_ in _ids(value))]


def _replaced(value: Any, ids: Mapping[str, str]) -> Any:
    if isinstance(value, str):
        for old, new in ids.items():
            value = value.replace(old, new)
        return value
    if isinstance(value, Mapping):
        return {name: _replaced(one, ids) for name, one in value.items()}
    return [_replaced(one, ids) for one in value] if isinstance(value, list) else value


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _body(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def comparable(value: Any) -> Any:
    """An answer without what is another each time."""
    if isinstance(value, Mapping):
        return {k: type(v).__name__ if k in VARYING else comparable(v) for k, v in value.items()}
    if isinstance(value, str) and _TIME.fullmatch(value):
        return "a time"
    return [comparable(v) for v in value] if isinstance(value, list) else value


def recorded(client: FlaskClient) -> dict[str, Any]:
    """The answer to each example that has one."""
    found: dict[str, Any] = {}
    operations = {id_: rest for id_, *rest in described(client)}
    performer = Performer(client)
    for example in EXAMPLES:
        method, path, told = operations[example.operation]
        answer = performer.perform(method, path, told, example)
        if not 200 <= answer.status_code < 300:
            raise SystemExit(f"{example}: {answer.status_code} {answer.text}")
        if answer.data:
            found[f"{example.operation} {example.name}"] = performer.found(answer)
    return found


def _main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        found = recorded(served(sample(Path(folder) / "index")))
    for name, value in answers().items():  # what is the same but for its times stays as it is
        if name in found and comparable(found[name]) == comparable(value):
            found[name] = value
    text = json.dumps(found, indent=1, ensure_ascii=False) + "\n"
    if "--write" in sys.argv:
        ANSWERS.write_text(text, "utf-8")
    else:
        sys.stdout.write(text)


if __name__ == "__main__":
    _main()
