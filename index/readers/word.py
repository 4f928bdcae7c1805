"""Word documents (.docx): one file, one article."""

from __future__ import annotations

import io
from collections.abc import Iterator
from typing import BinaryIO

from index.confined import extract
from index.errors import InputError, UnsupportedInputError
from index.model import Document, Metadata, ParagraphKind
from index.readers.base import MB, Outcome, Source, read_whole
from index.readers.blocks import lay_out
from index.readers.properties import file_time, sane_author, sane_date, sane_title
from index.readers.records import clean
from index.readers.zipsafe import open_zip

MAX_PART_BYTES = 32 * MB
MAX_PARTS_BYTES = 256 * MB
MAX_PARTS = 5000
WORD_MAIN = "word/document.xml"
_QUOTES = ("quote", "intense quote", "block text")


class WordReader:
    """Office Open XML as Word and others write it."""

    name = "word"
    suffixes = (".docx",)
    media_types = ("application/vnd.openxmlformats-officedocument.wordprocessingml.document",)

    def sniff(self, head: bytes) -> int:
        """A zip in which the main part is named near the beginning."""
        return 97 if head.startswith(b"PK\x03\x04") and WORD_MAIN.encode() in head else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the one document; its identity is the file's path, else its content.

        Raises:
            InputError: damaged, larger than a document is once unpacked, or it takes too long.
            UnsupportedInputError: there is no text in it.
        """
        data = read_whole(stream, source)
        _check_parts(data, source)
        found = extract("word", data, source.name)
        styled = [(style, clean(text)) for style, text in found["blocks"]]
        title = next((text for style, text in styled[:10] if style == "title"), None)
        headline = title or sane_title(clean(found["title"] or "")) or _first_heading(styled)
        blocks = [(_kind(style), text) for style, text in styled if style != "title" or text != title]
        text, spans = lay_out(headline, blocks)
        if not spans:
            raise UnsupportedInputError(source.name, "a Word document without text; pictures only?")
        made = file_time(found["created"])
        extra = {"created": made.isoformat() if made else None, "subject": clean(found["subject"] or "")}
        yield Document(
            identity=source.identity(data),
            source=source.name,
            format=self.name,
            text=text,
            metadata=Metadata(
                headline=headline,
                published=sane_date(found["created"], text),
                author=sane_author(clean(found["author"] or "")),
                extra={name: value for name, value in extra.items() if value},
            ),
            blocks=spans,
        )


def _check_parts(data: bytes, source: Source) -> None:
    """Look at the directory before anything is unpacked: sizes that it states bind whoever reads it."""
    with open_zip(io.BytesIO(data), source, MAX_PARTS) as package:
        parts = package.infolist()
    names = {part.filename for part in parts}
    if WORD_MAIN not in names and not any(name.startswith("word/document") for name in names):
        raise InputError(source.name, "not a Word document, though it is named so; send it as what it is")
    if sum(part.file_size for part in parts) > MAX_PARTS_BYTES or any(
        part.file_size > MAX_PART_BYTES for part in parts if part.filename.endswith((".xml", ".rels"))
    ):
        raise InputError(source.name, "a Word document that unpacks to more than any real one; split it")


def _first_heading(styled: list[tuple[str, str]]) -> str | None:
    return styled[0][1] if styled and styled[0][0] == "heading 1" else None


def _kind(style: str) -> ParagraphKind:
    if style.startswith(("heading", "subtitle", "title")):
        return "heading"
    if style in _QUOTES:
        return "quote"
    return "caption" if style == "caption" else "body"
