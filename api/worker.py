"""A gunicorn worker that sends long answers beside others, and answers what is no HTTP request, too."""

from __future__ import annotations

import json
import os
import socket
import struct
import threading
import time
from collections.abc import Callable, Iterable
from typing import Any

from gunicorn import util
from gunicorn.http import message
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.sync import SyncWorker

from api.streaming import LONG

LONGEST_REQUEST_LINE = 65_536  # bytes

# gunicorn caps its own setting here; a query of 2,000 characters, each percent-encoded in
# up to 12 bytes, must reach the application, which shortens it and says so.
message.MAX_REQUEST_LINE = LONGEST_REQUEST_LINE

_REFUSED = {
    LimitRequestLine: (414, "URI Too Long", "request-uri-too-long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "bad-request"),
    ParseException: (400, "Bad Request", "bad-request"),
}


PATIENCE_S = 60
"""After so many seconds in which a client takes nothing of a piece of a long answer, it is let go of."""

_LINGER_S = 600  # that a worker which is to be replaced gives its long answers to end
_CUT = struct.pack("ii", 1, 0)  # SO_LINGER: what is closed so is reset, which no client takes for an end
_close = getattr(util, "close_graceful", util.close)  # newer releases of gunicorn have the first


class _GoesOn(Exception):  # noqa: N818 - not an error: an answer on its way to its own thread
    """An answer that is to be sent beside others."""

    def __init__(self, sender: Any, pieces: Iterable[bytes]) -> None:
        super().__init__("sent in a thread of its own")
        self.sender = sender
        self.pieces = pieces


class Worker(SyncWorker):  # type: ignore[misc]
    """gunicorn's synchronous worker, one request at a time but for long answers.

    An export may take as long as its client pleases. Once its head and order are made it is
    sent by a thread, which reads from one commit and asks nothing of the application, while the
    worker goes on with other requests and with telling gunicorn that it is alive.
    """

    wsgi: Any  # the application, once loaded

    def init_process(self) -> None:
        """Begin with nothing under way."""
        self._sending: set[threading.Thread] = set()
        super().init_process()

    def load_wsgi(self) -> None:
        """Load the application, and look at what it answers."""
        super().load_wsgi()
        application: Callable[..., Iterable[bytes]] = self.wsgi
        self.wsgi = self._watched(application)

    def _watched(self, application: Callable[..., Iterable[bytes]]) -> Callable[..., Iterable[bytes]]:
        def watched(environ: dict[str, Any], start_response: Any) -> Iterable[bytes]:
            pieces = application(environ, start_response)
            # Over TLS the connection cannot be taken from gunicorn, so it is sent here.
            if environ.get(LONG) and not self.cfg.is_ssl:
                raise _GoesOn(start_response.__self__, pieces)
            return pieces

        return watched

    def run(self) -> None:
        """Answer until told to end; what was begun by then is ended, for as long as gunicorn lets it."""
        super().run()
        until = time.monotonic() + _LINGER_S
        while self._sending and time.monotonic() < until and os.getppid() == self.ppid:
            self.notify()
            time.sleep(0.1)

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: BaseException) -> None:
        """Answer a request that could not be parsed; everything else is gunicorn's."""
        if isinstance(exc, _GoesOn):
            # gunicorn closes the connection that it knows; this leaves it an empty one.
            exc.sender.sock = socket.socket(fileno=client.detach())
            sending = threading.Thread(target=self._send, args=(exc.sender, exc.pieces), daemon=True)
            self._sending.add(sending)
            sending.start()
            return
        if not isinstance(exc, ParseException):
            super().handle_error(req, client, addr, exc)
            return
        status, title, kind = next(_REFUSED[c] for c in type(exc).__mro__ if c in _REFUSED)
        detail = f"The request could not be read ({type(exc).__name__}); it may be too long or malformed."
        body = json.dumps(
            {"type": f"/api/v1/problems/{kind}", "title": title, "status": status, "detail": detail}
        ).encode()
        head = (
            f"HTTP/1.1 {status} {title}\r\nConnection: close\r\nContent-Type: application/problem+json\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        try:
            client.sendall(head.encode("ascii") + body)
        except OSError:
            self.log.debug("the client of a bad request went away")

    def _send(self, sender: Any, pieces: Iterable[bytes]) -> None:
        """Send an answer; one that breaks off is cut, so that the client can tell, also by HTTP/1.0."""
        sender.sock.settimeout(PATIENCE_S)
        whole = False
        try:
            for piece in pieces:
                sender.write(piece)
            sender.close()
            whole = True
        except OSError as error:
            self.log.debug("the client of a long answer went away: %s", error)
        except Exception:
            self.log.exception("a long answer broke off")
        finally:
            if hasattr(pieces, "close"):
                pieces.close()
            if whole:
                _close(sender.sock)
            else:
                sender.sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _CUT)
                sender.sock.close()
            self._sending.discard(threading.current_thread())
