"""gunicorn, started from here with the settings, so that one command serves."""

from __future__ import annotations

import os
import shutil
import tempfile
from typing import Any

from flask import Flask
from gunicorn.app.base import BaseApplication

from api.counters import share
from api.settings import Settings
from api.worker import LONGEST_REQUEST_LINE


def gunicorn_options(settings: Settings) -> dict[str, Any]:
    """What gunicorn is told; `deploy/gunicorn.conf.py` tells it the same."""
    return {
        "bind": f"{settings.host}:{settings.port}",
        "workers": settings.workers,
        # One request a process at a time: Whoosh's readers are not shared between threads.
        "worker_class": "api.worker.Worker",
        "timeout": settings.timeout,
        "graceful_timeout": 10,
        "backlog": 512,
        # Workers are replaced now and then, so that a leak in a parser stays small.
        "max_requests": 50_000,
        "max_requests_jitter": 5_000,
        "limit_request_line": LONGEST_REQUEST_LINE,
        "limit_request_fields": 100,
        "limit_request_field_size": 8_190,  # bytes of each
        "worker_tmp_dir": "/dev/shm" if os.path.isdir("/dev/shm") else None,  # noqa: PTH112, S108
        "accesslog": None,
        "loglevel": "warning",
        "child_exit": _forget_worker,
        # Before it forks: what the workers count they count in one place.
        "on_starting": lambda _: share(),
    }


def _forget_worker(_: Any, worker: Any) -> None:
    # Imported late: the library looks for its folder in the environment when imported.
    from prometheus_client.multiprocess import mark_process_dead

    mark_process_dead(worker.pid)  # type: ignore[no-untyped-call]


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


def serve(settings: Settings) -> None:
    """Serve until stopped; the processes count their requests into one place."""
    counters = tempfile.mkdtemp(prefix="dateline-metrics-")
    os.environ["PROMETHEUS_MULTIPROC_DIR"] = counters
    try:
        _Server(settings).run()
    finally:
        shutil.rmtree(counters, ignore_errors=True)
