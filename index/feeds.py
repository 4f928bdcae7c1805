"""Which feeds are followed, what did each say last, and when is it asked again?

A feed is asked as its server wishes: with what it named its last answer (RFC 9110, 13.1), no sooner
than it says (`Retry-After`, `Cache-Control`, RSS's `ttl`), less often while it fails, and never again
once it is gone. What is known of it is kept in the archive, so that a restart is no reason to ask.
"""

from __future__ import annotations

import random
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import sqlalchemy as sa

from index.archive import METADATA, Archive
from index.clock import utc
from index.fetching import Answer
from index.model import stable_id
from index.readers.base import digest

FEEDS = sa.Table(
    "feeds",
    METADATA,
    sa.Column("id", sa.String(16), primary_key=True),
    sa.Column("url", sa.String(2000), nullable=False),
    sa.Column("moved", sa.String(2000)),
    sa.Column("etag", sa.String(1000)),
    sa.Column("modified", sa.String(200)),
    sa.Column("digest", sa.String(32)),
    sa.Column("asked", sa.DateTime(timezone=True)),
    sa.Column("changed", sa.DateTime(timezone=True)),
    sa.Column("next_at", sa.DateTime(timezone=True)),
    sa.Column("failures", sa.Integer, nullable=False),
    sa.Column("error", sa.String(1000)),
    sa.Column("gone", sa.Boolean, nullable=False),
)

LONGEST_PAUSE = timedelta(days=1)
"""However a feed wishes, and however often it failed, it is asked once a day."""

_FIRST_PAUSE_S = 60.0  # after the first failure; doubled with each
_TTL = re.compile(rb"<ttl>\s{0,20}([0-9]{1,6})\s{0,20}</ttl>")
_HEAD = 65_536  # bytes of a feed in which its own wish is looked for
_MAX_AGE = re.compile(r"(?:^|[\s,])max-age=([0-9]{1,9})")
_GONE, _SAME = 410, 304


@dataclass(frozen=True, slots=True)
class Feed:
    """An address that is followed.

    Attributes:
        url: as it was named.
        moved: where it is for good by now, or None.
        etag: of its last answer, or None.
        modified: its last answer's `Last-Modified`, as told, or None.
        digest: names the bytes of its last answer, for servers that know no conditional requests.
        asked: when it was asked last, in UTC, or None.
        changed: when it last answered with something else than before.
        next_at: when it is asked again; None: now.
        failures: how often it failed since it last answered.
        error: why it failed last, or None.
        gone: whether its server said 410: it is asked no more.
    """

    url: str
    moved: str | None = None
    etag: str | None = None
    modified: str | None = None
    digest: str | None = None
    asked: datetime | None = None
    changed: datetime | None = None
    next_at: datetime | None = None
    failures: int = 0
    error: str | None = None
    gone: bool = False

    @property
    def address(self) -> str:
        """Where it is asked for."""
        return self.moved or self.url

    def due(self, now: datetime) -> bool:
        """Whether it may be asked."""
        return not self.gone and (self.next_at is None or self.next_at <= now)

    def conditions(self) -> dict[str, str]:
        """Headers of a request for what is new alone."""
        told = {"if-none-match": self.etag, "if-modified-since": self.modified}
        return {name: value for name, value in told.items() if value}

    def answered(self, answer: Answer, now: datetime, every: timedelta) -> tuple[Feed, bytes | None]:
        """What is known after an answer, and the body where it says anything new.

        Args:
            answer: of its server, whatever its status.
            now: in UTC.
            every: how often it is to be asked unless it wishes otherwise.
        """
        headers = answer.headers
        if answer.status == _GONE:
            return replace(self, asked=now, gone=True, error="its server says that it is gone (410)"), None
        if answer.status not in (200, _SAME):
            return self.failed(f"its server answered {answer.status}", now, _retry_after(headers, now)), None
        wish = max(every, _fresh_for(headers), _ttl(answer.body) if answer.status == 200 else every)
        well = replace(
            self,
            asked=now,
            next_at=now + min(wish, LONGEST_PAUSE),
            failures=0,
            error=None,
            moved=answer.moved or self.moved,
        )
        if answer.status == _SAME:
            return well, None
        name = digest(answer.body)
        named = replace(
            well, etag=_kept(headers.get("etag"), 1000), modified=_kept(headers.get("last-modified"), 200)
        )
        if name == self.digest:
            return named, None
        return replace(named, digest=name, changed=now), answer.body

    def failed(self, reason: str, now: datetime, wait: timedelta = timedelta()) -> Feed:
        """What is known after it could not be asked: it is left alone for twice as long each time."""
        pause = timedelta(seconds=_FIRST_PAUSE_S * 2 ** min(self.failures, 20) * random.uniform(0.75, 1.25))  # noqa: S311 - no secret
        return replace(
            self,
            asked=now,
            failures=self.failures + 1,
            error=reason[:1000],
            next_at=now + min(max(pause, wait), LONGEST_PAUSE),
        )

    def unread(self) -> Feed:
        """As if its last answer had not come: what it held did not reach the index."""
        return replace(self, etag=None, modified=None, digest=None)


class Feeds:
    """The feeds that an archive knows."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    def all(self) -> tuple[Feed, ...]:
        """Every feed that was ever followed, by address."""
        file = self._archive.file
        if file is not None and not file.exists():
            return ()
        with self._archive.reading() as connection:
            if not sa.inspect(connection).has_table(FEEDS.name):
                return ()
            return tuple(_feed(row) for row in connection.execute(sa.select(FEEDS).order_by(FEEDS.c.url)))

    def get(self, url: str) -> Feed:
        """What is known of an address."""
        return next((feed for feed in self.all() if feed.url == url), Feed(url))

    def put(self, feed: Feed) -> None:
        """Keep what is known of an address."""
        row = {name: getattr(feed, name) for name in Feed.__slots__}
        id_ = stable_id("feed", feed.url)

        def work(connection: sa.Connection) -> None:
            done = connection.execute(sa.update(FEEDS).where(FEEDS.c.id == id_).values(**row))
            if not done.rowcount:
                connection.execute(sa.insert(FEEDS).values(id=id_, **row))

        self._archive.write(work)


def _feed(row: Any) -> Feed:
    told = {name: getattr(row, name) for name in Feed.__slots__}
    for name in ("asked", "changed", "next_at"):
        told[name] = told[name] and utc(told[name])
    return Feed(**told)


def _kept(value: str | None, most: int) -> str | None:
    """A header as it is sent back; one too long to be kept is none."""
    return value if value and len(value) <= most and value.isprintable() else None


def _fresh_for(headers: Mapping[str, str]) -> timedelta:
    found = _MAX_AGE.search(headers.get("cache-control", "").lower())
    return timedelta(seconds=int(found[1])) if found else timedelta()


def _ttl(body: bytes) -> timedelta:
    """RSS's wish in minutes (https://www.rssboard.org/rss-specification#ltttlgtSubelementOfLtchannelgt)."""
    found = _TTL.search(body[:_HEAD])
    return timedelta(minutes=int(found[1])) if found else timedelta()


def _retry_after(headers: Mapping[str, str], now: datetime) -> timedelta:
    told = headers.get("retry-after", "").strip()
    if told.isascii() and told.isdigit() and len(told) < 10:
        return timedelta(seconds=int(told))
    try:
        at = parsedate_to_datetime(told)
    except (ValueError, TypeError):
        return timedelta()
    return at.replace(tzinfo=at.tzinfo or UTC) - now
