"""The examples in deploy/examples and the Python client, against a real server."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import time
from datetime import date

import pytest

from api.client import Dateline, ProblemError
from tests.conftest import ROOT, Server

EXAMPLES = ROOT / "deploy" / "examples"
NODE, CURL = shutil.which("node"), shutil.which("curl")


@pytest.fixture(scope="module")
def server(sample_index, tmp_path_factory):
    path = tmp_path_factory.mktemp("clients") / "index"
    shutil.copytree(sample_index, path)
    made = Server(path, DATELINE_API_KEY="the-key")
    yield made.url
    made.stop()


@pytest.fixture
def dateline(server):
    return Dateline(server, key="the-key")


def run(*command, **environ):
    done = subprocess.run(command, capture_output=True, text=True, cwd=ROOT, timeout=60, env=environ or None)
    assert done.returncode == 0, done.stderr + done.stdout
    return done.stdout


@pytest.mark.skipif(CURL is None, reason="curl is not installed")
def test_curl(server):
    lines = run(
        "sh", str(EXAMPLES / "curl.sh"), server, DATELINE_KEY="the-key", PATH="/usr/bin:/bin"
    ).splitlines()
    search, names, narrowed, added, removed = map(json.loads, [*lines[:4], lines[4] or "null"])
    assert search["total"]["paragraphs"] > 0 and len(search["hits"]) == 2
    assert names["values"][0]["id"] == "person-helen-walsh"
    assert narrowed["hits"][0]["article"]["published"] >= "2018"
    assert added["accepted"][0]["paragraphs"] == 2
    assert removed is None


def test_python(server, dateline):
    told = run(sys.executable, str(EXAMPLES / "search.py"), server, "dam", PYTHONPATH=str(ROOT))
    page = dateline.page("dam")
    assert told.startswith(f"{page.paragraphs} paragraphs in {page.articles} articles\n")
    assert page.hits[0].link in told


@pytest.mark.skipif(NODE is None, reason="node is not installed")
def test_javascript(server):
    module, at = json.dumps((EXAMPLES / "search.mjs").as_uri()), json.dumps(server)
    script = f"""
        import {{ search }} from {module};
        const none = await search({at}, "dam", {{ limit: 3, place: ["x", "y"] }});
        const some = await search({at}, "dam", {{ limit: 3 }});
        const wrong = await search({at}, "dam", {{ limit: 0 }}).catch((error) => error.problem.errors);
        console.log(JSON.stringify([none.total.paragraphs, some.hits.length, wrong]));"""
    told = json.loads(run(NODE, "--input-type=module", "--eval", script))
    assert told[:2] == [0, 3]
    assert told[2][0]["parameter"] == "limit"


def test_every_answer_of_a_search_is_read_page_by_page(dateline):
    page = dateline.page("", limit=1)
    hits = list(dateline.search(""))
    assert len(hits) == len({h.id for h in hits}) == page.paragraphs > 200
    assert hits[0].raw["article"]["id"] == hits[0].article
    dated = next(h for h in hits if h.published)
    assert isinstance(dated.published, date)


def test_marks_are_places_in_the_snippet(dateline):
    hit = next(iter(dateline.search("dam")))
    assert all(hit.snippet[a:b].lower().startswith("dam") for a, b in hit.marks) and hit.marks


def test_names_articles_and_what_is_similar(dateline):
    walsh = dateline.names("person", "wal")[0]
    hit = next(iter(dateline.search("", person=[walsh["id"]])))
    assert dateline.article(hit.article)["id"] == hit.article
    assert all(h.id != hit.id for h in dateline.similar(hit.id))


def found_soon(dateline, headlines):
    """Whether a search finds these within the second in which every worker sees a commit."""
    for _ in range(20):
        if [h.headline for h in dateline.search("zzyzx")] == headlines:
            return True
        time.sleep(0.1)
    return False


def test_documents_are_added_and_removed(dateline):
    record = {"id": "client/1", "headline": "Quay opened", "text": "The quay was opened zzyzx by the mayor."}
    accepted = dateline.add(record)["accepted"]
    assert found_soon(dateline, ["Quay opened"])
    dateline.remove(accepted[0]["id"])
    assert found_soon(dateline, [])
    assert dateline.add("Quay\n\nThe quay zzyzx opened.", "text/plain")["accepted"]


def test_errors_say_what_is_wrong(dateline, server):
    with pytest.raises(ProblemError, match="limit") as wrong:
        dateline.page("x", limit=1000)
    assert (wrong.value.status, wrong.value.kind) == (400, "bad-parameters")
    with pytest.raises(ProblemError) as unknown:
        dateline.article("nothing/here?")
    assert unknown.value.status == 404
    with pytest.raises(ProblemError) as refused:
        Dateline(server, key="wrong").add({"text": "x"})
    assert refused.value.status == 401
    with pytest.raises(ValueError, match="no http"):
        Dateline("file:///etc/passwd")


@pytest.fixture
def scripted():
    """A server that gives the answers it is told, one a request, and keeps the requests."""
    with socket.socket() as listening:
        listening.bind(("127.0.0.1", 0))
        listening.listen()
        answers, seen = [], []

        def serve():
            while answers:
                client, _ = listening.accept()
                with client:
                    seen.append(client.recv(65536).decode())
                    client.sendall(answers.pop(0))

        def start(*told):
            answers.extend(told)
            threading.Thread(target=serve, daemon=True).start()
            return f"http://127.0.0.1:{listening.getsockname()[1]}"

        yield start, seen


def answer(status, *headers, body=""):
    lines = [f"HTTP/1.1 {status}", *headers, f"Content-Length: {len(body)}", "Connection: close", "", body]
    return "\r\n".join(lines).encode()


def test_it_waits_as_long_as_it_is_told_and_asks_again(scripted):
    start, seen = scripted
    busy = (
        b"HTTP/1.1 429 Too Many Requests\r\nRetry-After: 0\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
    )
    done = b'HTTP/1.1 200 OK\r\nContent-Length: 10\r\nConnection: close\r\n\r\n{"id":"a"}'
    assert Dateline(start(busy, busy, done)).article("a") == {"id": "a"}
    assert len(seen) == 3
    seen.clear()
    with pytest.raises(ProblemError) as error:
        Dateline(start(busy, busy), tries=2).article("a")
    assert (error.value.status, len(seen)) == (429, 2)


def test_the_key_follows_no_redirection(scripted):
    start, seen = scripted
    away = answer("302 Found", "Location: http://127.0.0.1:9/")
    with pytest.raises(ProblemError) as error:
        Dateline(start(away), key="secret").article("a")
    assert error.value.status == 302
    assert "Bearer secret" in seen[0]
