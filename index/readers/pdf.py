"""PDF: one file, one article. What is written in it, not what is pictured."""

from __future__ import annotations

from collections.abc import Iterator
from typing import BinaryIO

from index.confined import extract
from index.errors import InputError, UnsupportedInputError
from index.model import Document, Metadata
from index.readers.base import Outcome, Source, read_whole
from index.readers.blocks import lay_out
from index.readers.pdflines import paragraphs_of
from index.readers.properties import file_time, sane_author, sane_date, sane_title
from index.readers.records import clean

_SIGNATURE = b"%PDF-"
_SIGNATURE_WITHIN = 1024  # as Acrobat has it


class PdfReader:
    """Text of a PDF by its places on the page."""

    name = "pdf"
    suffixes = (".pdf",)
    media_types = ("application/pdf", "application/x-pdf")

    def sniff(self, head: bytes) -> int:
        """The signature, with little before it."""
        if head.startswith(_SIGNATURE):
            return 100
        return 95 if _SIGNATURE in head[:_SIGNATURE_WITHIN] and b"\0" in head else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield the one document; its identity is the file's path, else its content.

        Raises:
            InputError: larger than `base.MAX_DOCUMENT_BYTES`, damaged, encrypted, or it takes too long.
            UnsupportedInputError: pictures of text alone.
        """
        data = read_whole(stream, source)
        if _SIGNATURE not in data[:_SIGNATURE_WITHIN]:
            raise InputError(source.name, "not a PDF, though it is named so; send it as what it is")
        found = extract("pdf", data, source.name)
        largest, blocks = paragraphs_of(
            [[[clean(t), x, y, s] for t, x, y, s in page] for page in found["pages"]]
        )
        headline = sane_title(clean(found["title"] or "")) or largest
        text, spans = lay_out(headline, [(kind, part) for kind, part in blocks if part])
        if not blocks and not largest:
            raise UnsupportedInputError(
                source.name, "a PDF of pictures, without text; have its text recognised (OCR) first"
            )
        made = file_time(found["created"])
        extra = {"created": made.isoformat() if made else None, "unread_pages": found["unread"] or None}
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
