"""XML from outside → a tree, without any of what XML lets a stranger do to its reader.

No DTD is ever loaded or declared, no entity but characters resolved, nothing fetched: the document type
is cut away before the parser sees the text, and one with an internal subset is refused, since only
declarations of entities come in one. Depth, number of elements and size are limited, and the limits of
libxml2 on single pieces (10 MB of text, 256 levels) stay on.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from html.entities import html5
from typing import Any, TypeAlias

from lxml import etree

from index.errors import InputError, UnsupportedInputError
from index.readers.base import MB, Source
from index.readers.encodings import decode

# lxml's elements have no public class of their own; its stubs call this one private.
Element: TypeAlias = Any

# A news message of a hundred stories has a third of this; a tree of it takes some 40 MB.
MAX_TAGS = 150_000
MAX_XML_BYTES = 16 * MB
# A mark in a caption in a block of NITF in an item of a message is at 14.
MAX_DEPTH = 64

_NAMED = re.compile(r"&([A-Za-z][A-Za-z0-9]{0,31});")
_OWN = frozenset(("amp", "lt", "gt", "quot", "apos"))
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
KNOWN_ROOTS = {
    "schema": "an XML schema, no article",
    "stylesheet": "a style sheet, no article",
    "NewsML": "NewsML 1, which NewsML-G2 has replaced; ask the sender for NewsML-G2, NITF or ninjs",
}


def parse_xml(data: bytes, source: Source, place: str | None = None) -> Element:
    """Parse a whole document.

    Args:
        data: in the encoding that it declares, or that the sender states.
        source: where it came from.
        place: as a person is told it; None for the source's name.

    Returns:
        The root element; comments and processing instructions are not in the tree.

    Raises:
        InputError: it is not well formed, too large, or declares entities.
    """
    place = place or source.name
    if len(data) > MAX_XML_BYTES:
        raise InputError(place, f"larger than {MAX_XML_BYTES // MB} MB of XML; split it")
    return parse_text(_decoded(data, source.charset), place)


def _decoded(data: bytes, charset: str | None) -> str:
    """XML's text. What reads as UTF-8 is UTF-8: many senders declare ISO-8859-1 and mean nothing by it."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        return decode(data, charset, look_inside=True)
    return decode(data, charset, look_inside=True) if "\0" in text else text


def parse_text(text: str, place: str) -> Element:
    """Parse a whole document that is text already; as `parse_xml`."""
    if text.count("<") > MAX_TAGS or text.count("=") > MAX_TAGS:
        raise InputError(place, f"XML of more than {MAX_TAGS:,} tags or attributes; split it")
    start, doctype = _behind_prolog(text)
    if doctype and "[" in doctype:
        raise InputError(
            place, "XML that declares its own entities (a DOCTYPE with brackets); leave that declaration out"
        )
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        load_dtd=False,
        no_network=True,
        huge_tree=False,
        remove_comments=True,
        remove_pis=True,
        collect_ids=False,
    )
    body = _ILLEGAL.sub("\ufffd", _with_characters(text[start:]))
    try:
        root = etree.fromstring(body.encode("utf-8"), parser)
    except etree.XMLSyntaxError as error:
        line = (error.lineno or 1) + text.count("\n", 0, start)
        raise InputError(place, f"XML that is not well formed, near line {line} ({_said(error)})") from error
    except (etree.LxmlError, ValueError) as error:
        raise InputError(place, f"XML that cannot be parsed ({error})") from error
    _check_depth(root, place)
    return root


def _said(error: etree.XMLSyntaxError) -> str:
    return str(error.msg or "it breaks off").split(", line ")[0][:200]


def _check_depth(root: Element, place: str) -> None:
    depth = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        depth += 1 if event == "start" else -1
        if depth > MAX_DEPTH:
            raise InputError(place, f"XML nested deeper than {MAX_DEPTH} levels")


def _behind_prolog(text: str) -> tuple[int, str | None]:
    """Where the root element begins, and the DOCTYPE before it, up to its own brackets."""
    at, doctype = 1 if text.startswith("\ufeff") else 0, None
    while True:
        while at < len(text) and text[at].isspace():
            at += 1
        if text.startswith("<?", at):
            end = text.find("?>", at)
        elif text.startswith("<!--", at):
            end = text.find("-->", at) + (1 if text.find("-->", at) >= 0 else 0)
        elif text[at : at + 9].upper() == "<!DOCTYPE":
            end, doctype = _doctype_end(text, at)
            end -= 1
        else:
            return at, doctype
        if end < 0:
            return len(text), doctype
        at = end + 2


def _doctype_end(text: str, at: int) -> tuple[int, str]:
    """Where a DOCTYPE ends: at its `>`, or at the bracket of an internal subset, quotes passed over."""
    quote = ""
    for i in range(at, min(len(text), at + 4096)):
        char = text[i]
        if quote:
            quote = "" if char == quote else quote
        elif char in "\"'":
            quote = char
        elif char in "[>":
            return i, text[at : i + 1]
    return len(text), text[at : at + 4096] + "["  # never closed: nothing to trust in it


def _with_characters(text: str) -> str:
    """Replace the names of characters that HTML knows; what no table knows stays as written.

    CDATA is left as it is. Without this a story with one `&eacute;` would be lost with its DTD.
    """
    if "&" not in text:
        return text
    made = []
    for number, piece in enumerate(text.split("<![CDATA[")):
        raw, closing, rest = piece.partition("]]>") if number else ("", "", piece)
        made += ["<![CDATA[" if number else "", raw, closing, _NAMED.sub(_character, rest)]
    return "".join(made)


def _character(match: re.Match[str]) -> str:
    name = match.group(1)
    if name in _OWN:
        return match.group()
    found = html5.get(f"{name};")
    return f"&amp;{name};" if found is None else found.replace("&", "&amp;").replace("<", "&lt;")


def local(element: Element) -> str:
    """An element's name without its namespace."""
    tag: str = element.tag
    return tag.rpartition("}")[2]


def children(element: Element, *names: str) -> Iterator[Element]:
    """Children of these names, whatever their namespace; all of them where none is given."""
    for child in element:
        if isinstance(child.tag, str) and (not names or local(child) in names):
            yield child


def child(element: Element | None, *path: str) -> Element | None:
    """The first element at a path of names, or None."""
    for name in path:
        element = None if element is None else next(children(element, name), None)
    return element


def descendants(element: Element, *names: str) -> Iterator[Element]:
    """All elements of these names below, in the document's order."""
    for found in element.iter():
        if isinstance(found.tag, str) and local(found) in names:
            yield found


def words(element: Element | None) -> str | None:
    """All text of an element on one line, or None where there is none."""
    if element is None:
        return None
    return " ".join("".join(element.itertext()).split()) or None


def attribute(element: Element | None, name: str) -> str | None:
    """An attribute without the spaces around it, or None where it is missing or empty."""
    value = None if element is None else element.get(name)
    return " ".join(value.split()) or None if value else None


def refuse_root(name: str | None, place: str) -> UnsupportedInputError:
    """Say what XML of this root is, where no reader takes it."""
    root = f"its root is <{name}>" if name else "it begins with no element"
    other = f"XML of a format that is not read here ({root})"
    return UnsupportedInputError(place, KNOWN_ROOTS.get(name or "", other))


def etree_text(element: Element) -> str:
    """An element as markup without prefixes and namespaces, for a reader of HTML."""
    copy = deepcopy(element)
    for below in copy.iter():
        if isinstance(below.tag, str):
            below.tag = local(below)
    copy.tail = None
    return etree.tostring(copy, encoding="unicode", method="html")
