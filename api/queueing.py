"""`dateline index --queue`: what is named goes into the archive, and waits there for `dateline work`."""

from __future__ import annotations

import json
import logging
import sys
from collections.abc import Sequence
from dataclasses import replace

import click

from api.indexing import Display
from api.options import archive_of
from api.settings import Settings
from index.errors import InputError, StaleVersionError, UnsupportedInputError
from index.ingests import IngestLog
from index.intake import Listener, Summary
from index.queueing import enqueue
from index.readers.sources import Progress as Reading
from index.readers.sources import open_sources
from index.shelf import Shelf

_SUMMARY = ("queued", "unchanged", "waiting", "canceled", "stale", "skipped", "failed", "seconds")


def queue_sources(settings: Settings, sources: Sequence[str], *, as_json: bool, revive: bool = False) -> int:
    """Put what a person named into the queue; as many may do so at once as like to.

    Args:
        settings: say where the archive is.
        sources: files, folders, globs or `-`.
        as_json: whether the summary is.
        revive: whether what an editor removed is taken again.

    Returns:
        The exit status: 1 when some input failed, or something named outright was not taken.
    """
    # A reader's library complains about a page's markup; the page is named where it matters.
    logging.getLogger("trafilatura").setLevel(logging.CRITICAL)
    named, refused, reading = set(sources), [0], Reading()
    archive = archive_of(settings)
    with (
        Display(reading) as display,
        IngestLog(archive).note("queue", " ".join(sources), display.unnoted) as noted,
    ):
        noted.begin()

        def tell(error: InputError) -> None:
            display.error(error)
            if isinstance(error, StaleVersionError):  # nothing is wrong, and nothing to be mended
                return
            noted.failed(error)
            refused[0] += not isinstance(error, UnsupportedInputError) or error.source in named

        def show(summary: Summary) -> None:
            noted.progress(_read(summary))
            display.show(summary)

        inputs = open_sources(sources, sys.stdin.buffer, reading)
        summary = enqueue(inputs, Listener(tell, show), Shelf(archive, revive=revive))
        noted.progress(_read(summary))
    _print(summary, as_json=as_json)
    return 1 if refused[0] else 0


def _read(summary: Summary) -> Summary:
    """What the log of ingests is told: documents that were read, as of any other run."""
    return replace(summary, documents=summary.queued + summary.unchanged)


def _print(summary: Summary, *, as_json: bool) -> None:
    values = {name: getattr(summary, name) for name in _SUMMARY}
    values["seconds"] = round(summary.seconds, 3)
    if as_json:
        click.echo(json.dumps(values))
        return
    told = f"{summary.queued:,} documents wait for `dateline work`, {summary.unchanged:,} had not changed"
    click.echo(f"{told} ({summary.seconds:.1f} s)")
    if summary.waiting or summary.canceled or summary.stale:
        told = f"{summary.waiting:,} withheld or under an embargo, {summary.canceled:,} canceled"
        click.echo(f"{told}, {summary.stale:,} older than what is held")
    if summary.skipped or summary.failed:
        click.echo(f"{summary.skipped:,} skipped, {summary.failed:,} failed; each is named above")
