"""Which commit does this process answer from?"""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from index.archive import Archive
from index.columns.commits import latest_generation
from index.errors import DatelineError, IndexDamagedError
from index.store import marker_of, open_index, segments_folder
from search.snapshot import Snapshot

LOOK_AGAIN_S = 0.2
"""How long a process may answer from its snapshot before it looks for a newer commit."""


class Snapshots:
    """The newest snapshot of an index, opened when first needed and replaced after a commit or a decision.

    One request at a time is answered; more requests are served by more processes, which
    share the maps of the same files.
    """

    def __init__(self, path: Path, archive: Archive) -> None:
        self._path = path
        self._archive = archive
        self._lock = threading.RLock()
        self._open: Snapshot | None = None
        self._looked = 0.0

    @contextmanager
    def current(self) -> Iterator[Snapshot]:
        """The newest commit for the length of a request.

        Raises:
            IndexMissingError: there is no index yet.
            IndexDamagedError: its files cannot be read.
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: what editors
                decided cannot be read; without it hidden names would be shown.
        """
        with self._lock:
            yield self._refreshed()

    def look_again(self) -> None:
        """Look for a newer commit and decisions when asked next."""
        self._looked = 0.0

    def close(self) -> None:
        """Let go of the files."""
        with self._lock:
            self._open = None

    def _refreshed(self) -> Snapshot:
        now = time.monotonic()
        if self._open is not None and now - self._looked < LOOK_AGAIN_S:
            return self._open
        marker = marker_of(self._path)
        seen = f"{marker} {latest_generation(segments_folder(self._path))}" if marker else ""
        found = self._open
        if found is None or found.commit != seen:
            open_index(self._path)  # tells what is wrong with it
            found = self._take()
        decisions = self._archive.decisions()
        if found.decisions is not decisions:
            found = found.under(decisions)
        self._open, self._looked = found, now
        return found

    def _take(self) -> Snapshot:
        # A commit may remove a segment between the reading of the contents and the opening, and
        # another index may be put in the place of this one.
        for _ in range(5):
            marker = marker_of(self._path)
            same = self._open is not None and self._open.commit.startswith(f"{marker} ")
            earlier = self._open if same else None
            try:
                found = Snapshot(self._path, marker, earlier)
                if marker_of(self._path) == marker:
                    return found
            except FileNotFoundError:
                time.sleep(0.02)
            except DatelineError:
                raise
            except Exception as error:  # a damaged table of contents makes Whoosh raise anything
                reason = str(error) or type(error).__name__
                raise IndexDamagedError(segments_folder(self._path), reason) from error
        raise IndexDamagedError(self._path, "a segment that the table of contents names is missing")
