"""What may pages of other sites do with ours, and what may a page of ours load? (CSP, framing, CORS)."""

from __future__ import annotations

from flask import Flask, Response, request

from api.context import current_settings

# No inline script or style anywhere.
POLICY = {
    "default-src": "'none'",
    "script-src": "'self'",
    "style-src": "'self'",
    "img-src": "'self' data:",
    "connect-src": "'self'",
    "font-src": "'self'",
    "form-action": "'self'",
    "base-uri": "'none'",
    "frame-ancestors": "'self'",
}
FRAMED = frozenset({"embed.page", "embed.article"})
_SHARED = ("/api/v1/", "/oembed", "/search.")
_READING = "GET, HEAD"
# What a program may send beside its request; the key is not among it, so that no page can write.
_MAY_SEND = "Accept, Accept-Language, Content-Language, Content-Type, If-None-Match"
_MAY_READ = "Content-Disposition, ETag, Link, RateLimit, RateLimit-Policy, Retry-After, X-Total-Count"


def register(app: Flask) -> None:
    """Give every answer its headers."""
    app.after_request(_secured)
    app.after_request(_shared)


def absolute(path: str) -> str:
    """A path of this site as an address in full."""
    return site() + path


def site() -> str:
    """The site's own origin: as it is set, else as the request says."""
    return current_settings().url or request.host_url.rstrip("/")


def policy(**changed: str) -> str:
    """A Content-Security-Policy; names of directives that are changed have `_` for `-`."""
    directives = POLICY | {name.replace("_", "-"): value for name, value in changed.items()}
    return "; ".join(f"{name} {value}" for name, value in directives.items())


def _secured(answer: Response) -> Response:
    headers = answer.headers
    headers["X-Content-Type-Options"] = "nosniff"
    headers["Referrer-Policy"] = "same-origin"
    headers.setdefault("Cross-Origin-Opener-Policy", "same-origin")
    if request.endpoint in FRAMED:
        headers["Content-Security-Policy"] = policy(frame_ancestors=" ".join(current_settings().frames))
        return answer  # X-Frame-Options cannot name other sites
    headers.setdefault("Content-Security-Policy", policy())
    headers["X-Frame-Options"] = "SAMEORIGIN"
    return answer


def _shared(answer: Response) -> Response:
    """Let pages of the sites that are set read the API; they never send cookies or a key (Fetch, 3.2)."""
    allowed = current_settings().cors
    if not allowed or not request.path.startswith(_SHARED):
        return answer
    answer.vary.add("Origin")
    origin = request.headers.get("Origin", "")
    reads = request.method in ("GET", "HEAD", "OPTIONS")
    if not origin or not reads or not ("*" in allowed or origin.lower() in allowed):
        return answer
    answer.headers["Access-Control-Allow-Origin"] = "*" if "*" in allowed else origin
    answer.headers["Access-Control-Expose-Headers"] = _MAY_READ
    if request.method == "OPTIONS":
        answer.headers["Access-Control-Allow-Methods"] = _READING
        answer.headers["Access-Control-Allow-Headers"] = _MAY_SEND
        answer.headers["Access-Control-Max-Age"] = "7200"
    return answer
