"""Options that several commands take, and what they open."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import click

from api.settings import Settings
from index.archive import Archive
from search.whoosh_engine import WhooshEngine

index_option = click.option(
    "--index", "index_path", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder of the index; else DATELINE_INDEX, else the user's data folder.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print one JSON object.")


def chosen(settings: Settings, **changes: Any) -> Settings:
    """Settings with what the command line says instead."""
    given = {name: value for name, value in changes.items() if value is not None}
    values = {f: getattr(settings, f) for f in Settings.__slots__}
    return Settings(**(values | given))


def archive_of(settings: Settings) -> Archive:
    """The archive that settings name."""
    return Archive(settings.index, settings.archive)


def engine_of(settings: Settings) -> WhooshEngine:
    """The engine that settings name."""
    return WhooshEngine(settings.index, settings.limits, archive_of(settings))
