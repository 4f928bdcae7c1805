"""What must outlive an index, in a database: what editors decided, and beside it the log of `ingests`.

By default one SQLite file in the index's folder, beside the segments and untouched by
building them anew; any other database by its URL. Reading costs a look at the file, or one
small query, as long as nothing was decided; a missing archive holds nothing.
"""

from __future__ import annotations

import random
import sqlite3
import threading
import time
import weakref
from collections.abc import Callable, Iterator, Mapping
from contextlib import closing, contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, TypeVar
from urllib.parse import quote

import sqlalchemy as sa
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError, IntegrityError, OperationalError, SQLAlchemyError
from sqlalchemy.pool import NullPool

from index.clock import utc
from index.decisions import NOTHING, Action, Decision, Decisions, fit, fold
from index.errors import (
    ArchiveDamagedError,
    ArchiveUnreachableError,
    ArchiveVersionError,
    DatelineError,
    SettingError,
)

FILE = "archive.sqlite3"
"""Name of the archive in the index's folder where no other is set."""

VERSION = "8"
"""The newest revision in `migrations/versions`."""

METADATA = sa.MetaData()
DECISIONS = sa.Table(
    "decisions",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("who", sa.String(200), nullable=False),
    sa.Column("action", sa.String(20), nullable=False),
    sa.Column("arguments", sa.JSON, nullable=False),
)

_REVISIONS = sa.table("alembic_version", sa.column("version_num", sa.String))
_NEWEST = sa.select(sa.func.max(DECISIONS.c.number), sa.func.max(DECISIONS.c.at))
_BUSY_S = 5.0  # how long who reads SQLite's file waits for another process; a decision takes milliseconds
_WRITERS_S = 30.0  # and how long who writes does: the first of several makes the tables, on any machine
_SETTLED_S = 2.0  # a file changed longer ago than this shows a further change by its time
_TRIES = 20  # at writing, while other processes win the race for the same number
_PAUSE_S = 0.1  # before the next try, at most
# SQLSTATE of a transaction that another one got in the way of; the last: it made the same tables meanwhile.
_UPGRADING = threading.Lock()  # Alembic keeps what it is at in its modules
_LOST = frozenset({"40001", "40P01", "42P07"})

Seen = tuple[Any, ...]
_Made = TypeVar("_Made")


class Archive:
    """The decisions of one archive; cheap to make, opens nothing until asked.

    Args:
        path: folder of the index.
        url: SQLAlchemy's URL of another database; empty for the index's own file.

    Raises:
        SettingError: the URL cannot be used.
    """

    def __init__(self, path: Path, url: str = "") -> None:
        self._url, self._file = _place(path, url)
        self._own = None if url else path
        self.where = str(self._file or self._url.render_as_string(hide_password=True))
        self._known: Decisions | None = None
        self._stat: Seen | None = None
        self._newest: Seen = ()
        self._reader: sa.Engine | None = None
        self._sharer: sa.Engine | None = None
        self._newest_tables = False

    @property
    def file(self) -> Path | None:
        """The file that it is, or None where a server keeps it."""
        return self._file

    def decisions(self) -> Decisions:
        """What is decided now; the same object as before while nothing changed.

        Once it was read, an archive that cannot be reached for a while is as it was.

        Raises:
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: it cannot be read.
        """
        try:
            return self._looked_up()
        except ArchiveUnreachableError:
            if self._known is None:
                raise
            self._stat = None
            return self._known

    def _looked_up(self) -> Decisions:
        stat = self._file_stat()
        if self._file is not None and stat is None:
            self._known, self._stat, self._newest = NOTHING, None, ()
            return self._known
        if self._known is None or stat is None or stat != self._stat:
            with self.reading() as connection:
                self._known = self._changed(connection)
            # Two changes within the clock's step look alike: trust the time only when it has passed.
            settled = stat is not None and time.time() - stat[0] / 1e9 > _SETTLED_S
            self._stat = stat if settled else None
        return self._known

    def _file_stat(self) -> Seen | None:
        if self._file is None:
            return None
        try:
            found = self._file.stat()
        except OSError:
            return None
        told = (found.st_mtime_ns, found.st_size, found.st_ino, found.st_dev)
        try:  # where another program had the file write ahead (https://sqlite.org/wal.html), it lies here
            ahead = self._file.with_name(f"{self._file.name}-wal").stat()
        except OSError:
            return told
        return max(told[0], ahead.st_mtime_ns), *told, ahead.st_mtime_ns, ahead.st_size

    def standing(self) -> Seen | None:
        """What stays the same until something is written; None where only the database can tell.

        Whoever remembers something of the archive asks before reading it, and again before using it.
        """
        if self._file is None:
            return None
        stat = self._file_stat()
        if stat is None:
            return ()
        # Two changes within the clock's step look alike: trust the time only when it has passed.
        return stat if time.time() - stat[0] / 1e9 > _SETTLED_S else None

    def _changed(self, connection: sa.Connection) -> Decisions:
        if not self._newest and not sa.inspect(connection).has_table(DECISIONS.name):
            return NOTHING
        with self._legible():
            newest: Seen = tuple(connection.execute(_NEWEST).one())
        if self._known is None or newest != self._newest:
            self._check_version(connection)
            found = self._read(connection)
            if self._known is None or found.version != self._known.version:
                self._known = found if found.log else NOTHING
            self._newest = newest
        return self._known

    def record(self, who: str, action: Action, arguments: Mapping[str, Any]) -> Decision:
        """Write a decision down; it is in the archive for good when this returns.

        Args:
            who: the editor.
            action: what is done.
            arguments: as `Decision` says.

        Raises:
            DecisionError: it cannot be made, or would change nothing.
            NotFoundError: there is no decision of the number to undo.
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: it cannot be written.
        """
        who = fit(action, "the editor's name", who)
        return self.write(lambda connection: self._append(connection, who, action, arguments))

    def write(self, work: Callable[[sa.Connection], _Made], *, alone: sa.Table | None = None) -> _Made:
        """Do something in one transaction that nothing comes between, on tables of the newest revision.

        Args:
            work: is done again where another process of a database server got in the way.
            alone: a table that others wait to change until it is done: they then need not do theirs again.

        Raises:
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: it cannot be written.
        """

        def once() -> _Made:
            with self._writing(alone) as connection:
                return work(connection)

        return self._tried(once)

    def share(self, work: Callable[[sa.Connection], _Made]) -> _Made:
        """Do something in a transaction beside those of others; it locks the rows that it changes itself.

        The tables must be there: after a `write`.

        Raises:
            ArchiveDamagedError, ArchiveVersionError, ArchiveUnreachableError: it cannot be written.
        """
        if self._file is not None:
            return self.write(work)

        def once() -> _Made:
            with self._errors(), self._sharing().begin() as connection:
                return work(connection)

        return self._tried(once)

    def _sharing(self) -> sa.Engine:
        if self._sharer is None:
            self._sharer = sa.create_engine(self._url, pool_pre_ping=True, isolation_level="READ COMMITTED")
            weakref.finalize(self, self._sharer.dispose)
        return self._sharer

    def _tried(self, once: Callable[[], _Made]) -> _Made:
        for left in reversed(range(_TRIES)):
            try:
                return once()
            except DBAPIError as error:  # of a server, where another process wrote at the same time
                if not left:
                    raise ArchiveUnreachableError(self.where, _reason(error)) from error
                time.sleep(random.uniform(0, _PAUSE_S))  # noqa: S311 - no secret
        raise AssertionError("unreachable")

    def _append(
        self, connection: sa.Connection, who: str, action: Action, arguments: Mapping[str, Any]
    ) -> Decision:
        held = self._read(connection)
        held.refuse(action, arguments)
        number = held.log[-1].number + 1 if held.log else 1
        decision = Decision(number, datetime.now(UTC), who, action, dict(arguments))
        row = {"number": number, "at": decision.at, "who": who, "action": action}
        connection.execute(sa.insert(DECISIONS).values(**row, arguments=dict(arguments)))
        return decision

    def problems(self) -> Iterator[str]:
        """Read all of it and yield what is wrong, a sentence each."""
        if self._file is not None and not self._file.exists():
            return
        try:
            if self._file is not None:
                yield from (f"the archive {self.where}: {told}" for told in self._integrity(self._file))
            self._known, self._stat = None, None
            self.decisions()
        except DatelineError as error:
            yield str(error)

    def _integrity(self, file: Path) -> list[str]:
        with self._errors(), closing(_connect(file, "ro")) as connection:
            told = [str(row[0]) for row in connection.execute("PRAGMA integrity_check(20)")]
        return [] if told == ["ok"] else told

    # --- the database

    @contextmanager
    def reading(self) -> Iterator[sa.Connection]:
        """A connection to read by; its tables may be of an older revision, or not there yet.

        Raises:
            ArchiveDamagedError, ArchiveUnreachableError: it cannot be read.
        """
        with self._errors():
            if self._reader is None:
                self._reader = self._engine(mode="rw", begin="BEGIN")
                # A server's connections are kept for the next reading, and closed with what reads.
                weakref.finalize(self, self._reader.dispose)
            with self._reader.connect() as connection:
                yield connection

    def rows(self, table: sa.Table, asked: sa.Select[Any]) -> list[Any]:
        """What a table holds; nothing where the archive was last written before there was one.

        Raises:
            ArchiveDamagedError, ArchiveUnreachableError: it cannot be read.
        """
        if self._file is not None and not self._file.exists():
            return []
        with self.reading() as connection:
            if not sa.inspect(connection).has_table(table.name):
                return []
            return list(connection.execute(asked).all())

    @contextmanager
    def _writing(self, alone: sa.Table | None = None) -> Iterator[sa.Connection]:
        with self._errors():
            if self._own is not None:  # a key, or a feed, may be there before the index is
                self._own.mkdir(parents=True, exist_ok=True)
            engine = self._engine(mode="rwc", begin="BEGIN IMMEDIATE")
            try:
                if alone is not None and self._file is None and not self._newest_tables:
                    with engine.begin() as connection:
                        self._bring_up(connection)
                with engine.begin() as connection:
                    _lock(connection, alone)
                    self._bring_up(connection)
                    yield connection
            finally:
                engine.dispose()

    def _bring_up(self, connection: sa.Connection) -> None:
        """Make the tables those of the newest revision."""
        if self._check_version(connection) != VERSION:
            _upgrade(connection)
        self._newest_tables = True

    def _engine(self, *, mode: str, begin: str) -> sa.Engine:
        if self._file is None:
            alone = {"isolation_level": "SERIALIZABLE"} if mode == "rwc" else {}
            return sa.create_engine(self._url, pool_pre_ping=True, **alone)
        file = self._file
        engine = sa.create_engine(self._url, creator=lambda: _connect(file, mode), poolclass=NullPool)

        # Python's driver begins no transaction before it reads or makes a table; see
        # https://docs.sqlalchemy.org/en/21/dialects/sqlite.html, "Enabling Non-Legacy SQLite
        # Transactional Modes". One writer at a time: what it read is what it writes after.
        @sa.event.listens_for(engine, "begin")
        def _begin(connection: sa.Connection) -> None:
            connection.exec_driver_sql(begin)

        return engine

    def _check_version(self, connection: sa.Connection) -> str | None:
        if not sa.inspect(connection).has_table(_REVISIONS.name):
            return None
        found = connection.execute(sa.select(_REVISIONS.c.version_num)).scalar()
        if found is not None and not (found.isdigit() and int(found) <= int(VERSION)):
            raise ArchiveVersionError(self.where, str(found), VERSION)
        return found

    def _read(self, connection: sa.Connection) -> Decisions:
        with self._legible():
            rows = connection.execute(sa.select(DECISIONS).order_by(DECISIONS.c.number)).all()
            return fold([Decision(r.number, utc(r.at), r.who, r.action, r.arguments) for r in rows])

    @contextmanager
    def _legible(self) -> Iterator[None]:
        try:
            yield
        except (ValueError, TypeError, KeyError, AttributeError) as error:  # what no Dateline wrote
            raise ArchiveDamagedError(self.where, f"a decision cannot be read: {error!r}") from error

    @contextmanager
    def _errors(self) -> Iterator[None]:
        try:
            yield
        except DatelineError:
            raise
        except DBAPIError as error:
            if _lost_a_race(error):
                raise
            kind = ArchiveUnreachableError if isinstance(error, OperationalError) else ArchiveDamagedError
            raise kind(self.where, _reason(error)) from error
        except sqlite3.OperationalError as error:
            raise ArchiveUnreachableError(self.where, _reason(error)) from error
        except sqlite3.DatabaseError as error:
            raise ArchiveDamagedError(self.where, _reason(error)) from error
        except (SQLAlchemyError, OSError) as error:
            raise ArchiveUnreachableError(self.where, _reason(error)) from error


def _lock(connection: sa.Connection, table: sa.Table | None) -> None:
    """Let others wait who change a table, before anything is read: what is read then is what they left.

    SQLite has one writer at a time anyway. https://www.postgresql.org/docs/current/explicit-locking.html
    """
    if table is not None and connection.dialect.name == "postgresql":
        connection.execute(sa.text(f"LOCK TABLE {table.name} IN SHARE ROW EXCLUSIVE MODE"))


def _upgrade(connection: sa.Connection) -> None:
    # Alembic is a quarter of a second's loading, which reading and most writing does without.
    from index.migrations import upgrade

    with _UPGRADING:
        upgrade(connection)


def _place(path: Path, url: str) -> tuple[URL, Path | None]:
    if not url:
        return URL.create("sqlite"), path / FILE
    try:
        made = make_url(url)
        made.get_dialect()
        driver = made.get_dialect().import_dbapi()
    except (ArgumentError, SQLAlchemyError) as error:
        raise SettingError(
            "DATELINE_ARCHIVE", "…", "it must be a URL such as sqlite:////var/a.sqlite3"
        ) from error
    except ImportError as error:
        raise SettingError("DATELINE_ARCHIVE", "…", f"its driver is not installed ({error})") from error
    del driver
    if made.get_backend_name() != "sqlite":
        return made, None
    if made.database in (None, "", ":memory:"):
        raise SettingError("DATELINE_ARCHIVE", url, "an archive in memory would outlive nothing")
    return URL.create("sqlite"), Path(str(made.database)).absolute()


def _connect(file: Path, mode: str) -> sqlite3.Connection:
    """Open SQLite's file; https://sqlite.org/uri.html says what the modes are."""
    address = f"file:{quote(str(file))}?mode={mode}"
    within_s = _WRITERS_S if mode == "rwc" else _BUSY_S
    return sqlite3.connect(address, uri=True, timeout=within_s, isolation_level=None)


def copy_of(file: Path, target: Path) -> None:
    """Copy an archive's file as of one moment, whoever writes meanwhile (https://sqlite.org/backup.html).

    Raises:
        ArchiveDamagedError: it cannot be read.
    """
    try:
        with closing(_connect(file, "ro")) as source, closing(sqlite3.connect(target)) as made:
            source.backup(made)
    except sqlite3.DatabaseError as error:
        raise ArchiveDamagedError(str(file), _reason(error)) from error


def legible(text: str, most: int) -> str:
    """Text as any database keeps it: no control characters, no half surrogate pairs, not too long."""
    kept = "".join(c if c.isprintable() else " " if c.isspace() else "�" for c in text[: most + 1])
    return kept if len(kept) <= most else f"{kept[: most - 1]}…"


def _lost_a_race(error: DBAPIError) -> bool:
    return isinstance(error, IntegrityError) or getattr(error.orig, "sqlstate", None) in _LOST


def _reason(error: BaseException) -> str:
    return str(getattr(error, "orig", None) or error).splitlines()[0]
