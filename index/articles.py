"""A document → its articles: where each begins and why, its headline, dateline, byline and agency."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from index.model import Article, Block, Document, Paragraph, ParagraphKind, stable_id
from index.paragraphs import split_paragraphs
from index.repeats import near_equal
from index.sections import Section, find_sections
from index.wire import (
    agency_in,
    closing_agency,
    is_byline,
    is_credits,
    is_date_line,
    is_name_in_place,
    parse_dateline,
)

_LABEL = re.compile(r"^(?:byline|author)\s*:\s*", re.IGNORECASE)
_ONE_ARTICLE = "the source marks it as one article"
# A byline stands among the first lines of a story.
_BYLINE_WITHIN = 4
_MAX_CAPTION_WORDS = 70


@dataclass(frozen=True, slots=True)
class _Marks:
    """What a story's own marks say."""

    dateline: str | None = None
    byline: str | None = None
    agency: str | None = None


def split_articles(document: Document) -> tuple[Article, ...]:
    """Find the articles of a document and their paragraphs.

    Args:
        document: with blocks, it is one article; without, its text is searched for
            headlines and separators.

    Returns:
        The articles in order, complete but for the day of publication and the dates
        and names of their paragraphs. Ids depend on the document's identity and on the
        article's own content, so that an article put before it moves none.
    """
    if document.blocks is not None:
        if not document.blocks:  # a version that takes the document back
            return ()
        return (_build(document, _marked_section(document), stable_id("article", document.identity)),)
    seen: Counter[tuple[str, str]] = Counter()
    articles = []
    for section in find_sections(document.text, split_paragraphs(document.text)):
        key = _key(document.text, section)
        seen[key] += 1
        occurrence = (str(seen[key]),) if seen[key] > 1 else ()
        articles.append(_build(document, section, stable_id("article", document.identity, *key, *occurrence)))
    return tuple(articles)


def _marked_section(document: Document) -> Section:
    """Take a document whose format marks its paragraphs as one section."""
    blocks = list(_once(document.text, document.blocks or ()))
    headline = next((block for block in blocks if block.kind == "headline"), None)
    rest = tuple(block for block in blocks if block is not headline)
    return Section((headline.start, headline.end) if headline else None, _ONE_ARTICLE, rest)


def _once(text: str, blocks: Sequence[Block]) -> Iterator[Block]:
    """Keep a block that is repeated beside itself once."""
    kept: Block | None = None
    for block in blocks:
        if kept and near_equal(text[kept.start : kept.end], text[block.start : block.end]):
            short = len(text[kept.start : kept.end].split()) <= _MAX_CAPTION_WORDS
            kept = replace(kept, kind="caption") if kept.kind == "body" and short else kept
            continue
        if kept:
            yield kept
        kept = block
    if kept:
        yield kept


def _key(text: str, section: Section) -> tuple[str, str]:
    """Name an article of a dump by its headline and first running paragraph."""
    headline = text[slice(*section.headline)] if section.headline else ""
    first = next((block for block in section.blocks if block.kind == "body"), None)
    first = first or next(iter(section.blocks), None)
    body = text[first.start : first.end] if first else ""
    return _normal(headline), _normal(body)


def _build(document: Document, section: Section, id_: str) -> Article:
    marks, blocks = _read_marks(document, section)
    metadata = document.metadata
    if section.preamble:
        metadata = replace(metadata, extra={**metadata.extra, "preamble": section.preamble})
    return Article(
        id=id_,
        document=document.id,
        source=document.source,
        headline=_normal(document.text[slice(*section.headline)]) if section.headline else None,
        boundary=section.reason,
        paragraphs=tuple(_paragraphs(document.text, section.headline, blocks, id_)),
        dateline=marks.dateline,
        byline=marks.byline,
        agency=marks.agency,
        metadata=metadata,
    )


def _paragraphs(
    text: str, headline: tuple[int, int] | None, blocks: Sequence[Block], article: str
) -> Iterator[Paragraph]:
    seen: Counter[str] = Counter()
    spans: list[tuple[int, int, int, ParagraphKind]] = [(0, *headline, "headline")] if headline else []
    spans += [(number, block.start, block.end, block.kind) for number, block in enumerate(blocks, 1)]
    for ordinal, start, end, kind in spans:
        content = text[start:end]
        normal = _normal(content)
        seen[normal] += 1
        yield Paragraph(
            id=stable_id("paragraph", article, normal, str(seen[normal])),
            ordinal=ordinal,
            kind=kind,
            start=start,
            end=end,
            text=content,
        )


def _read_marks(document: Document, section: Section) -> tuple[_Marks, list[Block]]:
    """Find dateline, byline and agency; a line that is only a byline is taken out of the blocks."""
    text, blocks = document.text, list(section.blocks)
    byline = _take_byline(text, blocks) or _take_credits(text, blocks)
    line, agency = _dateline(text, blocks)
    extra = document.metadata.extra
    stated = extra.get("dateline") if document.blocks is not None else None
    if line is None and isinstance(stated, str) and stated.strip():
        line = stated.strip().rstrip("-–—_| ").rstrip()
        agency = agency_in(line)
    written = extra.get("byline")
    if byline is None and isinstance(written, str):
        byline = written.strip() or None
    endings = (closing_agency(text[block.start : block.end]) for block in blocks[:-3:-1])
    author = document.metadata.author or ""
    agency = agency or agency_in(byline or "") or next(filter(None, endings), None) or agency_in(author)
    return _Marks(line, byline, agency), blocks


def _take_byline(text: str, blocks: list[Block]) -> str | None:
    for number, block in enumerate(blocks[:_BYLINE_WITHIN]):
        content = text[block.start : block.end]
        if len(blocks) > 1 and (is_byline(content) or (number == 0 and is_name_in_place(content))):
            del blocks[number]
            return _LABEL.sub("", _normal(content))
        if block.kind == "body" and len(content) > 120:
            return None
    return None


def _take_credits(text: str, blocks: list[Block]) -> str | None:
    """Take "Reporting by …" off the end where no byline stands under the headline."""
    for number in range(len(blocks) - 1, max(-1, len(blocks) - 4), -1):
        content = text[blocks[number].start : blocks[number].end]
        if is_credits(content) and len(blocks) > 1:
            del blocks[number]
            return _normal(content)
    return None


def _dateline(text: str, blocks: Sequence[Block]) -> tuple[str | None, str | None]:
    for block in blocks:
        content = text[block.start : block.end]
        if block.kind != "body" or is_date_line(content):
            continue
        mark = parse_dateline(content)
        return (mark.text, mark.agency) if mark else (None, None)
    return None, None


def _normal(text: str) -> str:
    return " ".join(text.split())
