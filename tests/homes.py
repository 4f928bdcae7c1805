"""An index of either engine: what writes it and what answers from it, so that one test runs over both."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask
from flask.testing import FlaskClient

from api.app import create_app
from api.options import archive_of, store_of
from api.settings import Settings
from index.archive import Archive
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.shelf import Shelf
from index.storing import Store
from search.limits import Limits
from search.whoosh_engine import WhooshEngine
from tests.clusters import TestCluster

ROOT = Path(__file__).resolve().parent.parent
KINDS = ("whoosh", "opensearch")
FILES = {"sample": ROOT / "api" / "sample", "dump": ROOT / "tests" / "data" / "dump.txt"}


@dataclass(frozen=True)
class Home:
    """An index and its archive, there or not yet.

    Attributes:
        settings: that name them; `index` is a folder of the test's own on either engine.
    """

    settings: Settings

    @property
    def on_cluster(self) -> bool:
        """Whether the index is on a cluster."""
        return self.settings.cluster is not None

    @property
    def environ(self) -> dict[str, str]:
        """The settings as the command reads them."""
        told = {"DATELINE_INDEX": str(self.settings.index)}
        if self.on_cluster:
            told |= {
                "DATELINE_ENGINE": "opensearch",
                "DATELINE_OPENSEARCH": self.settings.opensearch,
                "DATELINE_SHARDS": str(self.settings.shards),
            }
        return told

    def store(self) -> Store:
        """A writer of it."""
        return store_of(self.settings)

    def archive(self) -> Archive:
        """The archive."""
        return archive_of(self.settings)

    def engine(self, limits: Limits | None = None) -> Any:
        """What answers from it; whoever asked closes it."""
        place = self.settings.cluster
        if place is None:
            return WhooshEngine(self.settings.index, limits, self.archive())
        from search.opensearch_engine import OpenSearchEngine

        return OpenSearchEngine(place, limits, self.archive())

    def client(self) -> FlaskClient:
        """A client of the application on it; that is made once."""
        return _app(self.settings).test_client()

    def build(self, *sources: Path, cache: Path | None = None) -> Home:
        """Index files, as the command does."""
        with self.store() as store:
            shelf, options = Shelf(self.archive()), Options(cache=cache)
            summary = run(open_sources([str(s) for s in sources]), store, options, Listener(), shelf)
        assert summary.failed == 0
        return self


@lru_cache(maxsize=8)
def _app(settings: Settings) -> Flask:
    return create_app(settings)


class Homes:
    """Homes of a run: new ones, and those that all tests read and none changes."""

    def __init__(self, folder: Path, cluster: Callable[[], TestCluster]) -> None:
        """Make none yet; `cluster` gives the cluster, or leaves the test out."""
        self._folder = folder
        self._cluster = cluster
        self._shared: dict[tuple[str, str], Home] = {}

    def new(self, kind: str, path: Path) -> Home:
        """An index that is not there yet, with its archive at `path`."""
        if kind == "whoosh":
            return Home(Settings(index=path))
        place = self._cluster().place()
        urls = f"{','.join(place.hosts)}/{place.name}"
        return Home(Settings(index=path, engine="opensearch", opensearch=urls, shards=place.shards))

    def forget(self, home: Home) -> None:
        """Let go of one that no test needs any more."""
        if place := home.settings.cluster:
            self._cluster().forget(place)

    def shared(self, kind: str, name: str, build: Callable[[Home], object]) -> Home:
        """One that all tests read, built when the first asks for it."""
        if kind == "opensearch":
            self._cluster()
        if (kind, name) not in self._shared:
            home = self.new(kind, self._folder / kind / name)
            build(home)
            self._shared[kind, name] = home
        return self._shared[kind, name]

    def of_files(self, kind: str, name: str) -> Home:
        """One of some files, by their name in `FILES`."""
        return self.shared(kind, name, lambda home: self.build(home, name))

    def build(self, home: Home, name: str) -> Home:
        """Index files by their name in `FILES`; whose names they tell is found once a run."""
        return home.build(FILES[name], cache=self._folder / "names")
