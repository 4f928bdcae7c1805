"""Several writers of one index share its archive: nothing is lost, said too early, or done twice."""

import threading
from datetime import UTC, datetime, timedelta

import pytest
import sqlalchemy as sa

from index.archive import Archive
from index.errors import StaleVersionError
from index.intake import Listener
from index.model import Block, Document, Lifecycle, Metadata
from index.pipeline import Options, run, settle
from index.queueing import enqueue, work_off
from index.shelf import Shelf
from index.shelf_tables import DOCUMENTS, INDEXED, WAITING
from index.shelving import Taking
from index.store import StoreWriter
from index.waiting import LEASE_S, Hand
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine


def document(id_="1", text="The salt is gone.", version=None, status="usable", embargo=None):
    blocks = (Block(0, len(text), "body"),)
    said = Metadata(headline=f"Story {id_}"), blocks, Lifecycle(version, status, embargo)
    return Document(f"id:{id_}", f"wire:{id_}", "jsonlines", text, *said)


def row(id_, **articles):
    """A document as it goes into the archive, with its articles and their digests."""
    told = {"identity": id_, "source": id_, "format": "text", "digest": "d" * 16, "content": b"x"}
    return Taking(id_, "current", None, None, told, articles or {f"{id_}-a": "0" * 16})


class Writers:
    """Several that write into one index, and its archive."""

    def __init__(self, path, url):
        self.path, self.url = path, url
        self.archive = Archive(path, url)
        self.one, self.other = self.writer(), self.writer()
        self.one.place()

    def writer(self, **told):
        shelf = Shelf(Archive(self.path, self.url), **told)
        shelf.hand.alone = False
        return shelf

    def place(self):
        found = self.one.looked_at_place()
        return found and (found.turn, found.seq)

    def later(self, seconds=LEASE_S + 1):
        """All that is in hand is older by so much."""
        ago = timedelta(seconds=seconds)
        with self.archive.reading() as connection:
            rows = connection.execute(sa.select(WAITING).where(WAITING.c.until.is_not(None))).all()
        for r in rows:
            here = sa.update(WAITING).where(WAITING.c.id == r.id)
            until = r.until.replace(tzinfo=UTC) - ago
            self.archive.write(lambda c, here=here, until=until: c.execute(here.values(until=until)))

    def waiting(self):
        asked = sa.select(WAITING.c.id).order_by(WAITING.c.id)
        return [r.id for r in self.archive.rows(WAITING, asked)]


@pytest.fixture
def writers(tmp_path, archive_url):
    made = Writers(tmp_path, archive_url)
    yield made
    made.one.hand.rest()
    made.other.hand.rest()


@pytest.fixture(autouse=True)
def no_names(monkeypatch):
    monkeypatch.setattr(
        "index.entities.recogniser.Recogniser.recognise", lambda self, texts: [() for _ in texts]
    )


# --- how far the index is


def test_what_another_writer_has_not_brought_into_the_index_is_not_noted_as_there(writers):
    writers.one.put([row("a")])
    writers.other.put([row("b")])
    writers.other.indexed("made", 1)
    assert writers.place() == (0, 0)
    assert writers.one.changes(0, 10) == []  # alerts follow what can be searched
    writers.one.indexed("made", 2)
    assert writers.place() == (2, 2)
    assert [c.document for c in writers.one.changes(0, 10)] == ["a", "b"]


def test_commits_that_are_noted_in_another_order_than_made_are_all_known(writers):
    writers.one.put([row("a")])
    writers.one.indexed("made", 7)
    writers.other.indexed("made", 6)
    assert writers.one.looked_at_place().generation == 7
    writers.other.indexed("another", 1)
    assert writers.one.looked_at_place().generation == 1


def test_turns_are_given_once_and_in_order_to_writers_at_the_same_time(writers):
    turns, errors = [], []

    def work(n):
        try:
            shelf = writers.writer()
            turns.extend(shelf.put([row(f"{n}-{k}")]).turn for k in range(6))
            shelf.hand.rest()
        except Exception as error:
            errors.append(error)

    threads = [threading.Thread(target=work, args=(n,)) for n in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert errors == []
    assert sorted(turns) == list(range(1, 25))
    writers.one.indexed("made", 1)
    assert writers.place() == (0, 0)
    found = sorted(claimed.id for claimed in writers.one.hand.claim(100, queued=False))
    assert found == sorted(f"{n}-{k}" for n in range(4) for k in range(6))  # all of them were left


# --- who has what in hand


def test_what_a_killed_writer_had_falls_to_others_when_its_time_is_over(writers):
    writers.one.put([row("a")])
    assert writers.other.hand.claim(10, queued=True) == []
    assert writers.other.hand.elsewhere(["a", "b"]) == {"a"}
    writers.later()
    (claimed,) = writers.other.hand.claim(10, queued=True)
    assert (claimed.id, claimed.turn, claimed.sure, claimed.tries) == ("a", 1, False, 1)
    assert writers.one.hand.claim(10, queued=True) == []
    writers.one.indexed("made", 1)  # it was slow, and not killed: what is not in its hand is not struck off
    assert writers.waiting() == ["a"]


def test_the_only_writer_of_a_folder_takes_over_at_once(writers):
    writers.one.hand.alone = writers.other.hand.alone = True
    writers.one.put([row("a")])
    assert [c.id for c in writers.other.hand.claim(10, queued=False)] == ["a"]
    assert writers.other.hand.claim(10, queued=False) == []


def test_who_ends_leaves_what_is_in_hand_to_others_at_once(writers):
    with writers.one.hand:
        writers.one.put([row("a")])
    assert [c.id for c in writers.other.hand.claim(10, queued=False)] == ["a"]


def test_who_is_slow_and_still_there_keeps_what_is_in_hand(writers, monkeypatch):
    monkeypatch.setattr("index.waiting._BEAT_S", 0.05)
    writers.one.put([row("a")])
    writers.later()
    for _ in range(100):
        if writers.one.hand.elsewhere(["a"]) or writers.other.hand.elsewhere(["a"]):
            break
        threading.Event().wait(0.05)
    assert writers.other.hand.claim(10, queued=True) == []


def test_what_changes_in_a_writers_hand_is_done_again_by_it(writers):
    writers.one.put([row("a")])
    writers.other.put([row("a", **{"a-b": "1" * 16})])
    writers.other.indexed("made", 1)
    assert writers.place() == (1, 0)  # it has turn 2 now, and its first change is not there yet
    writers.one.indexed("made", 2)
    assert writers.one.hand.moved
    (claimed,) = writers.one.hand.claim(10, queued=False)
    assert (claimed.id, claimed.turn) == ("a", 2)


def test_the_queue_is_shared_and_nothing_is_given_twice(writers):
    enqueue([document(str(n)) for n in range(40)], Listener(), writers.one)
    found, lock = [], threading.Lock()

    def work():
        hand = Hand(Archive(writers.path, writers.url))
        hand.alone = False
        while claimed := hand.claim(3, queued=True):
            with lock:
                found.extend(claimed)
        hand.open = {one.id: one.turn for one in claimed}

    threads = [threading.Thread(target=work) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(found) == len({one.id for one in found}) == 40
    assert all(one.sure is False for one in found)  # nobody analysed them yet


def test_what_is_withdrawn_does_not_wait_behind_the_queue(writers):
    enqueue([document("1"), document("2", version=1)], Listener(), writers.one)
    enqueue([document("2", version=2, status="canceled")], Listener(), writers.one)
    (claimed,) = writers.other.hand.claim(10, queued=False)
    assert claimed.id == document("2").id


# --- decided upon twice


def test_a_version_that_came_in_between_is_not_replaced_by_an_older_one(writers, monkeypatch):
    path, errors = writers.path / "index", []
    archive = Archive(path, writers.url)

    def slow(self, documents):
        """While these are analysed, another writer takes a newer version."""
        monkeypatch.undo()
        newer = document(text="Newer.", version=5)
        enqueue([newer], Listener(), Shelf(Archive(path, writers.url)))
        return list(self._batch(documents))

    monkeypatch.setattr("index.pipeline.Analyser.analyse", slow)
    with StoreWriter(path) as store:
        older = document(text="Older.", version=4)
        summary = run([older, document("2")], store, Options(), Listener(errors.append), Shelf(archive))
        settle(store, Options(), Listener(), Shelf(archive), queued=True)
    assert (summary.stale, summary.documents) == (1, 1)
    assert [type(e) for e in errors] == [StaleVersionError]
    assert shown(path, archive) == ["Newer.", "The salt is gone."]


def shown(path, archive):
    engine = WhooshEngine(path, archive=archive)
    found = sorted(h.text for h in engine.search(SearchRequest(q="", limit=100)).hits if h.kind == "body")
    engine.close()
    return found


# --- the queue of an index in a folder


class Queue:
    """An index in a folder, whose documents come by the queue."""

    def __init__(self, path, url):
        self.path, self.archive = path, Archive(path, url)

    def put(self, *documents):
        return enqueue(documents, Listener(), Shelf(self.archive))

    def work(self):
        with StoreWriter(self.path) as store:
            return work_off(store, Options(), Listener(), Shelf(self.archive), lambda: False)

    def take(self, *documents, **told):
        with StoreWriter(self.path) as store:
            return run(documents, store, Options(), Listener(), Shelf(self.archive, **told))

    @property
    def changes(self):
        return [c.kind for c in Shelf(self.archive).changes(0, 100)]

    def shown(self):
        return shown(self.path, self.archive)


@pytest.fixture
def queue(tmp_path, archive_url):
    path = tmp_path / "index"
    path.mkdir()
    return Queue(path, archive_url)


def test_what_waits_is_brought_into_the_index_and_told_once(queue):
    summary = queue.put(document("1"), document("2", "Two."), document("1"))
    assert (summary.queued, summary.unchanged, summary.documents) == (2, 1, 0)
    assert queue.changes == []
    assert (queue.work().documents, queue.work().documents) == (2, 0)
    assert queue.shown() == ["The salt is gone.", "Two."]
    assert queue.changes == ["new", "new"]
    assert queue.put(document("1"), document("2", "Two."), document("3", "Three.")).unchanged == 2
    queue.put(document("2", "Two again."))
    assert queue.changes == ["new", "new"]
    assert queue.shown() == ["The salt is gone.", "Two."]
    assert queue.work().documents == 2
    assert queue.changes == ["new", "new", "new", "corrected"]
    assert queue.shown() == ["The salt is gone.", "Three.", "Two again."]


def test_what_was_canceled_in_the_queue_is_never_shown(queue):
    queue.put(document(version=1))
    assert queue.put(document(version=2, status="canceled")).canceled == 1
    queue.work()
    assert (queue.shown(), queue.changes) == ([], [])


def test_a_cancellation_by_the_queue_takes_effect_with_the_next_writer(queue):
    queue.take(document(version=1), document("2", "Two."))
    queue.put(document("3", "Three."), document(version=2, status="canceled"))
    queue.take(document("4", "Four."))
    assert queue.shown() == ["Four.", "Two."]  # and the queue waits for who works it off
    assert queue.changes == ["new", "new", "removed", "new"]
    queue.work()
    assert queue.shown() == ["Four.", "Three.", "Two."]


def test_an_embargo_in_the_queue_is_kept(queue):
    later = datetime.now(UTC) + timedelta(hours=1)
    assert queue.put(document(embargo=later.isoformat())).waiting == 1
    assert queue.work().documents == 0
    assert queue.shown() == []
    past = {"due": datetime.now(UTC) - timedelta(seconds=5)}
    queue.archive.write(lambda c: c.execute(sa.update(DOCUMENTS).values(past)))
    assert queue.work().documents == 1
    assert (queue.shown(), queue.changes) == (["The salt is gone."], ["new"])


def test_alerts_of_other_articles_do_not_wait_for_the_queue(queue):
    queue.put(*(document(str(n), f"Text {n}.") for n in range(5)))
    queue.take(document("news", "News."))
    assert queue.changes == ["new"]
    queue.work()
    assert queue.changes == ["new"] * 6


def test_who_indexes_what_waits_takes_it_out_of_the_queue(queue):
    queue.put(document("1"), document("2", "Two."))
    assert queue.take(document("1")).documents == 1
    assert queue.shown() == ["The salt is gone."]
    assert queue.work().documents == 1
    assert queue.changes == ["new", "new"]


def test_what_cannot_be_analysed_does_not_hold_up_the_others(queue):
    empty = Document("id:2", "wire:2", "text", "   ")
    queue.put(document("1"), empty, document("3", "Three."))
    errors = []
    with StoreWriter(queue.path) as store:
        shelf = Shelf(queue.archive)
        summary = work_off(store, Options(), Listener(errors.append), shelf, lambda: False)
    assert (summary.documents, summary.skipped, len(errors)) == (2, 1, 1)
    assert Shelf(queue.archive).hand.all() == 0
    assert queue.changes == ["new", "new"]


def test_an_index_built_anew_has_what_waits(queue):
    from index.rebuild import Rebuilding, rebuild

    queue.take(document("1"))
    queue.put(document("1", "Other."), document("2", "Two."))
    rebuild(Rebuilding(queue.path, queue.archive, Options(), 5, 512))
    assert queue.shown() == ["Other.", "Two."]
    queue.work()
    assert queue.shown() == ["Other.", "Two."]
    assert sorted(queue.changes) == ["corrected", "new", "new"]


# --- archives of before


def test_what_an_older_dateline_left_waits(tmp_path, archive_url):
    archive = Archive(tmp_path, archive_url)
    shelf = Shelf(archive)
    shelf.put([row("a")])
    shelf.indexed("made", 1)
    shelf.put([row("b")])

    def before(connection):
        connection.execute(sa.text("DROP TABLE waiting"))
        connection.execute(sa.text("UPDATE alembic_version SET version_num = '7'"))

    archive.write(before)
    again = Shelf(Archive(tmp_path, archive_url))
    assert (again.place().turn, again.place().seq) == (1, 1)
    assert [(c.id, c.turn) for c in again.hand.claim(10, queued=False)] == [("b", 2)]
    with again.hand:
        again.hand.open = {"b": 2}
        again.indexed("made", 2)
    assert archive.rows(INDEXED, sa.select(INDEXED))[0].turn == 2
