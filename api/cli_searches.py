"""`dateline searches`: which searches are saved, what each found, and matching at a terminal."""

from __future__ import annotations

import sys
from datetime import datetime
from pathlib import Path
from typing import Any

import click

from api import terminal
from api.options import archive_of, chosen, engine_of, index_option, json_option, login, saved_search
from api.settings import Settings
from index.matches import Match
from index.saved import SavedSearch, SavedSearches


@click.group("searches")
def searches_group() -> None:
    """Save searches and see what each finds among what is added from then on.

    SEARCH is an id, or a name that only one saved search has.
    """


def _saved(settings: Settings, index_path: Path | None) -> SavedSearches:
    return SavedSearches(archive_of(chosen(settings, index=index_path)))


@searches_group.command("list")
@index_option
@click.option("--owner", metavar="NAME", help="Those of one owner alone.")
@json_option
@click.pass_obj
def list_command(settings: Settings, index_path: Path | None, owner: str | None, as_json: bool) -> None:
    """List the saved searches: state, stories found and when last, name and query."""
    saved = _saved(settings, index_path)
    found, counts = saved.all(owner), saved.counts()
    if as_json:
        from api.saved_answers import search_json

        click.echo(terminal.json_text([search_json(s, counts.get(s.id)) for s in found]))
        return
    for search in found:
        click.echo(_line(search, counts.get(search.id)))
    if not found:
        click.echo("no search is saved", err=True)


@searches_group.command("add")
@click.argument("name")
@click.argument("query", default="")
@index_option
@click.option("--owner", metavar="NAME", default=None, help="Who saves it; else your login name.")
@json_option
@click.pass_obj
def add_command(settings: Settings, name: str, query: str, index_path: Path | None, owner: str | None,
                as_json: bool) -> None:  # fmt: skip
    """Save a search under NAME; what is added to the index from now on is matched.

    QUERY is the query string of the search's page, such as 'q=dam+inquiry&place=place-port-ellery'.
    """
    saved = _saved(settings, index_path)
    made = saved.create(name, owner or login("--owner"), _canonical(query))
    _show(made, None, as_json=as_json)


def _canonical(query: str) -> str:
    from marshmallow import ValidationError

    from api.alerts import canonical

    try:
        return canonical(query)
    except ValidationError as error:
        terminal.refusals("QUERY: ", error)
        sys.exit(2)


@searches_group.command("show")
@click.argument("search")
@index_option
@json_option
@click.pass_obj
def show_command(settings: Settings, search: str, index_path: Path | None, as_json: bool) -> None:
    """Tell all of one saved search, with the addresses of its feeds."""
    saved = _saved(settings, index_path)
    found = saved_search(saved, search)
    _show(found, saved.counts().get(found.id), as_json=as_json)


@searches_group.command("pause")
@click.argument("search")
@index_option
@json_option
@click.pass_obj
def pause_command(settings: Settings, search: str, index_path: Path | None, as_json: bool) -> None:
    """Match nothing for a search until it is resumed; what comes meanwhile is not matched later."""
    saved = _saved(settings, index_path)
    _show(saved.change(saved_search(saved, search).id, state="paused"), None, as_json=as_json)


@searches_group.command("resume")
@click.argument("search")
@index_option
@json_option
@click.pass_obj
def resume_command(settings: Settings, search: str, index_path: Path | None, as_json: bool) -> None:
    """Match what is added from now on."""
    saved = _saved(settings, index_path)
    _show(saved.change(saved_search(saved, search).id, state="active"), None, as_json=as_json)


@searches_group.command("remove")
@click.argument("search")
@index_option
@json_option
@click.pass_obj
def remove_command(settings: Settings, search: str, index_path: Path | None, as_json: bool) -> None:
    """Forget a search and what it found."""
    saved = _saved(settings, index_path)
    found = saved_search(saved, search)
    saved.remove(found.id)
    told = terminal.safe(f"{found.name} is no longer saved")
    click.echo(terminal.json_text({"removed": found.id}) if as_json else told)


@searches_group.command("matches")
@click.argument("search")
@index_option
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    metavar="N",
    help="The last ones.",
)
@click.option("--before", type=click.IntRange(1), metavar="NUMBER", help="Older ones than this match.")
@json_option
@click.pass_obj
def matches_command(settings: Settings, search: str, index_path: Path | None, limit: int, before: int | None,
                    as_json: bool) -> None:  # fmt: skip
    """Tell what a saved search found, the last first; corrections are marked."""
    saved = _saved(settings, index_path)
    found = saved.matches(saved_search(saved, search).id, before, limit)
    if as_json:
        from api.saved_answers import match_json

        click.echo(terminal.json_text([match_json(m) for m in found]))
        return
    for match in found:
        click.echo(_match_line(match))
    if not found:
        click.echo("it found nothing yet", err=True)


@searches_group.command("run")
@index_option
@json_option
@click.pass_obj
def run_command(settings: Settings, index_path: Path | None, as_json: bool) -> None:
    """Match what was added since the last time; nothing is missed or told twice, however often it runs.

    Exit status 1: a search could not be run; it is named, and is tried again the next time.
    """
    from api.alerts import match_new

    settings = chosen(settings, index=index_path)
    archive = archive_of(settings)
    done = match_new(archive, engine_of(settings))
    if as_json:
        told = {"matches": done.matches, "articles": done.articles, "broken": dict(done.broken)}
        click.echo(terminal.json_text(told))
    else:
        click.echo(f"{done.matches:,} matches in {done.articles:,} articles")
    for id_, reason in done.broken.items():
        click.echo(terminal.safe(f"dateline: search {id_} could not be run: {reason}"), err=True)
    sys.exit(1 if done.broken else 0)


def _show(search: SavedSearch, found: tuple[int, datetime] | None, *, as_json: bool) -> None:
    from api.saved_answers import search_json

    told: dict[str, Any] = search_json(search, found)
    if as_json:
        click.echo(terminal.json_text(told))
        return
    click.echo(_line(search, found))
    click.echo(terminal.safe(f"  saved by {search.owner} on {terminal.minute(search.created)}"))
    if search.reason:
        click.echo(terminal.safe(f"  it cannot be run, and is tried again: {search.reason}"))
    click.echo(f"  feeds: {', '.join(told['links'][kind] for kind in ('atom', 'rss', 'json'))}")


def _line(search: SavedSearch, found: tuple[int, datetime] | None) -> str:
    n, last = found or (0, None)
    stories = f"{n:,} {'story' if n == 1 else 'stories'}" + (
        f", last {terminal.minute(last)}" if last else ""
    )
    name, query = terminal.safe(search.name), terminal.safe(search.query or "everything")
    return f"{search.id}  {search.state:<6}  {stories}  {name}: {query}"


def _match_line(match: Match) -> str:
    told = match.told
    mark = " (no longer shown)" if match.gone else ""
    headline = terminal.safe(told.headline or "(no headline)")
    return (
        f"{match.number:>7}  {terminal.minute(match.at)}  {match.kind:<9}  {headline}  {match.article}{mark}"
    )
