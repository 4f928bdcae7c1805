"""A JSON object → documents: in which of the formats that are written in JSON is it?"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

from index.readers.base import Outcome, Source
from index.readers.jsonld import read_linked_data
from index.readers.ninjs import read_ninjs
from index.readers.records import read_record

Recogniser: TypeAlias = Callable[[dict[str, Any], Source, str, bytes], list[Outcome] | None]
"""Is offered an object, its source, its place and its bytes; answers None where it is another format."""

# A new format in JSON is a line here. What none of them knows is a record of JSON lines.
RECOGNISERS: tuple[Recogniser, ...] = (read_linked_data, read_ninjs)


def read_object(value: Any, source: Source, place: str, raw: bytes) -> Iterator[Outcome]:
    """Turn one parsed JSON value into documents; what is wrong with it comes as an InputError.

    Args:
        value: what `parse_json` gave.
        source: the file or post that it stands in.
        place: where in it, as a person is told: "news.jsonl:12".
        raw: the value as it stands in the source, for the identity of one without id and address.
    """
    if isinstance(value, dict):
        for recognise in RECOGNISERS:
            made = recognise(value, source, place, raw)
            if made is not None:
                yield from made
                return
    yield read_record(value, source, place, raw)
