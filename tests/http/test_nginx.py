"""The web server in front, as deploy/nginx has it: a real nginx before a real server, by TLS."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import re
import shutil
import socket
import ssl
import subprocess
import time
from pathlib import Path
from urllib.parse import urlsplit

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = ROOT / "deploy" / "nginx" / "dateline.conf.template"
SITE = "dateline.example"
NGINX = shutil.which("nginx") or next((p for p in ("/usr/sbin/nginx",) if Path(p).exists()), None)
pytestmark = pytest.mark.skipif(
    NGINX is None or shutil.which("openssl") is None,
    reason="nginx or openssl is not installed; on Debian `apt install nginx-light openssl`",
)
MAIN = """
daemon off;
pid {folder}/nginx.pid;
error_log {folder}/error.log warn;
{user}
worker_processes 1;
events {{ worker_connections 256; }}
http {{
    client_body_temp_path {folder}/body;
    proxy_temp_path {folder}/proxy;
    fastcgi_temp_path {folder}/fastcgi;
    uwsgi_temp_path {folder}/uwsgi;
    scgi_temp_path {folder}/scgi;
    include {folder}/dateline.conf;
}}
"""


class Nginx:
    def __init__(self, folder: Path, upstream: str) -> None:
        self.folder = folder
        self.http, self.https = _free(), _free()
        self._certify()
        values = {
            "SITE": SITE, "UPSTREAM": f"server {upstream};", "MAX_BODY": "4m", "BOTH": "",
            "HTTP": f"127.0.0.1:{self.http}", "HTTPS": f"127.0.0.1:{self.https}",
            "CERTIFICATE": folder / "site.pem", "KEY": folder / "site.key",
            "CACHE": folder / "cache", "ACME": folder / "acme",
        }  # fmt: skip
        made = re.sub(r"\$\{NGINX_(\w+)\}", lambda found: str(values[found[1]]), TEMPLATE.read_text("utf-8"))
        made = made.replace("/var/log/nginx/access.log", f"{folder}/access.log")
        made = made.replace("client_header_timeout 10s", "client_header_timeout 1s")
        (folder / "dateline.conf").write_text(made)
        (folder / "cache").mkdir()
        user = "user root;" if os.getuid() == 0 else ""
        (folder / "nginx.conf").write_text(MAIN.format(folder=folder, user=user))
        self._command = [
            NGINX,
            "-p",
            str(folder),
            "-c",
            str(folder / "nginx.conf"),
            "-e",
            str(folder / "error.log"),
        ]
        checked = subprocess.run([*self._command, "-t"], capture_output=True, text=True)
        assert checked.returncode == 0, checked.stderr
        assert "warn" not in checked.stderr
        self.process = subprocess.Popen(self._command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        for _ in range(100):
            with socket.socket() as tried:
                if not tried.connect_ex(("127.0.0.1", self.https)):
                    return
            assert self.process.poll() is None, (folder / "error.log").read_text()
            time.sleep(0.02)

    def _certify(self) -> None:
        made = ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"]
        made += ["-days", "2", "-subj", f"/CN={SITE}", "-addext", f"subjectAltName=DNS:{SITE}"]
        named = ["-keyout", str(self.folder / "site.key"), "-out", str(self.folder / "site.pem")]
        subprocess.run([*made, *named], check=True, capture_output=True)

    def tls(self, name: str = SITE) -> ssl.SSLSocket:
        context = ssl.create_default_context(cafile=str(self.folder / "site.pem"))
        context.set_alpn_protocols(["h2", "http/1.1"])
        plain = socket.create_connection(("127.0.0.1", self.https), timeout=10)
        try:
            return context.wrap_socket(plain, server_hostname=name)
        except BaseException:
            plain.close()
            raise

    def ask(self, path: str, method: str = "GET", body: bytes | None = None, **headers: str):
        connection = http.client.HTTPConnection("127.0.0.1", self.https, timeout=20)
        context = ssl.create_default_context(cafile=str(self.folder / "site.pem"))
        connection.sock = context.wrap_socket(
            socket.create_connection(("127.0.0.1", self.https), timeout=20), server_hostname=SITE
        )
        try:
            told = {"Host": SITE, **{name.replace("_", "-"): value for name, value in headers.items()}}
            connection.request(method, path, body, told)
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def stop(self) -> None:
        self.process.terminate()
        self.process.wait(10)


def _free() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        return int(free.getsockname()[1])


@pytest.fixture(scope="module")
def nginx(live_server, tmp_path_factory):
    made = Nginx(tmp_path_factory.mktemp("nginx"), urlsplit(live_server).netloc)
    yield made
    made.stop()


def test_http_leads_to_https_under_the_sites_own_name(nginx):
    connection = http.client.HTTPConnection("127.0.0.1", nginx.http, timeout=10)
    connection.request("GET", "/articles/x?q=dam", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    assert (answer.status, answer.headers["Location"]) == (301, f"https://{SITE}/articles/x?q=dam")
    connection.close()


def test_a_certificate_is_renewed_by_http(nginx):
    folder = nginx.folder / "acme" / ".well-known" / "acme-challenge"
    folder.mkdir(parents=True)
    (folder / "token").write_text("proof")
    connection = http.client.HTTPConnection("127.0.0.1", nginx.http, timeout=10)
    connection.request("GET", "/.well-known/acme-challenge/token")
    answer = connection.getresponse()
    assert (answer.status, answer.read()) == (200, b"proof")
    connection.close()


def test_tls_is_new_and_speaks_http_2(nginx):
    with nginx.tls() as secure:
        assert (secure.version(), secure.selected_alpn_protocol()) == ("TLSv1.3", "h2")


def test_another_name_gets_no_certificate(nginx):
    with pytest.raises(ssl.SSLError, match=r"(?i)unrecognized.name"):
        nginx.tls("other.example")


def test_answers_are_datelines_own_and_stay_with_https(nginx):
    status, headers, body = nginx.ask("/api/v1/search?q=dam&limit=1")
    assert (status, headers.get_content_type()) == (200, "application/json")
    assert json.loads(body)["total"]["paragraphs"] > 0
    assert headers["Strict-Transport-Security"] == "max-age=31536000"
    assert (headers["Cache-Control"], headers["X-Content-Type-Options"]) == ("private, no-cache", "nosniff")
    assert "X-Accel-Expires" not in headers
    assert headers.get_all("Server") == ["nginx"]


def test_dateline_knows_that_it_is_asked_by_https(nginx):
    _, _, body = nginx.ask("/search.atom?q=dam&limit=1")
    assert f'href="https://{SITE}/'.encode() in body


def test_assets_are_kept(nginx):
    _, _, page = nginx.ask("/")
    asset = re.search(rb'(/static/[^"]+\?v=[0-9a-f]+)"', page)[1].decode()
    seen = [nginx.ask(asset) for _ in range(2)]
    assert [headers["X-Cache"] for _, headers, _ in seen] == ["MISS", "HIT"]
    assert seen[0][2] == seen[1][2]
    assert "immutable" in seen[1][1]["Cache-Control"]


def test_what_many_ask_at_once_is_kept_for_a_second(nginx):
    address = "/api/v1/search?q=bridge"
    seen = [nginx.ask(address) for _ in range(30)]
    assert {status for status, _, _ in seen} == {200}
    assert "HIT" in [headers["X-Cache"] for _, headers, _ in seen]
    assert len({json.dumps(json.loads(body)["hits"]) for _, _, body in seen}) == 1
    squeezed = nginx.ask(address, Accept_Encoding="gzip")
    assert squeezed[1]["Content-Encoding"] == "gzip"
    assert "Content-Encoding" not in nginx.ask(address)[1]


@pytest.mark.parametrize(
    "told", [{"Cookie": "dateline_reader=x"}, {"X_API_Key": "x"}, {"Authorization": "Bearer x"}]
)
def test_what_comes_with_a_key_or_a_cookie_is_never_kept(nginx, told):
    address = f"/api/v1/search?q=dam&limit={len(str(told))}"
    for _ in range(4):
        assert "X-Cache" not in nginx.ask(address, **told)[1]
    for _ in range(4):
        nginx.ask(address)
    assert "X-Cache" not in nginx.ask(address, **told)[1]


def test_who_has_the_answer_already_is_told_so(nginx):
    _, headers, _ = nginx.ask("/api/v1/search?q=ferry")
    status, headers, body = nginx.ask("/api/v1/search?q=ferry", If_None_Match=headers["ETag"])
    assert (status, body) == (304, b"")
    assert "X-Cache" not in headers


def test_an_export_comes_in_pieces_and_whole(nginx, live_server):
    status, headers, body = nginx.ask("/search.ndjson?q=the")
    assert (status, headers["Transfer-Encoding"]) == (200, "chunked")
    assert len(body.splitlines()) == int(headers["X-Total-Count"]) > 100
    assert "X-Cache" not in headers


def test_the_doors_where_keys_are_shown_are_narrow(nginx):
    seen = [nginx.ask("/sign-in") for _ in range(16)]
    assert [status for status, _, _ in seen].count(429) >= 3
    status, headers, body = seen[-1]
    assert (status, headers.get_content_type(), headers["Retry-After"]) == (
        429,
        "application/problem+json",
        "2",
    )
    assert json.loads(body)["status"] == 429
    assert nginx.ask("/healthz")[0] == 200


@pytest.mark.parametrize(("path", "size"), [("/desk/decisions", 600_000), ("/api/v1/documents", 5_000_000)])
def test_a_body_that_is_too_large_is_not_even_read(nginx, path, size):
    with nginx_socket(nginx) as secure:
        head = f"POST {path} HTTP/1.1\r\nHost: {SITE}\r\nContent-Length: {size}\r\n\r\n"
        secure.sendall(head.encode())
        answer = secure.recv(65_536).decode()
    assert answer.startswith("HTTP/1.1 413")
    assert "application/problem+json" in answer


def test_long_questions_reach_dateline(nginx):
    status, _, body = nginx.ask(f"/api/v1/search?q={'(' * 50_000}")
    assert status == 200
    assert any("was cut" in note for note in json.loads(body)["query"]["notes"])


def test_one_who_never_ends_his_request_is_let_go(nginx):
    with nginx_socket(nginx) as slow:
        slow.sendall(f"GET / HTTP/1.1\r\nHost: {SITE}\r\nX-Slow: ".encode())
        assert nginx.ask("/healthz")[0] == 200
        slow.settimeout(8)
        with contextlib.suppress(ConnectionResetError, ssl.SSLEOFError):  # else it is ended in order
            assert slow.recv(1_000) == b""


def test_metrics_are_for_this_machine(nginx):
    assert nginx.ask("/metrics")[0] == 200  # which this is
    assert "deny all;" in TEMPLATE.read_text("utf-8").split("location = /metrics")[1].split("}")[0]


def test_while_dateline_is_away_everybody_is_told(tmp_path):
    alone = Nginx(tmp_path, f"127.0.0.1:{_free()}")
    try:
        status, headers, body = alone.ask("/api/v1/search?q=dam")
        assert (status, headers.get_content_type(), headers["Retry-After"]) == (
            503,
            "application/problem+json",
            "5",
        )
        assert json.loads(body)["status"] == 503
        status, headers, body = alone.ask("/", Accept="text/html,*/*;q=0.8")
        assert (status, headers.get_content_type()) == (503, "text/html")
        assert b"Try again" in body
    finally:
        alone.stop()


def nginx_socket(nginx) -> ssl.SSLSocket:
    context = ssl.create_default_context(cafile=str(nginx.folder / "site.pem"))
    plain = socket.create_connection(("127.0.0.1", nginx.https), timeout=10)
    return context.wrap_socket(plain, server_hostname=SITE)
