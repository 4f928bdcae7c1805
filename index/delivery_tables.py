"""The tables of deliveries and of the tries to send each; `deliveries` reads and writes them."""

from __future__ import annotations

import sqlalchemy as sa

from index.archive import METADATA

MAX_SAID = 500
"""Characters kept of what a receiver said."""

_M = sa.DateTime(timezone=True)
DELIVERIES = sa.Table(
    "deliveries",
    METADATA,
    sa.Column("id", sa.String(40), primary_key=True),
    sa.Column("channel", sa.String(32), nullable=False, index=True),
    sa.Column("event", sa.String(30), nullable=False),
    sa.Column("state", sa.String(12), nullable=False),
    sa.Column("matches", sa.JSON, nullable=False),
    sa.Column("total", sa.Integer, nullable=False),
    sa.Column("tries", sa.Integer, nullable=False),
    sa.Column("created", _M, nullable=False),
    sa.Column("next_at", _M),
    sa.Column("claimed_at", _M),
    sa.Column("ended", _M),
    sa.Index("ix_deliveries_due", "state", "next_at"),
)
ATTEMPTS = sa.Table(
    "delivery_attempts",
    METADATA,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("delivery", sa.String(40), nullable=False, index=True),
    sa.Column("at", _M, nullable=False),
    sa.Column("outcome", sa.String(12), nullable=False),
    sa.Column("status", sa.Integer),
    sa.Column("said", sa.String(MAX_SAID), nullable=False),
    sa.Column("seconds", sa.Float),
)
