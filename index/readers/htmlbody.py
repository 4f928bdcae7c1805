"""A page's tree → the blocks of its article: paragraphs, headings, quotes and captions."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator
from typing import Any

from lxml import etree
from lxml.html import HtmlElement
from trafilatura import bare_extraction

from index.model import ParagraphKind
from index.readers.blocks import BlockText

# The extractor reports pages it finds nothing in as errors; here that is an answer.
logging.getLogger("trafilatura").setLevel(logging.CRITICAL)

# Real pages stay under 60. Beyond this the extractor's recursion is not trusted.
MAX_DEPTH = 200
MAX_ELEMENTS = 100_000
# Extractors compare whole subtrees; a page this large is dumped text.
MAX_EXTRACTED_CHARS = 8_000_000

# A private character that brings a caption through the extractor, which drops figures.
_CAPTION_MARK = "\ue0c7"
_HIDDEN = frozenset((
    "script", "style", "noscript", "template", "head", "title", "svg", "math", "iframe", "object",
    "form", "select", "button", "nav", "footer", "aside", "textarea",
))  # fmt: skip
_BREAKING = frozenset((
    "address", "article", "blockquote", "body", "br", "caption", "dd", "div", "dl", "dt", "fieldset",
    "figcaption", "figure", "h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "html", "li", "main",
    "ol", "p", "pre", "section", "table", "tbody", "td", "tfoot", "th", "thead", "tr", "ul",
))  # fmt: skip
_KINDS: dict[str, ParagraphKind] = {
    **dict.fromkeys(("h2", "h3", "h4", "h5", "h6"), "heading"),
    "blockquote": "quote",
    "figcaption": "caption",
}
_BREAKS = re.compile(r"\s*\n\s*\n\s*")


def article_blocks(tree: HtmlElement) -> list[BlockText]:
    """Find a page's article.

    Args:
        tree: of the whole page; it is changed.

    Returns:
        Kind and text of each block in order, white space collapsed, nothing empty.
        Where the extractor finds nothing, all the page's text outside menus and forms.
    """
    if _is_reasonable(tree):
        plain = list(_walk(tree))
        blocks = _extracted(tree)
        # A short page written by hand is all article; the extractor takes it for furniture, or
        # runs its paragraphs together.
        return plain if not blocks or _squeezed(blocks) == _squeezed(plain) else blocks
    return list(_walk(tree))


def all_blocks(tree: HtmlElement) -> list[BlockText]:
    """Take all text outside menus and forms, where a tree is known to be article and nothing else.

    Args:
        tree: of a page or a piece of one.

    Returns:
        As `article_blocks`.
    """
    return list(_walk(tree))


def _squeezed(blocks: list[BlockText]) -> str:
    return "".join("".join(text.split()) for _, text in blocks)


def _is_reasonable(tree: HtmlElement) -> bool:
    depth = deepest = count = 0
    for event, _ in etree.iterwalk(tree, events=("start", "end")):
        depth += 1 if event == "start" else -1
        deepest = max(deepest, depth)
        count += event == "start"
        if deepest > MAX_DEPTH or count > MAX_ELEMENTS:
            return False
    return sum(len(text) for text in tree.itertext()) <= MAX_EXTRACTED_CHARS


def _extracted(tree: HtmlElement) -> list[BlockText]:
    _prepare(tree)
    try:
        found: Any = bare_extraction(tree, include_comments=False, include_tables=True, with_metadata=False)
    except Exception:  # the extractor's own limits on a strange page must not lose the page
        logging.getLogger(__name__).debug("extractor failed", exc_info=True)
        return []
    if found is None or found.body is None:
        return []
    return [block for element in found.body for block in _blocks_of(element)]


def _prepare(tree: HtmlElement) -> None:
    """Bring through the extractor what it drops: captions, and the words inside <time>."""
    for element in list(tree.iter("time")):
        if element.getparent() is not None and element.getparent().tag in (
            "p",
            "li",
            "blockquote",
            "span",
            "em",
        ):
            element.tag = "span"
    for figure in list(tree.iter("figure")):
        caption = figure.find(".//figcaption")
        text = _flat(caption) if caption is not None else ""
        in_article = any(parent.tag in ("article", "main") for parent in figure.iterancestors())
        # Tables stand in figures too; those are text.
        if figure.find(".//table") is not None or figure.find(".//blockquote") is not None:
            continue
        if text and in_article:
            tail = figure.tail
            figure.clear()
            figure.tag, figure.text, figure.tail = "p", f"{_CAPTION_MARK}{text}", tail


def _blocks_of(element: Any) -> Iterator[BlockText]:
    """Turn one element of the extractor's result into blocks."""
    tag = element.tag
    if tag == "head":
        yield from _texts(element, "heading")
    elif tag == "quote":
        yield from _texts(element, "quote")
    elif tag in ("list", "table"):
        for item in element.iter("item", "row"):
            yield from _row(item)
    elif tag not in ("graphic", "del"):
        yield from _texts(element, "body")


def _row(item: Any) -> Iterator[BlockText]:
    cells = [_flat(cell) for cell in item.iter("cell")] if item.tag == "row" else [_flat(item)]
    line = " | ".join(cell for cell in cells if cell)
    if line:
        yield "body", line


def _texts(element: Any, kind: ParagraphKind) -> Iterator[BlockText]:
    for part in _BREAKS.split(_with_breaks(element)):
        text = "\n".join(filter(None, (" ".join(line.split()) for line in part.split("\n"))))
        if text.startswith(_CAPTION_MARK):
            yield "caption", text.replace(_CAPTION_MARK, "").strip()
        elif text.replace(_CAPTION_MARK, ""):
            yield kind, text.replace(_CAPTION_MARK, "")


def _with_breaks(element: Any) -> str:
    """Join an element's text: its own line ends are spaces, its line breaks are line ends."""
    parts: list[str] = []
    for event, node in etree.iterwalk(element, events=("start", "end")):
        if event == "start":
            parts.append("\n\n" if node.tag in ("p", "item") and node is not element else "")
            parts.append("\n" if node.tag == "lb" else " ".join((node.text or "").splitlines()))
        else:
            parts.append("\n\n" if node.tag in ("p", "item") and node is not element else "")
            parts.append(" ".join((node.tail or "").splitlines()) if node is not element else "")
    return "".join(parts)


def _flat(element: Any) -> str:
    return " ".join("".join(element.itertext()).split())


def _walk(tree: HtmlElement) -> Iterator[BlockText]:
    """Yield all text outside menus and forms; in linear time and without recursion, however deep."""
    parts: list[str] = []
    hidden = 0
    kinds: list[ParagraphKind] = ["body"]
    for event, node in etree.iterwalk(tree, events=("start", "end")):
        tag = node.tag if isinstance(node.tag, str) else "script"
        if tag in _BREAKING:
            yield from _flush(parts, kinds[-1])
        if event == "start":
            hidden += tag in _HIDDEN
            if tag in _KINDS:
                kinds.append(_KINDS[tag])
            parts.append("" if hidden else node.text or "")
        else:
            hidden -= tag in _HIDDEN
            if tag in _KINDS:
                kinds.pop()
            parts.append("" if hidden else node.tail or "")
    yield from _flush(parts, kinds[-1])


def _flush(parts: list[str], kind: ParagraphKind) -> Iterator[BlockText]:
    text = " ".join("".join(parts).split())
    parts.clear()
    if text:
        yield kind, text
