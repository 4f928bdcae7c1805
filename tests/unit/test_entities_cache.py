"""A paragraph's names are found once."""

import logging

import pytest

from index.entities import NameCache, RawName, Recogniser, recognise_cached
from index.errors import ModelMissingError


class Counting:
    """Stands in for a model: the whole text is a name; counts what it is asked."""

    version = "counting 1"

    def __init__(self):
        self.asked = []

    def recognise(self, texts):
        self.asked.extend(texts)
        return [(RawName(0, len(text), "ORG"),) for text in texts]


def test_only_unseen_texts_reach_the_model(tmp_path):
    model = Counting()
    cache = NameCache(tmp_path / "deep" / "names.db")
    first = recognise_cached(model, cache, ["ab", "c", "ab"])
    assert model.asked == ["ab", "c"]
    again = recognise_cached(lambda: model, NameCache(tmp_path / "deep" / "names.db"), ["c", "ab", "d"])
    assert model.asked == ["ab", "c", "d"]
    assert again[:2] == [first[1], first[0]]


def test_another_version_finds_anew(tmp_path):
    cache = NameCache(tmp_path / "names.db")
    recognise_cached(Counting(), cache, ["ab"])
    other = Counting()
    other.version = "counting 2"
    recognise_cached(other, cache, ["ab"])
    assert other.asked == ["ab"]
    cache.close()
    assert cache.get_many("counting 1", ["ab"]) == {}


def test_without_a_file_nothing_is_remembered():
    model, cache = Counting(), NameCache(None)
    recognise_cached(model, cache, ["ab"])
    recognise_cached(model, cache, ["ab"])
    assert model.asked == ["ab", "ab"]


def test_a_damaged_file_costs_no_input(tmp_path, caplog):
    path = tmp_path / "names.db"
    path.write_bytes(b"this is no database" * 100)
    with caplog.at_level(logging.WARNING):
        assert recognise_cached(Counting(), NameCache(path), ["ab"]) == [(RawName(0, 2, "ORG"),)]
    assert str(path) in caplog.text


def test_damage_while_in_use_costs_no_input(tmp_path, caplog):
    cache = NameCache(tmp_path / "names.db")
    recognise_cached(Counting(), cache, ["ab"])
    cache._db.execute("UPDATE names SET names = 'not json'")
    assert recognise_cached(Counting(), cache, ["ab"]) == [(RawName(0, 2, "ORG"),)]
    assert "cache of names" in caplog.text


def test_a_folder_that_cannot_be_made_costs_no_input(tmp_path):
    (tmp_path / "file").write_text("x")
    assert recognise_cached(Counting(), NameCache(tmp_path / "file" / "names.db"), ["ab"])


def test_lone_surrogates_have_a_key(tmp_path):
    cache = NameCache(tmp_path / "names.db")
    recognise_cached(Counting(), cache, ["\ud800"])
    assert "\ud800" in cache.get_many("counting 1", ["\ud800"])
    cache.close()


def test_a_missing_model_is_named():
    with pytest.raises(ModelMissingError, match="no_such_model"):
        Recogniser("no_such_model")


def test_long_texts_and_long_words_are_cut_with_their_offsets():
    wall = "x" * 200_000
    sentence = "Helen Whitaker went to Moscow. "
    text = sentence * 400 + wall + " " + sentence
    [names] = Recogniser().recognise([text])
    found = [text[n.start : n.end] for n in names]
    assert found.count("Helen Whitaker") >= 395
    assert names[-1].end > 200_000
    assert text[names[-1].start : names[-1].end] == "Moscow"
