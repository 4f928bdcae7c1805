"""`dateline watch`: folders and feeds are followed, and what is new in them goes into the index."""

from __future__ import annotations

import logging
import signal
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlsplit

import click

from api.options import archive_of, store_of
from api.render import second
from api.settings import Settings
from index.errors import (
    ArchiveUnreachableError,
    ClusterBusyError,
    ClusterUnreachableError,
    DatelineError,
    FetchError,
    IndexLockedError,
    InputError,
    StaleVersionError,
)
from index.feeds import Feed, Feeds
from index.fetching import Caps, fetch
from index.following import Followed
from index.ingests import IngestLog
from index.pipeline import Listener, Options, Summary, run
from index.private import Rules
from index.readers import Outcome, read_bytes
from index.readers.sources import open_sources
from index.shelf import Shelf

_LOOK_S = 2.0  # between two looks at folders, or more where a look takes long
_LOOK_SHARE = 20  # a look may take a twentieth of the time,
_LONGEST_LOOK_S = 60.0  # up to this
_BETWEEN_FEEDS_S = 1.0  # so that feeds of one server are not asked all at once
_PASSING = (IndexLockedError, ArchiveUnreachableError, ClusterUnreachableError, ClusterBusyError, OSError)
_CAPS = Caps(seconds=60.0, body=64 * 1024 * 1024, redirects=5)
_ACCEPT = (
    "application/atom+xml, application/rss+xml, application/feed+json, application/xml;q=0.9, "
    "application/json;q=0.9, text/xml;q=0.8, */*;q=0.5"
)


def is_address(source: str) -> bool:
    """Whether a source is asked for by HTTP."""
    return urlsplit(source).scheme.lower() in ("http", "https")


@dataclass(frozen=True, slots=True)
class Plan:
    """How sources are followed.

    Attributes:
        every: how often a feed is asked, unless it wishes less.
        workers: processes that find dates and names.
        once: whether each source is looked at once, and no more.
    """

    every: timedelta
    workers: int = 1
    once: bool = False


class Watch:
    """Some sources as they are followed.

    Args:
        settings: say where the index is.
        sources: files, folders, globs, and addresses of feeds.
        plan: how they are followed.
        tell: is told what happens, a line each.
    """

    def __init__(
        self, settings: Settings, sources: Sequence[str], plan: Plan, tell: Callable[[str], None]
    ) -> None:
        self._settings = settings
        self._plan = plan
        self._tell = tell
        self._archive = archive_of(settings)
        self._feeds = Feeds(self._archive)
        self._urls = [source for source in sources if is_address(source)]
        self._folders = Followed([source for source in sources if not is_address(source)])
        self._stopped = threading.Event()
        self._pause = _LOOK_S
        self.failed = 0

    def stop(self) -> None:
        """End after what is being done."""
        self._stopped.set()

    def run(self) -> None:
        """Follow until stopped; `once`: until every source was looked at."""
        if self._plan.once:
            self._folders.settle()
        trouble = ""
        while True:
            try:
                self._look_at_folders()
                self._ask_feeds()
                trouble = ""
            except DatelineError as error:  # an archive out of reach, say: the night goes on
                if self._plan.once:
                    raise
                if str(error) != trouble:
                    self._tell(f"{error}; it is tried again")
                trouble = str(error)
            if self._plan.once or self._stopped.wait(self._pause):
                return

    def _look_at_folders(self) -> None:
        started = time.monotonic()
        found = list(self._folders.look())
        took = time.monotonic() - started
        self._pause = max(_LOOK_S, min(took * _LOOK_SHARE, _LONGEST_LOOK_S))
        paths = [one for one in found if isinstance(one, str)]
        errors = [one for one in found if isinstance(one, InputError)]
        if not found:
            return
        named = paths[0] if len(found) == 1 and paths else f"{len(paths)} files"

        def outcomes() -> Iterable[Outcome]:
            yield from errors
            yield from open_sources(paths)

        taken = False
        try:
            taken = self._index(named, outcomes())
        finally:
            if not taken:
                self._folders.forget(paths)

    def _ask_feeds(self) -> None:
        asked = False
        for url in self._urls:
            feed = self._feeds.get(url)
            if self._stopped.is_set() or not feed.due(datetime.now(UTC)):
                continue
            if asked and self._stopped.wait(_BETWEEN_FEEDS_S):
                return
            asked = True
            self._ask(feed)

    def _ask(self, feed: Feed) -> None:
        now = datetime.now(UTC)
        try:
            headers = {"accept": _ACCEPT, **feed.conditions()}
            answer = fetch(feed.address, self._rules(feed), headers=headers, caps=_CAPS)
        except FetchError as error:
            self._not_read(feed, feed.failed(error.reason, now))
            return
        after, body = feed.answered(answer, now, self._plan.every)
        if after.error:
            self._not_read(feed, after)
            return
        if body is not None:
            media_type = answer.headers.get("content-type")
            # Written down before as unread: who is stopped in between asks for it again.
            self._feeds.put(after.unread())
            if not self._index(feed.url, read_bytes(body, feed.url, media_type)):
                after = after.unread()
        self._feeds.put(after)

    def _rules(self, feed: Feed) -> Rules:
        """Who names an address may ask for it, on a private network too; where it redirects is judged."""
        rules, told = self._settings.rules, urlsplit(feed.url)
        host = (told.hostname or "").lower().rstrip(".")
        return replace(
            rules, names=(*rules.names, (host, told.port or (443 if told.scheme == "https" else 80)))
        )

    def _not_read(self, before: Feed, after: Feed) -> None:
        self.failed += 1
        self._feeds.put(after)
        if after.gone:
            self._tell(f"{after.url}: {after.error}; it is asked no more")
        elif after.error != before.error or self._plan.once:
            wait = (after.next_at or after.asked or datetime.now(UTC)) - (after.asked or datetime.now(UTC))
            self._tell(f"{after.url}: {after.error}; it is asked again in {_said(wait)}")

    def _index(self, named: str, outcomes: Iterable[Outcome]) -> bool:
        """Index what was read; returns whether it is in the index, as far as it could be taken."""
        settings = self._settings
        options = Options(self._plan.workers, settings.model or None, settings.index / "names.sqlite")
        log, shelf = IngestLog(self._archive), Shelf(self._archive)
        try:
            with (
                log.note("watch", named, self._unnoted) as noted,
                store_of(settings) as store,
            ):
                noted.begin()

                def refuse(error: InputError) -> None:
                    if isinstance(error, StaleVersionError):  # a feed shows older versions for long
                        return
                    self.failed += 1
                    noted.failed(error)
                    self._tell(f"not taken: {error}")

                summary = run(outcomes, store, options, Listener(refuse, noted.progress), shelf)
                noted.progress(summary)
        except _PASSING as error:
            self.failed += 1
            self._tell(f"{named}: {error}; it is tried again")
            return False
        self._say(named, summary)
        return True

    def _unnoted(self, error: DatelineError) -> None:
        self._tell(f"note: what is indexed now is not in the log of ingests: {error}")

    def _say(self, named: str, summary: Summary) -> None:
        fresh = summary.documents - summary.unchanged
        if fresh:
            self._tell(f"{named}: {fresh:,} documents new or changed, {summary.unchanged:,} as before")


def watch(settings: Settings, sources: Sequence[str], plan: Plan) -> int:
    """Follow sources until a signal ends it; returns the exit status."""

    def tell(line: str) -> None:
        click.echo(f"{datetime.now():%H:%M:%S} {line}", err=True)  # noqa: DTZ005 - for who sits at the terminal

    # A reader's library complains about a page's markup; the page is named where it matters.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    following = Watch(settings, sources, plan, tell)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: following.stop())
    following.run()
    return 1 if plan.once and following.failed else 0


def feed_lines(feeds: Iterable[Feed]) -> list[str]:
    """What is known of each feed that is followed, a line each."""
    lines = []
    for feed in feeds:
        state = "gone" if feed.gone else f"failing ({feed.failures})" if feed.failures else "well"
        asked = f"{feed.asked:%Y-%m-%d %H:%M}Z" if feed.asked else "never"
        after = "" if feed.gone or not feed.next_at else f", again {feed.next_at:%Y-%m-%d %H:%M}Z"
        told = f"{feed.url}  {state}, asked {asked}{after}"
        lines.append(f"{told}\n    {feed.error}" if feed.error else told)
    return lines


def feed_json(feed: Feed) -> dict[str, Any]:
    """The same of one feed, for programs."""
    state = "gone" if feed.gone else "failing" if feed.failures else "well"
    told = {"url": feed.url, "state": state, "failures": feed.failures, "error": feed.error or None}
    return told | {"asked": second(feed.asked), "next": None if feed.gone else second(feed.next_at)}


def _said(span: timedelta) -> str:
    minutes = span.total_seconds() / 60
    return f"{minutes:.0f} min" if minutes < 120 else f"{minutes / 60:.0f} h"
