"""Whatever the text and whatever a model says of it."""

from hypothesis import given, settings
from hypothesis import strategies as st

from index.entities import RawName, entity_id, legible, resolve_names
from index.entities.casing import lowered

WORDS = st.sampled_from(
    "Anna Brandt Otto A. Brandt Jr. U.S. US the The of President Bank Ltd (NPB) National Ports Board said , "
    ". 's ’s - "
    "SOCCER CARDIFF AT v Wales 123-4 wife al-Tabari Tareq Tariq Pa Newsroom +47 1996-05-03 points win / "
    "Moscow Jordan beat 2 1 By MOSCOW JORDAN SAYS John-Paul d'Arc \n \t ( ) “ ” ß İ é 李 王 5 c b".split(" ")
)
TEXTS = st.one_of(st.lists(WORDS, max_size=25).map(" ".join), st.text(max_size=80))
LABELS = st.sampled_from(["PERSON", "ORG", "GPE", "LOC", "FAC", "NORP", "DATE", "?"])
NAMES = st.lists(st.builds(RawName, st.integers(-3, 130), st.integers(-3, 130), LABELS), max_size=8)


@settings(max_examples=250, deadline=None)
@given(st.lists(st.tuples(TEXTS, NAMES), max_size=5))
def test_mentions_lie_inside_apart_and_agree(article):
    paragraphs, names = [t for t, _ in article], [n for _, n in article]
    found = resolve_names(paragraphs, names)
    assert found == resolve_names(paragraphs, names)
    assert len(found) == len(paragraphs)
    called = {}
    for text, mentions in zip(paragraphs, found, strict=True):
        end = 0
        for m in mentions:
            assert end <= m.start < m.end <= len(text)
            assert m.text == text[m.start : m.end]
            assert "\n" not in m.text
            assert any(map(str.isupper, m.text))
            assert called.setdefault(m.entity, (m.kind, m.name)) == (m.kind, m.name)
            end = m.end


@given(st.sampled_from(["person", "org", "place"]), st.text())
def test_ids_are_short_and_plain(kind, name):
    made = entity_id(kind, name)
    assert made.isascii()
    assert made.startswith(kind + "-")
    assert len(made) <= 80
    assert made == entity_id(kind, name)


@given(TEXTS)
def test_recasing_keeps_every_offset(text):
    assert len(legible(text)) == len(lowered(text)) == len(text)
    assert legible(text).casefold() == text.casefold() or not text.isascii()
