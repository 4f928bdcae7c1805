"""How does the server fetch an address, or post to one, without being led anywhere that it must not go?

The one way out: whatever a person, a feed or a redirect names goes through `fetch`. A name is
resolved once, every address it has is judged, and the connection goes to a judged address, so that
a name which changes its mind between the two (DNS rebinding) leads nowhere; TLS still asks for the
name. Size, time and the length of headers are capped as bytes arrive, not afterwards.
"""

from __future__ import annotations

import http.client
import io
import socket
import ssl
import threading
import time
import zlib
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from functools import cache
from importlib import metadata
from ipaddress import ip_address
from typing import IO, Any, Literal
from urllib.parse import urljoin

from index.errors import FetchError, FetchTimeoutError, FetchTooLargeError
from index.places import Place, literal_of, parse
from index.private import Rules

Method = Literal["GET", "POST"]
Resolver = Callable[[str, int], list[str]]

_REDIRECTS = frozenset({301, 302, 303, 307, 308})
_ONLY_FOR_THE_FIRST = frozenset({"authorization", "cookie", "if-none-match", "if-modified-since"})
_BLOCK, _STEP = 65_536, 4_096  # bytes taken at a time of a body, of a head
_NOT_OURS = frozenset({"host", "content-length", "transfer-encoding", "connection", "accept-encoding"})


@dataclass(frozen=True, slots=True)
class Caps:
    """What one call may cost.

    Attributes:
        seconds: for everything together, redirects and the look-up of names included.
        body: bytes of the answer's body, unpacked; as many at most are taken off the wire.
        head: bytes of the status line and the header fields.
        cut: whether a longer body is cut there, and said to be; else it is an error.
        redirects: followed at most, by GET alone; each is judged like the first address.
    """

    seconds: float = 15.0
    body: int = 10_000_000
    head: int = 65_536
    cut: bool = False
    redirects: int = 0


@dataclass(frozen=True, slots=True)
class Answer:
    """What a server said.

    Attributes:
        status: of HTTP, whichever it is; 3xx where no redirect was followed.
        headers: names in small letters; several of one name are joined by commas.
        body: unpacked.
        cut: whether there was more of it.
        url: where it came from in the end.
        moved: where it is for good from now on, when every redirect on the way was permanent; else None.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    cut: bool
    url: str
    moved: str | None = None


def fetch(
    url: str,
    rules: Rules,
    *,
    body: bytes | None = None,
    headers: Mapping[str, str] | None = None,
    caps: Caps = Caps(),
) -> Answer:
    """Ask for an address, or post to it.

    Args:
        url: `http` or `https`; credentials in it are refused.
        rules: which private places may be reached all the same.
        body: is posted; None asks by GET. A posted body is never sent on to a redirect.
        headers: of the request, conditional ones (`If-None-Match`) included.
        caps: what it may cost.

    Raises:
        AddressRefusedError: it, or a redirect, leads where the server does not go.
        FetchTimeoutError: there was no complete answer in time.
        FetchTooLargeError: its head or body is over the cap.
        FetchError: the name is not known, nothing listens, TLS fails, or it is no HTTP.
    """
    ends = time.monotonic() + caps.seconds
    call = _Call(body, {n.lower(): v for n, v in (headers or {}).items()}, caps, ends)
    place, hops, lasting = parse(url, rules), 0, True
    while True:
        answer = _once(place, rules, call)
        told = answer.headers.get("location")
        if told is None or answer.status not in _REDIRECTS or not caps.redirects or body is not None:
            return replace(answer, url=url, moved=url if hops and lasting else None)
        if hops == caps.redirects:
            raise FetchError(place.origin, f"it redirects more than {caps.redirects} times")
        url = urljoin(url, told.encode("latin-1", "replace").decode("utf-8", "replace"))
        before, place = place, parse(url, rules)
        hops, lasting = hops + 1, lasting and answer.status in (301, 308)
        if place.origin != before.origin:
            kept = {n: v for n, v in call.headers.items() if n not in _ONLY_FOR_THE_FIRST}
            call = replace(call, headers=kept)


def check(url: str, rules: Rules, seconds: float = 5.0) -> Place:
    """Find out now, by resolving its name, whether an address may be asked for.

    Raises:
        AddressRefusedError: it may not.
        FetchError: the name is not known, or not in time.
    """
    place = parse(url, rules)
    _addresses(place, rules, time.monotonic() + seconds)
    return place


@dataclass(frozen=True, slots=True)
class _Call:
    body: bytes | None
    headers: Mapping[str, str]
    caps: Caps
    ends: float


def _once(place: Place, rules: Rules, call: _Call) -> Answer:
    origin = place.origin
    try:
        wire = _Wire(_connected(place, rules, call.ends), call)
        try:
            return _exchange(place, call, wire)
        finally:
            wire.end()
    except FetchError:
        raise
    except TimeoutError as error:
        raise FetchTimeoutError(origin, call.caps.seconds) from error
    except _TooLargeError as error:
        raise FetchTooLargeError(origin, str(error)) from error
    except _OddAnswerError as error:
        raise FetchError(origin, str(error)) from error
    except ssl.SSLCertVerificationError as error:
        raise FetchError(origin, f"its certificate is not trusted ({error.verify_message})") from error
    except (OSError, http.client.HTTPException, zlib.error, ValueError) as error:
        raise FetchError(origin, _reason(error)) from error


def _exchange(place: Place, call: _Call, wire: _Wire) -> Answer:
    method = "GET" if call.body is None else "POST"
    connection = http.client.HTTPConnection(place.host, place.port)
    connection.sock = wire  # the little of a socket that it uses
    connection.auto_open = 0
    connection.putrequest(method, place.target, skip_host=True, skip_accept_encoding=True)
    for name, value in _fields(place, call).items():
        connection.putheader(name, value)
    connection.endheaders(call.body)
    answer = connection.getresponse()
    wire.head_is_over()
    headers: dict[str, str] = {}
    for name, value in ((told.lower(), value) for told, value in answer.getheaders()):
        headers[name] = f"{headers[name]}, {value}" if name in headers else value
    body, cut = _read(answer, headers.get("content-encoding", ""), call.caps)
    return Answer(answer.status, headers, body, cut, place.origin)


def _fields(place: Place, call: _Call) -> dict[str, str]:
    told = {n: v for n, v in call.headers.items() if n not in _NOT_OURS}
    told.setdefault("user-agent", user_agent())
    told.setdefault("accept", "*/*")
    length = {} if call.body is None else {"content-length": str(len(call.body))}
    return {
        "host": place.origin.partition("://")[2],
        **told,
        **length,
        "accept-encoding": "gzip" if call.body is None else "identity",
        "connection": "close",
    }


@cache
def user_agent() -> str:
    """What every request calls itself: Dateline, its version, and that a program asks."""
    return f"Dateline/{metadata.version('dateline')} (news search; robot)"


def _read(answer: http.client.HTTPResponse, coding: str, caps: Caps) -> tuple[bytes, bool]:
    """The body, unpacked, and whether it was cut."""
    coding = coding.strip().lower()
    if coding not in ("identity", "", "gzip", "x-gzip"):
        raise _OddAnswerError(f"its answer is packed as {coding[:40]!r}, which was not asked for")
    unpack = zlib.decompressobj(wbits=31) if "gzip" in coding else None
    body, late, packed = bytearray(), False, False
    try:
        while len(body) <= caps.body and (block := answer.read1(_BLOCK)):
            packed = unpack is not None
            # What is unpacked no further is not kept either: a bomb costs its cap, and one block.
            body += unpack.decompress(block, caps.body + 1 - len(body)) if unpack else block
    except TimeoutError:
        if not caps.cut:
            raise
        late = True  # its status is known, and more was not wanted than what came
    if len(body) > caps.body and not caps.cut:
        raise _TooLargeError(f"its body has more than {caps.body:,} bytes")
    cut = late or len(body) > caps.body
    whole = unpack.eof and not unpack.unused_data if unpack and packed else not answer.length
    if not cut and not whole:
        raise _OddAnswerError("its answer ends in the middle, or goes on behind its end")
    return bytes(body[: caps.body]), cut


class _OddAnswerError(Exception):
    """HTTP, but not as it was asked for."""


class _TooLargeError(Exception):
    """A cap was reached while reading."""


class _Wire:
    """A connected socket as far as `http.client` uses one, which keeps to the caps with every byte."""

    def __init__(self, sock: socket.socket, call: _Call) -> None:
        self._sock = sock
        self._call = call
        self._taken = 0
        self._most = call.caps.head
        self._what = f"its head has more than {call.caps.head:,} bytes"

    def makefile(self, *_: Any, **__: Any) -> IO[bytes]:
        return io.BufferedReader(_Reader(self), _STEP)

    def sendall(self, data: Any) -> None:
        self._sock.settimeout(self._left())
        self._sock.sendall(data)  # the time limit is for all of it, not for each part

    def close(self) -> None:
        """The connection lets go before the body is read; `end` is what closes."""

    def end(self) -> None:
        self._sock.close()

    def head_is_over(self) -> None:
        # Chunks may be a byte each with five around it: such an answer is refused before it is read.
        self._most = self._taken + 2 * self._call.caps.body + 4 * _BLOCK
        self._what = f"its body has more than {self._call.caps.body:,} bytes, or comes in crumbs"

    def take(self, buffer: Any) -> int:
        if self._taken > self._most + _STEP:  # the last step may hold some of the body
            raise _TooLargeError(self._what)
        self._sock.settimeout(self._left())
        count = self._sock.recv_into(buffer)
        self._taken += count
        return count

    def _left(self) -> float:
        left = self._call.ends - time.monotonic()
        if left <= 0:
            raise TimeoutError
        return left


class _Reader(io.RawIOBase):
    """What is read of a wire, for the buffer that `http.client` reads from."""

    def __init__(self, wire: _Wire) -> None:
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        return self._wire.take(buffer)


def _connected(place: Place, rules: Rules, ends: float) -> socket.socket:
    """A socket to one of the addresses that were judged, with TLS where the scheme says so."""
    trouble: OSError = TimeoutError()
    for family, address in _addresses(place, rules, ends)[:4]:
        left = ends - time.monotonic()
        if left <= 0:
            break
        sock = socket.socket(family, socket.SOCK_STREAM)
        try:
            sock.settimeout(left)
            sock.connect((address, place.port))
            if place.scheme == "http":
                return sock
            sock.settimeout(max(0.001, ends - time.monotonic()))
            return _context().wrap_socket(sock, server_hostname=place.host)
        except OSError as error:
            sock.close()
            trouble = error
    raise trouble


def _context() -> ssl.SSLContext:
    """The system's authorities, or those of OpenSSL's own `SSL_CERT_FILE`."""
    context = ssl.create_default_context()
    context.minimum_version = ssl.TLSVersion.TLSv1_2
    return context


def _addresses(place: Place, rules: Rules, ends: float) -> list[tuple[socket.AddressFamily, str]]:
    """The addresses of a name, each judged; one that may not be asked refuses them all."""
    literal = literal_of(place.host)
    found = [str(literal)] if literal else _resolved(place, ends)
    addresses = [ip_address(address.partition("%")[0]) for address in dict.fromkeys(found)]
    for address in addresses:
        rules.check_address(place.origin, place.host, place.port, address)
    return [(socket.AF_INET6 if a.version == 6 else socket.AF_INET, str(a)) for a in addresses]


def _resolved(place: Place, ends: float) -> list[str]:
    """Look a name up. The system's resolver knows no time limit, so it is waited for, not run, here."""
    made: list[list[str] | OSError] = []

    def look_up() -> None:
        try:
            made.append(resolve(place.host, place.port))
        except (OSError, UnicodeError) as error:
            made.append(error if isinstance(error, OSError) else OSError(str(error)))

    thread = threading.Thread(target=look_up, daemon=True)
    thread.start()
    thread.join(max(0.0, ends - time.monotonic()))
    if not made:
        raise FetchError(place.origin, "its name could not be looked up in time")
    if isinstance(made[0], OSError) or not made[0]:
        raise FetchError(place.origin, "its name is not known; check how it is written")
    return made[0]


def resolve(host: str, port: int) -> list[str]:
    """The addresses of a name, as the system knows them, in the order in which to try them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return [str(entry[4][0]) for entry in found]


def _reason(error: BaseException) -> str:
    if isinstance(error, ConnectionRefusedError):
        return "nothing listens there"
    if isinstance(error, http.client.RemoteDisconnected | ConnectionError):
        return "it hung up before its answer was complete"
    if isinstance(error, http.client.HTTPException):
        return f"its answer is no HTTP ({type(error).__name__})"
    if isinstance(error, ssl.SSLError):
        return f"no TLS with it ({error.reason or 'failed'})"
    if isinstance(error, zlib.error):
        return "its packed answer is damaged"
    return str(getattr(error, "strerror", None) or error or type(error).__name__)
