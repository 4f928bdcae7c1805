"""Saved searches, what they found, and how far the matcher is."""

import sqlalchemy as sa
from alembic import op

revision = "4"
down_revision = "3"

_AT = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make their tables; `index.saved` says what the columns hold."""
    op.create_table(
        "saved_searches",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("owner", sa.String(200), nullable=False),
        sa.Column("query", sa.Text, nullable=False),
        sa.Column("created", _AT, nullable=False),
        sa.Column("changed", _AT, nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("reason", sa.String(1000)),
        sa.Column("since", sa.Integer, nullable=False),
        sa.Column("since_at", _AT, nullable=False),
        sa.Column("behind", sa.Integer),
        sa.Column("revision", sa.Integer, nullable=False),
    )
    op.create_table(
        "matches",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("id", sa.String(32), nullable=False, unique=True),
        sa.Column("entry", sa.String(32), nullable=False, index=True),
        sa.Column("search", sa.String(32), nullable=False),
        sa.Column("article", sa.String(64), nullable=False, index=True),
        sa.Column("story", sa.String(64), nullable=False, index=True),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("at", _AT, nullable=False),
        sa.Column("paragraphs", sa.JSON, nullable=False),
        sa.Column("told", sa.JSON, nullable=False),
        sa.Column("gone", sa.Boolean, nullable=False),
        sa.Index("matches_of_search", "search", "number"),
    )
    op.create_table(
        "matcher",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("seq", sa.Integer, nullable=False),
    )
