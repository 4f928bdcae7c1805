"""What does each operation look like when it is used? Requests by operation, and the answers that were given.

An operation's example is one line here; `make examples` performs all of them in this order against the
bundled sample and writes the answers into `examples.json`. The tests take the examples out of the
description, perform them again, and fail for an operation that has none.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from typing import Any

ANSWERS = Path(__file__).with_name("examples.json")
DEFAULT = "example"
"""Name of an operation's first example."""


@dataclass(frozen=True, slots=True)
class From:
    """What an example before answered, for what has a new id each time.

    Attributes:
        operation: that was performed.
        member: of its answer; what is in a list or an object goes by a path such as `deliveries.0.id`.
    """

    operation: str
    member: str = "id"


@dataclass(frozen=True, slots=True)
class Example:
    """A request; a `From` among its values stands for what was answered before.

    Attributes:
        operation: its `operationId` in the description.
        given: values of its parameters, of the path and of the query.
        body: what is sent: JSON as objects, anything else as text.
        media_type: of the body.
        name: of the example, in words joined by hyphens; tells those of one operation apart.
        courier: whether the courier makes a round before it, which finds matches and delivers what is due.
    """

    operation: str
    given: Mapping[str, Any] = field(default_factory=dict)
    body: Any = None
    media_type: str = "application/json"
    name: str = DEFAULT
    courier: bool = False


_MERGE = {"action": "merge", "editor": "anna", "from": ["person-victor-danso"], "into": "person-daniel-reyes"}
_RECORD = {
    "id": "ferry-1",
    "headline": "Ferry Leaves Port Ellery",
    "published": "2015-03-03",
    "text": "The ferry to Kasara left Port Ellery at noon on Monday, Helen Walsh said.",
}

_HOOK = "https://cms.example/hooks/dateline"
_SEARCH, _ALERT, _DELIVERY = From("save_search"), From("addAlert"), From("testAlert")

EXAMPLES: tuple[Example, ...] = (
    Example("search", {"q": "dam inquiry", "facets": "person,published", "facet_limit": 2, "limit": 1}),
    Example("search", {"person": ["person-helen-walsh"], "published_from": "2014", "group": "article",
                       "sort": "newest", "facets": "", "limit": 1}, name="a-name-since-2014"),
    Example("article", {"article_id": "af3da1d3b8b12f97"}),
    Example("paragraph", {"paragraph_id": "be5236290f197427"}),
    Example("similar", {"paragraph_id": "be5236290f197427", "limit": 1}),
    Example("entity", {"entity_id": "person-helen-walsh"}),
    Example("facet_values", {"kind": "person", "prefix": "wal"}),
    Example("suggest", {"q": "inqu"}),
    Example("stats"),
    Example("entities", {"prefix": "wal", "kind": "person"}),
    Example("ninjs", {"article_id": "af3da1d3b8b12f97"}),
    Example("save_search", body={"name": "Ferries", "owner": "anna", "query": "q=ferry&sort=newest"}),
    Example("saved_searches", {"owner": "anna"}),
    Example("saved_search", {"search_id": _SEARCH}),
    Example("addAlert", body={"search": _SEARCH, "kind": "webhook", "target": _HOOK, "editor": "anna"}),
    Example("addAlert", body={"search": _SEARCH, "kind": "mail", "target": "desk@news.example",
                              "pace": "daily", "editor": "anna"}, name="by-mail-once-a-day"),
    Example("alerts", {"search": _SEARCH}),
    Example("alert", {"alert_id": _ALERT}),
    Example("rotateAlert", {"alert_id": _ALERT}),
    Example("disableAlert", {"alert_id": _ALERT}),
    Example("enableAlert", {"alert_id": _ALERT}),
    Example("add_documents", body=[_RECORD, {"id": "empty-1", "text": ""}]),
    Example("matches", {"search_id": _SEARCH, "limit": 1}, courier=True),
    Example("testAlert", {"alert_id": _ALERT}),
    Example("deliveries", {"alert_id": _ALERT, "limit": 2}, courier=True),
    Example("delivery", {"delivery_id": _DELIVERY}),
    Example("resendDelivery", {"delivery_id": _DELIVERY}),
    Example("removeAlert", {"alert_id": _ALERT}),
    Example("change_saved_search", {"search_id": _SEARCH}, body={"name": "Boats", "state": "paused"}),
    Example("remove_saved_search", {"search_id": _SEARCH}),
    Example("ingests", {"failed": True}),
    Example("ingest", {"number": 1}),
    Example("remove_document", {"document_id": "ferry-1"}),
    Example("decide", body=_MERGE),
    Example("decisions", {"limit": 1}),
    Example("undo", {"number": 1}, body={"editor": "anna"}),
    Example("audit", {"limit": 1}),
)  # fmt: skip
"""In the order in which they are performed: what reads, then what writes, then what tells of that."""

Answered = Callable[[str], Any]
"""The answer of an operation's first example, or None where there is none yet."""


def resolved(value: Any, answered: Answered) -> Any:
    """A value with each `From` in it replaced."""
    if isinstance(value, From):
        return _member(answered(value.operation), value.member)
    return {k: resolved(v, answered) for k, v in value.items()} if isinstance(value, dict) else value


def _member(answer: Any, path: str) -> Any:
    for name in path.split("."):
        if answer is None:
            return "…"
        answer = answer[int(name)] if isinstance(answer, list) else answer[name]
    return answer


def recorded(operation: str) -> Any:
    """The answer that was recorded of an operation's first example, or None."""
    return answers().get(f"{operation} {DEFAULT}")


@cache
def answers() -> Mapping[str, Any]:
    """The answer to each example that has a body, by operation and name."""
    found: Mapping[str, Any] = json.loads(ANSWERS.read_text("utf-8")) if ANSWERS.exists() else {}
    return found


def answer_to(example: Example) -> Any:
    """What was answered, or None where that has no body, or was not recorded yet."""
    return answers().get(f"{example.operation} {example.name}")
