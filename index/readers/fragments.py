"""A piece of HTML, all of it article → its blocks: an entry of a feed, markup in Markdown."""

from __future__ import annotations

from lxml import etree
from lxml.html import HTMLParser, document_fromstring

from index.readers.blocks import BlockText
from index.readers.htmlbody import all_blocks
from index.readers.htmlplain import plain_blocks


def fragment_blocks(markup: str) -> list[BlockText]:
    """Take the text of markup that is no page.

    Args:
        markup: HTML, however broken, or text without any.

    Returns:
        Kind and text of each block in order, white space collapsed, nothing empty; without
        scripts, styles, menus and forms. Nothing is fetched.
    """
    if not markup.strip():
        return []
    # Encoded here, so that no declaration within is believed.
    data = markup.encode("utf-8", "replace")
    parser = HTMLParser(
        encoding="utf-8", huge_tree=False, no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        tree = document_fromstring(b"<div>" + data + b"</div>", parser=parser)
    except (etree.LxmlError, ValueError, AssertionError):
        return [("body", text) for text in plain_blocks(markup)]
    if any(error.type_name == "ERR_RESOURCE_LIMIT" for error in parser.error_log):
        return [("body", text) for text in plain_blocks(markup)]
    return all_blocks(tree)
