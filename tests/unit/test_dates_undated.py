"""Days of articles whose own day nobody tells, and what else golden files brought to light."""

from datetime import date

import pytest

from index.dates import find_dates, find_publication
from index.dates.years import explicit_years
from index.model import Metadata

WEDNESDAY = date(2015, 10, 7)


def values(*paragraphs, published=None):
    return {d.text: d.timex for found in find_dates(paragraphs, published) for d in found}


def test_a_bare_day_does_not_take_the_year_that_an_undated_article_looks_back_at():
    found = values("He held the seat from 1992 until his death on January 28.", "The vote is on May 4.")
    assert found == {"1992": "1992", "January 28": None, "May 4": None}
    found = values("We have not seen such winds since October 2017.", "The game on January 2 is off.")
    assert found["January 2"] is None
    assert values("It has been restless since 2009.", "He flew there last week.")["last week"] is None


def test_it_takes_the_year_of_its_own_paragraph_or_of_all_days_that_the_article_names_in_full():
    assert values("In April 1994 it was voted. Work began on 2 May.")["2 May"] == "1994-05-02"
    found = values("Polling day was 5 June 2016, not as in 2011.", "A government will be formed by 20 June.")
    assert found["20 June"] == "2016-06-20"


def test_an_undated_history_goes_from_year_to_year():
    years = "It was drawn in 1763. In 1794 it was voted. It opened in 1801. In 1831 locks were built."
    assert values(years, "The railway came in 1846. In July the tolls were halved.")["July"] == "1846-07"


@pytest.mark.parametrize(
    ("text", "words", "value"),
    [
        ("He sat from 1949 to 1952; she was born in 1931. The case of 1967–69 was hers.", "69", "1969"),
        ("Born on 3 April 1931, she read law from 1949 to 1952 and sat in the following year.",
         "the following year", "1953"),
        ("The House would vote next Tuesday or Wednesday.", "Wednesday", "2015-10-14"),
        ("Donors come every Tuesday and Thursday.", "Thursday", "XXXX-WXX-4"),
        ("Friday: rain from noon.", "Friday", "2015-10-09"),
        ("The final is on Saturday.", "Saturday", "2015-10-10"),
        ("Prices slipped before the weekend.", "the weekend", "2015-W41-WE"),
        ("The deal should close in the second half of the year.", "the second half of the year", "2015-H2"),
        ("On October 23, 1986, he wrote it. It was a Thursday.", "Thursday", "1986-10-23"),
        ("Traffic grew in the eighteen-twenties.", "the eighteen-twenties", "182"),
        ("They light the lamp on Hogmanay 2014.", "Hogmanay 2014", "2014-12-31"),
    ],
)  # fmt: skip
def test_what_the_words_around_a_day_say(text, words, value):
    assert values(text, published=WEDNESDAY)[words] == value


def test_the_entries_of_a_live_report_are_of_its_own_day():
    found = values("The level of last night is passed.", "9.20am The trains stand.", published=WEDNESDAY)
    assert found["9.20am"] == "2015-10-07T09:20"


@pytest.mark.parametrize(
    "text",
    [
        "She lives at 1812 Winter Street.",
        "She lives in Apartment 2020.",
        "He drives a Peugeot 2008.",
        "Notice 14/2018 is out.",
        "The house looks out on June Lake.",
        "Write to 12 Fourth of July Avenue.",
        "It is a Trundle, Model 9/11-B.",
        "Students ask now and then.",
    ],
)
def test_numbers_of_houses_and_things_are_no_dates(text):
    assert values(text, published=WEDNESDAY) == {}


def published(*paragraphs):
    return find_publication(Metadata(), None, paragraphs, explicit_years("\n".join(paragraphs))).day


def test_a_year_that_the_article_tells_as_past_or_promises_is_not_its_own():
    lead = "She resigned on Thursday, February 9."
    assert published(lead, "The prize of 2012 was hers.") == date(2012, 2, 9)
    assert published(lead, "The prize of 2012 was hers.", "Her firm won it in November 2016.") is None
    assert published("They voted on Tuesday, October 1, to build it by 2019.") is None


def test_first_appeared_is_a_statement():
    assert published("He spoke.", "This interview first appeared on April 12, 2018.") == date(2018, 4, 12)
