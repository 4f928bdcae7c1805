"""Bytes to text: which encoding, and whether it is text at all."""

from __future__ import annotations

import codecs
import re

from charset_normalizer import from_bytes

_BOMS = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),  # before UTF-16, whose mark it begins with
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)

_MAGIC = (
    (b"%PDF", "a PDF"),
    (b"%!PS", "PostScript"),
    (b"{\\rtf", "an RTF document"),
    (b"PK\x03\x04", "a ZIP archive or office document"),
    (b"\x89PNG", "an image"),
    (b"GIF8", "an image"),
    (b"\xff\xd8\xff", "an image"),
    (b"\x7fELF", "a program"),
    (b"7z\xbc\xaf", "an archive"),
    (b"Rar!", "an archive"),
    (b"BZh", "a bzip2 file"),
    (b"\xfd7zXZ", "an xz file"),
    (b"\x28\xb5\x2f\xfd", "a Zstandard file"),
    (b"\x1f\x8b", "a gzip file inside a gzip file"),
    (b"\xd0\xcf\x11\xe0", "an office document"),
    (b"SQLite format 3", "a database"),
    (b"OggS", "audio"),
    (b"ID3", "audio"),
)

_CONTROL = bytes(c for c in range(32) if c not in b"\t\n\r\x0b\x0c\x08\x1b") + b"\x7f"
_CONTROL_SHARE = 0.05
_DECLARED = re.compile(
    rb"""<\?xml[^>]{0,200}?encoding=["']([\w.:-]{2,40})|<meta[^>]{0,300}?charset\s*=\s*["']?\s*([\w.:-]{2,40})""",
    re.IGNORECASE,
)
_DECLARED_WITHIN = 4096
_GUESS_FROM = 64 * 1024
_HIGH = re.compile(rb"[\x80-\xff]")
# What a lone byte of broken UTF-8 looks like when it is read as Western European.
_IMPLAUSIBLE = re.compile(
    rb"[\xfe\xff\x81\x8d\x8f\x90\x9d]|(?<=[a-z])[\xc0-\xde]|[\xc2-\xde](?![A-Za-z\xc0-\xff])"
)


def why_binary(head: bytes) -> str | None:
    """Tell binary data from text in any encoding.

    Args:
        head: the first bytes, some 64 KB.

    Returns:
        What it is, for a person ("a PDF"), or None when it can be text.
    """
    if _marked(head):
        return None
    for magic, what in _MAGIC:
        if head.startswith(magic):
            return what
    if b"\0" in head:
        return "binary data (NUL bytes)"
    controls = len(head) - len(head.translate(None, _CONTROL))
    if controls > _CONTROL_SHARE * len(head):
        return "binary data (control characters)"
    return None


def decode(data: bytes, declared: str | None = None, *, look_inside: bool = False) -> str:
    """Turn bytes into text; never fails, and bad bytes become U+FFFD.

    Args:
        data: the whole of it.
        declared: the encoding that the sender states, or None.
        look_inside: trust an XML or HTML declaration in the data.

    Returns:
        The text, without a byte order mark, NULs replaced.
    """
    marked = _marked(data)
    if marked:
        text = data.decode(marked, "replace")
    else:
        text = _decode_unmarked(data, declared or (_declared(data) if look_inside else None))
    return text.replace("\0", "\ufffd")


def _marked(data: bytes) -> str | None:
    for mark, name in _BOMS:
        if data.startswith(mark):
            return name
    return _bare_utf16(data[:1024])


def _bare_utf16(head: bytes) -> str | None:
    """Recognise UTF-16 without its mark: Latin text has a NUL in every other byte."""
    half = len(head) // 2
    even, odd = head[0::2].count(0), head[1::2].count(0)
    if half < 8 or min(even, odd) > half // 20 or max(even, odd) < 0.7 * half:
        return None
    return "utf-16-le" if odd > even else "utf-16-be"


def _declared(data: bytes) -> str | None:
    found = _DECLARED.search(data, 0, _DECLARED_WITHIN)
    return (found[1] or found[2]).decode("ascii") if found else None


def _decode_unmarked(data: bytes, declared: str | None) -> str:
    for name in (declared, "utf-8"):
        text = _strictly(data, name)
        if text is not None:
            return text
    if _is_broken_utf8(data):
        return data.decode("utf-8", "replace")
    start = max(0, _first_high(data) - _GUESS_FROM // 2)
    guess = from_bytes(data[start : start + _GUESS_FROM]).best()
    return data.decode(_likelier(guess.encoding, guess.language) if guess else "cp1252", "replace")


def _likelier(guessed: str, language: str) -> str:
    """Windows-1252 in place of its relatives: a few accents in English text fit them all alike."""
    related = guessed.startswith(("cp125", "iso8859", "latin", "mac", "cp437", "cp85", "hp_roman"))
    foreign = guessed in ("cp1251", "cp1253", "cp1255", "cp1256", "cp1258", "mac_cyrillic", "mac_greek")
    foreign |= guessed in ("iso8859_5", "iso8859_6", "iso8859_7", "iso8859_8", "iso8859_11", "cp855", "cp857")
    return "cp1252" if related and not foreign and language in ("English", "Unknown") else guessed


def _strictly(data: bytes, name: str | None) -> str | None:
    if not name:
        return None
    try:
        codec = codecs.lookup(name).name
        if codec in ("iso8859-1", "ascii"):
            codec = "cp1252"  # what every browser takes these labels for
        # UTF-16 stated in bytes that read as ASCII is a lie; binary codecs are not encodings.
        if codec.startswith(("utf-16", "utf-32")):
            return None
        return data.decode(codec)
    except (LookupError, ValueError):
        return None


def _first_high(data: bytes) -> int:
    found = _HIGH.search(data)
    return found.start() if found else 0


def _is_broken_utf8(data: bytes) -> bool:
    """Say whether damaged UTF-8 explains the bytes better than an older encoding does."""
    text = data.decode("utf-8", "replace")
    bad = text.count("\ufffd")
    good = sum(1 for char in text if char > "\x7f") - bad
    if good:
        return good >= bad
    few = len(_HIGH.findall(data)) <= max(3, len(data) // 500)
    return few and bool(_IMPLAUSIBLE.search(data))
