"""The one table of fields: what is kept of a paragraph, and how it can be asked for."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from whoosh import fields

from index.analysis import NewsTokenizer

FORMAT = "3"
"""Version of what is written; an index of another one is refused."""

FieldKind = Literal["key", "exact", "stem", "value", "number", "day", "second", "days"]


@dataclass(frozen=True, slots=True)
class Field:
    """One row of the table.

    Attributes:
        name: in the index.
        kind: key (a whole value), exact and stem (words with positions); these are Whoosh's too. The
            others are facts: columns in our segments (`index.columns.layout`), fields on a cluster
            (`index.cluster.mapping`). They are value (whole, any number of them), number, day
            (`date.toordinal`), second (since 1970, UTC), and days (from one to another, both included,
            any number of them).
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
    Field("article", "value", "which article is it of?"),
    Field("ordinal", "number", "at which place of the article?"),
    Field("published", "day", "when was it published?"),
    Field("added", "second", "when did its article come first?"),
    Field("mentioned", "days", "of which days does it speak?"),
    Field("person", "value", "which people does it name?"),
    Field("org", "value", "which organisations does it name?"),
    Field("place", "value", "which places does it name?"),
)


def whoosh_schema() -> fields.Schema:
    """The table as Whoosh's schema."""
    made = {
        "key": fields.ID,
        "exact": lambda: fields.TEXT(analyzer=NewsTokenizer(stemmed=False), phrase=True),
        "stem": lambda: fields.TEXT(analyzer=NewsTokenizer(stemmed=True), phrase=True),
    }
    return fields.Schema(**{field.name: made[field.kind]() for field in TABLE if field.kind in made})
