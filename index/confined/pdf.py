"""A PDF → its lines of text with their places, by pypdf. Runs in the child."""

from __future__ import annotations

import io
import signal
import time
from contextlib import suppress
from typing import Any

from pypdf import PageObject, PdfReader
from pypdf.errors import PyPdfError

from index.confined.refusal import RefusalError

MAX_PAGES = 5000
MAX_CHARS = 20_000_000
PAGE_S = 1.0
BY_PAGE_S = 0.1
MOST_S = 60.0
_MAX_PROPERTY_CHARS = 1000


def extract(data: bytes) -> dict[str, Any]:
    """Read a PDF's text.

    Returns:
        `pages`, each a list of lines `[text, x, y, size]` in the order in which the page draws
        them, in points from the lower left; `unread`, the number of pages that could not be
        read; and `title, author, created` as the file states them, or None.
    """
    reader = PdfReader(io.BytesIO(data), strict=False)
    if reader.is_encrypted and not _opens(reader):
        raise RefusalError("an encrypted PDF; save it without its password")
    count = len(reader.pages)
    if count > MAX_PAGES:
        raise RefusalError(f"a PDF of more than {MAX_PAGES} pages; split it")
    pages: list[list[list[Any]]] = []
    unread, chars = 0, 0
    deadline = time.process_time() + PAGE_S + min(MOST_S, count * BY_PAGE_S)
    for number in range(count):
        # A page may take a second, and all of them together what so many pages take at the most.
        signal.setitimer(signal.ITIMER_PROF, PAGE_S)
        if time.process_time() > deadline:
            raise RefusalError("takes longer to read than so many pages may; print it to a PDF anew")
        try:
            lines = _lines(reader.pages[number], MAX_CHARS - chars)
        except (PyPdfError, ValueError, KeyError, TypeError, AttributeError, IndexError, AssertionError):
            unread += 1
            continue
        chars += sum(len(line[0]) for line in lines)
        pages.append(lines)
    if count == unread:
        raise RefusalError(
            "damaged: none of its pages can be read" if count else "damaged: a PDF without pages"
        )
    return {"pages": pages, "unread": unread, **_properties(reader)}


def _opens(reader: PdfReader) -> bool:
    """Try the empty password, which is that of a file that is locked against changes alone."""
    try:
        return bool(reader.decrypt(""))
    except Exception:  # an algorithm that is not there, a damaged dictionary: it stays shut
        return False


def _lines(page: PageObject, most: int) -> list[list[Any]]:
    lines: list[list[Any]] = []
    words: list[tuple[str, float, float, float]] = []
    chars = 0

    def end() -> None:
        if any(text.strip() for text, *_ in words):
            # A line's size is that of most of it: a footnote's mark is small, an initial large.
            main = max(words, key=lambda word: len(word[0].strip()))
            first = next(word for word in words if word[0].strip())
            text = "".join(word[0] for word in words)
            lines.append([" ".join(text.split()), round(first[1], 1), round(first[2], 1), round(main[3], 1)])
        words.clear()

    def visit(text: str, user: list[float], matrix: list[float], _font: Any, size: float) -> None:
        nonlocal chars
        chars += len(text)
        if chars > most:
            raise RefusalError(f"a PDF of more than {MAX_CHARS // 1_000_000} million characters; split it")
        x = matrix[4] * user[0] + matrix[5] * user[2] + user[4]
        y = matrix[4] * user[1] + matrix[5] * user[3] + user[5]
        scale = abs(matrix[3] * user[3]) or abs(matrix[1] * user[2]) or 1.0
        for number, part in enumerate(text.split("\n")):
            if number:
                end()
            if part:
                words.append((part, x, y, abs(float(size)) * scale))

    page.extract_text(visitor_text=visit)
    end()
    return lines


def _properties(reader: PdfReader) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    metadata: Any = None
    with suppress(PyPdfError, ValueError, KeyError, TypeError, AttributeError):
        metadata = reader.metadata
    for name, key in (("title", "/Title"), ("author", "/Author"), ("created", "/CreationDate")):
        value = None
        with suppress(PyPdfError, ValueError, KeyError, TypeError, AttributeError):
            value = metadata.get(key) if metadata else None
        found[name] = str(value)[:_MAX_PROPERTY_CHARS] if isinstance(value, str) else None
    return found
