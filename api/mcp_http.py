"""The Model Context Protocol by HTTP, at `/mcp`: the SDK's own transport below the application.

One POST is one exchange, answered as JSON; no session is kept, so that any worker answers any
request. What guards the API (keys, limits, sizes) guards this address, since it is one of the app's.
"""

from __future__ import annotations

import asyncio
import threading
from typing import TYPE_CHECKING, Any, cast
from urllib.parse import urlsplit

from a2wsgi import ASGIMiddleware
from flask import Blueprint, Response, current_app, request
from mcp.server.transport_security import TransportSecuritySettings
from werkzeug.exceptions import Forbidden, LengthRequired, RequestEntityTooLarge

from api.context import KEY, current_engine, current_settings
from api.mcp_tools import mcp_server
from api.origins import absolute
from search.engine import Engine

if TYPE_CHECKING:
    from _typeshed.wsgi import WSGIApplication

blueprint = Blueprint("mcp", __name__)

_LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})
_START_S = 10.0
_starting = threading.Lock()


@blueprint.route("/mcp", methods=["POST"])
def exchange() -> Response:
    """One message of the protocol; there is nothing to listen to, so that GET is 405 as it allows.

    https://modelcontextprotocol.io/specification, "Streamable HTTP".
    """
    _check_origin()
    if request.content_length is None:
        raise LengthRequired("Send a Content-Length; a body without one is not read.")
    if request.content_length > current_settings().max_body:
        raise RequestEntityTooLarge
    return cast("Response", current_app.response_class.from_app(_transport(), request.environ, buffered=True))


def _check_origin() -> None:
    """Refuse pages of other sites, also one whose name was made to lead here (DNS rebinding).

    A program that is no browser sends no Origin. The request's own Host proves nothing: under
    rebinding it is the attacker's name, so only names that are set, or this machine's, are taken.
    """
    origin = request.headers.get("Origin")
    if origin is None:
        return
    settings = current_settings()
    allowed = {settings.url, *settings.cors}
    if "*" in allowed or origin.lower() in allowed or urlsplit(origin).hostname in _LOOPBACK:
        return
    raise Forbidden(f"Pages of {origin[:200]} may not use this address; DATELINE_CORS names those that may.")


def _transport() -> WSGIApplication:
    """The SDK's transport, started in this process when first needed: gunicorn forks before it."""
    held: dict[str, Any] = current_app.extensions[KEY]
    with _starting:
        if "mcp" not in held:
            held["mcp"] = _start(current_engine(), current_settings().max_body)
    transport: WSGIApplication = held["mcp"]
    return transport


def _start(engine: Engine, max_body: int) -> WSGIApplication:
    # A tool runs in a thread of its own but in the request's context, which asyncio and anyio
    # hand on: so a link has the origin of the request that asks.
    server = mcp_server(engine, absolute)
    app = server.streamable_http_app(
        json_response=True,
        stateless_http=True,
        max_request_body_size=max_body,
        transport_security=TransportSecuritySettings(enable_dns_rebinding_protection=False),  # done above
    )
    loop = asyncio.new_event_loop()
    threading.Thread(target=loop.run_forever, name="mcp", daemon=True).start()
    ready = threading.Event()

    async def hold() -> None:
        async with server.session_manager.run():
            ready.set()
            await asyncio.Event().wait()

    asyncio.run_coroutine_threadsafe(hold(), loop)
    if not ready.wait(_START_S):
        raise RuntimeError("the protocol's server did not start")
    # Both say what ASGI and WSGI are, in types of their own.
    return cast("WSGIApplication", ASGIMiddleware(cast("Any", app), loop=loop))
