"""What stands above a Markdown text between two lines of dashes (or plus signs): its fields.

The dashes hold a small part of YAML: `key: value`, lists in brackets or as lines with a dash, and
texts below `>` or `|`. Rejected: a whole YAML parser, of which anchors, tags and nested maps are
what attacks are made of, and no article has them. TOML between plus signs is Python's own.
"""

from __future__ import annotations

import re
import tomllib
from datetime import date, datetime
from typing import Any

MAX_LINES = 500
MAX_CHARS = 64 * 1024
_KEY = re.compile(r"([A-Za-z_][\w .-]{0,60}?)[ \t]*:(?:[ \t]+|$)")
_FOLDED = (">", "|", ">-", "|-", ">+", "|+")


def front_matter(text: str) -> tuple[dict[str, Any], str]:
    """Split a text into its front matter and the rest.

    Args:
        text: Markdown.

    Returns:
        The fields, names in lower case, values strings or lists of strings (of TOML also
        numbers and booleans), and the text below. No fields, and all of the text, where none stand at
        its beginning.
    """
    text = text.removeprefix("\ufeff")
    fence = text[:3]
    if fence not in ("---", "+++") or text[3:4] not in ("\n", "\r"):
        return {}, text
    lines = text[: MAX_CHARS + 8].splitlines(keepends=True)[: MAX_LINES + 2]
    closing = ("---", "...") if fence == "---" else ("+++",)
    end = next((n for n, line in enumerate(lines[1:], 1) if line.rstrip() in closing), None)
    if end is None:
        return {}, text
    inside = [line.rstrip("\r\n") for line in lines[1:end]]
    fields = _yaml(inside) if fence == "---" else _toml(inside)
    return (fields, text[sum(map(len, lines[: end + 1])) :]) if fields else ({}, text)


def _toml(lines: list[str]) -> dict[str, Any]:
    try:
        found = tomllib.loads("\n".join(lines))
    except (ValueError, RecursionError):
        return {}
    return {name.lower(): _plain(value) for name, value in found.items() if not isinstance(value, dict)}


def _plain(value: Any) -> Any:
    if isinstance(value, date | datetime):
        return value.isoformat()
    if isinstance(value, list):
        return [one for one in value if isinstance(one, str)]
    return value if isinstance(value, str | int | float | bool) else str(value)


def _yaml(lines: list[str]) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    name, below = "", ""
    for line in lines:
        found = None if line[:1].isspace() else _KEY.match(line)
        if found:
            name, value = found[1].lower(), line[found.end() :].strip()
            below = value if value in _FOLDED else ""
            fields[name] = "" if below else _value(value)
        elif name and line.strip() and not line.lstrip().startswith("#"):
            _continue(fields, name, line.strip(), below)
    return {name: value for name, value in fields.items() if value not in ("", [])}


def _continue(fields: dict[str, Any], name: str, line: str, below: str) -> None:
    """Take a line that belongs to the field above it."""
    held = fields[name]
    if line.startswith("- ") and not below:
        items = held if isinstance(held, list) else []
        fields[name] = [*items, _unquoted(line[2:].strip())]
    elif isinstance(held, str):
        fields[name] = held + ("\n" if held and below.startswith("|") else " " if held else "") + line


def _value(value: str) -> str | list[str]:
    if value.startswith("[") and value.endswith("]"):
        items = (_unquoted(item.strip()) for item in value[1:-1].split(","))
        return [item for item in items if item]
    return _unquoted(value)


def _unquoted(value: str) -> str:
    quote = value[:1]
    if quote in ("'", '"') and len(value) > 1 and value.endswith(quote):
        inner = value[1:-1]
        return inner.replace("''", "'") if quote == "'" else inner.replace('\\"', '"').replace("\\\\", "\\")
    comment = value.find(" #")
    value = value[:comment].rstrip() if comment >= 0 else value
    return "" if value in ("~", "null") else value
