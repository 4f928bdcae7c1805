"""The server as it is run: several processes, real connections."""

import http.client
import json
import shutil
import subprocess
import sys
import threading
import time
from pathlib import Path
from urllib.parse import quote, urlsplit

import pytest

KEY = "a-long-secret"
HEADERS = {"X-API-Key": KEY}
ROOT = Path(__file__).resolve().parents[2]
CONFTEST = ROOT / "tests" / "conftest.py"


@pytest.fixture(scope="module")
def server(request, sample_index, tmp_path_factory):
    server_class = request.config.pluginmanager.get_plugin(str(CONFTEST)).Server
    index = shutil.copytree(sample_index, tmp_path_factory.mktemp("served") / "index")
    made = server_class(index, workers=2, DATELINE_API_KEY=KEY)
    made.index = index
    yield made
    if made.process.poll() is None:
        made.stop()


def ask(server, path, method="GET", body=None, **headers):
    """One request over a connection of its own, so that any worker may take it."""
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=30)
    try:
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def search(server, q):
    status, _, body = ask(server, f"/api/v1/search?q={quote(q)}")
    assert status == 200, body[:300]
    return json.loads(body)


def post(server, id_, text):
    record = json.dumps({"id": id_, "headline": "Posted", "published": "2020-02-02", "text": text})
    status, _, body = ask(
        server, "/api/v1/documents", "POST", record, **HEADERS, **{"Content-Type": "application/json"}
    )
    assert status == 200, body[:300]
    return json.loads(body)["accepted"][0]["id"]


def test_every_worker_sees_a_commit_within_a_second(server):
    for _ in range(20):  # both workers have answered from what was there before
        assert search(server, "quixotic")["total"]["paragraphs"] == 0
    id_ = post(server, "posted-1", "A quixotic ferry left at noon.")
    time.sleep(1)
    seen = [search(server, "quixotic")["total"]["paragraphs"] for _ in range(40)]
    assert set(seen) == {1}
    assert ask(server, f"/api/v1/documents/{id_}", "DELETE", **HEADERS)[0] == 204
    time.sleep(1)
    assert {search(server, "quixotic")["total"]["paragraphs"] for _ in range(40)} == {0}


def test_a_kept_answer_is_not_kept_beyond_a_commit(server):
    _, headers, _ = ask(server, "/api/v1/search?q=dam")
    post(server, "posted-2", "Another dam.")
    time.sleep(1)
    for _ in range(20):
        assert ask(server, "/api/v1/search?q=dam", **{"If-None-Match": headers["ETag"]})[0] == 200


@pytest.mark.parametrize(
    "q", ["*", "/", "(" * 10_000, "%28" * 10_000, "(" * 60_000, "%F0%9F%9A%80" * 2_000, "%00", "%ff"]
)
def test_hostile_queries_have_a_clear_answer(server, q):
    status, headers, body = ask(server, f"/api/v1/search?q={q}")
    assert status in (200, 414)
    if status == 200:
        assert headers.get_content_type() == "application/json"
        assert isinstance(json.loads(body)["query"]["notes"], list)
    else:
        assert headers.get_content_type() == "application/problem+json"
        assert json.loads(body)["status"] == 414


def test_ten_thousand_brackets_are_answered_not_refused(server):
    status, _, body = ask(server, f"/api/v1/search?q={'(' * 10_000}")
    assert status == 200
    assert any("was cut" in note for note in json.loads(body)["query"]["notes"])


def test_an_endless_address_is_a_problem(server):
    status, headers, body = ask(server, f"/api/v1/search?q={'x' * 200_000}")
    assert (status, headers.get_content_type()) == (414, "application/problem+json")
    assert json.loads(body)["detail"]


def test_bad_parameters_and_unknown_paths(server):
    for path, wanted in (
        ("/api/v1/search?limit=-1", 400),
        ("/api/v1/search?colour=1", 400),
        ("/api/v1/x", 404),
    ):
        status, headers, body = ask(server, path)
        assert (status, headers.get_content_type()) == (wanted, "application/problem+json")
        assert json.loads(body)["status"] == wanted


def test_a_large_body_is_refused_and_the_server_goes_on(server):
    body = json.dumps({"text": "salt " * 1_000_000})
    try:
        status, _, _ = ask(
            server, "/api/v1/documents", "POST", body, **HEADERS, **{"Content-Type": "application/json"}
        )
    except OSError:  # the server may hang up while we still send
        status = 413
    assert status == 413
    assert ask(server, "/healthz")[0] == 200


def test_reading_never_fails_while_others_write(server):
    stop, failures, answers = threading.Event(), [], []

    def read():
        while not stop.is_set():
            try:
                page = search(server, "dam OR written")
                answers.append(page["total"]["paragraphs"])
                assert len(page["hits"]) == min(20, page["total"]["paragraphs"])
            except Exception as error:
                failures.append(repr(error))

    readers = [threading.Thread(target=read) for _ in range(4)]
    for reader in readers:
        reader.start()
    try:
        for n in range(12):
            post(server, f"written-{n % 4}", f"This was written as number {n}.")
    finally:
        stop.set()
        for reader in readers:
            reader.join()
    assert failures == []
    assert len(answers) > 12


def test_writers_at_the_same_time_wait_for_each_other(server):
    made = []
    writers = [
        threading.Thread(target=lambda n=n: made.append(post(server, f"both-{n}", f"Both wrote, {n}.")))
        for n in range(4)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert len(set(made)) == 4
    time.sleep(1)
    assert search(server, '"both wrote"')["total"]["paragraphs"] == 4


def people(server):
    status, _, body = ask(server, "/api/v1/search?facets=person&facet_limit=100")
    assert status == 200, body[:300]
    return {v["id"]: v["count"] for v in json.loads(body)["facets"]["person"]["values"]}


def test_every_worker_is_under_a_decision_within_a_second_wherever_it_was_made(server):
    before = people(server)
    loser, winner, *_ = before
    for _ in range(20):  # both workers have answered from what was decided before
        assert people(server) == before
    body = json.dumps({"action": "merge", "editor": "anna", "from": [loser], "into": winner})
    json_body = {**HEADERS, "Content-Type": "application/json"}
    status, _, answer = ask(server, "/api/v1/decisions", "POST", body, **json_body)
    assert status == 201, answer
    time.sleep(1)
    after = [people(server) for _ in range(40)]
    assert all(found == after[0] and loser not in found for found in after)
    assert max(before[winner], before[loser]) <= after[0][winner] <= before[winner] + before[loser]

    number = str(json.loads(answer)["number"])
    command = [sys.executable, "-m", "api", "entities", "undo", number, "--index", str(server.index)]
    subprocess.run([*command, "--editor", "berit"], check=True, cwd=ROOT, stdout=subprocess.DEVNULL)
    time.sleep(1)
    assert all(people(server) == before for _ in range(40))
    log = json.loads(ask(server, "/api/v1/decisions", **HEADERS)[2])["decisions"]
    assert [(d["who"], d["action"]) for d in log] == [("berit", "undo"), ("anna", "merge")]


def test_metrics_are_those_of_all_workers(server):
    def counted():
        text = ask(server, "/metrics")[2].decode()
        lines = [
            line for line in text.splitlines() if 'endpoint="search.Suggest"' in line and "_total" in line
        ]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    before = counted()
    for _ in range(20):
        ask(server, "/api/v1/suggest?q=dam")
    assert [counted() - before for _ in range(10)] == [20.0] * 10


def test_being_told_to_end_it_ends_cleanly(server):
    # The last test of the module: nothing is served after it.
    assert ask(server, "/healthz")[0] == 200
    server.process.terminate()
    assert server.process.wait(20) == 0
    with pytest.raises(OSError, match="refused"):
        ask(server, "/healthz")
