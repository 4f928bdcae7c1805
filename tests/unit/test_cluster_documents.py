"""An article as documents of a cluster: every field is one of the index there, and all comes back."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from index.carrying import articles_of
from index.cluster import commits, documents, mapping
from index.cluster.buckets import INTERVALS
from index.cluster.client import encoded
from index.cluster.documents import ARTICLE, documents_of, read, read_prints
from index.cluster.mapping import FORM, PART, WORD, bucket_field, precise_field, properties
from index.cluster.records import DocumentRecord, read_record
from index.model import (
    ENTITY_KINDS,
    Article,
    DateMention,
    EntityMention,
    Metadata,
    Paragraph,
    Publication,
    stable_id,
)
from index.schema import FORMAT, TABLE
from index.stored import KINDS

ANY = st.characters(exclude_categories=())
PIECES = ["The", "ferry’s", "U.S.", "3", "1,000", "İstanbul", "ﬁn", "\ud800", FORM, WORD, PART]
TEXTS = st.text(ANY, min_size=1, max_size=60) | st.lists(st.sampled_from(PIECES)).map(" ".join)
REASONS = st.sampled_from([None, "editor", "model itself", "again surname 3", "something else", "given told"])
DAYS = st.dates()


@st.composite
def paragraphs(draw, ordinal):
    text = draw(TEXTS) or "x"
    ends = st.tuples(st.integers(0, len(text) - 1), st.integers(1, len(text))).map(
        lambda e: (min(e), max(*e, min(e) + 1))
    )
    dates, names = [], []
    for start, end in draw(st.lists(ends, max_size=3)):
        first, last = sorted((draw(DAYS), draw(DAYS)))
        if draw(st.booleans()):
            first = last = None
        why = draw(st.sampled_from([None, "words", "text 2014-03-11", "given"]))
        value = draw(st.sampled_from([None, "2014-03-11", "P3D"]))
        dates.append(DateMention(start, end, text[start:end], value, first, last, why))
    for start, end in draw(st.lists(ends, max_size=3)):
        kind, name = draw(st.sampled_from(ENTITY_KINDS)), draw(st.text(ANY, max_size=8))
        names.append(
            EntityMention(start, end, text[start:end], kind, f"{kind}-{len(name)}", name, draw(REASONS))
        )
    at, kind = draw(st.integers(0, 2**31)), draw(st.sampled_from(KINDS))
    id_ = stable_id(text, str(ordinal))
    return Paragraph(id_, ordinal, kind, at, at + len(text), text, tuple(dates), tuple(names))


@st.composite
def articles(draw):
    count = draw(st.integers(1, 3))
    made = tuple(draw(paragraphs(n)) for n in range(count))
    optional = st.none() | st.text(ANY, max_size=10)
    day = draw(st.none() | DAYS)
    by = draw(st.sampled_from(["metadata", "stated", "inferred"])) if day else None
    added = datetime.fromtimestamp(draw(st.integers(1, 4_000_000_000)), UTC)
    extra = {"x": [draw(optional), 1.5]}
    return Article(
        id=stable_id(draw(st.text(max_size=5))),
        document=draw(st.text("0123456789abcdef", min_size=16, max_size=16)),
        source=draw(st.text(ANY, max_size=10)),
        headline=draw(optional),
        boundary="headline",
        paragraphs=made,
        published=Publication(day, by, draw(optional), draw(optional)),
        dateline=draw(optional),
        byline=draw(optional),
        agency=draw(optional),
        metadata=Metadata(author=draw(optional), publisher=draw(optional), url=draw(optional), extra=extra),
        added=added,
        updated=added,
    )


def as_kept(made):
    """The document as the cluster has it: through JSON, what it shows of the source, and values of fields."""
    body = json.loads(encoded(made.body).encode())
    return shown(body), {k: [body[k]] for k in ("id", "ordinal", "kind") if k in body}


def shown(body):
    """What of it the cluster gives back."""
    return {k: v for k, v in body.items() if k in mapping.mapping("x")["_source"]["includes"]}


def back(article):
    first, *others = documents_of(article)
    assert (first.id, first.routing) == (ARTICLE + article.id, article.id)
    assert {made.routing for made in others} == {article.id}
    return [read(*as_kept(made)) for made in others]


@settings(max_examples=60, deadline=None)
@given(articles())
def test_an_article_comes_back_as_it_was(article):
    records = back(article)
    assert tuple(r.paragraph for r in records) == article.paragraphs
    assert list(articles_of(records)) == [article]


@settings(max_examples=20, deadline=None)
@given(articles())
def test_texts_longer_than_a_string_may_be_come_back_in_one_piece(article):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(documents, "_CHARS", 7)
        patched.setattr(documents, "_WORDS", 3)
        assert tuple(r.paragraph for r in back(article)) == article.paragraphs
        for made in documents_of(article):
            for told in made.body["record"].values():
                assert not isinstance(told, str) or len(told) <= 7 or told.isascii()


@settings(max_examples=30, deadline=None)
@given(articles())
def test_every_field_of_a_document_is_one_that_the_index_has(article):
    fields = properties()
    for made in documents_of(article, "other", copied=True):
        assert made.body.keys() <= fields.keys()
        assert len(made.id) <= 512
        check_kinds(made.body, fields)


def check_kinds(body, fields):
    for name, value in body.items():
        kind = fields[name]["type"]
        for one in value if isinstance(value, list) else [value]:
            if kind == "integer":
                assert -(2**31) <= one < 2**31
            elif kind == "integer_range":
                assert -(2**31) <= one["gte"] <= one["lte"] < 2**31
            elif kind in ("keyword", "text"):
                assert isinstance(one, str)
                one.encode()  # the cluster takes no half of a pair
            elif kind == "boolean":
                assert isinstance(one, bool)


@settings(max_examples=40, deadline=None)
@given(TEXTS)
def test_each_word_stands_on_a_line_of_its_own_in_both_fields(text):
    made = Paragraph(stable_id("p"), 1, "body", 0, len(text), text)
    article = Article("a", "d", "s", None, "", (made,), added=datetime(2020, 1, 1, tzinfo=UTC))
    _, document = documents_of(article)
    words = documents.analyse(text)
    for name in ("exact", "stem"):
        lines = document.body[name].split(WORD) if words else []
        assert len(lines) == len(words)
        assert all(lines)
    assert set(document.body["words"]) == {form for forms in words for form in forms}
    assert not any(FORM in word or WORD in word for word in document.body["words"])


def test_records_and_commits_have_fields_of_the_index_alone_and_come_back():
    record = DocumentRecord("d", 7, "me", "1", parts={"a": ["p", "q"]}, was={"b": ["r"]}, counts=(1, 2, 3, 4))
    for one in (record, record.closed(), replace(record, gone=True)):
        assert one.body.keys() <= properties().keys()
        kept = shown(json.loads(encoded(one.body)))
        assert read_record("d", {"_source": kept}) == one
    assert commits.begin(3).keys() <= properties().keys()


def test_the_prints_of_an_article_come_back():
    text = "The harbour board voted nine to two on Tuesday to close the old ferry terminal before winter."
    made = Paragraph("p", 1, "body", 0, len(text), text)
    article = Article("a", "d", "s", None, "", (made,), added=datetime(2020, 1, 1, tzinfo=UTC))
    first, _ = documents_of(article)
    marks = documents.prints(article.paragraphs, [documents.analyse(text)])
    assert len(marks)
    assert read_prints(as_kept(first)[0]).tolist() == marks.tolist()


# --- the mapping


def test_the_index_has_every_field_of_the_table_and_refuses_any_other():
    made = mapping.mapping("abc")
    assert made["dynamic"] == "strict"
    assert made["_routing"] == {"required": True}
    assert made["_meta"] == {"format": FORMAT, "made": "abc"}
    assert {field.name for field in TABLE} <= made["properties"].keys()
    assert all(made["properties"][field.name] == mapping._KINDS[field.kind] for field in TABLE)
    for interval in INTERVALS:
        assert {bucket_field(interval), precise_field(interval)} <= made["properties"].keys()


def test_no_field_of_the_cluster_s_own_takes_the_place_of_one_of_the_table():
    buckets = {name(interval) for interval in INTERVALS for name in (bucket_field, precise_field)}
    names = [field.name for field in TABLE]
    assert len(set(names)) == len(names)
    assert not (set(names) | buckets) & mapping._OF_CLUSTER.keys()
    assert len(properties()) == len(names) + len(buckets) + len(mapping._OF_CLUSTER)


def test_analysers_that_fields_name_are_those_of_the_settings():
    analysis = mapping.settings(3)["analysis"]
    for field in properties().values():
        for role in ("analyzer", "search_analyzer"):
            assert role not in field or field[role] in analysis["analyzer"]
    for made in analysis["analyzer"].values():
        assert made["tokenizer"] in analysis["tokenizer"]
        assert set(made.get("filter", ())) <= analysis["filter"].keys()
    assert mapping.settings(3)["number_of_shards"] == 3
    assert mapping.settings(3)["refresh_interval"] == -1


def test_a_day_before_and_after_all_calendars_has_its_interval():
    for day in (date.min, date.max):
        made = Paragraph("p", 1, "body", 0, 1, "x", (DateMention(0, 1, "x", None, day, day),))
        article = Article("a", "d", "s", None, "", (made,), added=datetime(2020, 1, 1, tzinfo=UTC))
        _, document = documents_of(article)
        assert document.body["spans"] == [f"{day.toordinal()}-{day.toordinal()}"]
        assert all(precise_field(interval) in document.body for interval in INTERVALS)
