"""What could the user have meant, and how could a word go on, on a cluster?"""

from __future__ import annotations

from index.model import ENTITY_KINDS
from search import suggest
from search.cluster.entities import facet_values
from search.cluster.view import View
from search.cluster.words import ClusterWords
from search.limits import Limits
from search.query import parse
from search.results import Suggestions


def suggestions_of(view: View, text: str, limit: int, limits: Limits) -> Suggestions:
    """Complete and correct what is being typed, with names that begin like it."""
    entities = [
        (kind, value)
        for kind in ENTITY_KINDS
        if text.strip()
        for value in facet_values(view, kind, text, limit)
    ]
    entities.sort(key=lambda found: -found[1].count)
    words = ClusterWords(view)
    return Suggestions(
        text,
        suggest.complete(words, text, limit),
        tuple(entities[:limit]),
        suggest.correct(words, text, parse(text, limits).tree),
    )
