"""`dateline reindex` and `dateline release`: from the archive into the index."""

from __future__ import annotations

import shutil
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api import terminal
from api.options import archive_of, chosen, index_option, json_option
from api.settings import Settings
from index.errors import IndexMissingError

if TYPE_CHECKING:
    from index.rebuild import Rebuilt

_PATIENCE_S = 3600.0


@click.command("release")
@index_option
@json_option
@click.pass_obj
def release_command(settings: Settings, index_path: Path | None, as_json: bool) -> None:
    """Index documents whose embargo has ended, and what a run that was cut off left.

    Every `dateline index` and every posted document does so first, too.
    """
    from api.releasing import bring

    settings = chosen(settings, index=index_path)
    _there(settings)
    count = bring(settings)
    told = f"{count:,} document{'' if count == 1 else 's'} released"
    click.echo(terminal.json_text({"documents": count}) if as_json else told)


@click.command("reindex")
@index_option
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Processes that find dates and names.")  # fmt: skip
@click.option(
    "--wait",
    type=click.FloatRange(0),
    metavar="SECONDS",
    help="How long to wait for another writer when all is built; an hour unless given.",
)
@click.option("--memory", type=click.IntRange(32), metavar="MB", help="Megabytes that building may take.")
@click.option("--model", metavar="NAME", help="Installed spaCy model that finds names.")
@click.option("--force", is_flag=True, help="Go on where documents would be lost that the archive lacks.")
@json_option
@click.pass_obj
def reindex_command(settings: Settings, index_path: Path | None, workers: int, wait: float | None,
                    memory: int | None, model: str | None, force: bool,
                    as_json: bool) -> None:  # fmt: skip
    """Build the whole index anew from the archive while the old one serves.

    Writing goes on meanwhile and is not lost; ids, times and links stay. At the end the new index
    takes the place of the old one in one step. A run that is stopped changes nothing.
    """
    from index.pipeline import Options
    from index.rebuild import Rebuilding, rebuild, room_needed

    # A night's run may hold the lock when all is built; hours of work are not given up for that.
    waits = wait if wait is not None else max(settings.wait, _PATIENCE_S)
    settings = chosen(settings, index=index_path, wait=waits, memory=memory, model=model)
    _there(settings)
    path = settings.index
    if path.exists() and settings.cluster is None:
        needed, free = room_needed(path) / 2**20, shutil.disk_usage(path).free / 2**20
        click.echo(f"needs about {needed:,.0f} MB beside the old index, {free:,.0f} MB are free", err=True)
    console = Console(stderr=True, highlight=False, markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("documents"), TimeRemainingColumn())
    started = time.monotonic()
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("documents", total=None)

        def show(done: Rebuilt) -> None:
            bar.update(task, total=done.total, completed=done.documents + done.carried)

        options = Options(workers, settings.model or None, path / "names.sqlite")
        archive = archive_of(settings)
        if settings.cluster is not None:
            from index.cluster.rebuild import rebuild as rebuild_there

            done = rebuild_there(settings.cluster, archive, options, force=force, progress=show)
        else:
            told = Rebuilding(
                path, archive, options, settings.wait, settings.memory, force=force, progress=show
            )
            done = rebuild(told)
    for error in done.failed.values():
        click.echo(f"not built anew: {error}", err=True)
    if done.carried:
        click.echo(f"{done.carried:,} documents were taken over as the old index had them", err=True)
    _print(done, time.monotonic() - started, as_json=as_json)
    sys.exit(1 if done.failed else 0)


def _print(done: Rebuilt, took: float, *, as_json: bool) -> None:
    count = done.documents + done.carried
    if as_json:
        told = {"documents": count, "carried": done.carried, "paragraphs": done.paragraphs}
        told |= {"failed": len(done.failed), "bytes": done.size}
        click.echo(terminal.json_text({**told, "seconds": round(took, 3)}))
        return
    click.echo(f"{count:,} documents, {done.paragraphs:,} paragraphs, {done.size:,} bytes in {took:.1f} s")


def _there(settings: Settings) -> None:
    """A folder that is misspelt is named as such, instead of being made with an empty archive in it."""
    if not settings.archive and not settings.index.exists():
        raise IndexMissingError(settings.index)
