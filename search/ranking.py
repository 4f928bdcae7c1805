"""In which order do matches come, which page is asked for, and where does it go on?"""

from __future__ import annotations

import base64
import binascii
import json

import numpy as np

from index.errors import CursorError
from search.execute import HEADLINE_BOOST, Numbers, Scores
from search.request import SearchRequest
from search.snapshot import UNDATED, Columns


def ranked(columns: Columns, rows: Numbers, scores: Scores, request: SearchRequest) -> Numbers:
    """Order matches for a request.

    Returns:
        Places in `rows`, best first, grouped to one an article where asked. Ties are
        broken by day (newest first), article id and place in the article, which are the
        same in every process, so that pages meet without gap or overlap.
    """
    order = _order(columns, rows, scores, request.order)
    if request.group == "article":
        _, firsts = np.unique(columns.article[rows[order]], return_index=True)
        order = order[np.sort(firsts)]
    return order.astype(np.int32)


def boosted(columns: Columns, rows: Numbers, scores: Scores) -> Scores:
    """Scores with a headline's weight applied."""
    factor = np.where(columns.headline[rows], np.float32(HEADLINE_BOOST), np.float32(1))
    return (scores * factor).astype(np.float32)


def _order(columns: Columns, rows: Numbers, scores: Scores, order: str) -> Numbers:
    days = columns.published[rows].astype(np.int64)
    newest = np.where(days == UNDATED, np.int64(1), -days)  # undated come last in every order
    ties = (columns.ordinal[rows], columns.rank[rows])
    if order == "newest":
        return np.lexsort((*ties, newest)).astype(np.int32)
    if order == "oldest":
        oldest = np.where(days == UNDATED, np.iinfo(np.int64).max, days)
        return np.lexsort((*ties, oldest)).astype(np.int32)
    # Scores are sums of 32-bit floats; the sixth digit may differ with the order of summing.
    return np.lexsort((*ties, newest, -np.round(scores.astype(np.float64), 5))).astype(np.int32)


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
