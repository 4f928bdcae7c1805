"""What does each operation look like when it is used? Requests by operation, and the answers that were given.

An operation's example is one line here; `make examples` performs all of them in this order against the
bundled sample and writes the answers into `examples.json`. The tests take the examples out of the
description, perform them again, and fail for an operation that has none.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).with_name("examples.json")


@dataclass(frozen=True, slots=True)
class Example:
    """A request.

    Attributes:
        operation: its `operationId` in the description.
        given: values of its parameters, of the path and of the query.
        body: what is sent: JSON as objects, anything else as text.
        media_type: of the body.
        name: of the example, in words joined by hyphens; tells those of one operation apart.
    """

    operation: str
    given: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str = "application/json"
    name: str = "example"


_MERGE = {"action": "merge", "editor": "anna", "from": ["person-victor-danso"], "into": "person-daniel-reyes"}
_RECORD = {
    "id": "ferry-1",
    "headline": "Ferry Leaves Port Ellery",
    "published": "2015-03-03",
    "text": "The ferry to Kasara left Port Ellery at noon on Monday, Helen Walsh said.",
}

EXAMPLES: tuple[Example, ...] = (
    Example("search", {"q": "dam inquiry", "facets": "person,published", "facet_limit": 2, "limit": 1}),
    Example("search", {"person": ["person-helen-walsh"], "published_from": "2014", "group": "article",
                       "sort": "newest", "facets": "", "limit": 1}, name="a-name-since-2014"),
    Example("article", {"article_id": "7adc3f0275b0f368"}),
    Example("paragraph", {"paragraph_id": "b32ff2ccd3b3974a"}),
    Example("similar", {"paragraph_id": "b32ff2ccd3b3974a", "limit": 1}),
    Example("entity", {"entity_id": "person-helen-walsh"}),
    Example("facet_values", {"kind": "person", "prefix": "wal"}),
    Example("suggest", {"q": "inqu"}),
    Example("stats"),
    Example("entities", {"prefix": "wal", "kind": "person"}),
    Example("add_documents", body=[_RECORD, {"id": "empty-1", "text": ""}]),
    Example("ingests", {"failed": True}),
    Example("ingest", {"number": 1}),
    Example("remove_document", {"document_id": "ferry-1"}),
    Example("decide", body=_MERGE),
    Example("decisions", {"limit": 1}),
    Example("undo", {"number": 1}, body={"editor": "anna"}),
    Example("audit", {"limit": 1}),
)  # fmt: skip
"""In the order in which they are performed: what reads, then what writes, then what tells of that."""


@cache
def answers() -> Mapping[str, Any]:
    """The answer to each example that has a body, by operation and name."""
    found: Mapping[str, Any] = json.loads(ANSWERS.read_text("utf-8")) if ANSWERS.exists() else {}
    return found


def answer_to(example: Example) -> Any:
    """What was answered, or None where that has no body, or was not recorded yet."""
    return answers().get(f"{example.operation} {example.name}")
