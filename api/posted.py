"""The body of a request → documents: one or many, in any format that is read, several files in a form."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import PurePosixPath
from typing import Any

from flask import Request
from werkzeug.datastructures import FileStorage

from index.errors import InputError, UnsupportedInputError
from index.readers import READERS, Outcome, is_read, is_vague, media_types, read_bytes

MULTIPART = "multipart/form-data"
MAX_NAMED = 1000
_SHOWN_CHARS = 500
_BYTES = ("application/pdf", "application/zip", "application/gzip", "application/vnd.")


def described() -> dict[str, Any]:
    """What the OpenAPI description says of a body: a media type each, as the readers state them."""
    content: dict[str, Any] = {}
    for name in media_types():
        schema: dict[str, Any] = {"type": "string"}
        if name in ("application/json", "application/ld+json"):
            schema = {"oneOf": [{"type": "object"}, {"type": "array", "items": {"type": "object"}}]}
        elif name.startswith(_BYTES):
            schema = {"type": "string", "format": "binary"}
        content[name] = {"schema": schema}
    parts = {"type": "array", "items": {"type": "string", "format": "binary"}}
    content[MULTIPART] = {"schema": {"type": "object", "properties": {"file": parts}}}
    # Of no stated type: the body itself tells.
    content["application/octet-stream"] = {"schema": {"type": "string", "format": "binary"}}
    return content


def is_taken(request: Request) -> bool:
    """Say whether the Content-Type is one that is read, or none, or says nothing."""
    return request.mimetype == MULTIPART or is_read(request.mimetype)


def read_posted(request: Request, name: str) -> Iterator[Outcome]:
    """Read a request's body.

    Args:
        request: whose type `is_taken`.
        name: of the body, told to a person in place of a path; its ending tells the
            format where the type does not.

    Yields:
        A document, or an error that names the file, line or member it is about; of errors the
        first `MAX_NAMED`, then one that counts the others.
    """
    unnamed, named = 0, 0
    for outcome in _read(request, name):
        if not isinstance(outcome, InputError) or named < MAX_NAMED:
            named += isinstance(outcome, InputError)
            yield outcome
        else:
            unnamed += 1
    if unnamed:
        yield InputError(name, f"{unnamed} more were refused; the first {MAX_NAMED} are named")


def _read(request: Request, name: str) -> Iterator[Outcome]:
    if request.mimetype == MULTIPART:
        for field, file in request.files.items(multi=True):
            yield from _read_file(file, field)
        for field in request.form:
            yield UnsupportedInputError(field[:_SHOWN_CHARS], "a field of a form, no file; send it as one")
        return
    suffix = _suffix(name) if is_vague(request.mimetype) else ""
    yield from read_bytes(request.get_data(cache=False), name, request.content_type, suffix)


def _read_file(file: FileStorage, field: str) -> Iterator[Outcome]:
    name = (file.filename or field)[:_SHOWN_CHARS]
    suffix = _suffix(name)
    known = any(suffix in reader.suffixes for reader in READERS)
    kind = file.content_type or ""
    if known and (not is_read(kind) or is_vague(kind) or file.mimetype == "text/plain"):
        # Browsers make the type of a file's ending, and know fewer of them: CSV comes as Excel's.
        kind = ""
    elif not is_read(kind):
        yield UnsupportedInputError(name, f"{file.mimetype[:100]}, a type that is not read here")
        return
    yield from read_bytes(file.read(), name, kind or None, suffix)


def _suffix(name: str) -> str:
    return PurePosixPath(name.lower().removesuffix(".gz")).suffix
