"""What does the courier look after before it sends? Embargoes that have ended, and new matches.

Each look costs a small question of the archive where there is nothing to do.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Sequence

from api.alerts import Matcher
from api.options import archive_of, engine_of
from api.settings import Settings
from index.archive import Archive
from index.clock import second
from index.errors import NotFoundError
from index.gathering import Found
from index.matches import Match
from index.saved import SavedSearches
from index.shelf import Shelf


class Releasing:
    """Indexes documents whose embargo has ended, in a process of its own, whose memory is given back.

    Args:
        patient: whether to wait for it, for a courier that runs once; else sending goes on meanwhile.
    """

    AGAIN_S = 30.0

    def __init__(self, *, patient: bool) -> None:
        self._patient = patient
        self._process: subprocess.Popen[bytes] | None = None
        self._since = float("-inf")

    def __call__(self, settings: Settings) -> None:
        """Start it where something is due, and none runs."""
        if self._process is not None and self._process.poll() is None:
            return
        if time.monotonic() - self._since < self.AGAIN_S or not Shelf(archive_of(settings)).due():
            return
        self._since = time.monotonic()
        command = [sys.executable, "-m", "api", "release", "--index", str(settings.index)]
        self._process = subprocess.Popen(command, stdout=subprocess.DEVNULL)  # noqa: S603 - this very program
        if self._patient:
            self._process.wait()


class Matching:
    """Matches what is new in the index against the saved searches, which it keeps in memory."""

    AGAIN_S = 60.0  # searches that could not be run are tried again

    def __init__(self) -> None:
        self._matcher: Matcher | None = None
        self._since = float("-inf")

    def __call__(self, settings: Settings) -> None:
        """Match where the index has changes that were not matched.

        Raises:
            DatelineError: the index or the archive cannot be read.
        """
        archive = archive_of(settings)
        saved = SavedSearches(archive)
        due = saved.due()
        if not due or (due <= saved.cursor() and time.monotonic() - self._since < self.AGAIN_S):
            return
        self._since = time.monotonic()
        if self._matcher is None:
            self._matcher = Matcher(archive, engine_of(settings))
        self._matcher.match_new()


class SavedMatches:
    """The matches of saved searches, as the courier reads them; the cursor is a match's number."""

    def __init__(self, archive: Archive) -> None:
        self._saved = SavedSearches(archive)

    def after(self, cursor: str, limit: int) -> tuple[Sequence[Found], str]:
        """Matches behind a number; those whose article is not shown any more are passed over."""
        rows = self._saved.after(int(cursor or 0), limit)
        queries = {id_: self._query(id_) for id_ in {m.search for m in rows}}
        found = [_found(m, queries[m.search]) for m in rows if not m.gone]
        return found, str(rows[-1].number) if rows else cursor

    def _query(self, search: str) -> str:
        try:
            return self._saved.get(search).query
        except NotFoundError:  # removed a moment ago
            return ""


def _found(match: Match, query: str) -> Found:
    told = match.told
    return Found(
        id=match.id,
        search=match.search,
        search_name=match.search_name,
        article=match.article,
        headline=told.headline,
        url=told.url,
        snippet=told.snippet,
        published=told.published.isoformat() if told.published else None,
        added=second(told.added) if told.added else None,
        kind=match.kind,
        at=match.at,
        query=query,
    )
