"""A page's text → what it states about itself and the blocks of its article. Runs in the child."""

from __future__ import annotations

import re

from lxml import etree
from lxml.html import HtmlElement, HTMLParser, document_fromstring

from index.paragraphs import split_paragraphs
from index.readers.blocks import BlockText
from index.readers.htmlbody import article_blocks
from index.readers.htmlmeta import PageFacts, page_facts
from index.readers.htmlplain import plain_blocks
from index.readers.xmlroot import after_prolog, doctype_end

# articleBody is taken when the page itself shows this little.
_SHORT_TEXT_CHARS = 250


def read_page(page: str) -> tuple[PageFacts, list[BlockText]]:
    """Take a page apart.

    Args:
        page: HTML, however broken.

    Returns:
        What it states, and kind and text of each block of its article, in order.

    Raises:
        ValueError: no markup that can be parsed.
    """
    tree, whole = _parse(page)
    facts = page_facts(tree)
    blocks = article_blocks(tree) if whole else _plain(page)
    return facts, _prefer(blocks, facts)


def _plain(page: str) -> list[BlockText]:
    return [("body", text) for text in plain_blocks(page)]


def _parse(text: str) -> tuple[HtmlElement, bool]:
    """Parse a page; also say whether all of it is in the tree, or the parser hit its limits."""
    # No network, no external entity: the HTML parser knows neither; the limits of a
    # tree's size and depth stay on.
    parser = HTMLParser(
        encoding="utf-8",
        huge_tree=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        tree: HtmlElement = document_fromstring(
            _without_declarations(text).encode("utf-8", "replace"), parser=parser
        )
    except (etree.LxmlError, ValueError, AssertionError) as error:
        raise ValueError(f"cannot be parsed as HTML ({error})") from error
    whole = not any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log)
    return tree, whole


def _without_declarations(text: str) -> str:
    """Cut a DOCTYPE with declarations of entities: a parser of HTML takes them for text."""
    at = after_prolog(text)
    if text[at : at + 9].lower() != "<!doctype":
        return text
    end = doctype_end(text, at)
    return text[:at] + text[end:] if "[" in text[at:end] else text


def _prefer(blocks: list[BlockText], facts: PageFacts) -> list[BlockText]:
    """Fall back to JSON-LD's articleBody where the page itself shows next to nothing."""
    body = facts.body
    shown = sum(len(text) for _, text in blocks)
    if not body or shown >= _SHORT_TEXT_CHARS or len(body) <= shown:
        return blocks
    body = re.sub(r"<[^<>]{1,200}>", " ", body)
    return [(piece.kind, body[piece.start : piece.end]) for piece in split_paragraphs(body)]
