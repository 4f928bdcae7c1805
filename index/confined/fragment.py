"""A piece of HTML, all of it article → its blocks, by lxml. Runs in the child."""

from __future__ import annotations

from index.readers.blocks import BlockText
from index.readers.fragments import fragment_blocks


def extract(data: bytes) -> list[BlockText]:
    """Take the text of markup in UTF-8.

    Returns:
        `[kind, text]` of each block in order.
    """
    return fragment_blocks(data.decode("utf-8", "replace"))
