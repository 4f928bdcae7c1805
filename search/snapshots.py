"""Which commit does this process answer from?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.errors import IndexDamagedError
from index.store import marker_of, open_index
from search.snapshot import FactsCache, Snapshot

LOOK_AGAIN_S = 0.2
"""How long a process may answer from its snapshot before it looks for a newer commit."""


class Snapshots:
    """The newest snapshot of an index, opened when first needed and replaced after a commit.

    Whoosh's readers share file positions, so one request at a time reads; more requests
    are served by more processes.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._lock = threading.RLock()
        self._cache = FactsCache()
        self._open: Snapshot | None = None
        self._looked = 0.0

    @contextmanager
    def current(self) -> Iterator[Snapshot]:
        """The newest commit for the length of a request.

        Raises:
            IndexMissingError: there is no index yet.
            IndexDamagedError: its files cannot be read.
        """
        with self._lock:
            yield self._refreshed()

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            if self._open is not None:
                self._open.close()
                self._open = None

    def _refreshed(self) -> Snapshot:
        now = time.monotonic()
        if self._open is not None and now - self._looked < LOOK_AGAIN_S:
            return self._open
        index = open_index(self._path)
        self._looked = now
        marker = marker_of(self._path)
        if self._open is None or self._open.identity != f"{marker} {index.latest_generation()}":
            fresh = self._take(index, marker)
            self.close()
            self._open = fresh
        return self._open

    def _take(self, index: object, marker: str) -> Snapshot:
        # A commit may remove a segment between the reading of the contents and the opening.
        for attempt in range(3):
            try:
                return Snapshot(open_index(self._path) if attempt else index, self._cache, marker)
            except FileNotFoundError:
                time.sleep(0.02)
            except (OSError, ValueError, KeyError, EOFError) as error:
                raise IndexDamagedError(self._path, str(error) or type(error).__name__) from error
        raise IndexDamagedError(self._path, "a segment that the table of contents names is missing")
