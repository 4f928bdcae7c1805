"""What belongs to one application: its settings, its engine, its editor's desk, its keys and counters."""

from __future__ import annotations

from typing import cast

from flask import current_app

from api.counters import Counters
from api.desk import Desk
from api.notifying import Alerts
from api.replays import Seen
from api.settings import Settings
from api.streaming import Places
from index.archive import Archive
from index.audit import AuditLog
from index.ingests import IngestLog
from index.keys import Keys
from index.saved import SavedSearches
from search.engine import Engine

KEY = "dateline"


def current_engine() -> Engine:
    """The engine of the application that answers this request."""
    return cast("Engine", current_app.extensions[KEY]["engine"])


def current_desk() -> Desk:
    """The editor's desk of the application that answers this request."""
    return cast("Desk", current_app.extensions[KEY]["desk"])


def current_ingests() -> IngestLog:
    """The log of what was ingested into the index of the application."""
    return cast("IngestLog", current_app.extensions[KEY]["ingests"])


def current_alerts() -> Alerts:
    """The alerts of the application that answers this request."""
    return cast("Alerts", current_app.extensions[KEY]["alerts"])


def current_saved() -> SavedSearches:
    """The saved searches of the application's archive."""
    return cast("SavedSearches", current_app.extensions[KEY]["saved"])


def current_places() -> Places:
    """Room for answers that take long, in this process."""
    return cast("Places", current_app.extensions[KEY]["places"])


def current_seen() -> Seen:
    """Signed requests that this server has answered."""
    return cast("Seen", current_app.extensions[KEY]["seen"])


def current_archive() -> Archive:
    """The archive of the application that answers this request."""
    return cast("Archive", current_app.extensions[KEY]["archive"])


def current_settings() -> Settings:
    """The settings of the application that answers this request."""
    return cast("Settings", current_app.extensions[KEY]["settings"])


def current_keys() -> Keys:
    """The keys of the application's archive."""
    return cast("Keys", current_app.extensions[KEY]["keys"])


def current_audit() -> AuditLog:
    """The log of who wrote what."""
    return cast("AuditLog", current_app.extensions[KEY]["audit"])


def current_counters() -> Counters:
    """How often who asked lately."""
    return cast("Counters", current_app.extensions[KEY]["counters"])
