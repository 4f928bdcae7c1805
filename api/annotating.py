"""`dateline annotate`: JSON lines in, JSON lines out."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import date
from typing import Any, BinaryIO

import click

from api.render import date_json, entity_json
from api.terminal import json_text
from index.annotate import Annotation, Text, annotate


def annotate_lines(stream: BinaryIO, model: str | None) -> int:
    """Annotate each line and print it; a bad line is named on standard error and answered empty.

    Returns:
        The exit status: 1 when some line was bad.
    """
    bad: list[int] = []
    for found in annotate(_texts(stream, bad), model):
        click.echo(json_text(_line(found)))
    return 1 if bad else 0


def _line(found: Annotation) -> dict[str, Any]:
    return {
        "id": found.id,
        "dates": [date_json(d) for d in found.dates],
        "entities": [entity_json(e) for e in found.entities],
    }


def _texts(stream: BinaryIO, bad: list[int]) -> Iterator[Text]:
    for number, line in enumerate(stream, start=1):
        if not line.strip():
            continue
        try:
            yield _text(json.loads(line))
        except (ValueError, TypeError, KeyError, AttributeError, RecursionError) as error:
            bad.append(number)
            click.echo(f"line {number}: {_reason(error)}", err=True)
            yield Text(None, "", None)


def _reason(error: Exception) -> str:
    if isinstance(error, json.JSONDecodeError | UnicodeDecodeError):
        return f"not JSON ({error})"
    if isinstance(error, KeyError):
        return "`text` is missing"
    if isinstance(error, AttributeError):
        return "not a JSON object with `text`"
    return "nested too deeply" if isinstance(error, RecursionError) else str(error)


def _text(record: dict[str, Any]) -> Text:
    if not isinstance(record["text"], str):
        raise TypeError("`text` must be a string")
    return Text(record.get("id"), record["text"], _day(record.get("published")))


def _day(value: object) -> date | None:
    if value is None or value == "":
        return None
    if not isinstance(value, str):
        raise TypeError("`published` must be an ISO 8601 day")
    return date.fromisoformat(value[:10])
