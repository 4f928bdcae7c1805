"""The matches of one search, scored where that is asked, and the page of them that is shown."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from whoosh import query

from index.errors import CursorExpiredError
from search.columns import Columns
from search.copies import story_of
from search.limits import Meter
from search.matching import Matches
from search.nodes import Mask, Numbers, Scores
from search.ranking import boosted, make_cursor, ranked, read_cursor
from search.request import SearchRequest
from search.results import Hit
from search.snapshot import Snapshot
from search.spotting import Wanted
from search.views import hit_of

_BATCH = 256  # hits read back at once by a scan


class Answer:
    """What a lowered tree matches.

    Attributes:
        rows: paragraph numbers, ascending; the snapshot's own `live` for everything.
        notes: what was cut, a sentence each.
    """

    def __init__(self, snap: Snapshot, tree: query.Query, meter: Meter) -> None:
        self._columns = snap.columns
        self._meter = meter
        self._matches: Matches | None = None
        if isinstance(tree, query.Every):
            self.rows = snap.live
        elif tree == query.NullQuery:
            self.rows = np.zeros(0, dtype=np.int32)
        else:
            self._matches = Matches(tree, snap.corpus, meter)
            self.rows = self._matches.rows

    @property
    def notes(self) -> list[str]:
        """What was cut."""
        return self._meter.notes

    @property
    def scored(self) -> bool:
        """Whether the words tell one match from another."""
        return self._matches is not None

    def scores(self, rows: Numbers) -> Scores:
        """Scores of some of the rows, ascending; 0 where nothing was asked of the words."""
        if self._matches is None:
            return np.zeros(len(rows), dtype=np.float32)
        return boosted(self._columns, rows, self._matches.scores(rows))


@dataclass(frozen=True, slots=True)
class Totals:
    """What some paragraphs are of.

    Attributes:
        seen: by number of an article, whether any is of it.
        articles: how many articles.
        stories: the same, copies of one text counted once.
    """

    seen: Mask
    articles: int
    stories: int


def totals_of(columns: Columns, rows: Numbers) -> Totals:
    """Count the articles and stories of some paragraphs; of those asked about last, once."""
    last: tuple[Numbers, Totals] | None = columns.memo.get("totals of the last")
    if last is not None and last[0] is rows:
        return last[1]

    def count() -> Totals:
        seen = np.zeros(columns.articles, dtype=np.bool_)
        seen[columns.article[rows]] = True
        articles = int(np.count_nonzero(seen))
        return Totals(seen, articles, articles - columns.stories.repeated(seen))

    found = columns.remember(rows, "totals", count)
    columns.memo["totals of the last"] = rows, found
    return found


def articles_of(columns: Columns, rows: Numbers) -> int:
    """How many articles some paragraphs are of."""
    return totals_of(columns, rows).articles


def page_of(
    snap: Snapshot, answer: Answer, kept: Numbers, request: SearchRequest, wanted: Wanted
) -> tuple[tuple[Hit, ...], str | None]:
    """The page of some of an answer's rows that a request asks for, and the cursor to the next."""
    columns = snap.columns
    by_score = request.order == "relevance" and answer.scored
    scores = answer.scores(kept) if by_score else None
    cursor = read_cursor(request)
    if cursor is None:
        order, start = _first(columns, kept, scores, request), 0
    else:
        order = ranked(columns, kept, scores, request, None)
        start = _after(snap, kept[order], request, cursor)
    places = order[start : start + request.limit]
    shown = kept[places]
    told = scores[places] if scores is not None else _scored(answer, shown)
    hits = tuple(_read(snap, shown, told, wanted, totals_of(columns, kept).seen))
    more = start + len(places) < len(order)
    return hits, make_cursor(request, hits[-1].id) if more and hits else None


def all_of(
    snap: Snapshot, answer: Answer, kept: Numbers, request: SearchRequest, wanted: Wanted
) -> tuple[Iterator[Hit], int]:
    """All of an answer's rows in the order that a request asks for, read as they are taken; how many.

    What is held meanwhile is eight bytes a hit and the commit itself, whose files stay mapped.
    """
    columns = snap.columns
    by_score = request.order == "relevance" and answer.scored
    scores = answer.scores(kept) if by_score else None
    places = ranked(columns, kept, scores, request, None)
    shown = kept[places]
    told = scores[places] if scores is not None else _scored(answer, shown)
    return _read(snap, shown, told, wanted, totals_of(columns, kept).seen), len(shown)


def _read(snap: Snapshot, shown: Numbers, scores: Scores, wanted: Wanted, seen: Mask) -> Iterator[Hit]:
    """Hits, read as they are taken; `seen` are the articles of all that is found."""
    for at in range(0, len(shown), _BATCH):
        some = shown[at : at + _BATCH]
        articles = snap.columns.article[some].tolist()
        told = zip(snap.records(some), scores[at : at + _BATCH].tolist(), articles, strict=True)
        for record, score, article in told:
            story = story_of(snap, article, record.article["id"], seen)
            yield hit_of(record, round(score, 4), wanted, story)


def _first(columns: Columns, kept: Numbers, scores: Scores | None, request: SearchRequest) -> Numbers:
    """The order as far as the first page needs it, and one more to tell whether there is a next."""

    def order() -> Numbers:
        return ranked(columns, kept, scores, request, request.limit + 1)

    if scores is not None:
        return order()
    what = f"first {request.limit} {request.order} {request.group} {request.folds}"
    return columns.remember(kept, what, order)


def _scored(answer: Answer, shown: Numbers) -> Scores:
    ascending = np.argsort(shown)
    out = np.zeros(len(shown), dtype=np.float32)
    out[ascending] = answer.scores(shown[ascending])
    return out


def _after(snap: Snapshot, ordered: Numbers, request: SearchRequest, paragraph_id: str) -> int:
    """Where the page begins: behind the hit that the cursor names, wherever a commit moved it."""
    number = snap.number(paragraph_id)
    if number is None:
        raise CursorExpiredError("the index has changed and the hit it points at is gone (expired)")
    columns = snap.columns
    if request.group == "none":
        found = np.flatnonzero(ordered == number)
    else:
        found = np.flatnonzero(columns.article[ordered] == columns.article[number])
    if len(found) == 0 and request.folds:  # another article of its story is shown now
        mine = columns.stories.of_article[columns.article[number]]
        found = np.flatnonzero(columns.story(ordered) == mine)[-1:]
    if len(found) == 0:
        raise CursorExpiredError("the index has changed and the hit it points at no longer matches (expired)")
    return int(found[0]) + 1
