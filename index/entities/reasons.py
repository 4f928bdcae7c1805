"""Why a name is whose it is: how it was found and how it was joined, as `EntityMention.reason` has it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from index.entities.candidates import Candidate

How = Literal[
    "itself",
    "known",
    "team",
    "alone",
    "shared",
    "form",
    "surname",
    "part",
    "nearest",
    "title",
    "acronym",
    "short",
    "told",
]


@dataclass(frozen=True, slots=True)
class Joined:
    """Whose a name is within its article.

    Attributes:
        name: the display name of its entity.
        how: how it came to it.
        at: index of the paragraph where the name stands that it was joined to, or None.
    """

    name: str
    how: How = "itself"
    at: int | None = None


def reason_of(candidate: Candidate, joined: Joined, first: int, count: int) -> str:
    """Write a reason.

    Args:
        candidate: the name.
        joined: whose it is.
        first: number of the article's first paragraph.
        count: of its paragraphs; what lies behind them is the byline.

    Returns:
        `model itself`, `again surname 3`, `model part byline`.
    """
    if joined.at is None:
        return f"{candidate.by} {joined.how}"
    return f"{candidate.by} {joined.how} {joined.at + first if joined.at < count else 'byline'}"
