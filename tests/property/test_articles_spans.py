"""Whatever the text: spans are verbatim and in order, ids are single, time is linear."""

from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.articles import split_articles
from index.model import Document

LINES = st.sampled_from(
    [
        "Council Votes to Close Old River Bridge",
        "BACKGROUND",
        "By Jane Doe",
        "* * *",
        "=====",
        "Title: A Bridge",
        "",
        "",
        "LONDON (AP) — The council met on Monday.",
        "The council voted on Monday to close the bridge.",
        "- item",
        "Document 3 of 10",
        "> quoted",
        "(Reuters)",
        "ENDS",
        "\x0c",
        "\u00a0",
        "\tFile photo: Ida",
        "SPORT",
        "lower case",
        "Published: March 3, 2015",
        "Ida Moe addresses the hall.",
        "Ida Moe, addresses the hall.",
        "A 2, B 1",
        "\u200b",
    ]
)
TEXTS = st.one_of(
    st.text(max_size=400),
    st.lists(st.one_of(LINES, st.text(max_size=30)), max_size=40).flatmap(
        lambda lines: st.sampled_from(["\n", "\r\n", "\n\n", "\r"]).map(lambda end: end.join(lines))
    ),
)
WORDS = st.sampled_from("council bridge mayor river storm harbour market teacher winter vote".split())


@st.composite
def story(draw: st.DrawFn) -> str:
    title = " ".join(word.title() for word in draw(st.lists(WORDS, min_size=5, max_size=9))) + " Says Report"
    bodies = draw(st.lists(st.lists(WORDS, min_size=9, max_size=25), min_size=2, max_size=4))
    return "\n\n".join([title, *(f"The {' '.join(words)} {n}." for n, words in enumerate(bodies))])


def split(text: str):
    return split_articles(Document("file:///x", "x", "text", text))


@settings(max_examples=300, deadline=None)
@given(TEXTS)
def test_spans_are_verbatim_ascending_and_apart(text):
    articles = split(text)
    paragraphs = [p for article in articles for p in article.paragraphs]
    for paragraph in paragraphs:
        assert 0 <= paragraph.start < paragraph.end <= len(text)
        assert paragraph.text == text[paragraph.start : paragraph.end] == paragraph.text.strip()
    assert all(one.end <= other.start for one, other in pairwise(paragraphs))
    assert len({p.id for p in paragraphs}) == len(paragraphs)
    assert len({a.id for a in articles}) == len(articles)
    assert all(a.paragraphs and a.boundary for a in articles)
    assert articles == split(text)


@settings(max_examples=60, deadline=None)
@given(st.lists(story(), min_size=3, max_size=6, unique=True), st.data())
def test_a_new_article_moves_no_other(stories, data):
    left_out = data.draw(st.integers(1, len(stories) - 1))
    before = split("\n\n".join(s for n, s in enumerate(stories) if n != left_out))
    after = split("\n\n".join(stories))
    assert {p.id for a in before for p in a.paragraphs} <= {p.id for a in after for p in a.paragraphs}


@pytest.mark.parametrize(
    "text",
    [
        "\n" * 1_000_000,
        "A" * 1_000_000,
        "ABC " * 250_000,
        " " * 1_000_000 + "x",
        "LONDON " * 140_000,
        "Abc Def Ghi Jkl Mno\n\n" * 10_000,
        "lower case that is wrapped here\n" * 30_000,
        "((" * 500_000,
    ],
    ids=["newlines", "letters", "capitals", "spaces", "places", "titles", "wrapped", "brackets"],
)
def test_a_megabyte_takes_no_longer_than_seconds(text):
    start = time.perf_counter()
    split(text)
    assert time.perf_counter() - start < 5
