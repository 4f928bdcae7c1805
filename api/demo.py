"""`dateline demo`: the bundled sample, indexed and served in one go."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from uuid import uuid4

import click

from api import terminal
from api.indexing import index_sources
from api.options import engine_of
from api.serve import serve
from api.settings import Settings
from index.cluster.place import ClusterPlace
from search.request import SearchRequest

SAMPLE = Path(__file__).with_name("sample")


def run_demo(settings: Settings) -> None:
    """Index the sample into a temporary folder, show one search, and serve until stopped."""
    with tempfile.TemporaryDirectory(prefix="dateline-demo-") as folder, _named(settings) as named:
        chosen = replace(named, index=Path(folder) / "index", api_key="", archive="")
        click.echo("Indexing the bundled sample: invented news articles in dumps, HTML and JSON lines …")
        index_sources(chosen, [str(SAMPLE)], workers=1, as_json=False)
        click.echo("\n$ dateline search 'dam inquiry'")
        page = engine_of(chosen).search(SearchRequest(q="dam inquiry", limit=3))
        click.echo(terminal.page_text(page))
        url = f"http://{chosen.host}:{chosen.port}/"
        click.echo(f"\nThe search page is at {url}, the API at {url}api/v1/docs. Ctrl-C stops it.")
        serve(chosen)


@contextmanager
def _named(settings: Settings) -> Iterator[Settings]:
    """Settings of an index of its own where one on a cluster is asked for; it goes when the demo ends."""
    place = settings.cluster
    if place is None:
        yield settings
        return
    from index.cluster.indices import remove  # only those who have a cluster need its client

    name = f"{place.name}-demo-{uuid4().hex[:8]}"
    made = replace(settings, opensearch=ClusterPlace.renamed(settings.opensearch, name))
    try:
        yield made
    finally:
        remove(made.cluster or place)
