"""What a writer knows of documents, before and after they are in a segment."""

import pytest

from index.model import Article, Paragraph, Publication, stable_id
from index.store import StoreWriter


def article(document, text):
    """An article of one paragraph."""
    p = Paragraph(stable_id(document, "0"), 0, "body", 0, len(text), text)
    return Article(stable_id(document), document, "test", None, "test", (p,), Publication())


@pytest.mark.parametrize("memory_mb", [0, 512])  # with none, each document is a segment at once
def test_documents_are_known_whether_they_wait_or_lie_in_a_segment(tmp_path, memory_mb):
    with StoreWriter(tmp_path, memory_mb=memory_mb) as store:
        for n in range(5):
            store.put(f"d{n}", f"digest {n}", [article(f"d{n}", f"text {n}")])
        assert sorted(store.held) == [f"d{n}" for n in range(5)]
        assert store.held["d3"].digest == "digest 3"
        assert "d5" not in store.held
        assert store.held.get("d5") is None
        assert store.delete("d1")
        assert not store.delete("d1")
        assert "d1" not in store.held
        store.put("d1", "again", [article("d1", "other")])
        assert store.held["d1"].digest == "again"
        with pytest.raises(KeyError):
            del store.held["d9"]
    with StoreWriter(tmp_path) as store:
        assert {d: h.digest for d, h in store.held.items()} == {
            "d0": "digest 0", "d1": "again", "d2": "digest 2", "d3": "digest 3", "d4": "digest 4"
        }  # fmt: skip
        assert [h.paragraphs for h in store.held.values()] == [1] * 5


def test_a_document_without_paragraphs_is_known_until_the_commit(tmp_path):
    with StoreWriter(tmp_path) as store:
        store.put("empty", "1", [])
        assert store.held["empty"].paragraphs == 0
