"""Folders and feeds that are followed: complete files, polite questions, nothing lost."""

import json
import os
import signal
import subprocess
import sys
import time
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from click.testing import CliRunner

from api.cli import main_group
from api.settings import Settings
from api.watch import Plan, Watch
from index.archive import Archive
from index.feeds import Feed, Feeds
from index.fetching import Answer
from index.following import Followed
from index.ingests import IngestLog
from search.request import SearchRequest
from search.whoosh_engine import WhooshEngine

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
QUARTER = timedelta(minutes=15)


def record(name, text="The ferry sailed on Saturday."):
    return json.dumps({"id": name, "headline": name, "text": text}) + "\n"


def found(index, q=""):
    engine = WhooshEngine(index)
    try:
        return {h.article.headline for h in engine.search(SearchRequest(q, group="article", limit=100)).hits}
    finally:
        engine.close()


class Newsroom:
    """A server of feeds: what it says by path, and what it was asked."""

    def __init__(self):
        self.says, self.asked = {}, []
        room = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                room.asked.append((self.path, {n.lower(): v for n, v in self.headers.items()}))
                status, headers, body = room.says[self.path]
                if headers.get("ETag") and self.headers.get("If-None-Match") == headers["ETag"]:
                    status, body = 304, b""
                self.send_response(status)
                for name, value in {**headers, "Content-Length": str(len(body))}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self.server.server_port}"
        Thread(target=self.server.serve_forever, daemon=True).start()

    def say(self, path, *records, status=200, **headers):
        names = {name.replace("_", "-"): value for name, value in headers.items()}
        body = "".join(records).encode()
        self.says[path] = (status, {"Content-Type": "application/x-ndjson", **names}, body)


@pytest.fixture
def room():
    made = Newsroom()
    yield made
    made.server.shutdown()
    made.server.server_close()


@pytest.fixture
def look(tmp_path):
    """Look once at some sources; returns what was told."""

    def looking(*sources):
        told = []
        plan = Plan(QUARTER, once=True)
        Watch(Settings(index=tmp_path / "index"), [str(s) for s in sources], plan, told.append).run()
        return told

    return looking


def due_again(tmp_path, url):
    feeds = Feeds(Archive(tmp_path / "index"))
    feeds.put(replace(feeds.get(url), next_at=None))


# --- folders


def test_a_file_is_taken_when_it_is_complete_and_again_when_it_changed(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    followed = Followed([str(folder)])
    file = folder / "a.jsonl"
    file.write_text(record("a"))
    assert list(followed.look()) == []  # it may still be written
    file.write_text(record("a") + record("b"))
    assert list(followed.look()) == []
    assert list(followed.look()) == [str(file)]
    assert list(followed.look()) == []
    file.write_text(record("c"))
    assert [list(followed.look()) for _ in range(3)] == [[], [str(file)], []]
    followed.forget([str(file)])
    assert list(followed.look()) == [str(file)]


def test_unfinished_names_are_left_and_errors_told_once(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    for name in ("a.part", "b.tmp", "c.txt~", ".hidden"):
        (folder / name).write_text("x")
    followed = Followed([str(folder), str(tmp_path / "missing")])
    looks = [[str(one) for one in followed.look()] for _ in range(3)]
    assert [len(look) for look in looks] == [1, 0, 0]
    assert "does not exist" in looks[0][0]
    (tmp_path / "missing").mkdir()
    list(followed.look())
    (tmp_path / "missing").rmdir()
    assert len(list(followed.look())) == 1


def test_what_is_new_in_a_folder_is_found(tmp_path, look):
    folder = tmp_path / "in"
    folder.mkdir()
    (folder / "a.jsonl").write_text(record("one") + record("two"))
    (folder / "bad.jsonl").write_text("{broken\n" + record("three"))
    told = look(folder)
    assert found(tmp_path / "index") == {"one", "two", "three"}
    assert any("bad.jsonl:1" in line for line in told)
    assert any("3 documents new or changed" in line for line in told)
    (run,) = IngestLog(Archive(tmp_path / "index")).runs()
    assert (run.how, run.counts["documents"], run.counts["failed"]) == ("watch", 3, 1)


# --- feeds


def test_a_feed_is_asked_for_what_is_new_alone(tmp_path, room, look):
    url = f"{room.url}/feed"
    room.say("/feed", record("one"), ETag='"1"', Last_Modified="Sun, 01 Mar 2026 10:00:00 GMT")
    look(url)
    assert found(tmp_path / "index") == {"one"}
    look(url)
    assert len(room.asked) == 1  # not due yet
    due_again(tmp_path, url)
    look(url)
    _, headers = room.asked[1]
    assert headers["if-none-match"] == '"1"'
    assert headers["if-modified-since"] == "Sun, 01 Mar 2026 10:00:00 GMT"
    assert headers["user-agent"].startswith("Dateline/")
    assert len(IngestLog(Archive(tmp_path / "index")).runs()) == 1
    room.say("/feed", record("one"), record("two"), ETag='"2"')
    due_again(tmp_path, url)
    look(url)
    assert found(tmp_path / "index") == {"one", "two"}


def test_a_feed_that_says_the_same_without_a_name_for_it_is_not_read_again(tmp_path, room, look):
    url = f"{room.url}/feed"
    room.say("/feed", record("one"))
    look(url)
    due_again(tmp_path, url)
    assert look(url) == []
    assert len(room.asked) == 2
    assert len(IngestLog(Archive(tmp_path / "index")).runs()) == 1


def test_a_feed_that_fails_is_left_alone_longer_each_time_and_takes_nothing_down(tmp_path, room, look):
    bad, good = f"{room.url}/bad", f"{room.url}/good"
    room.say("/bad", status=500)
    room.say("/good", record("one"))
    told = look(bad, good)
    assert any("answered 500" in line and "again in" in line for line in told)
    assert found(tmp_path / "index") == {"one"}
    state = Feeds(Archive(tmp_path / "index")).get(bad)
    assert (state.failures, state.gone) == (1, False)
    room.say("/bad", record("two"))
    due_again(tmp_path, bad)
    look(bad)
    assert found(tmp_path / "index") == {"one", "two"}
    assert Feeds(Archive(tmp_path / "index")).get(bad).error is None


def test_a_feed_that_is_gone_is_asked_no_more(tmp_path, room, look):
    room.say("/feed", status=410)
    assert any("gone" in line for line in look(f"{room.url}/feed"))
    due_again(tmp_path, f"{room.url}/feed")
    look(f"{room.url}/feed")
    assert len(room.asked) == 1


def test_a_feed_that_moved_for_good_is_asked_for_where_it_is(tmp_path, room, look):
    room.say("/old", status=301, Location="/new")
    room.say("/new", record("one"))
    look(f"{room.url}/old")
    due_again(tmp_path, f"{room.url}/old")
    look(f"{room.url}/old")
    assert [path for path, _ in room.asked] == ["/old", "/new", "/new"]
    assert found(tmp_path / "index") == {"one"}


def test_a_feed_cannot_lead_to_a_private_address_that_nobody_named(tmp_path, room, look):
    room.say("/feed", status=302, Location="http://127.0.0.1:8009/secret")
    assert any("not public" in line for line in look(f"{room.url}/feed"))
    assert any("Name or service" in line or "known" in line for line in look("http://nowhere.invalid/feed"))


def answer(status=200, body=b"x", moved=None, **headers):
    told = {name.replace("_", "-"): value for name, value in headers.items()}
    return Answer(status, told, body, False, "http://a.example/", moved)


@pytest.mark.parametrize(
    ("said", "minutes"),
    [
        (answer(), 15),
        (answer(cache_control="public, max-age=3600"), 60),
        (answer(cache_control="max-age=60"), 15),
        (answer(cache_control="max-age=999999999"), 24 * 60),
        (answer(body=b"<rss><channel><ttl> 120 </ttl></channel></rss>"), 120),
        (answer(304, b"", cache_control="max-age=3600"), 60),
    ],
)
def test_a_feed_is_asked_as_often_as_it_wishes(said, minutes):
    after, _ = Feed("u", failures=3, error="x").answered(said, NOW, QUARTER)
    assert after.next_at == NOW + timedelta(minutes=minutes)
    assert (after.failures, after.error) == (0, None)


def test_pauses_double_up_to_a_day_and_retry_after_is_kept():
    feed, pauses = Feed("u"), []
    for _ in range(15):
        feed = feed.failed("no", NOW)
        pauses.append((feed.next_at - NOW).total_seconds())
    assert 45 <= pauses[0] <= 75
    assert all(a < b for a, b in zip(pauses, pauses[2:], strict=False) if b < 86_400)
    assert pauses[-1] == 86_400
    busy, _ = Feed("u").answered(answer(503, retry_after="7200"), NOW, QUARTER)
    assert busy.next_at == NOW + timedelta(hours=2)
    dated, _ = Feed("u").answered(answer(429, retry_after="Sun, 01 Mar 2026 15:00:00 GMT"), NOW, QUARTER)
    assert dated.next_at == NOW + timedelta(hours=3)
    odd, _ = Feed("u").answered(answer(503, retry_after="soon"), NOW, QUARTER)
    assert odd.next_at < NOW + timedelta(minutes=2)


def test_what_is_known_of_feeds_outlives_the_process(archive, tmp_path, archive_url):
    assert Feeds(archive).all() == ()
    known, _ = Feed("https://b.example/feed").answered(answer(etag='"1"', last_modified="x"), NOW, QUARTER)
    Feeds(archive).put(known)
    Feeds(archive).put(Feed("https://a.example/feed").failed("no", NOW))
    Feeds(archive).put(replace(known, failures=2))
    again = Feeds(Archive(tmp_path, archive_url))
    assert [f.url for f in again.all()] == ["https://a.example/feed", "https://b.example/feed"]
    assert again.get("https://b.example/feed") == replace(known, failures=2)


# --- the command


def test_the_command_tells_how_its_feeds_are(tmp_path, room, monkeypatch):
    monkeypatch.setenv("DATELINE_INDEX", str(tmp_path / "index"))
    room.say("/bad", status=503)
    run = CliRunner().invoke
    assert "no feed was followed yet" in run(main_group, ["watch", "--status"]).output
    assert run(main_group, ["watch"]).exit_code == 2
    assert run(main_group, ["watch", "--once", f"{room.url}/bad"]).exit_code == 1
    told = run(main_group, ["watch", "--status"]).output
    assert f"{room.url}/bad  failing (1)" in told and "answered 503" in told


def test_it_follows_until_it_is_ended_and_a_kill_loses_nothing(tmp_path):
    folder, index = tmp_path / "in", tmp_path / "index"
    folder.mkdir()
    (folder / "a.jsonl").write_text(record("one"))
    command = [sys.executable, "-m", "api", "watch", str(folder), "--index", str(index)]

    def following():
        return subprocess.Popen(command, stderr=subprocess.PIPE, text=True, env={**os.environ})

    def wait_for(headlines):
        for _ in range(300):
            try:
                if found(index) == headlines:
                    return
            except Exception:
                pass
            time.sleep(0.1)
        raise AssertionError(headlines)

    process = following()
    try:
        wait_for({"one"})
        (folder / "b.jsonl").write_text(record("two"))
        wait_for({"one", "two"})
        (folder / "c.jsonl").write_text(record("three"))
    finally:
        process.send_signal(signal.SIGKILL)
        process.communicate(timeout=30)
    process = following()
    try:
        wait_for({"one", "two", "three"})
    finally:
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=30)
    assert process.returncode == 0
