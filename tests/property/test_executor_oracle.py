"""What matches and how well is what stock Whoosh says of the same paragraphs."""

import tempfile
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import numpy as np
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from whoosh import query
from whoosh.filedb.filestore import RamStorage

from index.columns import writer
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.schema import whoosh_schema
from index.store import Held, StoreWriter, open_index
from index.upkeep import check
from search.execute import plan
from search.limits import Limits, Meter
from search.matching import Matches
from search.query import parse
from search.request import SearchRequest
from search.snapshot import Snapshot
from search.whoosh_engine import WhooshEngine

SLOW = settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))

WORDS = (
    "dam", "dams", "damp", "vote", "voted", "voter", "the", "U.S.", "US", "us", "McDonald", "it's",
    "1,000", "3.5", "wellKnown", "café", "ferry", "ferries", "strike",
)  # fmt: skip
texts = st.lists(st.sampled_from(WORDS), min_size=0, max_size=9).map(" ".join)
named = st.lists(st.sampled_from(["dam-a", "dam-b", "dam-c", "dam-d"]), max_size=2)


@st.composite
def articles(draw, document, number):
    id_ = stable_id(document, str(number))
    made = tuple(
        Paragraph(
            stable_id(id_, str(n)) if n else f"own {document} {number}",
            n,
            "headline" if n == 0 else "body",
            0,
            len(text),
            text,
            (),
            tuple(EntityMention(0, 1, text[:1], "org", name, name.upper()) for name in draw(named) if text),
        )
        for n, text in enumerate(draw(st.lists(texts, min_size=1, max_size=4)))
    )
    return Article(id_, document, "test", None, "test", made, Publication())


@st.composite
def changes(draw):
    document = draw(st.sampled_from(["d1", "d2", "d3", "d4", "d5", "d6"]))
    return document, [draw(articles(document, n)) for n in range(draw(st.integers(0, 2)))]


histories = st.lists(st.lists(changes(), min_size=1, max_size=4), min_size=1, max_size=6)

leaves = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda w: f"headline:{w}"),
    st.sampled_from(["da*", "vot*", "f*", "*s", "?am", "d?m*", "zz*"]),
    st.sampled_from(["damm~", "vored~2", "fery~", "cafe~1"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda ws: f'"{" ".join(ws)}"'),
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3), st.integers(1, 6)).map(
        lambda p: f'"{" ".join(p[0])}"~{p[1]}'
    ),
    st.just("dam-vote"),
    st.just("*"),
)
queries = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda q: f"NOT ({q})"),
        st.lists(inner, min_size=2, max_size=4).map(lambda qs: " ".join(f"({q})" for q in qs)),
        st.lists(inner, min_size=2, max_size=6).map(lambda qs: " OR ".join(f"({q})" for q in qs)),
    ),
    max_leaves=6,
)


@contextmanager
def built(history, fanout, memory):
    """An index that saw all commits, and the paragraphs that are left."""
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(writer, "FANOUT", fanout):
        path = Path(folder) / "index"
        held = {}
        for commit in history:
            with StoreWriter(path, memory_mb=memory) as store:
                for document, found in commit:
                    if found:
                        store.put(document, "digest", found)
                        held[document] = found
                    else:
                        assert store.delete(document) is (document in held)
                        held.pop(document, None)
                assert dict(store.held) == {d: held_of(found) for d, found in held.items()}
        yield path, [p for found in held.values() for a in found for p in a.paragraphs]


def held_of(found):
    paragraphs = [p for a in found for p in a.paragraphs]
    return Held("digest", len(found), len(paragraphs), 0, sum(len(p.entities) for p in paragraphs))


def whoosh_itself(paragraphs):
    index = RamStorage().create_index(whoosh_schema())
    made = index.writer()
    for p in paragraphs:
        made.add_document(id=p.id, document="d", kind=p.kind, exact=p.text, stem=p.text)
    made.commit()
    return index.searcher()


@pytest.fixture(autouse=True, scope="module")
def exact_lengths():
    """Whoosh rounds the length of a text from 10 words on; here it must not."""
    with (
        mock.patch("whoosh.codec.whoosh3.length_to_byte", lambda n: n or 0),
        mock.patch("whoosh.codec.whoosh3.byte_to_length", lambda n: n),
    ):
        yield


def by_whoosh(tree, searcher, paragraphs):
    if isinstance(tree, query.Every):
        return {p.id: 0.0 for p in paragraphs}
    found = {}
    for leaf, offset in searcher.leaf_searchers():
        matcher = tree.matcher(leaf)
        while matcher.is_active():
            found[paragraphs[matcher.id() + offset].id] = matcher.score()
            matcher.next()
    return found


def by_us(tree, snap):
    if isinstance(tree, query.Every):
        return {snap.record(int(n)).paragraph.id: 0.0 for n in snap.live}
    if tree == query.NullQuery:
        return {}
    found = Matches(tree, snap.corpus, Meter(Limits()))
    assert (np.diff(found.rows) > 0).all()
    scores = found.scores(found.rows)
    some = found.rows[::2]
    np.testing.assert_allclose(found.scores(some), scores[::2], rtol=1e-5)
    ids = [snap.record(int(n)).paragraph.id for n in found.rows]
    return dict(zip(ids, scores.tolist(), strict=True))


@SLOW
@given(
    histories,
    st.lists(queries, min_size=5, max_size=15),
    st.sampled_from([2, 3, 6]),
    st.sampled_from([0, 512]),
)
@example([[("d1", [])]], ["dam"], 2, 0)
def test_the_executor_agrees_with_whoosh(history, asked, fanout, memory):
    with built(history, fanout, memory) as (path, paragraphs):
        assert list(check(path)) == []
        snap, searcher = Snapshot(path, "test"), whoosh_itself(paragraphs)
        assert len(snap.live) == len(paragraphs)
        for q in asked:
            tree = plan(parse(q).tree, snap.terms, Limits()).tree
            ours, theirs = by_us(tree, snap), by_whoosh(tree, searcher, paragraphs)
            assert ours.keys() == theirs.keys(), q
            for id_, score in theirs.items():
                assert abs(ours[id_] - score) <= 1e-4 * max(1, abs(score)), (q, id_)


@SLOW
@given(histories, st.lists(queries, min_size=5, max_size=10), st.sampled_from([2, 6]))
def test_whoosh_itself_reads_our_segments(history, asked, fanout):
    """Its searcher finds the same in them; with what is deleted its statistics are others."""
    with built(history, fanout, 512) as (path, paragraphs):
        snap, searcher = Snapshot(path, "test"), open_index(path).searcher()
        stored = {}
        for leaf, offset in searcher.reader().leaf_readers():
            stored |= {n + offset: leaf.stored_fields(n)["id"] for n in leaf.all_doc_ids()}
        assert sorted(stored.values()) == sorted(p.id for p in paragraphs)
        for q in asked:
            tree = plan(parse(q).tree, snap.terms, Limits()).tree
            found = {}
            for leaf, offset in searcher.leaf_searchers():
                matcher = tree.matcher(leaf)
                while matcher.is_active():
                    found[stored[matcher.id() + offset]] = matcher.score()
                    matcher.next()
            ours = by_us(tree, snap)
            assert ours.keys() == found.keys(), q
            if not searcher.reader().has_deletions() and not isinstance(tree, query.Every):
                assert all(abs(ours[i] - s) <= 1e-4 * max(1, abs(s)) for i, s in found.items()), q
        searcher.close()


@SLOW
@given(histories, st.sampled_from([2, 6]))
def test_paragraphs_are_read_back_as_they_were_put(history, fanout):
    with built(history, fanout, 512) as (path, paragraphs):
        engine = WhooshEngine(path)
        for p in paragraphs:
            hit = engine.paragraph(p.id)
            assert (hit.text, hit.ordinal, hit.kind, hit.entities) == (p.text, p.ordinal, p.kind, p.entities)
        first = engine.search(SearchRequest(limit=100))
        assert sorted(h.id for h in first.hits) == sorted(p.id for p in paragraphs)
        engine.close()
