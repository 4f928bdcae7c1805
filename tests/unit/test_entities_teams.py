"""A place and the team that plays under its name are two things, told apart mention by mention."""

from __future__ import annotations

import pytest

from index.entities import RawName, resolve_names
from index.entities.sports import has_teams, qualifier, sport_of

PLACES = ("Ireland", "Wales", "IRELAND", "WALES", "Halifax", "HALIFAX", "Milwaukee", "Cardiff", "CARDIFF")


def found(*paragraphs):
    """Mentions of an article in which a model takes every name above for a place."""
    raw = [
        [RawName(i, i + len(p), "GPE") for p in PLACES for i in range(len(text)) if text.startswith(p, i)]
        for text in paragraphs
    ]
    return [(m.text, m.entity, m.name) for some in resolve_names(paragraphs, raw) for m in some]


def entities(*paragraphs):
    return [(text, entity) for text, entity, _ in found(*paragraphs)]


def test_a_country_that_plays_is_not_the_country():
    article = (
        "CRICKET - IRELAND BEAT WALES .",
        "CARDIFF , Wales 1996-05-03",
        "Ireland beat Wales in Cardiff .",
    )
    assert found(*article) == [
        ("IRELAND", "place-ireland-cricket", "Ireland (cricket)"),
        ("WALES", "place-wales-cricket", "Wales (cricket)"),
        ("CARDIFF", "place-cardiff", "Cardiff"),
        ("Wales", "place-wales", "Wales"),
        ("Ireland", "place-ireland-cricket", "Ireland (cricket)"),
        ("Wales", "place-wales-cricket", "Wales (cricket)"),
        ("Cardiff", "place-cardiff", "Cardiff"),
    ]  # fmt: skip


def test_teams_of_two_sports_and_of_two_ages_are_several():
    assert entities("SOCCER - IRELAND WIN AGAIN")[0][1] == "place-ireland-football"
    assert entities("SOCCER - IRELAND WIN UNDER-21 MATCH")[0][1] == "place-ireland-football-under-21"
    assert entities("RUGBY UNION - IRELAND WIN AGAIN")[0][1] == "place-ireland-rugby"


def test_where_nobody_plays_a_country_is_a_country():
    text = "Ireland and Wales signed the treaty. The minister beat expectations; Wales won support."
    assert {entity for _, entity in entities(text)} == {"place-ireland", "place-wales"}


@pytest.mark.parametrize(
    "text",
    [
        "The match in Wales was abandoned.",
        "They travelled to Wales on Friday.",
        "Tom Ridley ( Wales ) was unhurt.",
    ],
)
def test_what_happens_in_a_country_happens_to_the_country(text):
    assert ("Wales", "place-wales") in entities("SOCCER - CUP NOTES", text)


def test_a_town_and_its_club_are_told_apart():
    article = (
        "SOCCER - CUP NOTES",
        "HALIFAX 1996-05-03",
        "Halifax beat Derby 2-1 .",
        "In Halifax it rained.",
    )
    assert entities(*article) == [
        ("HALIFAX", "place-halifax"),
        ("Halifax", "org-halifax-football"),
        ("Derby", "org-derby-football"),
        ("Halifax", "place-halifax"),
    ]


def test_a_town_is_the_club_that_the_article_names_in_full():
    article = (
        "BASEBALL - BREWERS WIN",
        "The Milwaukee Brewers won 5-4 .",
        "Milwaukee needed it.",
        "It was cold in Milwaukee .",
    )
    assert entities(*article)[-2:] == [
        ("Milwaukee", "org-milwaukee-brewers"),
        ("Milwaukee", "place-milwaukee"),
    ]


def test_the_home_side_of_a_fixture_is_no_town():
    assert entities("BASEBALL - SCHEDULE", "HALIFAX AT CARDIFF")[-1] == ("CARDIFF", "place-cardiff-baseball")


@pytest.mark.parametrize(
    ("headline", "text", "sport"),
    [
        ("SOCCER - X", "", "football"),
        ("Rugby League - X", "", "rugby"),
        ("Rain at the end", "The striker, a midfielder and the goalkeeper were hurt.", "football"),
        ("Rain at the end", "The batsman lost his wicket in the first innings.", "cricket"),
        ("Markets end higher", "The final quarter gave the team of the year a goal and four points.", None),
        ("", "", None),
    ],
)
def test_the_sport_of_an_article(headline, text, sport):
    assert sport_of([headline, text]) == sport


def test_few_words_of_a_sport_do_not_make_a_long_article_sport():
    text = "A goalkeeper, a striker and a midfielder came. " + "The council met and voted on roads. " * 200
    assert sport_of(["Council", text]) is None


def test_a_cup_of_nations_makes_teams_of_tennis():
    assert has_teams("tennis", ["TENNIS - DAVIS CUP DRAW"])
    assert not has_teams("tennis", ["TENNIS - RESULTS AT A TOURNAMENT"])
    assert not has_teams(None, [])
    assert qualifier("football", ["SOCCER - WOMEN'S FINAL"]) == "football, women"


def test_the_adjective_of_a_place_is_no_place():
    assert entities("Welsh voters and Irish farmers spoke in Cardiff.") == [("Cardiff", "place-cardiff")]
