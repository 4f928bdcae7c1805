"""`dateline index`: the pipeline with its progress, its errors and its summary."""

from __future__ import annotations

import json
import logging
import sys
import time
from collections.abc import Sequence

import click
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeRemainingColumn

from api.options import archive_of, store_of
from api.settings import Settings
from index.errors import DatelineError, InputError, StaleVersionError, UnsupportedInputError
from index.ingests import IngestLog
from index.pipeline import Listener, Options, Summary, run
from index.readers.sources import Progress as Reading
from index.readers.sources import open_sources
from index.shelf import Shelf

_SUMMARY = (
    "documents",
    "articles",
    "paragraphs",
    "dates",
    "entities",
    "unchanged",
    "waiting",
    "canceled",
    "stale",
    "queued",
    "skipped",
    "failed",
    "seconds",
)


def index_sources(
    settings: Settings, sources: Sequence[str], *, workers: int, as_json: bool, revive: bool = False
) -> int:
    """Index what a person named.

    Args:
        settings: say where.
        sources: files, folders, globs or `-`.
        workers: processes that find dates and names.
        as_json: whether the summary is.
        revive: whether what an editor removed is taken again.

    Returns:
        The exit status: 1 when some input failed, or something named outright was not taken.
    """
    # A reader's library complains about a page's markup; the page is named where it matters.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    named = set(sources)
    refused: list[InputError] = []
    reading = Reading()
    options = Options(workers, settings.model or None, settings.index / "names.sqlite")
    archive = archive_of(settings)
    log, shelf = IngestLog(archive), Shelf(archive, revive=revive)
    with (
        Display(reading) as display,
        log.note("command line", " ".join(sources), display.unnoted) as noted,
        store_of(settings) as store,
    ):
        noted.begin()

        def tell(error: InputError) -> None:
            if isinstance(error, StaleVersionError):  # nothing is wrong, and nothing to be mended
                display.error(error)
                return
            noted.failed(error)
            if not isinstance(error, UnsupportedInputError) or error.source in named:
                refused.append(error)
            display.error(error)

        def show(summary: Summary) -> None:
            noted.progress(summary)
            display.show(summary)

        inputs = open_sources(sources, sys.stdin.buffer, reading)
        summary = run(inputs, store, options, Listener(tell, show), shelf)
        noted.progress(summary)
    _print(summary, as_json=as_json)
    return 1 if refused else 0


def _print(summary: Summary, *, as_json: bool) -> None:
    values = {name: getattr(summary, name) for name in _SUMMARY}
    values["seconds"] = round(summary.seconds, 3)
    if as_json:
        click.echo(json.dumps(values))
        return
    counts = [f"{values[n]:,} {n}" for n in ("documents", "articles", "paragraphs", "dates", "entities")]
    click.echo(f"{', '.join(counts)} in {summary.seconds:.1f} s")
    if summary.unchanged:
        click.echo(f"{summary.unchanged:,} documents had not changed")
    if summary.waiting or summary.canceled or summary.stale:
        told = f"{summary.waiting:,} withheld or under an embargo, {summary.canceled:,} canceled"
        click.echo(f"{told}, {summary.stale:,} older than what is held")
    if summary.queued:
        click.echo(f"{summary.queued:,} are brought into the index by another process")
    if summary.skipped or summary.failed:
        click.echo(f"{summary.skipped:,} skipped, {summary.failed:,} failed; each is named above")


class Display:
    """Errors on standard error, and a bar below them where that is a terminal."""

    def __init__(self, reading: Reading) -> None:
        self._reading = reading
        self._console = Console(stderr=True, highlight=False, markup=False)
        columns = (BarColumn(), TextColumn("{task.description}", markup=False), TimeRemainingColumn())
        self._bar = Progress(*columns, console=self._console, transient=True, disable=not sys.stderr.isatty())
        self._task = self._bar.add_task("reading", total=None)
        self._shown = 0.0

    def __enter__(self) -> Display:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bar.stop()

    def error(self, error: InputError) -> None:
        """Name an input that was not taken."""
        verb = "skipped" if isinstance(error, UnsupportedInputError) else "failed"
        verb = "left as it was" if isinstance(error, StaleVersionError) else verb
        self._console.print(f"{verb}: {error}", soft_wrap=True)

    def unnoted(self, error: DatelineError) -> None:
        """Say that the run goes on without its line in the log."""
        self._console.print(
            f"note: what is indexed now is not in the log of ingests: {error}", soft_wrap=True
        )

    def show(self, summary: Summary) -> None:
        """Move the bar, ten times a second at most."""
        now = time.monotonic()
        if now - self._shown < 0.1:
            return
        self._shown = now
        text = f"{summary.articles:,} articles, {summary.paragraphs:,} paragraphs"
        text = f"{summary.queued:,} documents" if summary.queued and not summary.documents else text
        total = self._reading.bytes_total or None
        self._bar.update(self._task, total=total, completed=self._reading.bytes_done, description=text)
