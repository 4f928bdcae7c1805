"""Bytes of any format → Documents. A format is one module with one Reader, registered here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.readers.base import Outcome, Reader, Source
from index.readers.encodings import why_binary
from index.readers.html import HtmlReader
from index.readers.jsonlines import JsonLinesReader
from index.readers.newsml import NewsmlReader
from index.readers.nitf import NitfReader
from index.readers.plaintext import PlainTextReader
from index.readers.streams import look_into
from index.readers.xmltree import is_xml, refuse_root, root_of

__all__ = ["READERS", "Outcome", "Reader", "Source", "choose_reader", "read_bytes", "read_stream"]

# A new format is a line here.
READERS: tuple[Reader, ...] = (
    JsonLinesReader(),
    NitfReader(),
    NewsmlReader(),
    HtmlReader(),
    PlainTextReader(),
)

# Content this sure of itself wins over a file's ending, and over text/plain.
_SURE = 70
_OTHER_SUFFIXES = {
    ".css": "a style sheet", ".js": "a script", ".mjs": "a script", ".csv": "a table", ".tsv": "a table",
    ".py": "a program", ".map": "a source map",
}  # fmt: skip


def read_stream(stream: BinaryIO, source: Source) -> Iterator[Outcome]:
    """Read one stream in whatever format it is, gzip opened.

    Args:
        stream: binary, at its start; need not be seekable.
        source: where it came from.

    Yields:
        A Document, or an InputError for what could not be taken; nothing is raised for
        bad input, and what was read before it stands.
    """
    try:
        head, whole = look_into(stream, source)
        yield from choose_reader(head, source).read(whole, source)
    except InputError as error:
        yield error
    except OSError as error:
        yield InputError(source.name, f"cannot be read ({error.strerror or error})")


def read_bytes(
    data: bytes | bytearray | memoryview, name: str, media_type: str | None = None
) -> Iterator[Outcome]:
    """Read what was posted.

    Args:
        data: the body.
        name: told to a person in place of a path.
        media_type: the request's Content-Type, parameters and all, or None to look inside.

    Yields:
        As `read_stream`. A document without id and address is named by its content.
    """
    kind, _, parameters = (media_type or "").partition(";")
    charset = next(
        (value.strip(" \"'") for key, _, value in (p.partition("=") for p in parameters.split(";"))
         if key.strip().lower() == "charset"), None,
    )  # fmt: skip
    source = Source(name, media_type=kind.strip().lower() or None, charset=charset)
    yield from read_stream(io.BytesIO(bytes(data)), source)


def choose_reader(head: bytes, source: Source) -> Reader:
    """Find the reader for some bytes: by media type, else by the file's ending, else by looking.

    Raises:
        UnsupportedInputError: empty, binary, or a format that no reader knows.
    """
    if not head.strip():
        raise UnsupportedInputError(source.name, "empty")
    binary = why_binary(head)
    if binary:
        raise UnsupportedInputError(source.name, f"{binary}; convert it to text, HTML or JSON lines")
    if source.suffix in _OTHER_SUFFIXES:
        raise UnsupportedInputError(
            source.name, f"{_OTHER_SUFFIXES[source.suffix]}, no format that is read here"
        )
    sure, sniffed = max(((reader.sniff(head), reader) for reader in READERS), key=lambda pair: pair[0])
    named = _by_name(source)
    if named and (named.name != "text" or sure < _SURE):
        return named
    if sniffed.name == "text" and is_xml(head):
        raise refuse_root(root_of(head), source.name)
    return sniffed


def _by_name(source: Source) -> Reader | None:
    for reader in READERS:
        if source.media_type in reader.media_types:
            return reader
    return next((reader for reader in READERS if source.suffix in reader.suffixes), None)
