"""An archive so long, and of so many names, that a cluster does not count all of it in one answer."""

import json
from dataclasses import replace
from datetime import date, timedelta
from random import Random

import pytest

from index.cluster.client import Cluster, cluster_of
from index.cluster.store import ClusterStore
from index.errors import ClusterBucketsError
from index.model import Publication
from index.store import StoreWriter
from search.opensearch_engine import OpenSearchEngine
from search.request import DayRange, EntityFilter, SearchRequest
from search.whoosh_engine import WhooshEngine
from tests.corpora import articles

FIRST, DAYS = date(1995, 1, 2), 3_000
ALL = ("person", "org", "place", "published", "mentioned")


def spread(article, n, random):
    """The article, published on another day of eight years, or without a day."""
    day = FIRST + timedelta(random.randrange(DAYS)) if n % 9 else None
    return replace(article, published=Publication(day, "metadata" if day else None))


@pytest.fixture(scope="module")
def both(cluster, tmp_path_factory):
    random = Random(11)
    path, place = tmp_path_factory.mktemp("long") / "index", cluster.place()
    with StoreWriter(path) as ours, ClusterStore(place) as theirs:
        for n, article in enumerate(articles(random, 200)):
            for store in (ours, theirs):
                store.put(article.document, "1", [spread(article, n, Random(n))])
    engines = WhooshEngine(path), OpenSearchEngine(place)
    yield *engines, place
    for engine in engines:
        engine.close()
    cluster.forget(place)


@pytest.fixture
def most(both):
    """Sets how many buckets the cluster tells of in one answer."""
    asking = cluster_of(both[2])

    def limit(buckets):
        asking.ask("PUT", "/_cluster/settings", {"transient": {"search.max_buckets": buckets}})

    yield limit
    limit(None)


def told(engine, request):
    page = engine.search(request)
    return (
        [h.id for h in page.hits], page.paragraphs, page.articles, page.stories, page.histograms, page.facets
    )  # fmt: skip


NARROW = DayRange(date(1998, 1, 1), date(1999, 6, 1))


def requests(group, interval, facets):
    asked = SearchRequest(facets=facets, group=group, interval=interval, sort="newest")
    person = {"person": EntityFilter(("person-anna-berg",))}
    return [asked, replace(asked, published=NARROW), replace(asked, q="dam OR vote", entities=person)]


@pytest.mark.parametrize("buckets", [900, 600])
@pytest.mark.parametrize("group", ["none", "article", "story"])
@pytest.mark.parametrize("interval", ["auto", "month", "year"])
def test_all_is_counted_in_several_answers(both, most, buckets, group, interval):
    ours, theirs, _ = both
    asked = requests(group, interval, ALL)
    whole = [told(theirs, one) for one in asked]
    most(buckets)
    assert [told(theirs, one) for one in asked] == whole
    assert whole == [told(ours, one) for one in asked]


# There are some 175 days, of which a cluster tells by paragraphs, articles and stories; where 300 buckets are
# the most, not by stories; and where 150 are, not at all, so that months are counted, of which there are 100.
@pytest.mark.parametrize("buckets", [600, 300, 150])
@pytest.mark.parametrize("group", ["none", "article", "story"])
@pytest.mark.parametrize("interval", ["auto", "month", "year"])
def test_days_of_publication_are_counted_in_longer_intervals(both, most, buckets, group, interval):
    ours, theirs, _ = both
    most(buckets)
    for asked in requests(group, interval, ("published",)):
        assert told(theirs, asked) == told(ours, asked)


def test_where_days_are_too_many_none_are_shown(both, most):
    most(150)
    found = both[1].search(SearchRequest(facets=("published",), interval="day")).histograms["published"]
    assert found.interval == "month"


def test_where_names_are_too_many_it_is_said_that_not_all_are_counted(both, monkeypatch):
    ours, theirs, _ = both
    sizes = (2, 4, 10)
    for module in ("facets", "searching"):
        monkeypatch.setattr(f"search.cluster.{module}.SIZES", sizes)
    asked = SearchRequest(facets=("person", "place"), facet_limit=2, group="article")
    assert told(theirs, asked) == told(ours, asked)
    search = Cluster.search

    def refusing(self, body, **more):
        if f'"size": {sizes[-1]}, "shard_size"' in json.dumps(body):
            raise ClusterBucketsError("POST /_search", 503, "too many")
        return search(self, body, **more)

    monkeypatch.setattr(Cluster, "search", refusing)
    page = theirs.search(asked)
    assert "There are too many people to count the others exactly." in page.query.notes
    right = ours.search(asked)
    assert page.facets["person"].values == right.facets["person"].values
    assert page.facets["place"] == right.facets["place"]


def test_a_cluster_that_is_set_to_tell_of_next_to_nothing_is_told_of(both, most):
    most(3)
    with pytest.raises(ClusterBucketsError, match=r"search\.max_buckets"):
        both[1].search(SearchRequest(facets=ALL))
