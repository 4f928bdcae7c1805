"""Where alerts go, and each delivery."""

revision = "5"
down_revision = "4"


def upgrade() -> None:
    """Make its tables."""
