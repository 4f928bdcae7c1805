from datetime import date

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api import marking
from index.model import DateMention, EntityMention


def test_marked_text_is_escaped_piece_by_piece():
    text = '<b>"Crimea"</b> & Putin'
    assert marking.marked(text, [(4, 10)]) == "&lt;b&gt;&quot;<mark>Crimea</mark>&quot;&lt;/b&gt; &amp; Putin"


def test_marks_count_characters_not_bytes():
    assert marking.marked("𝒦𝒶 Kerry", [(3, 8)]) == "𝒦𝒶 <mark>Kerry</mark>"


@given(st.text(), st.lists(st.integers(0, 30), max_size=8))
def test_marking_loses_nothing(text, edges):
    cut = sorted({min(edge, len(text)) for edge in edges})
    marks = [(a, b) for a, b in zip(cut[::2], cut[1::2], strict=False) if a < b]
    told = marking.marked(text, marks)
    assert told.replace("<mark>", "").replace("</mark>", "").unescape() == text
    assert told.count("<mark>") == len(marks)


def test_a_mark_across_an_annotation_is_taken_apart():
    name = EntityMention(4, 14, "John Kerry", "person", "john-kerry", "John <Kerry>")
    assert marking.annotated("the John Kerry way", [(0, 8), (9, 18)], [name]) == (
        '<mark>the </mark><span class="note name" title="John &lt;Kerry&gt; (person)">'
        "<mark>John</mark> <mark>Kerry</mark></span><mark> way</mark>"
    )


def test_of_overlapping_annotations_the_first_and_longer_stays():
    day = DateMention(0, 10, "April 2014", "2014-04", date(2014, 4, 1), date(2014, 4, 30))
    name = EntityMention(0, 5, "April", "person", "april", "April")
    assert marking.annotated("April 2014", (), [name, day]) == (
        '<time class="note" datetime="2014-04" title="April 2014">April 2014</time>'
    )


@pytest.mark.parametrize(
    ("first", "last", "expected"),
    [
        (
            date(2013, 9, 1),
            date(2013, 11, 30),
            '<span class="note" title="September 2013 to November 2013">x</span>',
        ),
        (None, None, '<span class="note" title="not tied to a day">x</span>'),
        (date(14, 1, 1), date(14, 12, 31), '<time class="note" datetime="0014" title="14">x</time>'),
    ],
)
def test_what_a_time_element_cannot_say_is_a_span(first, last, expected):
    assert marking.annotated("x", (), [DateMention(0, 1, "x", None, first, last)]) == expected
