"""Of which tables do saved searches and their matches consist?"""

from __future__ import annotations

import sqlalchemy as sa

from index.archive import METADATA

MAX_NAME, MAX_REASON = 200, 1_000
"""Characters kept of a name or an owner, and of a reason."""

SEARCHES = sa.Table(
    "saved_searches",
    METADATA,
    sa.Column("id", sa.String(32), primary_key=True),
    sa.Column("name", sa.String(MAX_NAME), nullable=False),
    sa.Column("owner", sa.String(MAX_NAME), nullable=False),
    sa.Column("query", sa.Text, nullable=False),
    sa.Column("created", sa.DateTime(timezone=True), nullable=False),
    sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
    sa.Column("state", sa.String(10), nullable=False),
    sa.Column("reason", sa.String(MAX_REASON)),
    sa.Column("since", sa.Integer, nullable=False),
    sa.Column("since_at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("behind", sa.Integer),
    sa.Column("revision", sa.Integer, nullable=False),
)
"""`since` and `since_at`: what was added later counts; `behind`: the last change a broken one has seen."""

MATCHES = sa.Table(
    "matches",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("id", sa.String(32), nullable=False, unique=True),
    sa.Column("entry", sa.String(32), nullable=False, index=True),
    sa.Column("search", sa.String(32), nullable=False),
    sa.Column("article", sa.String(64), nullable=False, index=True),
    sa.Column("story", sa.String(64), nullable=False, index=True),
    sa.Column("kind", sa.String(10), nullable=False),
    sa.Column("at", sa.DateTime(timezone=True), nullable=False),
    sa.Column("paragraphs", sa.JSON, nullable=False),
    sa.Column("told", sa.JSON, nullable=False),
    sa.Column("gone", sa.Boolean, nullable=False),
    sa.Index("matches_of_search", "search", "number"),
)
"""`entry`: the id of the first match of its search and story; `gone`: the article is not shown now."""

MATCHER = sa.Table(
    "matcher",
    METADATA,
    sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
    sa.Column("seq", sa.Integer, nullable=False),
)
"""One row: the last change that was matched."""
