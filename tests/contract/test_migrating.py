"""`dateline migrate`: from one engine to the other and back; nothing is lost, nor analysed anew."""

import json
import os
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest
from click.testing import CliRunner

from api.cli import main_group
from api.cli_migrate import source_of
from api.keeping import problems
from index.migrating import migrate
from index.model import Document, Lifecycle, Metadata
from index.pipeline import Listener, Options, run, settle
from index.readers.sources import open_sources
from index.settling import remove
from index.shelf import Shelf
from search.request import SearchRequest
from search.verifying import verify
from tests.homes import FILES, ROOT, Home


def other(settings):
    return replace(settings, engine="whoosh" if settings.engine == "opensearch" else "opensearch")


@pytest.fixture
def pair(engine_kind, homes, tmp_path):
    """An index that is not there yet on either engine, and one on the other with the same archive."""
    there = homes.new("opensearch", tmp_path / "index")
    here = there if engine_kind == "opensearch" else Home(other(there.settings))
    yield here, Home(other(here.settings))
    homes.forget(there)


@pytest.fixture
def no_names(monkeypatch):
    monkeypatch.setattr(
        "index.entities.recogniser.Recogniser.recognise", lambda self, texts: [() for _ in texts]
    )


@pytest.fixture
def never_analysed(monkeypatch):
    """From when it is called nothing may be analysed."""

    def fail(*_):
        raise AssertionError("it is analysed anew")

    return lambda: monkeypatch.setattr("index.pipeline.Analyser.analyse", fail)


def command(home, *arguments, status=0):
    told = home.settings
    environ = {"DATELINE_OPENSEARCH": told.opensearch, "DATELINE_SHARDS": str(told.shards), **home.environ}
    to = other(told).engine
    made = CliRunner().invoke(main_group, ["migrate", "--to", to, *arguments], env=environ)
    assert made.exit_code == status, made.output
    return json.loads(made.stdout) if "--json" in arguments else made.stdout


def moved(old, new, progress=lambda _: None):
    return migrate(source_of(old.settings), new.store, old.archive(), Options(), progress)


def compared(old, new):
    with closing(old.engine()) as one, closing(new.engine()) as two:
        return [str(difference) for difference in verify(one, two).differences]


def taken(home, *inputs):
    with home.store() as store:
        return run(inputs, store, Options(), Listener(), Shelf(home.archive()))


def settled(home):
    with home.store() as store:
        return settle(store, Options(), Listener(), Shelf(home.archive()))


def document(n, text="", version=None, status="usable", embargo=None):
    life = Lifecycle(version, status, embargo)
    return Document(f"id:{n}", f"s{n}", "t", text or f"The ferry number {n} left.", Metadata(), None, life)


def found(home):
    with closing(home.engine()) as engine:
        return sorted(hit.text for hit in engine.search(SearchRequest(limit=100)).hits)


def test_the_sample_goes_there_and_back(pair, homes, never_analysed):
    old, new = pair
    homes.build(old, "sample")
    with closing(old.engine()) as engine:
        first, second, *_ = engine.search(SearchRequest()).facets["person"].values
    old.archive().record("anna", "hide", {"entity": first.id})
    old.archive().record("anna", "rename", {"entity": second.id, "name": "Somebody Else"})
    never_analysed()
    told = command(old, "--json")
    count = Shelf(old.archive()).states()["current"]
    assert (told["copied"], told["analysed"], told["failed"], told["differences"]) == (count, 0, 0, [])
    assert (told["searches"] >= 50, told["unsure"]) == (True, 0)
    assert told["set"] == {"DATELINE_ENGINE": new.settings.engine}
    with closing(new.engine()) as engine:
        names = [value.name for value in engine.search(SearchRequest()).facets["person"].values]
    assert "Somebody Else" in names
    assert first.name not in names
    # Once more there is nothing to do.
    told = command(old)
    assert told.startswith(f"0 documents copied, 0 analysed anew, {count:,} were there, 0 deleted")
    assert "the same on both" in told
    assert f"set DATELINE_ENGINE={new.settings.engine}" in told
    # The switch: everything is there, and the archive knows which index it means now.
    summary = taken(new, *open_sources([str(FILES["sample"])]))
    assert (summary.unchanged, summary.failed) == (count, 0)
    with new.store() as store:
        place = Shelf(new.archive()).place()
        assert (place.made, place.generation, place.strays) == (store.made, store.generation, 0)
    # And back.
    back = moved(new, old)
    assert (back.copied, back.unchanged, back.rounds) == (0, count, 1)


def test_a_run_that_was_killed_goes_on(pair, no_names, never_analysed, monkeypatch):
    old, new = pair
    taken(old, *(document(n) for n in range(40)))
    never_analysed()
    monkeypatch.setattr("index.migrating._PAGE", 8)
    monkeypatch.setattr("index.migrating._COMMIT_PARAGRAPHS", 8)

    def die(done):
        if done.seen == 24:
            os._exit(9)

    child = os.fork()
    if not child:
        try:
            moved(old, new, die)
        finally:
            os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 9
    done = moved(old, new)
    assert 16 <= done.unchanged <= 24
    assert done.copied == 40 - done.unchanged
    assert found(new) == found(old)
    assert compared(old, new) == []
    assert [*problems(new.settings)] == []


def test_a_difference_is_found(pair, no_names):
    old, new = pair
    taken(old, *(document(n) for n in range(12)))
    moved(old, new)
    source = source_of(new.settings)()
    (id_,) = [d.id for d in Shelf(old.archive()).all()][:1]
    ((_, held, (article,)),) = source.articles([id_])
    (paragraph,) = article.paragraphs
    with new.store() as store:
        store.put(id_, held.digest, [replace(article, paragraphs=(replace(paragraph, text="The same"),))])
    told = command(old, status=1)
    assert "differs: " in told
    assert "paragraphs: " in told
    assert f"DATELINE_ENGINE={new.settings.engine} dateline reindex" in told
    assert "to switch over" not in told
    with new.store() as store:
        store.delete(id_)
        store.put("stray", "d", [replace(article, id="stray", document="stray")])
    assert "the same on both" in command(old)  # what is missing is brought, what is too much goes
    assert found(new) == found(old)


def test_what_is_not_shown_stays_out(pair, no_names):
    old, new = pair
    taken(old, *(document(n) for n in range(4)), document(5, embargo="2999-01-01"))
    taken(old, document(6, status="withheld"), document(7, version=1), document(8))
    moved(old, new)
    taken(old, document(7, version=2, status="canceled"), document(9, embargo="2999-01-01"))
    with old.store() as store:
        remove(document(8).id, store, Shelf(old.archive()))
    done = moved(old, new)
    assert (done.copied, done.deleted, done.unchanged) == (0, 2, 4)
    assert found(new) == [f"The ferry number {n} left." for n in range(4)]
    assert compared(old, new) == []


def test_what_comes_before_the_switch_is_caught_up(pair, no_names):
    old, new = pair
    taken(old, *(document(n) for n in range(4)))
    moved(old, new)
    taken(old, document(0, "The ferry sank."), document(4))
    with old.store() as store:
        remove(document(1).id, store, Shelf(old.archive()))
    summary = settled(new)
    assert summary.documents == 2
    assert found(new) == found(old)
    assert compared(old, new) == []


def test_what_comes_meanwhile_is_brought_in_another_round(pair, no_names):
    old, new = pair
    taken(old, *(document(n) for n in range(4)))
    before = []

    def meanwhile(_):
        if not before:
            before.append(taken(old, document(9)))

    done = moved(old, new, meanwhile)
    assert (done.rounds, done.moving, done.copied) == (2, False, 5)
    assert found(new) == found(old)


def test_what_only_the_old_index_has_is_copied(pair, no_names):
    old, new = pair
    with old.store() as store:  # as before there was an archive
        run([document(n) for n in range(3)], store, Options(), Listener())
    done = moved(old, new)
    assert (done.copied, done.strays, done.failed) == (3, 3, {})
    assert moved(old, new).copied == 0
    assert found(new) == found(old)


def test_what_was_analysed_otherwise_is_analysed_anew(pair, no_names, monkeypatch):
    old, new = pair
    with monkeypatch.context() as then:
        then.setattr("index.contents.ANALYSIS", "0")
        taken(old, *(document(n) for n in range(3)))
    with closing(old.engine()) as engine:
        added = {hit.id: hit.article.added for hit in engine.search(SearchRequest()).hits}
    done = moved(old, new)
    assert (done.copied, done.analysed) == (0, 3)
    assert moved(old, new).unchanged == 3
    with closing(new.engine()) as engine:
        assert {hit.id: hit.article.added for hit in engine.search(SearchRequest()).hits} == added


def test_it_goes_to_the_other_engine_alone(tmp_path):
    ask = CliRunner().invoke
    made = ask(main_group, ["migrate", "--to", "whoosh", "--index", str(tmp_path)])
    assert made.exit_code == 2
    assert "DATELINE_ENGINE is whoosh" in made.output


def test_the_example_of_the_readme_is_what_is_tested():
    section = Path(ROOT / "README.md").read_text("utf-8").split("## On OpenSearch")[1].split("\n## ")[0]
    assert "dateline migrate --to opensearch" in section
    assert "dateline migrate --to whoosh" in section
