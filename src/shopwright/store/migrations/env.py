"""Run by Alembic, on the connection that :func:`shopwright.store.postgresql.migrate` gives it."""

from alembic import context

context.configure(connection=context.config.attributes["connection"])
with context.begin_transaction():
    context.run_migrations()
