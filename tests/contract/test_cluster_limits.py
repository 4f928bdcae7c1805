"""What OpenSearch bounds and Dateline does not: long strings and texts, clauses, names over shards."""

import pytest

from index.errors import ClusterBusyError
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from search.limits import Limits
from search.opensearch_engine import OpenSearchEngine
from search.request import EntityFilter, SearchRequest

LONG = "The board of the harbour met again. " * 180_000  # 6.5 MB, more than some versions take in one string
LAST = "quinquereme"


def article(name, *texts, person=None):
    mention = (EntityMention(0, 1, "x", "person", person, person.title()),) if person else ()
    id_ = stable_id(name)
    paragraphs = tuple(
        Paragraph(stable_id(id_, str(n)), n, "body", 0, len(text), text, (), mention)
        for n, text in enumerate(texts)
    )
    return Article(id_, name, name, None, "", paragraphs, Publication(None, None))


@pytest.fixture(scope="module")
def long_place(cluster):
    from index.cluster.store import ClusterStore

    place = cluster.place("long")
    with ClusterStore(place) as store:
        store.put("long", "1", [article("long", f"{LONG}{LAST}.")])
        store.put("short", "1", [article("short", f"A {LAST} came in.")])
    yield place
    cluster.forget(place)


@pytest.fixture
def long(long_place):
    engine = OpenSearchEngine(long_place)
    yield engine
    engine.close()


def test_a_text_of_more_than_five_megabytes_is_kept_whole(long):
    found = next(h for h in long.search(SearchRequest(q=LAST)).hits if len(h.text) > 1000)
    assert found.text == f"{LONG}{LAST}."


def test_a_word_behind_a_million_characters_is_found_and_marked(long):
    page = long.search(SearchRequest(q=LAST))
    assert page.paragraphs == 2
    for hit in page.hits:
        ((start, end),) = hit.snippet.marks
        assert hit.snippet.text[start:end] == LAST
    (paragraph,) = long.article(stable_id("long"), LAST).paragraphs
    assert [paragraph.text[a:b] for a, b in paragraph.snippet.marks] == [LAST]


def test_a_search_that_takes_too_long_is_ended_by_the_nodes_and_says_so(long_place):
    from index.cluster.client import Cluster

    asked = {"query": {"match_all": {}}, "aggs": {"ids": {"terms": {"field": "_id"}}}}
    hurried = Cluster(long_place, search_s=1e-6)
    for ask in (hurried.search, lambda body: hurried.searches([body])):
        with pytest.raises(ClusterBusyError, match="took too long, and was ended"):
            for _ in range(200):  # one that is over before the clock is looked at is answered
                ask(asked)
    hurried.close()


def test_patterns_of_more_words_than_clauses_are_answered(cluster):
    from index.cluster.store import ClusterStore

    place = cluster.place("clauses")
    letters = "abcdefghijklmnopqrstuvwxyz"
    words = [f"{x}{y}{z}" for x in "abcd" for y in letters for z in letters]
    with ClusterStore(place) as store:
        store.put("words", "1", [article("words", *(f"{w} of the board" for w in words))])
    engine = OpenSearchEngine(place, Limits(expansion=2_000))
    for q, expected in (("a* OR b* OR c* OR d*", len(words)), ("a* -ab*", 25 * 26), ("a* board", 26 * 26)):
        assert engine.search(SearchRequest(q=q, facets=())).paragraphs == expected, q
    engine.close()
    cluster.forget(place)


def test_names_are_counted_right_though_every_shard_lists_others(cluster):
    """Each name is rare in most shards; the most frequent ones must still be those, with their counts."""
    from index.cluster.store import ClusterStore

    place = cluster.place("names", shards=5)
    counts = {f"person-{n:03}": 1 + n // 20 for n in range(400)}
    with ClusterStore(place) as store:
        for person, count in counts.items():
            for n in range(count):
                name = f"{person}-{n}"
                store.put(name, "1", [article(name, "The board met.", person=person)])
    engine = OpenSearchEngine(place)
    page = engine.search(SearchRequest(q="board", facets=("person",), facet_limit=10))
    best = sorted(counts.items(), key=lambda c: (-c[1], c[0]))
    facet = page.facets["person"]
    assert [(v.id, v.count) for v in facet.values] == best[:10]
    assert facet.other == sum(counts.values()) - sum(c for _, c in best[:10])
    assert facet.distinct == 400
    wanted = EntityFilter((best[0][0],))
    assert engine.search(SearchRequest(entities={"person": wanted})).paragraphs == best[0][1]
    engine.close()
    cluster.forget(place)
