"""Conversations."""

from shopwright.store.postgresql import upgrade_to

revision, down_revision = "3", "2"


def upgrade() -> None:
    """Make the tables of version 3."""
    upgrade_to(3)
