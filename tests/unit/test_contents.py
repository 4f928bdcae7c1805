"""A document written down is read back as it was, and damage is told, whatever it is."""

import contextlib
import json
import zlib
from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from index import contents
from index.contents import content_digest, decode, encode, index_digest
from index.model import Block, Document, Given, GivenMark, GivenName, Lifecycle, Metadata

TEXT = st.text(st.characters(exclude_categories=[]), max_size=40)  # half surrogate pairs and NUL, too
MAYBE = st.none() | TEXT
JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | TEXT,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(TEXT, inner, max_size=3),
    max_leaves=8,
)


@st.composite
def documents(draw):
    text = draw(TEXT)
    span = st.tuples(st.integers(0, len(text)), st.integers(0, len(text))).map(sorted)
    kinds = st.sampled_from(["headline", "body", "caption", "heading", "quote"])
    blocks = st.lists(st.builds(lambda s, k: Block(s[0], s[1], k), span, kinds), max_size=3).map(tuple)
    marked = st.sampled_from(["person", "org", "place", "date"])
    marks = st.builds(lambda s, *r: GivenMark(s[0], s[1], *r), span, marked, MAYBE, MAYBE, MAYBE)
    names = st.builds(GivenName, st.sampled_from(["person", "org", "place"]), TEXT, MAYBE)
    return Document(
        draw(TEXT), draw(TEXT), draw(TEXT), text,
        Metadata(*(draw(MAYBE) for _ in range(5)), extra=draw(st.dictionaries(TEXT, JSON, max_size=3))),
        draw(st.none() | blocks),
        Lifecycle(
            draw(st.none() | st.integers(-(2**80), 2**80)),
            draw(st.sampled_from(["usable", "withheld", "canceled"])), draw(MAYBE),
        ),
        Given(tuple(draw(st.lists(marks, max_size=2))), tuple(draw(st.lists(names, max_size=2)))),
    )  # fmt: skip


DOCUMENT = Document(
    "id:1", "wire", "jsonlines", "Rain fell.", Metadata(headline="Rain"), (Block(0, 10, "body"),)
)


@given(documents())
def test_a_document_is_read_back_as_it_was(document):
    assert decode(encode(document)) == document


@given(documents())
def test_a_digest_is_of_the_content_and_not_of_the_version(document):
    other = replace(document, lifecycle=Lifecycle(7, "withheld", "2026-03-01T06:00:00Z"))
    assert content_digest(other) == content_digest(document)
    assert content_digest(replace(document, text=document.text + ".")) != content_digest(document)
    assert len(index_digest(content_digest(document))) == 16


@given(st.integers(0, 200), st.integers(1, 255))
def test_a_changed_byte_is_damage(at, change):
    data = bytearray(encode(DOCUMENT))
    at %= len(data)
    data[at] ^= change
    with contextlib.suppress(ValueError):
        assert decode(bytes(data)) == DOCUMENT  # bits of zlib's header that mean nothing


@pytest.mark.parametrize(
    ("data", "told"),
    [
        (b"", "encoding"),
        (b"\x02abc", "encoding"),
        (b"\x01not zlib", "unpacked"),
        (encode(DOCUMENT)[:-3], "ends too early"),
        (encode(DOCUMENT) + b"x", "too late"),
        (b"\x01" + zlib.compress(b"[]"), "no document"),
        (b"\x01" + zlib.compress(b"{}"), "no document"),
        (b"\x01" + zlib.compress(b"\xff"), "utf-8"),
        (b"\x01" + zlib.compress(b"[" * 100_000), "no document"),
    ],
)
def test_what_is_no_document_says_why(data, told):
    with pytest.raises(ValueError, match=told):
        decode(data)


def told(**changed):
    """What `encode` writes, with something else in it."""
    fields = json.loads(zlib.decompress(encode(DOCUMENT)[1:]))
    return b"\x01" + zlib.compress(json.dumps(fields | changed).encode())


@pytest.mark.parametrize(
    "changed",
    [
        {"text": 1}, {"identity": None}, {"blocks": [[0, 99, "body"]]}, {"blocks": [[5, 2, "body"]]},
        {"blocks": [[0, 1, "shout"]]}, {"lifecycle": ["1", "usable", None]}, {"lifecycle": [1, "gone", None]},
        {"metadata": [1, None, None, None, None, {}]}, {"metadata": [None, None, None, None, None, []]},
        {"marks": [[0, 1, "thing", None, None, None]]}, {"names": [["date", "x", None]]}, {"names": [1]},
    ],
)  # fmt: skip
def test_fields_of_another_kind_are_damage(changed):
    assert decode(told()) == DOCUMENT
    with pytest.raises(ValueError, match=r"."):
        decode(told(**changed))


def test_a_content_that_unpacks_to_too_much_is_refused(monkeypatch):
    monkeypatch.setattr(contents, "MAX_BYTES", 1_000)
    with pytest.raises(ValueError, match="too large"):
        decode(told(text="x" * 2_000))
