"""A gunicorn worker that answers what is no HTTP request, too, with a problem of RFC 9457."""

from __future__ import annotations

import json
import socket
from typing import Any

from gunicorn.http import message
from gunicorn.http.errors import LimitRequestHeaders, LimitRequestLine, ParseException
from gunicorn.workers.sync import SyncWorker

LONGEST_REQUEST_LINE = 65_536  # bytes

# gunicorn caps its own setting here; a query of 2,000 characters, each percent-encoded in
# up to 12 bytes, must reach the application, which shortens it and says so.
message.MAX_REQUEST_LINE = LONGEST_REQUEST_LINE

_REFUSED = {
    LimitRequestLine: (414, "URI Too Long", "request-uri-too-long"),
    LimitRequestHeaders: (431, "Request Header Fields Too Large", "bad-request"),
    ParseException: (400, "Bad Request", "bad-request"),
}


class Worker(SyncWorker):  # type: ignore[misc]
    """gunicorn's synchronous worker with errors as the API's clients expect them."""

    def handle_error(self, req: Any, client: socket.socket, addr: Any, exc: Exception) -> None:
        """Answer a request that could not be parsed; everything else is gunicorn's."""
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
