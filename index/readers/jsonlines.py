"""JSON lines: one article a line; also a JSON file with one article or an array of them.

Every object is offered to the recognisers of `index.readers.objects` first. Else its fields,
all but the text optional: `id`, `headline` (or `title`), `published` (or
`date`), `author` (a string or a list), `publisher`, `url`, and `text` or
`paragraphs[]`. Every other field is kept in `Metadata.extra`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.readers import base
from index.readers.base import MB, Outcome, Source
from index.readers.encodings import decode
from index.readers.objects import read_object
from index.readers.records import parse_json

_SKIP_CHUNK = MB
_LINES_SUFFIXES = (".jsonl", ".ndjson", ".jsonlines")
_LINES_TYPES = ("application/jsonl", "application/x-ndjson", "application/x-jsonlines")


class JsonLinesReader:
    """Articles as JSON objects, streamed line by line from a file of any size."""

    name = "jsonlines"
    suffixes = (*_LINES_SUFFIXES, ".json", ".jsonld")
    media_types = (
        *_LINES_TYPES,
        "application/json",
        "application/ld+json",
        "application/ninjs+json",
        "application/vnd.iptc.ninjs+json",
    )

    def sniff(self, head: bytes) -> int:
        """An object, or an array of objects, at the very beginning."""
        start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
        if start.startswith(b"{"):
            return 80 if start[1:].lstrip()[:1] in (b'"', b"}") else 0
        return 60 if start.startswith(b"[") and start[1:].lstrip().startswith(b"{") else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield a document or an error for each record.

        Raises:
            InputError: a file that must be held whole is larger than `base.MAX_DOCUMENT_BYTES`.
            UnsupportedInputError: nothing in it but white space.
        """
        lines = _lines(stream)
        first = next(lines, None)
        if first is None:
            raise UnsupportedInputError(source.name, "empty")
        number, line = first
        if line is not None and not _says_lines(source) and _is_part(line):
            below, second = next(lines, (number, b""))
            # What ends in one of these goes on in the next line, whatever that begins with.
            goes_on = line.lstrip().startswith(b"[") or line.rstrip().endswith((b"[", b"{", b",", b":"))
            if goes_on or not (second or b"").lstrip().startswith(b"{"):
                yield from _read_whole(line + (second or b""), stream, source)
                return
            # A broken line, and another object under it: lines after all.
            yield from _read_line(number, line, source)
            number, line = below, second
        yield from _read_line(number, line, source)
        for number, line in lines:
            yield from _read_line(number, line, source)


def _lines(stream: BinaryIO) -> Iterator[tuple[int, bytes | None]]:
    """Number the lines from 1, pass over blank ones; None for one that is too long."""
    number = 0
    limit = base.MAX_LINE_BYTES
    while line := stream.readline(limit + 1):
        number += 1
        if len(line) > limit and not line.endswith(b"\n"):
            _skip_line(stream)
            yield number, None
            continue
        if number == 1:
            line = line.removeprefix(b"\xef\xbb\xbf")
        if line.strip():
            yield number, line


def _skip_line(stream: BinaryIO) -> None:
    while chunk := stream.readline(_SKIP_CHUNK):
        if chunk.endswith(b"\n"):
            return


def _read_line(number: int, line: bytes | None, source: Source) -> Iterator[Outcome]:
    place = f"{source.name}:{number}"
    if line is None:
        limit = base.MAX_LINE_BYTES // MB
        yield InputError(place, f"the line is longer than {limit} MB; is it one article?")
        return
    try:
        record = parse_json(decode(line) if line.startswith((b"\xff\xfe", b"\xfe\xff")) else _utf8(line))
    except ValueError as error:
        yield InputError(place, str(error))
        return
    yield from read_object(record, source, place, line)


def _utf8(line: bytes) -> str:
    """JSON is UTF-8; one bad byte must not cost the article, an old encoding neither."""
    try:
        return line.decode("utf-8")
    except UnicodeDecodeError:
        return decode(line)


def _says_lines(source: Source) -> bool:
    """Say whether the name or the sender states lines, and leaves nothing to be guessed."""
    return source.suffix in _LINES_SUFFIXES or source.media_type in _LINES_TYPES


def _is_part(line: bytes) -> bool:
    """Say whether a first line is only the beginning of one JSON value (pretty-printed, an array)."""
    start = line.lstrip()[:1]
    if start == b"[":
        return True
    if start != b"{":
        return False
    try:
        json.loads(line)
    except (ValueError, RecursionError):
        # A broken line of many is told from the beginning of one object by what closes it.
        return not line.rstrip().endswith(b"}")
    return False


def _read_whole(line: bytes, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
    limit = base.MAX_DOCUMENT_BYTES
    data = line + stream.read(limit + 1 - min(len(line), limit))
    if len(data) > limit:
        raise InputError(source.name, f"larger than {limit // MB} MB of JSON; turn it into JSON lines")
    try:
        value = parse_json(_utf8(data))
    except ValueError as error:
        raise InputError(source.name, str(error)) from error
    if not isinstance(value, list):
        yield from read_object(value, source, source.name, data)
        return
    for number, record in enumerate(value, 1):
        raw = json.dumps(record, sort_keys=True).encode() if isinstance(record, dict) else b""
        yield from read_object(record, source, f"{source.name}[{number}]", raw)
