"""Which element does XML begin with? By a look at the first bytes, no parser."""

from __future__ import annotations

import re

from index.readers.encodings import decode

_LOOKED_AT = 64 * 1024
# A name, with or without a prefix, that something follows which may follow the name of an element.
_ROOT = re.compile(r"<(?:[A-Za-z_][\w.-]{0,60}:)?([A-Za-z_][\w.-]{0,60})(?=[\s/>])")
_BEFORE = (("<?", "?>"), ("<!--", "-->"))


def xml_root(head: bytes) -> str | None:
    """Find the name of the root element, without its prefix.

    Args:
        head: the first bytes, in any encoding; comments, the declaration and a DOCTYPE
            before the element are passed over.

    Returns:
        The name as written; or None where they are not markup, or the element lies further on.
    """
    start = head[:_LOOKED_AT]
    if b"<" not in start[:256]:
        return None
    # Names of elements are looked for in ASCII alone; what is unmarked needs no guess of its encoding.
    wide = b"\0" in start[:16] or start.startswith((b"\xff\xfe", b"\xfe\xff"))
    text = decode(start) if wide else start.removeprefix(b"\xef\xbb\xbf").decode("latin-1")
    at = 0
    while True:
        at = _space(text, at)
        if not text.startswith("<", at):
            return None
        closing = next((end for start, end in _BEFORE if text.startswith(start, at)), None)
        if closing:
            end = text.find(closing, at)
            if end < 0:
                return None
            at = end + len(closing)
        elif text.startswith("<!", at):
            at = _after_doctype(text, at)
        else:
            found = _ROOT.match(text, at)
            return found[1] if found else None


def is_xml(head: bytes) -> bool:
    """Say whether bytes are XML of whatever kind, rather than text that has a tag at its beginning."""
    start = head.removeprefix(b"\xef\xbb\xbf").lstrip()
    stated = start.startswith((b"<?xml", b"<!DOCTYPE", b"<!--")) or b"xmlns" in start[:4096]
    return start.startswith(b"<?xml") or (stated and (xml_root(head) is not None or _is_comment(start)))


def _is_comment(start: bytes) -> bool:
    while start.startswith(b"<!--"):
        start = start.partition(b"-->")[2].lstrip()
    return not start


def _space(text: str, at: int) -> int:
    while at < len(text) and text[at].isspace():
        at += 1
    return at


def _after_doctype(text: str, at: int) -> int:
    """Pass over a DOCTYPE and the declarations in its brackets."""
    end, subset = text.find(">", at), text.find("[", at)
    if 0 <= subset < end:
        end = text.find("]", subset)
        # Brackets in quoted values: whatever follows, the declaration ends with "]" and ">".
        while end >= 0 and text[_space(text, end + 1) : _space(text, end + 1) + 1] != ">":
            end = text.find("]", end + 1)
        end = _space(text, end + 1) if end >= 0 else -1
    return len(text) if end < 0 else end + 1
