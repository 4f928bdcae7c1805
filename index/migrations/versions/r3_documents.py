"""What was taken in: documents, their versions and articles."""

revision = "3"
down_revision = "2"


def upgrade() -> None:
    """Make its tables."""
