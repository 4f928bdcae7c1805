"""What every store promises, over all of them; and what one of several writers does to another's work."""

import pytest
from tests.homes import KINDS

from index.cluster.client import cluster_of
from index.cluster.stories import _of_stories
from index.cluster.upkeep import problems
from index.model import Article, Paragraph, Publication, stable_id

TEXT = (
    "The harbour board voted nine to two on Tuesday to close the old ferry terminal before winter, and said "
    "that the new one would open with four berths, a waiting room and cranes for the island freight."
)


def article(document, text=TEXT, n=0):
    id_ = stable_id("article", f"{document}-{n}")
    p = Paragraph(stable_id(id_, text), 1, "body", 0, len(text), text)
    return Article(id_, document, document, "", "", (p,), Publication(None, None))


@pytest.fixture(params=KINDS)
def home(request, homes, tmp_path):
    made = homes.new(request.param, tmp_path / "index")
    yield made
    homes.forget(made)


def test_documents_come_change_and_go(home):
    with home.store() as store:
        store.put("a", "1", [article("a"), article("a", "Another text.", 1)])
        store.put("b", "1", [article("b", "Something else.")])
    with home.store() as store:
        assert (store.held["a"].digest, store.held["a"].articles) == ("1", 2)
        store.put("a", "2", [article("a", "It was rewritten.")])
        assert store.delete("b")
        assert not store.delete("none")
    with home.store() as store:
        assert sorted(store.held) == ["a"]
        assert (store.held["a"].digest, store.held["a"].articles) == ("2", 1)


@pytest.fixture
def place(cluster):
    made = cluster.place()
    yield made
    cluster.forget(made)


def test_a_stale_version_is_left(place):
    from index.cluster.store import ClusterStore

    with ClusterStore(place) as late, ClusterStore(place) as early:
        for store in (late, early):
            store.follow(lambda: 9)
        late.put("a", "new", [article("a", "It is new.")], turn=9)
        late.commit()
        early.put("a", "old", [article("a", "It is old.")], turn=8)
    with ClusterStore(place) as store:
        assert store.held["a"].digest == "new"
        # An archive that was begun anew counts from the beginning, and is heard all the same.
        store.follow(lambda: 1)
        store.put("a", "anew", [article("a", "It is anew.")], turn=2)
    with ClusterStore(place) as store:
        assert store.held["a"].digest == "anew"


def test_what_a_killed_writer_left_is_not_held_and_is_done_again(place, tmp_path):
    from index.archive import Archive
    from index.cluster.store import ClusterStore

    killed = ClusterStore(place)
    killed.put("a", "1", [article("a"), article("a", "Left behind.", 1)], turn=1)
    killed.send()
    with ClusterStore(place) as store:
        assert store.held["a"].digest == ""
        store.put("a", "2", [article("a")], turn=2)
    # Copies of its shards may still be on their way to other nodes.
    told = [one for one in problems(place, Archive(tmp_path)) if "is yellow" not in one]
    assert len(told) == 1
    assert "the archive has never seen" in told[0]  # and no part of what was left is there


def test_copies_are_of_one_story_until_the_first_goes(place):
    from index.cluster.store import ClusterStore

    ids = {name: article(name).id for name in "abc"}

    def stories():
        found = _of_stories(cluster_of(place), store._index, [*ids.values()])
        return {a.id: (a.story, a.copied) for a in found}

    with ClusterStore(place) as store:
        store.put("a", "1", [article("a")])
        store.commit()
        assert stories() == {ids["a"]: (ids["a"], False)}
        store.put("b", "1", [article("b")])
        store.put("c", "1", [article("c", "Nothing of the kind is told here.")])
        store.commit()
        first = stories()[ids["b"]][0]
        assert stories()[ids["a"]] == stories()[ids["b"]] == (first, True)
        assert stories()[ids["c"]] == (ids["c"], False)
        store.delete("a" if first == ids["a"] else "b")
        store.commit()
        (left,) = {ids["a"], ids["b"]} - {first}
        assert stories()[left] == (left, False)
