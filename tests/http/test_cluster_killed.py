"""A node of three ends by kill -9 amid reads and writes: no answer is wrong, nothing lost."""

import http.client
import json
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import quote, urlsplit

import pytest

from index.cluster.client import TIMEOUT_S
from tests.conftest import Server
from tests.wire import DAM, FERRY, REWRITE, article

KEY = {"X-API-Key": "a-long-secret"}
BEFORE_S, AFTER_S, GOOD = 20, 14, 40
OUTAGE_S = 10
SEEN_S = 1.5  # a commit is seen within a second; the rest is the way there and back
# What no document that is written meanwhile answers.
READ = [
    "/api/v1/search?q=dam&sort=oldest",
    "/api/v1/search?q=ferry+OR+vote&sort=oldest&group=article&facets=person,published",
    "/api/v1/search?q=%22minister+for+public+works%22&sort=newest&duplicates=fold",
    "/api/v1/articles/{id}?q=dam",
    "/api/v1/suggest?q=minist",
]


@dataclass
class Log:
    """What the clients saw; times are of time.monotonic()."""

    slowest: float = 0.0
    good: list[float] = field(default_factory=list)
    errors: list[tuple[float, float, str]] = field(default_factory=list)
    wrong: list[str] = field(default_factory=list)
    asked: set[str] = field(default_factory=set)
    taken: dict[str, float] = field(default_factory=dict)


def send(netloc, path, method="GET", body=None):
    connection = http.client.HTTPConnection(netloc, timeout=40)
    try:
        kind = {"Content-Type": "application/json"} if body else {}
        connection.request(method, path, body, {**KEY, **kind})
        answer = connection.getresponse()
        return answer.status, answer.headers, answer.read()
    finally:
        connection.close()


def told(log, answered):
    """The answer's JSON, or None for an error, which has to be a problem that says to come again."""
    started = time.monotonic()
    status, headers, body = answered()
    ended = time.monotonic()
    log.slowest = max(log.slowest, ended - started)
    if status == 200:
        log.good.append(ended)
        return json.loads(body)
    log.errors.append((started, ended, body.decode()[:300]))
    if (status, headers.get_content_type()) != (503, "application/problem+json"):
        log.wrong.append(f"{status} {body[:300]!r}")
    elif json.loads(body)["status"] != 503 or not headers["Retry-After"]:
        log.wrong.append(body.decode()[:300])
    return None


def fixed(page):
    """What of an answer does not change with the time it took and with what else was written."""
    for hit in page.get("hits", ()):
        del hit["score"]
    return {key: value for key, value in page.items() if key not in ("took_ms", "next")}


@pytest.fixture
def served(cluster, homes, tmp_path):
    if not cluster.nodes:
        pytest.skip("the nodes are not ours to kill")
    home = homes.new("opensearch", tmp_path / "index")
    with home.store() as store:
        for n, texts in enumerate([DAM, DAM[:3], FERRY, REWRITE] * 3):
            one = article(f"known-{n}", [*texts, f"This is known, number {n}."], minute=n)
            store.put(one.document, "1", [one])
    server = Server(home.settings.index, workers=3, DATELINE_API_KEY=KEY["X-API-Key"], **home.environ)
    yield urlsplit(server.url).netloc
    server.stop()
    cluster.mend()
    homes.forget(home)


def read(netloc, stop, log, truth):
    while not stop.is_set():
        for path, right in truth.items():
            page = told(log, lambda path=path: send(netloc, path))
            if page is not None and fixed(page) != right:
                log.wrong.append(f"{path}: {json.dumps(page)[:500]}")
        now = time.monotonic()
        sure = sum(1 for taken in list(log.taken.values()) if taken < now - SEEN_S)
        page = told(log, lambda: send(netloc, "/api/v1/search?q=barge&limit=100"))
        if page is not None and not sure <= page["total"]["paragraphs"] <= len(log.asked):
            log.wrong.append(f"{page['total']} of {sure} to {len(log.asked)} barges")


def write(netloc, stop, log, name):
    number = 0
    while not stop.is_set():
        number += 1
        id_ = f"barge-{name}-{number}"
        text = f"The barge {name}x{number} left at noon."
        record = json.dumps({"id": id_, "published": "2020-02-02", "text": text})
        log.asked.add(id_)
        made = told(log, lambda record=record: send(netloc, "/api/v1/documents", "POST", record))
        if made is not None:
            assert made["accepted"], made
            log.taken[id_] = time.monotonic()


def manager(cluster):
    """The node that leads: its end is the worst."""
    name = json.loads(cluster.ask("GET", "/_cat/cluster_manager?format=json&h=node"))[0]["node"]
    return next(node for node in cluster.nodes if node.name == name)


def under_load(netloc, truth, strike):
    """Read and write by several clients, strike amid it; returns what they saw and when it struck."""
    log, stop = Log(), threading.Event()
    clients = [threading.Thread(target=read, args=(netloc, stop, log, truth)) for _ in range(3)]
    clients += [threading.Thread(target=write, args=(netloc, stop, log, name)) for name in "ab"]
    for client in clients:
        client.start()
    until = time.monotonic() + BEFORE_S
    while time.monotonic() < until and not (len(log.good) > GOOD and log.taken):
        time.sleep(0.1)
    struck = time.monotonic()
    strike()
    time.sleep(AFTER_S)
    stop.set()
    for client in clients:
        client.join()
    return log, struck


def test_a_node_killed_under_load_costs_no_answer_and_no_document(cluster, served):
    first = json.loads(send(served, "/api/v1/search?q=dam&sort=oldest")[2])["hits"][0]["article"]["id"]
    paths = [path.replace("{id}", first) for path in READ]
    truth = {path: fixed(json.loads(send(served, path)[2])) for path in paths}
    assert all(page.get("total", {"paragraphs": 1})["paragraphs"] for page in truth.values())

    log, struck = under_load(served, truth, manager(cluster).kill)

    assert log.wrong == []
    late = [(s - struck, e - struck, why) for s, e, why in log.errors if e > struck + OUTAGE_S]
    assert late == []
    assert log.slowest < TIMEOUT_S + SEEN_S  # nobody waits for the one that is gone
    assert sum(1 for at in log.good if at < struck) > GOOD
    assert sum(1 for at in log.good if at > struck + OUTAGE_S) > 5
    assert any(at > struck for at in log.taken.values())
    time.sleep(SEEN_S)
    check_all_are_found(served, log)
    cluster.mend()  # and so after it came back with what it had
    check_all_are_found(served, log)
    assert {path: fixed(json.loads(send(served, path)[2])) for path in paths} == truth


def check_all_are_found(netloc, log):
    found, following = set(), ""
    while following is not None:
        path = f"/api/v1/search?q=barge&limit=100&group=article&cursor={quote(following)}"
        status, _, body = send(netloc, path)
        assert status == 200, body[:300]
        page = json.loads(body)
        found |= {hit["text"].split()[2] for hit in page["hits"]}
        following = page["next"]
    wanted = {id_.removeprefix("barge-").replace("-", "x") for id_ in log.taken}
    assert wanted <= found
