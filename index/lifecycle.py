"""What becomes of a document that comes again? Versions, cancellations and embargoes, as pure rules.

A higher version replaces a lower one, and a lower one is refused; a document whose sender numbers
nothing is replaced by what comes later. `canceled` and `withheld` as IPTC's `pubstatus` has them,
and an embargo holds for all versions (ninjs, `embargoed`): https://iptc.org/std/ninjs/
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Literal

from index.errors import InputError, StaleVersionError
from index.model import Document

State = Literal["current", "withheld", "embargoed", "canceled", "removed"]
"""Of a document in the archive: the first is in the index; `removed` is an editor's doing."""

MAX_VERSION = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Shelved:
    """What the archive knows of a document, without its content.

    Attributes:
        id: of the document.
        version: the highest that came, or None where none was numbered.
        state: what became of it.
        due: when its embargo ends, in UTC; None unless it is embargoed.
        digest: of the content held; None where none is.
        turn: its place in the order of the archive's changes.
        changed: when it was last changed, in UTC.
    """

    id: str
    version: int | None
    state: State
    due: datetime | None
    digest: str | None
    turn: int
    changed: datetime


@dataclass(frozen=True, slots=True)
class Verdict:
    """What becomes of a document.

    Attributes:
        state: that it has from now on.
        due: when its embargo ends, in UTC.
        version: that is remembered of it from now on.
        same: whether the archive holds exactly this already.
    """

    state: State
    due: datetime | None = None
    version: int | None = None
    same: bool = False


TAKEN = Verdict("current")


def judge(
    held: Shelved | None, document: Document, digest: str, now: datetime, *, revive: bool = False
) -> Verdict:
    """Decide about a document that comes.

    Args:
        held: what the archive knows of it, or None.
        document: as it came.
        digest: of its content.
        now: in UTC.
        revive: whether what an editor removed may come back as it was.

    Raises:
        StaleVersionError: something newer is known of it.
        InputError: its version or embargo cannot be understood; showing it could be too early.
    """
    version = document.lifecycle.version
    if version is not None and abs(version) > MAX_VERSION:
        raise InputError(document.source, "its version is a number of more than 18 digits; mend its sender")
    state, due = _wanted(document, now)
    if held is None:
        return Verdict(state, due, version)
    higher = version is not None and (held.version is None or version > held.version)
    reason = _why_not(held, version, state, digest, revive=revive, higher=higher)
    if reason:
        raise StaleVersionError(document.source, reason, document.id, held.state, held.version)
    kept = held.version if version is None else version
    content = digest == held.digest or state == "canceled"
    same = content and (state, due, kept) == (held.state, held.due, held.version)
    return Verdict(state, due, kept, same)


def _wanted(document: Document, now: datetime) -> tuple[State, datetime | None]:
    life = document.lifecycle
    if life.status == "usable":
        due = embargo_of(document)
        return ("embargoed", due) if due is not None and due > now else ("current", None)
    return life.status, None


def embargo_of(document: Document) -> datetime | None:
    """When a document's embargo ends, in UTC; a time without a zone is UTC.

    Raises:
        InputError: it is not a time.
    """
    told = document.lifecycle.embargo
    if told is None:
        return None
    try:
        at = datetime.fromisoformat(told.strip())
        return (at.replace(tzinfo=UTC) if at.tzinfo is None else at).astimezone(UTC).replace(microsecond=0)
    except (ValueError, OverflowError) as error:
        reason = f"its embargo {told[:60]!r} is no time such as 2026-03-01T06:00:00+01:00; it is not shown"
        raise InputError(document.source, reason) from error


def _why_not(
    held: Shelved, version: int | None, state: State, digest: str, *, revive: bool, higher: bool
) -> str | None:
    """Why a document stays as it is held, or None."""
    if version is not None and held.version is not None and version < held.version:
        return f"version {version} is older than version {held.version}, which is held"
    if higher or state == held.state:
        # What an editor removed comes back by a number that is known to be higher, not by the first one.
        return _removed(held) if held.state == "removed" and held.version is None and not revive else None
    if held.state == "removed":
        return None if revive or state == "canceled" else _removed(held)
    unnumbered = version is None and held.version is None
    if held.state == "canceled" and not (unnumbered and digest != held.digest):
        return f"{_numbered(held)} was canceled, and this is no later version"
    if held.state == "withheld" and state != "canceled" and version is not None:
        return f"{_numbered(held)} is withheld, and this is no later version"
    return None


def _numbered(held: Shelved) -> str:
    return "it" if held.version is None else f"version {held.version}"


def _removed(held: Shelved) -> str:
    day = held.changed.date().isoformat()
    return f"an editor removed it on {day}; post it, or index it with --revive, to bring it back"
