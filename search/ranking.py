"""In which order do matches come, which page is asked for, and where does it go on?"""

from __future__ import annotations

import base64
import binascii
import json
from typing import Any

import numpy as np
from numpy.typing import NDArray

from index.errors import CursorError
from search.columns import UNDATED, Columns
from search.execute import HEADLINE_BOOST
from search.nodes import Numbers, Scores
from search.request import SearchRequest

_ROUNDING = np.float32(2e-5)


def ranked(
    columns: Columns, rows: Numbers, scores: Scores | None, request: SearchRequest, most: int | None
) -> Numbers:
    """Order matches for a request.

    Args:
        columns: of the commit.
        rows: the matches.
        scores: theirs; may be left out where the order is by day.
        request: says by what.
        most: how many are wanted at least, or None for all.

    Returns:
        Places in `rows`, best first, grouped to one an article or a story where asked, or
        without the copies of a story's shown article. Ties are broken by day (newest first),
        article and place in the article, which are the same in every process, so that pages
        meet without gap or overlap.
    """
    if request.group == "none" and not (request.folds and columns.stories.any):
        return _best(columns, rows, scores, request.order, most)
    wanted = most
    while True:
        order = _best(columns, rows, scores, request.order, wanted)
        shown = _shown(columns, rows[order], request)
        if most is None or wanted is None or len(shown) >= most or len(order) == len(rows):
            return np.asarray(order[shown])
        wanted = max(256, wanted * 8)


def _shown(columns: Columns, ordered: Numbers, request: SearchRequest) -> NDArray[np.intp]:
    """Places of those that are shown, of paragraphs with the best first."""
    folds = request.folds and columns.stories.any
    units = columns.story(ordered) if folds else columns.article[ordered]
    _, firsts, unit = np.unique(units, return_index=True, return_inverse=True)
    if request.group != "none":
        return np.sort(firsts)
    article = columns.article[ordered]
    return np.flatnonzero(article == article[firsts][unit])


def boosted(columns: Columns, rows: Numbers, scores: Scores) -> Scores:
    """Scores with a headline's weight applied."""
    return np.where(columns.headline[rows], scores * np.float32(HEADLINE_BOOST), scores)


def _best(columns: Columns, rows: Numbers, scores: Scores | None, order: str, most: int | None) -> Numbers:
    keys: list[NDArray[Any]] = []
    oldest = order == "oldest"
    if order == "relevance" and scores is not None:
        places = _likely(scores, most)
        # Scores are sums of 32-bit floats; the sixth digit may differ with the order of summing.
        keys.append(-np.round(scores[places].astype(np.float64), 5))
    else:
        by = _by_added(columns, rows) if order == "added" else _by_day(columns, rows, oldest=oldest)
        places = _keep(by, most)
        keys += [by[places]] if order == "added" else []
    chosen = rows[places]
    keys += [_by_day(columns, chosen, oldest=oldest), columns.article[chosen], columns.ordinal[chosen]]
    return np.asarray(places[np.lexsort(keys[::-1])])


def _likely(scores: Scores, most: int | None) -> NDArray[np.intp]:
    """Places of the best scores, and of those a little below, which rounding may make equal."""
    if most is None or most >= len(scores):
        return np.arange(len(scores))
    least = np.partition(scores, len(scores) - most)[len(scores) - most]
    return np.flatnonzero(scores >= least - _ROUNDING)


def _keep(key: NDArray[Any], most: int | None) -> NDArray[np.intp]:
    """Places of what is among the smallest, those that tie with the last included."""
    if most is None or most >= len(key):
        return np.arange(len(key))
    return np.flatnonzero(key <= np.partition(key, most - 1)[most - 1])


def _by_day(columns: Columns, rows: Numbers, *, oldest: bool) -> Numbers:
    """A key that ascends from the newest, or the oldest; undated come last in both."""
    days = columns.published[rows]
    if oldest:
        return np.where(days == UNDATED, np.iinfo(np.int32).max, days)
    return np.where(days == UNDATED, np.int32(1), -days)


def _by_added(columns: Columns, rows: Numbers) -> NDArray[np.int64]:
    """A key that ascends from what was added last."""
    return -columns.added[rows].astype(np.int64)


def make_cursor(request: SearchRequest, paragraph_id: str) -> str:
    """An opaque place after a hit: the hit itself, and which search it is of."""
    body = json.dumps([request.fingerprint(), paragraph_id], separators=(",", ":"))
    return base64.urlsafe_b64encode(body.encode()).decode().rstrip("=")


def read_cursor(request: SearchRequest) -> str | None:
    """Paragraph id after which the request goes on, or None for the first page.

    Raises:
        CursorError: it is not one of ours, or of another search.
    """
    if not request.cursor:
        return None
    try:
        padded = request.cursor + "=" * (-len(request.cursor) % 4)
        fingerprint, paragraph_id = json.loads(base64.urlsafe_b64decode(padded.encode("ascii")))
    except (ValueError, TypeError, binascii.Error, UnicodeError, RecursionError) as error:
        raise CursorError("it is not one that an answer gave") from error
    if fingerprint != request.fingerprint():
        raise CursorError("it belongs to another search")
    return str(paragraph_id)
