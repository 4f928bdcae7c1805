"""Which searches were saved, what did each find, and how far is the matcher?

A search is kept as the canonical query string of its page. An error never deletes one or stops it
silently: it is `broken`, with its reason, goes on being tried, and what came meanwhile is matched when
it works again. A match is written once, with what was shown of its article then, and numbered in
the order of writing.
"""

from __future__ import annotations

import secrets
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal

import sqlalchemy as sa

from index.archive import Archive
from index.clock import utc
from index.errors import NotFoundError, SavedSearchError
from index.matches import ALL, Match, Step, Writing, chunks, match_of, settle
from index.saved_tables import MATCHER, MATCHES, MAX_NAME, SEARCHES
from index.shelf_tables import INDEXED

State = Literal["active", "paused", "broken"]

MAX_SEARCHES = 50_000
"""Saved searches of an archive."""
MAX_QUERY = 8_000
"""Characters of a query string."""

_UNFIT = frozenset({"Cc", "Cs", "Zl", "Zp"})


@dataclass(frozen=True, slots=True)
class SavedSearch:
    """A saved search.

    Attributes:
        id: hard to guess, since it opens the search's feeds.
        name: for people.
        owner: who saved it.
        query: the canonical query string of its page.
        created: when it was saved, in UTC.
        changed: when its name, query or state was changed by a person.
        state: active; paused: what comes meanwhile is not matched; broken: it cannot be run, and is tried
            again.
        reason: why it is broken, else None.
        since: number of the last change that was in the index when it began; what came later counts.
        since_at: when that was.
        behind: the last change that it has seen, where it is broken.
        revision: another one after every change of its query or state.
    """

    id: str
    name: str
    owner: str
    query: str
    created: datetime
    changed: datetime
    state: State
    reason: str | None
    since: int
    since_at: datetime
    behind: int | None
    revision: int


class SavedSearches:
    """The saved searches of one archive and their matches; opens nothing until asked."""

    def __init__(self, archive: Archive) -> None:
        self._archive = archive

    # --- searches

    def create(self, name: str, owner: str, query: str) -> SavedSearch:
        """Save a search; what is added to the index from now on counts.

        Args:
            name: for people, one line.
            owner: who saves it.
            query: canonical query string, which the caller has validated.

        Raises:
            SavedSearchError: the name or the query cannot be kept, or there are too many.
        """
        told = {"name": _line("the name", name), "owner": _line("the owner", owner), "query": _query(query)}

        def work(connection: sa.Connection) -> SavedSearch:
            held = connection.execute(sa.select(sa.func.count()).select_from(SEARCHES)).scalar_one()
            if held >= MAX_SEARCHES:
                raise SavedSearchError(
                    f"there are {held:,} saved searches, and no more are kept; remove some"
                )
            now = datetime.now(UTC)
            row = {**told, "id": secrets.token_hex(12), "created": now, "changed": now, "state": "active"}
            row |= {"reason": None, "behind": None, **_from_now(connection, now)}
            connection.execute(sa.insert(SEARCHES).values(**row))
            return _search(connection.execute(sa.select(SEARCHES).where(SEARCHES.c.id == row["id"])).one())

        return self._archive.write(work)

    def change(
        self, id_: str, *, name: str | None = None, query: str | None = None, state: State | None = None
    ) -> SavedSearch:
        """Change a search's name, query or state; None leaves each as it is.

        After another query, and after a pause, what is added from then on counts.

        Raises:
            NotFoundError: there is none of the id.
            SavedSearchError: a value cannot be kept.
        """
        told: dict[str, Any] = {}
        if name is not None:
            told["name"] = _line("the name", name)
        if query is not None:
            told["query"] = _query(query)
        if state is not None and state not in ("active", "paused"):
            raise SavedSearchError("its state can be set to active or paused")

        def work(connection: sa.Connection) -> SavedSearch:
            held, now = _held(connection, id_), datetime.now(UTC)
            row = {k: v for k, v in told.items() if getattr(held, k) != v}
            anew = "query" in row or (state == "active" and held.state == "paused")
            if anew or (state is not None and state != held.state):
                row |= {"state": state or held.state, "revision": _revision(connection)}
                row |= {"state": "active"} if row["state"] == "broken" else {}
                if anew or state == "paused":  # one that was broken and is tried again goes on where it was
                    row |= {"reason": None, "behind": None, **_from_now(connection, now)}
            if row:
                row["changed"] = now
                connection.execute(sa.update(SEARCHES).where(SEARCHES.c.id == id_).values(**row))
            return _search(connection.execute(sa.select(SEARCHES).where(SEARCHES.c.id == id_)).one())

        return self._archive.write(work)

    def remove(self, id_: str) -> None:
        """Forget a search and its matches.

        Raises:
            NotFoundError: there is none of the id.
        """

        def work(connection: sa.Connection) -> None:
            _held(connection, id_)
            connection.execute(sa.delete(MATCHES).where(MATCHES.c.search == id_))
            connection.execute(sa.delete(SEARCHES).where(SEARCHES.c.id == id_))

        self._archive.write(work)

    def get(self, id_: str) -> SavedSearch:
        """One search.

        Raises:
            NotFoundError: there is none of the id.
        """
        found = self._rows(sa.select(SEARCHES).where(SEARCHES.c.id == id_))
        if not found:
            raise NotFoundError("saved search", id_, "among those saved; it may have been removed")
        return _search(found[0])

    def all(self, owner: str | None = None, state: State | None = None) -> tuple[SavedSearch, ...]:
        """The searches by name, of one owner or of one state alone if such is given."""
        asked = sa.select(SEARCHES)
        if owner is not None:
            asked = asked.where(SEARCHES.c.owner == owner)
        if state is not None:
            asked = asked.where(SEARCHES.c.state == state)
        found = [_search(row) for row in self._rows(asked)]
        return tuple(sorted(found, key=lambda s: (s.name.casefold(), s.created, s.id)))

    def counts(self) -> dict[str, tuple[int, datetime]]:
        """By search, how many stories it found, and when it did last."""
        n, last = sa.func.count(sa.distinct(MATCHES.c.entry)), sa.func.max(MATCHES.c.at)
        rows = self._rows(
            sa.select(MATCHES.c.search, n.label("n"), last.label("last")).group_by(MATCHES.c.search)
        )
        return {row.search: (int(row.n), utc(row.last)) for row in rows}

    # --- matches

    def matches(self, search: str, before: int | None = None, limit: int = 50) -> tuple[Match, ...]:
        """What a search found, the last first.

        Args:
            search: its id.
            before: a match's number: older ones alone.
            limit: how many at most.
        """
        asked = ALL.where(MATCHES.c.search == search).order_by(MATCHES.c.number.desc()).limit(limit)
        if before is not None:
            asked = asked.where(MATCHES.c.number < before)
        return tuple(match_of(row) for row in self._rows(asked))

    def stories(
        self, search: str, before: int | None = None, limit: int = 50
    ) -> tuple[tuple[Match, Match], ...]:
        """What a search found and is still shown, each story once: its first match and its last.

        They come in the order in which they were first found, the last found first, whatever was
        corrected since.

        Args:
            search: its id.
            before: number of a first match: older stories alone.
            limit: how many at most.
        """
        first = ALL.where(MATCHES.c.search == search, MATCHES.c.id == MATCHES.c.entry)
        first = first.where(~MATCHES.c.gone).order_by(MATCHES.c.number.desc()).limit(limit)
        if before is not None:
            first = first.where(MATCHES.c.number < before)
        firsts = [match_of(row) for row in self._rows(first)]
        last = {m.entry: m for m in firsts}
        for some in chunks([m.entry for m in firsts]):
            asked = ALL.where(MATCHES.c.entry.in_(some), ~MATCHES.c.gone).order_by(MATCHES.c.number)
            last |= {row.entry: match_of(row) for row in self._rows(asked)}
        return tuple((m, last[m.entry]) for m in firsts)

    def shown_stories(self, search: str) -> int:
        """How many stories a search found that are still shown."""
        asked = sa.select(sa.func.count(sa.distinct(MATCHES.c.entry)).label("n"))
        rows = self._rows(asked.where(MATCHES.c.search == search, ~MATCHES.c.gone))
        return int(rows[0].n) if rows else 0

    def after(self, number: int, limit: int) -> tuple[Match, ...]:
        """Matches of all searches behind a match's number, in the order of writing."""
        asked = ALL.where(MATCHES.c.number > number).order_by(MATCHES.c.number).limit(limit)
        return tuple(match_of(row) for row in self._rows(asked))

    # --- the matcher

    def cursor(self) -> int:
        """The last change that was matched."""
        return max((int(row.seq) for row in self._rows(sa.select(MATCHER.c.seq))), default=0)

    def told_as(self, articles: Sequence[str]) -> str | None:
        """The story under which any of these articles was told of first; None where none was."""
        asked = sa.select(MATCHES.c.story).where(MATCHES.c.article.in_(articles)).order_by(MATCHES.c.number)
        return next((str(row.story) for row in self._rows(asked.limit(1))), None)

    def due(self) -> int:
        """The last change that the index has."""
        return max((int(row.seq) for row in self._rows(sa.select(INDEXED.c.seq))), default=0)

    def keep(self, step: Step, catching_up: Sequence[str] | None = None) -> int | None:
        """Write down what a step found and how far it is, in one transaction.

        Args:
            step: what was found.
            catching_up: searches that were broken and have now seen all changes of the step; the
                cursor of the others stays where it is.

        Returns:
            How many matches are new; None where another process was there before, and nothing was written.
        """

        def work(connection: sa.Connection) -> int | None:
            if catching_up is None:
                at = connection.execute(sa.select(MATCHER.c.seq)).scalar()
                if (at or 0) != step.after:
                    return None
                if at is None:
                    connection.execute(sa.insert(MATCHER).values(number=1, seq=step.upto))
                connection.execute(sa.update(MATCHER).values(seq=step.upto))
            made = Writing(connection).write(step)
            settle(connection, step, catching_up or ())
            return made

        return self._archive.write(work)

    def _rows(self, asked: sa.Select[Any]) -> list[Any]:
        file = self._archive.file
        if file is not None and not file.exists():
            return []
        with self._archive.reading() as connection:
            if not sa.inspect(connection).has_table(MATCHER.name):
                return []  # an archive that was last written before searches could be saved
            return list(connection.execute(asked).all())


def matches_after(archive: Archive, after: int, limit: int) -> tuple[Match, ...]:
    """Matches of all searches behind a match's number, in the order of writing."""
    return SavedSearches(archive).after(after, limit)


def _from_now(connection: sa.Connection, now: datetime) -> dict[str, Any]:
    since = connection.execute(sa.select(sa.func.max(INDEXED.c.seq))).scalar() or 0
    return {"since": since, "since_at": now, "revision": _revision(connection)}


def _revision(connection: sa.Connection) -> int:
    return int(connection.execute(sa.select(sa.func.max(SEARCHES.c.revision))).scalar() or 0) + 1


def _held(connection: sa.Connection, id_: str) -> Any:
    found = connection.execute(sa.select(SEARCHES).where(SEARCHES.c.id == id_)).first()
    if found is None:
        raise NotFoundError("saved search", id_, "among those saved; it may have been removed")
    return found


def _line(what: str, text: str) -> str:
    text = text.strip()
    if not text or len(text) > MAX_NAME:
        raise SavedSearchError(f"{what} must have 1 to {MAX_NAME} characters")
    if any(unicodedata.category(c) in _UNFIT for c in text):
        raise SavedSearchError(f"{what} must be one line of text without control characters")
    return text


def _query(text: str) -> str:
    if len(text) > MAX_QUERY:
        raise SavedSearchError(f"its query has {len(text):,} characters; {MAX_QUERY:,} are kept at most")
    return text


def _search(row: Any) -> SavedSearch:
    same = ("id", "name", "owner", "query", "state", "reason", "since", "behind", "revision")
    told: dict[str, Any] = {name: getattr(row, name) for name in same}
    told |= {name: utc(getattr(row, name)) for name in ("created", "changed", "since_at")}
    return SavedSearch(**told)
