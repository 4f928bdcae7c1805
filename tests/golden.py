"""Golden files: what the pipeline makes of articles of our own, written down for a person to read.

Usage: python tests/golden.py [--write] [NAME...]

For each file of tests/data/golden/articles there is one beside that folder, with every article in it: why
it begins there, its day of publication and on what evidence, its paragraphs, and below each its dates
and names with their reasons. Without --write the difference is shown and the exit status is 1 if there
is any. What stands in the head of a golden file (lines with #) is kept: known faults are listed there.

Whoever commits a golden file has read each line of it.
"""

from __future__ import annotations

import argparse
import difflib
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from index.errors import InputError
from index.model import Article, DateMention, EntityMention, Paragraph
from index.pipeline import Analyser, Options
from index.readers.sources import open_sources

GOLDEN = Path(__file__).parent / "data" / "golden"
ARTICLES = GOLDEN / "articles"


def sources() -> list[Path]:
    """The files with articles, in the order of their names."""
    return sorted(path for path in ARTICLES.iterdir() if path.is_file())


def golden_of(source: Path) -> Path:
    """The golden file of a file with articles."""
    return GOLDEN / f"{source.stem}.txt"


def head_of(text: str) -> str:
    """The comments over a golden file."""
    lines = text.splitlines(keepends=True)
    return "".join(lines[: next((n for n, line in enumerate(lines) if not line.startswith("#")), len(lines))])


def rendered(source: Path, analyser: Analyser) -> str:
    """Write down what the pipeline makes of a file."""
    documents = []
    for made in open_sources([str(source)]):
        if isinstance(made, InputError):
            raise made
        documents.append(made)
    lines: list[str] = []
    for outcome in analyser.analyse(documents):
        if isinstance(outcome, InputError):
            raise outcome
        for article in outcome.articles:
            lines += ["", *_article(article)]
    return "\n".join(lines) + "\n"


def _article(article: Article) -> Iterator[str]:
    published = article.published
    yield f"=== {article.headline or '(no headline)'}"
    yield f"boundary: {article.boundary}"
    for name in ("dateline", "byline", "agency"):
        if getattr(article, name):
            yield f"{name}: {getattr(article, name)}"
    yield f"published: {published.day or '-'} | {published.by or '-'} | {published.evidence or '-'}"
    for paragraph in article.paragraphs:
        yield ""
        yield from _paragraph(paragraph)


def _paragraph(paragraph: Paragraph) -> Iterator[str]:
    first, *rest = paragraph.text.split("\n")
    yield f"[{paragraph.ordinal} {paragraph.kind}] {first}"
    yield from (f"    {line}" for line in rest)
    yield from (_date(mention) for mention in paragraph.dates)
    yield from (_name(mention) for mention in paragraph.entities)


def _date(mention: DateMention) -> str:
    days = f"{mention.first}..{mention.last}" if mention.first else "-"
    span = f"{mention.start}-{mention.end}"
    return f"  d {span} | {_flat(mention.text)} | {mention.timex or '-'} | {days} | {mention.reason}"


def _name(mention: EntityMention) -> str:
    whose = f"{mention.kind} | {mention.entity} | {mention.name}"
    return f"  n {mention.start}-{mention.end} | {_flat(mention.text)} | {whose} | {mention.reason}"


def _flat(text: str) -> str:
    return text.replace("\n", "⏎")


def main(arguments: Sequence[str]) -> int:
    """Write or compare; returns the exit status."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("--write", action="store_true", help="write the golden files anew")
    parser.add_argument("names", nargs="*", help="of files below articles/; all when left out")
    chosen = parser.parse_args(arguments)
    analyser = Analyser(Options())
    differ = False
    for source in sources():
        if chosen.names and source.name not in chosen.names and source.stem not in chosen.names:
            continue
        golden = golden_of(source)
        before = golden.read_text("utf-8") if golden.exists() else ""
        after = head_of(before) + rendered(source, analyser)
        if before != after:
            differ = True
            lines = (before.splitlines(keepends=True), after.splitlines(keepends=True))
            sys.stdout.writelines(difflib.unified_diff(*lines, f"{golden.name} (kept)", golden.name, n=1))
        if chosen.write:
            golden.write_text(after, "utf-8")
    return int(differ and not chosen.write)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
