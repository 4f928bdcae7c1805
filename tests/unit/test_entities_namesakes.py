"""Who of several is meant, by title and kinship; nicknames, particles, spellings, line-ups."""

import pytest

from index.articles import split_articles
from index.entities import RawName, resolve_names
from index.model import Document


def names(*paragraphs, people=(), orgs=()):
    """Names by paragraph and text; every mention of those given is found, as a model would."""
    raw = [
        [
            RawName(at, at + len(form), label)
            for forms, label in ((people, "PERSON"), (orgs, "ORG"))
            for form in forms
            for at in range(len(text))
            if text.startswith(form, at)
        ]
        for text in paragraphs
    ]
    return [[(e.text, e.name) for e in found] for found in resolve_names(paragraphs, raw)]


def test_mr_and_mrs_are_told_by_who_is_whose_husband():
    found = names(
        "Margaret Fell will seek the seat of her late husband, Thomas Fell, she said.",
        "Mrs. Fell said that Mr. Fell had asked her to. “Tom never let me forget,” she said.",
        people=("Margaret Fell", "Thomas Fell", "Tom"),
    )
    assert found[1] == [("Fell", "Margaret Fell"), ("Fell", "Thomas Fell"), ("Tom", "Thomas Fell")]


def test_a_title_stays_with_whom_the_article_gave_it():
    found = names(
        "Representative Lou Castellano spoke for Senator Barbara Castellano, his cousin.",
        "Rep. Castellano called it regrettable. Sen. Castellano did not.",
        people=("Lou Castellano", "Barbara Castellano"),
    )
    assert [name for _, name in found[1]] == ["Lou Castellano", "Barbara Castellano"]


def test_the_elder_and_the_younger():
    found = names(
        "Leonard Vasko was jailed; Leonard Vasko Jr. was acquitted.",
        "The younger Vasko sells cars. A lawyer represented the elder Vasko.",
        people=("Leonard Vasko", "Leonard Vasko Jr."),
    )
    assert [name for _, name in found[1]] == ["Leonard Vasko Jr.", "Leonard Vasko"]


def test_a_nickname_in_quotes_is_part_of_the_name():
    found = names(
        "Robert “Bobby” Kessler voted against.",
        "Bobby Kessler said so.",
        people=("Robert", "Bobby", "Kessler", "Bobby Kessler"),
    )
    assert found == [[("Robert “Bobby” Kessler", "Robert Kessler")], [("Bobby Kessler", "Robert Kessler")]]


@pytest.mark.parametrize(
    ("full", "other"),
    [
        ("Türkan Əliyeva", "Turkan Aliyeva"),
        ("Muhammad al-Rashid", "Mohammed Al Rashid"),
        ("Aleksandr Yeremin", "Alexander Yeremin"),
        ("W. de Silva", "de Silva"),
    ],
)
def test_spellings_and_parts_of_one_name(full, other):
    found = names(f"It was {full} who came.", f"They saw {other} go.", people=(full, other))
    assert found[0][0][1] == found[1][0][1]


def test_a_company_is_called_by_its_first_word():
    found = names(
        "The owner, Corvane Metals Plc, said so.",
        "Corvane shares fell.",
        people=("Corvane",),
        orgs=("Corvane Metals Plc",),
    )
    assert found[1] == [("Corvane", "Corvane Metals")]


def test_players_of_a_line_up_are_people_and_it_is_no_headline():
    line = "Halifax: Ridley; Marsh, Cole, Hay; Bell (Dunn, 60), Orr; Kane, Pike"
    found = names("Halifax beat Grantley 2-1 in the league.", line)
    assert {text for text, _ in found[1]} >= {"Ridley", "Marsh", "Hay", "Dunn", "Orr", "Pike"}
    story = "Halifax Stun Grantley in the Cup\n\nHalifax won.\n\nThey scored twice.\n\n"
    made = split_articles(
        Document("x", "x", "plaintext", f"{story}{line}\n\nAttendance: 812. Referee: A. Holm\n")
    )
    assert len(made) == 1


def test_a_headline_that_says_where_is_no_fixture():
    found = names("Chile Miners Walk Out at Santa Rosalia", "They left.")[0]
    assert not [text for text, _ in found if "Walk Out" in text]
