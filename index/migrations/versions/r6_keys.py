"""Keys, and the log of what was written with them."""

revision = "6"
down_revision = "5"


def upgrade() -> None:
    """Make its tables."""
