"""Every date and every name tells why it is what it is: decided where it is resolved, kept, said."""

from datetime import date
from html import unescape

import pytest

from api import marking
from api.days import timex_words
from api.explaining import why_date, why_name
from index.columns.mentions import Mentions
from index.dates import find_dates
from index.entities import RawName, resolve_names
from index.model import DateMention, EntityMention, Paragraph
from index.stored import Place, read_record

FRIDAY = date(2014, 3, 14)


def dated(*paragraphs, published=FRIDAY):
    return [(d.text, d.reason) for found in find_dates(paragraphs, published) for d in found]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("It rained on 3 March 2012.", [("3 March 2012", "words")]),
        ("He waited two weeks.", [("two weeks", "words")]),
        ("She said so on Tuesday.", [("Tuesday", "published")]),
        ("It opens in May.", [("May", "published")]),
        ("It is three weeks ago.", [("three weeks ago", "published")]),
        ("It closed last year.", [("last year", "published")]),
        ("On 3 March 2012 he fell; he died the following day.", "text 2012-03-03"),
        ("Between March and May 2012 it rained.", "text 2012"),
        ("It was so in 1939-45.", "text 1939"),
    ],
)
def test_a_date_tells_what_it_counts_from(text, expected):
    found = dated(text)
    assert found == expected if isinstance(expected, list) else expected in [why for _, why in found]


def test_without_a_day_what_hangs_on_it_is_unresolved():
    assert dated("He spoke on Tuesday.", published=None) == [("Tuesday", "unresolved")]


def test_the_order_of_figures_is_told_by_the_document_or_by_nothing():
    assert dated("From 03/04/2018.", "To 31/10/2018.")[0] == ("03/04/2018", "document")
    assert dated("From 03/04/2018.") == [("03/04/2018", "ambiguous")]


def named(*paragraphs, **labels):
    """Names by label; each is found in the last paragraph that has it, as a model would."""
    raw = [[] for _ in paragraphs]
    for form, label in labels.items():
        form = form.replace("_", " ")
        number = max(n for n, p in enumerate(paragraphs) if form in p)
        at = paragraphs[number].index(form)
        raw[number].append(RawName(at, at + len(form), label))
    return {e.text: e.reason for found in resolve_names(paragraphs, raw) for e in found}


def test_a_name_tells_how_it_was_found_and_joined():
    found = named(
        "Ruth Calloway met Owen Pritchard in France.",
        "Calloway said the Baltic Fisheries Board (BFB) was late. Ruth laughed.",
        "The U.S. was not asked, the BFB said. Harlow was there.",
        Ruth_Calloway="PERSON",
        Owen_Pritchard="PERSON",
        Calloway="PERSON",
        Ruth="PERSON",
        Baltic_Fisheries_Board="ORG",
        Harlow="PERSON",
    )
    assert found["Ruth Calloway"] == "model itself"
    assert found["Calloway"].split()[1:] == ["surname", "1"]
    assert found["Ruth"].split()[1:] == ["part", "1"]
    assert found["BFB"].split()[1:] == ["acronym", "2"]
    assert found["France"] == "table itself"
    assert found["U.S."] == "table known"
    assert found["Harlow"] == "model alone"


def test_a_surname_of_two_tells_whose_it_was_taken_for():
    found = named(
        "Anna Berg came.", "Karl Berg went.", "Berg stayed.", Anna_Berg="PERSON", Karl_Berg="PERSON"
    )
    assert found["Berg"] == "again nearest 2"


REASONS_OF_DATES = (None, "words", "published", "unresolved", "text 2014-03-11", "a maker's own")
REASONS_OF_NAMES = (None, "model itself", "again surname 3", "model part byline", "editor", "own 03")


def test_reasons_are_kept_as_they_are():
    text = "On 3 March Anna Berg came."
    days = tuple(DateMention(3, 10, "3 March", "2014-03-03", FRIDAY, FRIDAY, r) for r in REASONS_OF_DATES)
    names = tuple(
        EntityMention(11, 20, "Anna Berg", "person", "person-anna-berg", "Anna Berg", r)
        for r in REASONS_OF_NAMES
    )
    paragraph = Paragraph("0" * 16, 1, "body", 0, len(text), text, days, names)
    record = Mentions().take([paragraph], [True])[0]
    read = read_record(Place(0, 1, 1, 0, len(text)), text.encode(), record, b"[{},{}]").paragraph
    assert (read.dates, read.entities) == (days, names)


def test_a_reason_costs_an_index_a_few_bytes():
    text = "Anna Berg came."
    bare = EntityMention(0, 9, "Anna Berg", "person", "person-anna-berg", "Anna Berg")
    told = EntityMention(0, 9, "Anna Berg", "person", "person-anna-berg", "Anna Berg", "again surname 3")
    sizes = [
        len(Mentions().take([Paragraph("0" * 16, 1, "body", 0, 15, text, (), (name,))], [False])[0])
        for name in (bare, told)
    ]
    assert 0 < sizes[1] - sizes[0] <= 6


@pytest.mark.parametrize(
    ("value", "words"),
    [
        ("2014-03-11", "11 March 2014"),
        ("2014-03", "March 2014"),
        ("2014-03-11TMO", "11 March 2014"),
        ("1989-Q3", "the third quarter of 1989"),
        ("2013-FA", "the autumn of 2013"),
        ("2014-W10", "week 10 of 2014"),
        ("198", "the 1980s"),
        ("BC0480", "480 BC"),
        ("PRESENT_REF", "PRESENT_REF"),
        ("2014-99", "2014-99"),
        ("<b>", "<b>"),
    ],
)
def test_values_are_said_in_words(value, words):
    assert timex_words(value) == words


def test_reasons_are_said_in_english():
    day = DateMention(0, 1, "x", "2014-03-11", FRIDAY, FRIDAY, "published")
    assert why_date(day, FRIDAY) == "counted from Friday, 14 March 2014, the day of publication"
    day = DateMention(0, 1, "x", "2014-03-12", FRIDAY, FRIDAY, "text 2014-03-11")
    assert why_date(day, None) == "counted from 11 March 2014, which the text names before"
    name = EntityMention(0, 1, "x", "person", "person-x", "X", "again surname 3")
    assert why_name(name).startswith("the surname of the full name in paragraph 3; found because")
    assert why_name(EntityMention(0, 1, "x", "person", "person-x", "X", "model form 0")).startswith(
        "another form of the full name in the headline"
    )


@pytest.mark.parametrize("reason", [None, "", "text", "nonsense", "a b c d", "model <b> 3", "x" * 9])
def test_a_reason_that_nobody_knows_is_no_error(reason):
    assert isinstance(why_date(DateMention(0, 1, "x", None, None, None, reason), None), str)
    assert isinstance(why_name(EntityMention(0, 1, "x", "person", "person-x", "X", reason)), str)


def test_hovering_over_a_date_tells_why():
    day = DateMention(0, 1, "x", "2014-03-11", date(2014, 3, 11), date(2014, 3, 11), "published")
    shown = unescape(marking.annotated("x", (), [day], FRIDAY))
    assert 'title="11 March 2014: counted from Friday, 14 March 2014, the day of publication"' in shown
