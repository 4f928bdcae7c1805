"""The one table of fields: what is kept of a paragraph, and how it can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whoosh import fields

from index.analysis import NewsTokenizer

FORMAT = "3"
"""Version of what is written; an index of another one is refused."""

FieldKind = Literal["key", "exact", "stem"]


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table.

    Attributes:
        name: in the index.
        kind: key (a whole value), exact and stem (words with positions). What else is kept
            of a paragraph is not asked for by words; see `index.columns.layout`.
        question: what it answers.
    """

    name: str
    kind: FieldKind
    question: str


TABLE = (
    Field("id", "key", "which paragraph is it?"),
    Field("document", "key", "which document did it come in?"),
    Field("kind", "key", "headline, body, caption, heading or quote?"),
    Field("exact", "exact", "which words does it hold, as written?"),
    Field("stem", "stem", "which words does it hold, whatever their ending?"),
)


def whoosh_schema() -> fields.Schema:
    """The table as Whoosh's schema."""
    made = {
        "key": fields.ID,
        "exact": lambda: fields.TEXT(analyzer=NewsTokenizer(stemmed=False), phrase=True),
        "stem": lambda: fields.TEXT(analyzer=NewsTokenizer(stemmed=True), phrase=True),
    }
    return fields.Schema(**{field.name: made[field.kind]() for field in TABLE})
