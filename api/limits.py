"""How often may somebody ask? Quotas by key, else by address, told in every answer.

The fields are those of https://datatracker.ietf.org/doc/draft-ietf-httpapi-ratelimit-headers/11/; who is over
a quota is answered 429 (RFC 6585, section 4) with `Retry-After`, the moment that `RateLimit` tells, too.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache
from ipaddress import IPv6Address, ip_address, ip_network

from flask import Flask, Response, g, request
from werkzeug.exceptions import TooManyRequests

from api.context import current_counters, current_settings
from api.counters import Left, Quota

READING, WRITING, KEYS = "reading", "writing", "wrong-keys"
"""Names of the quotas."""
_FREE = frozenset({"health.alive", "health.ready", "health.metrics", "static", "docs_asset"})
_SAFE = frozenset({"GET", "HEAD", "OPTIONS"})
_READ_BY_POST = frozenset({"mcp.exchange", "slack.command", "entry.sign_in", "entry.sign_out"})


class QuotaExceeded(TooManyRequests):
    """Somebody asked too often.

    Args:
        policy: the name of the quota.
        left: when it is over.
    """

    name = "Quota exceeded"

    def __init__(self, policy: str, left: Left) -> None:
        super().__init__(
            f"That was too often; the quota `{policy}` is new in {left.seconds} s.", retry_after=left.seconds
        )
        self.seconds = left.seconds
        self.members = {"violated-policies": [policy]}


def register(app: Flask, whose: Callable[[], str | None]) -> None:
    """Count every request that reads or writes, and tell in its answer what is left.

    Args:
        app: the application.
        whose: tells the id of the key that a request carries, or None.
    """
    app.before_request(lambda: _count(whose))
    app.after_request(_tell)


def writes() -> bool:
    """Whether the request is one that writes; some read by a method that could."""
    return request.method not in _SAFE and request.endpoint not in _READ_BY_POST


def client_address() -> str:
    """From where the request comes: the address that the outermost trusted proxy saw.

    Each proxy adds at the end of `X-Forwarded-For` whom it was asked by; what stands before what the
    trusted ones added is the client's own word, and is not heard.
    """
    peer, hops = request.remote_addr or "", current_settings().proxies
    if hops < 0:
        hops = 1 if _is_local(peer) else 0
    told = request.headers.get("X-Forwarded-For", "").split(",")[-hops:] if hops else []
    try:
        return str(ip_address(told[0].strip())) if told else peer
    except ValueError:
        return peer


def refuse_guesses() -> None:
    """Go on only where the address has not sent too many wrong keys.

    Raises:
        QuotaExceeded: it has.
    """
    quota = current_settings().rate_keys
    if quota is not None:
        left = current_counters().take(_subject(KEYS), quota, cost=0)
        if not left.allowed:
            raise QuotaExceeded(KEYS, left)


def note_wrong_key() -> None:
    """Count a wrong key."""
    quota = current_settings().rate_keys
    if quota is not None:
        current_counters().take(_subject(KEYS), quota)


def _count(whose: Callable[[], str | None]) -> None:
    if request.method == "OPTIONS" or request.endpoint in _FREE:
        return
    policy = WRITING if writes() else READING
    quota = current_settings().rate if policy == READING else current_settings().rate_write
    address = client_address()
    if quota is None or _is_local(address):  # scripts of the machine itself
        return
    key = whose()
    subject = f"{policy} key {key}" if key is not None else _subject(policy, address)
    left = current_counters().take(subject, quota)
    g.left = (policy, quota, left)
    if not left.allowed:
        raise QuotaExceeded(policy, left)


def _tell(answer: Response) -> Response:
    told: tuple[str, Quota, Left] | None = g.get("left")
    if told is not None:
        policy, quota, left = told
        answer.headers["RateLimit-Policy"] = f'"{policy}";q={quota.requests};w={quota.seconds}'
        answer.headers["RateLimit"] = f'"{policy}";r={left.requests};t={left.seconds}'
    return answer


def _subject(policy: str, address: str | None = None) -> str:
    return f"{policy} {_network(client_address() if address is None else address)}"


@lru_cache(maxsize=4_096)
def _network(address: str) -> str:
    """An address as it is counted: of IPv6 the /64, which is what one customer is given."""
    try:
        found = ip_address(address)
    except ValueError:
        return address
    if not isinstance(found, IPv6Address):
        return address
    mapped = found.ipv4_mapped
    return str(mapped) if mapped else str(ip_network((found, 64), strict=False))


@lru_cache(maxsize=4_096)
def _is_local(address: str) -> bool:
    """Whether it is this machine: its loopback, or a socket in its file system."""
    try:
        return not address or ip_address(address).is_loopback
    except ValueError:
        return False
