"""What a model found in a paragraph is found once: a file that several processes share."""

from __future__ import annotations

import json
import logging
import sqlite3
from collections.abc import Callable, Iterable, Mapping, Sequence
from hashlib import blake2b
from pathlib import Path
from typing import Protocol, runtime_checkable

from index.entities.names import RawName
from index.entities.spacing import Places, on_one_line

_log = logging.getLogger(__name__)
_BUSY_MS = 10_000
_AT_ONCE = 500

Names = tuple[RawName, ...]


@runtime_checkable
class Recognises(Protocol):
    """Anything that finds names: `Recogniser`, or a stand-in for it."""

    version: str

    def recognise(self, texts: Sequence[str]) -> list[Names]:
        """See `Recogniser.recognise`."""
        ...


class NameCache:
    """Raw names by recogniser and paragraph, in an SQLite file.

    A cache can always be filled again, so a file that is damaged, locked or
    cannot be written only costs time: it is reported to the log and done without.
    """

    def __init__(self, path: Path | None) -> None:
        """Open or create the file.

        Args:
            path: of the file, or None to remember nothing.
        """
        self._path = path
        self._db = None if path is None else _open(path)

    def get_many(self, version: str, texts: Iterable[str]) -> dict[str, Names]:
        """Look texts up.

        Args:
            version: the recogniser's.
            texts: any number of paragraphs.

        Returns:
            The names of those texts that are in the cache, by text.
        """
        if self._db is None:
            return {}
        keys = {_key(version, text): text for text in texts}
        found: dict[str, Names] = {}
        try:
            for some in _batches(list(keys)):
                marks = ",".join("?" * len(some))
                query = f"SELECT key, names FROM names WHERE key IN ({marks})"  # noqa: S608 - marks only
                for key, packed in self._db.execute(query, some):
                    found[keys[key]] = _unpack(packed)
        except (sqlite3.Error, ValueError, TypeError) as error:
            self._give_up(error)
        return found

    def put_many(self, version: str, names: Mapping[str, Names]) -> None:
        """Remember texts and their names under the recogniser's version."""
        if self._db is None or not names:
            return
        rows = [(_key(version, text), _pack(found)) for text, found in names.items()]
        try:
            with self._db:
                self._db.executemany("INSERT OR REPLACE INTO names VALUES (?, ?)", rows)
        except sqlite3.Error as error:
            self._give_up(error)

    def close(self) -> None:
        """Let go of the file; the cache then remembers nothing."""
        db, self._db = self._db, None
        if db is not None:
            db.close()

    def _give_up(self, error: Exception) -> None:
        _warn(self._path, error)
        self.close()


def recognise_cached(
    recogniser: Recognises | Callable[[], Recognises], cache: NameCache, texts: Sequence[str]
) -> list[Names]:
    """Find names, asking the model only about texts it has not seen.

    Args:
        recogniser: of names, or what makes one; a `Recogniser` loads its model only when asked.
        cache: of results.
        texts: paragraphs; those that are equal but for their white space cost once.

    Returns:
        For each text its names, as `Recogniser.recognise` gives them for the text on one line.
    """
    model = recogniser if isinstance(recogniser, Recognises) else recogniser()
    lines = [on_one_line(text) for text in texts]
    unique = list(dict.fromkeys(lines))
    found = cache.get_many(model.version, unique)
    unseen = [line for line in unique if line not in found]
    if unseen:
        fresh = dict(zip(unseen, model.recognise(unseen), strict=True))
        cache.put_many(model.version, fresh)
        found |= fresh
    return [
        found[line] if line == text else _moved(text, line, found[line])
        for line, text in zip(lines, texts, strict=True)
    ]


def _moved(text: str, line: str, names: Names) -> Names:
    inside = [name for name in names if 0 <= name.start < name.end <= len(line)]
    if not inside:
        return ()
    places = Places(text)
    return tuple(RawName(*places.span(name.start, name.end), name.label) for name in inside)


def _open(path: Path) -> sqlite3.Connection | None:
    db = None
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        db = sqlite3.connect(path, timeout=_BUSY_MS / 1000, check_same_thread=False)
        db.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("PRAGMA synchronous = NORMAL")
        db.execute("CREATE TABLE IF NOT EXISTS names (key BLOB PRIMARY KEY, names TEXT) WITHOUT ROWID")
        db.execute("SELECT key, names FROM names LIMIT 1").fetchone()
    except (sqlite3.Error, OSError) as error:
        _warn(path, error)
        if db is not None:
            db.close()
        return None
    return db


def _warn(path: Path | None, error: Exception) -> None:
    _log.warning("going on without the cache of names at %s (%s); it is safe to delete it", path, error)


def _key(version: str, text: str) -> bytes:
    digest = blake2b(version.encode(), digest_size=16)
    digest.update(b"\0")
    digest.update(text.encode("utf-8", "surrogatepass"))
    return digest.digest()


def _pack(names: Names) -> str:
    return json.dumps([[n.start, n.end, n.label] for n in names], separators=(",", ":"))


def _unpack(packed: str) -> Names:
    return tuple(RawName(int(start), int(end), str(label)) for start, end, label in json.loads(packed))


def _batches(keys: list[bytes]) -> Iterable[list[bytes]]:
    return (keys[i : i + _AT_ONCE] for i in range(0, len(keys), _AT_ONCE))
