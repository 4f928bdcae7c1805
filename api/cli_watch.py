"""`dateline watch`: follow folders and feeds."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

from api import terminal
from api.options import archive_of, chosen, index_option
from api.settings import Settings


@click.command("watch")
@click.argument("sources", nargs=-1, metavar="SOURCE...")
@index_option
@click.option("--every", type=click.FloatRange(1, 1440), default=15, show_default=True, metavar="MINUTES",
              help="How often a feed is asked, unless it wishes less.")  # fmt: skip
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Processes that find dates and names.")  # fmt: skip
@click.option("--once", is_flag=True, help="Look at each source that is due once, and end: for a timer.")
@click.option("--status", is_flag=True, help="Tell how the feeds are that were followed so far, and end.")
@click.option("--json", "as_json", is_flag=True, help="With --status: print JSON, on one line.")
@click.pass_obj
def watch_command(settings: Settings, sources: tuple[str, ...], index_path: Path | None, every: float,
                  workers: int, once: bool, status: bool, as_json: bool) -> None:  # fmt: skip
    """Follow folders, files, globs and addresses of feeds; what is new in them goes into the index.

    Files are taken when they are complete. Feeds are asked for what is new alone, no more often than
    they wish, and less often while they fail. Ctrl-C, or SIGTERM, ends it after what it is doing.
    """
    from api.watch import (  # loads the readers, which other commands do without
        Plan,
        feed_json,
        feed_lines,
        watch,
    )
    from index.feeds import Feeds

    settings = chosen(settings, index=index_path)
    if status:
        feeds = Feeds(archive_of(settings)).all()
        if as_json:
            click.echo(terminal.json_text([feed_json(feed) for feed in feeds]))
            return
        lines = feed_lines(feeds)
        for line in lines:
            click.echo(terminal.safe(line))
        if not lines:
            click.echo("no feed was followed yet", err=True)
        return
    if as_json:
        raise click.UsageError("--json goes with --status")
    if not sources:
        raise click.UsageError("name a folder or a feed to follow")
    sys.exit(watch(settings, sources, Plan(timedelta(minutes=every), workers, once)))
