"""What was merged is what would have been written at once."""

import random
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from index.columns import commits, merge_fields, writer
from index.columns.codec import ColumnsSegment
from index.columns.files import Chunks
from index.columns.layout import NAMES
from index.columns.merge import merge
from index.columns.segment import OpenSegment
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter, segments_folder

WORDS = ["dam", "Dam", "ferry", "ferries", "U.S.", "BankAmerica", "it's", "1,000", "Čapek", "the", "of"]


def article(document, rand):
    """An article whose paragraphs share words and names with others."""
    paragraphs = []
    for n in range(rand.randrange(1, 5)):
        text = " ".join(rand.choices(WORDS, k=rand.randrange(0, 30)))
        named = tuple(
            EntityMention(0, 1, text[:1], "person", f"entity {m}", rand.choice(["Ann", "A. B."]))
            for m in rand.sample(range(5), rand.randrange(3))
        )
        paragraphs.append(Paragraph(stable_id(document, str(n)), n, "body", 0, len(text), text, (), named))
    added = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(minutes=rand.randrange(1000))
    made = Article(stable_id(document), document, "test", None, "test", tuple(paragraphs), Publication())
    return replace(made, added=added, updated=added)


def opened(path):
    """The segments of an index."""
    folder = segments_folder(path)
    return commits.open_segments(folder, commits.contents(folder)[1])


def whole(array):
    """An array that may be made when it is written."""
    if not isinstance(array, Chunks):
        return array
    made = np.concatenate([*array.parts(), np.zeros((0, *array.shape[1:]), array.dtype)])
    assert (made.shape, made.dtype) == (array.shape, array.dtype)
    return made


@pytest.mark.parametrize("at_once", [1, 7, 1 << 20])
@pytest.mark.parametrize("deleted", [0, 9])
def test_a_merge_of_segments_is_the_segment_of_their_documents(tmp_path, monkeypatch, at_once, deleted):
    monkeypatch.setattr(merge_fields, "_AT_ONCE", at_once)
    monkeypatch.setattr(writer, "FANOUT", 100)
    rand = random.Random(at_once + deleted)
    documents = {f"d{n}": article(f"d{n}", rand) for n in range(40)}
    for first in range(0, 40, 10):
        with StoreWriter(tmp_path / "several") as store:
            for document in list(documents)[first : first + 10]:
                store.put(document, "1", [documents[document]])
    gone = rand.sample(sorted(documents), deleted)
    with StoreWriter(tmp_path / "several") as store:
        assert all(store.delete(document) for document in gone)
    with StoreWriter(tmp_path / "one") as store:
        for document in documents:
            if document not in gone:
                store.put(document, "1", [documents[document]])
    segments, [one] = opened(tmp_path / "several"), opened(tmp_path / "one")
    assert len(segments) == 4
    made = merge(segments)
    assert set(made) == set(NAMES)
    # How often a name is written counts deleted paragraphs until their entity is gone.
    names = () if not deleted else ("names", "names_offsets", "name_counts", "value_names_offsets")
    for name in set(NAMES) - set(names):
        assert np.array_equal(whole(made[name]), one.arrays[name]), name


def test_a_segment_that_this_process_wrote_is_opened_without_reading_it(tmp_path):
    with StoreWriter(tmp_path) as store:
        store.put("d", "1", [article("d", random.Random(1))])
    folder = segments_folder(tmp_path)
    [meta] = commits.contents(folder)[1]
    plain, trusted = OpenSegment(folder, meta), OpenSegment(folder, meta, written=True)
    assert all(np.array_equal(plain.arrays[name], trusted.arrays[name]) for name in NAMES)


def test_a_segment_has_a_name_of_its_own_whoever_seeds_what() -> None:
    names = set()
    for _ in range(3):
        random.seed(1)
        names.add(ColumnsSegment("MAIN").segment_id())
    assert len(names) == 3
