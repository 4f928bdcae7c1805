"""gunicorn, started from here with the settings, so that one command serves."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
import time
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication
from gunicorn.arbiter import Arbiter
from gunicorn.config import KNOWN_SETTINGS

from api.counters import share
from api.replays import FOLDER
from api.settings import Settings
from api.worker import LONGEST_REQUEST_LINE

_COURIER_ENDS_S = 20  # what it is sending takes 15 s at most


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """What gunicorn is told, and why; `deploy/gunicorn.conf.py` tells it the same.

    What is not named stays as gunicorn has it, on purpose: `preload_app` is off, since the index's open
    files, the model and database connections are not to be shared by a fork, and since a worker that
    starts then reads the code of an upgrade; `threads` is 1, as the worker class needs; `keepalive` is of
    no effect, since a synchronous worker that kept a connection would keep everybody else waiting (the
    web server in front keeps the readers'); `forwarded_allow_ips` is this machine's loopback, or what
    `FORWARDED_ALLOW_IPS` says where the web server is elsewhere.
    """
    chosen = {
        "bind": f"{settings.host}:{settings.port}",
        # About one a core: an answer is computing, with hardly a wait in it. More hold memory for nothing.
        "workers": settings.workers,
        # One request a process at a time: Whoosh's readers are not shared between threads.
        "worker_class": "api.worker.Worker",
        # Longer than any answer may take (DATELINE_MAX_TIME, and what comes after it on a busy machine): it
        # is there for a worker that hangs. Long exports are sent by threads, which do not count.
        "timeout": settings.timeout,
        # As long as a query may take; a stopping service is killed after 90 s by systemd, 10 s by Docker.
        "graceful_timeout": 10,
        # Connections that wait while all workers are busy: some seconds' worth. Beyond it nobody is let in,
        # which a web server in front answers with 503 after its patience to connect.
        "backlog": 512,
        # Workers are replaced now and then, so that a leak in a parser stays small; not all at one time.
        "max_requests": 50_000,
        "max_requests_jitter": 5_000,
        "limit_request_line": LONGEST_REQUEST_LINE,
        "limit_request_fields": 100,
        "limit_request_field_size": 8_190,  # bytes of each
        # Each worker touches a file there every second: on a disk that is busy or full that were its end.
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108
        # The web server in front has one, with what the client saw; /metrics counts by endpoint.
        "accesslog": None,
        "loglevel": "warning",
        # No socket in the user's home by which whoever may write there stops the server: newer releases of
        # gunicorn open one, of one name for all servers of a user, and fail where there is no home.
        "control_socket_disable": True,
        "child_exit": _forget_worker,
        # Before it forks: what the workers count they count in one place.
        "on_starting": lambda _: share(),
    }
    known = {setting.name for setting in KNOWN_SETTINGS}
    return {name: value for name, value in chosen.items() if name in known}


def _forget_worker(_: Any, worker: Any) -> None:
    # Imported late: the library looks for its folder in the environment when imported.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


class Beside:
    """The courier of alerts, a process beside the server's own, started again when it ends too soon."""

    PAUSE_S = 10.0

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._process: subprocess.Popen[bytes] | None = None
        self._since = float("-inf")

    def look(self) -> None:
        """See that it runs; costs nothing while it does."""
        running = self._process is not None and self._process.poll() is None
        if running or time.monotonic() - self._since < self.PAUSE_S:
            return
        self._since = time.monotonic()
        command = [sys.executable, "-m", "api", "courier", "--beside", str(os.getpid())]
        told = {
            "HOST": self._settings.host,
            "PORT": str(self._settings.port),
            "ARCHIVE": self._settings.archive,
        }
        self._process = subprocess.Popen(  # noqa: S603 - this very program
            [*command, "--index", str(self._settings.index)],
            env=os.environ | {f"DATELINE_{name}": value for name, value in told.items()},
        )

    def end(self) -> None:
        """Let it finish what it is sending, and end."""
        if self._process is None or self._process.poll() is not None:
            return
        self._process.terminate()
        try:
            self._process.wait(_COURIER_ENDS_S)
        except subprocess.TimeoutExpired:
            self._process.kill()


class _Arbiter(Arbiter):  # type: ignore[misc]
    """gunicorn's master, which looks after the courier as often as after its workers."""

    def __init__(self, app: _Server, courier: Beside) -> None:
        self._courier = courier
        super().__init__(app)

    def manage_workers(self) -> None:
        super().manage_workers()
        self._courier.look()


class _Server(BaseApplication):  # type: ignore[misc]
    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        super().__init__()

    def load_config(self) -> None:
        for name, value in gunicorn_options(self._settings).items():
            if value is not None:
                self.cfg.set(name, value)

    def load(self) -> Flask:
        # In the worker, so that no process shares open files or the model with another.
        from api.app import create_app

        return create_app(self._settings)

    def run(self) -> None:
        if not self._settings.courier:
            super().run()
            return
        courier = Beside(self._settings)
        try:
            _Arbiter(self, courier).run()
        finally:
            courier.end()


def serve(settings: Settings) -> None:
    """Serve until stopped; the processes count their requests, and know those answered, in one place."""
    folders = shared_folders()
    try:
        _Server(settings).run()
    finally:
        for folder in folders:
            shutil.rmtree(folder, ignore_errors=True)


def shared_folders() -> tuple[str, ...]:
    """Make the folders that the processes of one server share, and name them in the environment.

    Returns:
        Those that were made, for whoever ends the server to remove; none that somebody had named before.
    """
    made = {}
    for name, prefix in (("PROMETHEUS_MULTIPROC_DIR", "dateline-metrics-"), (FOLDER, "dateline-server-")):
        if not os.environ.get(name):
            made[name] = tempfile.mkdtemp(prefix=prefix)
    os.environ |= made
    return tuple(made.values())
