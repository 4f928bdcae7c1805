"""`dateline work`: work off the queue that `dateline index --queue` fills."""

from __future__ import annotations

import sys
from pathlib import Path

import click

from api import terminal
from api.options import chosen, index_option, json_option
from api.settings import Settings
from index.errors import IndexMissingError


@click.command("work")
@index_option
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Processes of this one that find dates and names.")  # fmt: skip
@click.option("--once", is_flag=True, help="End when nothing waits any more, in any hand.")
@click.option(
    "--wait", type=click.FloatRange(0), metavar="SECONDS", help="How long to wait for another writer."
)
@click.option("--memory", type=click.IntRange(32), metavar="MB", help="Megabytes that building may take.")
@click.option("--model", metavar="NAME", help="Installed spaCy model that finds names.")
@json_option
@click.pass_obj
def work_command(settings: Settings, index_path: Path | None, workers: int, once: bool, wait: float | None,
                 memory: int | None, model: str | None, as_json: bool) -> None:  # fmt: skip
    """Bring what waits in the archive into the index: what `dateline index --queue` put there.

    On an OpenSearch cluster any number of these share the work, on any number of machines with the same
    archive; what one has in hand when it is killed falls to the others within a minute. An index in a
    folder has one writer at a time: there they take turns, and `--workers` shares the work. Ctrl-C, or
    SIGTERM, ends it after what it is doing.
    """
    from api.working import Plan, work  # loads what analyses, which other commands do without

    settings = chosen(settings, index=index_path, wait=wait, memory=memory, model=model)
    if not settings.archive and not settings.index.exists():
        raise IndexMissingError(settings.index)
    done = work(settings, Plan(workers, once))
    told = {
        name: getattr(done, name) for name in ("documents", "articles", "paragraphs", "dates", "entities")
    }
    told |= {"skipped": done.skipped, "failed": done.failed, "seconds": round(done.seconds, 3)}
    line = f"{done.documents:,} documents, {done.paragraphs:,} paragraphs in {done.seconds:.1f} s"
    click.echo(terminal.json_text(told) if as_json else line)
    sys.exit(1 if done.failed else 0)
