"""A JSON object → a Document. The fields that the JSON lines format documents, and their aliases."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any

from index.errors import InputError, UnsupportedInputError
from index.model import Block, Document, Metadata
from index.paragraphs import split_paragraphs
from index.readers.base import Source, digest
from index.repeats import near_equal

# Other names that the same fields go by in the wild. The first name wins where both are given.
ALIASES = {"title": "headline", "date": "published"}
FIELDS = ("id", "headline", "published", "author", "publisher", "url", "text", "paragraphs")

# No article nests this deep; pickling and copying recurse, so the depth is bounded here.
MAX_NESTING = 64


class _FieldError(ValueError):
    """A field does not hold what it should; becomes an InputError that names the line."""


def parse_json(data: bytes | str) -> Any:
    """Parse JSON as RFC 8259 has it: no NaN, no Infinity, bounded depth.

    Raises:
        ValueError: with a message for a person.
    """
    try:
        return json.loads(data, parse_constant=_no_constant)
    except RecursionError as error:
        raise ValueError("nested too deeply") from error
    except json.JSONDecodeError as error:
        raise ValueError(f"not JSON: {error.msg} at character {error.pos + 1}") from error


def read_record(record: Any, source: Source, place: str, raw: bytes) -> Document | InputError:
    """Turn one parsed record into a document.

    Args:
        record: what `parse_json` gave.
        source: the file or post that it stands in.
        place: where in it, as a person is told: "news.jsonl:12".
        raw: the record as it stands in the source, for the identity of one without id and address.

    Returns:
        The document, its blocks marked, so that it is one article; or what is wrong
        with the record, naming the field.
    """
    if not isinstance(record, dict):
        return InputError(
            place, f"a {_json_name(record)} where an object with the article's fields is wanted"
        )
    try:
        if "$schema" in record and ("properties" in record or "$defs" in record or "allOf" in record):
            return UnsupportedInputError(place, "a JSON schema, no article")
        return _document(_rename(record), source, place, raw)
    except (_FieldError, RecursionError) as error:
        return InputError(place, str(error) or "nested too deeply")


def _document(fields: dict[str, Any], source: Source, place: str, raw: bytes) -> Document:
    headline = _string(fields, "headline")
    paragraphs = _paragraphs(fields)
    body = _string(fields, "text") if paragraphs is None else None
    text, blocks = _lay_out(headline, paragraphs, body)
    if not blocks:
        raise _FieldError('no text: give "text" or "paragraphs"')
    url = _string(fields, "url")
    return Document(
        identity=_identity(fields, url, source, raw),
        source=url or place,
        format="jsonlines",
        text=text,
        metadata=Metadata(
            headline=headline,
            published=_string(fields, "published"),
            author=_names(fields, "author"),
            publisher=_names(fields, "publisher"),
            url=url,
            extra={key: scrub(value) for key, value in fields.items() if key not in FIELDS},
        ),
        blocks=tuple(blocks),
    )


def _rename(record: Mapping[str, Any]) -> dict[str, Any]:
    fields = {clean(key): value for key, value in record.items()}
    for alias, name in ALIASES.items():
        if alias in fields and fields.get(name) is None:
            fields[name] = fields.pop(alias)
    return fields


def _identity(fields: Mapping[str, Any], url: str | None, source: Source, raw: bytes) -> str:
    own = fields.get("id")
    if isinstance(own, int) and not isinstance(own, bool):
        own = str(own)
    if own is not None and not isinstance(own, str):
        raise _FieldError(f'"id" is a {_json_name(own)}, a string is wanted')
    if own and own.strip():
        return f"id:{clean(own).strip()}"
    if url:
        return f"url:{url}"
    # Not the line's number: a line put in before it must not make this another document.
    return f"{source.address or 'content:'}#{digest(raw.strip())}"


def _lay_out(headline: str | None, paragraphs: list[str] | None, body: str | None) -> tuple[str, list[Block]]:
    """Join headline and text, and say where each paragraph lies."""
    if paragraphs is None:
        return _lay_out_text(headline, body or "")
    if headline and paragraphs and near_equal(headline, paragraphs[0]):
        paragraphs = paragraphs[1:]
    parts = ([headline] if headline else []) + paragraphs
    blocks, start = [], 0
    for number, part in enumerate(parts):
        kind = "headline" if headline and number == 0 else "body"
        blocks.append(Block(start, start + len(part), "headline" if kind == "headline" else "body"))
        start += len(part) + 2
    return "\n\n".join(parts), blocks


def _lay_out_text(headline: str | None, body: str) -> tuple[str, list[Block]]:
    lead = (f"{headline}\n\n" if body else headline) if headline else ""
    text = lead + body
    blocks = [Block(0, len(headline), "headline")] if headline else []
    for piece in split_paragraphs(body):
        if headline and len(blocks) == 1 and near_equal(headline, body[piece.start : piece.end]):
            continue
        blocks.append(Block(piece.start + len(lead), piece.end + len(lead), piece.kind))
    return text, blocks


def _paragraphs(fields: Mapping[str, Any]) -> list[str] | None:
    value = fields.get("paragraphs")
    if value is None:
        return None
    if not isinstance(value, list):
        raise _FieldError(f'"paragraphs" is a {_json_name(value)}, an array of strings is wanted')
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            raise _FieldError(f'"paragraphs" has a {_json_name(item)} as number {number}, a string is wanted')
    cleaned = (clean(item).strip() for item in value)
    return [item for item in cleaned if item]


def _string(fields: Mapping[str, Any], name: str) -> str | None:
    value = fields.get(name)
    if value is None:
        return None
    if not isinstance(value, str):
        raise _FieldError(f'"{name}" is a {_json_name(value)}, a string is wanted')
    return clean(value).strip() or None


def _names(fields: Mapping[str, Any], name: str) -> str | None:
    """A name, a list of names, or objects with a name, as one line."""
    value = fields.get(name)
    found = list(_each_name(value if isinstance(value, list) else [value], name))
    return ", ".join(found) or None


def _each_name(values: list[Any], field: str) -> Iterator[str]:
    for value in values:
        inner = value.get("name") if isinstance(value, dict) else value
        if inner is None and not isinstance(value, dict):
            continue
        if not isinstance(inner, str):
            raise _FieldError(
                f'"{field}" holds a {_json_name(value)}, a string or a list of strings is wanted'
            )
        if inner.strip():
            yield clean(inner).strip()


def names_line(value: Any) -> str | None:
    """Take a value that may be a string, or a list of strings, as one line; None where it is neither."""
    values = value if isinstance(value, list) else [value]
    return ", ".join(" ".join(one.split()) for one in values if isinstance(one, str) and one.strip()) or None


def clean(text: str) -> str:
    r"""Replace what no encoding can hold: half a surrogate pair (`\ud83d` alone) and NUL."""
    if text.isascii():
        return text.replace("\0", "\ufffd")
    return text.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace").replace("\0", "\ufffd")


def scrub(value: Any, depth: int = 0) -> Any:
    """Make a JSON value fit to be kept.

    Raises:
        ValueError: it is nested deeper than `MAX_NESTING`.
    """
    if depth > MAX_NESTING:
        raise _FieldError(f"nested deeper than {MAX_NESTING} levels")
    if isinstance(value, str):
        return clean(value)
    if isinstance(value, list):
        return [scrub(item, depth + 1) for item in value]
    if isinstance(value, dict):
        return {clean(key): scrub(item, depth + 1) for key, item in value.items()}
    return value


def _no_constant(name: str) -> Any:
    raise ValueError(f"not JSON: {name} is no JSON value")


def _json_name(value: Any) -> str:
    if value is None:
        return "null"
    names = {bool: "boolean", int: "number", float: "number", str: "string", list: "list", dict: "object"}
    return names.get(type(value), type(value).__name__)
