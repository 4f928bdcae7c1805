"""The query language: what was typed, how it was understood, and what is said about it."""

import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st
from whoosh import query

from search.limits import Limits
from search.query import MAX_CHARS, MAX_DISTANCE, parse, render


@pytest.mark.parametrize(
    ("typed", "parsed"),
    [
        ("crimea putin", "crimea AND putin"),
        ("crimea AND putin", "crimea AND putin"),
        ("Crimea", "crimea"),
        ("crimea OR putin", "crimea OR putin"),
        ("crimea OR putin kerry", "crimea OR (putin AND kerry)"),
        ("(crimea OR putin) kerry", "(crimea OR putin) AND kerry"),
        ("NOT crimea", "NOT crimea"),
        ("-crimea", "NOT crimea"),
        ("putin -crimea", "putin AND NOT crimea"),
        ("putin AND NOT crimea", "putin AND NOT crimea"),
        ("putin -(crimea OR sochi)", "putin AND NOT (crimea OR sochi)"),
        ("NOT NOT crimea", "crimea"),
        ("NOT (NOT crimea)", "crimea"),
        ("--crimea", "crimea"),
        ("+crimea", "crimea"),
        ('"Secretary of State"', '"secretary of state"'),
        ("“Secretary of State”", '"secretary of state"'),
        ("«Secretary of State»", '"secretary of state"'),
        ('-"cold war"', 'NOT "cold war"'),
        ('"cold war"~5', '"cold war"~5'),
        ('"cold war"~1', '"cold war"'),
        ('"cold war"~0', '"cold war"'),
        ('"cold war"~', '"cold war"'),
        ('"cold war"~99999999999999', f'"cold war"~{MAX_DISTANCE}'),
        ('cold"war"era', 'cold AND "war" AND era'),
        ("pre*", "pre*"),
        ("PRE*", "pre*"),
        ("don't*", "dont*"),
        ("É*", "e*"),
        ("wi?d*d", "wi?d*d"),
        ("*day", "*day"),
        ("pre***", "pre*"),
        ("wrod~", "wrod~1"),
        ("wrogn~", "wrogn~2"),
        ("wrogn~1", "wrogn~1"),
        ("wrod~2", "wrod~2"),
        ("headline:crimea", "headline:crimea"),
        ("HEADLINE:crimea", "headline:crimea"),
        ('headline:"crimea diplomacy"', 'headline:"crimea diplomacy"'),
        ("headline:(crimea OR putin)", "headline:crimea OR headline:putin"),
        ("headline:(crimea -putin)", "headline:crimea AND NOT headline:putin"),
        ("headline:re-election", "headline:re-election"),
        ("headline:cri*", "headline:cri*"),
        ("headline:wrod~", "headline:wrod~1"),
        ("-headline:crimea", "NOT headline:crimea"),
        ("text:crimea", "crimea"),
        ("re-election", "re-election"),
        ("O’Neill", "oneill"),
        ("O'Neill's", "oneill"),
        ("6,000", "6000"),
        ("1980s", "1980s"),
        ("Müller", "muller"),
        ("US", "U.S."),
        ("U.S.", "U.S."),
        ("us", "us"),
        ('"U.S. visit"', '"U.S. visit"'),
        ("U.S.-Russian", "U.S.-russian"),
        ("שלום עולם", "שלום AND עולם"),
        ("Москва", "москва"),
        ("🚀 launch", "launch"),
        ("not", "not"),
    ],
)
def test_what_is_typed_is_understood(typed, parsed):
    found = parse(typed)
    assert (found.text, found.notes) == (parsed, ())


@pytest.mark.parametrize("typed", ["", "   ", "*", "*:*", " * ", "\n\t"])
def test_nothing_and_a_star_mean_everything(typed):
    found = parse(typed)
    assert found.tree == query.Every()
    assert (found.text, found.notes) == ("", ())


@pytest.mark.parametrize(
    ("typed", "parsed", "note"),
    [
        ("the dam", "dam", "Left out as too common: the. Put words in quotes to require them."),
        ("the dam of the town", "dam AND town", "Left out as too common: the, of."),
        ("crimea and putin or kerry", "crimea AND putin AND kerry", "Left out as too common: and, or."),
        ("author:smith", "author-smith", "“author:” is not a field"),
        ('"cold war', '"cold war"', "A quotation mark is not closed"),
        ("(crimea", "crimea", "A bracket is not closed"),
        ("crimea)", "crimea", "A closing bracket without an opening one was ignored."),
        ("crimea) putin", "crimea AND putin", "A closing bracket without an opening one was ignored."),
        ("((((((((((crimea))))))))))", "crimea", "Brackets more than 8 deep were ignored."),
        ("crimea ?", "crimea", "“?” stands for any word and was ignored."),
    ],
)
def test_what_is_changed_is_said(typed, parsed, note):
    found = parse(typed)
    assert found.text == parsed
    assert any(note in said for said in found.notes), found.notes


@pytest.mark.parametrize(
    "typed",
    [
        "AND",
        "OR",
        "NOT",
        "AND OR NOT",
        "-",
        "()",
        "(",
        ")",
        '"',
        '""',
        "/",
        "🚀",
        "\0",
        "\ud800",
        "…",
        "~",
        "?",
    ],
)
def test_what_holds_no_word_finds_nothing_and_says_so(typed):
    found = parse(typed)
    assert found.tree == query.NullQuery
    assert any("holds no word to search for" in note for note in found.notes)


def test_common_words_count_where_there_are_no_others():
    assert parse("the").text == "the"
    assert parse("to be").text == "to AND be"
    assert parse('"to be or not to be"').text == '"to be or not to be"'


def test_common_words_beside_an_excluded_one_count():
    assert parse("the -dam").text == "the AND NOT dam"


def test_stray_operators_are_passed_over():
    for typed in ("dam AND", "OR dam", "dam OR OR", "AND dam", "dam NOT", "dam -"):
        assert parse(typed).text == "dam"


def test_an_address_is_searched_as_its_words():
    found = parse("https://example.org/news")
    assert found.text == "https-example-org-news"
    assert found.notes == ()


@pytest.mark.parametrize("bracket", ["(", ")", "()", "(a ", ')("', "-(", "NOT ("])
def test_ten_thousand_brackets_have_a_tree(bracket):
    found = parse(bracket * 10_000)
    assert isinstance(found.tree, query.Query)
    assert any(f"cut after {MAX_CHARS} characters" in note for note in found.notes)
    assert parse(found.text).text == found.text


def test_many_words_are_cut_and_it_is_said():
    found = parse(" ".join(f"w{n}" for n in range(200)))
    assert found.text.count(" AND ") == Limits().words - 1
    assert any(f"first {Limits().words} words" in note for note in found.notes)


def test_a_very_long_word_is_cut_to_a_term():
    assert parse("a" * 1_500).text == "a" * 64


def test_a_note_is_said_once():
    notes = parse("foo:a foo:b ) )").notes
    assert len(notes) == len(set(notes)) == 2


def test_a_phrase_may_hold_brackets_and_operators():
    assert parse('"(cold) AND -war"').text == '"cold and war"'


def test_parsing_needs_no_deep_stack():
    limit = sys.getrecursionlimit()
    for typed in ("(" * 2_000, "-" * 1_999 + "a", "NOT " * 499 + "a", "a OR " * 399):
        assert isinstance(parse(typed).tree, query.Query)
    assert sys.getrecursionlimit() == limit


_WORDS = ["dam", "Crimea", "the", "US", "us", "U.S.", "O’Neill", "6,000", "1980s", "re-election", "São", "x"]
_PARTS = [
    *_WORDS,
    "AND",
    "OR",
    "NOT",
    "-",
    "(",
    ")",
    '"',
    "“",
    "~2",
    "~",
    "*",
    "?",
    "headline:",
    "foo:",
    "/",
    " ",
]
queries = st.lists(st.sampled_from(_PARTS), max_size=14).flatmap(
    lambda parts: st.sampled_from([" ".join(parts), "".join(parts)])
)
# Letters that are written with others ("½", "ﷺ", "𝐓") are folded into several words or capitals.
plain = st.text(
    st.one_of(
        st.characters(max_codepoint=0x24F, exclude_characters="ªº¼½¾²³¹ĲĳĿŀŉſǄǅǆǇǈǉǊǋǌǱǲǳ"),
        st.sampled_from('()"“”*?~-+:AND OR NOT שלום мир 日本 🚀\0'),
    )
)


def check_round_trip(typed):
    found = parse(typed)
    assert isinstance(found.tree, query.Query)
    assert render(found.tree) in (found.text, "*")
    again = parse(found.text)
    if not found.notes and not again.notes:
        assert again.tree == found.tree, (typed, found.text, again.text)
        assert again.text == found.text


@given(queries)
def test_the_echo_of_a_query_is_the_same_query(typed):
    check_round_trip(typed)


@given(plain)
def test_the_echo_of_any_text_is_the_same_query(typed):
    check_round_trip(typed)


@given(st.text(st.characters(codec=None)) | st.text(st.characters(categories=["Cs", "Cc", "Co", "Mn", "No"])))
def test_any_text_has_a_tree(typed):
    found = parse(typed)
    assert isinstance(found.tree, query.Query)
    assert isinstance(found.text, str)
    assert all(note.strip() for note in found.notes)
