"""The examples of the description: performed against the bundled sample, and written down.

Usage: python tests/examples.py --write

Performs every line of `api/examples.py` in order, against an index of the sample of its own, and writes the
answers to `api/examples.json`, from where they come into the description. Read the difference before
committing it.
"""

from __future__ import annotations

import contextlib
import json
import re
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from api.app import create_app
from api.examples import ANSWERS, EXAMPLES, answers
from api.settings import Settings
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.store import StoreWriter

KEY = "a-key-for-examples"
HEADERS = {"Authorization": f"Bearer {KEY}"}
VARYING = frozenset(
    "took_ms at started seen ended seconds score bytes generation added updated created used source document"
    .split()
)  # fmt: skip
"""Members of answers that are others each time, or elsewhere: their type is compared."""
SAMPLE = Path(__file__).parents[1] / "api" / "sample"


def sample(path: Path) -> Path:
    """An index of the bundled sample."""
    with contextlib.chdir(SAMPLE.parents[1]), StoreWriter(path.absolute()) as store:
        run(open_sources([str(SAMPLE.relative_to(Path.cwd()))]), store, Options(), Listener())
    return path


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


def perform(client: FlaskClient, method: str, path: str, told: Mapping[str, Any], name: str) -> TestResponse:
    """Make the request that an example of an operation describes."""
    given = {
        (p["in"], p["name"]): p["examples"][name]["value"]
        for p in told["parameters"]
        if name in p.get("examples", {})
    }
    address = re.sub(r"\{(\w+)\}", lambda m: str(given["path", m[1]]), path)
    query = {n: _text(value) for (place, n), value in given.items() if place == "query"}
    more: dict[str, Any] = {"query_string": query, "headers": HEADERS}
    for media_type, content in told.get("requestBody", {}).get("content", {}).items():
        if name in content.get("examples", {}):
            value = content["examples"][name]["value"]
            more |= {"data": _body(value), "content_type": media_type}
    answer = client.open(address, method=method.upper(), **more)
    # A process looks for a new commit now and then; the next example does not wait for it.
    client.application.extensions["dateline"]["engine"].close()
    return answer


def _text(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def _body(value: Any) -> str:
    return value if isinstance(value, str) else json.dumps(value)


def comparable(value: Any) -> Any:
    """An answer without what is another each time."""
    if isinstance(value, Mapping):
        return {k: type(v).__name__ if k in VARYING else comparable(v) for k, v in value.items()}
    return [comparable(v) for v in value] if isinstance(value, list) else value


def order(operation: str) -> int:
    """The place of an operation among the examples, in which they are performed."""
    return next((n for n, example in enumerate(EXAMPLES) if example.operation == operation), len(EXAMPLES))


def recorded(client: FlaskClient) -> dict[str, Any]:
    """The answer to each example that has one."""
    found: dict[str, Any] = {}
    for id_, method, path, told in sorted(described(client), key=lambda row: order(row[0])):
        for example in EXAMPLES:
            if example.operation != id_:
                continue
            answer = perform(client, method, path, told, example.name)
            if not 200 <= answer.status_code < 300:
                raise SystemExit(f"{example}: {answer.status_code} {answer.text}")
            if answer.data:
                found[f"{id_} {example.name}"] = answer.get_json() if answer.is_json else answer.text
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
