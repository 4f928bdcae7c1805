"""An index built anew from the archive: nothing is lost, doubled or noticed by who reads or writes."""

import json
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
import sqlalchemy as sa

from index.agreement import problems
from index.archive import Archive
from index.errors import IndexDamagedError, IndexLockedError, IndexVersionError, RebuildError
from index.model import Block, Document, Metadata
from index.pipeline import Listener, Options, run
from index.rebuild import Rebuilding, rebuild
from index.settling import remove
from index.shelf import Shelf
from index.shelf_tables import DOCUMENTS
from index.store import BUILDING, StoreWriter, marker_of, rebuilding_lock, segments_folder
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine


def document(n, text="The salt is gone."):
    headline = f"Story {n:04}"
    whole = f"{headline}\n\n{text}"
    blocks = (Block(0, 10, "headline"), Block(12, len(whole), "body"))
    return Document(f"id:{n}", f"wire:{n}", "jsonlines", whole, Metadata(headline=headline), blocks)


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    return tmp_path_factory.mktemp("names") / "names.sqlite"


@pytest.fixture
def path(tmp_path):
    return tmp_path / "index"


@pytest.fixture
def archive(path, archive_url):
    path.mkdir()
    return Archive(path, archive_url)


def take(path, archive, names, *documents, shelf=True):
    with StoreWriter(path, wait_s=30) as store:
        return run(documents, store, Options(cache=names), Listener(), Shelf(archive) if shelf else None)


def build(path, archive, names, **told):
    return rebuild(Rebuilding(path, archive, Options(cache=names), 30, 512, **told))


def page(path, archive, **asked):
    return WhooshEngine(path, archive=archive).search(SearchRequest(sort="newest", **asked))


def hits(path, archive, q=""):
    found = page(path, archive, q=q, limit=100).hits
    return [(h.id, h.text, h.article.added, h.article.updated) for h in found]


def leftovers(path):
    return [p.name for p in path.iterdir() if p.is_dir() and p != segments_folder(path)]


def test_the_new_index_answers_as_the_old_one_did(path, archive, names):
    take(path, archive, names, *(document(n) for n in range(20)))
    take(path, archive, names, document(3, "The salt is back."))
    with StoreWriter(path) as store:
        remove(document(4).id, store, Shelf(archive))
    before, old = hits(path, archive), marker_of(path)
    changes = Shelf(archive).changes(0, 100)
    first = page(path, archive, limit=5)
    done = build(path, archive, names)
    assert (done.documents, done.carried, done.paragraphs, done.failed) == (19, 0, 38, {})
    assert hits(path, archive) == before
    assert Shelf(archive).changes(0, 100) == changes
    assert page(path, archive, limit=5, cursor=first.next).hits[0].id == before[5][0]
    assert marker_of(path) != old
    assert leftovers(path) == []
    assert list(problems(path, archive)) == []
    summary = take(path, archive, names, document(3, "The salt is back."))
    assert summary.unchanged == 1


def test_who_reads_and_writes_meanwhile_notices_nothing(path, archive, archive_url, names):
    take(path, archive, names, *(document(n) for n in range(50)))
    stop, wrong, wrote = threading.Event(), [], []

    def read():
        engine = WhooshEngine(path, archive=Archive(path, archive_url))
        while not stop.is_set():
            found = engine.search(SearchRequest(q="salt", limit=1)).paragraphs
            if found < 49:
                wrong.append(found)

    def write():
        n = 1000
        while not stop.is_set():
            n += 1
            take(
                path,
                Archive(path, archive_url),
                names,
                document(n, "The salt came."),
                document(7, f"Salt {n}."),
            )
            wrote.append(n)
            time.sleep(0.05)  # who waits for the lock looks as often

    threads = [threading.Thread(target=read), threading.Thread(target=write)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(2):
            assert build(path, archive, names).failed == {}
    finally:
        stop.set()
        for thread in threads:
            thread.join(60)
    assert wrong == []
    assert wrote
    assert len({id_ for id_, *_ in hits(path, archive, "came")}) == min(100, len(wrote))
    assert page(path, archive, q=f'"salt {wrote[-1]}"').paragraphs == 1
    kinds = [c.kind for c in Shelf(archive).changes(0, 10_000)]
    assert (kinds.count("new"), kinds.count("corrected")) == (50 + len(wrote), len(wrote))
    assert list(problems(path, archive)) == []
    assert leftovers(path) == []


def test_an_index_of_an_older_format_is_built_anew(path, archive, names):
    take(path, archive, names, document(1), document(2))
    (path / "dateline.json").write_text(json.dumps({"format": "1", "made": marker_of(path)}))
    with pytest.raises(IndexVersionError, match="dateline reindex"):
        page(path, archive)
    assert build(path, archive, names).documents == 2
    assert page(path, archive).paragraphs == 4


def test_a_damaged_index_is_built_anew(path, archive, names):
    take(path, archive, names, document(1), document(2))
    for toc in segments_folder(path).glob("*.toc"):
        toc.write_bytes(b"nothing")
    with pytest.raises(IndexDamagedError, match="dateline reindex"):
        page(path, archive)
    assert build(path, archive, names).documents == 2
    assert list(problems(path, archive)) == []


def test_a_lost_index_is_built_from_its_archive(path, archive_url, names, tmp_path):
    url = archive_url or f"sqlite:///{tmp_path}/elsewhere.sqlite3"
    archive = Archive(path, url)
    take(path, archive, names, document(1), document(2))
    before = hits(path, archive)
    path.rename(tmp_path / "lost")
    assert build(path, archive, names).documents == 2
    assert hits(path, archive) == before


def test_what_the_archive_never_had_is_taken_over_as_it_is(path, archive, names):
    take(path, archive, names, document(1), document(2, "Anna Berg spoke on March 3, 2015."), shelf=False)
    before = page(path, archive, limit=100).hits
    take(path, archive, names, document(3))
    assert build(path, archive, names).carried == 2
    after = {h.id: h for h in page(path, archive, limit=100).hits}
    assert len(after) == 6
    for hit in before:
        assert (after[hit.id].dates, after[hit.id].entities, after[hit.id].article) == (
            hit.dates, hit.entities, hit.article
        )  # fmt: skip
    assert take(path, archive, names, document(1)).unchanged == 0  # and comes into the archive now
    assert Shelf(archive).looked_at_place().strays == 2


def test_an_index_that_cannot_be_read_is_not_replaced_where_something_would_be_lost(path, archive, names):
    take(path, archive, names, document(1), shelf=False)
    take(path, archive, names, document(2))
    (path / "dateline.json").write_text(json.dumps({"format": "1", "made": marker_of(path)}))
    with pytest.raises(RebuildError, match=r"has format 1.*may hold 1 documents that the archive lacks"):
        build(path, archive, names)
    assert leftovers(path) == []
    assert build(path, archive, names, force=True).documents == 1


def test_an_empty_archive_builds_nothing(path, archive, names):
    with pytest.raises(RebuildError, match="dateline index SOURCE"):
        build(path, archive, names)
    assert not (path / "dateline.json").exists()


def test_what_cannot_be_built_stays_as_the_old_index_has_it(path, archive, names):
    take(path, archive, names, document(1), document(2))
    before = hits(path, archive)
    here = sa.update(DOCUMENTS).where(DOCUMENTS.c.id == document(1).id)
    archive.write(lambda c: c.execute(here.values(content=b"\x01nonsense")))
    done = build(path, archive, names)
    assert (done.documents, done.carried) == (1, 1)
    assert "cannot be unpacked" in str(done.failed[document(1).id])
    assert hits(path, archive) == before
    (path / "dateline.json").write_text(json.dumps({"format": "1", "made": marker_of(path)}))
    with pytest.raises(RebuildError, match="1 documents cannot be built"):
        build(path, archive, names)


def test_another_analysis_finds_other_articles_and_that_is_no_news(path, archive, names, monkeypatch):
    take(path, archive, names, document(1), document(2))
    changes, added = Shelf(archive).changes(0, 9), hits(path, archive)[0][2]
    split = "index.pipeline.split_articles"
    from dataclasses import replace

    from index.articles import split_articles

    monkeypatch.setattr(split, lambda d: tuple(replace(a, id=f"new-{a.id}") for a in split_articles(d)))
    later = datetime.now(UTC).replace(microsecond=0) + timedelta(hours=1)
    for module in ("index.shelf", "index.recut", "index.intake"):
        monkeypatch.setattr(f"{module}.now_utc", lambda: later)
    build(path, archive, names)
    assert {h.article.id[:4] for h in page(path, archive).hits} == {"new-"}
    assert {h[2] for h in hits(path, archive)} == {added}
    assert Shelf(archive).changes(0, 9) == changes
    take(path, archive, names, document(1, "Corrected."))
    assert [c.kind for c in Shelf(archive).changes(2, 9)] == ["corrected"]


def test_one_rebuilding_at_a_time_and_the_room_for_it(path, archive, names, monkeypatch):
    take(path, archive, names, document(1))
    lock = rebuilding_lock(path)
    assert lock.acquire()
    with pytest.raises(RebuildError, match="another `dateline reindex`"):
        build(path, archive, names)
    lock.release()
    monkeypatch.setattr("index.rebuild.room_needed", lambda _: 2**70)
    with pytest.raises(RebuildError, match="make room"):
        build(path, archive, names)


def test_a_writer_that_does_not_end_leaves_the_old_one_serving(path, archive, names):
    take(path, archive, names, document(1))
    old = marker_of(path)
    with StoreWriter(path), pytest.raises(IndexLockedError):
        rebuild(Rebuilding(path, archive, Options(cache=names), 0.1, 512))
    assert marker_of(path) == old
    assert leftovers(path) == []


def test_what_a_rebuilding_left_that_was_killed_is_removed_by_the_next_writer(path, archive, names):
    take(path, archive, names, document(1))
    for name in (f"{BUILDING}abc/whoosh", "segments-0123456789abcdef", "my-own-folder"):
        (path / name).mkdir(parents=True)
    lock = rebuilding_lock(path)
    assert lock.acquire()
    take(path, archive, names, document(2))
    assert (path / f"{BUILDING}abc").exists()  # one that is at work is let be
    lock.release()
    take(path, archive, names, document(3))
    assert sorted(leftovers(path)) == ["my-own-folder"]


def test_a_backup_of_an_index_built_anew_is_whole(path, archive, names, tmp_path):
    from index.upkeep import backup, restore

    take(path, archive, names, document(1))
    build(path, archive, names)
    backup(path, tmp_path / "b.tar.gz", 5)
    restore(tmp_path / "b.tar.gz", tmp_path / "restored")
    restored = archive if archive.file is None else Archive(tmp_path / "restored")
    assert hits(tmp_path / "restored", restored) == hits(path, archive)
    assert list(problems(tmp_path / "restored", restored)) == []


@pytest.mark.parametrize("segments", ["../elsewhere", "/etc", "", "segments-../x", "names"])
def test_a_marker_that_names_a_folder_elsewhere_is_damage(path, archive, names, segments):
    take(path, archive, names, document(1))
    told = {"format": json.loads((path / "dateline.json").read_text())["format"], "made": "x"}
    Path(path / "dateline.json").write_text(json.dumps({**told, "segments": segments}))
    with pytest.raises(IndexDamagedError, match="no folder of segments"):
        page(path, archive)
