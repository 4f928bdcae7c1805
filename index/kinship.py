"""Which articles tell one story in the same words? From their prints to the earliest article of each story.

Articles are taken in the order in which they came. One that repeats an earlier one joins its story;
any other begins a story of its own. So what came later never changes what an earlier article counts as,
and a story goes by the id of its first article for good. No two stories are ever joined: a digest that
repeats two briefs joins one of them, and cannot make the two one.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

from index.columns.files import Array
from index.columns.prints import FIGURE, sorted_prints
from index.columns.ragged import offsets_of, places

Int64s = NDArray[np.int64]
Floats = NDArray[np.float64]

_HALF, _PRINT, _NONE = np.uint64(32), np.uint64(0xFFFFFFFF), np.uint64(0xFFFFFFFFFFFFFFFF)

# Two articles are compared when they share this part of the shorter one's runs as far as neighbours in
# the order tell, which are the first of all that have a run and these so many before it.
_FIRSTS, _BEFORE = 2, 8
_COMPARED = 0.3

# What makes a copy: of the shorter one's runs and figures so many are the longer one's too.
_RUNS, _FIGURES = 0.6, 0.8
_LITTLE, _RUNS_OF_LITTLE, _FIGURES_OF_LITTLE = 12, 0.75, 0.85  # with fewer runs in common than that
_MUCH, _RUNS_OF_MUCH, _FIGURES_OF_MUCH = 24, 0.55, 0.55  # with more, as where a newsroom added a lead
_LEAST = 5  # with fewer still, only the same runs and figures are a copy, if they are not
_TOO_LITTLE = 3  # fewer than that
# Where neither has much that the other has not, figures that only one has are telling as well, for a form
# may have been filled in anew; but one is forgiven, as of the year behind a copyright mark.
_NOTHING_ADDED, _FORGIVEN = 0.75, 1
# A correction: nearly all runs of a long text, whatever became of the figures.
_CORRECTED, _RUNS_OF_CORRECTED = 20, 0.93
# An item of a digest is no copy of it: the shorter one has so much of the longer one's length.
_LENGTH = 0.1
# Days between two articles: a correction comes at once and copies soon; forms are filled in weekly.
_AT_ONCE, _SOON = 1, 3
_RUNS_OF_LATE, _FIGURES_OF_LATE = 0.85, 0.95
# To join by way of a copy: as like it as that, or so much of the story's first article in common.
_LIKE, _OF_FIRST = 0.5, 0.3


class Postings(NamedTuple):
    """Prints and the places of their articles in the order, one pair each, sorted by print, then place."""

    prints: NDArray[np.uint32]
    places: Int64s

    @classmethod
    def of(cls, prints: Array, at: Array) -> Postings:
        """Sort pairs and leave out those that occur again."""
        return cls(*sorted_prints(prints, at))


@dataclass(frozen=True, slots=True)
class Arrivals:
    """Articles in the order in which they came.

    Attributes:
        days: of publication, or -1.
        runs: how many prints of runs of words each has.
        figures: how many of figures.
    """

    days: Int64s
    runs: Int64s
    figures: Int64s


@dataclass(frozen=True, slots=True)
class Pairs:
    """Articles compared, by place in the order.

    Attributes:
        early: the earlier one of each pair.
        late: the later one.
        contained: part of the runs of the one with fewer that the other has too.
        resemblance: runs of both in runs of either.
        copies: whether they are copies of one text.
    """

    early: Int64s
    late: Int64s
    contained: Floats
    resemblance: Floats
    copies: NDArray[np.bool_]

    def of(self, mask: NDArray[np.bool_]) -> Pairs:
        """Some of them."""
        alike = self.contained[mask], self.resemblance[mask]
        return Pairs(self.early[mask], self.late[mask], *alike, self.copies[mask])


def first_articles(postings: Postings, articles: Arrivals, known: Int64s | None = None) -> Int64s:
    """Find the first article of each article's story.

    Args:
        postings: of the articles; prints that only one of them has may be left out.
        articles: all of them.
        known: the answer for the first `len(known)` articles, which is taken as it is; prints that
            no later one has may then be left out too.

    Returns:
        By place, the place of the first article of the story: itself, or an earlier one.
    """
    first = np.arange(len(articles.days), dtype=np.int64)
    new = 0 if known is None else len(known)
    if known is not None:
        first[:new] = known
    _join(first, compared(postings, articles, new))
    return first


def settled_anew(
    postings: Postings, articles: Arrivals, known: Int64s, anew: NDArray[np.bool_]
) -> tuple[Int64s, Pairs]:
    """Find the first articles of some articles, wherever they stand in the order; the others keep theirs.

    Args:
        postings: of the articles.
        articles: all of them.
        known: by place, the place of the first article of the story.
        anew: by place, whether it is looked for.

    Returns:
        By place, the place of the first article, and all pairs that were compared.
    """
    first = np.where(anew, np.arange(len(known), dtype=np.int64), known)
    begin = int(np.argmax(anew)) if anew.any() else len(known)
    pairs = compared(postings, articles, begin)
    mine = anew[pairs.late]
    _join(first, pairs.of(mine))
    return first, pairs


def compared(postings: Postings, articles: Arrivals, new: int = 0) -> Pairs:
    """Compare articles from the place `new` on with what came before each."""
    early, late, shared = _candidates(postings, new)
    fewer = np.minimum(articles.runs[early], articles.runs[late])
    keep = shared >= np.maximum(1, _COMPARED * fewer)
    keep &= fewer >= _LENGTH * np.maximum(articles.runs[early], articles.runs[late])
    early, late, fewer = early[keep], late[keep], fewer[keep]
    same, same_figures = _in_common(postings, early, late)
    either = articles.runs[early] + articles.runs[late] - same
    contained, resemblance = same / np.maximum(1, fewer), same / np.maximum(1, either)
    fewer_figures = np.minimum(articles.figures[early], articles.figures[late])
    all_figures = articles.figures[early] + articles.figures[late] - same_figures
    any_figures = np.maximum(fewer_figures, all_figures - _FORGIVEN)
    of_figures = np.where(resemblance >= _NOTHING_ADDED, any_figures, fewer_figures)
    told = np.where(of_figures > 0, same_figures / np.maximum(1, of_figures), 1.0)
    days = articles.days
    apart = np.where((days[early] < 0) | (days[late] < 0), 0, np.abs(days[early] - days[late]))
    copies = _copies(same, contained, told, apart)
    equal = (same == either) & (same_figures == all_figures)
    copies |= equal & ((same >= _LEAST) | ((same >= _TOO_LITTLE) & (apart <= _SOON)))
    return Pairs(early, late, contained, resemblance, copies)


def _copies(same: Int64s, contained: Floats, told: Floats, apart: Int64s) -> NDArray[np.bool_]:
    """Which pairs are copies by the runs they share, the parts of runs and figures, and days between."""
    asked = np.select([same < _LITTLE, same >= _MUCH], [_RUNS_OF_LITTLE, _RUNS_OF_MUCH], _RUNS)
    figures = np.select([same < _LITTLE, same >= _MUCH], [_FIGURES_OF_LITTLE, _FIGURES_OF_MUCH], _FIGURES)
    late = apart > _SOON
    enough = contained >= np.where(late, _RUNS_OF_LATE, asked)
    enough &= told >= np.where(late, _FIGURES_OF_LATE, figures)
    enough |= (same >= _CORRECTED) & (contained >= _RUNS_OF_CORRECTED) & (apart <= _AT_ONCE)
    return np.asarray(enough & (same >= _LEAST))


def _candidates(postings: Postings, new: int) -> tuple[Int64s, Int64s, Int64s]:
    """Pairs that share runs, neighbours in a run's list counted alone, and how many they share so."""
    run = np.flatnonzero((postings.prints & FIGURE) == 0)
    prints, at = postings.prints[run], postings.places[run].astype(np.uint64)
    here = np.arange(len(prints), dtype=np.int32)
    opens = np.concatenate([[True], prints[1:] != prints[:-1]])[: len(prints)]
    nth = here - np.maximum.accumulate(np.where(opens, here, np.int32(0)))  # of those that have the run
    later = np.flatnonzero((nth > 0) & (at >= new)).astype(np.int32)
    pairs = [np.zeros(0, np.uint64)]
    for back in range(1, _BEFORE + 1):
        later = later[nth[later] >= back]
        pairs.append(at[later - back] << _HALF | at[later])
    for first in range(_FIRSTS):
        later = later[nth[later] > _BEFORE + first]
        pairs.append(at[later - nth[later] + first] << _HALF | at[later])
    keys = np.concatenate(pairs)
    keys.sort()
    edges = np.flatnonzero(np.concatenate([[True], keys[1:] != keys[:-1], [True]])[: len(keys) + 1])
    shared = np.diff(edges)
    keys = keys[edges[:-1]] if len(keys) else keys
    return (keys >> _HALF).astype(np.int64), (keys & _PRINT).astype(np.int64), shared[: len(keys)]


def _in_common(postings: Postings, early: Int64s, late: Int64s) -> tuple[Int64s, Int64s]:
    """How many runs, and how many figures, both of some articles have."""
    chosen = np.zeros(int(postings.places.max(initial=-1)) + 1, dtype=np.bool_)
    chosen[early] = chosen[late] = True
    at = np.flatnonzero(chosen[postings.places])
    at = at[np.argsort(postings.places[at], kind="stable")]  # by place, then by print
    keys = postings.places[at].astype(np.uint64) << _HALF | postings.prints[at]
    lengths = np.bincount(postings.places[at], minlength=len(chosen))
    mine = places(offsets_of(lengths)[early], lengths[early])
    pair = np.repeat(np.arange(len(early)), lengths[early])
    asked = late[pair].astype(np.uint64) << _HALF | (keys[mine] & _PRINT)
    found = np.searchsorted(keys, asked)
    both = np.append(keys, _NONE)[found] == asked
    figure = ((asked & np.uint64(FIGURE)) != 0)[both]
    size = len(early)
    return np.bincount(pair[both][~figure], minlength=size), np.bincount(pair[both][figure], minlength=size)


def _join(first: Int64s, pairs: Pairs) -> None:
    """Let each later article of the pairs join the story that it is likest to, in order."""
    of_first = {
        (a, b): c for a, b, c in zip(pairs.early.tolist(), pairs.late.tolist(), pairs.contained, strict=True)
    }
    chosen = np.flatnonzero(pairs.copies)
    chosen = chosen[np.lexsort((pairs.early[chosen], -pairs.resemblance[chosen], pairs.late[chosen]))]
    columns = (pairs.early, pairs.late, pairs.resemblance)
    done = -1
    for early, late, like in zip(*(c[chosen].tolist() for c in columns), strict=True):
        if late == done:
            continue
        story = int(first[early])
        if story == early or like >= _LIKE or of_first.get((story, late), 0.0) >= _OF_FIRST:
            first[late], done = story, late
