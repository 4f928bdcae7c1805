"""What was ingested, what failed and why? A log of runs, kept in the archive.

A run writes a line when it begins, says now and then how far it is, and ends with its counts, so
that one that was killed is told from one that ended. The log never stands in the way of indexing:
where it cannot be written that is said once, and the run goes on without it.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from types import TracebackType
from typing import Any, Literal

import sqlalchemy as sa

from index.archive import METADATA, Archive, legible
from index.clock import utc
from index.errors import DatelineError, InputError, NotFoundError, UnsupportedInputError
from index.pipeline import Summary

How = Literal["command line", "HTTP", "watch", "queue"]
State = Literal["running", "unfinished", "stopped", "incomplete", "done"]
FailureKind = Literal["failed", "skipped"]

MAX_RUNS = 2_000
"""Runs kept without a failure, and as many with one; the oldest are dropped."""
MAX_DAYS = 90
"""Days a run is kept at most."""
MAX_FAILURES = 20_000
"""Failures kept of all runs together; the oldest are dropped."""
MAX_FAILURES_A_RUN = 1_000
"""Failures written down of one run, the first of them; its counts say how many there were."""
MAX_SOURCE, MAX_REASON = 500, 1_000
"""Characters kept of what was named as source or input, and of a reason."""

COUNTS = ("documents", "articles", "paragraphs", "dates", "entities", "unchanged", "skipped", "failed")
RUNS = sa.Table(
    "ingests",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("started", sa.DateTime(timezone=True), nullable=False),
    sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
    sa.Column("ended", sa.DateTime(timezone=True)),
    sa.Column("how", sa.String(20), nullable=False),
    sa.Column("source", sa.String(MAX_SOURCE), nullable=False),
    *(sa.Column(name, sa.Integer, nullable=False) for name in COUNTS),
    sa.Column("seconds", sa.Float, nullable=False),
    sa.Column("error", sa.String(MAX_REASON)),
)
FAILURES = sa.Table(
    "ingest_failures",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("run", sa.Integer, nullable=False, index=True),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("kind", sa.String(20), nullable=False),
    sa.Column("input", sa.String(MAX_SOURCE), nullable=False),
    sa.Column("reason", sa.String(MAX_REASON), nullable=False),
)

_BATCH = 200  # failures that wait to be written
_BEAT_S = 10.0  # how often a run says how far it is, at most
_PRUNED = 20  # every so many runs old ones are dropped
_TROUBLED = (RUNS.c.failed > 0) | (RUNS.c.skipped > 0) | RUNS.c.error.is_not(None)
_REMEDIES = (
    (r"^empty$", "see whether it should hold text, and fetch or export it again"),
    (r"no format|not read here", "convert it to text, HTML or JSON lines; whatever else was named went in"),
    (r"^cannot be read|Permission", "let the account that indexes read it, then index it again"),
    (r"not there", "check its name; it may have been moved or removed"),
    (r"has no text", "save the page as a browser shows it, or take its text"),
    (r"nested|parsed|where an object", "mend it in the program that wrote it, then index it again"),
)
_OTHERWISE = "mend the input and index it again; what did not change since costs nothing"


@dataclass(frozen=True, slots=True)
class Run:
    """One run of indexing.

    Attributes:
        number: its place in the log, from 1.
        started: when, in UTC.
        seen: when it was last heard of.
        ended: when it ended, or None: it still runs, or it was killed.
        how: from where it was started.
        source: what was named, as given.
        counts: of the summary, by name, as of `seen`.
        seconds: it took so far.
        error: what ended it before all input was read, or None.
    """

    number: int
    started: datetime
    seen: datetime
    ended: datetime | None
    how: How
    source: str
    counts: Mapping[str, int]
    seconds: float
    error: str | None

    @property
    def troubled(self) -> bool:
        """Whether anything of it is not in the index."""
        return bool(self.error or self.counts["failed"] or self.counts["skipped"])

    def state(self, running: Collection[int] = ()) -> State:
        """How it is: `unfinished` was killed, `stopped` ended by an error, `incomplete` left inputs out.

        Args:
            running: numbers of the runs that are going on.
        """
        if self.ended is None:
            return "running" if self.number in running else "unfinished"
        return "stopped" if self.error else "incomplete" if self.troubled else "done"


@dataclass(frozen=True, slots=True)
class Failure:
    """One input that is not in the index: `failed`, or `skipped` since it holds no text."""

    number: int
    run: int
    at: datetime
    kind: FailureKind
    input: str
    reason: str

    @property
    def cause(self) -> str:
        """What is wrong with the input."""
        return self.reason.partition("; ")[0]

    @property
    def remedy(self) -> str:
        """What would help: what the reason itself says, or what usually does."""
        told = self.reason.partition("; ")[2]
        return told or next((r for pattern, r in _REMEDIES if re.search(pattern, self.reason)), _OTHERWISE)


class IngestLog:
    """The log of one archive; opens nothing until asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def note(self, how: How, source: str, trouble: Callable[[DatelineError], None]) -> RunNote:
        """Write down a run while it goes on.

        Args:
            how: from where it is started.
            source: what was named.
            trouble: is told, once at most, that the log cannot be written.
        """
        return RunNote(self._archive, how, source, trouble)

    def runs(self, *, failed: bool = False, before: int | None = None, limit: int = 50) -> tuple[Run, ...]:
        """The runs, the newest first.

        Args:
            failed: those alone of which something is not in the index, the unfinished included.
            before: a run's number: older ones alone.
            limit: how many at most.
        """
        asked = sa.select(RUNS).order_by(RUNS.c.number.desc()).limit(limit)
        if failed:
            asked = asked.where(_TROUBLED | RUNS.c.ended.is_(None))
        if before is not None:
            asked = asked.where(RUNS.c.number < before)
        return tuple(_run(row) for row in self._rows(asked))

    def last_unended(self) -> int | None:
        """Number of the newest run without an end: the only one that may still run."""
        asked = sa.select(RUNS.c.number).where(RUNS.c.ended.is_(None)).order_by(RUNS.c.number.desc())
        return next((int(row.number) for row in self._rows(asked.limit(1))), None)

    def beating(self, within_s: float = 120.0) -> frozenset[int]:
        """Numbers of the runs without an end that were heard of lately: several may run."""
        asked = sa.select(RUNS.c.number, RUNS.c.seen).where(RUNS.c.ended.is_(None))
        since = datetime.now(UTC) - timedelta(seconds=within_s)
        return frozenset(int(row.number) for row in self._rows(asked) if utc(row.seen) > since)

    def run(self, number: int) -> Run:
        """One run.

        Raises:
            NotFoundError: there is none of the number, or it was dropped.
        """
        found = [_run(row) for row in self._rows(sa.select(RUNS).where(RUNS.c.number == number))]
        if not found:
            raise NotFoundError("ingest", str(number), "in the log; old ones are dropped")
        return found[0]

    def failures(self, run: int, *, after: int = 0, limit: int = 100) -> tuple[Failure, ...]:
        """What is not in the index of a run's input, in order, behind a failure's number."""
        asked = sa.select(FAILURES).where(FAILURES.c.run == run, FAILURES.c.id > after)
        rows = self._rows(asked.order_by(FAILURES.c.id).limit(limit))
        return tuple(Failure(r.id, r.run, utc(r.at), r.kind, r.input, r.reason) for r in rows)

    def _rows(self, asked: sa.Select[Any]) -> list[Any]:
        file = self._archive.file
        if file is not None and not file.exists():
            return []
        with self._archive.reading() as connection:
            if not sa.inspect(connection).has_table(RUNS.name):
                return []  # an archive that was last written before there was a log
            return list(connection.execute(asked).all())


class RunNote:
    """One run as it is written down; use as a context around it, and `begin` when it may write.

    What ends the run with an exception is noted as its error, and goes on its way.
    """

    def __init__(
        self, archive: Archive, how: How, source: str, trouble: Callable[[DatelineError], None]
    ) -> None:
        self._archive = archive
        self._trouble: Callable[[DatelineError], None] | None = trouble
        self._row = {"how": how, "source": legible(source, MAX_SOURCE)}
        self._started = datetime.now(UTC)
        self._clock = self._beat = time.monotonic()
        self._number: int | None = None
        self._summary = Summary()
        self._waiting: list[dict[str, Any]] = []
        self._left = MAX_FAILURES_A_RUN
        self._told = {"failed": 0, "skipped": 0}

    def __enter__(self) -> RunNote:
        """Nothing is written yet."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Write down how it ended."""
        told = None if error is None else legible(_told(error), MAX_REASON)
        self._write(error=told, ended=True)

    def begin(self) -> None:
        """Write down that it runs."""
        self._write()

    def failed(self, error: InputError) -> None:
        """Note an input that is not in the index."""
        kind: FailureKind = "skipped" if isinstance(error, UnsupportedInputError) else "failed"
        self._told[kind] += 1
        if self._left > 0:
            self._left -= 1
            row = {"at": datetime.now(UTC), "kind": kind, "input": legible(error.source, MAX_SOURCE)}
            self._waiting.append({**row, "reason": legible(error.reason, MAX_REASON)})
        self._now_and_then()

    def progress(self, summary: Summary) -> None:
        """Note how far it is."""
        self._summary = summary
        self._now_and_then()

    def _now_and_then(self) -> None:
        if len(self._waiting) >= _BATCH or time.monotonic() - self._beat > _BEAT_S:
            self._write()

    def _write(self, *, error: str | None = None, ended: bool = False) -> None:
        if self._trouble is None:
            return
        try:
            self._number = self._archive.write(lambda connection: self._put(connection, error, ended))
        except DatelineError as trouble:
            self._trouble(trouble)
            self._trouble = None
        self._waiting.clear()
        self._beat = time.monotonic()

    def _put(self, connection: sa.Connection, error: str | None, ended: bool) -> int:
        counts = {name: getattr(self._summary, name) for name in COUNTS}
        # A posted body's own errors are in no summary: they came before the pipeline.
        counts |= {kind: max(counts[kind], count) for kind, count in self._told.items()}
        seen = datetime.now(UTC)
        now = {"seen": seen, "seconds": time.monotonic() - self._clock, "error": error, **counts}
        now |= {"ended": seen} if ended else {}
        number = self._number
        if number is None:
            number = (connection.execute(sa.select(sa.func.max(RUNS.c.number))).scalar() or 0) + 1
            row = {"number": number, "started": self._started, **self._row}
            connection.execute(sa.insert(RUNS).values(**row, **now))
        else:
            connection.execute(sa.update(RUNS).where(RUNS.c.number == number).values(**now))
        if self._waiting:
            connection.execute(sa.insert(FAILURES), [{**row, "run": number} for row in self._waiting])
        if ended and number % _PRUNED == 0:
            _prune(connection)
        return number


def _prune(connection: sa.Connection) -> None:
    """Drop what is over the limits of age and number."""
    old = RUNS.c.started < datetime.now(UTC) - timedelta(days=MAX_DAYS)
    connection.execute(sa.delete(RUNS).where(old))
    for of_a_kind in (_TROUBLED, ~_TROUBLED):
        newest = sa.select(RUNS.c.number).where(of_a_kind).order_by(RUNS.c.number.desc())
        last = connection.execute(newest.offset(MAX_RUNS - 1).limit(1)).scalar()
        if last is not None:
            connection.execute(sa.delete(RUNS).where(of_a_kind, RUNS.c.number < last))
    newest = sa.select(FAILURES.c.id).order_by(FAILURES.c.id.desc())
    last = connection.execute(newest.offset(MAX_FAILURES - 1).limit(1)).scalar()
    if last is not None:
        connection.execute(sa.delete(FAILURES).where(FAILURES.c.id < last))
    connection.execute(sa.delete(FAILURES).where(FAILURES.c.run.not_in(sa.select(RUNS.c.number))))


def _run(row: Any) -> Run:
    return Run(
        number=row.number,
        started=utc(row.started),
        seen=utc(row.seen),
        ended=None if row.ended is None else utc(row.ended),
        how=row.how,
        source=row.source,
        counts={name: getattr(row, name) for name in COUNTS},
        seconds=row.seconds,
        error=row.error,
    )


def _told(error: BaseException) -> str:
    if isinstance(error, KeyboardInterrupt):
        return "interrupted; start it again and it goes on where it was"
    if isinstance(error, DatelineError | OSError):
        return str(error)
    return f"{type(error).__name__}: {error}"
