"""Plain text: one file, one document; `index.articles` finds the articles in it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from index.errors import UnsupportedInputError
from index.model import Document
from index.readers.base import Outcome, Source, read_whole
from index.readers.encodings import decode


class PlainTextReader:
    """Text without markup, in any encoding."""

    name = "text"
    suffixes = (".txt", ".text", ".asc")
    media_types = ("text/plain",)

    def sniff(self, head: bytes) -> int:
        """Anything that is not binary can be text; every other format is surer."""
        return 1 if head.strip() else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the one document; its identity is the file's path, else its content.

        Raises:
            InputError: larger than `base.MAX_DOCUMENT_BYTES`.
            UnsupportedInputError: nothing in it but white space.
        """
        data = read_whole(stream, source)
        text = decode(data, source.charset)
        if not text.strip("\ufeff \t\r\n\f\v\u00a0\u200b"):
            raise UnsupportedInputError(source.name, "empty")
        yield Document(identity=source.identity(data), source=source.name, format=self.name, text=text)
