"""What becomes of a collection of examples: how many files are read, and why the rest is refused.

    python tests/benchmarks/formats.py FOLDER [--list]

prints a row for each folder inside FOLDER: files (licences, READMEs and schemas left out), files with a
document in them, documents, and the rest by reason. `--list` names each file that is not read.
"""

from __future__ import annotations

import re
import sys
from collections import Counter, defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from index.model import Document
from index.readers.sources import open_sources

_PASSED_OVER = re.compile(r"(?:LICENSE|README|COPYING)[^/]*$|/schemas?/|\.xsd$", re.IGNORECASE)


@dataclass
class Row:
    """What became of the files of one folder."""

    files: int = 0
    read: int = 0
    documents: int = 0
    refused: Counter[str] = field(default_factory=Counter)
    unread: list[str] = field(default_factory=list)


def examples(folder: Path) -> Iterator[Path]:
    return (
        path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and not _PASSED_OVER.search(path.relative_to(folder).as_posix())
    )


def table(folder: Path) -> dict[str, Row]:
    """Read every example below a folder; a file that is refused or raises is in its row."""
    rows: dict[str, Row] = defaultdict(Row)
    for path in examples(folder):
        inside = path.relative_to(folder).parts[:-1]
        row = rows["/".join(inside[:2]) or "."]
        row.files += 1
        outcomes = list(open_sources([str(path)]))
        documents = [outcome for outcome in outcomes if isinstance(outcome, Document)]
        row.documents += len(documents)
        row.read += bool(documents)
        errors = [outcome for outcome in outcomes if not isinstance(outcome, Document)]
        row.refused.update(_kind(error.reason) for error in errors)
        if not documents:
            row.unread.append(f"{path.name}: {'; '.join(error.reason for error in errors)[:200]}")
    return rows


def _kind(reason: str) -> str:
    """A reason without what is this file's alone."""
    return re.sub(r"\s*[(;:].*", "", reason)


def main() -> None:
    folder = Path(sys.argv[1])
    print("| folder | files | read | documents | refused, by reason |\n|---|---|---|---|---|")
    rows = table(folder)
    for name, row in sorted(rows.items()):
        reasons = ", ".join(f"{count} {reason}" for reason, count in row.refused.most_common()) or "–"
        print(f"| {name} | {row.files} | {row.read} | {row.documents} | {reasons} |")
    if "--list" in sys.argv:
        for name, row in sorted(rows.items()):
            for line in row.unread:
                print(f"{name}/{line}")


if __name__ == "__main__":
    main()
