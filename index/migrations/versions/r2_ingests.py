"""What was ingested, and what of it failed."""

import sqlalchemy as sa
from alembic import op

revision = "2"
down_revision = "1"


def upgrade() -> None:
    """Make the log of runs and their failures; old lines of both are dropped as new ones come."""
    counts = ("documents", "articles", "paragraphs", "dates", "entities", "unchanged", "skipped", "failed")
    op.create_table(
        "ingests",
        sa.Column("number", sa.Integer, primary_key=True, autoincrement=False),
        sa.Column("started", sa.DateTime(timezone=True), nullable=False),
        sa.Column("seen", sa.DateTime(timezone=True), nullable=False),
        sa.Column("ended", sa.DateTime(timezone=True)),
        sa.Column("how", sa.String(20), nullable=False),
        sa.Column("source", sa.String(500), nullable=False),
        *(sa.Column(name, sa.Integer, nullable=False) for name in counts),
        sa.Column("seconds", sa.Float, nullable=False),
        sa.Column("error", sa.String(1000)),
    )
    op.create_table(
        "ingest_failures",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("run", sa.Integer, nullable=False, index=True),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("kind", sa.String(20), nullable=False),
        sa.Column("input", sa.String(500), nullable=False),
        sa.Column("reason", sa.String(1000), nullable=False),
    )
