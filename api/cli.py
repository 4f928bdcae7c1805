"""The `dateline` command: everything that is done at a terminal or by a timer."""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from importlib import metadata
from pathlib import Path
from typing import Any

import click
from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api import terminal
from api.cli_alerts import alerts_group, courier_command
from api.cli_archive import reindex_command, release_command
from api.cli_entities import entities_group
from api.cli_ingests import ingests_command
from api.cli_keys import audit_command, keys_group
from api.cli_migrate import migrate_command
from api.cli_searches import searches_group
from api.cli_watch import watch_command
from api.cli_work import work_command
from api.keeping import backup, look_at, problems, restore, where
from api.options import archive_of, chosen, engine_of, index_option, json_option
from api.settings import Settings
from index.errors import ClusterClientMissingError, CursorError, DatelineError, SettingError

OK, FAILED, MISUSED = 0, 1, 2


@click.group(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.version_option(metadata.version("dateline"), prog_name="dateline")
@click.pass_context
def main_group(context: click.Context) -> None:
    """Full-text search for newsrooms: the paragraph as the answer, with its dates and names.

    Exit status: 0 done, 1 some input failed (each named, the rest is in), 2 used wrongly.
    """
    context.obj = Settings.from_env()


def main() -> None:
    """Entry point; Dateline's own errors are one line on standard error."""
    try:
        main_group(prog_name="dateline")
    except DatelineError as error:
        click.echo(f"dateline: {error}", err=True)
        sys.exit(MISUSED if isinstance(error, (SettingError, CursorError)) else FAILED)
    except BrokenPipeError:  # `dateline search … | head`
        sys.stderr.close()
        sys.exit(OK)
    except OSError as error:  # a full disk, a folder that may not be written
        click.echo(f"dateline: {error}", err=True)
        sys.exit(FAILED)


@main_group.command("index")
@click.argument("sources", nargs=-1, required=True, metavar="SOURCE...")
@index_option
@click.option("--workers", type=click.IntRange(1, 256), default=1, show_default=True, metavar="N",
              help="Processes that find dates and names.")  # fmt: skip
@click.option(
    "--wait", type=click.FloatRange(0), metavar="SECONDS", help="How long to wait for another writer."
)
@click.option("--memory", type=click.IntRange(32), metavar="MB", help="Megabytes that building may take.")
@click.option("--model", metavar="NAME", help="Installed spaCy model that finds names.")
@click.option("--revive", is_flag=True, help="Take documents again that an editor removed.")
@click.option("--queue", is_flag=True, help="Put them into the archive alone, for `dateline work` to index.")
@json_option
@click.pass_obj
def index_command(settings: Settings, sources: tuple[str, ...], index_path: Path | None, workers: int,
                  wait: float | None, memory: int | None, model: str | None, revive: bool, queue: bool,
                  as_json: bool) -> None:  # fmt: skip
    """Read files, folders, globs, or - for standard input; add what is new, replace what changed.

    A run that was cut off goes on where it was when it is started again.
    """
    from api.indexing import index_sources  # loads the readers, which other commands do without
    from api.queueing import queue_sources

    settings = chosen(settings, index=index_path, wait=wait, memory=memory, model=model)
    if queue:
        sys.exit(queue_sources(settings, sources, as_json=as_json, revive=revive))
    sys.exit(index_sources(settings, sources, workers=workers, as_json=as_json, revive=revive))


def _filters(command: Callable[..., None]) -> Callable[..., None]:
    for name, many, text in reversed(terminal.SEARCH_OPTIONS):
        flag = f"--{name.replace('_', '-')}"
        metavar = name.rsplit("_", 1)[-1].upper()
        command = click.option(flag, name, multiple=many, metavar=metavar, help=text)(command)
    return command


@main_group.command("search")
@click.argument("query", default="")
@index_option
@_filters
@json_option
@click.pass_context
def search_command(
    context: click.Context, /, query: str, index_path: Path | None, as_json: bool, **given: Any
) -> None:
    """Search; the same query language, filters and facets as over HTTP."""
    from api.render import page_json
    from api.schemas import search_request

    pairs = [("q", query)]
    for name, value in given.items():
        pairs += [(name, v) for v in (value if isinstance(value, tuple) else (value,)) if v is not None]
    try:
        asked = search_request(MultiDict(pairs))
    except ValidationError as error:
        terminal.refusals("--", error)
        sys.exit(MISUSED)
    page = engine_of(chosen(context.obj, index=index_path)).search(asked)
    click.echo(terminal.json_text(page_json(page)) if as_json else terminal.page_text(page))


@main_group.command("serve")
@index_option
@click.option("--host", metavar="H", help="Address to listen on.")
@click.option("--port", type=click.IntRange(0, 65535), metavar="P", help="Port to listen on.")
@click.option("--workers", type=click.IntRange(1, 256), metavar="N", help="Processes that answer.")
@click.pass_obj
def serve_command(settings: Settings, index_path: Path | None, host: str | None, port: int | None,
                  workers: int | None) -> None:  # fmt: skip
    """Serve the API and the page with gunicorn."""
    from api.serve import serve

    made = chosen(settings, index=index_path, host=host, port=port, workers=workers)
    click.echo(
        f"Dateline serves {where(made)} at http://{made.host}:{made.port}/ (Ctrl-C stops it)", err=True
    )
    _note_missing(made)
    serve(made)


def _note_missing(settings: Settings) -> None:
    """What is served may be built later; who misspelt the folder wants to know now."""
    try:
        look_at(settings)
    except (ClusterClientMissingError, SettingError):  # no later building helps
        raise
    except DatelineError as error:
        click.echo(f"note: {error}; it is served as soon as that is done", err=True)


@main_group.command("demo")
@click.option("--port", type=click.IntRange(0, 65535), metavar="P", help="Port to listen on.")
@click.pass_obj
def demo_command(settings: Settings, port: int | None) -> None:
    """Index the bundled sample into a temporary place and serve it."""
    from api.demo import run_demo

    run_demo(chosen(settings, port=port))


@main_group.command("annotate")
@click.option("--model", metavar="NAME", help="Installed spaCy model that finds names.")
@click.pass_obj
def annotate_command(settings: Settings, model: str | None) -> None:
    """Read JSON lines {id, text, published} and write each one's dates and names, in order."""
    from api.annotating import annotate_lines

    sys.exit(annotate_lines(sys.stdin.buffer, model or settings.model or None))


@main_group.command("stats")
@index_option
@json_option
@click.pass_obj
def stats_command(settings: Settings, index_path: Path | None, as_json: bool) -> None:
    """Tell how much the index holds."""
    from api.render import stats_json

    found = stats_json(engine_of(chosen(settings, index=index_path)).stats())
    click.echo(json.dumps(found) if as_json else terminal.table_text(found))


@main_group.command("check")
@index_option
@json_option
@click.pass_obj
def check_command(settings: Settings, index_path: Path | None, as_json: bool) -> None:
    """Read the whole index and its archive, and tell what is wrong and what helps."""
    wrong = [*problems(chosen(settings, index=index_path))]
    if as_json:
        click.echo(terminal.json_text({"problems": wrong}))
        sys.exit(FAILED if wrong else OK)
    for line in wrong:
        click.echo(line)
    count = "1 problem" if len(wrong) == 1 else f"{len(wrong):,} problems"
    click.echo(count if wrong else "the index is whole")
    sys.exit(FAILED if wrong else OK)


@main_group.command("backup")
@click.argument("target", type=click.Path(path_type=Path, dir_okay=False))
@index_option
@json_option
@click.pass_obj
def backup_command(settings: Settings, target: Path, index_path: Path | None, as_json: bool) -> None:
    """Write the index into one file; searching goes on, writing waits.

    The archive goes along where it is a file in the index's folder; another database is backed up
    by its own means (pg_dump), at the same time. Of an index on a cluster the archive alone is written:
    `dateline reindex` builds the index from it, or a snapshot of the cluster's brings it back.
    """
    settings = chosen(settings, index=index_path)
    size = backup(settings, target)
    told = {"file": str(target), "bytes": size}
    click.echo(terminal.json_text(told) if as_json else f"{target}: {size:,} bytes")
    if settings.archive:
        place = archive_of(settings).where
        click.echo(f"note: the archive {place} is not in it; back it up by its own means, now", err=True)


@main_group.command("restore")
@click.argument("source", type=click.Path(path_type=Path, dir_okay=False, exists=True))
@index_option
@json_option
@click.pass_obj
def restore_command(settings: Settings, source: Path, index_path: Path | None, as_json: bool) -> None:
    """Unpack a backup into a folder that holds no index yet; for a cluster, the archive of it."""
    settings = chosen(settings, index=index_path)
    path = settings.index
    told = f"{path}: restored; {restore(settings, source)}"
    click.echo(terminal.json_text({"restored": str(path)}) if as_json else told)


@main_group.command("mcp")
@index_option
@click.pass_obj
def mcp_command(settings: Settings, index_path: Path | None) -> None:
    """Answer an assistant on standard input and output by the Model Context Protocol, read-only.

    A server that `dateline serve` runs answers the same at /mcp.
    """
    from api.mcp_tools import mcp_server  # loads the protocol's SDK, which other commands do without

    made = chosen(settings, index=index_path)
    _note_missing(made)
    mcp_server(engine_of(made), lambda path: made.url + path).run("stdio")


main_group.add_command(entities_group)
main_group.add_command(reindex_command)
main_group.add_command(release_command)
main_group.add_command(migrate_command)
main_group.add_command(ingests_command)
main_group.add_command(alerts_group)
main_group.add_command(courier_command)
main_group.add_command(searches_group)
main_group.add_command(keys_group)
main_group.add_command(audit_command)
main_group.add_command(watch_command)
main_group.add_command(work_command)
