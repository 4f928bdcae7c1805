"""Saved searches and what they found."""

revision = "4"
down_revision = "3"


def upgrade() -> None:
    """Make its tables."""
