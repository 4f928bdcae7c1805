"""A client of the API in one file that needs nothing but Python 3.11: import it, or copy it.

dateline = Dateline("https://dateline.example", key="…")
for hit in dateline.search("dam inquiry", person=["person-helen-walsh"]):
    print(hit.published, hit.headline, hit.link)
"""

from __future__ import annotations

import json
import time
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlencode, urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

_AGAIN = frozenset({429, 503})  # answers that tell when to ask again
_LONGEST_PAUSE_S = 60.0


class _Stay(HTTPRedirectHandler):
    """Follow no redirection: it would carry the key to wherever it leads."""

    def redirect_request(self, *_: Any) -> None:
        """Make none of it."""


_OPENER = build_opener(_Stay)


class ProblemError(Exception):
    """An error that the server answered, as RFC 9457 has it.

    Attributes:
        status: of HTTP.
        kind: the last part of the problem's type: `not-found`, `bad-parameters`, …
        body: all that was told: `detail`, `errors` by parameter, what was `refused`.
    """

    def __init__(self, status: int, body: Mapping[str, Any]) -> None:
        self.status = status
        self.kind = str(body.get("type", "")).rpartition("/")[2]
        self.detail = str(body.get("detail", ""))
        self.body = dict(body)
        super().__init__(f"{status} {self.kind}: {self.detail}")


@dataclass(frozen=True, slots=True)
class Hit:
    """A paragraph that answers; headline, day of publication and id of the `article` are its article's.

    Attributes:
        snippet: its best passage, as text.
        marks: spans of the snippet that match, in characters.
        link: the paragraph on its article's page.
        raw: everything the API tells of it: dates, names, scores.
    """

    id: str
    text: str
    snippet: str
    marks: tuple[tuple[int, int], ...]
    headline: str | None
    published: date | None
    article: str
    link: str
    raw: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Page:
    """One page of answers: how many there are in all, some of them, and the cursor to the next."""

    paragraphs: int
    articles: int
    hits: tuple[Hit, ...]
    facets: Mapping[str, Any]
    notes: tuple[str, ...]
    next: str | None


@dataclass(frozen=True, slots=True)
class Dateline:
    """One server.

    Attributes:
        url: where it is, without a path.
        key: for writing, for the desk, or where reading is closed.
        timeout: seconds a request may take.
        tries: how often a request is made that is answered with 429 or 503.
    """

    url: str
    key: str = ""
    timeout: float = 30.0
    tries: int = 4

    def __post_init__(self) -> None:
        """Refuse an address that is none of HTTP's."""
        if urlsplit(self.url).scheme not in ("http", "https"):
            raise ValueError(f"{self.url!r} is no http or https address")

    def page(self, q: str = "", **parameters: str | int | Iterable[str]) -> Page:
        """One page of a search; the parameters are the API's (`person`, `published_from`, `cursor`)."""
        told = self._call("GET", "/search", {"q": q, **parameters})
        hits = tuple(self._hit(hit) for hit in told["hits"])
        total, notes = told["total"], tuple(told["query"]["notes"])
        return Page(total["paragraphs"], total["articles"], hits, told["facets"], notes, told["next"])

    def search(self, q: str = "", **parameters: str | int | Iterable[str]) -> Iterator[Hit]:
        """Every answer of a search, page by page as they are read."""
        asked = {"limit": 100, "facets": "", **parameters}
        while True:
            page = self.page(q, **asked)
            yield from page.hits
            if page.next is None:
                return
            asked["cursor"] = page.next

    def article(self, id_: str) -> dict[str, Any]:
        """A whole article as the API tells it."""
        return self._call("GET", f"/articles/{quote(id_, safe='')}")

    def similar(self, paragraph: str, limit: int = 10) -> tuple[Hit, ...]:
        """Paragraphs that speak of the same."""
        told = self._call("GET", f"/similar/{quote(paragraph, safe='')}", {"limit": limit})
        return tuple(self._hit(hit) for hit in told["hits"])

    def names(self, kind: str, prefix: str, limit: int = 10) -> list[dict[str, Any]]:
        """People (`person`), organisations (`org`) or places (`place`) found by typing: id, name, count."""
        values: list[dict[str, Any]] = self._call(
            "GET", f"/facets/{quote(kind, safe='')}", {"prefix": prefix, "limit": limit}
        )["values"]
        return values

    def add(self, body: bytes | str | Mapping[str, Any] | list[Any], media_type: str = "") -> dict[str, Any]:
        """Add or replace documents: a record or several, or a file's bytes with its media type.

        Tells what was `accepted` and `refused`; raises ProblemError where that is all of it.
        """
        if isinstance(body, str | bytes):
            data = body.encode() if isinstance(body, str) else body
        else:
            data, media_type = json.dumps(body).encode(), media_type or "application/json"
        return self._call("POST", "/documents", data=data, media_type=media_type)

    def remove(self, document: str) -> None:
        """Remove a document by the id that adding it answered, or by its record's own."""
        self._call("DELETE", f"/documents/{quote(document, safe='')}")

    def _hit(self, told: Mapping[str, Any]) -> Hit:
        article, snippet = told["article"], told["snippet"]
        day = article["published"]
        return Hit(
            id=told["id"],
            text=told["text"],
            snippet=snippet["text"],
            marks=tuple((start, end) for start, end in snippet["marks"]),
            headline=article["headline"],
            published=date.fromisoformat(day) if day else None,
            article=article["id"],
            link=self.url.rstrip("/") + told["links"]["page"],
            raw=told,
        )

    def _call(
        self, method: str, path: str, query: Mapping[str, Any] | None = None,
        data: bytes | None = None, media_type: str = "",
    ) -> dict[str, Any]:  # fmt: skip
        address = f"{self.url.rstrip('/')}/api/v1{path}" + (
            f"?{urlencode(query, doseq=True)}" if query else ""
        )
        headers = {"Accept": "application/json"}
        headers |= {"Authorization": f"Bearer {self.key}"} if self.key else {}
        headers |= {"Content-Type": media_type} if media_type else {}
        request = Request(address, data, headers, method=method)  # noqa: S310 - the scheme was looked at
        for left in reversed(range(self.tries)):
            try:
                with _OPENER.open(request, timeout=self.timeout) as answer:
                    return dict(json.loads(answer.read() or b"{}"))
            except HTTPError as error:
                with error:
                    if error.code not in _AGAIN or not left:
                        raise ProblemError(error.code, _body(error)) from None
                    pause = error.headers.get("Retry-After", "1")
                    time.sleep(min(float(pause) if pause.isdigit() else 1.0, _LONGEST_PAUSE_S))
        raise AssertionError("unreachable")


def _body(error: HTTPError) -> dict[str, Any]:
    try:
        return dict(json.loads(error.read()))
    except ValueError:  # a proxy's own page
        return {"detail": error.reason}
