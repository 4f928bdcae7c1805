"""Documents for a cluster that is full, broken or of another mind: none is lost, none is written twice.

The node is a server of the test's own, which keeps documents as a node does, and fails as it is told.
"""

import json
from collections import Counter

import pytest

from index.cluster import bulk, client
from index.cluster.client import Cluster
from index.cluster.documents import ClusterDocument
from index.cluster.place import ClusterPlace
from index.errors import ClusterBusyError, ClusterRefusedError, ClusterUnreachableError
from tests.loopback import Loopback, Told, failed

BUSY = failed(429, "es_rejected_execution_exception", "rejected execution on this test")
RED = failed(503, "unavailable_shards_exception", "primary shard is not active")


class Node:
    """Keeps documents with versions from outside; `fail` may answer in its place, of all or of one."""

    def __init__(self, whole=lambda n, asked: None, one=lambda n, id_: None, after=lambda n, told: told):
        self.whole, self.one, self.after = whole, one, after
        self.bulks = 0
        self.there: dict[str, int] = {}
        self.writes: Counter[str] = Counter()
        self.tried: Counter[str] = Counter()

    def __call__(self, asked):
        self.bulks += 1
        if told := self.whole(self.bulks, asked):
            return told
        items = [{name: self._done(name, told)} for name, told, _ in asked.actions]
        return self.after(self.bulks, Told(200, {"took": 1, "errors": True, "items": items}))

    def _done(self, name, told):
        id_ = told["_id"]
        self.tried[id_] += 1
        if error := self.one(self.tried[id_], id_):
            return {"_id": id_, **error}
        if self.there.get(id_, -1) > told["version"]:
            return {
                "_id": id_,
                **failed(409, "version_conflict_engine_exception", "current version is higher"),
            }
        self.writes[id_] += 1
        self.there[id_] = told["version"]
        return {"_id": id_, "status": 200 if name == "delete" else 201, "_version": told["version"]}


class Clock:
    """Time that passes where somebody waits, and at once."""

    def __init__(self):
        self.now = 0.0

    def monotonic(self):
        return self.now

    def sleep(self, seconds):
        self.now += seconds


@pytest.fixture(autouse=True)
def clock(monkeypatch):
    made = Clock()
    monkeypatch.setattr(bulk, "time", made)
    return made


@pytest.fixture
def sending():
    """Send actions to a node that answers; returns the status of each by its document."""
    started = []

    def send(answer, actions):
        server = Loopback(answer)
        started.append(server.__enter__())
        cluster = Cluster(ClusterPlace.of(f"http://anna:secret@{server.url[7:]}/news"))
        return {a.owner: told["status"] for a, told in bulk.send(cluster, "news-first", actions)}

    send.servers = started
    yield send
    for server in started:
        server.__exit__()


def some(count, size=20):
    return [
        bulk.put(f"d{n}", ClusterDocument(f"p{n}", f"a{n}", {"text": "x" * size}), 7) for n in range(count)
    ]


def ids(count):
    return {f"p{n}": 7 for n in range(count)}


def test_documents_that_a_full_node_rejects_are_sent_again_and_those_alone(sending):
    node = Node(one=lambda tried, id_: BUSY if id_ in ("p3", "p5") and tried < 4 else None)
    assert sending(node, some(8)) == {f"d{n}": 201 for n in range(8)}
    assert node.there == ids(8)
    assert set(node.writes.values()) == {1}
    assert node.tried == {**ids(8), **{f"p{n}": 1 for n in range(8)}, "p3": 4, "p5": 4}


def test_documents_whose_shard_is_on_its_way_to_another_node_are_sent_again(sending):
    node = Node(one=lambda tried, id_: RED if tried == 1 and id_ != "p0" else None)
    assert set(sending(node, some(4)).values()) == {201}
    assert set(node.writes.values()) == {1}


@pytest.mark.parametrize(
    "kind",
    [
        "node_closed_exception",
        "node_not_connected_exception",
        "transport_exception",
        "send_request_transport_exception",
    ],
)
def test_documents_whose_node_has_just_gone_are_sent_again(sending, kind):
    node = Node(one=lambda tried, id_: failed(500, kind, "gone") if tried == 1 else None)
    assert set(sending(node, some(3)).values()) == {201}
    assert set(node.writes.values()) == {1}


@pytest.mark.parametrize("status", [429, 502, 503, 504])
@pytest.mark.parametrize("kind", ["application/json", "text/html"])
def test_a_request_that_a_full_node_or_a_proxy_rejects_is_sent_again(sending, status, kind):
    body = failed(status, "circuit_breaking_exception") if "json" in kind else b"<html>try again</html>"
    node = Node(whole=lambda n, _: Told(status, body, kind) if n < 3 else None)
    assert sending(node, some(5)) == {f"d{n}": 201 for n in range(5)}
    assert set(node.writes.values()) == {1}


@pytest.mark.parametrize("status", [429, 503])
def test_a_node_that_stays_full_is_given_up_with_its_reason_after_some_tries(sending, status):
    node = Node(
        whole=lambda n, _: Told(status, failed(status, "circuit_breaking_exception", "data too large"))
    )
    with pytest.raises(ClusterBusyError, match="data too large") as caught:
        sending(node, some(3))
    assert caught.value.reason == "circuit_breaking_exception: data too large"
    assert caught.value.where.endswith("/news")
    assert "secret" not in str(caught.value)
    assert 20 < node.bulks < 80
    assert node.there == {}


def test_one_document_that_is_rejected_again_and_again_does_not_take_the_others_with_it(sending):
    node = Node(one=lambda tried, id_: BUSY if id_ == "p1" else None)
    with pytest.raises(ClusterBusyError, match="rejected execution on this test"):
        sending(node, some(3))
    assert node.there == {"p0": 7, "p2": 7}
    assert node.writes == {"p0": 1, "p2": 1}
    assert node.tried["p1"] < 80


@pytest.mark.parametrize("told", [
    failed(400, "mapper_parsing_exception", "failed to parse field [published]"),
    failed(400, "strict_dynamic_mapping_exception", "introducing [colour] is not allowed"),
])  # fmt: skip
def test_a_document_that_is_refused_for_ever_is_told_once_and_not_sent_again(sending, told):
    node = Node(one=lambda tried, id_: told if id_ == "p1" else None)
    assert sending(node, some(3)) == {"d0": 201, "d1": 400, "d2": 201}
    assert set(node.tried.values()) == {1}


def test_a_later_version_that_is_there_already_stays_and_is_no_failure(sending):
    node = Node()
    node.there = {"p1": 9}
    assert sending(node, some(3)) == {"d0": 201, "d1": 409, "d2": 201}
    assert node.there == {**ids(3), "p1": 9}
    assert node.bulks == 1


def test_what_is_to_be_deleted_and_is_not_there_is_no_failure(sending):
    node = Node(one=lambda tried, id_: {"status": 404, "result": "not_found"})
    assert sending(node, [bulk.drop("d0", "p0", "a0", 7)]) == {"d0": 404}


@pytest.mark.parametrize(("status", "kind"), [
    (404, "index_not_found_exception"), (403, "cluster_block_exception"), (403, "security_exception"),
    (401, "security_exception"),
])  # fmt: skip
@pytest.mark.parametrize("alone", [True, False])
def test_an_index_that_is_gone_or_takes_nothing_is_an_error_of_the_whole_and_not_of_each_document(
    sending, status, kind, alone
):
    told = failed(status, kind, "no such thing as [news-first]")
    node = Node(one=lambda *_: told) if alone else Node(whole=lambda *_: Told(status, told))
    with pytest.raises(ClusterRefusedError, match=r"no such thing as \[news-first\]") as caught:
        sending(node, some(3))
    assert (caught.value.status, caught.value.what) == (status, "POST /news-first/_bulk")
    assert node.bulks == 1


def most(limit):
    def refuse(n, asked):
        return (
            Told(413, b"<h1>413 Request Entity Too Large</h1>", "text/html")
            if len(asked.body) > limit
            else None
        )

    return refuse


def test_a_proxy_that_takes_less_gets_less_at_once(sending):
    node = Node(whole=most(1_000))
    assert sending(node, some(40)) == {f"d{n}": 201 for n in range(40)}
    assert node.there == ids(40)
    assert set(node.writes.values()) == {1}
    assert node.bulks < 40


def test_one_document_that_is_larger_than_a_proxy_takes_is_told_and_the_others_go_in(sending):
    node = Node(whole=most(1_000))
    actions = [*some(3), bulk.put("large", ClusterDocument("pl", "al", {"text": "x" * 2_000}), 7)]
    assert sending(node, actions) == {"d0": 201, "d1": 201, "d2": 201, "large": 413}
    assert node.there == ids(3)


def test_each_half_of_a_request_that_was_too_large_has_all_the_patience(sending, clock):
    def refuse(n, asked):
        if told := most(150)(n, asked):
            return told
        if node.bulks > 3:
            return None
        clock.now += bulk.PATIENCE_S - 10 if node.bulks == 2 else 0
        return Told(429, BUSY) if node.bulks == 2 else None

    def busy(tried, id_):
        return BUSY if id_ == "p1" and tried == 1 else None

    node = Node(whole=refuse, one=busy)
    assert sending(node, some(2)) == {"d0": 201, "d1": 201}


@pytest.mark.parametrize("honest", [True, False], ids=["of a length that was told", "of no length"])
@pytest.mark.parametrize("upto", [0, 60])
def test_an_answer_that_ends_early_is_asked_for_again(sending, honest, upto):
    def cut(n, told):
        return Told(200, told.data, upto=upto, honest=honest) if n < 3 else told

    node = Node(after=cut)
    assert sending(node, some(5)) == {f"d{n}": 201 for n in range(5)}
    assert node.there == ids(5)  # the same version in the same place, however often it came


@pytest.mark.parametrize("answer", [{}, {"items": []}, {"items": [{"index": {"status": 201}}]}, [], "ok"])
def test_an_answer_that_does_not_tell_of_every_document_is_none(sending, answer):
    node = Node(after=lambda n, told: Told(200, answer) if n < 3 else told)
    assert sending(node, some(3)) == {f"d{n}": 201 for n in range(3)}
    node = Node(after=lambda n, told: Told(200, answer))
    with pytest.raises(ClusterBusyError, match="early"):
        sending(node, some(3))
    assert node.bulks < 80


def test_a_node_that_is_gone_is_asked_for_a_while_and_then_told(sending):
    with Loopback(Node()) as server:
        url = server.url
    cluster = Cluster(ClusterPlace.of(f"http://anna:secret@{url[7:]}/news"))
    with pytest.raises(ClusterUnreachableError) as caught:
        list(bulk.send(cluster, "news-first", some(1)))
    assert caught.value.where == f"{url}/news"
    assert "secret" not in str(caught.value)


def test_another_node_does_what_one_that_dies_amid_its_answer_did_not_tell(monkeypatch):
    one, other = Node(after=lambda n, told: Told(200, told.data, upto=10)), Node()
    with Loopback(one) as dying, Loopback(other) as living:
        cluster = Cluster(ClusterPlace.of(f"{dying.url},{living.url}/news"))
        for _ in range(4):
            assert {told["status"] for _, told in bulk.send(cluster, "news-first", some(3))} == {201}
    assert other.there == ids(3)


def test_many_documents_come_in_order_in_requests_of_bounded_size(sending, monkeypatch):
    monkeypatch.setattr(bulk, "REQUEST_BYTES", 10_000)
    told = sending(Node(), some(100, size=900))
    assert list(told) == [f"d{n}" for n in range(100)]
    (server,) = sending.servers
    assert max(len(asked.body) for asked in server.asked) <= bulk.REQUEST_BYTES
    assert len(server.asked) == 10


def test_nothing_is_asked_where_there_is_nothing_to_be_done(sending):
    node = Node()
    assert sending(node, []) == {}
    assert node.bulks == 0


# --- other questions


def asking(answer, ask):
    with Loopback(answer) as server:
        return ask(Cluster(ClusterPlace.of(f"http://anna:secret@{server.url[7:]}/news")))


ASKS = [
    lambda c: c.ask("GET", "/news/_doc/1"),
    lambda c: c.find("GET", "/news/_doc/1"),
    lambda c: c.search({}),
    lambda c: c.searches([{}]),
]
each_ask = pytest.mark.parametrize("ask", ASKS, ids=["ask", "find", "search", "searches"])


@each_ask
@pytest.mark.parametrize("honest", [True, False])
def test_half_an_answer_is_taken_for_none_whoever_asks(ask, honest):
    half = Told(200, {"hits": {"hits": ["x" * 100]}, "found": True}, upto=30, honest=honest)
    with pytest.raises(ClusterBusyError if not honest else ClusterUnreachableError) as caught:
        asking(lambda _: half, ask)
    assert "secret" not in str(caught.value)


@each_ask
def test_a_page_of_somebody_else_is_told_as_what_it_is(ask):
    with pytest.raises(ClusterRefusedError) as caught:
        asking(lambda _: Told(200, b"<html>Welcome to the router</html>", "text/html"), ask)
    assert "text/html" in caught.value.reason


@each_ask
@pytest.mark.parametrize("status", [429, 502, 503, 504])
def test_a_cluster_that_is_full_or_lacks_a_part_says_to_come_again(ask, status):
    with pytest.raises(ClusterBusyError, match="search_phase_execution_exception: no shard"):
        asking(lambda _: Told(status, failed(status, "search_phase_execution_exception", "no shard")), ask)


@each_ask
@pytest.mark.parametrize("status", [400, 401, 403, 405, 500])
def test_what_a_cluster_refuses_is_told_with_its_status_and_reason(ask, status):
    with pytest.raises(ClusterRefusedError) as caught:
        asking(lambda _: Told(status, failed(status, "some_exception", "it is wrong")), ask)
    assert (caught.value.status, caught.value.reason) == (status, "some_exception: it is wrong")
    assert "secret" not in str(caught.value)


def test_a_search_that_lacks_the_part_of_a_shard_is_never_taken_for_an_answer():
    part = {"_shards": {"total": 2, "failed": 1}, "hits": {"hits": []}}
    for told in (part, {"timed_out": True, "hits": {}}):
        with pytest.raises(ClusterBusyError, match="a shard did not answer"):
            asking(lambda _, told=told: Told(200, told), lambda c: c.search({}))
        with pytest.raises(ClusterBusyError, match="a shard did not answer"):
            asking(
                lambda _, told=told: Told(200, {"responses": [{"hits": {}}, told]}),
                lambda c: c.searches([{}, {}]),
            )


def test_what_is_not_there_is_none_and_no_error():
    missing = Told(404, {"found": False})
    assert asking(lambda _: missing, lambda c: c.find("GET", "/news/_doc/1")) is None
    assert asking(lambda _: missing, lambda c: c.exists("/news/_doc/1")) is False


def test_a_node_that_takes_a_question_and_says_nothing_is_told_as_busy():
    import threading

    end = threading.Event()

    def wait(_):
        end.wait(10)
        return Told(200, {})

    with Loopback(wait) as server:
        cluster = Cluster(ClusterPlace.of(f"{server.url}/news"), timeout_s=0.2)
        with pytest.raises(ClusterBusyError, match=r"no answer within 0\.2 s"):
            cluster.ask("GET", "/")
        end.set()
        assert len(server.asked) == 1  # what takes long is not begun again


def test_half_a_pair_of_surrogates_reaches_the_node_as_json():
    heard = []

    def answer(asked):
        heard.append(json.loads(asked.body.decode("utf-8", "surrogatepass")))
        return Told(200, {"ok": True})

    asking(answer, lambda c: c.ask("POST", "/x", {"text": "a\ud800b"}))
    assert heard == [{"text": "a\ud800b"}]
    assert client.encoded({"a": "\ud800"}).isascii()
