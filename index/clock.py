"""How are moments of the database and of answers written? In UTC, in one way everywhere."""

from __future__ import annotations

from datetime import UTC, datetime


def utc(at: datetime) -> datetime:
    """A moment as a database gives it back, in UTC; SQLite keeps no zone, what is written is UTC."""
    return at.replace(tzinfo=UTC) if at.tzinfo is None else at.astimezone(UTC)


def second(at: datetime) -> str:
    """A moment as RFC 3339 writes it: UTC, to the second, what is left of it cut off."""
    return utc(at).isoformat(timespec="seconds").replace("+00:00", "Z")
