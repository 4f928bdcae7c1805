"""Is this process alive, can it answer, and how is it doing?"""

from __future__ import annotations

import os
import time

from flask import Blueprint, Flask, Response, g, make_response, request
from prometheus_client import (
    CONTENT_TYPE_LATEST,
    CollectorRegistry,
    Counter,
    Histogram,
    generate_latest,
)
from prometheus_client.multiprocess import MultiProcessCollector

from api.auditing import LOST
from api.context import current_engine
from api.gauges import gauges
from api.problems import PROBLEMS, problem
from index.errors import DatelineError

blueprint = Blueprint("health", __name__)

REQUESTS = Counter("dateline_requests_total", "Requests answered.", ["endpoint", "method", "status"])
SECONDS = Histogram(
    "dateline_request_seconds",
    "Time to answer.",
    ["endpoint"],
    buckets=(0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 10),
)


@blueprint.get("/healthz")
def alive() -> Response:
    """Answer while the process lives."""
    return _plain("ok\n")


@blueprint.get("/readyz")
def ready() -> Response:
    """Answer 200 when there is an index to search, else 503 with the reason."""
    try:
        generation = current_engine().generation()
    except DatelineError as error:
        return problem(503, "not-ready", "Not ready", str(error), headers={"Retry-After": "5"})
    return _plain(f"ready, generation {generation}\n")


@blueprint.get("/metrics")
def metrics() -> Response:
    """Answer with counters of all processes in Prometheus's text format."""
    own = generate_latest(gauges())
    counted = CollectorRegistry()
    if _shared():
        MultiProcessCollector(counted)  # type: ignore[no-untyped-call]
    else:
        for counter in (REQUESTS, SECONDS, PROBLEMS, LOST):
            counted.register(counter)
    return _plain(own + generate_latest(counted), CONTENT_TYPE_LATEST)


def count_requests(app: Flask) -> None:
    """Count and time every request by its endpoint."""

    def begin() -> None:
        g.started = time.perf_counter()

    def end(answer: Response) -> Response:
        endpoint = request.endpoint or "none"
        REQUESTS.labels(endpoint, request.method, answer.status_code).inc()
        SECONDS.labels(endpoint).observe(time.perf_counter() - g.get("started", time.perf_counter()))
        return answer

    app.before_request(begin)
    app.after_request(end)


def _shared() -> bool:
    return "PROMETHEUS_MULTIPROC_DIR" in os.environ


def _plain(body: str | bytes, media_type: str = "text/plain; charset=utf-8") -> Response:
    answer = make_response(body)
    answer.headers["Content-Type"] = media_type
    answer.headers["Cache-Control"] = "no-store"
    return answer
