"""`dateline entities`: what names there are, and the editor's desk at a terminal."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import click

from api import terminal
from api.desk import Desk, sentence
from api.options import archive_of, chosen, engine_of, index_option, json_option, login
from api.settings import Settings
from index.decisions import Action, Decision, Decisions
from index.model import ENTITY_KINDS, EntityKind
from search.engine import Engine
from search.request import EntityFilter, SearchRequest

_LIST = "list"
_SHOWN_ARTICLES = 20
_KIND = click.Choice(list(ENTITY_KINDS))


class _ListsByDefault(click.Group):
    """A group whose commands may be left out: what begins with none of them is listed."""

    def parse_args(self, ctx: click.Context, args: list[str]) -> list[str]:
        """Put `list` before anything that is neither a command nor a plea for help."""
        if not args or args[0] not in {*self.commands, *ctx.help_option_names}:
            args = [_LIST, *args]
        return super().parse_args(ctx, args)


@click.group("entities", cls=_ListsByDefault, subcommand_metavar="[PREFIX] | COMMAND [ARGS]...")
def entities_group() -> None:
    """List names, or decide about them: merge, split, rename, hide, retype, pin.

    `dateline entities PREFIX` is `dateline entities list PREFIX`. Decisions take effect at once for
    every process that serves the index, change nothing in it, outlive building it anew, and can be
    undone; the log keeps who made them and when.
    """


@entities_group.command(_LIST)
@click.argument("prefix", default="")
@index_option
@click.option("--kind", type=_KIND, help="Of one kind alone.")
@click.option(
    "--limit",
    type=click.IntRange(1, 10_000),
    default=20,
    show_default=True,
    metavar="N",
    help="Of each kind.",
)
@click.option("--hidden", is_flag=True, help="Those that an editor hid instead.")
@json_option
@click.pass_obj
def list_command(settings: Settings, prefix: str, index_path: Path | None, kind: EntityKind | None,
                 limit: int, hidden: bool, as_json: bool) -> None:  # fmt: skip
    """List the people, organisations and places of the index, or those that begin with PREFIX."""
    engine = engine_of(chosen(settings, index=index_path))
    rows = [
        {"kind": k, "id": e.id, "name": e.name, "count": e.count}
        for k in ENTITY_KINDS
        if kind in (None, k)
        for e in engine.known_entities(k, prefix, limit, hidden=hidden)
    ]
    click.echo(terminal.json_text(rows) if as_json else terminal.rows_text(rows))


@entities_group.command("show")
@click.argument("entity")
@index_option
@json_option
@click.pass_obj
def show_command(settings: Settings, entity: str, index_path: Path | None, as_json: bool) -> None:
    """Show what ENTITY is: how it is written, in which articles, and what was decided about it."""
    from api.render import card_json

    engine = engine_of(chosen(settings, index=index_path))
    card = card_json(engine.entity(entity)) | {"articles": _articles(engine, entity)}
    click.echo(terminal.json_text(card) if as_json else terminal.card_text(card))


def _articles(engine: Engine, entity: str) -> list[dict[str, Any]]:
    """The newest articles that name an entity."""
    known = engine.known_entity(entity)
    asked = SearchRequest(
        entities={known.kind: EntityFilter((known.id,))},
        group="article",
        sort="newest",
        limit=_SHOWN_ARTICLES,
        facets=(),
    )
    heads = (hit.article for hit in engine.search(asked).hits)
    return [
        {"id": a.id, "headline": a.headline, "published": a.published.isoformat() if a.published else None}
        for a in heads
    ]


def _deciding(command: Callable[..., None]) -> Callable[..., None]:
    """Options of every command that makes a decision."""
    editor = click.option("--editor", metavar="NAME", help="Who decides; else the login name.")
    return editor(index_option(json_option(click.pass_obj(command))))


@entities_group.command("merge")
@click.argument("ids", nargs=-1, required=True, metavar="FROM... INTO")
@_deciding
def merge_command(settings: Settings, ids: tuple[str, ...], **options: Any) -> None:
    """Count every mention of each FROM as one of INTO, in all articles, also those to come."""
    if len(ids) < 2:
        raise click.UsageError("Name at least one entity to merge and the one to merge it into.")
    _decide(settings, options, "merge", {"from": ids[:-1], "into": ids[-1]})


@entities_group.command("split")
@click.argument("entity")
@click.argument("articles", nargs=-1, required=True, metavar="ARTICLE...")
@click.option("--name", required=True, metavar="NAME", help="Name of the other one.")
@_deciding
def split_command(settings: Settings, entity: str, articles: tuple[str, ...], name: str,
                  **options: Any) -> None:  # fmt: skip
    """Count the mentions of ENTITY in each ARTICLE as another one: tell namesakes apart.

    ARTICLE is an article's id, as `dateline entities show ENTITY` lists them. The other one's id is made
    of its NAME, so it must be another name, or that of an entity that is there: `--name 'Anna Berg (judge)'`.
    """
    _decide(settings, options, "split", {"entity": entity, "articles": articles, "name": name})


@entities_group.command("rename")
@click.argument("entity")
@click.argument("name")
@_deciding
def rename_command(settings: Settings, entity: str, name: str, **options: Any) -> None:
    """Show ENTITY by the display name NAME; its id stays."""
    _decide(settings, options, "rename", {"entity": entity, "name": name})


@entities_group.command("hide")
@click.argument("entity")
@_deciding
def hide_command(settings: Settings, entity: str, **options: Any) -> None:
    """Show and find ENTITY nowhere as a name; the texts stay as they are."""
    _decide(settings, options, "hide", {"entity": entity})


@entities_group.command("retype")
@click.argument("entity")
@click.argument("kind", type=_KIND)
@_deciding
def retype_command(settings: Settings, entity: str, kind: str, **options: Any) -> None:
    """Count ENTITY among the people (person), organisations (org) or places (place); its id stays."""
    _decide(settings, options, "retype", {"entity": entity, "kind": kind})


@entities_group.command("pin")
@click.argument("entity")
@_deciding
def pin_command(settings: Settings, entity: str, **options: Any) -> None:
    """Vouch for ENTITY: it keeps its display name, and comes first among the names found by typing."""
    _decide(settings, options, "pin", {"entity": entity})


@entities_group.command("undo")
@click.argument("number", type=click.IntRange(1))
@_deciding
def undo_command(settings: Settings, number: int, **options: Any) -> None:
    """Put decision NUMBER out of force; undoing the undoing brings it back."""
    _decide(settings, options, "undo", {"number": number})


def _decide(settings: Settings, options: dict[str, Any], action: Action, given: dict[str, Any]) -> None:
    from api.render import decision_json

    settings = chosen(settings, index=options["index_path"])
    desk = Desk(engine_of(settings), archive_of(settings))
    made = desk.decide(options["editor"] or login("--editor"), action, given)
    if options["as_json"]:
        click.echo(terminal.json_text(decision_json(made)))
    else:
        back = f"`dateline entities undo {made.number}` takes it back"
        click.echo(f"decision {made.number}: {terminal.safe(sentence(made))}; {back}")


@entities_group.command("log")
@click.argument("entity", default="")
@index_option
@click.option(
    "--limit", type=click.IntRange(1), default=50, show_default=True, metavar="N", help="The newest of them."
)
@json_option
@click.pass_obj
def log_command(settings: Settings, entity: str, index_path: Path | None, limit: int,
                as_json: bool) -> None:  # fmt: skip
    """Tell who decided what and when, the newest first; about ENTITY alone where it is named."""
    from api.render import decision_json

    held = archive_of(chosen(settings, index=index_path)).decisions()
    log = held.about(entity) if entity else held.log
    shown = log[::-1][:limit]
    if as_json:
        click.echo(terminal.json_text([decision_json(d, held.undone, held.idle) for d in shown]))
        return
    for decision in shown:
        click.echo(_line(decision, held))
    if not shown:
        click.echo("nothing was decided", err=True)


def _line(decision: Decision, held: Decisions) -> str:
    undone = held.undone.get(decision.number)
    idle = " (changes nothing since)" if decision.number in held.idle else ""
    state = f" (undone by {undone})" if undone else idle
    at = terminal.minute(decision.at)
    told = terminal.safe(f"{decision.who}  {sentence(decision)}")
    return f"{decision.number:>5}  {at}  {told}{state}"
