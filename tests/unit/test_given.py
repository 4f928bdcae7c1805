"""What a document's editors say of its names and times wins over what is guessed."""

from datetime import date
from pathlib import Path

import pytest

from api.explaining import why_date, why_name
from index.dates import find_dates, with_given
from index.entities import RawName, Told, called, resolve_names
from index.given import in_paragraphs
from index.model import Given, GivenMark, GivenName, Paragraph
from index.pipeline import Analyser, Options
from index.readers import read_bytes
from index.store import StoreWriter
from search.whoosh_engine import WhooshEngine

DATA = Path(__file__).parents[1] / "data" / "formats"


def mark(text, words, kind, name=None, id_=None, value=None, at=0):
    start = text.index(words, at)
    return GivenMark(start, start + len(words), kind, name, id_, value)


def names(paragraphs, marks=(), listed=(), raw=None):
    found = raw or [[] for _ in paragraphs]
    marks = [*marks, *([()] * (len(paragraphs) - len(marks)))]
    mentions = resolve_names(paragraphs, found, told=Told(marks, listed))
    for text, some in zip(paragraphs, mentions, strict=True):
        assert all(m.text == text[m.start : m.end] for m in some)
    return [(m.text, m.kind, m.entity, m.reason) for some in mentions for m in some]


def test_a_mark_wins_over_the_models_word_and_the_same_words_follow():
    text = "Lincoln Park Zoo opened. Visitors came to Lincoln Park Zoo early."
    raw = [[RawName(0, 12, "GPE"), RawName(42, 58, "PERSON")]]
    assert names([text], [[mark(text, "Lincoln Park Zoo", "org")]], raw=raw) == [
        ("Lincoln Park Zoo", "org", "org-lincoln-park-zoo", "given itself"),
        ("Lincoln Park Zoo", "org", "org-lincoln-park-zoo", "given itself"),
    ]


def test_a_marks_full_name_is_its_entity_and_surnames_elsewhere_follow():
    one, two = "The senator arrived late.", "Berg said nothing. The model takes Berg for a town."
    raw = [[], [RawName(0, 4, "GPE"), RawName(35, 39, "GPE")]]
    assert names([one, two], [[mark(one, "The senator", "person", "Berg, Anna")]], raw=raw) == [
        ("The senator", "person", "person-anna-berg", "given told"),
        ("Berg", "person", "person-anna-berg", "model surname 1"),
        ("Berg", "person", "person-anna-berg", "model surname 1"),
    ]


def test_marks_of_one_identifier_are_one_entity():
    one, two = "Grace Okafor spoke.", "The minister left."
    marks = [[mark(one, "Grace Okafor", "person", id_="p7")], [mark(two, "The minister", "person", id_="p7")]]
    assert [m[2] for m in names([one, two], marks)] == ["person-grace-okafor", "person-grace-okafor"]


def test_words_without_a_name_that_nobody_gives_are_no_name():
    text = "the president spoke to reporters."
    assert names([text], [[mark(text, "the president", "person")]]) == []


def test_namesakes_of_one_document_stay_one_entity_whatever_their_identifiers():
    text = "John Smith met John Smith."
    marks = [[mark(text, "John Smith", "person", id_="1"), mark(text, "John Smith", "person", id_="2", at=5)]]
    assert {m[2] for m in names([text], marks)} == {"person-john-smith"}


def test_two_marks_of_the_same_words_keep_their_own_kinds():
    text = "Denzel Washington flew to Washington."
    marks = [[mark(text, "Denzel Washington", "person"), mark(text, "Washington", "place", at=20)]]
    assert [m[:2] for m in names([text], marks)] == [("Denzel Washington", "person"), ("Washington", "place")]


def test_a_listed_name_gives_its_kind_to_what_the_text_has_of_it():
    paragraphs = ["Okafor met the NRC in Kasara.", "The Northern Rivers Commission pays, Ms. Okafor said."]
    listed = (
        GivenName("person", "Okafor, Grace"),
        GivenName("org", "Northern Rivers Commission"),
        GivenName("place", "Kasara, Norland"),
    )
    raw = [[RawName(0, 6, "ORG"), RawName(22, 28, "PERSON")], [RawName(4, 18, "PERSON")]]
    assert names(paragraphs, listed=listed, raw=raw) == [
        ("Okafor", "person", "person-grace-okafor", "model told"),
        ("NRC", "org", "org-northern-rivers-commission", "given acronym 2"),
        ("Kasara", "place", "place-kasara", "model itself"),
        ("Northern Rivers Commission", "org", "org-northern-rivers-commission", "given itself"),
        ("Okafor", "person", "person-grace-okafor", "again told"),
    ]


def test_a_listed_name_is_the_name_of_another_form_of_it():
    paragraphs = ["Donald J. Reyes spoke.", "Reyes left."]
    raw = [[RawName(0, 15, "PERSON")], [RawName(0, 5, "PERSON")]]
    found = names(paragraphs, listed=(GivenName("person", "Donald Reyes"),), raw=raw)
    assert [m[2] for m in found] == ["person-donald-reyes", "person-donald-reyes"]
    assert found[0][3] == "model told"


def test_a_listed_name_that_the_text_does_not_have_is_no_mention():
    assert names(["Nothing of it stands here."], listed=(GivenName("person", "Grace Okafor"),)) == []


def test_a_surname_that_is_a_known_place_is_left_to_the_text():
    text = "He flew to Jordan on Monday."
    raw = [[RawName(11, 17, "GPE")]]
    assert names([text], listed=(GivenName("person", "Vernon Jordan"),), raw=raw)[0][:2] == (
        "Jordan",
        "place",
    )


def test_a_surname_that_is_a_word_is_not_found_in_words():
    text = "In May the price rose, and May be that was right."
    assert (
        names([text], listed=(GivenName("person", "Theresa May"), GivenName("person", "Leontyne Price")))
        == []
    )


@pytest.mark.parametrize(
    ("kind", "name", "display"),
    [
        ("person", "Kerry, John F.", "John F. Kerry"),
        ("person", "John Kerry, Jr.", "John Kerry, Jr."),
        ("person", "John Kerry, Secretary of State", "John Kerry"),
        ("person", "Secretary John Kerry", "John Kerry"),
        ("person", "Vice-President, Yang Yang", "Yang Yang"),
        ("person", "OKAFOR", "Okafor"),
        ("org", "Acme Widget Sales Inc", "Acme Widget Sales"),
        ("place", "New York, NY", "New York"),
        ("place", "U.S.", "United States"),
        ("place", "Oslo", "Oslo"),
    ],
)
def test_an_editors_name_is_called_as_everywhere(kind, name, display):
    assert called(kind, name) == display


def test_a_marked_time_has_its_editors_value():
    text = "He came on Tuesday, March 11, and left in March."
    found = find_dates([text], date(2003, 5, 1))[0]
    assert [(m.text, m.timex) for m in found] == [("Tuesday, March 11", "2003-03-11"), ("March", "2003-03")]
    told = with_given(text, found, [mark(text, "March 11", "date", value="2014-03-11")])
    assert [(m.text, m.timex, m.reason) for m in told] == [
        ("March 11", "2014-03-11", "given"), ("March", "2003-03", found[1].reason),
    ]  # fmt: skip
    assert (told[0].first, told[0].last) == (date(2014, 3, 11), date(2014, 3, 11))
    assert why_date(told[0], None) == "the source’s editors marked it with this value"


@pytest.mark.parametrize("value", [None, "", "soon", "2014-02-30", "20140311", "9" * 30])
def test_a_value_that_is_none_changes_nothing(value):
    text = "He came on March 11, 2014."
    found = find_dates([text], None)[0]
    assert with_given(text, found, [mark(text, "March 11, 2014", "date", value=value)]) == found


def test_marks_are_sorted_by_paragraph_and_those_that_cross_or_overlap_go():
    text = "Ana Berg spoke.\n\nTom Alder left."
    paragraphs = [
        Paragraph("a", 0, "headline", 0, 15, text[:15]), Paragraph("b", 1, "body", 17, 32, text[17:]),
    ]  # fmt: skip
    marks = (
        GivenMark(17, 26, "person"), GivenMark(0, 8, "person"), GivenMark(4, 8, "org"),
        GivenMark(9, 20, "org"),
        GivenMark(5, 5, "org"), GivenMark(40, 50, "org"), GivenMark(27, 31, "date", value="2014"),
    )  # fmt: skip
    found = in_paragraphs(Given(marks), paragraphs)
    assert found.names == ((GivenMark(0, 8, "person"),), (GivenMark(0, 9, "person"),))
    assert found.dates == ((), (GivenMark(10, 14, "date", value="2014"),))


def test_a_story_goes_into_the_index_with_what_its_editors_said(tmp_path):
    (document,) = read_bytes((DATA / "story.nitf").read_bytes(), "story")
    (made,) = Analyser(Options()).analyse([document])
    with StoreWriter(tmp_path) as store:
        store.put(made.document, made.digest, made.articles)
    view = WhooshEngine(tmp_path).article(made.articles[0].id)
    assert view.head.published == date(2014, 3, 11)
    told = {(m.text, m.entity, m.reason) for hit in view.paragraphs for m in hit.entities}
    assert {
        ("Grace Okafor", "person-grace-n-okafor", "given told"),
        ("Okafor", "person-grace-n-okafor", "model told"),
        ("NRC", "org-northern-rivers-commission", "given acronym 2"),
        ("Washington", "person-washington", "given alone"),
    } <= told
    times = {(m.text, m.timex, m.reason) for hit in view.paragraphs for m in hit.dates}
    assert {("on Tuesday", "2014-03-11", "given"), ("autumn", "2013-09", "given")} <= times
    said = {why_name(m) for hit in view.paragraphs for m in hit.entities if m.reason == "given told"}
    assert said == {"the source’s editors say whose name it is; marked or listed by the source’s editors"}


def test_many_marks_and_names_of_one_paragraph():
    words = [f"Ana Berg{n % 50} spoke to Tom Alder{n % 70}." for n in range(300)]
    at, marks = 0, []
    for sentence in words:
        marks.append(GivenMark(at, at + sentence.index(" spoke"), "person", id=f"i{len(marks) % 9}"))
        at += len(sentence) + 1
    listed = tuple(GivenName("person", f"Person Number{n}") for n in range(500))
    text = " ".join(words)
    (found,) = resolve_names([text], [[]], told=Told([marks], listed))
    assert [m.text for m in found if m.reason.startswith("given")] == [text[m.start : m.end] for m in marks]
