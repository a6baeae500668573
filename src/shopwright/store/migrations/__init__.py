"""Alembic's environment: the versions of :mod:`shopwright.store.schema`, for PostgreSQL."""
