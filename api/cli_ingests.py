"""`dateline ingests`: what was ingested, what failed and why."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

import click

from api import terminal
from api.keeping import running as running_now
from api.options import archive_of, chosen, index_option, json_option
from api.settings import Settings
from index.ingests import MAX_FAILURES_A_RUN, IngestLog, Run


@click.command("ingests")
@click.argument("number", type=click.IntRange(1), required=False)
@index_option
@click.option("--failed", is_flag=True, help="Those runs alone of which something is not in the index.")
@click.option(
    "--limit", type=click.IntRange(1, 10_000), default=20, show_default=True, metavar="N", help="The newest."
)
@json_option
@click.pass_obj
def ingests_command(settings: Settings, number: int | None, index_path: Path | None, failed: bool, limit: int,
                    as_json: bool) -> None:  # fmt: skip
    """Tell what was ingested, the newest run first; with NUMBER what failed of that run, and what helps.

    Runs of `dateline index` and documents posted by HTTP are noted alike. A run is running, done,
    incomplete (some input is not in the index), stopped (by an error) or unfinished (it was killed).
    """
    settings = chosen(settings, index=index_path)
    log = IngestLog(archive_of(settings))
    running = running_now(settings, log)
    if number is not None:
        _show(log, log.run(number), running, as_json=as_json)
        return
    runs = log.runs(failed=failed, limit=limit)
    if as_json:
        from api.render import run_json

        click.echo(terminal.json_text([run_json(r, running) for r in runs]))
        return
    for run in runs:
        click.echo(_line(run, running))
    if not runs:
        click.echo("nothing of the kind was noted", err=True)


def _show(log: IngestLog, run: Run, running: Collection[int], *, as_json: bool) -> None:
    failures = log.failures(run.number, limit=MAX_FAILURES_A_RUN)
    if as_json:
        from api.render import failure_json, run_json

        told = run_json(run, running) | {"failures": [failure_json(f) for f in failures]}
        click.echo(terminal.json_text(told))
        return
    click.echo(_line(run, running))
    for failure in failures:
        click.echo(terminal.safe(f"{failure.kind}: {failure.input}: {failure.cause}"))
        click.echo(terminal.safe(f"  {failure.remedy}"))


def _line(run: Run, running: Collection[int]) -> str:
    at = terminal.minute(run.started)
    names = ("documents", "unchanged", "skipped", "failed")
    counts = ", ".join(f"{run.counts[n]:,} {n}" for n in names if run.counts[n] or n == "documents")
    error = f"; {terminal.safe(run.error)}" if run.error else ""
    source = terminal.safe(run.source)
    return f"{run.number:>5}  {at}  {run.state(running):<10}  {run.how}: {source}  {counts}{error}"
