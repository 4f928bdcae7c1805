"""What was taken in: documents, their older versions, their articles, and what changed when."""

import sqlalchemy as sa
from alembic import op

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Make its tables; contents are written down as `index.contents` says."""
    op.create_table(
        "documents",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("identity", sa.String(500), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        sa.Column("format", sa.String(40), nullable=False),
        sa.Column("version", sa.BigInteger),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("due", sa.DateTime(timezone=True), index=True),
        sa.Column("first_seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("turn", sa.Integer, nullable=False, index=True),
        sa.Column("digest", sa.String(16)),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_table(
        "document_versions",
        sa.Column("number", sa.Integer, primary_key=True),
        sa.Column("document", sa.String(64), nullable=False, index=True),
        sa.Column("version", sa.BigInteger),
        sa.Column("changed", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(16)),
        sa.Column("content", sa.LargeBinary),
    )
    op.create_table(
        "articles",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("document", sa.String(64), nullable=False, index=True),
        sa.Column("added", sa.DateTime(timezone=True), nullable=False),
        sa.Column("updated", sa.DateTime(timezone=True), nullable=False),
        sa.Column("digest", sa.String(16), nullable=False),
        sa.Column("gone", sa.DateTime(timezone=True)),
    )
    op.create_table(
        "changes",
        sa.Column("seq", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("document", sa.String(64), nullable=False),
        sa.Column("article", sa.String(64), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
    )
    op.create_table(
        "indexed",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("made", sa.String(64), nullable=False),
        sa.Column("generation", sa.Integer, nullable=False),
        sa.Column("turn", sa.Integer, nullable=False),
        sa.Column("seq", sa.Integer, nullable=False),
        sa.Column("strays", sa.Integer, nullable=False),
    )
