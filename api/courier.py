"""`dateline courier`: finds new matches, puts them into messages, and sends what is due.

One at a time an archive, by a lease; a second one waits until the first is gone. What is sent, and
what became of it, is in the archive before and after each try, so that it may be killed at any time.
"""

from __future__ import annotations

import os
import secrets
import signal
import socket
import sys
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor, as_completed
from datetime import datetime
from types import FrameType

from api import terminal
from api.errands import Matching, Releasing, SavedMatches
from api.options import archive_of
from api.sending import Sender, send
from api.settings import Settings
from index.deliveries import Deliveries, Job, Outcome
from index.errors import ArchiveUnreachableError, DatelineError
from index.gathering import Matches
from index.lease import Lease, utc_now

AT_ONCE = 8
"""Messages sent at the same time, each to another channel."""
TICK_S = 1.0
"""How often it looks for work."""
_RENEW_S = 10.0
_PRUNE_S = 3_600.0
_SETTLE_TRIES = 5
_BATCHES = 20  # of matches in one round, before what is due is sent again

Clock = Callable[[], datetime]


class Courier:
    """The courier of one archive.

    Args:
        settings: the server's.
        hooks: what it does before it sends: finding matches, releasing what was embargoed.
        matches: where new matches come from; None: there are no saved searches.
        clock: tells the time; tests tell another.
        sender: tries one delivery.
    """

    def __init__(
        self,
        settings: Settings,
        hooks: tuple[Callable[[Settings], object], ...] = (),
        matches: Matches | None = None,
        clock: Clock = utc_now,
        sender: Sender = send,
    ) -> None:
        self._settings = settings
        self._archive = archive_of(settings)
        self._hooks = hooks
        self._matches = matches
        self._clock = clock
        self._sender = sender
        self._deliveries = Deliveries(self._archive)
        name = f"{socket.gethostname()}:{os.getpid()}:{secrets.token_hex(4)}"
        self._lease = Lease(self._archive, name)
        self._renewed: datetime | None = None
        self._pruned: datetime | None = None
        self._stop = threading.Event()
        self._said: dict[object, str] = {}

    def once(self) -> int:
        """Do what there is to do now.

        Returns:
            How many deliveries were tried; 0 also where another courier is at work.

        Raises:
            DatelineError: the archive cannot be used.
        """
        if self._archive.file is not None and not self._archive.file.exists():
            return 0  # nothing was ever saved, and the courier makes no archive of its own
        if not self._leading():
            return 0
        self._prepare()
        tried = 0
        while not self._stop.is_set() and self._leading():
            jobs = self._deliveries.claim(self._clock(), AT_ONCE)
            if not jobs:
                break
            self._deliver(jobs)
            tried += len(jobs)
        return tried

    def one(self, delivery: str) -> bool:
        """Try one delivery now, whoever is the courier; False where another one is at it."""
        jobs = self._deliveries.claim(self._clock(), 1, delivery)
        self._deliver(jobs)
        return bool(jobs)

    def run(self, beside: int | None = None) -> None:
        """Work until told to stop.

        Args:
            beside: id of the process that started it, with which it ends; None: it is on its own.
        """
        trouble = ""
        _log("courier: at work")
        while not self._stop.is_set() and beside in (None, os.getppid()):
            try:
                self.once()
                trouble = ""
            except DatelineError as error:
                if str(error) != trouble:  # said once, not every second
                    _log(f"courier: {error}")
                trouble = str(error)
                self._stop.wait(5 * TICK_S)
            self._stop.wait(TICK_S)
        self.leave()
        _log("courier: ended")

    def stop(self) -> None:
        """Let `run` end when what is being sent was."""
        self._stop.set()

    def leave(self) -> None:
        """Give the lease back, if it is held."""
        if self._renewed is not None:
            self._renewed = None
            try:
                self._lease.give(self._clock())
            except ArchiveUnreachableError as error:
                _log(f"courier: {error}")

    def _leading(self) -> bool:
        now = self._clock()
        if self._renewed is not None and 0 <= (now - self._renewed).total_seconds() < _RENEW_S:
            return True
        had = self._renewed is not None
        self._renewed = now if self._lease.take(now) else None
        if had and self._renewed is None:
            _log("courier: another one took over")
        return self._renewed is not None

    def _prepare(self) -> None:
        """Everything before sending; what fails of it is said, and the rest goes on."""
        for hook in self._hooks:
            try:
                hook(self._settings)
                self._said.pop(hook, None)
            except DatelineError as error:
                if self._said.get(hook) != str(error):  # said once, not every second
                    _log(f"courier: {error}")
                self._said[hook] = str(error)
        if self._matches is not None:
            for _ in range(_BATCHES):
                if not self._lease.queue(self._matches, self._clock()) or not self._leading():
                    break
        now = self._clock()
        if back := self._deliveries.recover(now):
            _log(f"courier: {back} deliveries had been left under way; they are sent again")
        if self._pruned is None or (now - self._pruned).total_seconds() >= _PRUNE_S:
            self._deliveries.prune(now)
            self._pruned = now

    def _deliver(self, jobs: list[Job]) -> None:
        if not jobs:
            return
        with ThreadPoolExecutor(min(len(jobs), AT_ONCE)) as pool:
            going = {pool.submit(self._tried, job): job for job in jobs}
            for tried in as_completed(going):  # written down at once, whoever else is slow
                job, outcome = going[tried], tried.result()
                self._settle(job, outcome)
                _log(_line(job, outcome))

    def _settle(self, job: Job, outcome: Outcome) -> None:
        """Write the outcome down; it is worth waiting for, since without it the receiver is asked again."""
        for left in reversed(range(_SETTLE_TRIES)):
            try:
                return self._deliveries.settle(job, outcome, self._clock())
            except ArchiveUnreachableError as error:
                if not left:
                    _log(f"courier: the outcome of {job.delivery.id} is lost: {error}")
                self._stop.wait(TICK_S)
        return None

    def _tried(self, job: Job) -> Outcome:
        return self._sender(job, self._settings, self._clock())


def courier_of(settings: Settings, clock: Clock = utc_now, *, patient: bool = False) -> Courier:
    """The courier of the archive that settings name, with all that it looks after.

    Args:
        settings: the server's.
        clock: tells the time.
        patient: whether to wait for what it sets going, for one that runs once.
    """
    errands = (Releasing(patient=patient), Matching())
    return Courier(settings, errands, SavedMatches(archive_of(settings)), clock)


def run_courier(courier: Courier, beside: int | None = None) -> None:
    """Run in the foreground until Ctrl-C or SIGTERM."""

    def ended(_: int, __: FrameType | None) -> None:
        courier.stop()

    for name in (signal.SIGTERM, signal.SIGINT):
        signal.signal(name, ended)
    courier.run(beside)


def _line(job: Job, outcome: Outcome) -> str:
    where = f"{job.channel.kind} {job.channel.shown}"
    return (
        f"courier: {job.delivery.id} try {job.delivery.tries} to {where}: {outcome.result} ({outcome.said})"
    )


def _log(line: str) -> None:
    stamp = time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime())
    print(f"{stamp} {terminal.safe(line)}", file=sys.stderr, flush=True)  # noqa: T201 - where a service's log is
