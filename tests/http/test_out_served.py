"""Exports from the server as it is run: clients that read slowly, that go away, and others meanwhile."""

import http.client
import json
import os
import shutil
import signal
import socket
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from index.model import Article, Paragraph, Publication, stable_id
from index.store import StoreWriter

CONFTEST = Path(__file__).resolve().parents[1] / "conftest.py"
PARAGRAPHS = 4_000
# 12 MB in all: more than sockets hold.
TEXT = "The ferry left. " + "Rain fell on the harbour of Port Ellery. " * 75
PATH = "/search.ndjson?q=ferry"


@pytest.fixture(scope="module")
def index(tmp_path_factory):
    path = tmp_path_factory.mktemp("large") / "index"
    with StoreWriter(path) as store:
        for n in range(PARAGRAPHS // 100):
            id_ = stable_id(str(n))
            shown = tuple(
                Paragraph(stable_id(id_, str(m)), m, "body", 0, len(TEXT), TEXT, (), ()) for m in range(100)
            )
            store.put(str(n), "1", [Article(id_, str(n), "a", None, "test", shown, Publication(None, None))])
    return path


@pytest.fixture(scope="module")
def serve(request, index):
    """Starts a server of one process that may be silent for two seconds, as no export of ours could be."""
    made = []

    def start(path=index):
        server_class = request.config.pluginmanager.get_plugin(str(CONFTEST)).Server
        made.append(server_class(path, workers=1, DATELINE_TIMEOUT="2"))
        return made[-1]

    yield start
    for server in made:
        if server.process.poll() is None:
            server.stop()


@pytest.fixture(scope="module")
def server(serve):
    return serve()


@pytest.fixture(scope="module")
def server_of_damaged(serve, index, tmp_path_factory):
    """One whose index has a wrong byte in the last paragraph, which nobody notices before it is read."""
    path = shutil.copytree(index, tmp_path_factory.mktemp("damaged") / "index")
    (texts,) = path.glob("whoosh/**/*texts.npy")
    last = max(range(PARAGRAPHS // 100), key=lambda n: stable_id(str(n)))
    with texts.open("r+b") as file:
        file.seek(texts.stat().st_size - (PARAGRAPHS - last * 100 - 99) * len(TEXT))
        file.write(b"X")
    return serve(path)


class Slow:
    """A client that reads what it is told to, out of a small buffer."""

    def __init__(self, server, version="1.1", buffer=16_384):
        address = urlsplit(server.url)
        self.socket = socket.socket()
        self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, buffer)
        self.socket.settimeout(30)
        self.socket.connect((address.hostname, address.port))
        self.socket.sendall(f"GET {PATH} HTTP/{version}\r\nHost: {address.netloc}\r\n\r\n".encode())
        self.answer = http.client.HTTPResponse(self.socket)
        self.answer.begin()

    def close(self):
        self.answer.close()
        self.socket.close()


def ask(server, path):
    connection = http.client.HTTPConnection(urlsplit(server.url).netloc, timeout=10)
    try:
        connection.request("GET", path)
        answer = connection.getresponse()
        return answer.status, answer.read()
    finally:
        connection.close()


def worker_of(server):
    children = Path(f"/proc/{server.process.pid}/task/{server.process.pid}/children")
    return children.read_text().split()


def test_a_client_that_reads_slowly_gets_all_and_holds_up_nobody(server):
    workers = worker_of(server)
    slow = Slow(server)
    assert slow.answer.status == 200
    assert slow.answer.headers["Transfer-Encoding"] == "chunked"
    begun = slow.answer.read(100_000)
    until = time.monotonic() + 3.5  # more than gunicorn lets a worker be silent
    while time.monotonic() < until:
        status, body = ask(server, "/api/v1/search?q=ferry&limit=1&facets=")
        assert (status, json.loads(body)["total"]["paragraphs"]) == (200, PARAGRAPHS)
        begun += slow.answer.read(1_000)
        time.sleep(0.2)
    lines = (begun + slow.answer.read()).splitlines()
    slow.close()
    assert (
        len({json.loads(line)["id"] for line in lines})
        == PARAGRAPHS
        == int(slow.answer.headers["X-Total-Count"])
    )
    assert worker_of(server) == workers


def test_clients_that_go_away_take_nothing_with_them(server):
    workers = worker_of(server)
    for _ in range(20):  # more than are sent at a time
        for _ in range(50):
            slow = Slow(server)
            if slow.answer.status == 200:
                break
            slow.close()
            time.sleep(0.05)
        assert slow.answer.status == 200
        slow.answer.read(10_000)
        slow.close()
    status, body = ask(server, PATH)
    assert (status, body.count(b"\n")) == (200, PARAGRAPHS)
    assert worker_of(server) == workers


def test_more_exports_than_there_is_room_for_are_told_to_come_again(server):
    slow = [Slow(server) for _ in range(8)]
    assert {s.answer.status for s in slow} == {200}
    status, body = ask(server, PATH)
    assert (status, json.loads(body)["type"]) == (503, "/api/v1/problems/too-many-exports")
    assert ask(server, "/search.atom?q=ferry")[0] == 200
    for s in slow:
        s.close()


def test_what_was_begun_is_ended_when_the_server_is_told_to_stop(serve):
    server = serve()
    slow = Slow(server, buffer=262_144)
    begun = slow.answer.read(1_000)
    server.process.terminate()
    time.sleep(0.5)
    body = begun + slow.answer.read()
    assert body.count(b"\n") == PARAGRAPHS
    slow.close()
    assert server.process.wait(20) == 0


@pytest.mark.parametrize("version", ["1.0", "1.1"])
def test_an_export_that_breaks_off_can_be_told_from_a_whole_one(server_of_damaged, version):
    workers = worker_of(server_of_damaged)
    slow = Slow(server_of_damaged, version=version)
    assert slow.answer.status == 200
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        slow.answer.read()
    slow.close()
    assert ask(server_of_damaged, "/healthz")[0] == 200
    assert worker_of(server_of_damaged) == workers


def test_a_process_that_is_killed_leaves_no_whole_export(server):
    slow = Slow(server)
    slow.answer.read(1_000)
    os.kill(int(worker_of(server)[0]), signal.SIGKILL)
    with pytest.raises((http.client.IncompleteRead, ConnectionResetError)):
        slow.answer.read()
    slow.close()
