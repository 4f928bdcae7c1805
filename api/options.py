"""Options that several commands take, and what they open."""

from __future__ import annotations

import getpass
from pathlib import Path
from typing import Any

import click

from api.settings import Settings
from index.archive import Archive
from index.errors import NotFoundError, SettingError
from index.saved import SavedSearch, SavedSearches
from index.store import StoreWriter
from index.storing import Store
from search.engine import Engine
from search.whoosh_engine import WhooshEngine

index_option = click.option(
    "--index", "index_path", type=click.Path(path_type=Path), metavar="DIR",
    help="Folder of the index; else DATELINE_INDEX, else the user's data folder.",
)  # fmt: skip
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON, on one line.")


def chosen(settings: Settings, **changes: Any) -> Settings:
    """Settings with what the command line says instead."""
    given = {name: value for name, value in changes.items() if value is not None}
    values = {f: getattr(settings, f) for f in Settings.__slots__}
    made = Settings(**(values | given))
    if made.index.exists() and not made.index.is_dir():
        named = "--index" if "index" in given else "DATELINE_INDEX"
        raise SettingError(named, str(made.index), "it must name a folder, and this is a file")
    return made


def login(option: str) -> str:
    """The login name of whoever is at the terminal; where there is none, `option` has to say who it is."""
    try:
        return getpass.getuser()
    except (OSError, KeyError) as error:  # as in a container
        raise click.UsageError(f"nobody is logged in here; say who it is with `{option} NAME`") from error


def saved_search(saved: SavedSearches, told: str) -> SavedSearch:
    """A saved search by its id, or by a name that no other has."""
    named = [s for s in saved.all() if told in (s.id, s.name)]
    if len(named) > 1:
        ids = ", ".join(s.id for s in named)
        raise click.UsageError(f"several searches are called {told!r}: use one of the ids {ids}")
    if not named:
        raise NotFoundError("saved search", told, "among those saved; `dateline searches list` lists them")
    return named[0]


def archive_of(settings: Settings) -> Archive:
    """The archive that settings name."""
    return Archive(settings.index, settings.archive)


def engine_of(settings: Settings) -> Engine:
    """The engine that settings name."""
    if settings.cluster is not None:
        # Only those who have a cluster need its client.
        from search.opensearch_engine import OpenSearchEngine

        return OpenSearchEngine(settings.cluster, settings.limits, archive_of(settings))
    return WhooshEngine(settings.index, settings.limits, archive_of(settings))


def store_of(settings: Settings) -> Store:
    """Where settings say that documents go, for one writer; see `index.storing.Store`.

    Raises:
        IndexLockedError: another writer of a folder did not finish in time.
        ClusterUnreachableError: no node of the cluster answers.
    """
    if settings.cluster is not None:
        # Only those who have a cluster need its client.
        from index.cluster.store import ClusterStore

        return ClusterStore(settings.cluster)
    return StoreWriter(settings.index, settings.wait, settings.memory)
