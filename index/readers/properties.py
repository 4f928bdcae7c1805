"""What a file's properties say of it, where they are to be believed: programs fill most of them in.

A title may be the name of a template, an author whoever is signed in, a date when a
scanner was started. What is not believed is kept with the article, and claims nothing.
"""

from __future__ import annotations

import re
from datetime import UTC, datetime, timedelta

_FILE_NAME = re.compile(
    r"\.(?:docx?|pdf|indd|qxd|qxp|pptx?|xlsx?|odt|rtf|txt|tex|dvi|html?|pages|p65)\s*$", re.I
)
_EMPTY_TITLES = re.compile(
    r"(?:untitled(?: \w+)?|title|document|microsoft word|slide|layout|page|print|scan|no title|default|"
    r"unbenannt|word document)[\s\d._-]*$|microsoft (?:word|powerpoint) - ", re.I)  # fmt: skip
_EMPTY_AUTHORS = frozenset((
    "microsoft office user", "windows user", "default user", "office user", "your name", "the author",
))  # fmt: skip
_PDF_DATE = re.compile(r"(?:D:)?(\d{4})(\d\d)(\d\d)(?:(\d\d)(\d\d)(\d\d)?)?\s*(?:([+-])(\d\d)'?(\d\d)?|Z)?")
_FIRST_YEAR = 1990


def sane_title(title: str | None) -> str | None:
    """A title that a person wrote, on one line, or None."""
    line = " ".join((title or "").split())
    words = [word for word in line.split() if any(char.isalpha() for char in word)]
    if not 4 <= len(line) <= 300 or len(words) < 2 or "\ufffd" in line:
        return None
    return None if _FILE_NAME.search(line) or _EMPTY_TITLES.match(line) else line


def sane_author(author: str | None) -> str | None:
    """A name of at least two words, on one line, or None: a word by itself is somebody's login."""
    line = " ".join((author or "").split())
    if len(line.split()) < 2 or len(line) > 200 or "@" in line or "\\" in line:
        return None
    return None if line.lower() in _EMPTY_AUTHORS or not line[0].isalpha() else line


def sane_date(stamp: str | None, text: str) -> str | None:
    """When a file was made, if that can be its day of publication: its text names the year.

    Args:
        stamp: a PDF's date (ISO 32000-1, 7.9.4), or ISO 8601.
        text: of the document.

    Returns:
        ISO 8601 with zone, or None. An article of 2003 that was scanned in 2020 does not
        speak of 2020.
    """
    moment = file_time(stamp)
    if moment is None or not moment.year >= _FIRST_YEAR or moment > datetime.now(UTC) + timedelta(days=1):
        return None
    return moment.isoformat() if re.search(rf"(?<!\d){moment.year}(?!\d)", text) else None


def file_time(stamp: str | None) -> datetime | None:
    """Read a property's time; UTC where it names no zone."""
    value = (stamp or "").strip()
    found = _PDF_DATE.match(value)
    try:
        if not found:
            moment = datetime.fromisoformat(value)
            return moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment
        zone = f"{found[7]}{found[8]}:{found[9] or '00'}" if found[7] else "+00:00"
        clock = f"{found[4] or '00'}:{found[5] or '00'}:{found[6] or '00'}"
        return datetime.fromisoformat(f"{found[1]}-{found[2]}-{found[3]}T{clock}{zone}")
    except ValueError:
        return None
