"""What a writer knows of documents, before and after they are in a segment."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.columns.ragged import hex_keys, key_of, keys_of
from index.model import Article, Metadata, Paragraph, Publication, stable_id
from index.store import StoreWriter
from index.stored import article_fields, article_record, whole_fields


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


@given(
    headline=st.text() | st.none(), extra=st.dictionaries(st.text(), st.integers() | st.text() | st.none())
)
def test_the_record_of_an_article_is_the_json_of_its_fields(headline, extra):
    made = Article(
        "a", "d", "s", headline, "t", (), Publication(), metadata=Metadata(extra=extra, author=headline)
    )
    wanted = json.dumps([article_fields(made), whole_fields(made)], ensure_ascii=False, separators=(",", ":"))
    assert article_record(made) == wanted


@given(
    ids=st.lists(
        st.from_regex(r"[0-9a-f]{16}", fullmatch=True) | st.sampled_from(["", "A" * 16, "0 " * 8, "é"])
    )
)
def test_keys_of_many_ids_are_the_keys_of_each(ids):
    assert keys_of(ids).tolist() == [key_of(id_) for id_ in ids]
    plain = hex_keys(ids)
    assert plain is None or [f"{key:016x}" for key in plain.tolist()] == ids
