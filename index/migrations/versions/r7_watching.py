"""Folders and feeds that are followed."""

import sqlalchemy as sa
from alembic import op

revision = "7"
down_revision = "6"


def upgrade() -> None:
    """Make the table of addresses that are followed: what each said last, and when it is asked again."""
    op.create_table(
        "feeds",
        sa.Column("id", sa.String(16), primary_key=True),
        sa.Column("url", sa.String(2000), nullable=False),
        sa.Column("moved", sa.String(2000)),
        sa.Column("etag", sa.String(1000)),
        sa.Column("modified", sa.String(200)),
        sa.Column("digest", sa.String(32)),
        sa.Column("asked", sa.DateTime(timezone=True)),
        sa.Column("changed", sa.DateTime(timezone=True)),
        sa.Column("next_at", sa.DateTime(timezone=True)),
        sa.Column("failures", sa.Integer, nullable=False),
        sa.Column("error", sa.String(1000)),
        sa.Column("gone", sa.Boolean, nullable=False),
    )
