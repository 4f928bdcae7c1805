"""`dateline demo`: the bundled sample, indexed and served in one go."""

from __future__ import annotations

import tempfile
from dataclasses import replace
from pathlib import Path

import click

from api import terminal
from api.indexing import index_sources
from api.serve import serve
from api.settings import Settings
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

SAMPLE = Path(__file__).with_name("sample")


def run_demo(settings: Settings) -> None:
    """Index the sample into a temporary folder, show one search, and serve until stopped."""
    with tempfile.TemporaryDirectory(prefix="dateline-demo-") as folder:
        chosen = replace(settings, index=Path(folder) / "index", api_key="", archive="")
        click.echo("Indexing the bundled sample: invented news articles in dumps, HTML and JSON lines …")
        index_sources(chosen, [str(SAMPLE)], workers=1, as_json=False)
        click.echo("\n$ dateline search 'dam inquiry'")
        page = WhooshEngine(chosen.index).search(SearchRequest(q="dam inquiry", limit=3))
        click.echo(terminal.page_text(page))
        url = f"http://{chosen.host}:{chosen.port}/"
        click.echo(f"\nThe search page is at {url}, the API at {url}api/v1/docs. Ctrl-C stops it.")
        serve(chosen)
