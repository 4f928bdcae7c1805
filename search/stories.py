"""Which articles of a commit are copies of one text, and which of them came first?

Worked out when it is first asked, from the prints of the segments. A commit that only adds articles
after the others costs the look-up of their prints: what was found of the others stays as it is.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import ClassVar

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.prints import distinct
from index.columns.ragged import Int32s, Int64s, Keys, places
from index.columns.segment import Mask, OpenSegment
from index.kinship import Arrivals, Postings, first_articles


@dataclass(frozen=True, slots=True)
class Found:
    """The stories of a commit.

    Attributes:
        told: what tells the articles apart, in the order in which they came: keys of their ids, sums of
            their texts, days.
        first: by place in that order, the place of the first article of the story.
        of_article: by number of an article, the number of the first article of its story.
    """

    told: tuple[Keys, Int64s, Int64s]
    first: Int64s
    of_article: Int32s


class Stories:
    """The stories of a commit's articles, each named by the number of its first article.

    Articles come in the order in which they were added; of those added in one second the one
    published first comes first, undated ones last, and then the id decides.
    """

    def __init__(
        self,
        segments: Sequence[OpenSegment],
        article_keys: Keys,
        facts: tuple[Array, Array, Array],
        live: Int32s,
    ) -> None:
        """Keep what is needed until stories are asked for.

        Args:
            segments: of the commit.
            article_keys: of all articles, ascending.
            facts: of each paragraph, the number of its article, when that was added and its day.
            live: the paragraphs that are not deleted.
        """
        self._segments = segments
        self._keys = article_keys
        self._article, self._added, self._published = facts
        self._live = live
        self._before: Found | None = None

    NONE: ClassVar[Stories]

    def after(self, other: Stories | None) -> Stories:
        """Use again what was found for a commit before this one, as far as it goes."""
        if other is not None:
            self._before = other.__dict__.get("_found", other._before)
        return self

    @property
    def of_article(self) -> Int32s:
        """By number of an article, the number of the first article of its story."""
        return self._found.of_article

    @cached_property
    def sizes(self) -> NDArray[np.int64]:
        """By number of a first article, how many articles its story has; 0 for any other."""
        return np.bincount(self.of_article[self._alive], minlength=len(self._keys))

    @property
    def any(self) -> bool:
        """Whether there is a story of more than one article."""
        return bool(self._several)

    @cached_property
    def _several(self) -> int:
        return int(np.count_nonzero(self.sizes > 1))

    def holds(self, number: int) -> bool:
        """Whether an article is there and not deleted."""
        return bool(self._is_alive[number])

    def repeated(self, seen: Mask) -> int:
        """Of some articles, how many others of them have the same story as one of them; by number."""
        if not self.any:
            return 0
        mine = self.of_article[self._copied[seen[self._copied]]]
        return len(mine) - len(np.unique(mine))

    def members(self, story: int) -> list[int]:
        """Numbers of the articles of a story in the order in which they came."""
        mine = self._copied[self.of_article[self._copied] == story].tolist()
        return sorted(mine, key=self._place.__getitem__) if mine else [story]

    @cached_property
    def _copied(self) -> NDArray[np.intp]:
        """Numbers of the articles whose story has several."""
        return self._alive[self.sizes[self.of_article[self._alive]] > 1]

    @cached_property
    def _is_alive(self) -> Mask:
        mask = np.zeros(len(self._keys), dtype=np.bool_)
        mask[self._article[self._live]] = True
        return mask

    @cached_property
    def _alive(self) -> NDArray[np.intp]:
        return np.flatnonzero(self._is_alive)

    @cached_property
    def _days(self) -> Int64s:
        days = np.full(len(self._keys), -1, dtype=np.int64)
        days[self._article[self._live]] = self._published[self._live]
        return days

    @cached_property
    def _order(self) -> NDArray[np.intp]:
        """Numbers of the articles in the order in which they came."""
        added = np.zeros(len(self._keys), dtype=np.int64)
        added[self._article[self._live]] = self._added[self._live]
        days = self._days[self._alive]
        undated_last = np.where(days < 0, np.iinfo(np.int64).max, days)
        return self._alive[np.lexsort((self._alive, undated_last, added[self._alive]))]

    @cached_property
    def _place(self) -> Int64s:
        """By number, the place in the order, or -1."""
        place = np.full(len(self._keys), -1, dtype=np.int64)
        place[self._order] = np.arange(len(self._order))
        return place

    @cached_property
    def _found(self) -> Found:
        order = self._order
        told = (self._keys[order], self._sums[order], self._days[order])
        before, self._before = self._before, None
        known = None if before is None else before.first[: _as_before(before.told, told)]
        first = self._first(known)
        of_article = np.arange(len(self._keys), dtype=np.int32)
        of_article[order] = order[first]
        return Found(told, first, of_article)

    @cached_property
    def _numbered(self) -> list[NDArray[np.intp]]:
        """By segment, and by its own number of an article, the number here."""
        return [np.searchsorted(self._keys, s.arrays["article_keys"]) for s in self._segments]

    @cached_property
    def _sums(self) -> Int64s:
        """By number, a sum that is another one when the article's text is."""
        sums = np.zeros(len(self._keys), dtype=np.int64)
        for segment, numbers in zip(self._segments, self._numbered, strict=True):
            sums[numbers] += segment.text_sums
        return sums

    def _first(self, known: Int64s | None) -> Int64s:
        if known is not None and len(known) == len(self._order):
            return known
        runs = np.zeros(len(self._keys), dtype=np.int64)
        figures = np.zeros(len(self._keys), dtype=np.int64)
        at: list[Int64s] = []
        for segment, numbers in zip(self._segments, self._numbered, strict=True):
            alive = segment.live_articles
            of_runs, of_figures = segment.print_counts
            runs[numbers] += of_runs * alive
            figures[numbers] += of_figures * alive
            at.append(np.where(alive, self._place[numbers], np.int64(-1)))
        order = self._order
        articles = Arrivals(self._days[order], runs[order], figures[order])
        wanted = _shared(self._segments) if known is None else _of_later(self._segments, at, len(known))
        return first_articles(_postings(self._segments, at, wanted), articles, known)


def _as_before(before: tuple[Array, ...], now: tuple[Array, ...]) -> int:
    """How many articles are, from the first on, the same as before."""
    size = min(len(before[0]), len(now[0]))
    same = np.logical_and.reduce([a[:size] == b[:size] for a, b in zip(before, now, strict=True)])
    return size if same.all() else int(np.argmin(same))


_NOTHING = np.zeros(0, dtype=np.int32)
Stories.NONE = Stories((), np.zeros(0, np.uint64), (_NOTHING, _NOTHING, _NOTHING), _NOTHING)


def _shared(segments: Sequence[OpenSegment]) -> NDArray[np.uint32]:
    """Prints that occur more than once, ascending."""
    prints = np.concatenate([np.zeros(0, np.uint32), *(s.arrays["prints"] for s in segments)])
    if len(segments) > 1:
        prints.sort(kind="stable")  # runs that are sorted, which it merges
    again = prints[1:][prints[1:] == prints[:-1]]
    different = np.concatenate([[True], again[1:] != again[:-1]])[: len(again)]
    return np.asarray(again[different])


def _of_later(segments: Sequence[OpenSegment], at: Sequence[Int64s], place: int) -> NDArray[np.uint32]:
    """Prints of articles from a place on, ascending; `at` has the places of each segment's articles."""
    found = [np.zeros(0, np.uint32)]
    for segment, of in zip(segments, at, strict=True):
        if of.max(initial=-1) >= place:
            found.append(segment.arrays["prints"][of[segment.arrays["prints_article"]] >= place])
    return distinct(np.concatenate(found))


def _postings(segments: Sequence[OpenSegment], at: Sequence[Int64s], wanted: NDArray[np.uint32]) -> Postings:
    """All articles that have some prints."""
    prints, of = [np.zeros(0, np.uint32)], [np.zeros(0, np.int64)]
    for segment, places_of in zip(segments, at, strict=True):
        mine = segment.arrays["prints"]
        starts = np.searchsorted(mine, wanted)
        held = places(starts, np.searchsorted(mine, wanted, side="right") - starts)
        place = places_of[segment.arrays["prints_article"][held]]
        alive = place >= 0
        prints.append(mine[held][alive])
        of.append(place[alive])
    return Postings.of(np.concatenate(prints), np.concatenate(of))
