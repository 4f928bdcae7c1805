"""A paragraph's names are found once."""

import logging
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.entities import NameCache, RawName, Recogniser, recognise_cached
from index.entities.spacing import Places, on_one_line
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


def test_copy_that_was_wrapped_anew_costs_once(tmp_path):
    model = Counting()
    cache = NameCache(tmp_path / "names.db")
    wrapped = " Helen\n  Whitaker\u00a0went  "
    [first], [second], [third] = recognise_cached(
        model, cache, ["Helen Whitaker went", wrapped, "Helen\tWhitaker went"]
    )
    assert model.asked == ["Helen Whitaker went"]
    assert (first.start, first.end) == (0, 19)
    assert wrapped[second.start : second.end] == wrapped.strip()
    assert (third.start, third.end) == (0, 19)


def test_a_name_over_the_end_of_a_line_is_found():
    text = "The inquiry was led by Judge Helen\nWhitaker of  Port Ellis."
    [names] = recognise_cached(Recogniser(), NameCache(None), [text])
    assert "Helen\nWhitaker" in [text[n.start : n.end] for n in names]


def test_text_without_words_has_no_names():
    assert recognise_cached(Counting(), NameCache(None), ["", " \n"])[1] == ()


@given(text=st.text(alphabet="ab \n\t\u00a0\u2003", max_size=40), data=st.data())
def test_places_on_one_line_and_in_the_text_hold_the_same(text, data):
    line = on_one_line(text)
    assert line == on_one_line(line)
    words = [match.span() for match in re.finditer(r"\S+", line)]
    if words:
        start = data.draw(st.sampled_from(words))[0]
        end = data.draw(st.sampled_from([b for _, b in words if b > start]))
        first, last = Places(text).span(start, end)
        assert on_one_line(text[first:last]) == line[start:end]
        assert text[first:last].strip() == text[first:last]


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
