"""Is this written as an address that may be asked for? Judged before its name is resolved."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address, ip_address
from typing import Literal
from urllib.parse import quote, urlsplit

from index.errors import AddressRefusedError
from index.private import Rules

MAX_URL = 2_000
"""Characters of an address."""

_LABEL = re.compile(r"(?!-)[a-z0-9_-]{1,63}(?<!-)", re.IGNORECASE)


@dataclass(frozen=True, slots=True)
class Place:
    """An address that was read and found fit to be asked for, before its name is resolved."""

    scheme: Literal["http", "https"]
    host: str
    port: int
    target: str

    @property
    def origin(self) -> str:
        """Scheme, host and port as a person writes them: fit for a log, since secrets stand behind them."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        usual = self.port == (443 if self.scheme == "https" else 80)
        return f"{self.scheme}://{host}" if usual else f"{self.scheme}://{host}:{self.port}"


def parse(url: str, rules: Rules) -> Place:
    """Read an address as one that may be asked for, without resolving its name.

    Raises:
        AddressRefusedError: the server does not go there, and the reason says why.
    """
    if len(url) > MAX_URL or not url.isprintable() or re.search(r"[\s\\]", url):
        raise AddressRefusedError("…", f"it is longer than {MAX_URL} characters, or holds a space or worse")
    try:
        parts = urlsplit(url)
        host, port = parts.hostname or "", parts.port
    except ValueError as error:
        raise AddressRefusedError("…", f"it is no address: {error}") from error
    scheme: Literal["http", "https"] = "https" if parts.scheme == "https" else "http"
    if parts.scheme not in ("http", "https"):
        raise AddressRefusedError(f"{parts.scheme[:20]}:", "only http and https are spoken")
    if "@" in parts.netloc:
        raise AddressRefusedError(f"{scheme}://…", "a user name or password in an address is not sent")
    host = _host(host)
    target = quote(parts.path or "/", safe="/%:@!$&'()*+,;=~-._")
    if parts.query:
        target += "?" + quote(parts.query, safe="/%:@!$&'()*+,;=~-._?")
    place = Place(scheme, host, port or (443 if scheme == "https" else 80), target)
    rules.check_port(place.origin, place.host, place.port)
    if literal := literal_of(host):
        rules.check_address(place.origin, host, place.port, literal)
    return place


def _host(host: str) -> str:
    if literal_of(host) and "%" not in host:
        return host
    try:
        name = host.encode("idna").decode("ascii").rstrip(".").lower() if host else ""
    except UnicodeError as error:
        raise AddressRefusedError("…", f"its host is no name ({error})") from error
    if not name or len(name) > 253 or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        raise AddressRefusedError("…", "its host is no name")
    return name


def literal_of(host: str) -> IPv4Address | IPv6Address | None:
    """The IP address that a host is written as, or None where it is a name."""
    try:
        return ip_address(host)
    except ValueError:
        return None
