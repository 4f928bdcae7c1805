"""With what does markup begin? By a look at the first bytes, no parser and no pattern that could run away."""

from __future__ import annotations

import re

from index.readers.encodings import decode

_LOOKED_AT = 64 * 1024
# A name, with or without a prefix, that something follows which may follow the name of an element.
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})(?=[\s/>])")
_DOCTYPE_HTML = re.compile(r"<!doctype\s{1,20}html", re.IGNORECASE)
_BEFORE = (("<?", "?>"), ("<!--", "-->"))


def xml_root(head: bytes) -> str | None:
    """Find the name of the root element, without its prefix.

    Args:
        head: the first bytes, in any encoding; comments, the declaration and a DOCTYPE
            before the element are passed over.

    Returns:
        The name as written; or None where they are not markup, or the element lies further on.
    """
    text = _beginning(head)
    at = after_prolog(text)
    while text.startswith("<!", at) and not text.startswith("<!--", at):
        at = after_prolog(text, doctype_end(text, at))
    found = _ROOT.match(text, at)
    return found[1] if found else None


def is_html(head: bytes) -> bool:
    """Say whether the first thing besides comments is HTML's DOCTYPE or its root element."""
    text = _beginning(head)
    at = after_prolog(text)
    return bool(_DOCTYPE_HTML.match(text, at)) or (xml_root(head) or "").lower() == "html"


def is_xml(head: bytes) -> bool:
    """Say whether bytes are XML of whatever kind, rather than text that has a tag at its beginning."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    if start.startswith(b"<?xml"):
        return True
    stated = start.startswith((b"<!DOCTYPE", b"<!--")) or b"xmlns" in start[:4096]
    text = _beginning(head)
    return stated and (xml_root(head) is not None or after_prolog(text) == len(text))


def after_prolog(text: str, at: int = 0) -> int:
    """Find the end of the white space, comments and instructions that begin at a place in a text."""
    while True:
        while at < len(text) and (text[at].isspace() or text[at] == "\ufeff"):
            at += 1
        closing = next((end for start, end in _BEFORE if text.startswith(start, at)), None)
        if closing is None:
            return at
        end = text.find(closing, at)
        if end < 0:
            return len(text)
        at = end + len(closing)


def doctype_end(text: str, at: int) -> int:
    """Find the end of a DOCTYPE that begins at a place in a text, its declarations in brackets included."""
    end, subset = text.find(">", at), text.find("[", at)
    if 0 <= subset < end:
        end = text.find("]", subset)
        # Brackets in quoted values: whatever follows, the declaration ends with "]" and ">".
        while end >= 0 and not text[end + 1 : end + 50].lstrip().startswith(">"):
            end = text.find("]", end + 1)
        end = text.find(">", end) if end >= 0 else -1
    return len(text) if end < 0 else end + 1


def _beginning(head: bytes) -> str:
    start = head[:_LOOKED_AT]
    if b"<" not in start[:256]:
        return ""
    # Names of elements are looked for in ASCII alone; what is unmarked needs no guess of its encoding.
    wide = b"\0" in start[:16] or start.startswith((b"\xff\xfe", b"\xfe\xff"))
    return decode(start) if wide else start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
