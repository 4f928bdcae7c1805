"""How does a file that is the same for everybody travel? By the name of its content once, or asked after."""

from __future__ import annotations

import mimetypes
import stat
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from hashlib import blake2b
from pathlib import Path
from typing import Any

from flask import Flask, Response, abort, make_response, request, url_for
from werkzeug.security import safe_join

from api.caching import FOR_EVER

STATIC = Path(__file__).with_name("static")
ASK_AGAIN = "public, no-cache"
_TEXT = ("text/", "application/json", "application/javascript", "image/svg+xml")


@dataclass(frozen=True, slots=True)
class Asset:
    """A file's bytes, their digest in hexadecimal, and their media type."""

    body: bytes
    digest: str
    mimetype: str


class Assets:
    """The folders of one application whose files are served as they are.

    `url_for(endpoint, <argument>=name)` gives `…?v=<digest>`, which is another address when
    the content is another. Only at the address of the content that is there now may it
    be kept for ever: a page of an older release may ask for an older one.
    """

    def __init__(self, app: Flask) -> None:
        self._app = app
        self._served: dict[str, tuple[Path, str]] = {}
        app.url_defaults(self._name_the_content)

    def serve(self, endpoint: str, rule: str, folder: Path, names: Collection[str] | None = None) -> None:
        """Serve a folder's files, or some of them, at a rule with one variable part, the name."""

        def view(**named: str) -> Response:
            (name,) = named.values()
            found = None if names is not None and name not in names else find(folder, name)
            if found is None:
                abort(404)
            return answer(found, FOR_EVER if request.args.get("v") == found.digest else ASK_AGAIN)

        self._app.add_url_rule(rule, endpoint, view)
        (argument,) = next(self._app.url_map.iter_rules(endpoint)).arguments
        self._served[endpoint] = (folder, argument)

    def _name_the_content(self, endpoint: str, values: dict[str, Any]) -> None:
        folder, argument = self._served.get(endpoint, (None, ""))
        found = find(folder, str(values.get(argument, ""))) if folder else None
        if found:
            values.setdefault("v", found.digest)


def find(folder: Path, name: str) -> Asset | None:
    """A file within a folder by its name, or None; it is read again when it has changed."""
    joined = safe_join(str(folder), name)
    if joined is None:
        return None
    path = Path(joined)
    try:
        found = path.stat()
    except (OSError, ValueError):  # there is none, or no file can be called so
        return None
    return _read(path, found.st_mtime_ns) if stat.S_ISREG(found.st_mode) else None


@lru_cache(maxsize=64)
def _read(path: Path, _changed: int) -> Asset:
    body = path.read_bytes()
    guessed = mimetypes.guess_type(path.name)[0] or "application/octet-stream"
    return Asset(body, blake2b(body, digest_size=6).hexdigest(), guessed)


def answer(found: Asset, keep: str) -> Response:
    """A file, or that the client has it already.

    The tag is weak, since the compressed file is another sequence of bytes; Flask's own
    static files get a strong one that no compressed copy is ever recognised by.
    """
    if found.digest in request.if_none_match.as_set(include_weak=True):
        made = make_response(b"", 304)
    else:
        made = make_response(found.body)
        made.content_type = found.mimetype + ("; charset=utf-8" if found.mimetype.startswith(_TEXT) else "")
    made.set_etag(found.digest, weak=True)
    made.headers["Cache-Control"] = keep
    return made


def asset(name: str) -> str:
    """Address of a static file, for templates."""
    return url_for("static", filename=name)
