"""How is a hit written down for other programs? A line of a table, of JSON, an entry of a feed."""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import replace
from datetime import UTC, datetime, time
from urllib.parse import quote, urlencode

from api.days import day_words, stamps
from api.feeds import NEVER, Entry, encoded, legible, stable_urn
from api.marking import marked
from api.render import hit_json, second
from index.model import EntityKind
from search.results import ArticleHead, ArticleView, Hit

Absolute = Callable[[str], str]
"""Makes an address in full out of a path of this site."""

LONGEST_WORDS = 500  # characters of a query that an entry's address carries along, to mark its words there
_FORMULA = re.compile(r"\s*[=+\-@＝＋－＠\t\r]")
_BOM = "\ufeff"


# --- CSV


def _days(hit: Hit) -> str:
    found = (stamps(d.first, d.last) for d in hit.dates if d.first and d.last)
    return _joined(first if first == last else f"{first}/{last}" for first, last in found)


def _names(hit: Hit, kind: EntityKind) -> str:
    return _joined(m.name for m in hit.entities if m.kind == kind)


def _joined(values: Iterable[str]) -> str:
    return "; ".join(dict.fromkeys(values))


COLUMNS: Mapping[str, Callable[[Hit, Absolute], str | None]] = {
    "headline": lambda hit, _: hit.article.headline,
    "published": lambda hit, _: hit.article.published.isoformat() if hit.article.published else None,
    "published_by": lambda hit, _: hit.article.published_by,
    "publisher": lambda hit, _: hit.article.publisher,
    "author": lambda hit, _: hit.article.author,
    "paragraph": lambda hit, _: hit.text,
    "kind": lambda hit, _: hit.kind,
    "dates": lambda hit, _: _days(hit),
    "people": lambda hit, _: _names(hit, "person"),
    "organisations": lambda hit, _: _names(hit, "org"),
    "places": lambda hit, _: _names(hit, "place"),
    "link": lambda hit, absolute: absolute(f"/paragraphs/{hit.id}"),
    "url": lambda hit, _: hit.article.url,
    "source": lambda hit, _: hit.article.source,
    "added": lambda hit, _: second(hit.article.added),
    "updated": lambda hit, _: second(hit.article.updated),
    "article_id": lambda hit, _: hit.article.id,
    "paragraph_id": lambda hit, _: hit.id,
}
"""The columns of a table, in order, and what stands in each."""


def csv_lines(hits: Iterable[Hit], absolute: Absolute) -> Iterator[bytes]:
    """A table of hits by RFC 4180, its head first.

    It begins with a byte order mark, without which Excel takes UTF-8 for the machine's old
    encoding; other readers skip it.
    """
    row = io.StringIO()
    writer = csv.writer(row, lineterminator="\r\n")

    def written(cells: Iterable[str | None]) -> bytes:
        row.seek(0)
        row.truncate()
        writer.writerow([harmless(cell) if cell else "" for cell in cells])
        return row.getvalue().encode("utf-8")

    yield _BOM.encode() + written(COLUMNS)
    for hit in hits:
        yield written([tell(hit, absolute) for tell in COLUMNS.values()])


def harmless(cell: str) -> str:
    """A cell that no spreadsheet carries out: what would begin a formula has an apostrophe before it.

    As OWASP's "CSV Injection" has it: = + - @, tab and carriage return, also in full width and
    behind spaces. Characters that no text file should hold (NUL and the like) are left out.
    """
    text = legible(cell)
    return f"'{text}" if _FORMULA.match(text) else text


# --- JSON


def ndjson_lines(hits: Iterable[Hit]) -> Iterator[bytes]:
    """Hits as the API has them, a line each."""
    for hit in hits:
        yield encoded(hit_json(hit)) + b"\n"


# --- entries of feeds


def entry_of(hit: Hit, absolute: Absolute, q: str = "", *, by_article: bool) -> Entry:
    """A hit as an entry, of its article or of the paragraph alone.

    The id is of the article or the paragraph, so that an entry is the same one in every feed, in
    whatever place, after whatever reindexing. `published` is when it was first taken in, as
    what is new to a reader of a feed is what is new here; the article's own day stands in the summary.
    """
    head = hit.article
    words = "?" + urlencode({"q": q}, errors="replace") if q.strip() and len(q) <= LONGEST_WORDS else ""
    place = "" if by_article else f"#p-{hit.id}"
    seen = head.added or _midnight(head)
    return Entry(
        id=stable_urn("article", head.id) if by_article else stable_urn("paragraph", hit.id),
        url=absolute(f"/articles/{quote(head.id, safe='')}{words}{place}"),
        title=" ".join((head.headline or "Without a headline").split()),
        summary_html=f"<p>{marked(_about(head), ())}</p><p>{marked(hit.snippet.text, hit.snippet.marks)}</p>",
        text=hit.text,
        published=seen,
        updated=max(head.updated or seen, seen),
        authors=(head.author,) if head.author and head.author.strip() else (),
    )


def _about(head: ArticleHead) -> str:
    """Day of publication and publisher, as a reader needs them."""
    how = f" ({head.published_by})" if head.published_by in ("stated", "inferred") else ""
    day = day_words(head.published, head.published) + how if head.published else "undated"
    return ", ".join(part for part in (day, head.publisher) if part)


def _midnight(head: ArticleHead) -> datetime:
    return datetime.combine(head.published, time(tzinfo=UTC)) if head.published else NEVER


def with_passage(hit: Hit, view: ArticleView) -> Hit:
    """A hit that is a headline, told by the beginning of its article: a reader has the headline already."""
    bodies = (p for p in view.paragraphs if p.kind == "body")
    first = next(bodies, None)
    return replace(hit, text=first.text, snippet=first.snippet) if first else hit
