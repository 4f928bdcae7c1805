"""An archive in use, for tests and pictures: copies, saved searches, alerts and their tries."""

from __future__ import annotations

import http.server
import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

from api.alert_messages import unsubscribe_token
from api.courier import courier_of
from api.settings import Settings
from index.archive import Archive
from index.audit import Act, AuditLog
from index.channels import Channels
from index.lease import utc_now
from index.pipeline import Listener, Options, run
from index.readers.sources import open_sources
from index.saved import SavedSearches
from index.shelf import Shelf
from index.store import StoreWriter
from tests import wire

PRIVATE = "127.0.0.1"
RUNS = "<img src=x onerror=\"document.title='ran'\"><script>document.title='ran'</script>"
LONG = "Donaudampfschiff" * 12
NAMES = ("Calder dam", f"{RUNS} \u202eferry", LONG)
OUTLETS = ("Meridian", "The Ellery Courier", f"<b>Bold</b> {LONG[:60]}", "Harbour Post")


@dataclass(frozen=True)
class Newsroom:
    """What was put there.

    Attributes:
        searches: ids of the saved searches, as in `NAMES`.
        webhook: id of an alert with a try that failed and one that did not.
        mail: id of an alert by mail.
        unsubscribe: path of the link in its mails.
        article: id of the copy that came first.
    """

    searches: tuple[str, ...]
    webhook: str
    mail: str
    unsubscribe: str
    article: str


class _Answers(http.server.BaseHTTPRequestHandler):
    def do_POST(self) -> None:
        self.rfile.read(int(self.headers["content-length"]))
        self.server.asked += 1  # type: ignore[attr-defined]
        fails = self.path == "/first-fails" and self.server.asked == 1  # type: ignore[attr-defined]
        self.send_response(503 if fails else 200)
        self.end_headers()
        self.wfile.write(f"{RUNS} busy".encode() if fails else b"taken")

    def log_message(self, *_: object) -> None:
        pass


@contextmanager
def receiver() -> Iterator[str]:
    """A receiver of webhooks that takes all but the first at `/first-fails`; yields its origin."""
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), _Answers)
    server.asked = 0  # type: ignore[attr-defined]
    threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True).start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


def furnish(index: Path, to: str) -> Newsroom:
    """Save searches, add alerts, then index copies of one text, match them and send what is due.

    Args:
        index: there already.
        to: origin of a `receiver`.
    """
    archive, settings = Archive(index), Settings(index=index, private=(PRIVATE,))
    saved, channels = SavedSearches(archive), Channels(archive)
    searches = [
        saved.create(name, "Anna Berg", query).id
        for name, query in zip(NAMES, ("q=dam+gates", "q=ferry", "q=nothing"), strict=True)
    ]
    target = f"{to}/first-fails"
    webhook, _ = channels.add((searches[0], NAMES[0]), "webhook", target, "at once", "Anna Berg")
    mail, _ = channels.add((searches[1], NAMES[1]), "mail", "desk@news.example", "daily", RUNS)
    _index_copies(index, archive)
    times = [utc_now()]
    courier = courier_of(settings, lambda: times[0], patient=True)
    for _ in range(5):
        courier.once()
        times[0] += timedelta(minutes=2)
    courier.leave()
    log = AuditLog(archive)
    log.note(Act("", "DATELINE_API_KEY", RUNS, "192.0.2.7", "POST", "/desk/searches", f"search {LONG}", 303))
    unsubscribe = f"/alerts/unsubscribe/{mail.id}/{unsubscribe_token(channels.one(mail.id))}"
    (match,) = saved.matches(searches[0], None, 2)
    return Newsroom(tuple(searches), webhook.id, mail.id, unsubscribe, match.article)


def _index_copies(index: Path, archive: Archive) -> None:
    source = index.parent / "copies.jsonl"
    records = [
        {
            "id": f"copy-{n}",
            "headline": "Gates of the Calder Dam Cracked" + (f" {RUNS}" if n == 1 else ""),
            "published": f"2016-03-0{n + 1}",
            "publisher": outlet,
            "text": "\n\n".join(wire.DAM[: 5 if n else None]),
        }
        for n, outlet in enumerate(OUTLETS)
    ]
    ferry = {"id": "ferry", "headline": f"Ferry {RUNS}", "text": "\n\n".join(wire.FERRY)}
    source.write_text("\n".join(json.dumps(r) for r in [*records, ferry]), "utf-8")
    with StoreWriter(index) as store:
        summary = run(open_sources([str(source)]), store, Options(), Listener(), Shelf(archive))
    assert summary.failed == 0
