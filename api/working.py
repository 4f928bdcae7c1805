"""`dateline work`: what waits in the queue is brought into the index, by as many processes as there are."""

from __future__ import annotations

import logging
import signal
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

import click

from api.options import archive_of, store_of
from api.settings import Settings
from index.errors import (
    ArchiveUnreachableError,
    ClusterBusyError,
    ClusterUnreachableError,
    DatelineError,
    IndexLockedError,
    InputError,
    StaleVersionError,
)
from index.ingests import IngestLog
from index.intake import Listener, Summary
from index.pipeline import Options
from index.queueing import work_off
from index.shelf import Shelf

_LOOK_S = 1.0  # between two looks at the queue while nothing waits
_AGAIN_S = 30.0  # after which what is in other hands is looked at
_TURN_S = 10.0  # for which the only writer of a folder works, before it lets others write
_PASSING = (
    IndexLockedError,
    ArchiveUnreachableError,
    ClusterUnreachableError,
    ClusterBusyError,
    OSError,
)


@dataclass(frozen=True, slots=True)
class Plan:
    """How a queue is worked off.

    Attributes:
        workers: processes that find dates and names.
        once: whether to end when nothing waits, with anybody.
    """

    workers: int = 1
    once: bool = False


class Work:
    """One of those who work off what waits.

    Args:
        settings: say where archive and index are.
        plan: how it is worked off.
        tell: is told what happens, a line each.
    """

    def __init__(self, settings: Settings, plan: Plan, tell: Callable[[str], None]) -> None:
        self._settings, self._plan, self._tell = settings, plan, tell
        self._archive = archive_of(settings)
        self._options = Options(plan.workers, settings.model or None, settings.index / "names.sqlite")
        self._stopped = threading.Event()
        self._worked: float | None = None
        self.total = Summary()

    def stop(self) -> None:
        """End after the documents that are being looked at."""
        self._stopped.set()

    def run(self) -> None:
        """Work until stopped; `once`: until nothing waits, what others have in hand included."""
        trouble = ""
        Shelf(self._archive).place()  # tables that are there from now on
        while not self._stopped.is_set():
            try:
                if self._is_more():
                    self._session()
                elif self._plan.once and not Shelf(self._archive).hand.all():
                    return
                else:
                    self._stopped.wait(_LOOK_S)
                trouble = ""
            except _PASSING as error:  # the night goes on
                if str(error) != trouble:
                    self._tell(f"{error}; it is tried again")
                trouble = str(error)
                self._stopped.wait(_LOOK_S)

    def _is_more(self) -> bool:
        shelf = Shelf(self._archive)
        shelf.hand.alone = False  # what a live writer has in hand is not more
        if self._worked is None or shelf.hand.count(queued=True) or shelf.due():
            return True
        # What the killed writer of a folder had, only the next writer knows to be nobody's.
        return time.monotonic() - self._worked > _AGAIN_S and shelf.hand.all() > 0

    def _session(self) -> None:
        """Work while something waits, or the only writer of a folder for a while."""
        settings, shelf = self._settings, Shelf(self._archive)
        log = IngestLog(self._archive)
        with (
            log.note("queue", f"dateline work on {socket.gethostname()}", self._unnoted) as noted,
            store_of(settings) as store,
        ):
            noted.begin()
            ends = time.monotonic() + (_TURN_S if store.alone else float("inf"))
            listener = Listener(self._refuse(noted.failed), noted.progress)
            done = work_off(store, self._options, listener, shelf, lambda: self._is_over(ends))
            noted.progress(done)
            self._worked = time.monotonic()
        self._add(done)

    def _is_over(self, ends: float) -> bool:
        return self._stopped.is_set() or time.monotonic() > ends

    def _refuse(self, note: Callable[[InputError], None]) -> Callable[[InputError], None]:
        def refuse(error: InputError) -> None:
            if not isinstance(error, StaleVersionError):
                note(error)
                self._tell(f"not taken: {error}")

        return refuse

    def _unnoted(self, error: DatelineError) -> None:
        self._tell(f"note: what is indexed now is not in the log of ingests: {error}")

    def _add(self, done: Summary) -> None:
        for name in ("documents", "articles", "paragraphs", "dates", "entities", "skipped", "failed"):
            setattr(self.total, name, getattr(self.total, name) + getattr(done, name))
        self.total.seconds += done.seconds
        if done.documents:
            rate = done.documents / max(done.seconds, 1e-3)
            self._tell(f"{done.documents:,} documents in {done.seconds:.1f} s, {rate:,.0f} a second")


def work(settings: Settings, plan: Plan) -> Summary:
    """Work off the queue until a signal ends it; what was done."""

    def tell(line: str) -> None:
        click.echo(f"{datetime.now():%H:%M:%S} {line}", err=True)  # noqa: DTZ005 - for who sits at the terminal

    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    working = Work(settings, plan, tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: working.stop())
    working.run()
    return working.total
