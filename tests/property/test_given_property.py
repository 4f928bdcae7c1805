"""Whatever editors mark and list, mentions are apart, in order, of the text, and theirs where they marked."""

from hypothesis import given, settings
from hypothesis import strategies as st

from index.entities import RawName, Told, called, resolve_names
from index.model import GivenMark, GivenName

WORDS = (
    "Kerry John F. Ada Berg, Anna the senator said WHO World Health Organization in of U.S. Jordan Oslo "
    "Norway May Price Mr. Mrs. NRC Northern Rivers Commission (NRC) England beat Australia 3-2 cricket Test "
    "KASARA Okafor's and \u201cBobby\u201d Åse 李明 \u2014 Jr. president President Kerry's"
).split()
NAMES = st.just("A" * 90) | st.sampled_from(
    "Kerry, John F.;John Kerry;Anna Berg;World Health Organization;Northern Rivers Commission;Oslo, Norway;"
    "Vernon Jordan;England;Theresa May;李明;Acme Inc;x;...;,; , ;President;Jr., Sr.".split(";")
)
IDS = st.none() | st.sampled_from(["1", "2"])
KINDS = st.sampled_from(["person", "org", "place"])


@st.composite
def articles(draw):
    paragraphs, marks, raw = [], [], []
    for _ in range(draw(st.integers(1, 4))):
        text = " ".join(draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=14)))
        cuts = sorted(draw(st.sets(st.integers(0, len(text)), max_size=8)))
        spans = list(zip(cuts[::2], cuts[1::2], strict=False))
        paragraphs.append(text)
        marks.append(tuple(
            GivenMark(a, b, draw(KINDS), draw(st.none() | NAMES), draw(IDS))
            for a, b in spans if a < b
        ))  # fmt: skip
        label = st.sampled_from(["PERSON", "ORG", "GPE"])
        found = draw(st.lists(st.tuples(st.integers(0, len(text)), st.integers(1, 20), label), max_size=4))
        raw.append([RawName(a, min(a + n, len(text)), kind) for a, n, kind in found if a < len(text)])
    listed = draw(st.lists(st.builds(GivenName, KINDS, NAMES, st.none() | st.just("1")), max_size=4))
    return paragraphs, raw, Told(marks, tuple(listed))


@settings(max_examples=300, deadline=None)
@given(articles())
def test_editors_marks_are_mentions_and_all_mentions_are_apart(article):
    paragraphs, raw, told = article
    made = resolve_names(paragraphs, raw, told=told)
    assert len(made) == len(paragraphs)
    for text, mentions, marks in zip(paragraphs, made, told.marks, strict=True):
        end = 0
        for mention in mentions:
            assert end <= mention.start < mention.end <= len(text)
            assert mention.text == text[mention.start : mention.end]
            assert mention.entity
            assert mention.name
            end = mention.end
        for mark in marks:
            words = text[mark.start : mark.end]
            named = any(map(str.isalpha, mark.name or "")) and any(map(str.isalpha, words))
            if named and words == words.strip():
                assert any((m.start, m.end, m.kind) == (mark.start, mark.end, mark.kind) for m in mentions)


@settings(max_examples=300)
@given(KINDS, st.text(min_size=1, max_size=60))
def test_a_name_is_called_something_and_stays_so(kind, name):
    once = called(kind, name)
    assert once == called(kind, name)
    assert once or not name.split()
