"""What the look of a line gives away: towns with states, desks that sign, scores, line-ups, tables' forms."""

from __future__ import annotations

import pytest

from index.entities import RawName, resolve_names, tables
from index.entities.lookup import Lexicon, known, tokens


def found(*paragraphs):
    """Mentions of an article in which no model finds anything, as (text, kind)."""
    return [(m.text, m.kind) for some in resolve_names(paragraphs, [()] * len(paragraphs)) for m in some]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("HARTSVALE , Pa .", [("HARTSVALE", "place"), ("Pa", "place")]),
        ("A man of Grantley, Minn., was hurt.", [("Grantley", "place"), ("Minn.", "place")]),
        ("DECANTER, IL", [("DECANTER", "place"), ("IL", "place")]),
        ("Smith, Me and you", []),
        ("-- Ann Ridley, Oslo Newsroom +47 22 42", [("Ann Ridley", "person"), ("Oslo Newsroom", "org")]),
    ],
)
def test_lines_that_say_where_and_who(text, expected):
    assert found(text) == expected


@pytest.mark.parametrize(
    ("line", "expected"),
    [
        ("Bramley v Grantley Town , Hartsvale v Ruxton", ["Bramley", "Grantley Town", "Hartsvale", "Ruxton"]),
        ("Bramley 1 ( Tom Ridley 12th minute ) Grantley Town 0", ["Bramley", "Grantley Town"]),
        ("Tom Ridley ( Bramley ) , Ian Marsh ( Ruxton )", ["Bramley", "Ruxton"]),
    ],
)
def test_teams_of_results_and_line_ups(line, expected):
    assert [text for text, kind in found("SOCCER - RESULTS", line) if kind == "org"] == expected


def test_an_innings_is_a_side_s_and_figures_are_a_player_s():
    line = "Bramleyshire 123-4 ( T. Ridley 51 ) , Ruxtonshire 372 and 100-5 ( I. Marsh 4-36 )"
    assert found("CRICKET - SCORES", line) == [
        ("Bramleyshire", "org"),
        ("T. Ridley", "person"),
        ("Ruxtonshire", "org"),
        ("I. Marsh", "person"),
    ]


def test_each_line_of_a_table_is_read():
    text = "Bramley 2 Grantley Town 1\nHartsvale 0 Ruxton 3\nHARTSVALE 1996-05-03"
    assert found("Soccer - results", text)[-2:] == [("Ruxton", "org"), ("HARTSVALE", "place")]


def test_averages_are_of_players():
    text = "Batting ( tabulated as matches , innings , runs ) :\nIan Marsh 3 5 1 344 141 68.80"
    assert found("CRICKET - AVERAGES", text) == [("Ian Marsh", "person")]


def test_averages_in_the_headline_are_of_all_tables_below():
    article = ("CRICKET - TEST AVERAGES", "Averages after the third test", "Yorick Marsh 3 5 1 344 141 68.80")
    assert ("Yorick Marsh", "person") in found(*article)
    assert ("Yorick Marsh", "org") in found("SOCCER - STANDINGS", "Yorick Marsh 3 5 1 344 141 68")


def test_an_initial_and_a_surname_are_a_person_wherever_no_model_sees_one():
    assert found("Did not bat : R. Krone , D. Ruxton") == [("R. Krone", "person"), ("D. Ruxton", "person")]


@pytest.mark.parametrize("word", ["Attendance", "Halftime", "Kurds", "Sri Lankan", "SOCCER", "Celsius"])
def test_what_is_no_name(word):
    assert resolve_names([f"{word} here"], [[RawName(0, len(word), "ORG")]]) == [()]


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("the village of Krone", "place"),
        ("Krone , a small town", "place"),
        ("the daily Krone wrote", "org"),
        ("Krone Q2 net rises", "org"),
        ('" We won , " Krone said', "person"),
        ("Calder Dam burst", "place"),
    ],
)
def test_the_words_around_a_name_tell_its_kind(text, kind):
    name = "Calder Dam" if "Dam" in text else "Krone"
    at = text.index(name)
    for label in ("PERSON", "ORG", "GPE"):
        [mentions] = resolve_names([text], [[RawName(at, at + len(name), label)]])
        assert [m.kind for m in mentions if m.text == name] == [kind]


def test_a_quarter_of_a_country_is_the_country_s():
    [mentions] = resolve_names(["Southern Ukraine"], [[RawName(0, 16, "LOC")]])
    assert [(m.text, m.entity) for m in mentions] == [("Southern Ukraine", "place-ukraine")]


def test_the_longest_known_form_is_found():
    forms = Lexicon({"New York": 1, "New York Times": 2, "York": 3})
    text = "The New York Times of York and New York."
    assert [key for *_, key in known(text, tokens(text), forms, loud=False)] == [
        "New York Times",
        "York",
        "New York",
    ]


def test_towns_are_hints_and_no_given_names():
    assert {"grantham", "timisoara"} <= tables.cities()
    assert not tables.cities() & tables.first_names()
