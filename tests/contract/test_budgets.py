"""A query over its budget is answered all the same, and says what was cut."""

from dataclasses import replace

import pytest

from api.app import create_app
from api.settings import Settings
from search.limits import Limits
from search.request import SearchRequest

TOO_MUCH = "The query asks for too much at once; some of its words were left out."
TOO_LONG = "The query took too long; some of its words were left out."
TINY = replace(Limits(), postings=0.000_02)  # twenty paragraphs


@pytest.fixture
def ask(sample_home):
    opened = []

    def ask(q, limits=None):
        engine = sample_home.engine(limits)
        opened.append(engine)
        return engine.search(SearchRequest(q=q))

    yield ask
    for engine in opened:
        engine.close()


def ids(page):
    return [hit.id for hit in page.hits]


QUERIES = [
    "dam inquiry minister said",
    "dam OR minister OR election",
    '"the prime minister said"',
    '"prime minister"~3 OR strike',
    "minister -dam",
    "(dam OR bridge) (minister OR inquiry)",
    "e* OR s*",
    "headline:the",
    "govermnent~ minister",
]


@pytest.mark.parametrize("q", QUERIES)
def test_within_its_budget_nothing_is_cut(ask, q):
    notes = ask(q).query.notes
    assert not any("left out" in note and "common" not in note for note in notes)


def test_the_commonest_words_of_an_and_are_left_out_first(ask):
    whole, cut = ask("inquiry said"), ask("inquiry said", TINY)
    assert cut.query.notes == (TOO_MUCH,)
    assert cut.paragraphs == ask("inquiry").paragraphs
    assert whole.paragraphs < cut.paragraphs


def test_the_last_alternatives_of_an_or_are_left_out(ask):
    cut = ask("inquiry OR said OR minister", TINY)
    assert TOO_MUCH in cut.query.notes
    assert ids(cut) == ids(ask("inquiry"))


def test_a_phrase_over_budget_is_searched_for_without_its_order(ask):
    cut = ask('"prime minister said"', TINY)
    assert cut.query.notes == (TOO_MUCH,)
    assert cut.paragraphs >= ask('"prime minister said"').paragraphs


def test_a_pattern_stands_for_the_most_frequent_words(ask):
    cut = ask("s*", replace(Limits(), expansion=3))
    (note,) = cut.query.notes
    assert note.startswith("“s” stands for ")
    assert note.endswith("; the 3 most frequent were searched for.")
    assert 0 < cut.paragraphs < ask("s*").paragraphs


def test_too_many_words_to_look_through_are_told(ask):
    cut = ask("*ing", replace(Limits(), scanned=10))
    assert cut.query.notes == ("The index has too many words to look through them all; some were left out.",)


@pytest.mark.parametrize("q", QUERIES)
def test_when_the_time_is_over_what_was_found_is_shown(ask, q):
    page = ask(q, replace(Limits(), seconds=-1.0))
    assert len(page.hits) == min(20, page.paragraphs)
    assert all(hit.score >= 0 for hit in page.hits)


def test_that_the_time_is_over_is_told(ask):
    assert TOO_LONG in ask("dam OR minister", replace(Limits(), seconds=-1.0)).query.notes


def test_words_and_brackets_beyond_the_settings_are_told(ask):
    limits = replace(Limits(), words=2, depth=1)
    page = ask("((dam)) inquiry minister", limits)
    assert page.query.parsed == "dam AND inquiry"
    assert page.query.notes == (
        "Only the first 2 words of the query were searched for.",
        "Brackets more than 1 deep were ignored.",
    )


def test_settings_reach_the_answer_over_http(sample_home):
    settings = Settings.from_env({**sample_home.environ, "DATELINE_MAX_POSTINGS": "0.001"})
    client = create_app(replace(settings, max_postings=0.000_02)).test_client()
    answer = client.get("/api/v1/search", query_string={"q": "inquiry said"})
    assert answer.status_code == 200
    assert answer.json["query"]["notes"] == [TOO_MUCH]


@pytest.mark.parametrize(
    "q",
    [
        " OR ".join(f"{a}{b}*" for a in "abcdefgh" for b in "aeiourst"),
        " ".join(["the"] * 64),
        '"' + "the " * 500 + '"~100',
        "(" * 900 + "a* OR b*" + ")" * 900,
        " ".join(f"-{c}*" for c in "abcdefghijklmnopqrstuvwxyz"),
        " OR ".join(f"wordthatis{n}~2" for n in range(60)),
        "*a*e*i*o*u*" * 20,
        "?" * 300 + "*" * 300,
    ],
    ids=["prefixes", "same", "phrase", "brackets", "nots", "slips", "stars", "marks"],
)
def test_a_query_meant_to_hang_is_answered(ask, q):
    page = ask(q)
    assert page.query.text == q
    assert len(page.hits) == min(20, page.paragraphs)
