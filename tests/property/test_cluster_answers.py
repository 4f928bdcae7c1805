"""What an index on a cluster answers is what one of our own answers of the same articles."""

from contextlib import suppress
from dataclasses import dataclass, replace
from random import Random

import pytest

from index.cluster.store import ClusterStore
from index.decisions import fold
from index.errors import NotFoundError
from index.model import ENTITY_KINDS
from index.store import StoreWriter
from search.opensearch_engine import OpenSearchEngine
from search.whoosh_engine import WhooshEngine
from tests.corpora import NAMES, NEW, WORDS, DecidingArchive, articles, decisions

TYPED = ("", "b", "york", "anna be", "yrok", "bank", "known", "renamed", "stone m", "zzz")
ROUNDS = 4  # of decisions, each over all entities


@dataclass
class Both:
    ours: WhooshEngine
    cluster: OpenSearchEngine
    archive: DecidingArchive
    articles: list
    random: Random

    def decide(self, decided):
        self.archive.held = decided
        for engine in (self.ours, self.cluster):
            engine.look_again()

    def agree(self, method, *asked, but=lambda answer: answer, **more):
        """Ask both the same; returns the answer, or None where both find nothing."""
        told = []
        for engine in (self.ours, self.cluster):
            found = None
            with suppress(NotFoundError):
                found = but(getattr(engine, method)(*asked, **more))
            told.append(found)
        assert told[1] == told[0], (method, asked)
        return told[0]


@pytest.fixture(scope="module", params=[1, 2])
def both(request, cluster, tmp_path_factory):
    random = Random(request.param)
    path, place = tmp_path_factory.mktemp("answers") / "index", cluster.place()
    made = articles(random, 60)
    kept = [replace(made[6], paragraphs=made[6].paragraphs[:1]), *made[7:]]
    with StoreWriter(path) as ours:  # which counts deleted paragraphs in what it completes
        for article in kept:
            ours.put(article.document, "1", [article])
    with ClusterStore(place) as theirs:
        for article in made:
            theirs.put(article.document, "1", [article])
    with ClusterStore(place) as theirs:
        for article in made[:6]:
            theirs.delete(article.document)
        theirs.put(kept[0].document, "2", kept[:1])
    archive = DecidingArchive(path)
    found = Both(
        WhooshEngine(path, archive=archive), OpenSearchEngine(place, archive=archive), archive, kept, random
    )
    yield found
    found.ours.close()
    found.cluster.close()
    cluster.forget(place)


def test_what_is_counted_is_the_same(both):
    both.decide(fold([]))
    both.agree("stats", but=lambda told: replace(told, bytes=0, generation=0))
    for _ in range(ROUNDS):
        both.decide(decisions(both.random, both.articles))
        both.agree("stats", but=lambda told: replace(told, bytes=0, generation=0))


def test_articles_and_paragraphs_are_read_back_the_same(both):
    both.decide(fold([]))
    for turn in range(2):
        for article in both.articles:
            both.agree("article", article.id, 'dam* OR "ferry strike"~3 -vote')
            both.agree("story", article.id)
            both.agree("story_of", article.id)
            for p in article.paragraphs[:2]:
                both.agree("paragraph", p.id, "us")
        both.agree("article", "unheard of")
        both.agree("paragraph", "unheard of")
        both.decide(decisions(both.random, both.articles))


@pytest.mark.parametrize("turn", range(ROUNDS))
def test_entities_are_the_same_as_decided(both, turn):
    both.decide(decisions(both.random, both.articles) if turn else fold([]))
    for id_ in (*NAMES, *NEW, "unheard-of"):
        both.agree("entity", id_)
        both.agree("known_entity", id_)
        both.agree("evidence", id_)
    both.agree("evidence", "place-york", passages=5)
    both.agree("written_names", [*NAMES, *NEW, "unheard-of"])
    both.agree("duplicates")
    for kind in ENTITY_KINDS:
        for typed in TYPED:
            for limit in (1, 3, 20):
                both.agree("facet_values", kind, typed, limit)
                both.agree("known_entities", kind, typed, limit, hidden=bool(limit % 2))


def test_what_is_typed_is_completed_and_corrected_the_same(both):
    both.decide(fold([]))
    for text in (
        "d",
        "the da",
        "fer",
        "harbuor",
        "harbuor strke",
        "Ängs",
        "東",
        "administratoin",
        "york",
        "",
    ):
        both.agree("suggest", text, 6)


def test_words_are_counted_and_expanded_the_same(both):
    from search.cluster.words import ClusterWords

    both.decide(fold([]))
    with both.ours._snapshots.current() as snap, both.cluster._views.current() as view:
        theirs = ClusterWords(view)
        live = {
            word: snap.terms.doc_frequency("exact", word) for word, _ in snap.terms.beginning("", 1000)[0]
        }
        live = {word: count for word, count in live.items() if count}
        assert theirs.doc_count() == snap.terms.doc_count()
        assert dict(theirs.beginning("", 1000)[0]) == live
        for word in (*WORDS, "zzz", "a.b*(c)\\", "", "x" * 40_000):
            for field in ("exact", "stem"):
                assert theirs.doc_frequency(field, word) == snap.terms.doc_frequency(field, word), word
        for text in ("dam", "ferris", "harbuors", "admniistratoin", "東", "café", "o'clokc", "mcdnoald's"):
            for most in (1, 2):
                ours = [(w, slips, live[w]) for w, slips, _ in snap.terms.near(text, most) if w in live]
                assert theirs.near(text, most) == ours, (text, most)
        for wildcard in ("d?m*", "*s", "?", "*a*i*", "f*y", "zz*"):
            ours = [(w, live[w]) for w, _ in snap.terms.matching(wildcard, 1000)[0] if w in live]
            assert theirs.matching(wildcard, 1000) == (ours, False), wildcard
        assert theirs.beginning("d", 2)[1] and not theirs.beginning("zz", 2)[1]


def test_likeness_is_the_same(both):
    """Scores differ in the last digits, for the cluster keeps lengths of longer texts in one byte."""
    both.decide(fold([]))
    for article in both.articles[::5]:
        for p in article.paragraphs:
            ours, theirs = (e.similar(p.id, 500) for e in (both.ours, both.cluster))
            assert theirs.query == ours.query
            ids = {hit.id for hit in ours.hits}, {hit.id for hit in theirs.hits}
            assert len(ids[0] ^ ids[1]) <= 0.1 * len(ids[0] | ids[1])
            assert p.id not in ids[1] and theirs.paragraphs == len(ids[1])
            assert theirs.articles == len({hit.article.id for hit in theirs.hits})
            stories = {hit.article.id: hit.story for hit in ours.hits}
            for hit in theirs.hits:
                if hit.article.id in stories and ids[0] == ids[1]:
                    assert hit.story == stories[hit.article.id]
