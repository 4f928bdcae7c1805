"""Pieces of HTML that stand inside another format: all of it is the article, nothing is furniture."""

from __future__ import annotations

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from index.readers.htmlbody import walked
from index.readers.htmlplain import plain_blocks
from index.readers.laying import Piece


def pieces_of_html(markup: str) -> list[Piece]:
    """Read the paragraphs of a piece of HTML or XHTML.

    Args:
        markup: with or without `html` and `body`, as a sender put it into a field; however broken.

    Returns:
        Paragraphs, headings, quotes and captions in order; nothing of scripts, styles and forms.
    """
    if not markup.strip():
        return []
    parser = HTMLParser(
        encoding="utf-8",
        huge_tree=False,
        no_network=True,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    try:
        # In a body of its own, so that text before the first tag counts too.
        page = markup if "<body" in markup[:4096].lower() else f"<html><body>{markup}</body></html>"
        tree = document_fromstring(page.encode("utf-8", "replace"), parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return [Piece("body", text) for text in plain_blocks(markup)]
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        return [Piece("body", text) for text in plain_blocks(markup)]
    return [Piece(kind, text) for kind, text in walked(tree)]
