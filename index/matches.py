"""What did saved searches find? Each story once, corrections marked, with what was shown of it then."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime
from typing import Any, Literal, cast

import sqlalchemy as sa

from index.clock import utc
from index.model import stable_id
from index.saved_tables import MATCHER, MATCHES, MAX_REASON, SEARCHES

MatchKind = Literal["new", "corrected"]

MAX_MATCHES = 5_000
"""Matches kept of a search; the oldest are dropped now and then."""

_AT_ONCE = 400  # values in one question; databases limit how many a statement may name
_PRUNED = 10_000  # every so many matches old ones are dropped


@dataclass(frozen=True, slots=True)
class Told:
    """What is told of a matched article, as it was then.

    Attributes:
        headline: or None.
        url: the source's own address, or None.
        publisher: or None; `source` is the file or feed that it came in.
        author: or None.
        published: day of publication, or None.
        added: when it was first taken in, or None.
        snippet: the passage that matches; `marks` are spans of it.
    """

    headline: str | None = None
    url: str | None = None
    publisher: str | None = None
    source: str = ""
    author: str | None = None
    published: date | None = None
    added: datetime | None = None
    snippet: str = ""
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Match:
    """An article that answers a saved search.

    Attributes:
        number: ascends in the order of writing.
        id: stable, and of this match alone.
        entry: id of the first match of the search and the story.
        search: id of the search.
        search_name: its name.
        article: id of the article.
        story: what it shares with its near-duplicates, or its own id.
        kind: new, or corrected: of an article that changed after it was added.
        at: when it was found, in UTC.
        paragraphs: ids of the paragraphs that match.
        told: of the article.
        gone: whether the article is no longer shown.
    """

    number: int
    id: str
    entry: str
    search: str
    search_name: str
    article: str
    story: str
    kind: MatchKind
    at: datetime
    paragraphs: tuple[str, ...]
    told: Told
    gone: bool


@dataclass(frozen=True, slots=True)
class Finding:
    """What the matcher found: a match to be, if it was not told before.

    Attributes:
        late: whether its article was added before the search, so that only a correction of what was
            told counts.
    """

    search: str
    article: str
    story: str
    kind: MatchKind
    seq: int
    paragraphs: tuple[str, ...]
    told: Told
    late: bool = False


@dataclass(frozen=True, slots=True)
class Step:
    """What one step of the matcher comes to.

    Attributes:
        after: the change it began behind.
        upto: the last change it saw.
        findings: in order.
        shown: articles of the step that the index has; of those that were corrected, with what is told
            of them now to searches that they no longer answer.
        gone: articles that went.
        broken: by id of a search, why it could not be run.
    """

    after: int
    upto: int
    findings: Sequence[Finding] = ()
    shown: Mapping[str, Told | None] = field(default_factory=dict)
    gone: Sequence[str] = ()
    broken: Mapping[str, str] = field(default_factory=dict)


def match_id(search: str, story: str, seq: int | None = None) -> str:
    """Id of the first match of a search and a story, or of that of a later correction by its change."""
    return stable_id("match", search, story, *(() if seq is None else (str(seq),)))


class Writing:
    """One transaction's matches."""

    def __init__(self, connection: sa.Connection) -> None:
        self._connection = connection
        self._number = connection.execute(sa.select(sa.func.max(MATCHES.c.number))).scalar() or 0

    def write(self, step: Step) -> int:
        """Write what is new of a step; returns how many matches that is."""
        self._show(step)
        since = _watched(self._connection)
        held = self._held([f.story for f in step.findings])
        rows: list[dict[str, Any]] = []
        for finding in step.findings:
            articles = held.get((finding.search, finding.story))
            if finding.seq > since.get(finding.search, finding.seq) and _is_news(finding, articles):
                rows.append(self._row(finding, first=articles is None))
                held[finding.search, finding.story] = {*(articles or ()), finding.article}
        known = {row["id"] for row in rows} & self._ids([row["id"] for row in rows])
        rows = [row for row in rows if row["id"] not in known]
        for n, row in enumerate(rows, self._number + 1):
            row["number"] = n
        if rows:
            self._connection.execute(sa.insert(MATCHES), rows)
        if self._number // _PRUNED != (self._number + len(rows)) // _PRUNED:
            _prune(self._connection)
        return len(rows)

    def _row(self, finding: Finding, *, first: bool) -> dict[str, Any]:
        entry = match_id(finding.search, finding.story)
        return {
            "id": entry if first else match_id(finding.search, finding.story, finding.seq),
            "entry": entry,
            "search": finding.search,
            "article": finding.article,
            "story": finding.story,
            "kind": finding.kind,
            "at": datetime.now(UTC),
            "paragraphs": list(finding.paragraphs),
            "told": _told_json(finding.told),
            "gone": False,
        }

    def _held(self, stories: Sequence[str]) -> dict[tuple[str, str], set[str]]:
        """The articles told of, by search and story."""
        found: dict[tuple[str, str], set[str]] = {}
        for some in chunks(stories):
            asked = sa.select(MATCHES.c.search, MATCHES.c.story, MATCHES.c.article)
            for row in self._connection.execute(asked.where(MATCHES.c.story.in_(some))):
                found.setdefault((row.search, row.story), set()).add(row.article)
        return found

    def _ids(self, ids: Sequence[str]) -> set[str]:
        asked = (sa.select(MATCHES.c.id).where(MATCHES.c.id.in_(some)) for some in chunks(ids))
        return {row.id for question in asked for row in self._connection.execute(question)}

    def _show(self, step: Step) -> None:
        """Matches tell of articles as they are now, and not of those that went."""
        for some in chunks(step.gone):
            self._connection.execute(sa.update(MATCHES).where(MATCHES.c.article.in_(some)).values(gone=True))
        for some in chunks([*step.shown]):
            here = sa.update(MATCHES).where(MATCHES.c.article.in_(some), MATCHES.c.gone)
            self._connection.execute(here.values(gone=False))
        self._retell(step)

    def _retell(self, step: Step) -> None:
        """What was corrected is nowhere told of as it was."""
        corrected = {article: told for article, told in step.shown.items() if told is not None}
        found = {(f.search, f.article): f.told for f in step.findings}
        for some in chunks([*corrected]):
            asked = sa.select(MATCHES.c.search, MATCHES.c.article).distinct()
            for row in self._connection.execute(asked.where(MATCHES.c.article.in_(some))).all():
                told = _told_json(found.get((row.search, row.article), corrected[row.article]))
                here = sa.update(MATCHES).where(
                    MATCHES.c.search == row.search, MATCHES.c.article == row.article
                )
                self._connection.execute(here.values(told=told))


def _is_news(finding: Finding, articles: set[str] | None) -> bool:
    """Whether a finding is news: each story once, and corrections of the article that was told of."""
    if articles is None:
        return not finding.late
    return finding.kind == "corrected" and finding.article in articles


def _watched(connection: sa.Connection) -> dict[str, int]:
    """Of the searches that are there and not paused, the last change that does not count."""
    asked = sa.select(SEARCHES.c.id, SEARCHES.c.since).where(SEARCHES.c.state != "paused")
    return {row.id: int(row.since) for row in connection.execute(asked)}


def settle(connection: sa.Connection, step: Step, catching_up: Sequence[str]) -> None:
    """Note which searches could not be run, and which are in step again."""
    for id_, reason in step.broken.items():
        here = sa.update(SEARCHES).where(SEARCHES.c.id == id_, SEARCHES.c.state != "paused")
        behind = sa.func.coalesce(SEARCHES.c.behind, step.after)
        connection.execute(here.values(state="broken", reason=reason[:MAX_REASON], behind=behind))
    at = connection.execute(sa.select(MATCHER.c.seq)).scalar() or 0
    for id_ in catching_up:
        if id_ not in step.broken:
            here = sa.update(SEARCHES).where(SEARCHES.c.id == id_, SEARCHES.c.behind.is_not(None))
            well = {"state": "active", "reason": None, "behind": None}
            connection.execute(here.values(**(well if step.upto >= at else {"behind": step.upto})))


def _prune(connection: sa.Connection) -> None:
    many = sa.select(MATCHES.c.search).group_by(MATCHES.c.search).having(sa.func.count() > MAX_MATCHES)
    for row in connection.execute(many).all():
        mine = sa.select(MATCHES.c.number).where(MATCHES.c.search == row.search)
        oldest = connection.execute(
            mine.order_by(MATCHES.c.number.desc()).offset(MAX_MATCHES).limit(1)
        ).scalar()
        connection.execute(
            sa.delete(MATCHES).where(MATCHES.c.search == row.search, MATCHES.c.number <= oldest)
        )


ALL = sa.select(MATCHES, SEARCHES.c.name.label("search_name")).join(
    SEARCHES, SEARCHES.c.id == MATCHES.c.search
)
"""Matches with the names of their searches; those of a search that was removed are none."""


def match_of(row: Any) -> Match:
    """A row of `ALL`."""
    same = ("number", "id", "entry", "search", "search_name", "article", "story", "kind", "gone")
    told = _told(cast("Mapping[str, Any]", row.told))
    rest = {name: getattr(row, name) for name in same}
    return Match(**rest, at=utc(row.at), paragraphs=tuple(row.paragraphs), told=told)


def _told_json(told: Told) -> dict[str, Any]:
    same = ("headline", "url", "publisher", "source", "author", "snippet")
    return {
        **{name: value for name in same if (value := getattr(told, name))},
        "published": told.published.isoformat() if told.published else None,
        "added": told.added.isoformat() if told.added else None,
        "marks": [list(mark) for mark in told.marks],
    }


def _told(row: Mapping[str, Any]) -> Told:
    texts = {k: row[k] for k in ("headline", "url", "publisher", "source", "author", "snippet") if k in row}
    return Told(
        **texts,
        published=date.fromisoformat(row["published"]) if row["published"] else None,
        added=datetime.fromisoformat(row["added"]) if row["added"] else None,
        marks=tuple((int(a), int(b)) for a, b in row["marks"]),
    )


def chunks(values: Sequence[str]) -> list[Sequence[str]]:
    """Values, each once, as many at a time as one question may name."""
    kept = list(dict.fromkeys(values))
    return [kept[at : at + _AT_ONCE] for at in range(0, len(kept), _AT_ONCE)]
