"""The one way out, against real sockets."""

import gzip
import shutil
import socket
import subprocess
import threading
import time
from contextlib import contextmanager

import pytest

from index import fetching
from index.errors import AddressRefusedError, FetchError, FetchTimeoutError, FetchTooLargeError
from index.fetching import Caps, check, fetch
from index.private import Rules

HERE = Rules.of(("127.0.0.1",))
OK = b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"
MEGABYTE = 1_000_000


@contextmanager
def listening(*answers, wrap=lambda sock: sock):
    """A server of raw bytes: each answer is bytes, or a function of the socket; yields port and requests."""
    server = socket.create_server(("127.0.0.1", 0))
    came = []

    def serve():
        for answer in answers:
            try:
                sock = wrap(server.accept()[0])
            except OSError:
                return
            with sock:
                try:
                    came.append(_request(sock))
                    if callable(answer):
                        answer(sock)
                    else:
                        sock.sendall(answer)
                except OSError:
                    pass

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield server.getsockname()[1], came
    finally:
        server.close()


def _request(sock):
    got = b""
    while b"\r\n\r\n" not in got and (block := sock.recv(65536)):
        got += block
    head, _, body = got.partition(b"\r\n\r\n")
    wanted = next(
        (int(x.split(b":")[1]) for x in head.split(b"\r\n") if x.lower().startswith(b"content-length")), 0
    )
    while len(body) < wanted:
        body += sock.recv(65536)
    return head, body


def endless(data, head=b"HTTP/1.1 200 OK\r\n\r\n", pause=0.0):
    def answer(sock):
        sock.sendall(head)
        while True:
            sock.sendall(data)
            time.sleep(pause)

    return answer


@pytest.fixture
def names(monkeypatch):
    """What names resolve to, and how often each was asked."""
    known, asked = {}, []

    def resolve(host, port):
        asked.append(host)
        found = known[host]
        return found.pop(0) if isinstance(found[0], list) else found

    monkeypatch.setattr(fetching, "resolve", resolve)
    known["asked"] = asked
    return known


def test_an_answer_and_who_asks():
    with listening(b'HTTP/1.1 200 OK\r\nETag: "a"\r\nX: 1\r\nX: 2\r\n\r\nbody') as (port, came):
        answer = fetch(
            f"http://127.0.0.1:{port}/a?b=c#d", HERE, headers={"If-None-Match": '"a"', "Host": "x"}
        )
    assert (answer.status, answer.body, answer.cut, answer.moved) == (200, b"body", False, None)
    assert (answer.headers["etag"], answer.headers["x"]) == ('"a"', "1, 2")
    head = came[0][0].decode()
    assert head.startswith("GET /a?b=c HTTP/1.1\r\n")
    assert f"host: 127.0.0.1:{port}\r\n" in head
    assert "user-agent: Dateline/" in head
    assert 'if-none-match: "a"' in head


def test_a_body_is_posted_and_not_sent_on():
    moved = b"HTTP/1.1 307 Moved\r\nLocation: /b\r\nContent-Length: 0\r\n\r\n"
    with listening(moved, OK) as (port, came):
        answer = fetch(f"http://127.0.0.1:{port}/a", HERE, body=b"{}", caps=Caps(redirects=5))
    assert answer.status == 307
    assert [body for _, body in came] == [b"{}"]


def test_a_name_that_leads_to_a_private_address_is_refused(names):
    names["news.example"] = ["93.184.216.34", "10.0.0.7"]
    with pytest.raises(AddressRefusedError, match=r"its name leads to 10\.0\.0\.7, which is not public"):
        fetch("http://news.example/", Rules())
    with pytest.raises(AddressRefusedError):
        check("http://news.example/", Rules())


def test_a_name_is_resolved_once_and_the_judged_address_is_asked(names):
    # A rebinding name: allowed at first, something else at the next look.
    names["cms.internal"] = [["127.0.0.1"], ["10.0.0.7"]]
    with listening(OK) as (port, came):
        answer = fetch(f"http://cms.internal:{port}/", Rules.of(("127.0.0.0/8",)))
    assert answer.body == b"ok"
    assert names["asked"] == ["cms.internal"]
    assert f"host: cms.internal:{port}" in came[0][0].decode()


def test_another_way_to_write_this_machine_is_refused():
    for host in ("localhost", "127.1", "2130706433", "0x7f.1"):
        with pytest.raises(FetchError):
            fetch(f"http://{host}:9/", Rules())


def test_redirects_are_followed_only_where_asked_and_each_is_judged():
    def to(where, status=302):
        return f"HTTP/1.1 {status} Moved\r\nLocation: {where}\r\nContent-Length: 0\r\n\r\n".encode()

    with listening(to("/b")) as (port, _):
        assert fetch(f"http://127.0.0.1:{port}/", HERE).status == 302
    with listening(to("/b", 301), to("c", 308), OK) as (port, _):
        answer = fetch(f"http://127.0.0.1:{port}/a", HERE, caps=Caps(redirects=2))
        assert (answer.body, answer.moved) == (b"ok", f"http://127.0.0.1:{port}/c")
    with listening(to("/b", 301), to("/c", 302), OK) as (port, _):
        answer = fetch(f"http://127.0.0.1:{port}/a", HERE, caps=Caps(redirects=2))
        assert (answer.url, answer.moved) == (f"http://127.0.0.1:{port}/c", None)
    with listening(*[to("/b")] * 4) as (port, _), pytest.raises(FetchError, match="more than 3 times"):
        fetch(f"http://127.0.0.1:{port}/a", HERE, caps=Caps(redirects=3))
    for where in (
        "http://10.0.0.1/",
        "http://[::ffff:169.254.169.254]/",
        "file:///etc/passwd",
        "http://a:b@c/",
    ):
        with listening(to(where)) as (port, _), pytest.raises(AddressRefusedError):
            fetch(f"http://127.0.0.1:{port}/", Rules.of((f"127.0.0.1:{port}",)), caps=Caps(redirects=3))


def test_what_was_for_the_first_server_alone_is_not_told_to_the_next():
    with listening(OK) as (second, came):
        onward = f"HTTP/1.1 302 Moved\r\nLocation: http://127.0.0.1:{second}/\r\nContent-Length: 0\r\n\r\n"
        with listening(onward.encode()) as (first, _):
            fetch(
                f"http://127.0.0.1:{first}/",
                HERE,
                headers={"Authorization": "x", "A": "y"},
                caps=Caps(redirects=1),
            )
    assert b"authorization" not in came[0][0]
    assert b"a: y" in came[0][0]


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"x" * 65536),
        endless(
            b"10000\r\n" + b"x" * 65536 + b"\r\n", b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"
        ),
        endless(b"1\r\nx\r\n" * 9000, b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"),
        endless(b"x" * 65536, b"HTTP/1.1 200 OK\r\nContent-Length: 99999999999\r\n\r\n"),
    ],
    ids=["endless", "chunks", "crumbs", "long"],
)
def test_an_endless_body_is_given_up_at_the_cap_or_cut_there(answer):
    with listening(answer, answer) as (port, _):
        with pytest.raises(FetchTooLargeError):
            fetch(f"http://127.0.0.1:{port}/", HERE, caps=Caps(body=MEGABYTE))
        cut = fetch(f"http://127.0.0.1:{port}/", HERE, caps=Caps(body=1000, cut=True))
        assert (len(cut.body), cut.cut) == (1000, True)


def test_a_bomb_costs_no_more_than_its_cap():
    bomb = gzip.compress(bytes(200 * MEGABYTE), 9)
    head = f"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\nContent-Length: {len(bomb)}\r\n\r\n".encode()
    with listening(head + bomb) as (port, _), pytest.raises(FetchTooLargeError):
        fetch(f"http://127.0.0.1:{port}/", HERE, caps=Caps(body=MEGABYTE))


@pytest.mark.parametrize("packed", [gzip.compress(b"news " * 9999), gzip.compress(b"", mtime=0)])
def test_what_is_packed_is_unpacked(packed):
    head = b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\n"
    with listening(head + packed, head + packed[:-6]) as (port, _):
        assert fetch(f"http://127.0.0.1:{port}/", HERE).body == gzip.decompress(packed)
        with pytest.raises(FetchError, match="in the middle"):
            fetch(f"http://127.0.0.1:{port}/", HERE)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        (b"", "hung up"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc", "in the middle"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nabc", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\nabc", "no HTTP"),
        (b"SSH-2.0-OpenSSH_9\r\n", "no HTTP"),
        (b"\x00\xff" * 100, "no HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: gzip\r\n\r\nnot packed", "damaged"),
        (b"HTTP/1.1 200 OK\r\nContent-Encoding: br\r\n\r\nx", "not asked for"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: " + b"y" * 70_000 + b"\r\n\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + b"X: y\r\n" * 200 + b"\r\n", "no HTTP"),
        (b"HTTP/1.1 200 OK\r\n" + (b"X: " + b"y" * 5000 + b"\r\n") * 50 + b"\r\n", "its head has more"),
        (b"HTTP/1.1 100 Continue\r\n\r\n" * 9000, "its head has more"),
    ],
)
def test_what_is_no_answer_says_what_it_is(answer, why):
    with listening(answer) as (port, _), pytest.raises(FetchError) as told:
        fetch(f"http://127.0.0.1:{port}/secret-path", HERE)
    assert why in told.value.reason
    assert "secret" not in str(told.value)


@pytest.mark.parametrize(
    "answer",
    [
        endless(b"", b"", pause=1),
        endless(b"X", b"", pause=0.02),
        endless(b"X: y\r\n", b"HTTP/1.1 200 OK\r\n", pause=0.02),
        endless(b"z", pause=0.02),
    ],
    ids=["silent", "slow status", "slow head", "slow body"],
)
def test_the_time_is_for_everything_however_often_a_byte_comes(answer):
    with listening(answer) as (port, _):
        began = time.monotonic()
        with pytest.raises(FetchTimeoutError):
            fetch(f"http://127.0.0.1:{port}/", HERE, caps=Caps(seconds=0.3))
        assert time.monotonic() - began < 3


def test_of_a_slow_body_that_may_be_cut_the_status_is_known():
    with listening(endless(b"z", pause=0.02)) as (port, _):
        answer = fetch(f"http://127.0.0.1:{port}/", HERE, caps=Caps(seconds=0.3, cut=True))
    assert (answer.status, answer.cut, set(answer.body)) == (200, True, set(b"z"))


def test_who_does_not_read_what_is_posted_is_not_waited_for():
    with socket.create_server(("127.0.0.1", 0)) as server, pytest.raises(FetchTimeoutError):
        port = server.getsockname()[1]
        fetch(f"http://127.0.0.1:{port}/", HERE, body=bytes(64 * MEGABYTE), caps=Caps(seconds=0.3))


def test_nothing_listens_and_no_such_name(names):
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    with pytest.raises(FetchError, match="nothing listens"):
        fetch(f"http://127.0.0.1:{port}/", HERE)
    names["x.example"] = [[]]
    with pytest.raises(FetchError, match="not known"):
        fetch("http://x.example/", HERE)


def test_a_resolver_that_hangs_is_not_waited_for(monkeypatch):
    over = threading.Event()
    monkeypatch.setattr(fetching, "resolve", lambda host, port: over.wait(5) and [])
    with pytest.raises(FetchError, match="looked up in time"):
        fetch("http://x.example/", HERE, caps=Caps(seconds=0.1))
    over.set()


@pytest.fixture(scope="module")
def certificate(tmp_path_factory):
    if shutil.which("openssl") is None:
        pytest.skip("openssl is not installed; it makes the certificate of the TLS test")
    folder = tmp_path_factory.mktemp("tls")
    files = ["-keyout", str(folder / "key.pem"), "-out", str(folder / "cert.pem")]
    command = [
        "openssl",
        "req",
        "-x509",
        "-newkey",
        "rsa:2048",
        "-nodes",
        "-days",
        "2",
        "-subj",
        "/CN=x",
        *files,
    ]
    subprocess.run([*command, "-addext", "subjectAltName=DNS:news.example"], check=True, capture_output=True)
    return folder


def test_tls_asks_for_the_name_though_the_connection_goes_to_an_address(names, certificate, monkeypatch):
    import ssl

    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate / "cert.pem", certificate / "key.pem")

    def wrap(sock):
        return context.wrap_socket(sock, server_side=True)

    names["news.example"] = names["other.example"] = ["127.0.0.1"]
    with listening(OK, wrap=wrap) as (port, _), pytest.raises(FetchError, match="certificate is not trusted"):
        fetch(f"https://news.example:{port}/", HERE)
    monkeypatch.setenv("SSL_CERT_FILE", str(certificate / "cert.pem"))
    with listening(OK, wrap=wrap) as (port, _):
        assert fetch(f"https://news.example:{port}/", HERE).body == b"ok"
    with listening(OK, wrap=wrap) as (port, _), pytest.raises(FetchError, match="certificate is not trusted"):
        fetch(f"https://other.example:{port}/", HERE)
    with listening(OK) as (port, _), pytest.raises(FetchError):
        fetch(f"https://news.example:{port}/", HERE, caps=Caps(seconds=2))
