"""A server on loopback that answers as a test says: a node that plays a part, or one before a real node."""

import http.client
import json
import socket
import threading
from collections.abc import Callable
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import urlsplit


@dataclass(frozen=True)
class Asked:
    """One request.

    Attributes:
        method: of it.
        path: with what stands behind `?`.
        body: of it.
    """

    method: str
    path: str
    body: bytes

    @property
    def is_bulk(self) -> bool:
        """Whether it writes several documents."""
        return self.path.partition("?")[0].endswith("/_bulk")

    @property
    def actions(self) -> list[tuple[str, dict[str, Any], bytes]]:
        """Of a bulk: what is done, with which document, and its lines as they came."""
        lines, found = self.body.splitlines(keepends=True), []
        while lines:
            head = lines.pop(0)
            ((name, told),) = json.loads(head).items()
            found.append((name, told, head if name == "delete" else head + lines.pop(0)))
        return found


@dataclass(frozen=True)
class Told:
    """One answer.

    Attributes:
        status: of it.
        body: of it, as JSON unless it is bytes.
        kind: of the body.
        upto: bytes of the body that come, after which the connection ends; None: all.
        honest: whether the length of the body is said before.
    """

    status: int
    body: Any = b""
    kind: str = "application/json; charset=UTF-8"
    upto: int | None = None
    honest: bool = True

    @property
    def data(self) -> bytes:
        """The body."""
        return self.body if isinstance(self.body, bytes) else json.dumps(self.body).encode()


def failed(status: int, kind: str, reason: str = "for this test") -> dict[str, Any]:
    """An error as the cluster tells it, of a request or of one document of several."""
    cause = {"type": kind, "reason": reason}
    return {"error": {"root_cause": [cause], **cause}, "status": status}


class Loopback:
    """The server; to be used as a context.

    Attributes:
        url: of it.
        asked: all that it was asked.
        answer: what answers.
    """

    def __init__(self, answer: Callable[[Asked], Told]) -> None:
        asked: list[Asked] = []

        class Handler(BaseHTTPRequestHandler):
            protocol_version, wbufsize = "HTTP/1.1", -1

            def _answer(self) -> None:
                length = int(self.headers.get("Content-Length") or 0)
                one = Asked(self.command, self.path, self.rfile.read(length))
                asked.append(one)
                _send(self, answer(one))

            do_GET = do_PUT = do_POST = do_DELETE = do_HEAD = _answer  # noqa: N815

            def log_message(self, *_: Any) -> None:
                pass

        self.asked, self.answer = asked, answer
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._server.daemon_threads = True
        self.url = f"http://127.0.0.1:{self._server.server_port}"

    def __enter__(self) -> "Loopback":
        threading.Thread(target=self._server.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._server.shutdown()
        self._server.server_close()


def _send(handler: BaseHTTPRequestHandler, told: Told) -> None:
    data = told.data
    handler.send_response(told.status)
    handler.send_header("Content-Type", told.kind)
    if told.honest:
        handler.send_header("Content-Length", str(len(data)))
    else:
        handler.close_connection = True
    handler.end_headers()
    if handler.command != "HEAD":
        handler.wfile.write(data if told.upto is None else data[: told.upto])
    if told.upto is not None:
        handler.wfile.flush()
        handler.connection.shutdown(socket.SHUT_RDWR)
        handler.close_connection = True


def forward(url: str, asked: Asked, body: bytes | None = None) -> Told:
    """What a real node answers to a request, or to another body of it."""
    connection = http.client.HTTPConnection(urlsplit(url).netloc, timeout=120)
    try:
        data = asked.body if body is None else body
        kind = {"Content-Type": "application/x-ndjson" if asked.is_bulk else "application/json"}
        connection.request(asked.method, asked.path, data or None, kind if data else {})
        answer = connection.getresponse()
        return Told(answer.status, answer.read(), answer.headers.get("Content-Type", ""))
    finally:
        connection.close()
