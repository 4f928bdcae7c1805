"""Which words say best what a paragraph is about?"""

from __future__ import annotations

import math
from collections import Counter

from whoosh import query

from index.analysis import STOP_WORDS, forms, stem, tokens
from search.terms import Vocabulary

SHARE = 0.2
"""Of the best score; what lies below shares a word, not a subject."""

_TERMS = 20


def key_terms(index: Vocabulary, text: str) -> list[tuple[str, float]]:
    """Stems that tell a text from the others, with their weights (tf-idf), best first."""
    words = (forms(surface)[0] for _, _, surface in tokens(text))
    counts = Counter(stem(w) for w in words if w not in STOP_WORDS and len(w) > 1)
    total = max(1, index.doc_count())
    index.look_up(("stem", word) for word in counts)
    weighted = []
    for word, count in counts.items():
        frequency = index.doc_frequency("stem", word)
        # A word that no other paragraph holds finds nothing.
        if frequency > 1:
            weighted.append((word, (1 + math.log(count)) * math.log(1 + total / frequency)))
    return sorted(weighted, key=lambda w: (-w[1], w[0]))[:_TERMS]


def similar_tree(terms: list[tuple[str, float]]) -> query.Query:
    """A query over stems for paragraphs that share some of the key terms."""
    if not terms:
        return query.NullQuery
    return query.Or([query.Term("stem", word, boost=weight) for word, weight in terms])
