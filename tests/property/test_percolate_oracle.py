"""What the matcher finds in new articles is what the page finds of them, over the whole index."""

import tempfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from unittest import mock

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from index.archive import Archive
from index.columns import writer
from index.decisions import Decision, fold
from index.model import ENTITY_KINDS, Article, DateMention, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.limits import Limits
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine

SLOW = settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
WORDS = (
    "dam", "dams", "damp", "vote", "voted", "voter", "the", "U.S.", "US", "us", "McDonald", "it's",
    "1,000", "3.5", "wellKnown", "café", "ferry", "ferries", "strike", "Straße", "o'clock",
)  # fmt: skip
IDS = ("person-a", "person-b", "org-a", "org-b", "place-a")
FIRST = date(2014, 1, 1)

days = st.integers(0, 500).map(lambda n: FIRST + timedelta(n))
spans = st.tuples(days, st.sampled_from([0, 6, 30, 400])).map(lambda p: (p[0], p[0] + timedelta(p[1])))
texts = st.lists(st.sampled_from(WORDS), min_size=0, max_size=9).map(" ".join)


def kind_of(id_):
    return id_.split("-")[0]


@st.composite
def paragraphs(draw, article, n):
    text = draw(texts)
    names = draw(st.lists(st.sampled_from(IDS), max_size=3)) if text else []
    dates = draw(st.lists(spans, max_size=2)) if text else []
    return Paragraph(
        stable_id(article, str(n)) if n else f"own {article}",
        n, "headline" if n == 0 else "body", 0, len(text), text,
        tuple(DateMention(0, 1, text[:1], first.isoformat(), first, last) for first, last in dates),
        tuple(EntityMention(0, 1, text[:1], kind_of(i), i, i.upper()) for i in names),
    )  # fmt: skip


@st.composite
def documents(draw):
    name = draw(st.sampled_from(["d1", "d2", "d3", "d4", "d5"]))
    made = []
    for n in range(draw(st.integers(0, 2))):
        id_ = stable_id(name, str(n))
        day = draw(st.none() | days)
        found = tuple(draw(paragraphs(id_, k)) for k in range(draw(st.integers(1, 4))))
        made.append(
            Article(id_, name, "test", None, "test", found, Publication(day, "metadata" if day else None))
        )
    return name, made


histories = st.lists(st.lists(documents(), min_size=1, max_size=4), min_size=1, max_size=5)
leaves = st.one_of(
    st.sampled_from(WORDS),
    st.sampled_from(WORDS).map(lambda w: f"headline:{w}"),
    st.sampled_from(["da*", "vot*", "f*", "*s", "?am", "d?m*", "zz*", "*", "caf*", "str*e"]),
    st.sampled_from(["damm~", "vored~2", "fery~", "cafe~1", "strasse~", "headline:damm~"]),
    st.lists(st.sampled_from(WORDS), min_size=1, max_size=3).map(lambda ws: f'"{" ".join(ws)}"'),
    st.tuples(st.lists(st.sampled_from(WORDS), min_size=2, max_size=3), st.integers(1, 6)).map(
        lambda p: f'"{" ".join(p[0])}"~{p[1]}'
    ),
    st.sampled_from(["dam-vote", "dam-vot*", 'headline:"dam vote"', "headline:(dam OR vote)", ""]),
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
ids = st.sampled_from([*IDS, "person-new", "unknown"])
filters = st.fixed_dictionaries(
    {
        kind: st.builds(
            EntityFilter,
            chosen=st.lists(st.sampled_from([*IDS, "person-new", "unknown"]), max_size=2, unique=True).map(
                tuple
            ),
            all=st.booleans(),
            excluded=st.lists(st.sampled_from(IDS), max_size=1).map(tuple),
        )
        for kind in ENTITY_KINDS
    }
)
ranges = st.builds(DayRange, st.none() | days, st.none() | days) | st.just(DayRange())
one_name = st.sampled_from([*IDS, "person-new"]).map(lambda i: {kind_of(i): EntityFilter((i,))})
simple = st.builds(SearchRequest, q=st.just("") | leaves, entities=one_name)
requests = simple | st.builds(
    SearchRequest,
    q=queries,
    entities=st.just({}) | filters,
    published=st.just(DayRange()) | ranges,
    mentioned=st.just(DayRange()) | ranges,
    undated=st.sampled_from([None, None, "include", "exclude", "only"]),
    group=st.sampled_from(["none", "article"]),
)
NEW = {"into": "person-new", "kind": "person", "name": "N"}
any_id = st.sampled_from([*IDS, "person-new"])
steps = st.one_of(
    st.tuples(st.lists(any_id, min_size=1, max_size=2), any_id).map(
        lambda t: ("merge", {"from": t[0], "into": t[1], "kind": kind_of(t[1]), "name": t[1]})
    ),
    st.tuples(any_id, st.sampled_from(["d1", "d2"])).map(
        lambda t: (
            "split",
            {
                "entity": t[0],
                "articles": [stable_id(t[1], "0")],
                "into": "person-new",
                "kind": "person",
                "name": "N",
            },
        )
    ),
    any_id.map(lambda i: ("hide", {"entity": i})),
    st.tuples(any_id, st.sampled_from(ENTITY_KINDS)).map(
        lambda t: ("retype", {"entity": t[0], "kind": t[1]})
    ),
)
logs = st.lists(steps, min_size=1, max_size=5).map(
    lambda found: fold([Decision(n, datetime.now(UTC), "anna", *step) for n, step in enumerate(found, 1)])
)
limits = st.sampled_from(
    [Limits(), Limits(), Limits(expansion=2), Limits(postings=12e-6), Limits(words=2, depth=1)]
)


class Decided(Archive):
    """An archive of some decisions, which change."""

    def __init__(self, path):
        super().__init__(path)
        self.held = fold([])

    def decisions(self):
        return self.held


def by_page(engine, request, articles):
    """What the page finds of some articles: paragraph ids in reading order, by article."""
    page = engine.search(replace(request, group="none", limit=100, facets=()))
    assert page.next is None
    found = {}
    for hit in sorted(page.hits, key=lambda h: h.ordinal):
        if hit.article.id in articles:
            found.setdefault(hit.article.id, []).append(hit.id)
    return {a: tuple(ids) for a, ids in found.items()}


def check(engine, standing, asked, articles):
    told = engine.percolate(standing, articles)
    assert told.failed == {}
    ours = {}
    for found in told.found:
        assert found.hit.id in found.paragraphs and found.hit.article.id == found.article
        ours.setdefault(found.search, {})[found.article] = found.paragraphs
    for id_, request in asked.items():
        assert ours.get(id_, {}) == by_page(engine, request, articles), request
    assert ours.keys() <= asked.keys()


def write(path, commit, held):
    with StoreWriter(path) as store:
        for name, found in commit:
            store.delete(name)
            held.pop(name, None)
            if found:
                store.put(name, "digest", found)
                held[name] = [a.id for a in found]


@SLOW
@given(
    st.randoms(use_true_random=False), histories, st.lists(requests, min_size=8, max_size=24), logs, limits
)
def test_the_matcher_agrees_with_the_page(random, history, asked, decided, limit):
    with tempfile.TemporaryDirectory() as folder, mock.patch.object(writer, "FANOUT", 3):
        path = Path(folder) / "index"
        archive = Decided(path)
        with closing(WhooshEngine(path, limit, archive)) as engine:
            standing, saved, held = engine.standing(), {}, {}
            for n, commit in enumerate(history):
                write(path, commit, held)
                engine.look_again()
                # Searches come, change and go between commits.
                for k, request in enumerate(asked[n::2]):
                    saved[f"s{k}"] = request
                    standing.put(f"s{k}", request)
                if random.random() < 0.3:
                    standing.remove("s0")
                    saved.pop("s0", None)
                new = {a for name, _ in commit for a in held.get(name, ())}
                check(engine, standing, saved, {*new, "unheard of"})
            archive.held = decided
            engine.look_again()
            articles = [a for found in held.values() for a in found]
            check(engine, standing, saved, set(articles))
            check(engine, standing, saved, {a for a in articles if random.random() < 0.4})
            assert len(standing) == len(saved)
