"""One paragraph of a megabyte: its beginning is read like any other, and what is kept of it is bounded."""

from __future__ import annotations

from datetime import date

import pytest

from index.dates import find_dates
from index.dates.find import MOST as MOST_DATES
from index.dates.tokens import tokenize
from index.entities import RawName, Recogniser, legible_article, resolve_names, seen_forms
from index.entities.casing import legible
from index.entities.recogniser import MOST as MOST_SPANS
from index.entities.resolve import MOST as MOST_NAMES

DAY = "The vote is on March 3, 2014. "


def test_times_of_a_giant_paragraph_are_kept_up_to_a_number() -> None:
    (found,) = find_dates([DAY * (MOST_DATES + 500)], None)
    assert len(found) == MOST_DATES
    assert found == find_dates([DAY * MOST_DATES], None)[0]
    assert {(m.text, m.first) for m in found} == {("March 3, 2014", date(2014, 3, 3))}


def test_a_paragraph_beside_a_giant_one_keeps_its_times() -> None:
    before, giant, after = find_dates([DAY, DAY * (MOST_DATES + 1), DAY], None)
    assert [m.text for m in before] == [m.text for m in after] == ["March 3, 2014"]
    assert len(giant) == MOST_DATES


def test_tokens_lie_where_they_stand_also_far_into_a_text() -> None:
    text = "On ` March 3, 1998 — Später " * 2_000
    tokens = tokenize(text)
    assert [text[tokens.start(n) : tokens.end(n)] for n in range(len(tokens.words))] == tokens.words
    assert len(tokens.classes) == len(tokens.words)


def test_names_of_a_giant_paragraph_are_kept_up_to_a_number() -> None:
    one = "Anna Berg left. "
    text = one * (MOST_NAMES + 500)
    names = [RawName(at, at + 9, "PERSON") for at in range(0, len(one) * MOST_SPANS, len(one))]
    first, giant, last = resolve_names([one, text, one], [names[:1], names, names[:1]])
    assert [m.text for m in first] == [m.text for m in last] == ["Anna Berg"]
    assert len(giant) == MOST_NAMES
    assert [m.start for m in giant] == list(range(0, len(one) * MOST_NAMES, len(one)))
    assert {m.entity for m in giant} == {first[0].entity}


def test_the_model_reads_on_in_the_paragraphs_behind_a_giant_one() -> None:
    one = "Anna Berg met John Smith in London. "
    many = one * MOST_SPANS
    giant, after = Recogniser().recognise([many, one.strip()])
    assert len(giant) == MOST_SPANS
    assert all(0 <= n.start < n.end <= len(many) for n in giant)
    assert [one[n.start : n.end] for n in after] == ["Anna Berg", "John Smith", "London"]
    assert [many[n.start : n.end] for n in giant[:3]] == ["Anna Berg", "John Smith", "London"]


@pytest.mark.parametrize("head", ["COUNCIL BACKS ANNA BERG", "Council Backs New Anna Berg Plan", "A head"])
def test_only_the_words_that_are_asked_for_are_learnt_and_that_is_enough(head: str) -> None:
    paragraphs = [head, "The council met Anna Berg. A plan of hers backs McArdle.", "Nothing new."]
    forms = seen_forms(paragraphs)
    assert legible_article(paragraphs) == [legible(text, forms) for text in paragraphs]
