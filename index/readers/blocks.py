"""Blocks of an article → its text and their spans in it. For every format that marks its paragraphs."""

from __future__ import annotations

from collections.abc import Sequence

from index.model import Block, ParagraphKind
from index.repeats import near_equal

BlockText = tuple[ParagraphKind, str]

_REPEATS_WITHIN = 3


def lay_out(headline: str | None, blocks: Sequence[BlockText]) -> tuple[str, tuple[Block, ...]]:
    """Join a headline and blocks by blank lines; the body's own copy of the headline goes.

    Args:
        headline: or None.
        blocks: kind and text of each in order, none empty.

    Returns:
        The text, and the span of each block in it, the headline first.
    """
    kept = [
        block
        for number, block in enumerate(blocks)
        if not (headline and number < _REPEATS_WITHIN and _same(headline, block[1]))
    ]
    lead: list[BlockText] = [("headline", headline)] if headline else []
    spans, start = [], 0
    for kind, text in lead + kept:
        spans.append(Block(start, start + len(text), kind))
        start += len(text) + 2
    return "\n\n".join(text for _, text in lead + kept), tuple(spans)


def _same(headline: str, text: str) -> bool:
    return text == headline or near_equal(headline, text)
