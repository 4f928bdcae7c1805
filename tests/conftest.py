"""What the tests share: an index of the bundled sample, one of an article dump, and servers of both."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import time
import urllib.request
from collections.abc import Iterator
from pathlib import Path

import pytest
from flask.testing import FlaskClient

from api.app import create_app
from api.settings import Settings
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.store import StoreWriter

ROOT = Path(__file__).resolve().parent.parent
SAMPLE = ROOT / "api" / "sample"
DUMP = ROOT / "tests" / "data" / "dump.txt"


def build_index(path: Path, *sources: Path | str, cache: Path | None = None) -> Path:
    with StoreWriter(path) as store:
        summary = run(open_sources([str(s) for s in sources]), store, Options(cache=cache), Listener())
    assert summary.failed == 0
    return path


@pytest.fixture(scope="session")
def sample_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("sample") / "index", SAMPLE)


@pytest.fixture(scope="session")
def dump_index(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return build_index(tmp_path_factory.mktemp("dump") / "index", DUMP)


@pytest.fixture
def client(sample_index: Path) -> FlaskClient:
    return create_app(Settings(index=sample_index)).test_client()


@pytest.fixture
def dump_client(dump_index: Path) -> FlaskClient:
    return create_app(Settings(index=dump_index)).test_client()


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
            env={**os.environ, **environ},
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


@pytest.fixture(scope="session")
def seed() -> Path:
    path = ROOT.parent / "shared" / "seed" / "two-articles.txt"
    if not path.exists():
        pytest.skip(f"the seed document is not at {path}")
    return path


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """End every run with what was left out and why."""
    skipped = terminalreporter.stats.get("skipped", [])
    if skipped:
        terminalreporter.section("left out, and why")
        for report in skipped:
            reason = re.sub(
                r"^Skipped: ", "", report.longrepr[2] if isinstance(report.longrepr, tuple) else ""
            )
            terminalreporter.write_line(f"{report.nodeid}: {reason}")
