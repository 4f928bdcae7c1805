"""Whatever is asked of articles drawn at random, both engines find, count and order the same."""

from dataclasses import replace
from datetime import timedelta
from random import Random

import pytest

from index.cluster.store import ClusterStore
from index.decisions import fold
from index.errors import CursorError
from index.model import ENTITY_KINDS
from index.store import StoreWriter
from search.opensearch_engine import OpenSearchEngine
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine
from tests.corpora import FIRST, NAMES, NEW, WORDS, DecidingArchive, articles, decisions

ASKED = 40  # searches under each round of decisions
PATTERNS = ("da*", "vot*", "h*s", "?am", "d?m*", "*", "zz*", "damm~", "vored~2", "fery~", "cafe~1", "co-op*")


@pytest.fixture(scope="module")
def both(cluster, tmp_path_factory):
    random = Random(7)
    path, place = tmp_path_factory.mktemp("agree") / "index", cluster.place(shards=3)
    made = articles(random, 70)
    with StoreWriter(path) as ours, ClusterStore(place) as theirs:
        for article in made:
            for store in (ours, theirs):
                store.put(article.document, "1", [article])
    archive = DecidingArchive(path)
    engines = WhooshEngine(path, archive=archive), OpenSearchEngine(place, archive=archive)
    yield engines, archive, made, random
    for engine in engines:
        engine.close()
    cluster.forget(place)


def leaf(random):
    word, other = random.choice(WORDS), random.choice(WORDS)
    return random.choice(
        [
            word, word, word, f"headline:{word}", f'"{word} {other}"',
            f'"{word} {other}"~{random.randrange(2, 7)}',
            f'"{word} {other} {random.choice(WORDS)}"~3', random.choice(PATTERNS),
        ]
    )  # fmt: skip


def query(random, depth=0):
    """A query of several words, with brackets inside brackets."""
    if depth > 2 or random.random() < 0.4:
        return leaf(random)
    parts = [query(random, depth + 1) for _ in range(random.randrange(1, 4))]
    told = random.choice([" ", " OR ", " AND "]).join(f"({p})" for p in parts)
    return f"NOT ({told})" if random.random() < 0.15 else told


def days(random):
    first = FIRST + timedelta(random.randrange(400))
    return random.choice(
        [DayRange(), DayRange(), DayRange(first, first + timedelta(random.randrange(200))), DayRange(first)]
    )


def request(random, made):
    def ids(most):
        return tuple(random.sample([*NAMES, *NEW, "unheard-of"], random.randrange(most + 1)))

    entities = {
        kind: EntityFilter(ids(2), random.random() < 0.4, ids(1))
        for kind in ENTITY_KINDS
        if random.random() < 0.25
    }
    return SearchRequest(
        q=query(random) if random.random() < 0.8 else "",
        entities=entities,
        published=days(random),
        mentioned=days(random) if random.random() < 0.3 else DayRange(),
        undated=random.choice([None, None, None, "include", "exclude", "only"]),
        sort=random.choice([None, None, "newest", "oldest", "added"]),
        group=random.choice(["none", "none", "article", "story"]),
        duplicates=random.choice([None, None, "fold"]),
        story=random.choice(made).id if random.random() < 0.05 else None,
        limit=random.choice([1, 5, 20]),
        facet_limit=random.choice([1, 2, 3, 10]),
        interval=random.choice(["auto", "auto", "day", "week", "month", "quarter", "year"]),
    )


def told(page):
    """All of an answer but its hits, and what is of one engine."""
    return replace(page, hits=(), took_ms=0, next=bool(page.next))


def alike(hits):
    """Hits without their scores, which may differ in the last digits."""
    return [replace(hit, score=0) for hit in hits]


def ordered(asked):
    """Whether the order is one that scores have no part in."""
    return asked.order != "relevance"


@pytest.mark.parametrize("turn", range(4))
def test_both_engines_answer_the_same(both, turn):
    (ours, theirs), archive, made, random = both
    archive.held = decisions(random, made) if turn else fold([])
    for engine in (ours, theirs):
        engine.look_again()
    for _ in range(ASKED):
        asked = request(random, made)
        expected, page = ours.search(asked), theirs.search(asked)
        assert told(page) == told(expected), asked
        assert len(page.hits) == len(expected.hits)
        if ordered(asked):
            assert alike(page.hits) == alike(expected.hits), asked
        else:
            assert [h.score for h in page.hits] == sorted((h.score for h in page.hits), reverse=True)


def pages(engine, asked):
    """Every hit of a search, page by page."""
    page = engine.search(asked)
    found = [*page.hits]
    while page.next:
        page = engine.search(replace(asked, cursor=page.next))
        found += page.hits
    return found


@pytest.mark.parametrize("turn", range(2))
def test_pages_and_scans_hold_the_same(both, turn):
    (ours, theirs), archive, made, random = both
    archive.held = decisions(random, made) if turn else fold([])
    for engine in (ours, theirs):
        engine.look_again()
    for group in ("none", "article", "story"):
        for duplicates in (None, "fold"):
            drawn = replace(request(random, made), group=group, duplicates=duplicates, story=None)
            asked = replace(drawn, q="dam* OR the", entities={}, limit=25, facets=(), published=DayRange())
            scan = theirs.scan(asked)
            expected, length, found = list(ours.scan(asked)), len(scan), list(scan)
            assert length == len(found) == len(expected), asked
            assert found == pages(theirs, asked), asked
            if group == "none" and duplicates is None:
                assert {h.id for h in found} == {h.id for h in expected}, asked
            if ordered(asked):
                assert alike(found) == alike(expected), asked
    for article in made[::9]:
        asked = replace(request(random, made), q=leaf(random))
        assert theirs.found_in(article.id, asked) == ours.found_in(article.id, asked), asked


def test_a_cursor_is_of_one_search(both):
    (_, theirs), _, _, _ = both
    following = theirs.search(SearchRequest(q="dam*", limit=2)).next
    with pytest.raises(CursorError, match="another search"):
        theirs.search(SearchRequest(q="vote*", limit=2, cursor=following))
