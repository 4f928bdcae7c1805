"""Of which arrays does a segment consist?

A segment in memory is a mapping of these names to arrays, whether it was just built, merged
or mapped from disk. n paragraphs, T terms of a field, P postings, V entities, A articles, D
documents; `x_offsets` has one number more than rows: row i of x is `x[offsets[i]:offsets[i + 1]]`.
"""

from __future__ import annotations

from collections.abc import Mapping

from index.columns.files import Array

Arrays = Mapping[str, Array]

FORMAT = 3
"""Version of the arrays below; kept in every segment."""

FIELDS = ("exact", "stem")

FIELD_ARRAYS = (
    "terms_offsets",  # T + 1: into
    "terms",  # UTF-8 of the terms, sorted as bytes
    "starts",  # T + 1: each term's first posting
    "docs",  # int32, P: paragraph numbers, ascending within a term
    "freqs",  # P: how often the paragraph holds the term
    "position_starts",  # T + 1: each term's first position
    "positions",  # words from the paragraph's start, posting by posting
    "lengths",  # n: terms in the paragraph
)

ROW_ARRAYS = (
    "ids",  # uint64, n: key of the paragraph's id
    "ids_order",  # int32, n: numbers in the order of their keys
    "article",  # n: number of the article in this segment
    "ordinal",  # int32, n
    "kind",  # uint8, n: place in KINDS
    "published",  # int32, n: day number or -1
    "added",  # uint32, n: when its article was first taken in, seconds since 1970 in UTC
    "spans",  # int32, n x 2: where it stands in its document
    "entities_offsets",
    "entities",  # numbers of the entities named, each once a paragraph
    "mentioned_offsets",
    "mentioned_first",  # int32: day numbers of the intervals mentioned
    "mentioned_last",  # int32
    "texts_offsets",
    "texts",  # UTF-8
    "mentions_offsets",
    "mentions",  # JSON of dates, names and an id that is no 16 hexadecimal digits; often empty
    "record_sums",  # uint32, n: CRC-32 of text and mentions, checked when it is shown
)

TABLE_ARRAYS = (
    "value_bounds",  # 4: persons are entities [b0, b1), organisations [b1, b2), places [b2, b3)
    "value_keys",  # uint64, V: key of the entity's id, ascending within a kind
    "value_ids_offsets",
    "value_ids",
    "value_names_offsets",  # V + 1: into names, the most frequent name of an entity first
    "names_offsets",
    "names",
    "name_counts",  # paragraphs in which the entity goes by the name
    "article_keys",  # uint64, A, ascending
    "articles_offsets",
    "articles",  # JSON of what is told of an article
    "article_sums",  # uint32, A: CRC-32 of the same
    "prints",  # uint32: prints of the articles' texts, ascending; see `prints`
    "prints_article",  # of each: its article's number, ascending within a print
    "document_starts",  # D + 1: first paragraph of each document
    "document_keys",  # uint64, D
    "document_order",  # int32, D: numbers in the order of their keys
    "document_ids_offsets",
    "document_ids",
    "digests_offsets",
    "digests",
    "document_counts",  # int32, D x 3: articles, date mentions, entity mentions
)

NAMES = (*(f"{f}_{a}" for f in FIELDS for a in FIELD_ARRAYS), *ROW_ARRAYS, *TABLE_ARRAYS)

LAZY = frozenset({"texts", "mentions", "articles"})
"""Arrays whose parts have checksums of their own, so that opening need not read them."""
