"""Releases of agents."""

from shopwright.store.postgresql import upgrade_to

revision, down_revision = "5", "4"


def upgrade() -> None:
    """Make the tables of version 5."""
    upgrade_to(5)
