"""Who may read, write or decide? Keys, kept in the archive as digests, with what each is for.

A key is `dateline_<id>_<secret>`: the prefix lets scanners of source code find one that was
committed by mistake, the id finds its row, and the secret is 32 random bytes. One SHA-256 of them
is what is kept: a slow hash protects what people choose and others guess, and 2**256 cannot be
guessed; it would only make each request slower, and a flood of wrong keys dearer for the server.
"""

from __future__ import annotations

import hashlib
import hmac
import re
import secrets
import time
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

import sqlalchemy as sa

from index.archive import METADATA, Archive
from index.clock import utc
from index.decisions import MAX_TEXT, fit
from index.errors import NotFoundError

Scope = Literal["read", "write", "desk"]
State = Literal["live", "expired", "revoked"]

SCOPES: tuple[Scope, ...] = ("read", "write", "desk")
"""What keys may be for: reading while that is closed; documents in and out; editors' decisions."""
PATTERN = re.compile(r"dateline_([0-9a-f]{8})_([0-9a-f]{64})")
"""How a key looks; what a scanner of source code should look for."""
USED_S = 60
"""Seconds within which a key's use is written down once."""

KEYS = sa.Table(
    "keys",
    METADATA,
    sa.Column("id", sa.String(8), primary_key=True),
    sa.Column("name", sa.String(MAX_TEXT), nullable=False),
    sa.Column("digest", sa.String(64), nullable=False),
    sa.Column("scopes", sa.String(40), nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("used", sa.DateTime(timezone=True)),
    sa.Column("expires", sa.DateTime(timezone=True)),
    sa.Column("revoked", sa.DateTime(timezone=True)),
)
_REMEMBERED = 1_000  # ids looked up, those that name nothing among them
_LIVE = "live"  # no id, so that it can stand among them


@dataclass(frozen=True, slots=True)
class Key:
    """A key as the archive knows it: everything but the secret.

    Attributes:
        id: names it, in lists and logs.
        name: what it is for, in its maker's words.
        scopes: what it lets do.
        created: when, in UTC.
        used: when it was last used, to about a minute, or None.
        expires: from when on it is no longer taken, or None.
        revoked: when it was taken back, or None.
    """

    id: str
    name: str
    scopes: tuple[Scope, ...]
    created: datetime
    used: datetime | None
    expires: datetime | None
    revoked: datetime | None

    @property
    def state(self) -> State:
        """Whether it is taken now."""
        if self.revoked is not None:
            return "revoked"
        return "expired" if self.expires is not None and self.expires <= datetime.now(UTC) else "live"


Held = tuple[str, Key]
"""A secret's digest, and its key."""


class Keys:
    """The keys of one archive; opens nothing until asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive
        self._standing: object = None
        self._known: dict[str, list[Held]] = {}
        self._noted: dict[str, float] = {}

    def add(self, name: str, scopes: Iterable[Scope], expires: datetime | None = None) -> tuple[Key, str]:
        """Make a key.

        Args:
            name: what it is for; one line.
            scopes: what it lets do.
            expires: from when on it is no longer taken.

        Returns:
            The key, and its text, which nobody is ever told again.

        Raises:
            DecisionError: the name is empty or too long.
        """
        name, wanted = fit("keys", "the name", name), set(scopes)
        secret = secrets.token_hex(32)
        row = {"name": name, "digest": _digest(secret), "created": datetime.now(UTC), "expires": expires}
        row["scopes"] = " ".join(s for s in SCOPES if s in wanted)

        def put(connection: sa.Connection) -> str:
            id_ = secrets.token_hex(4)
            while connection.execute(sa.select(KEYS.c.id).where(KEYS.c.id == id_)).first():
                id_ = secrets.token_hex(4)
            connection.execute(sa.insert(KEYS).values(id=id_, **row))
            return id_

        made = self._archive.write(put)
        return next(k for k in self.all() if k.id == made), f"dateline_{made}_{secret}"

    def revoke(self, id_: str) -> Key:
        """Take a key back; no process takes it from now on.

        Raises:
            NotFoundError: there is none of the id.
        """
        wanted = (KEYS.c.id == id_) & KEYS.c.revoked.is_(None)
        change = sa.update(KEYS).where(wanted).values(revoked=datetime.now(UTC))
        self._archive.write(lambda connection: connection.execute(change))
        for key in self.all():
            if key.id == id_:
                return key
        raise NotFoundError("key", id_, "in the archive; `dateline keys list` names them all")

    def all(self) -> tuple[Key, ...]:
        """Every key there was, the newest first."""
        order = (KEYS.c.created.desc(), KEYS.c.id)
        return tuple(_key(row) for row in self._archive.rows(KEYS, sa.select(KEYS).order_by(*order)))

    def find(self, text: str) -> Key | None:
        """The live key that a text is, or None.

        Raises:
            ArchiveDamagedError, ArchiveUnreachableError: the archive cannot be read.
        """
        match = PATTERN.fullmatch(text)
        if match is None:
            return None
        found = self._held(match[1])
        if found is None or not hmac.compare_digest(found[0], _digest(match[2])):
            return None
        return found[1] if found[1].state == "live" else None

    def live(self, id_: str) -> Key | None:
        """The key of an id while it is taken, or None."""
        found = self._held(id_)
        return found[1] if found is not None and found[1].state == "live" else None

    def any_live(self) -> bool:
        """Whether any key is taken."""
        held = self._remembered(_LIVE, lambda: KEYS.c.revoked.is_(None))
        return any(key.state == "live" for _, key in held)

    def note_use(self, key: Key) -> None:
        """Write down that a key was used, once a minute at most.

        Raises:
            ArchiveUnreachableError: the archive cannot be written.
        """
        now, clock = datetime.now(UTC), time.monotonic()
        before = now - timedelta(seconds=USED_S)
        if clock - self._noted.get(key.id, -USED_S) < USED_S or (key.used is not None and key.used > before):
            return
        self._noted[key.id] = clock
        stale = (KEYS.c.id == key.id) & (KEYS.c.used.is_(None) | (KEYS.c.used < before))
        change = sa.update(KEYS).where(stale).values(used=now)
        self._archive.write(lambda connection: connection.execute(change))

    # --- what was looked up, as long as the archive stands as it did

    def _held(self, id_: str) -> Held | None:
        return next(iter(self._remembered(id_, lambda: KEYS.c.id == id_)), None)

    def _remembered(self, name: str, which: Callable[[], sa.ColumnElement[bool]]) -> list[Held]:
        standing = self._archive.standing()
        if standing is None or standing != self._standing or len(self._known) >= _REMEMBERED:
            self._known, self._standing = {}, standing
        found = self._known.get(name)
        if found is None:
            rows = self._archive.rows(KEYS, sa.select(KEYS).where(which()))
            found = self._known[name] = [(row.digest, _key(row)) for row in rows]
        return found


def _digest(secret: str) -> str:
    return hashlib.sha256(bytes.fromhex(secret)).hexdigest()


def _key(row: Any) -> Key:
    scopes = tuple(s for s in SCOPES if s in row.scopes.split())
    used, expires, revoked = (at and utc(at) for at in (row.used, row.expires, row.revoked))
    return Key(row.id, row.name, scopes, utc(row.created), used, expires, revoked)
