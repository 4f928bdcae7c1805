"""What the engine matches, filters, counts and orders is what plain Python does."""

import tempfile
from collections import Counter
from dataclasses import dataclass, replace
from datetime import date, timedelta
from itertools import pairwise
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.model import ENTITY_KINDS, Article, DateMention, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine

WORDS = ("dam", "damp", "salt", "vote", "voter", "ferry", "quay")
NAMES = {
    "person": ("person-a", "person-b", "person-c"),
    "org": ("org-a", "org-b"),
    "place": ("place-a", "place-b"),
}
SLOW = settings(max_examples=20, deadline=None, suppress_health_check=list(HealthCheck))
FIRST = date(2014, 1, 1)

days = st.integers(0, 900).map(lambda n: FIRST + timedelta(n))
spans = st.tuples(days, st.sampled_from([0, 0, 6, 30, 400])).map(lambda p: (p[0], p[0] + timedelta(p[1])))
ids = st.sampled_from([(kind, id_) for kind in ENTITY_KINDS for id_ in NAMES[kind]])


@dataclass(frozen=True)
class Row:
    """A paragraph as plain Python sees it."""

    id: str
    article: str
    ordinal: int
    kind: str
    words: tuple[str, ...]
    names: frozenset[tuple[str, str]]
    mentioned: tuple[tuple[date, date], ...]
    published: date | None


@st.composite
def paragraphs(draw, article, ordinal):
    words = draw(st.lists(st.sampled_from(WORDS), min_size=1, max_size=8))
    text = " ".join(words)
    names = draw(st.lists(ids, max_size=4))
    mentioned = draw(st.lists(spans, max_size=2))
    return Paragraph(
        stable_id(article, str(ordinal), text),
        ordinal,
        "headline" if ordinal == 0 else "body",
        0,
        len(text),
        text,
        tuple(DateMention(0, 1, text[:1], first.isoformat(), first, last) for first, last in mentioned),
        tuple(EntityMention(0, 1, text[:1], kind, id_, id_.upper()) for kind, id_ in names),
    )


@st.composite
def articles(draw, document, number):
    id_ = stable_id(document, str(number))
    day = draw(st.none() | days)
    count = draw(st.integers(1, 3))
    made = tuple(draw(paragraphs(id_, n)) for n in range(count))
    published = Publication(day, "metadata" if day else None)
    return Article(id_, document, "test", made[0].text, "test", made, published)


@st.composite
def documents(draw):
    name = draw(st.sampled_from(["d1", "d2", "d3", "d4", "d5"]))
    return name, [draw(articles(name, n)) for n in range(draw(st.integers(0, 3)))]


# An empty list of articles stands for a deletion; each inner list is one commit.
histories = st.lists(st.lists(documents(), min_size=1, max_size=4), min_size=1, max_size=3)


def rows_of(held):
    return [
        Row(
            p.id,
            a.id,
            p.ordinal,
            p.kind,
            tuple(p.text.split()),
            frozenset((e.kind, e.entity) for e in p.entities),
            tuple((d.first, d.last) for d in p.dates),
            a.published.day,
        )
        for found in held.values()
        for a in found
        for p in a.paragraphs
    ]


def write(path, commit, held):
    with StoreWriter(path) as store:
        for name, found in commit:
            if found:
                store.put(name, "digest", found)
                held[name] = found
            else:
                store.delete(name)
                held.pop(name, None)


class Corpus:
    """A real index and the same in plain Python."""

    def __init__(self, history):
        self._folder = tempfile.TemporaryDirectory()
        self.path = Path(self._folder.name) / "index"
        self.held = {}
        for commit in history:
            write(self.path, commit, self.held)
        self.engine = WhooshEngine(self.path)

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.engine.close()
        self._folder.cleanup()

    @property
    def rows(self):
        return rows_of(self.held)


filters = st.fixed_dictionaries(
    {
        kind: st.builds(
            EntityFilter,
            chosen=st.lists(st.sampled_from([*NAMES[kind], "unknown"]), max_size=2, unique=True).map(tuple),
            all=st.booleans(),
            excluded=st.lists(st.sampled_from(NAMES[kind]), max_size=1).map(tuple),
        )
        for kind in ENTITY_KINDS
    }
)
ranges = st.builds(DayRange, st.none() | days, st.none() | days) | st.just(DayRange())
requests = st.builds(
    SearchRequest,
    q=st.sampled_from(["", "", "dam", "salt OR vote", "-ferry"]),
    entities=filters | st.just({}),
    published=ranges,
    mentioned=ranges,
    undated=st.sampled_from([None, "include", "exclude", "only"]),
    sort=st.sampled_from([None, "relevance", "newest", "oldest"]),
    group=st.sampled_from(["none", "article"]),
    limit=st.integers(1, 7),
    facet_limit=st.integers(1, 3),
    interval=st.sampled_from(["year", "quarter", "month", "week", "day"]),
)

ASKED = {
    "": lambda words: True,
    "dam": lambda words: "dam" in words,
    "salt OR vote": lambda words: "salt" in words or "vote" in words,
    "-ferry": lambda words: "ferry" not in words,
}


def names_pass(row, kind, wanted):
    mine = [(kind, id_) in row.names for id_ in wanted.chosen]
    chosen = not mine or (all(mine) if wanted.all else any(mine))
    return chosen and not any((kind, id_) in row.names for id_ in wanted.excluded)


def published_passes(row, request):
    within, undated = request.published, request.undated
    if undated == "only":
        return row.published is None
    if row.published is None:
        return undated == "include" or (undated is None and not within)
    return (within.first or date.min) <= row.published <= (within.last or date.max)


def mentioned_passes(row, within):
    first, last = within.first or date.min, within.last or date.max
    return not within or any(a <= last and b >= first for a, b in row.mentioned)


def kept(rows, request, but=None):
    return [
        row
        for row in rows
        if ASKED[request.q](row.words)
        and all(k == but or names_pass(row, k, f) for k, f in request.entities.items())
        and (but == "published" or published_passes(row, request))
        and (but == "mentioned" or mentioned_passes(row, request.mentioned))
    ]


def unit(row, request):
    return row.article if request.group == "article" else row.id


def check_names(found, rows, request, kind):
    pairs = {(unit(row, request), id_) for row in rows for k, id_ in row.names if k == kind}
    counts = Counter(id_ for _, id_ in pairs)
    best = sorted(counts, key=lambda id_: (-counts[id_], id_))[: request.facet_limit]
    wanted = request.entities.get(kind, EntityFilter())
    listed = [v.id for v in found.values]
    assert listed[: len(best)] == best
    assert all(v.count == counts[v.id] for v in found.values)
    assert found.distinct == len(counts)
    assert found.other == sum(counts.values()) - sum(v.count for v in found.values)
    assert {v.id for v in found.values if v.selected} == set(wanted.chosen) & set(listed)
    assert {v.id for v in found.values if v.excluded} == set(wanted.excluded) & set(listed)
    assert {id_ for id_ in (*wanted.chosen, *wanted.excluded) if counts[id_]} <= set(listed)


def check_published(found, rows, request):
    assert found.undated == len({unit(r, request) for r in rows if r.published is None})
    for bucket in found.buckets:
        inside = {
            unit(r, request) for r in rows if r.published and bucket.first <= r.published <= bucket.last
        }
        assert bucket.count == len(inside) > 0
    days = {r.published for r in rows if r.published}
    assert all(sum(b.first <= day <= b.last for b in found.buckets) == 1 for day in days)


def check_mentioned(found, rows, request):
    dated = {unit(r, request) for r in rows if r.mentioned}
    assert found.undated == len({unit(r, request) for r in rows} - dated)
    for bucket in found.buckets:
        inside = {
            unit(r, request) for r in rows for a, b in r.mentioned if a <= bucket.last and b >= bucket.first
        }
        within = {
            unit(r, request) for r in rows for a, b in r.mentioned if a >= bucket.first and b <= bucket.last
        }
        assert (bucket.count, bucket.precise) == (len(inside), len(within))
        assert inside
    ends = {day for r in rows for pair in r.mentioned for day in pair}
    assert all(sum(b.first <= day <= b.last for b in found.buckets) == 1 for day in ends)


@SLOW
@given(histories, st.lists(requests, min_size=5, max_size=20))
def test_totals_filters_facets_and_histograms(history, asked):
    with Corpus(history) as corpus:
        rows = corpus.rows
        for request in asked:
            page, expected = corpus.engine.search(request), kept(rows, request)
            assert (page.paragraphs, page.articles) == (len(expected), len({r.article for r in expected}))
            assert {hit.id for hit in page.hits} <= {r.id for r in expected}
            for kind in ENTITY_KINDS:
                check_names(page.facets[kind], kept(rows, request, kind), request, kind)
            check_published(page.histograms["published"], kept(rows, request, "published"), request)
            check_mentioned(page.histograms["mentioned"], kept(rows, request, "mentioned"), request)


def pages(engine, request, between=lambda: None):
    """All hits, page by page."""
    hits = []
    while True:
        page = engine.search(request)
        assert len(page.hits) <= request.limit
        hits += page.hits
        if page.next is None:
            return hits
        between()
        request = replace(request, cursor=page.next)


def check_order(hits, rows, request):
    by_id = {r.id: r for r in rows}
    published = [by_id[h.id].published for h in hits]
    dated = [day for day in published if day]
    if request.order == "relevance":
        assert all(a.score >= b.score - 1e-4 for a, b in pairwise(hits))
        return
    assert published == dated + [None] * (len(published) - len(dated))
    assert dated == sorted(dated, reverse=request.order == "newest")


@SLOW
@given(histories, st.lists(requests, min_size=3, max_size=8))
def test_pages_visit_each_hit_exactly_once_in_order(history, asked):
    with Corpus(history) as corpus:
        rows = corpus.rows
        for request in asked:
            hits = pages(corpus.engine, request)
            expected = kept(rows, request)
            if request.group == "article":
                assert sorted(h.article.id for h in hits) == sorted({r.article for r in expected})
            else:
                assert sorted(h.id for h in hits) == sorted(r.id for r in expected)
            check_order(hits, rows, request)


@SLOW
@given(histories, documents(), st.sampled_from(["newest", "oldest"]), st.integers(1, 3))
def test_a_commit_between_pages_costs_no_hit_and_doubles_none(history, more, sort, limit):
    _, found = more
    with Corpus([*history, [("kept", [article_of("kept", FIRST)])]]) as corpus:
        before = {r.id for r in corpus.rows}
        added = [replace(a, id=f"new-{a.id}", document="new", paragraphs=renamed(a)) for a in found]
        engines = []

        def commit():
            if not engines and added:
                write(corpus.path, [("new", added)], corpus.held)
                engines.append(1)
                corpus.engine.close()

        hits = [h.id for h in pages(corpus.engine, SearchRequest(sort=sort, limit=limit), commit)]
        assert len(hits) == len(set(hits))
        assert before <= set(hits) <= {r.id for r in corpus.rows}


def article_of(document, day):
    paragraph = Paragraph(stable_id(document), 0, "body", 0, 3, "dam")
    return Article(
        f"{document}-1", document, "test", None, "test", (paragraph,), Publication(day, "metadata")
    )


def renamed(article):
    return tuple(replace(p, id=f"new-{p.id}") for p in article.paragraphs)


# --- matching: a query as a tree, written out for the engine and judged in plain Python

leaves = st.one_of(
    st.sampled_from(WORDS).map(lambda w: ("word", w)),
    st.sampled_from(["da", "vot", "f", "zzz", "dam"]).map(lambda p: ("prefix", p)),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda ws: ("phrase", *ws)),
    st.sampled_from(WORDS).map(lambda w: ("headline", w)),
)
trees = st.recursive(
    leaves,
    lambda inner: st.one_of(
        inner.map(lambda t: ("not", t)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ts: ("and", *ts)),
        st.lists(inner, min_size=2, max_size=3).map(lambda ts: ("or", *ts)),
    ),
    max_leaves=5,
)


def typed(tree):
    kind, *parts = tree
    made = {
        "word": lambda: parts[0],
        "prefix": lambda: f"{parts[0]}*",
        "headline": lambda: f"headline:{parts[0]}",
        "phrase": lambda: f'"{" ".join(parts)}"',
        "not": lambda: f"NOT ({typed(parts[0])})",
        "and": lambda: " ".join(f"({typed(t)})" for t in parts),
        "or": lambda: " OR ".join(f"({typed(t)})" for t in parts),
    }
    return made[kind]()


def holds(tree, row):
    kind, *parts = tree
    made = {
        # "voter" and "vote", "dam" and "damp" have stems of their own.
        "word": lambda: parts[0] in row.words,
        "prefix": lambda: any(w.startswith(parts[0]) for w in row.words),
        "headline": lambda: row.kind == "headline" and parts[0] in row.words,
        "phrase": lambda: any(row.words[i : i + len(parts)] == tuple(parts) for i in range(len(row.words))),
        "not": lambda: not holds(parts[0], row),
        "and": lambda: all(holds(t, row) for t in parts),
        "or": lambda: any(holds(t, row) for t in parts),
    }
    return made[kind]()


@settings(SLOW, max_examples=30)
@given(histories, st.lists(trees, min_size=8, max_size=20))
def test_what_matches_is_what_the_query_says(history, asked):
    with Corpus(history) as corpus:
        rows = corpus.rows
        for tree in asked:
            page = corpus.engine.search(SearchRequest(q=typed(tree), limit=100, facets=()))
            expected = {r.id for r in rows if holds(tree, r)}
            assert {h.id for h in page.hits} == expected, typed(tree)
            assert page.paragraphs == len(expected)
