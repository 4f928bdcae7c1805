"""A request as what a cluster is asked for."""

from __future__ import annotations

from search.cluster.view import View
from search.cluster.words import ClusterWords
from search.execute import plan
from search.limits import Limits
from search.query import parse
from search.spotting import Wanted


def wanted_of(view: View, q: str, limits: Limits) -> Wanted:
    """What a query marks in a text."""
    return plan(parse(q, limits).tree, ClusterWords(view), limits).wanted
