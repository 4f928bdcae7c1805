"""How do the index, the archive and the disk look to a monitor? Gauges, read anew for each of its questions.

Each is a look at the index's table of contents or one query by an index of the database, so that a
monitor may ask every few seconds. What cannot be read now is left out, and `dateline_archive_up` or
`dateline_index_up` says so: a number that is not known is no zero.
"""

from __future__ import annotations

import shutil
from collections import Counter
from datetime import datetime
from importlib import metadata

from prometheus_client import CollectorRegistry, Gauge

from api.context import current_alerts, current_archive, current_engine, current_saved, current_settings
from index.errors import DatelineError
from index.feeds import Feeds
from index.ingests import IngestLog
from index.shelf import Shelf


def gauges() -> CollectorRegistry:
    """All of them, as they are now."""
    registry = CollectorRegistry()
    release = metadata.version("dateline")
    told = _gauge(registry, "info", "What is at work; always 1.", "engine", "release")
    told.labels(current_settings().engine, release).set(1)
    _index(registry)
    _archive(registry)
    _disk(registry)
    return registry


def _index(registry: CollectorRegistry) -> None:
    up = _gauge(registry, "index_up", "Whether there is an index that can be searched.")
    try:
        stats = current_engine().stats()
    except DatelineError:
        up.set(0)
        return
    up.set(1)
    for name, value, text in (
        ("generation", stats.generation, "Number of the newest commit."),
        ("documents", stats.documents, "Documents in the index."),
        ("articles", stats.articles, "Articles in the index."),
        ("paragraphs", stats.paragraphs, "Paragraphs in the index."),
        ("index_bytes", stats.bytes, "Size of the index on disk."),
    ):
        _gauge(registry, name, text).set(value)


def _archive(registry: CollectorRegistry) -> None:
    up = _gauge(registry, "archive_up", "Whether the archive's database can be read.")
    try:
        for part in (_documents, _ingests, _following, _alerts):
            part(registry)
    except DatelineError:
        up.set(0)
    else:
        up.set(1)


def _documents(registry: CollectorRegistry) -> None:
    shelf = Shelf(current_archive())
    turn, place = shelf.last_turn(), shelf.looked_at_place()
    text = "Changes in the archive that the index has not yet; while something is written some are under way."
    _gauge(registry, "archive_unindexed_changes", text).set(max(0, turn - place.turn) if place else turn)
    _gauge(registry, "embargoed_documents", "Documents under an embargo.").set(shelf.embargoed())
    _time(registry, "embargo_ends", "When the next embargo ends, or should have.", shelf.next_due())
    _time(registry, "changed", "When an article last came, was corrected or went.", shelf.last_change())


def _ingests(registry: CollectorRegistry) -> None:
    newest = next(iter(IngestLog(current_archive()).runs(limit=1)), None)
    if newest is None:
        return
    _time(registry, "ingest_seen", "When the newest run of ingesting was last heard of.", newest.seen)
    text = "Inputs that the newest run of ingesting could not read."
    _gauge(registry, "ingest_failed_inputs", text).set(newest.counts["failed"])
    text = "Whether the newest run of ingesting was ended by an error."
    _gauge(registry, "ingest_stopped", text).set(newest.error is not None)


def _following(registry: CollectorRegistry) -> None:
    feeds = Feeds(current_archive()).all()
    states = Counter("gone" if f.gone else "failing" if f.failures else "well" for f in feeds)
    told = _gauge(registry, "feeds", "Feeds that are followed.", "state")
    for state in ("well", "failing", "gone"):
        told.labels(state).set(states[state])
    told = _gauge(registry, "saved_searches", "Searches that are saved.", "state")
    for state, count in Counter(search.state for search in current_saved().all()).items():
        told.labels(state).set(count)


def _alerts(registry: CollectorRegistry) -> None:
    alerts = current_alerts()
    told = _gauge(registry, "deliveries", "Deliveries of alerts in the log.", "state")
    for state, count in alerts.deliveries.counts().items():
        told.labels(state).set(count)
    text = "Whether a courier of alerts is at work."
    _gauge(registry, "courier_alive", text).set(alerts.alive())


def _disk(registry: CollectorRegistry) -> None:
    place = current_settings().index
    while not place.exists() and place != place.parent:
        place = place.parent
    try:
        room = shutil.disk_usage(place)
    except OSError:
        return
    _gauge(registry, "disk_bytes", "Size of the file system that the index's folder is on.").set(room.total)
    _gauge(registry, "disk_free_bytes", "What is free of it.").set(room.free)


def _time(registry: CollectorRegistry, name: str, text: str, at: datetime | None) -> None:
    if at is not None:
        _gauge(registry, f"{name}_timestamp_seconds", text).set(at.timestamp())


def _gauge(registry: CollectorRegistry, name: str, text: str, *labels: str) -> Gauge:
    return Gauge(f"dateline_{name}", text, labels, registry=registry)
