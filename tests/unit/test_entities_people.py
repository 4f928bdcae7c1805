"""Which names of an article are one person: spellings, relatives, double surnames; and which never are."""

from __future__ import annotations

import pytest

from index.entities import RawName, resolve_names
from index.entities.spelling import same_person, spelt


def people(*paragraphs):
    """Entities of an article given as (text, names of people in it, first places)."""
    raw = [[RawName(t.index(n), t.index(n) + len(n), "PERSON") for n in names] for t, *names in paragraphs]
    mentions = resolve_names([t for t, *_ in paragraphs], raw)
    return [[(m.text, m.entity) for m in some if m.kind == "person"] for some in mentions]


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Tareq Aziz", "Tariq Aziz"),
        ("Sergei Grau", "Sergey Grau"),
        ("Muammar Gaddafi", "Muammar Qadhafi"),
        ("Yasser Halloran", "Yasir Halloran"),
        ("Jean-Paul Krone", "J.-P. Krone"),
        ("Łukasz Grøn", "Lukasz Gron"),
        ("O'Leary Marsh", "O’Leary Marsh"),
        ("Bob Marsh", "Robert Marsh"),
    ],
)
def test_spellings_of_one_name(one, other):
    assert same_person(one, other)
    assert same_person(other, one)


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("Jan Krone", "Jon Krone"),
        ("Mario Krone", "Maria Krone"),
        ("Carlo Krone", "Carla Krone"),
        ("Paul Krone", "Paula Krone"),
        ("Hillary Clinton", "Bill Clinton"),
        ("John F. Kennedy", "John F. Kennedy Jr."),
        ("Sammy Marsh Junior", "Sammy Marsh"),
        ("George W. Bush", "George H. Bush"),
        ("Ann Lee", "Ann Li"),
        ("Anna Hoffman", "Anna Hofer"),
    ],
)
def test_names_that_only_look_alike(one, other):
    assert not same_person(one, other)


def test_short_words_keep_their_spelling():
    assert spelt("lee") == "lee"
    assert spelt("tareq") == spelt("tariq")


def test_a_surname_is_not_the_wife_who_was_named_last():
    found = people(
        ("Tamm visits wife Maret in hospital", "Tamm", "Maret"),
        ("President Juhan Tamm visited his wife Maret on Friday.", "Juhan Tamm", "Maret"),
        ("Maret Tamm had an operation. Tamm stayed.", "Maret Tamm"),
    )
    assert found[0] == [("Tamm", "person-juhan-tamm"), ("Maret", "person-maret-tamm")]
    assert found[2] == [("Maret Tamm", "person-maret-tamm"), ("Tamm", "person-juhan-tamm")]


def test_two_namesakes_of_whom_none_is_a_relative_take_turns():
    found = people(
        ("Hillary Clinton spoke. Clinton smiled.", "Hillary Clinton"),
        ("Then Bill Clinton spoke. Clinton smiled.", "Bill Clinton"),
    )
    assert [entity for _, entity in found[0]] == ["person-hillary-clinton"] * 2
    assert [entity for _, entity in found[1]] == ["person-bill-clinton"] * 2


def test_the_first_half_of_a_double_surname():
    found = people(("Arantxa Solana Vicens won. Solana rested.", "Arantxa Solana Vicens", "Solana rested"))
    assert {entity for _, entity in found[0]} == {"person-arantxa-solana-vicens"}
    found = people(("John Paul Krone won. Paul rested.", "John Paul Krone", "Paul rested"))
    assert found[0][-1] == ("Paul", "person-paul")


def test_an_article_before_a_surname_may_be_left_out():
    found = people(("Karim al-Tabari met the king. Tabari left.", "Karim al-Tabari", "Tabari left"))
    assert {entity for _, entity in found[0]} == {"person-karim-al-tabari"}


def test_a_surname_that_is_a_word_counts_where_it_speaks():
    found = people(
        ('Donna King led. " We tried , " King said.', "Donna King"),
        ("Wall ( 9-4 ) struck out four.",),
        ("Dan Wall won. The wall stood.", "Dan Wall"),
    )
    assert found[0][-1] == ("King", "person-donna-king")
    assert found[1] == [("Wall", "person-dan-wall")]
    assert len(found[2]) == 1


def test_a_surname_and_a_place_taken_for_one_are_two():
    texts = ["Juhan Tamm endorses plan", "Others back the Tamm Estonia plan"]
    raw = [[RawName(0, 10, "PERSON")], [RawName(16, 28, "GPE")]]
    found = resolve_names(texts, raw)
    assert [(m.text, m.entity) for m in found[1]] == [
        ("Tamm", "person-juhan-tamm"),
        ("Estonia", "place-estonia"),
    ]


def test_what_a_person_owns_is_another_name():
    texts = ["Louis Farran spoke.", "Money went to Farran 's Nation of Peace ."]
    raw = [[RawName(0, 12, "PERSON")], [RawName(14, 39, "ORG")]]
    found = resolve_names(texts, raw)
    assert [(m.text, m.kind) for m in found[1]] == [("Farran", "person"), ("Nation of Peace", "org")]
    assert found[1][0].entity == "person-louis-farran"


def test_a_country_in_capitals_is_a_country():
    texts = ["SPAIN TRAVELS", "The champion Spain travels; champion Spain rests."]
    found = resolve_names(texts, [[RawName(0, 5, "PERSON")], []])
    assert {m.entity for some in found for m in some} == {"place-spain"}
