"""Our segments in Whoosh's frame: what its table of contents holds of them."""

from __future__ import annotations

import secrets
from importlib import import_module
from pathlib import Path
from typing import Any

from whoosh.codec.base import Codec, Segment

from index.columns.files import Sums
from index.columns.layout import FORMAT


class ColumnsSegment(Segment):  # type: ignore[misc,unused-ignore]
    """One segment of a commit; pickled into the table of contents, plain values only.

    Attributes:
        format: version of its arrays.
        rows: paragraphs, deleted ones included.
        sums: bytes and CRC-32 of each file, by the array's name.
        deletions: name of the file that marks deleted paragraphs, or None; each commit that
            deletes writes a new one, so that older readers keep theirs.
        deleted: how many are deleted.
    """

    def __init__(self, indexname: str) -> None:
        super().__init__(indexname)
        self.format = FORMAT
        self.rows = 0
        self.sums: Sums = {}
        self.deletions: str | None = None
        self.deletions_sum: tuple[int, int] = (0, 0)
        self.deleted = 0

    @classmethod
    def _random_id(cls, size: int = 16) -> str:
        # Whoosh's own comes from `random`, which a program that seeds it makes to come again: the
        # files of a segment would be those of another one.
        return secrets.token_hex(size // 2)

    def codec(self) -> ColumnsCodec:
        """What reads it."""
        return ColumnsCodec()

    def file(self, folder: Path, array: str) -> Path:
        """Where an array lies."""
        return folder / f"{self.segment_id()}.{array}.npy"

    def files(self) -> list[str]:
        """Names of all its files."""
        own = [f"{self.segment_id()}.{array}.npy" for array in self.sums]
        return own if self.deletions is None else [*own, self.deletions]

    def doc_count_all(self) -> int:
        """Paragraphs, deleted ones included."""
        return self.rows

    def deleted_count(self) -> int:
        """Deleted paragraphs."""
        return self.deleted

    def should_assemble(self) -> bool:
        """Whoosh may not pack its files into one: they are mapped."""
        return False


class ColumnsCodec(Codec):  # type: ignore[misc,unused-ignore]
    """Whoosh's seam for the way a segment lies on disk; writing goes through `index.columns.writer`."""

    def new_segment(self, storage: Any, indexname: str) -> ColumnsSegment:  # noqa: ARG002 - Whoosh's signature
        """A segment without paragraphs."""
        return ColumnsSegment(indexname)

    def terms_reader(self, storage: Any, segment: ColumnsSegment) -> Any:
        """The inverted fields, for Whoosh's own searcher."""
        return reading().ColumnsTerms(reading().open_for_whoosh(storage, segment))

    def per_document_reader(self, storage: Any, segment: ColumnsSegment) -> Any:
        """The paragraphs, for Whoosh's own searcher."""
        return reading().ColumnsDocuments(reading().open_for_whoosh(storage, segment))


def reading() -> Any:
    """What reads segments; it reads what is written here, so it is loaded when it is needed."""
    return import_module("index.columns.reading")
