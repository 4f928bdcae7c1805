"""A Word document → its paragraphs, by python-docx. Runs in the child."""

from __future__ import annotations

import io
from collections.abc import Iterator
from datetime import datetime
from typing import Any
from zipfile import BadZipFile

import docx
from docx.opc.exceptions import PackageNotFoundError
from docx.oxml.ns import qn
from lxml.etree import XMLSyntaxError

from index.confined.refusal import RefusalError

_PARAGRAPH, _TABLE, _ROW, _CELL = qn("w:p"), qn("w:tbl"), qn("w:tr"), qn("w:tc")
# A text box stands in its paragraph twice, for new programs and for old; neither is the paragraph's text.
_SHAPES = (qn("w:txbxContent"), "{http://schemas.openxmlformats.org/markup-compatibility/2006}Fallback")
_STYLE, _VALUE = qn("w:pStyle"), qn("w:val")
# Text itself, and what stands for white space. Deleted text that is still on record is `w:delText`.
_TEXT, _SPACES = qn("w:t"), {qn("w:tab"): " ", qn("w:br"): "\n", qn("w:cr"): "\n", qn("w:noBreakHyphen"): "-"}
_MAX_STYLES = 5000


def extract(data: bytes) -> dict[str, Any]:
    """Read a .docx.

    Returns:
        `blocks`, `[style, text]` of each paragraph in order, tables a row each with " | " between its
        cells (style `row`), styles by their English names in lower case; and `title, author, subject,
        created` of its properties, or None.
    """
    try:
        document = docx.Document(io.BytesIO(data))
    except (PackageNotFoundError, KeyError, BadZipFile, XMLSyntaxError) as error:
        raise RefusalError(
            f"not a Word document that can be opened ({' '.join(str(error).split())[:120]})"
        ) from error
    except ValueError as error:
        raise RefusalError("a Word template or a document with macros; save it as a plain .docx") from error
    styles = {style.style_id: (style.name or "").lower() for style in list(document.styles)[:_MAX_STYLES]}
    return {"blocks": list(_blocks(document.element.body, styles)), **_properties(document.core_properties)}


def _blocks(body: Any, styles: dict[str, str]) -> Iterator[list[str]]:
    """Walk the body without recursion; a table within a table is a part of its cell."""
    stack = [body]
    while stack:
        element = stack.pop()
        if element.tag == _PARAGRAPH:
            text = _text(element)
            if text:
                style = next((one.get(_VALUE) for one in element.iter(_STYLE)), "")
                yield [styles.get(style or "", ""), text]
        elif element.tag == _TABLE:
            for row in element.iterchildren(_ROW):
                cells = [" ".join(_text(cell).split()) for cell in row.iterchildren(_CELL)]
                if any(cells):
                    yield ["row", " | ".join(cell for cell in cells if cell)]
        else:
            stack.extend(reversed(list(element)))


def _text(element: Any) -> str:
    """Join an element's text, tracked insertions in and deletions out, text boxes once."""
    parts: list[str] = []
    skipped = None
    for node in element.iter():
        if skipped is not None:
            if skipped in node.iterancestors():
                continue
            skipped = None
        if node.tag in _SHAPES and node is not element:
            skipped = node
        elif node.tag == _TEXT:
            parts.append(node.text or "")
        elif node.tag in _SPACES:
            parts.append(_SPACES[node.tag])
        elif node.tag == _PARAGRAPH and node is not element:
            parts.append("\n")
    return "\n".join(filter(None, (" ".join(line.split()) for line in "".join(parts).split("\n"))))


def _properties(core: Any) -> dict[str, str | None]:
    found: dict[str, str | None] = {}
    for name in ("title", "author", "subject", "created"):
        try:
            value = getattr(core, name)
        except (ValueError, AttributeError, KeyError, TypeError):
            value = None
        found[name] = (
            value.isoformat() if isinstance(value, datetime) else str(value)[:1000] if value else None
        )
    return found
