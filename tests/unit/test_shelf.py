"""What is taken in goes into the archive and then into the index, by its version and status."""

from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from index import shelf as shelf_module
from index import shelving
from index.agreement import problems
from index.archive import Archive
from index.errors import InputError, StaleVersionError
from index.model import Block, Document, Lifecycle, Metadata, stable_id
from index.pipeline import Listener, Options, run, settle
from index.settling import remove
from index.shelf import Shelf
from index.shelf_tables import CHANGES, DOCUMENTS
from index.store import StoreWriter
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

T = datetime(2026, 3, 1, 6, tzinfo=UTC)


def document(id_="1", text="The salt is gone.", version=None, status="usable", embargo=None):
    headline = f"Story {id_}"
    whole = f"{headline}\n\n{text}"
    blocks = (Block(0, len(headline), "headline"), Block(len(headline) + 2, len(whole), "body"))
    said = Metadata(headline=headline), blocks, Lifecycle(version, status, embargo)
    return Document(f"id:{id_}", f"wire:{id_}", "jsonlines", whole, *said)


def dump(*stories, id_="dump"):
    """A document of several articles, which only its text tells apart."""
    more = "Nobody could say how long that would go on, and officials did not answer questions by noon."
    text = "\n\n\n".join(f"{head}\n\n{body}\n\n{head.split()[0]}: {more}" for head, body in stories)
    return Document(f"id:{id_}", "dump.txt", "text", text)


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """Names found earlier, so that the model is loaded once."""
    return tmp_path_factory.mktemp("names") / "names.sqlite"


class Desk:
    """An index and its archive, and a clock."""

    def __init__(self, path, url, names, monkeypatch):
        self.path, self.url, self.names = path, url, names
        self.now = T
        for module in ("index.intake", "index.shelf", "index.recut"):
            monkeypatch.setattr(f"{module}.now_utc", lambda: self.now)
        self.errors = []

    @property
    def archive(self):
        return Archive(self.path, self.url)

    @property
    def shelf(self):
        return Shelf(self.archive)

    @property
    def options(self):
        return Options(cache=self.names)

    def take(self, *inputs, later=60, path=None, **told):
        self.now += timedelta(seconds=later)
        self.errors = []
        with StoreWriter(path or self.path) as store:
            shelf = Shelf(self.archive, **told)
            return run(inputs, store, self.options, Listener(self.errors.append), shelf)

    def settle(self):
        with StoreWriter(self.path) as store:
            return settle(store, self.options, Listener(self.errors.append), self.shelf)

    def remove(self, id_):
        with StoreWriter(self.path) as store:
            return remove(id_, store, self.shelf)

    def shown(self, q=""):
        """Headline, added and updated of what is found, minutes after the start."""
        page = WhooshEngine(self.path, archive=self.archive).search(SearchRequest(q=q, group="article"))
        return sorted(
            (h.article.headline, self.minute(h.article.added), self.minute(h.article.updated))
            for h in page.hits
        )

    def minute(self, at):
        return round((at - T).total_seconds() / 60)

    def changes(self, after=0):
        return [(c.kind, self.minute(c.at)) for c in self.shelf.changes(after, 100)]

    def agree(self):
        assert list(problems(self.path, self.archive)) == []


@pytest.fixture
def desk(tmp_path, archive_url, names, monkeypatch):
    path = tmp_path / "index"
    path.mkdir()
    return Desk(path, archive_url, names, monkeypatch)


def test_what_is_new_corrected_and_gone_is_told_in_order(desk):
    desk.take(document("1"), document("2"))
    desk.take(document("1"), document("2", "The salt is back."))
    assert desk.shown() == [("Story 1", 1, 1), ("Story 2", 1, 2)]
    assert desk.changes() == [("new", 1), ("new", 1), ("corrected", 2)]
    found = desk.shelf.changes(0, 100)
    assert [c.seq for c in found] == [1, 2, 3]
    assert found[2].document == document("2").id
    assert found[2].article == stable_id("article", "id:2")
    assert desk.shelf.changes(1, 1) == found[1:2]
    desk.agree()


def test_the_same_again_is_no_news(desk):
    for _ in range(3):
        summary = desk.take(document("1", version=1), document("2"))
    assert (summary.documents, summary.unchanged) == (2, 2)
    assert desk.changes() == [("new", 1), ("new", 1)]
    assert desk.shelf.versions(document("1").id) == []


def test_a_higher_version_replaces_and_a_lower_one_is_refused_by_name(desk):
    desk.take(document(version=2))
    summary = desk.take(document(text="The salt was there.", version=1), document("2"))
    (error,) = desk.errors
    assert isinstance(error, StaleVersionError)
    assert str(error) == "wire:1: version 1 is older than version 2, which is held"
    assert (summary.stale, summary.failed, summary.skipped, summary.documents) == (1, 0, 0, 1)
    assert desk.shown("gone") == [("Story 1", 1, 1), ("Story 2", 2, 2)]
    desk.take(document(text="The salt is back.", version=3))
    assert desk.shown("back") == [("Story 1", 1, 3)]
    (old,) = desk.shelf.versions(document().id)
    assert (old.version, old.document.text) == (2, document().text)


def test_versions_of_one_run_hold_in_their_order(desk):
    desk.take(
        document(text="One.", version=1), document(text="Three.", version=3),
        document(text="Two.", version=2),
        document("2", "One.", version=1), document("2", version=2, status="canceled"),
        document("3", status="canceled", version=2), document("3", version=1),
    )  # fmt: skip
    assert desk.shown() == [("Story 1", 1, 1)]
    assert desk.shown("three") == [("Story 1", 1, 1)]
    assert [k for k, _ in desk.changes()] == ["new", "corrected", "new", "removed"]
    assert len(desk.errors) == 2
    desk.agree()


def test_a_new_number_of_the_same_content_is_no_news(desk):
    desk.take(document(version=1))
    summary = desk.take(document(version=5))
    assert (summary.documents, summary.unchanged) == (1, 1)
    assert desk.changes() == [("new", 1)]
    desk.take(document(text="Older.", version=4))
    assert desk.shown("gone") == [("Story 1", 1, 1)]


def test_what_was_canceled_is_gone_and_known(desk):
    desk.take(document(version=1))
    summary = desk.take(document(version=2, status="canceled", text="Please kill."))
    assert (summary.canceled, summary.documents) == (1, 0)
    assert desk.shown() == []
    desk.take(document(version=2), document(version=1))
    assert [type(e) for e in desk.errors] == [StaleVersionError] * 2
    assert desk.shown() == []
    ((_, kept),) = desk.shelf.documents([document().id])
    assert kept.text == document().text  # what was said can be read by who must
    desk.take(document(version=3))
    assert desk.shown() == [("Story 1", 1, 1)]  # added when it was first shown
    assert [k for k, _ in desk.changes()] == ["new", "removed", "new"]
    desk.agree()


def test_a_cancellation_of_what_never_came_is_known(desk):
    desk.take(document(version=2, status="canceled"))
    desk.take(document(version=1))
    assert desk.shown() == []
    assert desk.changes() == []
    desk.agree()


def test_what_is_withheld_is_hidden_until_a_later_version(desk):
    desk.take(document(version=1), document("2"))
    summary = desk.take(document(version=2, text="Under review.", status="withheld"))
    assert summary.waiting == 1
    assert desk.shown() == [("Story 2", 1, 1)]
    desk.take(document(version=2, text="Under review."))
    assert desk.shown() == [("Story 2", 1, 1)]
    desk.take(document(version=3, text="Cleared."))
    assert desk.shown("cleared") == [("Story 1", 1, 4)]
    assert [k for k, _ in desk.changes()][2:] == ["removed", "corrected"]


def test_an_embargo_waits_until_its_time(desk):
    desk.take(document(embargo="2026-03-01T06:30:00Z"), document("2"))
    assert desk.shown() == [("Story 2", 1, 1)]
    assert desk.shelf.due() == []
    assert desk.minute(desk.shelf.next_due()) == 30
    assert desk.changes() == [("new", 1)]
    desk.now = T + timedelta(minutes=30)
    assert desk.shelf.due() == [document().id]
    assert desk.settle().documents == 1
    assert desk.shown() == [("Story 1", 30, 30), ("Story 2", 1, 1)]
    assert desk.changes() == [("new", 1), ("new", 30)]
    assert (desk.shelf.due(), desk.shelf.next_due()) == ([], None)
    summary = desk.take(document(embargo="2026-03-01T06:30:00Z"))
    assert summary.unchanged == 1
    desk.agree()


def test_every_run_shows_first_what_is_due(desk):
    desk.take(document(embargo="2026-03-01T06:05:00Z"))
    summary = desk.take(document("2"), later=600)
    assert summary.documents == 1  # of its own input
    assert [head for head, *_ in desk.shown()] == ["Story 1", "Story 2"]


def test_an_embargo_hides_what_was_shown_and_may_be_moved(desk):
    desk.take(document(version=1))
    desk.take(document(version=2, text="Not yet.", embargo="2026-03-01T07:00:00Z"))
    assert desk.shown() == []
    desk.take(document(version=2, text="Not yet.", embargo="2026-03-01T06:10:00Z"))
    assert desk.minute(desk.shelf.next_due()) == 10
    desk.take(document(version=2, text="Not yet."))
    assert desk.shown() == [("Story 1", 1, 4)]
    assert [k for k, _ in desk.changes()] == ["new", "removed", "corrected"]


def test_an_embargo_that_cannot_be_read_shows_nothing_and_keeps_nothing_else_out(desk):
    summary = desk.take(document(embargo="soon"), document("2"))
    assert (summary.failed, summary.documents) == (1, 1)
    assert isinstance(desk.errors[0], InputError)
    assert [head for head, *_ in desk.shown()] == ["Story 2"]


def test_what_an_editor_removed_comes_back_when_somebody_means_it(desk):
    desk.take(document(text="One."))
    desk.take(document(text="Two."))
    id_ = document().id
    assert desk.remove(id_)
    assert not desk.remove(id_)
    assert not desk.remove("another")
    assert desk.shown() == []
    assert list(desk.shelf.documents([id_])) == []  # the contents are gone, the older ones too
    assert desk.shelf.versions(id_) == []
    desk.take(document(text="Two."), document(text="Three."))
    assert [type(e) for e in desk.errors] == [StaleVersionError] * 2
    assert "2026-03-01" in str(desk.errors[0])
    desk.take(document(text="Two."), revive=True)
    assert [head for head, *_ in desk.shown()] == ["Story 1"]
    assert [k for k, _ in desk.changes()] == ["new", "corrected", "removed", "new"]
    desk.agree()


def test_articles_of_a_dump_are_told_one_by_one(desk):
    one = ("Ferry Leaves the Harbour", "The ferry left the harbour of Ellery at noon, said the mayor.")
    two = ("Price of Salt Rises Again", "The price of salt rose by a tenth in a week, said the growers.")
    three = (
        "Bridge Closed for the Winter",
        "The bridge over the Ell was closed for the winter, said the county.",
    )
    desk.take(dump(one, two))
    desk.take(dump(three, one, two))
    assert [minute for _, minute, _ in desk.shown()] == [2, 1, 1]
    desk.take(dump(three, two))
    assert [k for k, _ in desk.changes()] == ["new", "new", "new", "removed"]
    assert len(desk.shown()) == 2
    desk.take(dump(three, one, two))
    assert [k for k, _ in desk.changes()][4:] == ["new"]
    assert sorted(added for _, added, _ in desk.shown()) == [1, 1, 2]


def test_older_contents_are_kept_to_a_number(desk, monkeypatch):
    monkeypatch.setattr(shelving, "MAX_VERSIONS", 3)
    for n in range(6):
        desk.take(document(text=f"Text {n}."))
    kept = [old.document.text[-2] for old in desk.shelf.versions(document().id)]
    assert kept == ["2", "3", "4"]


def test_changes_are_dropped_when_they_are_old_and_their_numbers_not_given_again(desk):
    desk.take(document("1"), document("2"))
    old = desk.now - timedelta(days=shelf_module.MAX_DAYS + 1)
    desk.archive.write(lambda c: c.execute(sa.update(CHANGES).values(at=old)))
    desk.take(document("3"))
    assert [c.seq for c in desk.shelf.changes(0, 10)] == [3]


def test_another_analysis_of_the_same_text_is_no_news(desk, monkeypatch):
    desk.take(document("1"), document("2"))
    monkeypatch.setattr("index.contents.ANALYSIS", "other")
    summary = desk.take(document("1"), document("2"))
    assert (summary.documents, summary.unchanged) == (2, 0)
    assert desk.changes() == [("new", 1), ("new", 1)]
    assert desk.shown() == [("Story 1", 1, 1), ("Story 2", 1, 1)]


def test_what_was_indexed_before_there_was_an_archive_is_taken_in_quietly(desk):
    with StoreWriter(desk.path) as store:
        run([document("1"), document("2")], store, desk.options, Listener())
    told = list(problems(desk.path, desk.archive))
    assert len(told) == 1
    assert "never seen 2 documents" in told[0]
    desk.take(document("1"))
    assert desk.shelf.looked_at_place().strays == 2
    desk.take(document("1"), document("2"))
    assert desk.changes() == []
    desk.take()
    assert desk.shelf.looked_at_place().strays == 0
    desk.agree()


def test_an_index_that_was_begun_anew_gets_all_that_the_archive_has(desk, tmp_path):
    desk.take(document("1"), document("2"), document("3", status="withheld"))
    other = tmp_path / "other"
    url = desk.url or f"sqlite:///{desk.path}/archive.sqlite3"
    desk.path, desk.url = other, url
    desk.take(document("4"))
    assert [head for head, *_ in desk.shown()] == ["Story 1", "Story 2", "Story 4"]
    assert desk.shown()[0] == ("Story 1", 1, 1)
    assert len(desk.changes()) == 3
    desk.agree()


def test_a_request_leaves_a_long_backlog_to_others(desk, tmp_path):
    desk.take(*(document(str(n)) for n in range(5)))
    desk.url = desk.url or f"sqlite:///{desk.path}/archive.sqlite3"
    desk.path = tmp_path / "other"
    desk.take(document("new"), backlog=3)
    assert [head for head, *_ in desk.shown()] == ["Story new"]
    assert len(desk.changes()) == 5  # the new one is told when the others are there
    desk.settle()
    assert len(desk.shown()) == 6
    assert len(desk.changes()) == 6


def test_a_damaged_content_is_named_and_keeps_nothing_else_out(desk):
    desk.take(document("1"), document("2"))
    here = sa.update(DOCUMENTS).where(DOCUMENTS.c.id == document("1").id)
    desk.archive.write(lambda c: c.execute(here.values(content=b"\x01nonsense")))
    (told,) = problems(desk.path, desk.archive)
    assert document("1").id in told
    assert "cannot be unpacked" in told
    assert "index its source again" in told
    desk.take(document("1", "Again."))
    desk.agree()


def test_an_archive_of_a_missing_file_holds_nothing(tmp_path):
    shelf = Shelf(Archive(tmp_path))
    assert (shelf.changes(0, 9), shelf.due(), shelf.next_due(), shelf.states()) == ([], [], None, {})
    assert (shelf.known(["x"]), list(shelf.all()), shelf.last_turn()) == ({}, [], 0)
    assert shelf.looked_at_place() is None
    assert list(tmp_path.iterdir()) == []
