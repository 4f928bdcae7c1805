"""Which documents are in the archive and not yet in the index, and who brings them there."""

from datetime import UTC, datetime

import sqlalchemy as sa
from alembic import op

revision = "8"
down_revision = "7"


def upgrade() -> None:
    """Make the table, and put down what the index lacks by how far it was noted to be."""
    waiting = op.create_table(
        "waiting",
        sa.Column("id", sa.String(64), primary_key=True),
        sa.Column("turn", sa.Integer, nullable=False, index=True),
        sa.Column("seq", sa.Integer, index=True),
        sa.Column("fresh", sa.Boolean, nullable=False),
        sa.Column("tries", sa.Integer, nullable=False),
        sa.Column("holder", sa.String(100)),
        sa.Column("until", sa.DateTime(timezone=True), index=True),
    )
    documents = sa.table("documents", sa.column("id"), sa.column("turn"))
    indexed = sa.table("indexed", sa.column("turn"), sa.column("seq"))
    told = sa.select(
        documents.c.id,
        documents.c.turn,
        indexed.c.seq,
        sa.false(),
        sa.literal(1),
        sa.literal(""),
        sa.literal(datetime(2000, 1, 1, tzinfo=UTC), sa.DateTime(timezone=True)),
    ).where(documents.c.turn > indexed.c.turn)
    names = ["id", "turn", "seq", "fresh", "tries", "holder", "until"]
    op.execute(sa.insert(waiting).from_select(names, told))
