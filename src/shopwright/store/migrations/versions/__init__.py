"""A module per version of the schema, as Alembic wants it."""
