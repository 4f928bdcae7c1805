"""What the tests share: an index of the bundled sample, one of an article dump, and servers of both."""

from __future__ import annotations

import contextlib
import os
import pwd
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from api.settings import Settings
from index.archive import Archive
from tests.clusters import Starting, TestCluster, cluster_of, wanted_by
from tests.homes import FILES, KINDS, ROOT, Home, Homes
from tests.sharing import ByFile

SAMPLE, DUMP = FILES["sample"], FILES["dump"]


def build_index(path: Path, *sources: Path | str, cache: Path | None = None) -> Path:
    return Home(Settings(index=path)).build(*(Path(s) for s in sources), cache=cache).settings.index


@pytest.fixture(scope="session")
def sample_index(homes: Homes) -> Path:
    return homes.of_files("whoosh", "sample").settings.index


@pytest.fixture(scope="session")
def dump_index(homes: Homes) -> Path:
    return homes.of_files("whoosh", "dump").settings.index


@pytest.fixture
def client(sample_index: Path) -> FlaskClient:
    return Home(Settings(index=sample_index)).client()


@pytest.fixture
def dump_client(dump_index: Path) -> FlaskClient:
    return Home(Settings(index=dump_index)).client()


class Server:
    """A real `dateline serve` in a process of its own."""

    def __init__(self, index: Path, workers: int = 2, **environ: str) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        self.url = f"http://127.0.0.1:{port}"
        command = [sys.executable, "-m", "api", "serve", "--index", str(index), "--port", str(port)]
        self.process = subprocess.Popen(
            [*command, "--workers", str(workers)],
            # A courier of each server would be a process more, and keep its lease in copies of the index.
            env={"DATELINE_COURIER": "off", **os.environ, **environ},
            cwd=ROOT,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        self._wait()

    def _wait(self) -> None:
        for _ in range(300):
            try:
                with urllib.request.urlopen(f"{self.url}/healthz", timeout=2):
                    return
            except OSError:
                assert self.process.poll() is None, "the server ended"
                time.sleep(0.05)
        raise AssertionError("the server did not answer")

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(20)


@pytest.fixture(scope="session")
def live_server(sample_index: Path) -> Iterator[str]:
    server = Server(sample_index)
    yield server.url
    server.stop()


NO_POSTGRES = (
    "no PostgreSQL server here; on Debian `apt install postgresql`, "
    "or name the folder of initdb and postgres in DATELINE_TEST_POSTGRES"
)
_POSTGRES_OPTIONS = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "max_connections=60")


def postgres_binaries() -> Path | None:
    """Folder of `initdb` and `postgres`, or None where there are none."""
    named = os.environ.get("DATELINE_TEST_POSTGRES", "")
    debian = sorted(Path("/usr/lib/postgresql").glob("*/bin"), reverse=True)
    found = shutil.which("initdb")
    places = [Path(named)] if named else [*debian, *([Path(found).parent] if found else [])]
    return next((p for p in places if (p / "initdb").exists() and (p / "postgres").exists()), None)


class PostgresServer:
    """A running server; each test gets a database of its own."""

    def __init__(self, place: Path) -> None:
        # Not in pytest's own folder, which the user that a server runs as may not enter.
        folder = Path(tempfile.mkdtemp(prefix="dateline-postgres-"))
        self._place, self._folder, self._user = place, folder, _other_user()
        if self._user:  # a server refuses to run as root
            shutil.chown(folder, self._user.pw_name)
        self._run("initdb", "-D", str(folder / "data"), "-U", "dateline", "-A", "trust", "-E", "UTF8",
                  "--locale=C", "--no-sync")  # fmt: skip
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        options = [part for option in _POSTGRES_OPTIONS for part in ("-c", option)]
        self._process = subprocess.Popen(
            [place / "postgres", "-D", folder / "data", "-h", "127.0.0.1", "-p", str(self.port),
             "-k", folder, *options],
            **self._as_user(), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )  # fmt: skip
        self._wait()

    def _as_user(self) -> dict[str, Any]:
        user = {"user": self._user.pw_uid, "group": self._user.pw_gid} if self._user else {}
        return {"cwd": self._folder, **user}

    def _run(self, name: str, *arguments: str) -> None:
        done = subprocess.run(
            [self._place / name, *arguments], **self._as_user(), capture_output=True, text=True, timeout=120
        )
        assert done.returncode == 0, done.stdout + done.stderr

    def _wait(self) -> None:
        for _ in range(300):
            with contextlib.suppress(AssertionError):
                self.execute("SELECT 1")
                return
            assert self._process.poll() is None, "the server ended"
            time.sleep(0.05)
        raise AssertionError("the server did not answer")

    def execute(self, statement: str) -> None:
        """Run a statement in the server's own database."""
        self._run("psql", "-q", "-h", "127.0.0.1", "-p", str(self.port), "-U", "dateline", "-d", "postgres",
                  "-c", statement)  # fmt: skip

    @contextlib.contextmanager
    def database(self) -> Iterator[str]:
        """URL of a new, empty database."""
        name = f"t{uuid4().hex[:12]}"
        self.execute(f"CREATE DATABASE {name}")
        try:
            yield f"postgresql+psycopg://dateline@127.0.0.1:{self.port}/{name}"
        finally:
            self.execute(f"DROP DATABASE {name} WITH (FORCE)")

    def stop(self) -> None:
        """End it without ceremony."""
        self._process.send_signal(signal.SIGINT)  # PostgreSQL's fast shutdown
        self._process.wait(30)
        shutil.rmtree(self._folder, ignore_errors=True)


def _other_user() -> pwd.struct_passwd | None:
    if os.getuid() != 0:
        return None
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            return pwd.getpwnam(name)
    raise AssertionError("PostgreSQL does not run as root, and there is no user postgres or nobody")


@pytest.fixture(scope="session")
def postgres() -> Iterator[PostgresServer]:
    """A real server, started when the first test asks for it."""
    place = postgres_binaries()
    if place is None:
        pytest.skip(NO_POSTGRES)
    server = PostgresServer(place)
    yield server
    server.stop()


@pytest.fixture(params=["sqlite", "postgresql"])
def archive_url(request: pytest.FixtureRequest) -> Iterator[str]:
    """What `Archive(path, url)` and DATELINE_ARCHIVE take: nothing (SQLite's file), then a server's URL.

    A test of anything that lies in the archive takes this and runs on both.
    """
    if request.param == "sqlite":
        yield ""
        return
    server: PostgresServer = request.getfixturevalue("postgres")
    with server.database() as url:
        yield url


@pytest.fixture
def archive(tmp_path: Path, archive_url: str) -> Archive:
    """An empty archive of the index at `tmp_path`, on either database."""
    return Archive(tmp_path, archive_url)


@pytest.fixture(scope="session")
def seed() -> Path:
    path = ROOT.parent / "shared" / "seed" / "two-articles.txt"
    if not path.exists():
        pytest.skip(f"the seed document is not at {path}")
    return path


_STARTING = pytest.StashKey[Starting]()


def pytest_xdist_make_scheduler(config: pytest.Config, log: Any) -> ByFile:
    """Who runs what, where several processes share the tests."""
    return ByFile(config, log)


def pytest_collection_finish(session: pytest.Session) -> None:
    """Start the cluster's nodes beside the first tests, where a later one needs them."""
    named = os.environ.get("DATELINE_TEST_OPENSEARCH")
    shared = hasattr(session.config, "workerinput")  # which of several processes needs it is not known yet
    if not named and not shared and not session.config.option.collectonly and wanted_by(session.items):
        session.config.stash[_STARTING] = Starting()


def pytest_unconfigure(config: pytest.Config) -> None:
    """End what was started, also where no test came to need it."""
    if starting := config.stash.get(_STARTING, None):
        starting.close()


@pytest.fixture(scope="session")
def cluster(request: pytest.FixtureRequest) -> Iterator[TestCluster]:
    """Three OpenSearch nodes, started when the run began; a test takes a place on them of its own."""
    stash = request.config.stash
    if not os.environ.get("DATELINE_TEST_OPENSEARCH") and stash.get(_STARTING, None) is None:
        stash[_STARTING] = Starting()
    yield from cluster_of(stash.get(_STARTING, None))


@pytest.fixture(scope="session")
def homes(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Homes:
    """Indices of either engine."""
    return Homes(tmp_path_factory.mktemp("homes"), lambda: request.getfixturevalue("cluster"))


@pytest.fixture(params=KINDS)
def engine_kind(request: pytest.FixtureRequest) -> str:
    """Which engine; a test that takes this, or what is below, runs over both."""
    if request.param == "opensearch":
        request.getfixturevalue("cluster")
    return str(request.param)


@pytest.fixture
def home(engine_kind: str, homes: Homes, tmp_path: Path) -> Iterator[Home]:
    """An index that is not there yet, on either engine."""
    made = homes.new(engine_kind, tmp_path / "index")
    yield made
    homes.forget(made)


@pytest.fixture
def sample_home(engine_kind: str, homes: Homes) -> Home:
    """The bundled sample, on either engine."""
    return homes.of_files(engine_kind, "sample")


@pytest.fixture
def dump_home(engine_kind: str, homes: Homes) -> Home:
    """The article dump, on either engine."""
    return homes.of_files(engine_kind, "dump")


_FEW = 3


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End every run with what was left out and why."""
    reasons: dict[str, list[str]] = {}
    for report in terminalreporter.stats.get("skipped", []):
        told = report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
        reasons.setdefault(re.sub(r"^Skipped: ", "", told), []).append(report.nodeid)
    if reasons:
        terminalreporter.section("left out, and why")
    for reason, left_out in reasons.items():
        if len(left_out) > _FEW:
            counts = Counter(node.partition("::")[0] for node in left_out)
            where = ", ".join(f"{path} ({number})" for path, number in counts.items())
            left_out = [f"{len(left_out)} tests, {where}"]
        for line in left_out:
            terminalreporter.write_line(f"{line}: {reason}")
