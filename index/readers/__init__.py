"""Bytes of any format → Documents. A format is one module with one Reader, registered here."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.readers.archives import ZipReader
from index.readers.base import Outcome, Reader, Source
from index.readers.encodings import why_binary
from index.readers.feeds import FeedReader
from index.readers.html import HtmlReader
from index.readers.jsonlines import JsonLinesReader
from index.readers.markdown import MarkdownReader
from index.readers.newsml import NewsmlReader
from index.readers.nitf import NitfReader
from index.readers.pdf import PdfReader
from index.readers.plaintext import PlainTextReader
from index.readers.streams import counted, look_into
from index.readers.table import TableReader
from index.readers.word import WordReader
from index.readers.xmlroot import is_xml, xml_root
from index.readers.xmltree import KNOWN_ROOTS, refuse_root

__all__ = [
    "READERS",
    "Outcome",
    "Reader",
    "Source",
    "choose_reader",
    "is_read",
    "is_vague",
    "media_types",
    "read_bytes",
    "read_stream",
]

# A new format is a line here.
READERS: tuple[Reader, ...] = (
    JsonLinesReader(),
    NitfReader(),
    NewsmlReader(),
    HtmlReader(),
    FeedReader(),
    MarkdownReader(),
    TableReader(),
    PdfReader(),
    WordReader(),
    ZipReader(lambda stream, source: _read(stream, source)),  # noqa: PLW0108 - it is defined below
    PlainTextReader(),
)

# Content this sure of itself wins over a file's ending, and over text/plain.
_SURE = 70
# These begin with a signature of their own, which wins over whatever their name or sender says.
_BINARY = ("pdf", "word", "zip")
_SIGNED = 90
# What senders say who do not know, or of XML in general: such a body is looked into.
_VAGUE_TYPES = frozenset((
    "", "application/octet-stream", "binary/octet-stream", "application/x-www-form-urlencoded", "text/*",
    "*/*", "application/xml", "text/xml", "application/x-download", "application/force-download",
    "application/unknown", "application/gzip", "application/x-gzip",
))  # fmt: skip
_OTHER_SUFFIXES = {
    ".css": "a style sheet", ".js": "a script", ".mjs": "a script",
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
    yield from _read(counted(stream, source.allowance), source)


def _read(stream: BinaryIO, source: Source) -> Iterator[Outcome]:
    try:
        head, whole = look_into(stream, source)
        yield from choose_reader(head, source).read(whole, source)
    except InputError as error:
        yield error
    except OSError as error:
        yield InputError(source.name, f"cannot be read ({error.strerror or error})")


def media_types() -> tuple[str, ...]:
    """All media types that are read, the readers in order, each type once."""
    return tuple(dict.fromkeys(name for reader in READERS for name in reader.media_types))


def is_read(media_type: str | None) -> bool:
    """Say whether a Content-Type is one that is read, or so vague that the body is looked into."""
    return is_vague(media_type) or _kind(media_type) in media_types()


def is_vague(media_type: str | None) -> bool:
    """Say whether a Content-Type tells nothing of the format."""
    return _kind(media_type) in _VAGUE_TYPES


def _kind(media_type: str | None) -> str:
    return (media_type or "").partition(";")[0].strip().lower()


def read_bytes(
    data: bytes | bytearray | memoryview, name: str, media_type: str | None = None, suffix: str = ""
) -> Iterator[Outcome]:
    """Read what was posted.

    Args:
        data: the body.
        name: told to a person in place of a path.
        media_type: the request's Content-Type, parameters and all, or None to look inside.
        suffix: of the file's name, if it came with one; lower case with the dot.

    Yields:
        As `read_stream`. A document without id and address is named by its content.
    """
    _, _, parameters = (media_type or "").partition(";")
    charset = next(
        (value.strip(" \"'") for key, _, value in (p.partition("=") for p in parameters.split(";"))
         if key.strip().lower() == "charset"), None,
    )  # fmt: skip
    source = Source(name, media_type=_kind(media_type) or None, charset=charset, suffix=suffix)
    yield from read_stream(io.BytesIO(bytes(data)), source)


def choose_reader(head: bytes, source: Source) -> Reader:
    """Find the reader for some bytes: by media type, else by the file's ending, else by looking.

    Raises:
        UnsupportedInputError: empty, binary, or a format that no reader knows.
    """
    if not head.strip():
        raise UnsupportedInputError(source.name, "empty")
    sure, sniffed = max(((reader.sniff(head), reader) for reader in READERS), key=lambda pair: pair[0])
    named = _by_name(source)
    if sniffed.name in _BINARY and sure >= _SIGNED:
        # A Word document is a zip: which of the two it is, the name knows as well.
        return named if named and named.name in _BINARY and sniffed.name != "pdf" else sniffed
    binary = why_binary(head)
    if binary:
        raise UnsupportedInputError(source.name, f"{binary}; convert it to text, HTML or JSON lines")
    if source.suffix in _OTHER_SUFFIXES:
        raise UnsupportedInputError(
            source.name, f"{_OTHER_SUFFIXES[source.suffix]}, no format that is read here"
        )
    if named and (named.name != "text" or sure < _SURE):
        return named
    if sniffed.name == "text" and (is_xml(head) or xml_root(head) in KNOWN_ROOTS):
        raise refuse_root(xml_root(head), source.name)
    return sniffed


def _by_name(source: Source) -> Reader | None:
    for reader in READERS:
        if source.media_type in reader.media_types:
            return reader
    return next((reader for reader in READERS if source.suffix in reader.suffixes), None)
