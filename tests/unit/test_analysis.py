"""Which words a text holds, and under which forms they are found."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index.analysis import NewsTokenizer, fold, forms, query_form, stem, tokens


def words(text):
    return [surface for _, _, surface in tokens(text)]


def indexed(text):
    return {form for surface in words(text) for form in forms(surface)}


@pytest.mark.parametrize(
    ("text", "surfaces"),
    [
        ("U.S. visit", ["U.S.", "visit"]),
        ("U.S.-Russian", ["U.S.", "Russian"]),
        ("RussianU.S. Secretary", ["Russian", "U.S.", "Secretary"]),
        ("the U.S.Secretary", ["the", "U.S.", "Secretary"]),
        ("O’Neill’s dog", ["O’Neill’s", "dog"]),
        ("rock’n’roll", ["rock’n’roll"]),
        ("‘quoted’ words", ["quoted", "words"]),
        ("NATO-led", ["NATO", "led"]),
        ("6,000 people, 1.5 tons", ["6,000", "people", "1.5", "tons"]),
        ("5.", ["5"]),
        ("2014-03-11", ["2014", "03", "11"]),
        ("in the 1980s, the 3rd", ["in", "the", "1980s", "the", "3rd"]),
        ("snake_case", ["snake", "case"]),
        ("CO2 and H1N1", ["CO2", "and", "H1N1"]),
        ("שלום עולם", ["שלום", "עולם"]),
        ("🚀launch🚀", ["launch"]),
        ("a\0b", ["a", "b"]),
        ("… — ! ?", []),
        ("", []),
    ],
)
def test_words_of_a_text(text, surfaces):
    assert words(text) == surfaces


@pytest.mark.parametrize(
    ("surface", "found_as"),
    [
        ("Crimea", ("crimea",)),
        ("U.S.", ("us", "u.s")),
        ("US", ("us", "u.s")),
        ("us", ("us",)),
        ("Us", ("us",)),
        ("WHO", ("who", "w.h.o")),
        ("NATO", ("nato",)),
        ("U.S.A.", ("usa",)),
        ("Kenya’s", ("kenya",)),
        ("Kenya's", ("kenya",)),
        ("O’Neill", ("oneill",)),
        ("O'Neill's", ("oneill",)),
        ("don’t", ("dont",)),
        ("Müller", ("muller",)),
        ("São", ("sao",)),
        ("Straße", ("strasse",)),
        ("İstanbul", ("istanbul",)),
        ("6,000", ("6000",)),
        ("1,234,567.89", ("1234567.89",)),
        ("1.5", ("1.5",)),
        ("1980s", ("1980s",)),
        ("KerryMet", ("kerrymet", "kerry", "met")),
        ("McDonald", ("mcdonald",)),
        ("iPhone", ("iphone",)),
        ("NASA", ("nasa",)),
    ],
)
def test_forms_of_a_word(surface, found_as):
    assert forms(surface) == found_as


def test_the_country_is_not_the_pronoun():
    assert query_form("US") == query_form("U.S.") == "u.s"
    assert query_form("us") == "us"
    assert "u.s" in indexed("the US says") & indexed("the U.S. says") & indexed("RussianU.S. Secretary")
    assert "u.s" not in indexed("he told us so")


def test_glued_words_are_found_as_whole_and_as_parts():
    assert {"russian", "u.s"} <= indexed("RussianU.S. Secretary of State")
    assert {"kerrymet", "kerry", "met"} <= indexed("then KerryMet Putin")


def test_a_query_asks_for_a_form_that_the_text_has():
    for surface in ("US", "Crimea", "KerryMet", "O’Neill’s", "6,000", "São", "WHO"):
        assert query_form(surface) in forms(surface)


@pytest.mark.parametrize(
    "family", [("annex", "annexed", "annexing", "annexes"), ("dog", "dogs"), ("talk", "talked")]
)
def test_relatives_share_a_stem(family):
    assert len({stem(word) for word in family}) == 1


def test_the_tokenizer_gives_all_forms_of_a_word_one_place():
    found = [
        (t.text, t.pos, t.startchar, t.endchar)
        for t in NewsTokenizer(stemmed=False)("the U.S. visits", positions=True, chars=True)
    ]
    assert found == [("the", 0, 0, 3), ("us", 1, 4, 8), ("u.s", 1, 4, 8), ("visits", 2, 9, 15)]
    stems = [t.text for t in NewsTokenizer(stemmed=True)("he visited visits")]
    assert stems == ["he", "visit", "visit"]


def test_a_term_is_never_longer_than_its_cap():
    (only,) = tokens("x" * 10_000)
    assert forms(only[2]) == ("x" * 64,)


@pytest.mark.parametrize(
    "piece",
    ["a.", "A.", "a'", "1,", "1.1", "aU.S.", "aB", "’", "a" * 50 + "’", "U.S", "\0", "'s", "1a.", "é"],
)
def test_hostile_text_is_read_to_its_end(piece):
    # A tokenizer that went back over what it had read would need hours for this.
    text = piece * (1_000_000 // len(piece)) + " last"
    *_, final = tokens(text)
    assert final == (len(text) - 4, len(text), "last")


@given(st.text())
def test_spans_are_in_order_apart_and_hold_their_words(text):
    found = list(tokens(text))
    assert all(text[start:end] == surface and surface for start, end, surface in found)
    assert all(a[1] <= b[0] for a, b in pairwise(found))
    assert all(forms(surface) and all(forms(surface)) for *_, surface in found)


@given(st.text())
def test_every_letter_and_digit_is_in_some_word(text):
    covered = {place for start, end, _ in tokens(text) for place in range(start, end)}
    assert {i for i, c in enumerate(text) if c.isalnum()} <= covered


def test_accents_that_stand_apart_are_part_of_the_word() -> None:
    decomposed = "re\u0301sume\u0301 du cafe\u0301"
    assert [s for _, _, s in tokens(decomposed)] == ["re\u0301sume\u0301", "du", "cafe\u0301"]
    assert forms("re\u0301sume\u0301") == forms("résumé") == ("resume",)


def test_vowel_signs_are_part_of_the_word() -> None:
    assert [s for _, _, s in tokens("हिन्दी समाचार")] == ["हिन्दी", "समाचार"]


def test_folding_twice_changes_nothing() -> None:
    for word in ("𝐓𝐡𝐞", "½", "ﷺ", "Straße", "İstanbul"):
        assert fold(fold(word)) == fold(word)
