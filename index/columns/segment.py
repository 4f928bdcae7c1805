"""One segment, mapped for reading."""

from __future__ import annotations

import zlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.columns.codec import ColumnsSegment
from index.columns.files import Array, open_array
from index.columns.layout import FORMAT, LAZY, NAMES
from index.columns.prints import FIGURE
from index.columns.ragged import Keys, Strings, key_of
from index.errors import IndexDamagedError, IndexVersionError
from index.stored import Place, Record, read_article, read_record

Mask = NDArray[np.bool_]
_ANY = np.uint32(0xFFFFFFFF)
_REMEMBERED = 10_000
_KEPT = ("exact", "stem", "print_counts", "text_sums")  # what another commit's use of a segment shares


@dataclass(frozen=True)
class Field:
    """The inverted arrays of one text field; see `layout.FIELD_ARRAYS`."""

    terms: Strings
    starts: Array
    docs: NDArray[np.int32]
    freqs: Array
    position_starts: Array
    positions: Array
    lengths: Array
    _known: dict[str, int | None] = field(default_factory=dict)  # terms looked up lately

    def find(self, term: str) -> int | None:
        """Number of a term, or None where no paragraph holds it."""
        found = self._known.get(term, -1)
        if found == -1:
            found = self.terms.find(term.encode("utf-8", "surrogatepass"))
            if len(self._known) >= _REMEMBERED:
                self._known.clear()
            self._known[term] = found
        return found

    def postings(self, term: int) -> tuple[int, int]:
        """From and to of a term's postings."""
        return int(self.starts[term]), int(self.starts[term + 1])

    @cached_property
    def longest(self) -> int:
        """Terms of the longest paragraph."""
        return int(self.lengths.max(initial=0))

    @cached_property
    def signatures(self) -> tuple[NDArray[np.uint32], NDArray[np.int32]]:
        """Of each term: the set of its letters as bits, all of them where one is not ASCII; its bytes.

        An edit changes two bits at most, so most terms that are far from a word are told
        without comparing them.
        """
        starts = self.terms.offsets[:-1].astype(np.int64)
        lengths = np.diff(self.terms.offsets.astype(np.int64)).astype(np.int32)
        if not len(self.terms.blob):
            return np.zeros(len(starts), np.uint32), lengths
        within = np.minimum(starts, len(self.terms.blob) - 1)
        bits = np.left_shift(np.uint32(1), self.terms.blob.astype(np.uint32) & 31)
        letters = np.bitwise_or.reduceat(bits, within)
        letters[np.bitwise_or.reduceat(self.terms.blob, within) > 127] = _ANY
        return letters, lengths


def rows_of_key(keys: Keys, order: Array, key: int) -> Array:
    """Rows that have a key.

    Args:
        keys: of all rows.
        order: rows in the order of their keys.
        key: the one looked for.
    """
    low, high = 0, len(order)
    while low < high:
        middle = (low + high) // 2
        if int(keys[order[middle]]) < key:
            low = middle + 1
        else:
            high = middle
    end = low
    while end < len(order) and int(keys[order[end]]) == key:
        end += 1
    return order[low:end]


class OpenSegment:
    """The arrays of one segment and its deletions in one commit.

    Attributes:
        rows: paragraphs, deleted ones included.
        arrays: by the names of `layout`.
        live: which paragraphs are not deleted, or None where all live.
    """

    def __init__(
        self,
        folder: Path,
        segment: ColumnsSegment,
        mapped: OpenSegment | None = None,
        *,
        written: bool = False,
    ) -> None:
        """Map a segment.

        Args:
            folder: where its files are.
            segment: what the table of contents says of it.
            mapped: the same segment in an earlier commit, whose maps are used again.
            written: this process has just written it, so that its checksums need no look.

        Raises:
            FileNotFoundError: a file is gone; a newer commit may have removed it.
            IndexVersionError: it has another format.
            IndexDamagedError: a file is not what was written.
        """
        if segment.format != FORMAT:
            raise IndexVersionError(folder, str(segment.format), str(FORMAT))
        self.folder = folder
        self.meta = segment
        self.rows = segment.rows
        self._texts: dict[str, Strings] = {}
        self.arrays: dict[str, Array] = mapped.arrays if mapped else self._map(written)
        if mapped:
            kept: dict[str, Any] = {name: mapped.__dict__[name] for name in _KEPT if name in mapped.__dict__}
            self.__dict__.update(kept)
        self.live = self._live()

    def _map(self, written: bool) -> dict[str, Array]:
        missing = set(NAMES) - set(self.meta.sums)
        if missing:
            raise IndexDamagedError(self.folder, f"its table of contents names no {min(missing)}")
        out: dict[str, Array] = {}
        for name in NAMES:
            size, crc = self.meta.sums[name]
            out[name] = open_array(
                self.meta.file(self.folder, name), size, None if written or name in LAZY else crc
            )
        if len(out["ids"]) != self.rows:
            raise IndexDamagedError(self.meta.file(self.folder, "ids"), f"it has not {self.rows} rows")
        return out

    def _live(self) -> Mask | None:
        if self.meta.deletions is None:
            return None
        bits = open_array(self.folder / self.meta.deletions, *self.meta.deletions_sum)
        return ~np.unpackbits(bits, count=self.rows).astype(np.bool_)

    @property
    def key(self) -> str:
        """Name of the segment, the same in every commit."""
        return str(self.meta.segment_id())

    def is_live(self, row: int) -> bool:
        """Whether a paragraph is not deleted."""
        return self.live is None or bool(self.live[row])

    def field(self, name: str) -> Field:
        """A text field, exact or stem."""
        return self.exact if name == "exact" else self.stem

    @cached_property
    def exact(self) -> Field:
        """Words as written."""
        return self._field("exact")

    @cached_property
    def stem(self) -> Field:
        """Words whatever their ending."""
        return self._field("stem")

    def _field(self, name: str) -> Field:
        a: dict[str, Any] = {
            key: self.arrays[f"{name}_{key}"] for key in ("starts", "docs", "freqs", "position_starts")
        }
        terms = self.strings(f"{name}_terms")
        positions, lengths = self.arrays[f"{name}_positions"], self.arrays[f"{name}_lengths"]
        return Field(terms=terms, positions=positions, lengths=lengths, **a)

    @cached_property
    def print_counts(self) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
        """By article: how many prints of runs of words it has, and how many of figures."""
        figure = (self.arrays["prints"] & FIGURE).astype(np.bool_)
        size, of = len(self.arrays["article_keys"]), self.arrays["prints_article"]
        return np.bincount(of[~figure], minlength=size), np.bincount(of[figure], minlength=size)

    @cached_property
    def live_articles(self) -> Mask:
        """By article: whether any of its paragraphs here is not deleted."""
        mask = np.zeros(len(self.arrays["article_keys"]), dtype=np.bool_)
        of = self.arrays["article"]
        mask[of if self.live is None else of[self.live]] = True
        return mask

    @cached_property
    def text_sums(self) -> NDArray[np.int64]:
        """By article: a sum over all its paragraphs, live or not, which is another one when their text is."""
        a = self.arrays
        sums = np.bincount(a["article"], weights=a["record_sums"], minlength=len(a["article_keys"]))
        return sums.astype(np.int64)

    def strings(self, name: str) -> Strings:
        """A blob of texts."""
        found = self._texts.get(name)
        if found is None:
            found = self._texts[name] = Strings(self.arrays[f"{name}_offsets"], self.arrays[name])
        return found

    def row(self, paragraph_id: str) -> int | None:
        """Number of a live paragraph by its id."""
        found = rows_of_key(self.arrays["ids"], self.arrays["ids_order"], key_of(paragraph_id))
        return next((int(n) for n in found if self.is_live(int(n))), None)

    def record(self, row: int) -> Record:
        """A paragraph read back; see `records`."""
        return self.records([row])[0]

    def records(self, rows: Sequence[int] | NDArray[np.int32]) -> list[Record]:
        """Paragraphs read back.

        Raises:
            IndexDamagedError: the files do not hold what was written.
        """
        at = np.asarray(rows, dtype=np.int64)
        if not len(at):
            return []
        texts = self._checked(rows, self._raw("texts", at), self._raw("mentions", at))
        articles = self._articles(self.arrays["article"][at].astype(np.int64))
        a = self.arrays
        columns = (a["ids"][at], a["ordinal"][at], a["kind"][at], a["spans"][at, 0], a["spans"][at, 1])
        places = zip(*(c.tolist() for c in columns), strict=True)
        out: list[Record] = []
        for row, place, (text, mentions), told in zip(rows, places, texts, articles, strict=True):
            try:
                out.append(read_record(Place(*place), text, mentions, told))
            except (ValueError, IndexError, KeyError, TypeError) as error:
                raise self._damaged("texts", f"paragraph {row}: {error}") from error
        return out

    def texts(self, rows: NDArray[np.int64]) -> list[bytes]:
        """Texts of paragraphs in UTF-8, as they were indexed.

        Raises:
            IndexDamagedError: the files do not hold what was written.
        """
        pairs = self._checked(rows, self._raw("texts", rows), self._raw("mentions", rows))
        return [text for text, _ in pairs]

    def _raw(self, name: str, numbers: NDArray[np.int64]) -> list[bytes]:
        try:
            return self.strings(name).many(numbers)
        except (ValueError, IndexError) as error:
            raise self._damaged(f"{name}_offsets", str(error)) from error

    def _checked(
        self, rows: Sequence[int] | NDArray[np.signedinteger], texts: list[bytes], mentions: list[bytes]
    ) -> list[tuple[bytes, bytes]]:
        sums = self.arrays["record_sums"][np.asarray(rows, dtype=np.int64)].tolist()
        pairs = list(zip(texts, mentions, strict=True))
        for row, (text, mention), told in zip(rows, pairs, sums, strict=True):
            if zlib.crc32(mention, zlib.crc32(text)) != told:
                raise self._damaged("texts", f"paragraph {row} is damaged")
        return pairs

    def _articles(self, numbers: NDArray[np.int64]) -> list[bytes]:
        told = self._raw("articles", numbers)
        sums = self.arrays["article_sums"][numbers].tolist()
        for number, text, expected in zip(numbers.tolist(), told, sums, strict=True):
            if zlib.crc32(text) != expected:
                raise self._damaged("articles", f"article {number} is damaged")
        return told

    def article(self, key: int) -> dict[str, Any] | None:
        """What a hit tells of an article, by its id's key; None where no paragraph of it is here.

        Raises:
            IndexDamagedError: the files do not hold what was written.
        """
        keys = self.arrays["article_keys"]
        at = int(np.searchsorted(keys, np.uint64(key)))
        if at >= len(keys) or int(keys[at]) != key or not self.live_articles[at]:
            return None
        [told] = self._articles(np.array([at]))
        try:
            return read_article(told)
        except (ValueError, IndexError) as error:
            raise self._damaged("articles", f"article {at}: {error}") from error

    def _damaged(self, name: str, reason: str) -> IndexDamagedError:
        return IndexDamagedError(self.meta.file(self.folder, name), reason)

    def document(self, id_: str) -> int | None:
        """Number of a live document by its id."""
        keys, order = self.arrays["document_keys"], self.arrays["document_order"]
        starts = self.arrays["document_starts"]
        for n in rows_of_key(keys, order, key_of(id_)).tolist():
            first, end = int(starts[n]), int(starts[n + 1])
            if first < end and self.is_live(first):
                return int(n)
        return None

    def document_rows(self, number: int) -> tuple[int, int]:
        """From and to of a document's paragraphs."""
        starts = self.arrays["document_starts"]
        return int(starts[number]), int(starts[number + 1])

    def live_documents(self) -> Iterator[int]:
        """Numbers of the documents that are not deleted."""
        starts = self.arrays["document_starts"]
        for n in range(len(starts) - 1):
            first, end = int(starts[n]), int(starts[n + 1])
            if first < end and self.is_live(first):
                yield n

    def with_live(self, live: Mask | None) -> OpenSegment:
        """The same maps with other deletions, for a writer that has not committed them."""
        other = object.__new__(OpenSegment)
        other.__dict__.update(self.__dict__)
        other.__dict__.pop("live_articles", None)
        other.live = live
        return other
