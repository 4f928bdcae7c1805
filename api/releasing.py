"""Which embargoes have ended? Documents come out of the archive when they are due."""

from __future__ import annotations

import logging

from api.options import archive_of, store_of
from api.settings import Settings
from index.errors import InputError
from index.pipeline import Listener, Options, settle
from index.shelf import Shelf

log = logging.getLogger(__name__)


def release_due(settings: Settings) -> int:
    """Index the documents whose embargo has ended.

    Costs one look at the archive where there are none, and waits for no writer then.

    Returns:
        How many documents were indexed, those included that a run which was killed left.

    Raises:
        IndexLockedError: another writer did not finish in time; they stay due.
    """
    return bring(settings) if Shelf(archive_of(settings)).due() else 0


def bring(settings: Settings) -> int:
    """Index whatever the archive has that the index should show and does not; returns how many."""
    options = Options(model=settings.model or None, cache=settings.index / "names.sqlite")
    with store_of(settings) as store:
        done = settle(store, options, Listener(error=_failed), Shelf(archive_of(settings)))
    return done.documents if done else 0


def _failed(error: InputError) -> None:
    log.error("%s", error)
