"""Where nothing was decided nothing is copied, and no more is than a decision asks for."""

from datetime import UTC, date, datetime

import numpy as np
import pytest

from index.decisions import NOTHING, Decision, fold
from index.model import Article, EntityMention, Paragraph, Publication, stable_id
from index.store import StoreWriter
from search.canonical import as_decided
from search.snapshot import Snapshot


def decided(*steps):
    return fold([Decision(n, datetime(2024, 1, 1, tzinfo=UTC), "anna", *s) for n, s in enumerate(steps, 1)])


def article(name, *ids):
    mentions = tuple(EntityMention(0, 1, "x", "person", i, i.title()) for i in ids)
    id_ = stable_id(name)
    paragraphs = (Paragraph(stable_id(id_, "p"), 0, "body", 0, 3, "x y", (), mentions),)
    return Article(id_, name, "test", None, "test", paragraphs, Publication(date(2020, 1, 1), "metadata"))


@pytest.fixture
def snapshot(tmp_path):
    with StoreWriter(tmp_path / "index") as store:
        for n, ids in enumerate([("a", "b"), ("a",), ("b", "c")]):
            store.put(f"d{n}", "1", [article(f"d{n}", *ids)])
    return Snapshot(tmp_path / "index", "test")


def test_without_decisions_the_columns_are_the_segment_s_own(snapshot):
    for decisions in (NOTHING, decided(("hide", {"entity": "a"}), ("undo", {"number": 1}))):
        under = snapshot.under(decisions)
        assert under.columns is snapshot.columns
        assert under.columns.entities[1] is snapshot.corpus.segments[0].arrays["entities"]
        assert under.record(0) == snapshot.record(0)


@pytest.mark.parametrize(
    "step", [("rename", {"entity": "a", "name": "A"}), ("pin", {"entity": "a", "name": "A"})]
)
def test_a_name_costs_no_copy_of_the_columns(snapshot, step):
    columns = as_decided(snapshot.columns, decided(step))
    assert columns.entities[0] is snapshot.columns.entities[0]
    assert columns.entities[1] is snapshot.columns.entities[1]
    assert columns.names.keys is snapshot.columns.names.keys


def test_a_merge_leaves_the_segment_s_files_as_they_are(snapshot):
    before = snapshot.columns.entities[1].copy()
    under = snapshot.under(decided(("merge", {"from": ["a"], "into": "b", "kind": "person", "name": "B"})))
    assert under.columns.entity_counts.tolist() != snapshot.columns.entity_counts.tolist()
    assert np.array_equal(snapshot.columns.entities[1], before)
    assert sorted(under.columns.entity_counts.tolist()) == [0, 1, 3]


def test_a_target_that_no_text_has_any_more_keeps_its_name(snapshot):
    told = {"kind": "org", "name": "Gone & Co"}
    under = snapshot.under(decided(("merge", {"from": ["a"], "into": "org-gone", **told})))
    number = under.columns.names.number("person", "a")
    assert under.columns.names.kind(number) == "org"
    assert under.columns.names.name(number) == "Gone & Co"
    assert under.columns.entity_counts[number] == 2


def test_an_identity_names_what_was_decided(snapshot):
    hide, pin = ("hide", {"entity": "a"}), ("pin", {"entity": "a", "name": "A"})
    logs = [(), (hide,), (pin,), (hide, pin), (hide, ("undo", {"number": 1}))]
    assert len({snapshot.under(decided(*log)).identity for log in logs}) == len(logs)
    assert snapshot.under(decided()).identity == snapshot.identity
