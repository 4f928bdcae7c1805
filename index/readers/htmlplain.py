"""The text of a page that the HTML parser gives up on: tags are cut away, paragraph by paragraph.

The parser refuses trees deeper than 256 elements and single pieces beyond 10 MB, and
silently keeps only what came before. Its limits stay on; the words are saved here.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from html import unescape

_TAG = re.compile(r"</?([A-Za-z][A-Za-z0-9]*)")
_INLINE = frozenset(
    ("a", "abbr", "b", "big", "cite", "code", "del", "em", "font", "i", "ins", "kbd", "mark", "q", "s",
     "small", "span", "strong", "sub", "sup", "time", "tt", "u", "wbr")
)  # fmt: skip
_HIDDEN = frozenset(("script", "style", "noscript", "template", "textarea", "title", "head", "nav", "footer"))


def plain_blocks(page: str) -> Iterator[str]:
    """Yield the paragraphs of a page, by looking at its tags one after another.

    Args:
        page: HTML, however broken.

    Yields:
        Text with entities resolved and white space collapsed, nothing empty; without
        scripts, styles and comments. Takes time in proportion to the page's length.
    """
    parts: list[str] = []
    for is_break, text in _tokens(page):
        parts.append(text)
        if is_break:
            yield from _flush(parts)
    yield from _flush(parts)


def _tokens(page: str) -> Iterator[tuple[bool, str]]:
    at, lower = 0, page.lower()
    while True:
        start = page.find("<", at)
        if start < 0:
            yield True, page[at:]
            return
        yield False, page[at:start]
        found = _TAG.match(page, start)
        name = found[1].lower() if found else ""
        opening = found is not None and page[start + 1] != "/"
        closing = "-->" if page.startswith("<!--", start) else ">"
        if name in _HIDDEN and opening:
            closing = f"</{name}"
        end = lower.find(closing, start)
        if end < 0:
            # Nothing closes it: what follows is no text.
            return
        at = end if closing.startswith("</") else end + len(closing)
        yield name not in _INLINE, ""


def _flush(parts: list[str]) -> Iterator[str]:
    text = " ".join(unescape("".join(parts)).split())
    parts.clear()
    if text:
        yield text
