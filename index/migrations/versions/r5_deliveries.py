"""Where alerts go, and each delivery."""

import sqlalchemy as sa
from alembic import op

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Make the channels, what was sent to them and each attempt, and the one courier's place."""
    moment = sa.DateTime(timezone=True)
    op.create_table(
        "channels",
        sa.Column("id", sa.String(32), primary_key=True),
        sa.Column("search", sa.String(64), nullable=False, index=True),
        sa.Column("name", sa.String(200), nullable=False),
        sa.Column("kind", sa.String(10), nullable=False),
        sa.Column("target", sa.String(2000), nullable=False),
        sa.Column("secret", sa.String(100), nullable=False),
        sa.Column("old_secret", sa.String(100)),
        sa.Column("old_until", moment),
        sa.Column("pace", sa.String(10), nullable=False),
        sa.Column("state", sa.String(10), nullable=False),
        sa.Column("why", sa.String(500), nullable=False),
        sa.Column("who", sa.String(200), nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("not_before", moment),
    )
    op.create_table(
        "deliveries",
        sa.Column("id", sa.String(40), primary_key=True),
        sa.Column("channel", sa.String(32), nullable=False, index=True),
        sa.Column("event", sa.String(30), nullable=False),
        sa.Column("state", sa.String(12), nullable=False),
        sa.Column("matches", sa.JSON, nullable=False),
        sa.Column("total", sa.Integer, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("created", moment, nullable=False),
        sa.Column("next_at", moment),
        sa.Column("claimed_at", moment),
        sa.Column("ended", moment),
    )
    op.create_index("ix_deliveries_due", "deliveries", ["state", "next_at"])
    op.create_table(
        "delivery_attempts",
        sa.Column("id", sa.Integer, primary_key=True),
        sa.Column("delivery", sa.String(40), nullable=False, index=True),
        sa.Column("at", moment, nullable=False),
        sa.Column("outcome", sa.String(12), nullable=False),
        sa.Column("status", sa.Integer),
        sa.Column("said", sa.String(500), nullable=False),
        sa.Column("seconds", sa.Float),
    )
    op.create_table(
        "courier",
        sa.Column("name", sa.String(20), primary_key=True),
        sa.Column("holder", sa.String(100), nullable=False),
        sa.Column("until", moment, nullable=False),
        sa.Column("cursor", sa.String(100), nullable=False),
    )
