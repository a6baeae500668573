"""Visits."""

from shopwright.store.postgresql import upgrade_to

revision, down_revision = "2", "1"


def upgrade() -> None:
    """Make the tables of version 2."""
    upgrade_to(2)
