"""Saved searches are told of new articles: each story once, corrections marked, nothing lost."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta

import pytest

from api import alerts
from api.alerts import Matcher
from index import pipeline
from index.archive import Archive
from index.entities import Recogniser
from index.errors import IndexDamagedError, NotFoundError, SavedSearchError
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.saved import SavedSearches, matches_after
from index.settling import remove
from index.shelf import Shelf
from index.store import StoreWriter
from search import percolate
from search.percolate import FiledSearches
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine
from tests.wire import DAM

FERRY = "The ferry to Ellery Harbour left an hour late after the dockers' strike."


def each_its_own(articles):
    """Most tests take one text many times."""
    return {}


class Newsroom:
    """An index, its archive and its matcher, as the server has them."""

    def __init__(self, path, url):
        self.path = path / "index"
        self.archive = Archive(self.path, url)
        self.saved = SavedSearches(self.archive)
        self.engine = WhooshEngine(self.path, archive=self.archive)
        self.matcher = Matcher(self.archive, self.engine, stories=each_its_own)
        self.inbox = path / "inbox.jsonl"

        with StoreWriter(self.path):
            pass

    def take(self, *records, revive=False):
        rows = [{"headline": "Ferry Leaves Late", "published": "2015-03-03", **r} for r in records]
        self.inbox.write_text("\n".join(json.dumps(r) for r in rows))
        with StoreWriter(self.path) as store:
            done = run(
                open_sources([str(self.inbox)]),
                store,
                Options(),
                Listener(),
                Shelf(self.archive, revive=revive),
            )
        assert done.failed == 0
        return done.ids

    def remove(self, document):
        with StoreWriter(self.path) as store:
            assert remove(document, store, Shelf(self.archive))

    def save(self, query, name="Ferries"):
        return self.saved.create(name, "anna", query).id

    def told(self, id_):
        """What a search was told of, in order: kind and headline."""
        return [(m.kind, m.told.headline) for m in reversed(self.saved.matches(id_))]


@pytest.fixture(scope="module")
def recogniser():
    return Recogniser(None)


@pytest.fixture
def room(tmp_path, archive_url, recogniser, monkeypatch):
    # One for all runs: loading the model takes longer than all else that these tests do.
    monkeypatch.setattr(pipeline, "Recogniser", lambda model: recogniser)
    made = Newsroom(tmp_path, archive_url)
    yield made
    made.engine.close()


def test_only_what_is_added_after_a_search_was_saved_is_told(room):
    room.take({"id": "1", "text": FERRY})
    ferries, everything = room.save("q=ferries"), room.save("", "All")
    other = room.save("q=ferry+-strike", "No strike")
    assert room.matcher.match_new().matches == 0
    room.take({"id": "1", "text": FERRY}, {"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    assert room.matcher.match_new() == alerts.Matched(2 + 1, 1, {})
    assert room.told(ferries) == [("new", "Ferry Waits")] == room.told(everything)
    # The headline has the ferry and not the strike; it is a paragraph, as on the page.
    assert room.told(other) == [("new", "Ferry Waits")]
    (match,) = room.saved.matches(ferries)
    assert match.told.published == date(2015, 3, 3) and match.told.added is not None
    assert [match.told.snippet[a:b] for a, b in match.told.marks] == ["ferry"]
    assert len(match.paragraphs) == 2 and match.search_name == "Ferries"
    assert room.matcher.match_new() == alerts.Matched(0, 0, {})


def test_a_restart_loses_nothing_and_repeats_nothing(room):
    ferries = room.save("q=ferry")
    room.take({"id": "1", "text": FERRY})
    assert alerts.match_new(room.archive, room.engine).matches == 1
    room.take({"id": "2", "text": "Another ferry sank; the dockers saw it.", "headline": "Ferry Waits"})
    assert alerts.match_new(room.archive, room.engine).matches == 1
    assert alerts.match_new(room.archive, room.engine).matches == 0
    first, second = matches_after(room.archive, 0, 10)
    assert (first.number, second.number) == (1, 2) and first.id != second.id
    assert matches_after(room.archive, 1, 10) == (second,)
    assert {m.search for m in (first, second)} == {ferries}


def test_two_matchers_at_once_tell_once(room, monkeypatch):
    ferries = room.save("q=ferry")
    room.take({"id": "1", "text": FERRY})
    other = Matcher(room.archive, WhooshEngine(room.path, archive=room.archive), stories=each_its_own)
    matched = room.engine.percolate

    def slow(*asked):
        monkeypatch.undo()
        assert other.match_new().matches == 1
        return matched(*asked)

    monkeypatch.setattr(room.engine, "percolate", slow)
    assert room.matcher.match_new().matches == 0
    assert room.told(ferries) == [("new", "Ferry Leaves Late")]


def test_a_correction_is_told_once_and_marked(room):
    ferries, quays = room.save("q=ferry+strike"), room.save("q=quay", "Quays")
    room.take({"id": "1", "text": FERRY})
    room.matcher.match_new()
    room.take({"id": "1", "text": f"{FERRY} The quay was closed.", "headline": "Ferry Leaves Later"})
    assert room.matcher.match_new().matches == 2
    assert room.matcher.match_new().matches == 0
    assert room.told(ferries) == [("new", "Ferry Leaves Later"), ("corrected", "Ferry Leaves Later")]
    assert room.told(quays) == [("corrected", "Ferry Leaves Later")]  # by the correction for the first time
    ((first, last),) = room.saved.stories(ferries)
    assert (first.kind, last.kind) == ("new", "corrected") and last.entry == first.id and last.at > first.at


def test_what_no_longer_matches_is_not_shown_with_what_was_corrected(room):
    ferries = room.save("q=strike")
    room.take({"id": "1", "text": FERRY})
    room.matcher.match_new()
    room.take({"id": "1", "text": "The ferry was late for no known reason.", "headline": "Ferry Late"})
    assert room.matcher.match_new().matches == 0
    ((first, last),) = room.saved.stories(ferries)
    assert first == last and (first.told.headline, first.told.snippet) == ("Ferry Late", "")


def test_a_correction_of_what_was_there_before_the_search_is_not_news(room, monkeypatch):
    room.take({"id": "1", "text": FERRY})
    ferries = room.save("q=ferry")
    # The article's time is to the second; the search was saved a while later.
    search = room.saved.get(ferries)
    search = replace(search, since_at=search.since_at + timedelta(seconds=5))
    monkeypatch.setattr(SavedSearches, "all", lambda self, **_: (search,))
    room.take({"id": "1", "text": f"{FERRY} It is late again."})
    assert room.matcher.match_new().matches == 0
    assert room.told(ferries) == []


def test_what_came_and_was_corrected_at_once_is_told_as_new(room):
    ferries = room.save("q=ferry")
    room.take({"id": "1", "text": FERRY})
    room.take({"id": "1", "text": f"{FERRY} It is late again."})
    assert room.matcher.match_new().matches == 1
    assert room.told(ferries) == [("new", "Ferry Leaves Late")]


def test_what_was_removed_is_told_of_no_more_and_once_when_it_returns(room):
    ferries = room.save("q=ferry")
    (document,) = room.take({"id": "1", "text": FERRY})
    room.matcher.match_new()
    room.remove(document)
    room.matcher.match_new()
    assert room.saved.stories(ferries) == () and room.saved.matches(ferries)[0].gone
    room.take({"id": "1", "text": FERRY}, revive=True)
    assert room.matcher.match_new().matches == 0
    assert len(room.saved.stories(ferries)) == 1
    assert room.told(ferries) == [("new", "Ferry Leaves Late")]


def test_a_copy_of_what_was_told_is_not_told_again(room):
    ferries, matcher = room.save("q=dam"), Matcher(room.archive, room.engine)
    room.take({"id": "agency", "text": "\n\n".join(DAM)})
    matcher.match_new()
    room.take({"id": "courier", "headline": "Thousands flee", "text": "\n\n".join(DAM[:3])})
    matcher.match_new()
    [told] = room.saved.matches(ferries)
    assert told.story == room.engine.story_of(told.article)


def test_copies_of_one_second_are_told_once(room, monkeypatch):
    """A story goes by its first article: of one second that of the lowest id, whichever came first."""
    now = datetime.now(UTC).replace(microsecond=0)
    monkeypatch.setattr("index.shelf.now_utc", lambda: now)
    room.save("q=dam")
    told = 0
    for number in (3, 5, 1, 2, 0):  # by their articles' ids, the highest first
        room.take({"id": f"copy {number}", "headline": "The Dam", "text": "\n\n".join(DAM)})
        engine = WhooshEngine(room.path, archive=room.archive)  # another process, which has seen none of it
        told += Matcher(room.archive, engine).match_new().matches
        engine.close()
    assert told == 1


def test_a_story_that_several_publish_is_told_once(room):
    ferries = room.save("q=ferry")
    matcher = Matcher(room.archive, room.engine, stories=lambda articles: dict.fromkeys(articles, "story"))
    room.take({"id": "1", "text": FERRY}, {"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    assert matcher.match_new().matches == 1
    room.take({"id": "3", "text": FERRY, "headline": "Ferry Sails"})
    assert matcher.match_new().matches == 0
    room.take({"id": "3", "text": f"{FERRY} At last.", "headline": "Ferry Sails"})
    assert matcher.match_new().matches == 0  # of the copy that nobody was told of
    (_, headline) = room.told(ferries)[0]
    number = {"Ferry Leaves Late": "1", "Ferry Waits": "2"}[headline]
    room.take({"id": number, "text": f"{FERRY} At last.", "headline": headline})
    assert matcher.match_new().matches == 1
    assert room.told(ferries) == [("new", headline), ("corrected", headline)]


def test_a_paused_search_is_told_nothing_of_the_meantime(room):
    ferries = room.save("q=ferry")
    room.saved.change(ferries, state="paused")
    room.take({"id": "1", "text": FERRY})
    room.matcher.match_new()
    room.take({"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    room.saved.change(ferries, state="active")
    room.matcher.match_new()
    room.take({"id": "3", "text": FERRY, "headline": "Ferry Sails"})
    room.matcher.match_new()
    assert room.told(ferries) == [("new", "Ferry Sails")]


def test_another_query_counts_from_then_on(room):
    ferries = room.save("q=ferry")
    room.take({"id": "1", "text": FERRY})
    room.matcher.match_new()
    before = room.saved.get(ferries)
    assert room.saved.change(ferries, name="Strikes", query="q=strike").revision > before.revision
    assert room.saved.change(ferries, name="Strikes").name == "Strikes"
    room.take({"id": "2", "text": FERRY, "headline": "Ferry Waits"}, {"id": "3", "text": "A ferry sank."})
    room.matcher.match_new()
    assert room.told(ferries) == [("new", "Ferry Leaves Late"), ("new", "Ferry Waits")]


def test_an_editors_merge_counts_at_once(room):
    text = "Helen Walsh opened the bridge on Monday. Mayor Grace Okafor was there."
    walsh = room.save("person=person-helen-walsh", "Walsh")
    room.take({"id": "1", "text": text})
    room.matcher.match_new()
    assert len(room.told(walsh)) == 1
    arguments = {
        "from": ["person-helen-walsh"],
        "into": "person-h-walsh",
        "kind": "person",
        "name": "H Walsh",
    }
    room.archive.record("anna", "merge", arguments)
    room.take({"id": "2", "text": text, "headline": "Bridge Opens"})
    room.matcher.match_new()
    assert room.told(walsh)[1:] == [("new", "Bridge Opens")]


# --- what goes wrong


def test_a_search_that_raises_is_shown_tried_again_and_misses_nothing(room, monkeypatch):
    ferries, strikes = room.save("q=ferry"), room.save("q=strike", "Strikes")
    whole = percolate._Checking._check

    def failing(self, entry, *rest):
        if entry.id == ferries:
            raise ValueError("no such luck")
        return whole(self, entry, *rest)

    monkeypatch.setattr(percolate._Checking, "_check", failing)
    room.take({"id": "1", "text": FERRY})
    done = room.matcher.match_new()
    assert done.broken == {ferries: "ValueError: no such luck"} and done.matches == 1
    room.take({"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    room.matcher.match_new()
    broken = room.saved.get(ferries)
    assert (broken.state, broken.reason) == ("broken", "ValueError: no such luck")
    assert len(room.told(strikes)) == 2 and room.told(ferries) == []
    monkeypatch.undo()
    assert room.matcher.match_new().matches == 2
    assert [h for _, h in room.told(ferries)] == ["Ferry Leaves Late", "Ferry Waits"]
    assert (room.saved.get(ferries).state, room.saved.get(ferries).reason) == ("active", None)
    assert room.matcher.match_new().matches == 0


def test_a_query_that_cannot_be_read_any_more_is_shown_and_comes_back(room, monkeypatch):
    ferries = room.save("q=ferry&colour=red")
    room.take({"id": "1", "text": FERRY})
    done = room.matcher.match_new()
    assert done.matches == 0 and "colour" in done.broken[ferries]
    assert room.saved.get(ferries).state == "broken"
    room.take({"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    room.matcher.match_new()
    assert room.told(ferries) == []
    # A later Dateline reads it.
    monkeypatch.setattr(alerts, "request_of", lambda query: SearchRequest(q="ferry"))
    assert Matcher(room.archive, room.engine, stories=each_its_own).match_new().matches == 2
    assert room.saved.get(ferries).state == "active"


def test_while_the_index_cannot_be_read_nothing_is_passed_over(room, monkeypatch):
    ferries = room.save("q=ferry")
    room.take({"id": "1", "text": FERRY})

    def damaged(*_):
        raise IndexDamagedError(room.path, "a test")

    monkeypatch.setattr(room.engine, "percolate", damaged)
    with pytest.raises(IndexDamagedError):
        room.matcher.match_new()
    monkeypatch.undo()
    assert room.matcher.match_new().matches == 1
    assert room.saved.get(ferries).state == "active"


def test_what_cannot_be_saved_is_refused(room):
    with pytest.raises(SavedSearchError, match="1 to 200"):
        room.save("q=ferry", " ")
    with pytest.raises(SavedSearchError, match="one line"):
        room.save("q=ferry", "a\nb")
    with pytest.raises(SavedSearchError, match="8,000"):
        room.save("q=" + "x" * 8_000)
    with pytest.raises(NotFoundError):
        room.saved.change("gone", name="x")
    with pytest.raises(NotFoundError):
        room.saved.remove("gone")
    ferries = room.save("q=ferry")
    with pytest.raises(SavedSearchError, match="active or paused"):
        room.saved.change(ferries, state="broken")
    room.saved.remove(ferries)
    assert room.saved.all() == ()


def test_without_searches_the_matcher_goes_past_what_there_is(room):
    room.take({"id": "1", "text": FERRY}, {"id": "2", "text": FERRY, "headline": "Ferry Waits"})
    assert room.matcher.match_new() == alerts.Matched(0, 0, {})
    assert room.saved.cursor() == room.saved.due() == 2


def test_searches_are_taken_into_memory_once(room, monkeypatch):
    put = []
    keep = FiledSearches.put
    monkeypatch.setattr(
        FiledSearches, "put", lambda self, id_, asked: put.append(id_) or keep(self, id_, asked)
    )
    ferries = room.save("q=ferry")
    for number in "123":
        room.take({"id": number, "text": FERRY, "headline": f"Ferry {number}"})
        room.matcher.match_new()
    assert put == [ferries] and len(room.told(ferries)) == 3
