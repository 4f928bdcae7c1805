"""Tables that any spreadsheet and any reader of CSV takes as they were meant."""

import csv
import io
from datetime import UTC, date, datetime

from hypothesis import given
from hypothesis import strategies as st

from api.exporting import COLUMNS, csv_lines, entry_of, harmless
from api.feeds import legible, stable_urn
from index.model import DateMention, EntityMention
from search.results import ArticleHead, Hit, Snippet

AT = datetime(2026, 3, 1, 9, tzinfo=UTC)
texts = st.text(st.characters(), max_size=40) | st.from_regex(r"[\\s=+@-]{0,3}.*", fullmatch=True)


def hit(text="The dam held.", headline="Dam Holds", **head):
    told = {
        "id": "a1",
        "headline": headline,
        "published": date(2014, 3, 12),
        "published_by": "inferred",
        "source": "wire.txt",
        "url": None,
        "author": None,
        "publisher": "Meridian News",
        "added": AT,
        "updated": AT,
    }
    days = [
        ("2014-03-11", date(2014, 3, 11), date(2014, 3, 11)),
        ("2013", date(2013, 1, 1), date(2013, 12, 31)),
    ]
    return Hit(
        id="p1",
        ordinal=1,
        kind="body",
        score=0.0,
        text=text,
        snippet=Snippet(text, ()),
        article=ArticleHead(**(told | head)),
        dates=(*(DateMention(0, 1, "x", *day) for day in days), DateMention(0, 1, "x", None, None, None)),
        entities=(
            EntityMention(0, 1, "x", "person", "person-x", "Ann; X"),
            EntityMention(0, 1, "y", "org", "org-y", "Y"),
        ),
    )


def read(*hits):
    body = b"".join(csv_lines(hits, lambda path: f"https://x.example{path}"))
    return list(csv.DictReader(io.StringIO(body.decode("utf-8-sig"), newline=""), strict=True))


@given(texts, texts)
def test_whatever_a_text_holds_it_is_one_cell_that_begins_no_formula(text, headline):
    (row,) = read(hit(text, headline))
    assert tuple(row) == tuple(COLUMNS)
    for cell, meant in ((row["paragraph"], text), (row["headline"], headline)):
        assert cell in (legible(meant), f"'{legible(meant)}")
        assert cell.strip()[:1] not in ("=", "+", "-", "@")


def test_what_is_no_formula_stays_as_it_is():
    for cell in ("a=1", "1-2", "'quoted'", "“-5”", "", "e-mail@x.example"):
        assert harmless(cell) == cell


def test_days_and_names_are_told_once_each():
    (row,) = read(hit())
    assert row["dates"] == "2014-03-11; 2013"
    assert (row["people"], row["organisations"], row["places"]) == ("Ann; X", "Y", "")
    assert row["link"] == "https://x.example/paragraphs/p1"
    assert row["added"] == "2026-03-01T09:00:00Z"


def test_an_entry_is_of_the_article_or_of_the_paragraph():
    whole = entry_of(hit(), str, "dam & co", by_article=True)
    part = entry_of(hit(), str, "x" * 501, by_article=False)
    assert (whole.id, whole.url) == (stable_urn("article", "a1"), "/articles/a1?q=dam+%26+co")
    assert (part.id, part.url) == (stable_urn("paragraph", "p1"), "/articles/a1#p-p1")
    assert whole.summary_html == "<p>12 March 2014 (inferred), Meridian News</p><p>The dam held.</p>"


def test_an_entry_without_times_has_the_articles_day():
    made = entry_of(hit(added=None, updated=None), str, by_article=True)
    assert made.published == made.updated == datetime(2014, 3, 12, tzinfo=UTC)
    made = entry_of(hit(added=None, updated=None, published=None, author=" "), str, by_article=True)
    assert (made.updated.year, made.authors) == (1970, ())
