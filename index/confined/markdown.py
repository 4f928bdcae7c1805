"""Markdown → its blocks, by markdown-it-py (CommonMark and tables). Runs in the child."""

from __future__ import annotations

from collections.abc import Iterator

from markdown_it import MarkdownIt
from markdown_it.token import Token

from index.readers.fragments import fragment_blocks


def extract(data: bytes) -> list[list[str]]:
    """Read Markdown in UTF-8, without its front matter.

    Returns:
        `[kind, text]` of each block in order: `h1` to `h6`, `body`, `quote`, `caption` (an image by
        itself), `row` (cells with " | " between them).
    """
    parser = MarkdownIt("commonmark", {"html": True}).enable(["table", "strikethrough"])
    return list(_blocks(parser.parse(data.decode("utf-8", "replace"))))


def _blocks(tokens: list[Token]) -> Iterator[list[str]]:
    quoted, heading = 0, ""
    row: list[str] | None = None
    for token in tokens:
        if token.type in ("blockquote_open", "blockquote_close"):
            quoted += token.nesting
        elif token.type == "heading_open":
            heading = token.tag
        elif token.type == "tr_open":
            row = []
        elif token.type == "tr_close" and row is not None:
            yield ["row", " | ".join(cell for cell in row if cell)]
            row = None
        elif token.type == "inline":
            text = _text(token.children or [])
            if row is not None:
                row.append(text)
            else:
                kind = heading or _kind(token.children or [], quoted > 0)
                yield [kind, text or _alternative(token.children or [])]
            heading = ""
        elif token.type in ("fence", "code_block"):
            yield ["body", token.content.strip("\n")]
        elif token.type == "html_block":
            yield from ([kind, text] for kind, text in fragment_blocks(token.content))


def _text(children: list[Token]) -> str:
    parts = []
    for child in children:
        if child.type in ("text", "code_inline"):
            parts.append(child.content)
        elif child.type in ("softbreak", "hardbreak"):
            parts.append("\n" if child.type == "hardbreak" else " ")
        elif child.type == "html_inline" and child.content.lower().startswith("<br"):
            parts.append("\n")
    return "\n".join(" ".join(line.split()) for line in "".join(parts).split("\n")).strip()


def _kind(children: list[Token], quoted: bool) -> str:
    if not _text(children) and _alternative(children):
        return "caption"
    return "quote" if quoted else "body"


def _alternative(children: list[Token]) -> str:
    """Take what stands for an image where it cannot be seen."""
    return " ".join(" ".join(child.content.split()) for child in children if child.type == "image")
