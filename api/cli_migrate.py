"""`dateline migrate`: an index from one engine to the other."""

from __future__ import annotations

import sys
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeRemainingColumn

from api import terminal
from api.keeping import look_at, where
from api.options import archive_of, chosen, engine_of, index_option, json_option, store_of
from api.settings import Settings

if TYPE_CHECKING:
    from index.migrating import Migrated, Source
    from search.verifying import Verified

_PATIENCE_S = 3600.0
_SHOWN = 20  # differences


@click.command("migrate")
@click.option("--to", "engine", type=click.Choice(["opensearch", "whoosh"]), required=True,
              help="The engine that the index goes to.")  # fmt: skip
@index_option
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Processes that find dates and names in what cannot be copied.")  # fmt: skip
@click.option("--wait", type=click.FloatRange(0), metavar="SECONDS",
              help="How long to wait for another writer; an hour unless given.")  # fmt: skip
@click.option("--memory", type=click.IntRange(32), metavar="MB", help="Megabytes that building may take.")
@click.option("--model", metavar="NAME", help="Installed spaCy model that finds names.")
@json_option
@click.pass_obj
def migrate_command(settings: Settings, engine: str, index_path: Path | None, workers: int,
                    wait: float | None, memory: int | None, model: str | None,
                    as_json: bool) -> None:  # fmt: skip
    """Bring the index from the engine that is set now to the other one, and compare the two.

    The folder and its archive stay; DATELINE_OPENSEARCH names the cluster either way. The index that
    serves now is only read, and goes on serving. What it holds is copied, without being analysed again.
    A run that was cut off goes on where it was when it is started again. At the end both indices are
    asked the same: counts, and some fifty searches. Exit status 1 when they differ.
    """
    from index.migrating import migrate  # loads what analyses, which other commands do without
    from index.pipeline import Options

    if settings.engine == engine:
        raise click.UsageError(
            f"DATELINE_ENGINE is {engine}: the index is there already. Set it to the engine "
            "that the index comes from, and to the other one when it is there"
        )
    waits = wait if wait is not None else max(settings.wait, _PATIENCE_S)
    old = chosen(settings, index=index_path, wait=waits, memory=memory, model=model)
    look_at(old)
    new = replace(old, engine=engine)
    options = Options(workers, old.model or None, old.index / "names.sqlite")
    started = time.monotonic()
    with _bar() as show:
        done = migrate(source_of(old), lambda: store_of(new), archive_of(old), options, show)
    verified = _verified(old, new)
    for error in done.failed.values():
        click.echo(f"not brought over: {error}", err=True)
    told = _json(done, verified, new)
    told["seconds"] = round(time.monotonic() - started, 3)
    if as_json:
        click.echo(terminal.json_text(told))
    else:
        _print(done, verified, old, new)
    sys.exit(1 if done.failed or verified.differences else 0)


@contextmanager
def _bar() -> Iterator[Callable[[Migrated], None]]:
    """A bar on a terminal; yields what moves it."""
    console = Console(stderr=True, highlight=False, markup=False)
    columns = (BarColumn(), MofNCompleteColumn(), TextColumn("documents"), TimeRemainingColumn())
    with Progress(*columns, console=console, transient=True, disable=not sys.stderr.isatty()) as bar:
        task = bar.add_task("documents", total=None)
        yield lambda done: bar.update(task, total=max(done.total, done.seen), completed=done.seen)


def source_of(settings: Settings) -> Callable[[], Source]:
    """What opens an index to be read back by document."""
    place = settings.cluster
    if place is None:
        from index.carrying import FolderSource

        return lambda: FolderSource(settings.index)
    from index.cluster.source import ClusterSource  # only those who have a cluster need its client

    return lambda: ClusterSource(place)


def _verified(old: Settings, new: Settings) -> Verified:
    from search.verifying import verify

    with ExitStack() as stack:
        return verify(*(stack.enter_context(closing(engine_of(one))) for one in (old, new)))


def _json(done: Migrated, verified: Verified, new: Settings) -> dict[str, Any]:
    names = ("copied", "analysed", "unchanged", "deleted", "strays", "waiting", "rounds")
    told: dict[str, Any] = {name: getattr(done, name) for name in names}
    told |= {"failed": len(done.failed), "written_meanwhile": done.moving}
    told |= {"searches": verified.searches, "unsure": verified.unsure}
    differences = [
        {"asked": d.asked, "what": d.what, "old": d.old, "new": d.new} for d in verified.differences
    ]
    return {**told, "differences": differences, "set": {"DATELINE_ENGINE": new.engine}}


def _print(done: Migrated, verified: Verified, old: Settings, new: Settings) -> None:
    click.echo(
        f"{done.copied:,} documents copied, {done.analysed:,} analysed anew, {done.unchanged:,} were there, "
        f"{done.deleted:,} deleted; {done.strays:,} are not in the archive"
    )
    if done.rounds > 1:
        click.echo("the old index was written to meanwhile: what came was brought over in another round")
    if done.moving:
        click.echo(
            "it is still written to, so the two may differ now; what comes is brought in at the switch"
        )
    if done.waiting:
        click.echo(
            f"{done.waiting:,} documents of the archive wait to be indexed; so they do after the switch"
        )
    differences = verified.differences
    for difference in differences[:_SHOWN]:
        click.echo(f"differs: {difference}")
    if len(differences) > _SHOWN:
        click.echo(f"and {len(differences) - _SHOWN:,} more (`--json` tells all)")
    unsure = (
        f", {verified.unsure:,} of them not compared: an engine says it is not sure"
        if verified.unsure
        else ""
    )
    outcome = f"{len(differences):,} differences" if differences else "the same on both"
    click.echo(f"compared: counts, and {verified.searches:,} searches{unsure}: {outcome}")
    if differences:
        analysed = " Documents that were analysed anew may differ by right." if done.analysed else ""
        click.echo(
            "nothing is switched. Start it again when nobody writes; if that does not help, "
            f"`DATELINE_ENGINE={new.engine} dateline reindex` builds {where(new)} from the archive.{analysed}"
        )
        return
    cluster = "" if new.cluster is None else f" (DATELINE_OPENSEARCH as now: {where(new)})"
    click.echo(
        f"to switch over: set DATELINE_ENGINE={new.engine}{cluster} for everything that reads or writes, "
        f"then run `dateline release`, which brings what came meanwhile; "
        f"{where(old)} is not used any more then"
    )
