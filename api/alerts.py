"""What did saved searches find among the articles that came or changed? The matcher, a step at a time.

It follows the archive's changes from where it was, so that nothing is lost over a restart; a step is
written in one transaction with how far it is, so that nothing is told twice.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass, replace
from typing import Protocol
from urllib.parse import parse_qsl

from marshmallow import ValidationError
from werkzeug.datastructures import MultiDict

from api.addresses import OF_A_PAGE, Address
from api.pages import meant
from api.schemas import search_request
from index.archive import Archive
from index.errors import NotFoundError
from index.matches import Finding, MatchKind, Step, Told
from index.saved import SavedSearch, SavedSearches
from index.shelf import Change, Shelf
from search.engine import Engine
from search.percolate import Found, Percolated, Standing
from search.request import SearchRequest
from search.results import ArticleHead

STEP = 200
"""Changes of a step."""
_CATCHING_UP = 10  # steps of what broken searches missed, at one time

Stories = Callable[[Sequence[str]], Mapping[str, str]]
"""The story of each of some articles, which near-duplicates share; an article it leaves out is its own."""


class Changes(Protocol):
    """What happened to articles; see `index.shelf.Shelf`."""

    def changes(self, after: int, limit: int) -> list[Change]:
        """Those of which the index has the outcome, in order."""
        ...


@dataclass(frozen=True, slots=True)
class Matched:
    """What was done.

    Attributes:
        matches: how many are new.
        articles: how many were looked at.
        broken: by id of a search, why it could not be run.
    """

    matches: int
    articles: int
    broken: Mapping[str, str]


def request_of(query: str) -> SearchRequest:
    """The search of a saved query string; all that says which page of it is shown left out.

    Raises:
        ValidationError: some of it cannot be used.
    """
    return search_request(MultiDict(parse_qsl(query, keep_blank_values=True)))


def canonical(query: str) -> str:
    """The one way to write a search's query string: what it asks, in one order, without what is of a page.

    Args:
        query: of a page's address or the API's, with or without the question mark.

    Raises:
        ValidationError: some of it cannot be used.
    """
    pairs = parse_qsl(query.removeprefix("/").removeprefix("?"), keep_blank_values=True)
    said = meant(MultiDict(pairs))
    for name in OF_A_PAGE:
        said.poplist(name)
    search_request(said)
    return str(Address.of("", said.items(multi=True))).removeprefix("?")


def match_new(archive: Archive, engine: Engine, changes: Changes | None = None) -> Matched:
    """Match what is new, once; who does so again and again keeps a `Matcher`."""
    return Matcher(archive, engine, changes).match_new()


class Matcher:
    """Matches new articles against the saved searches of an archive; keeps them in memory, indexed.

    Args:
        archive: of searches, matches and changes.
        engine: that has the articles.
        changes: what to follow; the archive's own where left out.
        stories: which articles are one story; as the engine knows it where left out.
    """

    def __init__(
        self, archive: Archive, engine: Engine, changes: Changes | None = None, stories: Stories | None = None
    ) -> None:
        self._saved = SavedSearches(archive)
        self._engine = engine
        self._changes: Changes = changes or Shelf(archive)
        self._stories = stories or self._of_engine
        self._standing = engine.standing()
        self._seen: dict[str, int] = {}
        self._illegible: dict[str, str] = {}

    def match_new(self) -> Matched:
        """Match all that is new and in the index.

        Raises:
            IndexMissingError, IndexDamagedError: the index cannot be read.
            ArchiveDamagedError, ArchiveUnreachableError: the archive cannot.
        """
        done = Matched(0, 0, {})
        while True:
            searches = self._taken()
            after = self._saved.cursor()
            if not searches:
                due = self._saved.due()
                if due > after:
                    self._saved.keep(Step(after, due))
                return done
            found = self._changes.changes(after, STEP)
            if not found and not (self._illegible.keys() & {s.id for s in searches if s.state == "active"}):
                break
            done = _and(done, self._step(found, after, searches))
        return self._catch_up(done)

    def _of_engine(self, articles: Sequence[str]) -> Mapping[str, str]:
        """The story of each article that is in the index, as it was called when it was told of first.

        A story goes by its first article: of those of one second by the lowest id, which may come last.
        """
        found = {}
        for article in articles:
            with suppress(NotFoundError):  # removed since it matched
                view = self._engine.story(article)
                copies = [copy.head.id for copy in view.copies]
                told = self._saved.told_as([article, *copies]) if copies else None
                found[article] = told or view.story.id
        return found

    # --- the searches in memory

    def _taken(self) -> list[SavedSearch]:
        """The searches that are not paused, taken into memory as they are now."""
        searches = [s for s in self._saved.all() if s.state != "paused"]
        for gone in self._seen.keys() - {s.id for s in searches}:
            self._standing.remove(gone)
            self._illegible.pop(gone, None)
            del self._seen[gone]
        for search in searches:
            if self._seen.get(search.id) != search.revision:
                self._take(search, self._standing)
                self._seen[search.id] = search.revision
        return searches

    def _take(self, search: SavedSearch, into: Standing) -> None:
        self._illegible.pop(search.id, None)
        try:
            into.put(search.id, request_of(search.query))
        except ValidationError as error:
            into.remove(search.id)
            self._illegible[search.id] = f"its query cannot be read any more: {error.messages}"

    # --- a step

    def _step(self, found: Sequence[Change], after: int, searches: Sequence[SavedSearch]) -> Matched:
        """Match some changes and write the outcome."""
        going = {s.id: s for s in searches if s.behind is None}
        step, told = self._matched(found, after, going, self._standing)
        broken = {i: why for i, why in {**told.failed, **self._illegible}.items() if i in going}
        made = self._saved.keep(replace(step, broken=broken))
        return Matched(made or 0, len(told.known), broken if made is not None else {})

    def _matched(
        self, found: Sequence[Change], after: int, going: Mapping[str, SavedSearch], standing: Standing
    ) -> tuple[Step, Percolated]:
        outcomes = _outcomes(found)
        here = [article for article, o in outcomes.items() if o.last.kind != "removed"]
        self._engine.look_again()
        told = self._engine.percolate(standing, here)
        stories = self._stories([f.article for f in told.found])
        findings = [
            _finding(f, outcomes[f.article], stories.get(f.article, f.article), going[f.search])
            for f in told.found
            if f.search in going and f.search not in told.failed
        ]
        findings = [f for f in findings if f.seq > going[f.search].since]
        findings.sort(key=lambda f: (f.seq, f.search))
        upto = max((c.seq for c in found), default=after)
        gone = [article for article in outcomes if article not in told.known]
        return Step(after, upto, findings, self._shown(told, outcomes), gone), told

    def _shown(self, told: Percolated, outcomes: Mapping[str, _Outcome]) -> dict[str, Told | None]:
        """What is told of articles that were corrected, for the matches that they had."""
        shown: dict[str, Told | None] = dict.fromkeys(told.known)
        for article in told.known:
            if outcomes[article].last.kind == "corrected":
                shown[article] = _told(self._engine.article(article).head, "", ())
        return shown

    # --- searches that were broken

    def _catch_up(self, done: Matched) -> Matched:
        """Try the broken searches again, on what came since they broke; they are told of as they were."""
        broken = [s for s in self._saved.all(state="broken") if s.behind is not None]
        for behind in sorted({int(s.behind) for s in broken if s.behind is not None}):
            group = {s.id: s for s in broken if s.behind == behind}
            standing = self._engine.standing()
            for search in group.values():
                self._take(search, standing)
            legible = {i: s for i, s in group.items() if i not in self._illegible}
            done = _and(done, self._caught_up(legible, behind, standing))
        return done

    def _caught_up(self, group: Mapping[str, SavedSearch], behind: int, standing: Standing) -> Matched:
        done, going = Matched(0, 0, {}), dict(group)
        for _ in range(_CATCHING_UP):
            upto = self._saved.cursor()
            found = [c for c in self._changes.changes(behind, STEP) if c.seq <= upto]
            if not going:
                break
            step, told = self._matched(found, behind, going, standing)
            step = replace(step, upto=step.upto if found else upto, broken=told.failed, shown={}, gone=())
            made = self._saved.keep(step, catching_up=[*going])
            done = _and(done, Matched(made or 0, 0, told.failed))
            going = {i: s for i, s in going.items() if i not in told.failed}
            behind = step.upto
            if behind >= upto:
                break
        return done


@dataclass(frozen=True, slots=True)
class _Outcome:
    """What became of an article in some changes: the last of them, and that by which it came, if one did."""

    last: Change
    came: int | None

    def kind(self, since: int) -> MatchKind:
        """What it is to a search for which only changes behind `since` count."""
        return "new" if self.came is not None and self.came > since else "corrected"


def _outcomes(found: Iterable[Change]) -> dict[str, _Outcome]:
    out: dict[str, _Outcome] = {}
    for change in found:
        before = out.get(change.article)
        came = before.came if before is not None and change.kind == "corrected" else None
        out[change.article] = _Outcome(change, change.seq if change.kind == "new" else came)
    return out


def _finding(found: Found, outcome: _Outcome, story: str, search: SavedSearch) -> Finding:
    head, passage = found.hit.article, found.hit.snippet
    kind = outcome.kind(search.since)
    there = outcome.came is not None or (
        head.added is not None and head.added < search.since_at.replace(microsecond=0)
    )
    told = _told(head, passage.text, passage.marks)
    late = kind == "corrected" and there
    return Finding(found.search, found.article, story, kind, outcome.last.seq, found.paragraphs, told, late)


def _told(head: ArticleHead, snippet: str, marks: tuple[tuple[int, int], ...]) -> Told:
    return Told(
        headline=head.headline,
        url=head.url,
        publisher=head.publisher,
        source=head.source,
        author=head.author,
        published=head.published,
        added=head.added,
        snippet=snippet,
        marks=marks,
    )


def _and(one: Matched, other: Matched) -> Matched:
    return Matched(one.matches + other.matches, one.articles + other.articles, {**one.broken, **other.broken})
