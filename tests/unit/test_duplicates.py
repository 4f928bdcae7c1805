"""Names that look alike: what is offered as one, what is not, and on what an entity rests."""

from datetime import date

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.entities.ids import entity_id
from index.errors import NotFoundError
from index.model import ENTITY_KINDS, Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search import evidence
from search.evidence import _cut
from search.whoosh_engine import WhooshEngine


def build(path, *named):
    """An index in which each (kind, name, count) is named in so many paragraphs."""
    with StoreWriter(path) as store:
        for kind, name, count in named:
            for n in range(count):
                id_ = stable_id(kind, name, str(n))
                text = f"{name} {n}"
                mention = EntityMention(0, len(name), name, kind, entity_id(kind, name), name)
                body = Paragraph(stable_id(id_, text), 0, "body", 0, len(text), text, (), (mention,))
                store.put(id_, "x", [Article(id_, id_, "w", None, "t", (body,), Publication(None, None))])
    return WhooshEngine(path)


def pairs(engine):
    known = engine.known_entity
    return {(known(p.large).name, known(p.small).name): p.why for p in engine.duplicates()}


@pytest.mark.parametrize(
    ("kind", "large", "small", "why"),
    [
        ("person", "John Kerry", "Kerry", "only full name here with this surname"),
        ("person", "John Kerry", "J. Kerry", "may be short for"),
        ("person", "John Kerry", "J. F. Kerry", "may be short for"),
        ("person", "John Kerry", "John F. Kerry", "with and without a name between"),
        ("person", "Tariq Aziz", "Tareq Aziz", "spelt nearly the same"),
        ("person", "Viktor Yanukovych", "Viktor Yanukovich", "spelt nearly the same"),
        ("person", "Kim Il Sung", "Kim Ilsung", "same letters"),
        ("person", "Anna Berg", "Berg Anna", "another order"),
        ("org", "United Nations", "UN", "first letters"),
        ("org", "Department of Justice", "DOJ", "first letters"),
        ("org", "National Dockers’ Union", "N.D.U.", "first letters"),
        ("org", "Acme", "Acme Holdings Inc.", "Group or Inc"),
        ("place", "United Arab Emirates", "UAE", "first letters"),
        ("place", "Kyrgyzstan", "Kyrgystan", "spelt nearly the same"),
    ],
)
def test_what_looks_alike(tmp_path, kind, large, small, why):
    found = pairs(build(tmp_path / "i", (kind, large, 3), (kind, small, 1), (kind, "Somebody Else", 2)))
    assert list(found) == [(large, small)]
    assert why in found[large, small]


@pytest.mark.parametrize(
    ("kind", "one", "other"),
    [
        ("person", "Mario Rossi", "Maria Rossi"),
        ("person", "John Kerry", "Teresa Kerry"),
        ("person", "John Kerry", "John Kerry Jr."),
        ("person", "Anna Berg", "Anna Borg"),
        ("place", "North Korea", "South Korea"),
        ("place", "Iran", "Iraq"),
        ("org", "Group 4", "Group 5"),
        ("org", "United Nations", "UNO"),
    ],
)
def test_what_does_not(tmp_path, kind, one, other):
    assert pairs(build(tmp_path / "i", (kind, one, 3), (kind, other, 1))) == {}


def test_a_surname_that_several_have_alike_is_offered_for_none(tmp_path):
    named = [("person", f"{first} Bush", 2) for first in ("George", "Jeb", "Laura")]
    assert pairs(build(tmp_path / "i", *named, ("person", "Bush", 5))) == {}


def test_one_name_of_two_kinds(tmp_path):
    found = pairs(build(tmp_path / "i", ("org", "Golden Heron", 3), ("place", "Golden Heron", 1)))
    assert list(found.values()) == ["The same name, found as two kinds."]
    assert pairs(build(tmp_path / "j", ("person", "Paris", 3), ("place", "Paris", 1))) == {}


def test_pairs_follow_what_was_decided(tmp_path):
    engine = build(tmp_path / "i", ("person", "John Kerry", 3), ("person", "Kerry", 1))
    assert len(engine.duplicates()) == 1
    archive = Archive(tmp_path / "i")
    kerry = {"kind": "person", "name": "John Kerry"}
    archive.record("a", "merge", {"from": ["person-kerry"], "into": "person-john-kerry", **kerry})
    engine.look_again()
    assert engine.duplicates() == ()
    archive.record("a", "undo", {"number": 1})
    for id_, name in (("person-kerry", "Kerry"), ("person-john-kerry", "John Kerry")):
        archive.record("a", "pin", {"entity": id_, "name": name})
        engine.look_again()
        assert len(engine.duplicates()) == (1 if id_ == "person-kerry" else 0)


WORDS = st.sampled_from(
    ["Anna", "Berg", "A.", "Jr.", "Inc.", "UN", "of", "Otieno", "Otiemo", "ß", "日本", "x" * 300, "'"]
)
NAMES = st.lists(st.lists(WORDS, min_size=1, max_size=4).map(" ".join), max_size=8, unique=True)


@settings(max_examples=40, deadline=None)
@given(names=NAMES, kinds=st.lists(st.sampled_from(ENTITY_KINDS), min_size=8, max_size=8))
def test_pairs_are_of_two_that_are_there_each_once_the_larger_first(tmp_path_factory, names, kinds):
    named = [(kind, name, 1 + n % 3) for n, (kind, name) in enumerate(zip(kinds, names, strict=False))]
    engine = build(tmp_path_factory.mktemp("dup") / "i", *named)
    found = engine.duplicates()
    assert len({frozenset((p.large, p.small)) for p in found}) == len(found)
    for pair in found:
        assert pair.large != pair.small
        assert engine.known_entity(pair.large).count >= engine.known_entity(pair.small).count
        assert pair.why
    engine.close()


# --- evidence


def test_evidence_is_of_one_whether_it_is_hidden_or_not(tmp_path):
    engine = build(tmp_path / "i", ("person", "John Kerry", 7))
    before = engine.evidence("person-john-kerry", read=3, passages=2)
    assert (before.paragraphs, before.articles, before.read) == (7, 7, 3)
    assert before.forms == (("John Kerry", 3),)
    assert len(before.passages) == 2
    assert before.passages[0].snippet.marks == ((0, 10),)
    Archive(tmp_path / "i").record("a", "hide", {"entity": "person-john-kerry"})
    engine.look_again()
    after = engine.evidence("person-john-kerry", read=3, passages=2)
    assert after.entity.hidden
    assert (after.forms, after.passages, after.paragraphs) == (before.forms, before.passages, 7)
    with pytest.raises(NotFoundError):
        engine.evidence("person-nobody")


def test_the_newest_articles_first_and_their_headline_last(tmp_path):
    with StoreWriter(tmp_path / "i") as store:
        for year in (2019, 2021, 2020):
            id_ = stable_id(str(year))
            mention = EntityMention(0, 4, "Oslo", "place", "place-oslo", "Oslo")
            texts = [("headline", f"Oslo {year}"), ("body", f"Oslo was quiet in {year}.")]
            made = tuple(
                Paragraph(stable_id(id_, t), n, kind, 0, len(t), t, (), (mention,))
                for n, (kind, t) in enumerate(texts)
            )
            day = Publication(date(year, 1, 1), "metadata")
            store.put(id_, "x", [Article(id_, id_, "w", "Oslo", "t", made, day)])
    found = WhooshEngine(tmp_path / "i").evidence("place-oslo", passages=2)
    assert [h.text for h in found.passages] == ["Oslo was quiet in 2021.", "Oslo was quiet in 2020."]
    assert (found.first, found.last) == (date(2019, 1, 1), date(2021, 1, 1))


@given(text=st.text(st.sampled_from("ab \n日"), max_size=1500), data=st.data())
def test_a_passage_shows_the_first_mention_and_marks_what_it_shows(text, data):
    spans = []
    if len(text) > 3:
        start = data.draw(st.integers(0, len(text) - 3))
        spans = [(start, data.draw(st.integers(start + 1, min(len(text), start + 700))))]
    shown = _cut(text, spans)
    assert len(shown.text) <= evidence.LENGTH * 5 // 4 + 4
    for (a, b), (start, end) in zip(shown.marks, spans, strict=True):
        assert 0 <= a < b <= len(shown.text)
        assert text[start:end].startswith(shown.text[a:b].removesuffix(" …"))
