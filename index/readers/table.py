"""CSV and TSV: a header with the names of the JSON lines' fields, then a document a row."""

from __future__ import annotations

import csv
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from typing import BinaryIO

from index.errors import InputError, UnsupportedInputError
from index.model import Document
from index.readers.base import MAX_LINE_BYTES, Outcome, Source, read_whole
from index.readers.encodings import decode
from index.readers.records import ALIASES, FIELDS, read_record

MAX_COLUMNS = 1000
MAX_HEADER_CHARS = 100_000
# A quote that is never closed takes in all that follows; what it took is then read again, but not for ever.
MAX_READ_AGAIN = 20
_DELIMITERS = (",", ";", "\t", "|")
_KNOWN = frozenset((*FIELDS, *ALIASES))
_TEXTS = frozenset(("text", "paragraphs", "headline", "title"))
_TSV = ("text/tab-separated-values",)

# The module's own limit is for all of a process; 128 KB is a short book.
csv.field_size_limit(MAX_LINE_BYTES)


@dataclass(frozen=True, slots=True)
class _Row:
    line: int
    cells: list[str]
    raw: str


class TableReader:
    """Comma, semicolon, tabulator or bar between the cells; quotes as RFC 4180 has them."""

    name = "table"
    suffixes = (".csv", ".tsv", ".tab")
    media_types = ("text/csv", *_TSV, "application/csv")

    def sniff(self, head: bytes) -> int:
        """A first line that is a header, with several fields' names and one of a text."""
        try:
            first = _first_line(decode(head[:4096]))
        except ValueError:
            return 0
        names = {_field(cell) for cell in _header(first, _delimiter(first))}
        return 75 if len(names & _KNOWN) >= 2 and names & _TEXTS and "," not in names else 0

    def read(self, stream: BinaryIO, source: Source) -> Iterator[Outcome]:
        """Yield a document or an error for each row; an error names the line where the row begins.

        Raises:
            InputError: larger than `base.MAX_DOCUMENT_BYTES`, or a header that is none.
            UnsupportedInputError: there is no row, or no column of text.
        """
        text = decode(read_whole(stream, source), source.charset)
        lines = text.splitlines(keepends=True)
        start, delimiter = _separator_line(lines)
        head = lines[start] if start < len(lines) else ""
        if len(head) > MAX_HEADER_CHARS or head.count(delimiter or ",") >= MAX_COLUMNS:
            raise InputError(source.name, f"more than {MAX_COLUMNS} columns; is it a table of articles?")
        delimiter = delimiter or ("\t" if _says_tabs(source) else _delimiter(head))
        names = _named_columns(head, delimiter, source)
        rows = 0
        for row in _rows(lines, start + 1, delimiter):
            if isinstance(row, _Row):
                rows += any(cell.strip() for cell in row.cells)
                yield from _document(row, names, source)
            else:
                rows += 1
                yield InputError(f"{source.name}:{row[0]}", row[1])
        if not rows:
            raise UnsupportedInputError(source.name, "a table without a row below its header")


def _says_tabs(source: Source) -> bool:
    return source.suffix in (".tsv", ".tab") or source.media_type in _TSV


def _first_line(text: str) -> str:
    for line in text.lstrip("\ufeff").splitlines()[:2]:
        if not line.lower().startswith("sep="):
            return line
    return ""


def _separator_line(lines: Sequence[str]) -> tuple[int, str | None]:
    """Pass over blank lines and the line `sep=;` that spreadsheets write; return the header's number too."""
    delimiter = None
    for number, line in enumerate(lines):
        plain = line.strip("\r\n\ufeff ")
        if plain.lower().startswith("sep=") and len(plain) == 5:
            delimiter = plain[4]
        elif plain:
            return number, delimiter
    return len(lines), delimiter


def _delimiter(line: str) -> str:
    """Choose what makes the most known names of a header, then the most cells."""

    def worth(delimiter: str) -> tuple[int, int]:
        names = {_field(cell) for cell in _header(line, delimiter)}
        return len(names & _KNOWN), line.count(delimiter)

    return max(_DELIMITERS, key=worth)


def _header(line: str, delimiter: str) -> list[str]:
    if len(line) > MAX_HEADER_CHARS or line.count(delimiter) >= MAX_COLUMNS:
        return []
    try:
        return next(csv.reader([line], delimiter=delimiter), [])
    except csv.Error:
        return []


def _field(cell: str) -> str:
    return cell.strip("\ufeff \t\r\n\"'").lower()


def _named_columns(line: str, delimiter: str, source: Source) -> list[str]:
    names = []
    for cell in _header(line, delimiter):
        known = _field(cell)
        names.append(known if known in _KNOWN else cell.strip("\ufeff \t\r\n"))
    if not _TEXTS & set(names):
        told = ", ".join(f'"{name[:40]}"' for name in names[:8]) + (", …" if len(names) > 8 else "")
        raise UnsupportedInputError(
            source.name,
            f'a table without a column "text" or "headline"; its first line has {told}; name them',
        )
    return names


def _rows(lines: Sequence[str], start: int, delimiter: str) -> Iterator[_Row | tuple[int, str]]:
    """Yield the rows, and line and reason of each that is broken; reading goes on in the next line."""
    at = start
    budget = MAX_READ_AGAIN * sum(map(len, lines)) + 10_000
    while at < len(lines):
        begun = at
        reader = csv.reader(islice(lines, begun, None), delimiter=delimiter, strict=True)
        try:
            for cells in reader:
                end = begun + reader.line_num
                yield _Row(at + 1, cells, "".join(lines[at:end]))
                at = end
        except csv.Error as error:
            budget -= sum(map(len, lines[at : begun + reader.line_num])) + begun
            yield at + 1, f"not a row of the table ({error}); inside quotes a quote is written twice"
            at += 1
            if budget < 0:
                yield at + 1, "too many broken rows; from here on nothing is read"
                return


def _document(row: _Row, names: Sequence[str], source: Source) -> Iterator[Outcome]:
    place = f"{source.name}:{row.line}"
    if not any(cell.strip() for cell in row.cells):
        return
    over = [cell for cell in row.cells[len(names) :] if cell.strip()]
    if over:
        yield InputError(place, f"a row of {len(row.cells)} cells, where the header has {len(names)}")
        return
    record: dict[str, str] = {}
    for name, cell in zip(names, row.cells, strict=False):
        if name and cell.strip():
            record.setdefault(name, cell)
    if "paragraphs" in record:
        record.setdefault("text", record.pop("paragraphs"))
    made = read_record(record, source, place, row.raw.encode("utf-8", "replace"))
    yield replace(made, format="table") if isinstance(made, Document) else made
