"""`dateline watch`: follow folders and feeds."""

from __future__ import annotations

import sys
from datetime import timedelta
from pathlib import Path

import click

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
@click.pass_obj
def watch_command(settings: Settings, sources: tuple[str, ...], index_path: Path | None, every: float,
                  workers: int, once: bool, status: bool) -> None:  # fmt: skip
    """Follow folders, files, globs and addresses of feeds; what is new in them goes into the index.

    Files are taken when they are complete. Feeds are asked for what is new alone, no more often than
    they wish, and less often while they fail. Ctrl-C, or SIGTERM, ends it after what it is doing.
    """
    from api.watch import Plan, feed_lines, watch  # loads the readers, which other commands do without
    from index.feeds import Feeds

    settings = chosen(settings, index=index_path)
    if status:
        lines = feed_lines(Feeds(archive_of(settings)).all())
        click.echo("\n".join(lines) if lines else "no feed was followed yet")
        return
    if not sources:
        raise click.UsageError("name a folder or a feed to follow")
    sys.exit(watch(settings, sources, Plan(timedelta(minutes=every), workers, once)))
