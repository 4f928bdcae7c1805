"""Of which tables does the archive of documents consist?"""

from __future__ import annotations

import sqlalchemy as sa

from index.archive import METADATA

MAX_NAME = 500
"""Characters kept of an identity and a source for people to read; the content has them whole."""

_AT = sa.DateTime(timezone=True)

DOCUMENTS = sa.Table(
    "documents",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("identity", sa.String(MAX_NAME), nullable=False),
    sa.Column("source", sa.String(MAX_NAME), nullable=False),
    sa.Column("format", sa.String(40), nullable=False),
    sa.Column("version", sa.BigInteger),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("due", _AT, index=True),
    sa.Column("first_seen", _AT, nullable=False),
    sa.Column("changed", _AT, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False, index=True),
    sa.Column("digest", sa.String(16)),
    sa.Column("content", sa.LargeBinary),
)
"""Each document as it came last; `turn` counts the archive's changes, so that one can ask what came after."""

VERSIONS = sa.Table(
    "document_versions",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True),
    sa.Column("document", sa.String(64), nullable=False, index=True),
    sa.Column("version", sa.BigInteger),
    sa.Column("changed", _AT, nullable=False),
    sa.Column("digest", sa.String(16)),
    sa.Column("content", sa.LargeBinary),
)
"""What documents held before, the newest last; `changed` is when it came."""

ARTICLES = sa.Table(
    "articles",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("document", sa.String(64), nullable=False, index=True),
    sa.Column("added", _AT, nullable=False),
    sa.Column("updated", _AT, nullable=False),
    sa.Column("digest", sa.String(16), nullable=False),
    sa.Column("gone", _AT),
)
"""When each article was first shown and last changed; one that is gone is known for when it comes back."""

CHANGES = sa.Table(
    "changes",
    METADATA,
    sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("at", _AT, nullable=False),
    sa.Column("document", sa.String(64), nullable=False),
    sa.Column("article", sa.String(64), nullable=False),
    sa.Column("kind", sa.String(10), nullable=False),
)
"""Articles that came, were corrected or went, in order and without gaps."""

INDEXED = sa.Table(
    "indexed",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("made", sa.String(64), nullable=False),
    sa.Column("generation", sa.Integer, nullable=False),
    sa.Column("turn", sa.Integer, nullable=False),
    sa.Column("seq", sa.Integer, nullable=False),
    sa.Column("strays", sa.Integer, nullable=False),
)
"""One row: how far the index is. Commit `generation` of the index `made` holds all up to `turn` and `seq`,
and beside it so many documents that never came here."""

WAITING = sa.Table(
    "waiting",
    METADATA,
    sa.Column("id", sa.String(64), primary_key=True),
    sa.Column("turn", sa.Integer, nullable=False, index=True),
    sa.Column("seq", sa.Integer, index=True),
    sa.Column("fresh", sa.Boolean, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("holder", sa.String(100)),
    sa.Column("until", _AT, index=True),
)
"""Documents that are written down here and not yet brought into the index, each with its newest turn.

Changes behind `seq` may be of it; `fresh`: its content was not analysed yet, so that its articles are not
noted. `holder` has it in hand until `until`, or longer where it says so; nobody has what waits in the queue,
and whoever finds it past its time takes it over. `tries` counts those who had it."""
