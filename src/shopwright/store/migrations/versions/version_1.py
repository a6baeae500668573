"""Recommendations, feedback and demonstrations."""

from shopwright.store.postgresql import upgrade_to

revision, down_revision = "1", None


def upgrade() -> None:
    """Make the tables of version 1."""
    upgrade_to(1)
