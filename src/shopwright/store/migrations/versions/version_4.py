"""Whose recommendations they are."""

from shopwright.store.postgresql import upgrade_to

revision, down_revision = "4", "3"


def upgrade() -> None:
    """Make the tables of version 4."""
    upgrade_to(4)
