"""Copies of a text are one story whatever newsrooms did to them; other stories are not."""

import re
from datetime import date, timedelta

import pytest

from index.columns import writer
from index.store import StoreWriter
from search.whoosh_engine import WhooshEngine
from tests.wire import DAM, FERRY, REWRITE, article, market


def commit(path, *articles):
    with StoreWriter(path) as store:
        for made in articles:
            store.put(made.document, f"{made}", [made])


@pytest.fixture
def told(tmp_path):
    """Put articles in, a commit a call, and tell the stories: names, by the name of the first."""
    engine, names = WhooshEngine(tmp_path / "index"), {}

    def tell(*articles):
        names.update({a.id: a.document for a in articles})
        commit(tmp_path / "index", *articles)
        engine.look_again()
        stories = {}
        for id_, name in names.items():
            stories.setdefault(names[engine.story_of(id_)], set()).add(name)
        return {first: "".join(sorted(found)) for first, found in sorted(stories.items())}

    yield tell
    engine.close()


EDITED = {
    "trimmed to its beginning": DAM[:2],
    "trimmed to its end": DAM[2:],
    "trimmed in the middle": (*DAM[:1], *DAM[3:]),
    "in another order": DAM[::-1],
    "in capitals": [text.upper() for text in DAM],
    "wrapped anew": re.findall(r"(?:\S+\s+){1,29}\S+", " ".join(DAM)),
    "on narrow lines": [text.replace(" ", "\n", 7) for text in DAM],
    "with other quotation marks and dashes": [re.sub('"', "”", t).replace(" - ", " — ") for t in DAM],
    "with a byline and another agency": (
        "By JANE DOE, Staff Writer",
        DAM[0].replace("(Meridian) - ", "(Harbour News) "),
        *DAM[1:],
        "Copyright 2024 Harbour News.",
    ),
    "spelt in another way": [
        text.replace("metres", "meters").replace("programme", "program").replace("asked for", "demanded")
        for text in DAM
    ],
    "with a lead of its own": (
        "Families below the Calder dam spent an anxious night as engineers worked to lower the lake.",
        *DAM[:4],
    ),
    "with a correction": [text.replace("1,200", "1,400") for text in DAM],
}


@pytest.mark.parametrize("edited", EDITED.values(), ids=EDITED)
def test_a_copy_is_recognised(told, edited):
    first = article("a", DAM, headline="Calder dam lowered after cracks are found")
    copy = article("b", edited, headline="Thousands flee", minute=5)
    assert told(first, copy, article("c", FERRY, minute=6)) == {"a": "ab", "c": "c"}


OTHER = {
    "a later story that repeats its background": REWRITE,
    "a story of the same event": (
        "Villagers below the Calder dam said they heard sirens only an hour after police cars had come.",
        "Inspectors found cracks in two of its eleven spillway gates on Monday, according to a letter.",
        "The shopkeeper in Lower Calder sold out of batteries and bread by noon.",
    ),
    "the same headline": FERRY,
}


@pytest.mark.parametrize("texts", OTHER.values(), ids=OTHER)
def test_another_story_is_none(told, texts):
    headline = "Calder dam lowered after cracks are found"
    made = article("a", DAM, headline=headline), article("b", texts, headline=headline, minute=5)
    assert told(*made) == {"a": "a", "b": "b"}


@pytest.mark.parametrize("apart", [1, 7])
def test_reports_on_one_form_are_not_copies(told, apart):
    first = article("a", market("800", "March 4", "525", "115", "300"), day=date(2024, 3, 4))
    day = date(2024, 3, 4) + timedelta(apart)
    again = article("b", market("350", f"March {4 + apart}", "610", "90", "45"), day=day, minute=9)
    same = article("c", market("800", "March 4", "525", "115", "300"), day=date(2024, 3, 5), minute=10)
    assert told(first, again, same) == {"a": "ac", "b": "b"}


def test_a_digest_makes_no_two_stories_one(told):
    digest = article("z", [*DAM[:3], *FERRY], minute=1)
    assert told(article("a", DAM), article("b", FERRY), digest) == {"a": "a", "b": "bz"}
    assert told(article("y", DAM[1:], minute=2)) == {"a": "ay", "b": "bz"}


def test_what_comes_later_never_renames_a_story(told):
    late = article("b", DAM[:3], minute=5, day=date(2024, 3, 6))
    assert told(late) == {"b": "b"}
    assert told(article("c", DAM, minute=6, day=date(2024, 3, 5))) == {"b": "bc"}
    assert told(article("a", DAM[1:], minute=7, day=None)) == {"b": "abc"}


def test_of_articles_added_together_the_one_published_first_is_the_first(told):
    made = [article(name, DAM, day=day) for name, day in (("a", None), ("b", date(2024, 3, 6)))]
    assert told(*made, article("c", DAM, day=date(2024, 3, 5))) == {"c": "abc"}


def test_an_article_that_changed_is_looked_at_anew(told):
    first, copy = article("a", DAM), article("b", DAM[:4], minute=5)
    assert told(first, copy) == {"a": "ab"}
    assert told(article("b", FERRY, minute=5)) == {"a": "a", "b": "b"}
    assert told(article("a", REWRITE), article("c", FERRY[:2], minute=9)) == {"a": "a", "b": "bc"}


def test_a_story_whose_first_article_went_goes_by_the_next(tmp_path):
    made = [article(name, DAM, minute=n) for n, name in enumerate("abc")]
    commit(tmp_path, *made)
    with WhooshEngineOf(tmp_path) as engine:
        assert {engine.story_of(a.id) for a in made} == {made[0].id}
        with StoreWriter(tmp_path) as store:
            store.delete("a")
        engine.look_again()
        assert {engine.story_of(a.id) for a in made[1:]} == {made[1].id}


class WhooshEngineOf:
    """An engine for a while."""

    def __init__(self, path):
        self._engine = WhooshEngine(path)

    def __enter__(self):
        return self._engine

    def __exit__(self, *_):
        self._engine.close()


def test_a_merge_of_segments_changes_no_story(tmp_path, monkeypatch):
    texts = [DAM, FERRY, REWRITE, DAM[:3], FERRY[:2], DAM[1:]]
    made = [article(str(n), text, minute=n) for n, text in enumerate(texts)]
    stories = []
    for fanout, name in ((100, "several"), (2, "merged")):
        monkeypatch.setattr(writer, "FANOUT", fanout)
        for one in made:
            commit(tmp_path / name, one)
        with WhooshEngineOf(tmp_path / name) as engine:
            stories.append([engine.story_of(a.id) for a in made])
    assert stories[0] == stories[1] == [made[n].id for n in (0, 1, 2, 0, 1, 0)]
