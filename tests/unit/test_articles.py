"""A dump → its articles: boundaries, headlines and the marks of agencies."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from index.articles import split_articles
from index.model import Article, Block, Document, Metadata

SEED = Path(__file__).parents[2] / "../shared/seed/two-articles.txt"

BODY = (
    "The council voted on Monday to close the bridge after engineers found cracks in two supports, it said.",
    "Residents said they had warned the council for months, and that nobody had come to look at it.",
    "“We were told that it was safe,” said Maria Keller, who runs a bakery on the bank of the river.",
    "The mayor, Tom Alder, said that repairs would cost 4 million euros and take until the autumn of 2016.",
)
TITLES = (
    "Council Votes to Close Old River Bridge",
    "Storm Damage in Coastal Towns Worse Than Feared",
    "Kerling Meets Pavlo in Halden",
    "Two Dead in Train Crash Near Halden",
    "Minister Quits Over Leaked Letter",
    "Why the Fishing Fleet Is Staying in Port This Winter",
    "Teachers Reject Pay Offer, Plan Strike",
    "U.S. Says Talks With Island Will Resume in May",
    "Football: Halden Rovers Win Cup After 40 Years",
    "Prices Rise for a Third Month, Bank Warns",
    "Museum Opens Doors to Night Visitors",
)
WIRE = (
    ("Minister resigns over leaked letter", "HALDEN, May 12 (Reuters) - "),
    ("Storm kills three on the coast", "OSLO (AP) — "),
    ("Teachers to strike for second week", "NEW YORK, March 3, 2015 — "),
    ("Bank raises rates, warns of slowdown", "PARIS/BERLIN, Jan 5 (AFP) - "),
    ("Rovers win the cup", "LONDON | "),
)
SENTENCES = tuple(headline for headline, _ in WIRE)


def body(number: int) -> list[str]:
    return [BODY[(number + k) % 4].replace("the", f"the {chr(65 + number)}", 1) for k in range(4)]


def split(text: str) -> tuple[Article, ...]:
    return split_articles(Document("file:///dump.txt", "dump.txt", "text", text))


def headlines(text: str) -> list[str | None]:
    return [article.headline for article in split(text)]


def kinds(article: Article) -> list[str]:
    return [paragraph.kind for paragraph in article.paragraphs]


def with_crossheads() -> str:
    crossheads = ("Background", "A Long Road Ahead", "What happens next?", "The Road to Recovery")
    stories = []
    for number, title in enumerate(TITLES):
        paragraphs = body(number)
        paragraphs.insert(2, crossheads[number % 4])
        stories.append("\n\n".join([title, *paragraphs]))
    return "\n\n".join(stories)


def test_the_seed_has_two_articles_and_22_paragraphs():
    if not SEED.exists():
        pytest.skip("the seed document is not beside this checkout")
    first, second = split(SEED.read_text("utf-8"))
    assert kinds(first) == ["headline"] + ["body"] * 11
    assert kinds(second) == ["headline", "caption"] + ["body"] * 8
    assert second.paragraphs[1].text == "State Department Spokeswoman, Jen Psaki addresses reporters."
    assert "title case" in second.boundary


def test_a_caption_pasted_twice_under_a_second_headline():
    text = (
        "Harbour Plan Divides the Town\n\n"
        "TheMayor, Tom Alder, defended the plan on Tuesday before a full hall.\n\n"
        "It was the third meeting since the spring.\n\nCouncil Says Harbour Plan Is Final\n\n"
        "Council Speaker, Ida Moe addresses the hall.\nCouncil Speaker, Ida Moe, addresses the hall.\n\n"
        "The council said on Tuesday, March 11 that it would not vote again on the plan for the harbour."
    )
    first, second = split(text)
    assert kinds(first) == ["headline", "body", "body"]
    assert kinds(second) == ["headline", "caption", "body"]
    assert [p.ordinal for p in second.paragraphs] == [0, 1, 2]
    assert first.paragraphs[1].text.startswith("TheMayor")


def test_crossheads_stay_inside_their_articles():
    articles = split(with_crossheads())
    assert [a.headline for a in articles] == list(TITLES)
    assert {kinds(a)[3] for a in articles} == {"heading"}


@pytest.mark.parametrize(
    "change",
    [
        lambda text: text.replace("\n", "\r\n"),
        lambda text: text.replace("\n\n", "\n\u00a0\n"),
        lambda text: text.replace("\n\n", "\n \t\n"),
        lambda text: text.replace("\n\n", "\n"),
        lambda text: text.replace("\n\n", "\n\n\n"),
        lambda text: "\ufeff" + text + "\n\n\n",
    ],
)
def test_line_ends_and_blank_lines_of_any_kind(change):
    assert headlines(change(with_crossheads())) == list(TITLES)


def test_capitals_with_bylines_and_crossheads_in_capitals():
    stories = []
    for number, title in enumerate(TITLES):
        paragraphs = body(number)
        paragraphs.insert(2, "BACKGROUND")
        stories.append("\n\n".join([title.upper(), "By JANE DOE and John Roe, Staff Writers", *paragraphs]))
    articles = split("\n\n\n".join(stories))
    assert [a.headline for a in articles] == [title.upper() for title in TITLES]
    assert {a.byline for a in articles} == {"By JANE DOE and John Roe, Staff Writers"}
    assert all(len(a.paragraphs) == 6 for a in articles)
    assert "followed by a byline" in articles[3].boundary


def test_wire_copy_wrapped_by_hand():
    stories = []
    for number, (headline, dateline) in enumerate(WIRE):
        first, *rest = body(number)
        stories.append("\n\n".join([headline, *(textwrap.fill(p, 68) for p in (dateline + first, *rest))]))
    articles = split("\n\n".join(stories))
    assert [a.headline for a in articles] == list(SENTENCES)
    assert all(kinds(a) == ["headline"] + ["body"] * 4 for a in articles)
    assert [a.dateline for a in articles] == [
        "HALDEN, May 12 (Reuters)",
        "OSLO (AP)",
        "NEW YORK, March 3, 2015",
        "PARIS/BERLIN, Jan 5 (AFP)",
        "LONDON",
    ]
    assert [a.agency for a in articles] == ["Reuters", "AP", None, "AFP", None]
    assert articles[0].paragraphs[1].text.startswith("HALDEN, May 12 (Reuters) - ")
    assert articles[1].boundary.endswith("followed by a dateline")


def test_paragraphs_marked_by_indentation_alone():
    stories = [
        headline + "\n" + "\n".join(textwrap.fill(p, 60, initial_indent="    ") for p in body(number))
        for number, headline in enumerate(TITLES)
    ]
    articles = split("\n\n".join(stories))
    assert [a.headline for a in articles] == list(TITLES)
    assert all(len(a.paragraphs) == 5 for a in articles)


@pytest.mark.parametrize(
    "separator", ["\n\n* * *\n\n", "\n=====\n", "\n\n----------\n\n", "\n\x0c\n", "\n\nENDS\n\n"]
)
def test_explicit_separators(separator):
    text = separator.join("\n\n".join([h, *body(n)]) for n, h in enumerate(SENTENCES))
    articles = split(text)
    assert [a.headline for a in articles] == list(SENTENCES)
    assert all(len(a.paragraphs) == 5 for a in articles)


def test_a_row_of_stars_inside_a_story_is_no_boundary():
    text = "\n\n".join([TITLES[0], *body(0), "* * *", *body(1)])
    assert headlines(text) == [TITLES[0]]


def test_numbered_documents_with_a_head_over_the_headline():
    text = "".join(
        f"Document {n + 1} of 5\n\nThe Halden Post\n\nMarch {n + 3}, 2015 Tuesday\n\n{h}\n\n"
        f"BYLINE: Jane Doe\n\nLENGTH: 345 words\n\n" + "\n\n".join(body(n)) + "\n\n"
        for n, h in enumerate(SENTENCES)
    )
    articles = split(text)
    assert [a.headline for a in articles] == list(SENTENCES)
    assert articles[1].byline == "Jane Doe"
    assert "March 4, 2015" in articles[1].metadata.extra["preamble"]
    assert "numbered" in articles[1].boundary


def test_labelled_headlines():
    text = "\n\n".join(
        f"Title: {h}\nDate: 2015-03-01\n\n" + "\n\n".join(body(n)) for n, h in enumerate(SENTENCES)
    )
    articles = split(text)
    assert [a.headline for a in articles] == list(SENTENCES)
    assert articles[2].paragraphs[1].text == "Date: 2015-03-01"


def test_results_lists_and_tables_are_no_headlines_and_not_merged():
    rows = "Team A 2, Team B 1\nTeam A 2, Team C 1\nTeam D 0, Team E 0"
    items = "- Close the bridge\n- Repair the supports\n- Open it again"
    text = "\n\n".join([TITLES[0], BODY[0], rows, BODY[1], items, BODY[2]])
    (article,) = split(text)
    assert len(article.paragraphs) == 10


def test_a_section_name_over_a_headline_is_in_neither_story():
    text = "\n\n".join("\n\n".join(["SPORT", t, *body(n)]) for n, t in enumerate(TITLES))
    articles = split(text)
    assert [a.headline for a in articles] == list(TITLES)
    assert all(p.text != "SPORT" for a in articles for p in a.paragraphs)


def test_a_deck_under_a_headline_is_no_story():
    text = "\n\n".join(
        "\n\n".join([t, "The decision follows months of argument", *body(n)]) for n, t in enumerate(TITLES)
    )
    assert headlines(text) == list(TITLES)


def test_a_text_without_a_headline_is_one_article_that_begins_at_ordinal_1():
    (article,) = split("\n\n".join(BODY))
    assert article.headline is None
    assert [p.ordinal for p in article.paragraphs] == [1, 2, 3, 4]


@pytest.mark.parametrize("text", ["", " \n\t\n", "\ufeff"])
def test_nothing_gives_no_article(text):
    assert split(text) == ()


def test_a_closing_mark_and_credits():
    text = "\n\n".join([TITLES[0], *BODY[:2], "The vote is on Friday. (Reuters)"])
    assert split(text)[0].agency == "Reuters"
    text = "\n\n".join([TITLES[0], *BODY[:2], "(Reporting by Jane Doe; Editing by John Roe)"])
    (article,) = split(text)
    assert article.byline == "(Reporting by Jane Doe; Editing by John Roe)"
    assert len(article.paragraphs) == 3


def test_a_document_with_blocks_is_one_article():
    text = "Head\n\nOne line is here.\n\nOne line is here.\n\nOther."
    blocks = (Block(0, 4, "headline"), Block(6, 23, "body"), Block(25, 42, "body"), Block(44, 50, "body"))
    metadata = Metadata(extra={"dateline": "SALVADOR, Feb 26 (AP) -"}, author="Jane Doe")
    (article,) = split_articles(Document("id:1", "x", "jsonlines", text, metadata, blocks))
    assert kinds(article) == ["headline", "caption", "body"]
    assert article.dateline == "SALVADOR, Feb 26 (AP)"
    assert article.agency == "AP"


def test_ids_outlive_a_new_article_in_the_dump():
    stories = ["\n\n".join([t, *body(n)]) for n, t in enumerate(TITLES)]
    before = split("\n\n".join(stories[:3] + stories[4:]))
    after = split("\n\n".join(stories))
    ids = {p.id for a in after for p in a.paragraphs}
    assert {p.id for a in before for p in a.paragraphs} <= ids
    assert len(ids) == sum(len(a.paragraphs) for a in after)


def test_exact_copies_of_a_story_have_ids_of_their_own():
    story = "\n\n".join([TITLES[0], *BODY])
    one, other = split(story + "\n\n" + story)
    assert one.id != other.id
