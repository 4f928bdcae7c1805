"""A file that is not what was written is named, and no worker dies of it."""

import shutil
from dataclasses import replace
from datetime import date

import numpy as np
import pytest

from index.columns import commits
from index.columns.layout import NAMES
from index.errors import DatelineError, IndexDamagedError, IndexVersionError
from index.model import Article, DateMention, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter, segments_folder
from index.upkeep import check
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

DAY = date(2014, 3, 11)


def article(document, texts):
    id_ = stable_id(document)
    paragraphs = tuple(
        Paragraph(
            stable_id(id_, str(n)), n, "body", 0, len(t), t,
            (DateMention(0, 3, t[:3], "2014-03-11", DAY, DAY),),
            (EntityMention(0, 3, t[:3], "org", "org-dam", "Dam"),),
        )
        for n, t in enumerate(texts)
    )  # fmt: skip
    return Article(id_, document, "test", None, "test", paragraphs, Publication(DAY, "metadata"))


@pytest.fixture(scope="module")
def whole(tmp_path_factory):
    path = tmp_path_factory.mktemp("columns") / "index"
    with StoreWriter(path) as store:
        for n in range(5):
            store.put(f"d{n}", "x", [article(f"d{n}", ["the dam broke", "a vote on salt", f"ferry {n}"])])
    with StoreWriter(path) as store:
        store.delete("d3")
    return path


def files(whole):
    return sorted(f.name for f in segments_folder(whole).iterdir() if not f.name.endswith("LOCK"))


def truncated(data):
    return data[: len(data) // 2]


def emptied(data):
    return b""


def zeroed(data):
    return bytes(len(data))


def flipped(data):
    at = len(data) - 1
    return data[:at] + bytes([data[at] ^ 16])


def flipped_in_the_header(data):
    return data[:20] + bytes([data[20] ^ 1]) + data[21:]


@pytest.mark.parametrize("harm", [truncated, emptied, zeroed, flipped, flipped_in_the_header])
def test_every_damaged_file_is_named(whole, tmp_path, harm):
    names = files(whole)
    assert len(names) == len(NAMES) + 2  # the table of contents, the deletions
    for name in names:
        path = shutil.copytree(whole, tmp_path / harm.__name__ / name)
        file = segments_folder(path) / name
        harmed = harm(file.read_bytes())
        if harmed == file.read_bytes():
            continue
        file.write_bytes(harmed)
        told = problems(path)
        assert len(told) == 1
        assert name in told[0]
        assert "restore a backup" in told[0]
        ask(path, name)


def problems(path):
    try:
        return list(check(path))
    except IndexDamagedError as error:  # the table of contents, without which there is nothing to check
        return [str(error)]


def test_check_names_every_damaged_file_and_goes_on(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    with StoreWriter(path) as store:
        store.put("d9", "x", [article("d9", ["another segment"])])
    first = next(segments_folder(whole).glob("*.stem_docs.npy")).name
    other = next(f for f in segments_folder(path).glob("*.texts.npy") if f.name.split(".")[0] not in first)
    names = [first, first.replace("stem_docs", "ids"), other.name]
    for name in names:
        file = segments_folder(path) / name
        file.write_bytes(flipped(file.read_bytes()))
    told = problems(path)
    assert len(told) == 3
    assert all(any(name in line for line in told) for name in names)


def ask(path, name):
    """Either the error that names the file, or the answer: what is only shown is looked at when shown."""
    engine = WhooshEngine(path)
    try:
        page = engine.search(SearchRequest(q="dam OR vote OR ferry", limit=100))
    except DatelineError as error:
        assert segments_folder(path).name in str(error)
        return
    assert page.paragraphs == 12
    assert {h.text for h in page.hits} <= {
        "the dam broke",
        "a vote on salt",
        "ferry 0",
        "ferry 1",
        "ferry 2",
        "ferry 4",
    }


@pytest.mark.parametrize("name", ["exact_docs", "ids", "texts"])
def test_a_missing_file_is_named(whole, tmp_path, name):
    path = shutil.copytree(whole, tmp_path / "index")
    next(segments_folder(path).glob(f"*.{name}.npy")).unlink()
    assert [name in line for line in problems(path)] == [True]
    with pytest.raises(IndexDamagedError):
        WhooshEngine(path).search(SearchRequest())


def test_another_format_is_refused(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    (path / "dateline.json").write_text('{"format": "1", "made": "x"}')
    with pytest.raises(IndexVersionError, match="dateline reindex"):
        WhooshEngine(path).search(SearchRequest())
    with pytest.raises(IndexVersionError):
        StoreWriter(path)


def test_a_segment_of_another_format_is_refused(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    folder = segments_folder(path)
    generation, segments, schema = commits.contents(folder)
    segments[0].format = 1
    commits.commit(folder, schema, segments, generation + 1)
    with pytest.raises(IndexVersionError):
        WhooshEngine(path).search(SearchRequest())


def test_what_a_dead_writer_left_is_removed(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    folder = segments_folder(path)
    before = set(files(path))
    (folder / "MAIN_zzzz.ids.npy").write_bytes(b"half")
    (folder / "_MAIN_9.toc.123.4").write_bytes(b"half")
    WhooshEngine(path).search(SearchRequest())
    assert list(check(path)) == []
    with StoreWriter(path):
        pass
    assert set(files(path)) == before


def test_readers_go_on_with_the_files_of_their_commit(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    engine = WhooshEngine(path)
    assert engine.search(SearchRequest()).paragraphs == 12
    with engine._snapshots.current() as snap:
        with StoreWriter(path) as store:
            for n in range(5):
                store.delete(f"d{n}")
        assert not list(segments_folder(path).glob("*.npy"))
        assert [snap.record(int(n)).paragraph.text for n in snap.live[:2]] == [
            "the dam broke",
            "a vote on salt",
        ]


def test_no_commit_without_a_change(whole, tmp_path):
    path = shutil.copytree(whole, tmp_path / "index")
    before = commits.latest_generation(segments_folder(path))
    with StoreWriter(path) as store:
        assert store.held["d1"].paragraphs == 3
        assert "d3" not in store.held
    assert commits.latest_generation(segments_folder(path)) == before


def test_numbers_take_as_little_room_as_they_can(whole):
    folder = segments_folder(whole)
    assert np.load(next(folder.glob("*.exact_freqs.npy"))).dtype == np.uint8
    assert np.load(next(folder.glob("*.exact_docs.npy"))).dtype == np.int32


def test_a_document_may_come_twice_in_one_commit(tmp_path):
    first, second = article("d", ["one dam", "two"]), article("d", ["another ferry"])
    with StoreWriter(tmp_path / "index") as store:
        store.put("d", "1", [first])
        store.put("d", "2", [replace(second, headline="new")])
        assert store.held["d"].digest == "2"
    engine = WhooshEngine(tmp_path / "index")
    assert [h.text for h in engine.search(SearchRequest()).hits] == ["another ferry"]
    assert engine.article(second.id).head.headline == "new"
    assert engine.search(SearchRequest(q="dam")).paragraphs == 0
