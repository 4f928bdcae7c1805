"""Folders and feeds that are followed."""

revision = "7"
down_revision = "6"


def upgrade() -> None:
    """Make its tables."""
