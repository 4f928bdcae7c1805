"""Our segments as Whoosh reads any: one posting at a time, for its searcher and its tools.

The engine does not read this way; Whoosh's own searcher does in the tests, as the oracle of
what lies in a segment.
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
from whoosh.codec.base import PerDocumentReader, TermsReader
from whoosh.matching import ListMatcher, Matcher
from whoosh.reading import TermInfo

from index.columns.layout import FIELDS
from index.columns.segment import Field, OpenSegment
from index.stored import KINDS

_KIND = "kind"
Term = tuple[str, bytes]


class PostingsMatcher(ListMatcher):  # type: ignore[misc,unused-ignore]
    """A term's postings, whose positions are read when asked for.

    Attributes:
        places: positions in each paragraph, in the order of the postings.
    """

    places: list[list[int]]

    def copy(self) -> PostingsMatcher:
        """Another matcher at the same place."""
        other: PostingsMatcher = super().copy()
        other.places, other._term, other._terminfo = self.places, self._term, self._terminfo
        return other

    def supports(self, astype: str) -> bool:
        """Whether it can tell so of a posting."""
        return astype in ("positions", "frequency")

    def value_as(self, astype: str) -> Any:
        """What is told of the posting it stands at."""
        return self.places[self._i] if astype == "positions" else self.weight()


class ColumnsTerms(TermsReader):  # type: ignore[misc,unused-ignore]
    """The inverted fields, and the kind of paragraph."""

    def __init__(self, segment: OpenSegment) -> None:
        self._segment = segment

    def indexed_field_names(self) -> list[str]:
        """Fields that can be asked for."""
        return [*FIELDS, _KIND]

    def __contains__(self, term: Term) -> bool:
        try:
            self.term_info(*term)
        except KeyError:
            return False
        return True

    def terms(self) -> Iterator[Term]:
        """All terms, by field."""
        for name in sorted(self.indexed_field_names()):
            yield from self.terms_from(name, b"")

    def terms_from(self, fieldname: str, prefix: bytes) -> Iterator[Term]:
        """Terms of a field that are not smaller."""
        if fieldname == _KIND:
            yield from (
                (_KIND, k.encode())
                for k in sorted(KINDS)
                if k.encode() >= prefix and self._of_kind(k.encode())
            )
            return
        words = self._segment.field(fieldname).terms
        for number in range(words.first_from(prefix), len(words)):
            yield fieldname, words.raw(number)

    def items(self) -> Iterator[tuple[Term, TermInfo]]:
        """All terms with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms())

    def items_from(self, fieldname: str, prefix: bytes) -> Iterator[tuple[Term, TermInfo]]:
        """Terms of a field that are not smaller, with what is known of them."""
        return ((term, self.term_info(*term)) for term in self.terms_from(fieldname, prefix))

    def term_info(self, fieldname: str, text: bytes) -> TermInfo:
        """What is known of a term; raises KeyError."""
        if fieldname == _KIND:
            of_kind = self._of_kind(text)
            if not of_kind:
                raise KeyError(f"{fieldname}:{text!r}")
            return TermInfo(len(of_kind), len(of_kind), 1, 1, 1.0, of_kind[0], of_kind[-1])
        field, number = self._find(fieldname, text)
        low, high = field.postings(number)
        docs, freqs = field.docs[low:high], field.freqs[low:high]
        lengths = field.lengths[docs]
        least, most = int(lengths.min()), int(lengths.max())
        return TermInfo(
            int(freqs.sum()), high - low, least, most, float(freqs.max()), int(docs[0]), int(docs[-1])
        )

    def frequency(self, fieldname: str, text: bytes) -> int:
        """How often a term occurs."""
        return int(self.term_info(fieldname, text).weight())

    def doc_frequency(self, fieldname: str, text: bytes) -> int:
        """How many paragraphs hold a term, deleted ones included."""
        return int(self.term_info(fieldname, text).doc_frequency())

    def matcher(self, fieldname: str, text: bytes, format_: Any, scorer: Any = None) -> Matcher:
        """A term's postings one after the other."""
        info = self.term_info(fieldname, text)
        if fieldname == _KIND:
            return ListMatcher(
                self._of_kind(text), format=format_, scorer=scorer, term=(fieldname, text), terminfo=info
            )
        field, number = self._find(fieldname, text)
        low, high = field.postings(number)
        docs, freqs = field.docs[low:high].tolist(), field.freqs[low:high].astype(float).tolist()
        made = PostingsMatcher(docs, freqs, None, format_, scorer, term=(fieldname, text), terminfo=info)
        first, end = int(field.position_starts[number]), int(field.position_starts[number + 1])
        cuts = np.cumsum(field.freqs[low:high], dtype=np.int64)[:-1]
        made.places = [part.tolist() for part in np.split(field.positions[first:end], cuts)]
        return made

    def _find(self, fieldname: str, text: bytes) -> tuple[Field, int]:
        number = self._segment.field(fieldname).terms.find(text) if fieldname in FIELDS else None
        if number is None:
            raise KeyError(f"{fieldname}:{text!r}")
        return self._segment.field(fieldname), number

    def _of_kind(self, text: bytes) -> list[int]:
        number = next((n for n, kind in enumerate(KINDS) if kind.encode() == text), -1)
        found: list[int] = np.flatnonzero(self._segment.arrays["kind"] == number).tolist()
        return found


class ColumnsDocuments(PerDocumentReader):  # type: ignore[misc,unused-ignore]
    """Paragraphs by number: their lengths, what is deleted, what is shown."""

    def __init__(self, segment: OpenSegment) -> None:
        self._segment = segment
        live = segment.live
        self._deleted = frozenset() if live is None else frozenset(np.flatnonzero(~live).tolist())

    def doc_count(self) -> int:
        """Paragraphs that are not deleted."""
        return self._segment.rows - len(self._deleted)

    def doc_count_all(self) -> int:
        """Paragraphs."""
        return self._segment.rows

    def has_deletions(self) -> bool:
        """Whether any is deleted."""
        return bool(self._deleted)

    def is_deleted(self, docnum: int) -> bool:
        """Whether one is deleted."""
        return docnum in self._deleted

    def deleted_docs(self) -> frozenset[int]:
        """Those that are deleted."""
        return self._deleted

    def doc_field_length(self, docnum: int, fieldname: str, default: int = 0) -> int:
        """Terms of a field in a paragraph."""
        return int(self._segment.field(fieldname).lengths[docnum]) if fieldname in FIELDS else default

    def field_length(self, fieldname: str) -> int:
        """Terms of a field in all paragraphs."""
        return int(self._segment.field(fieldname).lengths.sum(dtype=np.int64)) if fieldname in FIELDS else 0

    def min_field_length(self, fieldname: str) -> int:
        """Terms of a field in the shortest paragraph."""
        return int(self._segment.field(fieldname).lengths.min()) if fieldname in FIELDS else 0

    def max_field_length(self, fieldname: str) -> int:
        """Terms of a field in the longest paragraph."""
        return int(self._segment.field(fieldname).lengths.max()) if fieldname in FIELDS else 0

    def stored_fields(self, docnum: int) -> dict[str, Any]:
        """Id and kind of a paragraph."""
        paragraph = self._segment.record(docnum).paragraph
        return {"id": paragraph.id, "kind": paragraph.kind}


def open_for_whoosh(storage: Any, segment: Any) -> OpenSegment:
    """Map a segment that Whoosh's own index names."""
    return OpenSegment(Path(storage.folder), segment)
