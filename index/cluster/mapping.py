"""The fields of an index on a cluster, out of the one table, and the settings that they need.

Four types of documents lie in one index: paragraphs, their articles (parents of them, on the same shard),
documents as they came, and one that tells of the last commit. What nobody listed is refused.

Texts come analysed: words stand one a line, the forms of one word beside each other. So a word means the
same on both engines, and no analysis of the cluster's own has to be like ours.
"""

from __future__ import annotations

from typing import Any

from index.cluster.buckets import INTERVALS
from index.schema import FORMAT, TABLE

WORD = "\n"
"""Stands between words."""

FORM = "\ue000"
"""Stands between the forms of one word; a private-use character, which no word has."""

PART = "\x1f"
"""Stands between the parts of a label: the kind, the id and the name of an entity that a paragraph names."""

_KEY = {"type": "keyword"}
_ASKED = {"type": "keyword", "doc_values": False}  # found by, never counted or sorted by
_COUNTED = {"type": "integer", "index": False}

_KINDS: dict[str, dict[str, Any]] = {
    "key": _KEY,
    "exact": {
        "type": "text",
        "analyzer": "forms",
        "search_analyzer": "words",
        "similarity": "news",
        "position_increment_gap": 0,
    },
    "stem": {
        "type": "text",
        "analyzer": "forms",
        "search_analyzer": "words",
        "similarity": "news",
        "position_increment_gap": 0,
    },
    "value": _KEY,
    "number": {"type": "integer"},
    "day": {"type": "integer"},
    "second": {"type": "long"},
    "days": {"type": "integer_range"},
}

_OF_CLUSTER: dict[str, dict[str, Any]] = {
    # paragraph, article, document or commit
    "type": _KEY,
    # joins paragraphs to their article: so articles are counted exactly, with no table of all of them
    "kin": {"type": "join", "relations": {"article": "paragraph"}, "eager_global_ordinals": True},
    # the article's key in 16 hexadecimal digits, which breaks ties as our own columns do
    "article_key": _KEY,
    # distinct exact forms, to complete and expand what is typed
    "words": _KEY,
    # `kind PART id PART name` of each entity named
    "labels": _KEY,
    # `first-last` of each time mentioned, as day numbers
    "spans": _KEY,
    # the first article of the story that the article is a copy in; and whether there are several
    "story": _KEY,
    "copied": {"type": "boolean"},
    # of an article: those of its prints (`index.columns.prints`) that stand for runs of words, in eight
    # hexadecimal digits, and how many paragraphs it has
    "prints": _ASKED,
    "paragraphs": {"type": "integer"},
    # of a document
    "digest": _ASKED,
    # of the commit
    "generation": {"type": "long"},
    # what is told of it: never looked into
    "record": {"type": "object", "enabled": False},
}


def bucket_field(interval: str) -> str:
    """Field of the intervals that a paragraph's times fill."""
    return f"in_{interval}"


def precise_field(interval: str) -> str:
    """Field of the intervals in which a time of the paragraph lies wholly."""
    return f"within_{interval}"


def properties() -> dict[str, Any]:
    """All fields by name."""
    made = {field.name: _KINDS[field.kind] for field in TABLE}
    for interval in INTERVALS:
        made[bucket_field(interval)] = {"type": "integer_range", "index": False}
        made[precise_field(interval)] = _COUNTED
    return made | _OF_CLUSTER


def mapping(made: str) -> dict[str, Any]:
    """The mapping of a new index; `made` names it."""
    return {
        "dynamic": "strict",
        "_meta": {"format": FORMAT, "made": made},
        "_source": {"includes": ["type", "record", "generation", "digest", "story", "copied"]},
        "_routing": {"required": True},
        "properties": properties(),
    }


def settings(shards: int) -> dict[str, Any]:
    """Settings of a new index.

    Args:
        shards: primary ones. Each has a copy on another node as soon as there is one.
    """
    return {
        "number_of_shards": shards,
        "auto_expand_replicas": "0-1",
        # What was written is seen when it is committed, and not before.
        "refresh_interval": -1,
        "max_result_window": 10_000,
        "max_regex_length": 100_000,
        "max_terms_count": 65_536,
        "similarity": {"news": {"type": "BM25", "k1": 1.2, "b": 0.75, "discount_overlaps": False}},
        "analysis": {
            "tokenizer": {
                "lines": {"type": "char_group", "tokenize_on_chars": [WORD], "max_token_length": 30_000}
            },
            "filter": {
                "forms": {
                    "type": "pattern_capture", "preserve_original": False, "patterns": [f"([^{FORM}]+)"],
                }
            },
            "analyzer": {
                "forms": {"type": "custom", "tokenizer": "lines", "filter": ["forms"]},
                "words": {"type": "custom", "tokenizer": "lines"},
            },
        },
    }  # fmt: skip
