"""The courier against real receivers: a web server and a mail server on this machine; time is told."""

import email.policy
import http.server
import json
import os
import re
import signal
import socket
import subprocess
import sys
import textwrap
import threading
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import jsonschema
import pytest
from aiosmtpd.controller import Controller
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError

from api import sending
from api.app import create_app
from api.courier import Courier, courier_of
from api.settings import Settings
from index.archive import Archive
from index.channels import Channels
from index.deliveries import STALE_S, Deliveries
from index.gathering import Found
from index.lease import LEASE_S, courier_alive
from index.model import Block, Document, Lifecycle, Metadata
from index.pipeline import Listener, Options, run
from index.saved import SavedSearches
from index.shelf import Shelf
from index.store import StoreWriter

ROOT = Path(__file__).resolve().parents[2]


class Receiver:
    """A web server that answers as it is told to, and remembers what it was sent."""

    def __init__(self):
        self.came, self.answers = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_POST(self):
                body = self.rfile.read(int(self.headers["content-length"]))
                outer.came.append((self.path, {k.lower(): v for k, v in self.headers.items()}, body))
                answer = outer.answers.pop(0) if outer.answers else (200, {}, b"ok")
                if callable(answer):
                    answer(self)
                    return
                status, headers, said = answer
                self.send_response(status)
                for name, value in {"Content-Length": str(len(said)), **headers}.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(said)

            def log_message(self, *_):
                pass

        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.server.daemon_threads = True
        self.port = self.server.server_port
        self.url = f"http://127.0.0.1:{self.port}/hook"
        threading.Thread(target=self.server.serve_forever, args=(0.01,), daemon=True).start()

    def stop(self):
        self.server.shutdown()
        self.server.server_close()


@pytest.fixture
def receiver():
    made = Receiver()
    yield made
    made.stop()


class Listed:
    def __init__(self):
        self.all = []

    def after(self, cursor, limit):
        start = int(cursor or 0)
        some = self.all[start : start + limit]
        return some, str(start + len(some)) if some else cursor


def found(number, at, **more):
    told = {
        "id": f"m{number}", "search": "dam", "search_name": "Dam", "article": f"a{number}", "url": None,
        "headline": f"Headline {number}", "snippet": "The dam.", "published": "2026-03-01", "added": None,
        "kind": "new", "at": at, "query": "q=dam",
    }  # fmt: skip
    return Found(**(told | more))


class World:
    def __init__(self, path, **settings):
        told = {"private": ("127.0.0.1",), "url": "https://dateline.example"}
        self.settings = Settings(index=path, **(told | settings))
        self.archive = Archive(path)
        self.channels, self.deliveries = Channels(self.archive), Deliveries(self.archive)
        self.matches = Listed()
        self.now = datetime.now(UTC)
        self.courier = Courier(self.settings, matches=self.matches, clock=lambda: self.now)

    def add(self, target, kind="webhook", pace="at once"):
        channel, secret = self.channels.add(("dam", "Dam"), kind, target, pace, "anna")
        self.now = max(self.now, channel.created)
        self.secret = secret
        return channel

    def go(self, seconds):
        self.now += timedelta(seconds=seconds)

    def match(self, number, **more):
        """A match, and time until it is due."""
        self.matches.all.append(found(number, self.now, **more))
        self.courier.once()
        self.go(30)

    def newest(self):
        return self.deliveries.one(self.deliveries.log(limit=1)[0].id)


@pytest.fixture
def world(tmp_path):
    return World(tmp_path)


# Webhooks.


def verify(secret, request, now=None):
    """What README tells a receiver to do: the standard's library checks signature and time."""
    _, headers, body = request
    return Webhook(secret).verify(body, headers)


def test_a_webhook_is_signed_and_says_what_matched(world, receiver):
    channel = world.add(receiver.url)
    world.matches.all += [found(1, world.now), found(2, world.now, headline="Déjà <vu> & more")]
    world.courier.once()
    world.go(30)
    assert world.courier.once() == 1
    (request,) = receiver.came
    told = verify(world.secret, request)
    assert told["type"] == "search.matched"
    assert told["data"]["search"] == {
        "id": "dam", "name": "Dam", "url": "https://dateline.example/?q=dam&sort=added",
    }  # fmt: skip
    assert [m["article"]["headline"] for m in told["data"]["matches"]] == ["Headline 1", "Déjà <vu> & more"]
    assert told["data"]["matches"][0]["article"]["link"] == "https://dateline.example/articles/a1"
    assert (told["data"]["total"], told["data"]["more"], told["data"]["alert"]) == (2, 0, channel.id)
    jsonschema.validate(told, json.loads((ROOT / "deploy" / "webhook.schema.json").read_text()))
    held = world.newest()
    assert request[1]["webhook-id"] == held.id
    assert (held.state, held.attempts[0].status, held.attempts[0].said) == ("delivered", 200, "200: ok")
    assert world.courier.once() == 0


def test_a_replayed_request_is_told_by_its_time_and_a_changed_one_by_its_signature(world, receiver):
    world.add(receiver.url)
    world.matches.all.append(found(1, datetime.now(UTC)))
    world.now = datetime.now(UTC) - timedelta(minutes=10)
    world.courier.once()
    world.go(30)
    world.courier.once()
    (old,) = receiver.came
    with pytest.raises(WebhookVerificationError, match="too old"):
        verify(world.secret, old)
    path, headers, body = old
    fresh = {**headers, "webhook-timestamp": str(int(time.time()))}
    with pytest.raises(WebhookVerificationError, match="No matching signature"):
        verify(world.secret, (path, fresh, body))


def test_after_a_rotation_both_secrets_verify(world, receiver):
    channel = world.add(receiver.url)
    new = world.channels.rotate(channel.id, datetime.now(UTC))
    world.deliveries.test(world.channels.one(channel.id), world.now)
    world.courier.once()
    (request,) = receiver.came
    assert len(request[1]["webhook-signature"].split()) == 2
    for secret in (new, world.secret):
        assert verify(secret, request)["type"] == "alert.test"


ANSWERS = [
    ((500, {}, b"<html>\x00\xff\x1b[31m" + b"x" * 100_000), "again", 500),
    ((404, {}, b"no"), "again", 404),
    ((301, {"Location": "/other"}, b""), "again", 301),
    ((429, {"Retry-After": "3600"}, b"slow down"), "again", 429),
    ((204, {}, b""), "delivered", 204),
    ((410, {}, b"no more"), "gone", 410),
    ((200, {"Content-Length": "1000000000"}, b"short"), "again", None),
    ((200, {"Content-Encoding": "br"}, b"?"), "again", None),
]


@pytest.mark.parametrize(("answer", "outcome", "status"), ANSWERS, ids=[f"{a[0]}-{s}" for a, _, s in ANSWERS])
def test_each_answer_is_taken_as_the_standard_says_and_logged(world, receiver, answer, outcome, status):
    channel = world.add(receiver.url)
    receiver.answers.append(answer)
    world.match(1)
    assert world.courier.once() == 1
    (attempt,) = world.newest().attempts
    assert (attempt.outcome, attempt.status) == (outcome, status)
    assert len(attempt.said) <= 500
    assert attempt.said.isprintable()
    assert len(receiver.came) == 1  # no redirect was followed
    assert world.channels.one(channel.id).on == (outcome != "gone")
    if outcome == "again":
        wait = (world.newest().next_at - world.now).total_seconds()
        assert wait >= 3_600 if status == 429 else 5 <= wait <= 6


def silent(handler):
    time.sleep(1.2)


def dripping(handler):
    for letter in "HTTP/1.1 200 OK":
        handler.wfile.write(letter.encode())
        time.sleep(0.1)


def garbage(handler):
    handler.wfile.write(b"\x16\x03\x01 no HTTP at all\r\n\r\n")


def hang_up(handler):
    handler.connection.shutdown(socket.SHUT_RDWR)


@pytest.mark.parametrize(
    ("answer", "said"),
    [(silent, "within 0.5 s"), (dripping, "within 0.5 s"), (garbage, "no HTTP"), (hang_up, "hung up")],
    ids=lambda value: getattr(value, "__name__", ""),
)
def test_a_receiver_that_is_slow_or_speaks_garbage_is_tried_again(world, receiver, monkeypatch, answer, said):
    monkeypatch.setattr(sending, "CAPS", sending.Caps(seconds=0.5, body=2_000, cut=True))
    world.add(receiver.url)
    receiver.answers.append(answer)
    world.match(1)
    world.courier.once()
    held = world.newest()
    assert (held.state, held.attempts[0].outcome) == ("waiting", "again")
    assert said in held.attempts[0].said
    world.go(6)
    world.courier.once()
    assert world.newest().state == "delivered"
    ids = {headers["webhook-id"] for _, headers, _ in receiver.came}
    bodies = {body for _, _, body in receiver.came}
    assert (len(receiver.came), len(ids), len(bodies)) == (2, 1, 1)
    stamps = {headers["webhook-timestamp"] for _, headers, _ in receiver.came}
    assert len(stamps) == 2


def test_a_receiver_that_is_down_gets_it_when_it_is_up(world):
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    world.add(f"http://127.0.0.1:{port}/")
    world.match(1)
    world.courier.once()
    assert "nothing listens" in world.newest().attempts[0].said
    assert world.newest().state == "waiting"


def test_an_address_that_became_private_is_not_posted_to(tmp_path, receiver):
    world = World(tmp_path, private=())
    world.add(receiver.url)
    world.match(1)
    world.courier.once()
    assert receiver.came == []
    (attempt,) = world.newest().attempts
    assert "not public" in attempt.said
    assert "DATELINE_PRIVATE" in attempt.said


def test_a_slow_receiver_does_not_keep_another_waiting_for_its_tries(world, receiver):
    world.add(receiver.url)
    world.add(f"http://127.0.0.1:{receiver.port}/other")
    receiver.answers += [(503, {}, b""), (503, {}, b"")]
    world.match(1)
    assert world.courier.once() == 2


# Slack.


def test_slack_gets_blocks_with_everything_of_the_text_escaped(world, receiver):
    world.add(receiver.url, "slack")
    world.match(
        1, headline="<!channel> & *bold* <https://evil.example|click>", snippet="a\nb > c", search_name="Dam"
    )
    world.courier.once()
    ((_, headers, body),) = receiver.came
    told = json.loads(body)
    text = "".join(block["text"]["text"] for block in told["blocks"])
    assert "&lt;!channel&gt; &amp; " in text
    assert "<!channel>" not in text
    assert re.findall(r"<([^|>]*)\|", text) == ["https://dateline.example/articles/a1"]
    assert "*bold*" not in text
    assert "> a b &gt; c" in text
    assert told["text"] == "1 new for “Dam”"
    assert "webhook-signature" not in headers


def test_slack_is_told_ten_and_how_many_more(world, receiver):
    world.add(receiver.url, "slack")
    world.matches.all += [found(n, world.now) for n in range(250)]
    world.courier.once()
    world.go(30)
    world.courier.once()
    ((_, _, body),) = receiver.came
    blocks = json.loads(body)["blocks"]
    assert len(blocks) == 12
    assert "and 240 more" in blocks[-1]["text"]["text"]


def test_a_slack_address_that_is_no_more_turns_the_alert_off(world, receiver):
    channel = world.add(receiver.url, "slack")
    receiver.answers.append((404, {}, b"no_service"))
    world.match(1)
    world.courier.once()
    off = world.channels.one(channel.id)
    assert not off.on
    assert "no_service" in off.why


# Mail.


class Mailbox:
    """What a mail server does with each message; `refuse` is what it says to the next recipients."""

    def __init__(self):
        self.came, self.refuse = [], []

    async def handle_RCPT(self, server, session, envelope, address, options):  # noqa: N802
        if self.refuse:
            return self.refuse.pop(0)
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):  # noqa: N802
        self.came.append(
            (envelope.rcpt_tos, email.message_from_bytes(envelope.content, policy=email.policy.default))
        )
        return "250 taken"


@pytest.fixture
def mailbox():
    made = Mailbox()
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    controller = Controller(made, hostname="127.0.0.1", port=port)
    controller.start()
    made.url = f"smtp://127.0.0.1:{port}"
    yield made
    controller.stop()


@pytest.fixture
def mailing(tmp_path, mailbox):
    return World(tmp_path, smtp=mailbox.url, mail_from="dateline@news.example")


def test_mail_has_text_and_html_and_says_it_is_automatic(mailing, mailbox):
    channel = mailing.add("desk@news.example", "mail")
    mailing.match(
        1, headline="<script>x</script>", snippet="A & B\r\nBcc: x@y", search_name="Dam\r\nBcc: evil@x.org"
    )
    mailing.courier.once()
    ((to, message),) = mailbox.came
    assert to == ["desk@news.example"]
    assert message["To"] == "desk@news.example"
    assert message["From"] == "dateline@news.example"
    assert message["Bcc"] is None
    assert message["Subject"] == "1 new for “Dam Bcc: evil@x.org”"
    assert message["Auto-Submitted"] == "auto-generated"
    assert message["Message-ID"] == f"<{mailing.newest().id}@news.example>"
    assert message["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    text, html = (message.get_body((kind,)).get_content() for kind in ("plain", "html"))
    assert "https://dateline.example/articles/a1" in text
    assert "<script>" not in html
    assert "&lt;script&gt;" in html
    assert "A &amp; B" in html
    assert mailing.newest().state == "delivered"
    link = message["List-Unsubscribe"].strip("<>")
    assert link in text
    assert unsubscribed(mailing, link, channel)


def unsubscribed(world, link, channel):
    client = create_app(world.settings).test_client()
    path = urlsplit(link).path
    looked = client.get(path)
    assert looked.status_code == 200
    assert "Send no more" in looked.text
    assert world.channels.one(channel.id).on
    assert client.post(f"{path[:-1]}{'0' if path[-1] != '0' else '1'}").status_code == 404
    assert client.post("/alerts/unsubscribe/none/0").status_code == 404
    assert client.post(path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    off = world.channels.one(channel.id)
    return not off.on and "reader" in off.why


def test_a_digest_is_one_mail(mailing, mailbox):
    mailing.add("desk@news.example", "mail", "daily")
    for n in range(3):
        mailing.match(n)
    assert mailbox.came == []
    mailing.go(86_400)
    mailing.courier.once()
    assert [m["Subject"] for _, m in mailbox.came] == ["3 new for “Dam”"]


def test_a_refused_recipient_is_given_up_and_a_busy_server_tried_again(mailing, mailbox):
    channel = mailing.add("desk@news.example", "mail")
    mailbox.refuse += ["451 try later", "550 no such user"]
    mailing.match(1)
    mailing.courier.once()
    assert (mailing.newest().state, mailing.newest().attempts[0].said) == ("waiting", "451: try later")
    mailing.go(10)
    mailing.courier.once()
    held = mailing.newest()
    assert (held.state, held.attempts[1].said) == ("failed", "550: no such user")
    assert mailing.channels.one(channel.id).on
    mailing.deliveries.resend(held.id, mailing.now)
    mailing.go(10)
    mailing.courier.once()
    assert mailbox.came[0][1]["Message-ID"] == f"<{held.id}@news.example>"


@pytest.mark.parametrize("smtp", ["", "smtp://127.0.0.1:1", "smtps://127.0.0.1:1"])
def test_without_a_mail_server_it_waits_and_says_so(tmp_path, smtp):
    world = World(tmp_path, smtp=smtp, mail_from="dateline@news.example")
    world.add("desk@news.example", "mail")
    world.match(1)
    world.courier.once()
    held = world.newest()
    assert held.state == "waiting"
    assert "mail server" in held.attempts[0].said


def test_a_mail_server_elsewhere_must_speak_tls(mailbox, monkeypatch):
    monkeypatch.setattr(sending, "_here", lambda host: False)
    with pytest.raises(sending.smtplib.SMTPNotSupportedError):
        sending._mail_server(urlsplit(mailbox.url))
    sending._mail_server(urlsplit(mailbox.url.replace("smtp:", "smtp+plain:"))).quit()


# Restarts.

SCRIPT = """
import sys
from datetime import datetime
from pathlib import Path
from api.courier import Courier, courier_of
from api.settings import Settings
now = datetime.fromisoformat(sys.argv[2])
settings = Settings(index=Path(sys.argv[1]), private=("127.0.0.1",))
print(Courier(settings, clock=lambda: now).once(), flush=True)
"""


def courier_process(world):
    command = [
        sys.executable,
        "-c",
        textwrap.dedent(SCRIPT),
        str(world.settings.index),
        world.now.isoformat(),
    ]
    return subprocess.Popen(
        command, cwd=ROOT, env={**os.environ, "PYTHONPATH": str(ROOT)}, stderr=subprocess.DEVNULL
    )


def test_a_courier_that_is_killed_while_it_sends_loses_nothing_and_keeps_the_id(world, receiver):
    for n in range(3):
        world.add(f"{receiver.url}/{n}")
    world.match(1)
    world.courier.leave()
    dead = threading.Event()

    def kill(handler):
        os.kill(process.pid, signal.SIGKILL)
        process.wait(10)
        dead.set()

    # All three receivers have the message when the courier is killed; it does not know of any.
    receiver.answers += [lambda _: dead.wait(10), lambda _: dead.wait(10), kill]
    process = courier_process(world)
    assert dead.wait(30)
    ids = {headers["webhook-id"] for _, headers, _ in receiver.came}
    assert len(ids) == len(receiver.came) == 3
    assert {d.state for d in world.deliveries.log()} == {"sending"}

    world.go(LEASE_S - 5)
    assert world.courier.once() == 0  # the lease of the dead one
    world.go(STALE_S + 10)
    assert world.courier.once() == 3
    assert {d.state for d in world.deliveries.log()} == {"delivered"}
    assert {headers["webhook-id"] for _, headers, _ in receiver.came} == ids
    assert len(receiver.came) == 6
    held = world.newest()
    assert [a.outcome for a in held.attempts] == ["unknown", "delivered"]
    world.go(1_000_000)
    assert world.courier.once() == 0


def test_a_courier_killed_before_it_sent_sends_once(world, receiver):
    world.add(receiver.url)
    world.match(1)
    world.deliveries.claim(world.now, 8)  # as one that was killed right after writing it down
    world.go(STALE_S + LEASE_S)
    assert world.courier.once() == 1
    assert len(receiver.came) == 1
    assert world.newest().state == "delivered"


def test_one_courier_at_a_time_and_the_next_takes_over(world, receiver):
    world.add(receiver.url)
    other = Courier(world.settings, matches=world.matches, clock=lambda: world.now)
    world.match(1)
    world.go(-5)
    assert courier_alive(world.archive, world.now)
    assert other.once() == 0
    world.courier.leave()
    assert not courier_alive(world.archive, world.now)
    assert other.once() == 1


def test_what_fails_of_its_work_does_not_stop_the_sending(tmp_path, receiver, capsys):
    from index.errors import IndexMissingError

    def broken(settings):
        raise IndexMissingError(settings.index)

    world = World(tmp_path)
    world.courier = Courier(world.settings, (broken,), world.matches, lambda: world.now)
    world.add(receiver.url)
    world.match(1)
    assert world.courier.once() == 1
    told = capsys.readouterr().err
    assert "no index at" in told
    assert "delivered (200: ok)" in told
    assert receiver.url not in told
    assert world.secret not in told


def test_a_slip_of_ours_is_a_try_that_failed(tmp_path):
    def slip(job, settings, now):
        raise ZeroDivisionError

    world = World(tmp_path)
    world.add("https://cms.example/")
    with pytest.MonkeyPatch.context() as patch:
        patch.setitem(sending._SENDERS, "webhook", slip)
        world.match(1)
        world.courier.once()
    assert "ZeroDivisionError" in world.newest().attempts[0].said


def test_without_an_archive_none_is_made(tmp_path):
    assert Courier(Settings(index=tmp_path)).once() == 0
    assert list(tmp_path.iterdir()) == []


def test_a_server_runs_a_courier_beside_it_which_ends_with_it(request, tmp_path, sample_index, receiver):
    import shutil
    import urllib.request

    server_class = request.config.pluginmanager.get_plugin(str(ROOT / "tests" / "conftest.py")).Server
    index = shutil.copytree(sample_index, tmp_path / "index")
    allowed = {"DATELINE_PRIVATE": "127.0.0.1", "DATELINE_COURIER": "on"}
    server = server_class(index, workers=1, DATELINE_API_KEY="k", **allowed)

    def ask(path, body=None):
        headers = {"X-API-Key": "k", "Content-Type": "application/json"}
        asked = urllib.request.Request(f"{server.url}{path}", body, headers)
        with urllib.request.urlopen(asked, timeout=20) as answer:
            return json.load(answer)

    try:
        saved = SavedSearches(Archive(index)).create("Quixotic", "anna", "q=quixotic")
        told = {"search": saved.id, "kind": "webhook", "target": receiver.url, "editor": "anna"}
        made = ask("/api/v1/alerts", json.dumps(told).encode())
        sent = ask(f"/api/v1/alerts/{made['id']}/test", b"")
        for _ in range(200):
            if (held := ask(f"/api/v1/deliveries/{sent['id']}"))["state"] == "delivered":
                break
            time.sleep(0.1)
        assert held["state"] == "delivered"
        assert verify(made["secret"], receiver.came[0])["type"] == "alert.test"
        assert courier_alive(Archive(index))
        ask("/api/v1/documents", json.dumps({"id": "9", "text": "A quixotic ferry left at noon."}).encode())
        for _ in range(600):
            if len(receiver.came) == 2:
                break
            time.sleep(0.1)
        told = verify(made["secret"], receiver.came[1])
        assert (told["type"], told["data"]["search"]["name"]) == ("search.matched", "Quixotic")
        assert told["data"]["matches"][0]["snippet"] == "A quixotic ferry left at noon."
    finally:
        server.stop()
    assert not courier_alive(Archive(index))


def test_what_an_embargo_held_is_shown_and_told_when_it_ends(tmp_path, receiver):
    world = World(tmp_path / "index")
    ends = datetime.now(UTC) + timedelta(seconds=1.5)
    text = "Not yet.\n\nThe quixotic ferry left."
    blocks = (Block(0, 8, "headline"), Block(10, len(text), "body"))
    held = Lifecycle(embargo=ends.isoformat())
    document = Document("id:1", "wire:1", "jsonlines", text, Metadata(headline="Not yet."), blocks, held)
    with StoreWriter(world.settings.index) as store:
        run([document], store, Options(), Listener(), Shelf(world.archive))
    saved = SavedSearches(world.archive).create("Ferry", "anna", "q=quixotic")
    world.channels.add((saved.id, "Ferry"), "webhook", receiver.url, "at once", "anna")
    time.sleep(max(0.0, (ends - datetime.now(UTC)).total_seconds()))
    courier = courier_of(world.settings, lambda: world.now, patient=True)
    world.now = datetime.now(UTC)
    courier.once()
    world.go(30)
    assert courier.once() == 1
    told = json.loads(receiver.came[0][2])
    assert [m["article"]["headline"] for m in told["data"]["matches"]] == ["Not yet."]
