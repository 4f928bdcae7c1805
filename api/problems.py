"""Every error as one RFC 9457 body: which class of error has which status and type."""

from __future__ import annotations

import logging
from collections.abc import Mapping
from typing import Any

from flask import Flask, Response, json, make_response, render_template, request
from marshmallow import ValidationError
from prometheus_client import Counter
from werkzeug.exceptions import HTTPException, NotFound

from index.errors import (
    AddressRefusedError,
    AlertError,
    ArchiveDamagedError,
    ArchiveUnreachableError,
    ArchiveVersionError,
    ClusterBusyError,
    ClusterClientMissingError,
    ClusterRefusedError,
    ClusterUnreachableError,
    CursorError,
    CursorExpiredError,
    DatelineError,
    DecisionError,
    FetchError,
    IndexDamagedError,
    IndexLockedError,
    IndexMissingError,
    IndexVersionError,
    InputError,
    NotFoundError,
    SavedSearchError,
)

log = logging.getLogger(__name__)

MEDIA_TYPE = "application/problem+json"
PROBLEMS = Counter("dateline_problems_total", "Requests answered by an error.", ["kind", "status"])
Headers = Mapping[str, str] | list[tuple[str, str]]

# The nearest class up the tree decides.
STATUSES: dict[type[DatelineError], tuple[int, str, str]] = {
    NotFoundError: (404, "not-found", "Not found"),
    CursorExpiredError: (410, "cursor-expired", "Cursor expired"),
    CursorError: (400, "bad-cursor", "Cursor not usable"),
    InputError: (422, "bad-input", "Input not taken"),
    SavedSearchError: (422, "search-refused", "Search not saved"),
    AddressRefusedError: (422, "address-refused", "Address refused"),
    FetchError: (502, "not-fetched", "Another server did not answer"),
    AlertError: (409, "alert-refused", "Alert refused"),
    DecisionError: (409, "decision-refused", "Decision refused"),
    ArchiveDamagedError: (503, "archive-damaged", "Archive damaged"),
    ArchiveVersionError: (503, "archive-version", "Archive of a newer version"),
    ArchiveUnreachableError: (503, "archive-unreachable", "Archive not reachable"),
    IndexMissingError: (503, "no-index", "No index yet"),
    IndexLockedError: (503, "index-locked", "Another writer is at work"),
    IndexVersionError: (503, "index-version", "Index of another version"),
    IndexDamagedError: (503, "index-damaged", "Index damaged"),
    ClusterUnreachableError: (503, "cluster-unreachable", "OpenSearch not reachable"),
    ClusterClientMissingError: (503, "cluster-client-missing", "OpenSearch's client is not installed"),
    ClusterBusyError: (503, "cluster-busy", "OpenSearch cannot answer completely"),
    ClusterRefusedError: (502, "cluster-refused", "OpenSearch refused"),
    DatelineError: (500, "internal-error", "Internal error"),
}

# What the framework and the views themselves refuse.
OTHERS = {
    "bad-parameters": "A parameter is unknown or cannot be used; `errors` names each.",
    "nothing-taken": "No document of a posted body could be indexed; `refused` says why.",
    "not-ready": "The server runs but has no index to search yet.",
    "bad-request": "The request is not understood.",
    "unauthorized": "This needs a key, and none was sent, or it is wrong, expired or revoked.",
    "forbidden": "This needs a key, and there is none on this server, so that it is off.",
    "insufficient-scope": "The key is known but is not for this; the detail names the scope that it lacks.",
    "quota-exceeded": "That was too often; `Retry-After` says until when, `violated-policies` which quota.",
    "method-not-allowed": "The address exists but not for this method; `Allow` names those it has.",
    "length-required": "A body needs a Content-Length.",
    "request-entity-too-large": "The body is larger than the server takes.",
    "request-uri-too-long": "The query string is longer than the server takes.",
    "not-implemented": "The format asked for is not one the server writes.",
    "export-too-large": "A search has more results than the server gives out at a time; narrow it.",
    "too-many-exports": "As many exports as the server makes at a time are under way; try again later.",
    "unsupported-media-type": "The body's type is not one the server reads.",
}
# What each error of the tree means, for the address that is a problem's type.
MEANINGS = OTHERS | {
    "not-found": "No such address, or the id names nothing in the index (any more).",
    "cursor-expired": "The index changed and the place where the next page begins is gone; start again.",
    "bad-cursor": "The cursor is not one that an answer gave, or belongs to another search.",
    "bad-input": "An input could not be read; the detail names it.",
    "address-refused": "An address leads where the server does not go; the detail says why, and the remedy.",
    "not-fetched": "Another server could not be reached, or did not answer as it should.",
    "alert-refused": "An alert cannot be made, changed or sent as asked; the detail says why.",
    "decision-refused": "An editor's decision cannot be made, or would change nothing; the detail says why.",
    "search-refused": "A search cannot be saved, or changed, as asked; the detail says why.",
    "archive-damaged": "The archive of documents and decisions is damaged; restore a backup of it.",
    "archive-version": "The archive was written by a newer version of Dateline; use that one.",
    "archive-unreachable": "The archive's database does not answer; try again after `Retry-After` seconds.",
    "no-index": "No index has been built yet; the detail says how.",
    "index-locked": "Another process is writing; try again after `Retry-After` seconds.",
    "index-version": "Another version of Dateline wrote the index; build it anew with `dateline reindex`.",
    "index-damaged": "A file of the index is missing or damaged; `dateline reindex` builds it anew.",
    "cluster-client-missing": "The library that speaks to OpenSearch is not installed at the server.",
    "cluster-unreachable": "No node of OpenSearch answers; try again after `Retry-After` seconds.",
    "cluster-busy": "OpenSearch lacks a part of the index for now; try again after `Retry-After` seconds.",
    "cluster-refused": "OpenSearch does not take what it was asked; the detail says what, and the log.",
    "internal-error": "Something failed that should not; it is in the server's log.",
}


def explain(kind: str) -> Response:
    """The address that is a problem's type, as text."""
    if kind not in MEANINGS:
        raise NotFound(f"There is no problem type {kind!r}.")
    answer = make_response(f"{kind}\n\n{MEANINGS[kind]}\n")
    answer.headers["Content-Type"] = "text/plain; charset=utf-8"
    return answer


def problem(status: int, kind: str, title: str, detail: str, **more: Any) -> Response:
    """An RFC 9457 answer.

    Args:
        status: of HTTP.
        kind: last part of the type's address; the documentation has an entry for each.
        title: the same for every problem of the kind.
        detail: what is wrong this time and what would help.
        more: further members; `headers` are set on the answer instead.
    """
    headers: Headers = more.pop("headers", {})
    PROBLEMS.labels(kind, status).inc()
    body = {"type": f"/api/v1/problems/{kind}", "title": title, "status": status, "detail": detail, **more}
    answer = make_response(json.dumps(body), status)
    answer.headers["Content-Type"] = MEDIA_TYPE
    answer.headers["Cache-Control"] = "no-store"
    answer.headers.extend(headers)
    return answer


def register(app: Flask) -> None:
    """Answer every error of the application with a problem, or with a page where a page was asked."""
    app.register_error_handler(DatelineError, _dateline_error)
    app.register_error_handler(ValidationError, _validation_error)
    app.register_error_handler(HTTPException, http_error)
    app.register_error_handler(Exception, _unexpected)


def bad_parameters(messages: Any) -> Response:
    """A problem that names each bad parameter."""
    errors = [{"parameter": name, "detail": text} for name, text in flat(messages)]
    named = ", ".join(dict.fromkeys(e["parameter"] for e in errors))
    return problem(400, "bad-parameters", "Bad parameters", f"These cannot be used: {named}.", errors=errors)


def _dateline_error(error: DatelineError) -> Response:
    status, kind, title = next(STATUSES[c] for c in type(error).__mro__ if c in STATUSES)
    if status >= 500:
        log.error("%s", error)
    headers = {"Retry-After": "5"} if status == 503 else {}
    return _answer(status, kind, title, str(error), headers=headers)


def _validation_error(error: ValidationError) -> Response:
    return bad_parameters(error.messages)


def http_error(error: HTTPException) -> Response:
    """An error of HTTP as a problem, or as a page; its `members`, if it has any, stand in the problem."""
    status = error.code or 500
    data = getattr(error, "data", None) or {}
    if status == 422 and data.get("messages"):
        return bad_parameters(data["messages"])
    title = error.name
    kind = title.lower().replace(" ", "-").replace("'", "")
    keep = ("Allow", "Retry-After", "WWW-Authenticate", "Location")
    headers = [(k, v) for k, v in error.get_headers() if k in keep]
    if error.response is not None:
        return error.response  # type: ignore[return-value]
    more = getattr(error, "members", {})
    return _answer(status, kind, title, error.description or title, headers=headers, **more)


def _unexpected(error: Exception) -> Response:
    log.exception("unexpected error at %s", request.path, exc_info=error)
    detail = "Something went wrong here; it has been logged. Please try again, or report it."
    return _answer(500, "internal-error", "Internal error", detail, headers={})


def _answer(status: int, kind: str, title: str, detail: str, headers: Headers, **more: Any) -> Response:
    if request.path.startswith("/api/") or not wants_page():
        return problem(status, kind, title, detail, headers=headers, **more)
    PROBLEMS.labels(kind, status).inc()
    answer = make_response(render_template("error.html", status=status, title=title, detail=detail), status)
    answer.headers.extend(headers)
    answer.headers["Cache-Control"] = "no-store"
    return answer


def wants_page() -> bool:
    """Whether a person asks, who reads HTML."""
    return request.accept_mimetypes.best_match(["application/json", "text/html"]) == "text/html"


def flat(messages: Any, name: str = "") -> list[tuple[str, str]]:
    """What marshmallow found wrong, as pairs of a parameter and what is wrong with it."""
    if isinstance(messages, Mapping):
        # A part of the request stands around its parameters; a member of a body may be called like one.
        around = {"_schema", *(k for k in ("query", "json") if isinstance(messages.get(k), Mapping))}
        inner = [("" if k in around else str(k), v) for k, v in messages.items()]
        return [
            row for k, v in inner for row in flat(v, name if isinstance(v, str) or k.isdigit() else name or k)
        ]
    if isinstance(messages, list):
        return [row for m in messages for row in flat(m, name)]
    return [(name or "request", str(messages))]
