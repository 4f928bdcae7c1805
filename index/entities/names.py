"""What the model saw in one paragraph, before an article makes sense of it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class RawName:
    """A span of one paragraph that a model takes for a name.

    Attributes:
        start: of the half-open span, in characters.
        end: of it.
        label: the model's own: PERSON, ORG, GPE, LOC, FAC, NORP and so on.
    """

    start: int
    end: int
    label: str
