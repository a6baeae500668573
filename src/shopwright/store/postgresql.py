"""A store in PostgreSQL, for several processes and machines.

SQLAlchemy keeps the connections, Alembic brings the tables to the newest version. They lie in a
schema of their own, so that the database may hold other things, too.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopwright.errors import InputError, StoreError
from shopwright.extras import require
from shopwright.store.database import Execute, Row
from shopwright.store.schema import PROBE, SET_VERSION, VERSION, VERSIONS, for_postgresql
from shopwright.store.sqlite import new_in_memory

if TYPE_CHECKING:
    from sqlalchemy import Connection, Engine

SCHEMA = "shopwright"
CONNECTIONS = 8
# An unreachable server, or a row that another transaction holds, makes requests fail soon.
WAIT_SECONDS = 3
# Any number that others do not take: one migration at a time.
_MIGRATION_LOCK = int.from_bytes(b"shwr", "big")
_DISK_FULL = "53100"
# No such table, no such schema, no right to it.
_TABLES_GONE = ("42P01", "3F000", "42501")
# As SQLite's.
_ARRAY_LENGTH = """
CREATE OR REPLACE FUNCTION json_array_length(items text) RETURNS integer LANGUAGE sql IMMUTABLE
AS 'SELECT pg_catalog.json_array_length(items::json)'
"""


class PostgresDatabase:
    """An opened store; may be used from several threads.

    Args:
        address: ``postgresql://USER@HOST/DATABASE``; what it does not say, libpq's environment
            (``PGPASSWORD``) and files say.

    Raises:
        InputError: it is no address, or no store of this version is there.
        StoreError: the server cannot be reached.
    """

    def __init__(self, address: str) -> None:
        self._engine = _engine(address)
        # Single queries need no transaction.
        self._reading = self._engine.execution_options(isolation_level="AUTOCOMMIT")
        self.place = self._engine.url.render_as_string()
        found = _version(self.read)
        if found != VERSION:
            self.close()
            raise InputError(
                f"{self.place}: expected a store of version {VERSION}, got "
                f"{f'version {found}' if found else 'none'}; run: shopwright store migrate"
            )

    def read(self, query: str, /, **values: Any) -> list[Row]:
        """Return a query's rows."""
        with _store_errors(), self._reading.connect() as connection:
            return _execute(connection, query, **values)

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Return what executes statements that take effect together."""
        with _store_errors(), self._engine.begin() as connection:
            yield lambda statement, /, **values: _execute(connection, statement, **values)

    def copy(self) -> sqlite3.Connection:
        """Return all of it as it is at one moment, in an SQLite database in memory."""
        copy = new_in_memory()
        one_moment = self._engine.execution_options(isolation_level="REPEATABLE READ")
        with _store_errors(), one_moment.connect() as connection, copy:
            copy.execute("BEGIN")
            tables = copy.execute("SELECT name FROM sqlite_schema WHERE type = 'table'").fetchall()
            for (table,) in tables:
                columns = [name for _, name, *_ in copy.execute(f"PRAGMA table_info({table})")]
                rows = _execute(connection, f"SELECT {', '.join(columns)} FROM {table}")
                places = ", ".join("?" * len(columns))
                copy.executemany(f"INSERT OR REPLACE INTO {table} VALUES ({places})", rows)
        return copy

    def check(self) -> None:
        """Raise an error where nothing can be written now."""
        with self.transaction() as execute:
            execute(PROBE)

    def sweep(self) -> None:
        """Nothing: the server vacuums by itself, and its log is its administrator's."""

    def close(self) -> None:
        """Close the connections."""
        self._engine.dispose()


def migrate(address: str) -> int:
    """Make the tables of a store in PostgreSQL, or bring them to the newest version.

    Returns:
        The version that was there; 0 for none.

    Raises:
        InputError: it is no address, or a later version is there.
        StoreError: the server cannot be reached, or does not let us.
    """
    require("alembic", "postgres", "store migrate")
    from alembic import command
    from alembic.config import Config

    config = Config()
    config.set_main_option("script_location", str(Path(__file__).with_name("migrations")))
    engine = _engine(address)
    try:
        with _store_errors(), engine.begin() as connection:
            _execute(connection, f"SELECT pg_advisory_xact_lock({_MIGRATION_LOCK})")
            _execute(connection, f"CREATE SCHEMA IF NOT EXISTS {SCHEMA}")
            found = _version(partial(_execute, connection))
            if found > VERSION:
                raise InputError(
                    f"{engine.url.render_as_string()}: expected a store of version {VERSION} or "
                    f"before, got {found}"
                )
            _execute(connection, _ARRAY_LENGTH)
            config.attributes["connection"] = connection
            command.upgrade(config, "head")
            _execute(connection, SET_VERSION, version=str(VERSION))
    finally:
        engine.dispose()
    return found


def upgrade_to(version: int) -> None:
    """Carry out the statements of a version; for Alembic's modules."""
    from alembic import op

    for statement in VERSIONS[version - 1]:
        op.execute(for_postgresql(statement))


def _engine(address: str) -> Engine:
    require("sqlalchemy", "postgres", "a store in PostgreSQL")
    require("psycopg", "postgres", "a store in PostgreSQL")
    from sqlalchemy import create_engine
    from sqlalchemy.engine import make_url
    from sqlalchemy.exc import ArgumentError

    try:
        url = make_url(address).set(drivername="postgresql+psycopg")
    except (ArgumentError, ValueError):
        raise InputError(
            "--store: expected postgresql://USER@HOST:PORT/DATABASE, got another address"
        ) from None
    return create_engine(
        url,
        pool_size=CONNECTIONS,
        pool_timeout=WAIT_SECONDS,
        # A server that was started again is noticed before anything is sent to it.
        pool_pre_ping=True,
        connect_args={
            "connect_timeout": WAIT_SECONDS,
            # Of a machine that is gone nothing comes back, not even a refusal.
            "keepalives_idle": WAIT_SECONDS,
            "keepalives_interval": 1,
            "keepalives_count": WAIT_SECONDS,
            "tcp_user_timeout": 1000 * WAIT_SECONDS,
            "application_name": "shopwright",
            # Acknowledged is what is on the disk, whatever the server's own setting is.
            "options": f"-c search_path={SCHEMA} -c synchronous_commit=on "
            f"-c lock_timeout={WAIT_SECONDS}s",
        },
    )


def _version(execute: Execute) -> int:
    """Which version's tables a database has; 0 if it has none."""
    if execute("SELECT to_regclass('about') IS NULL") == [(True,)]:
        return 0
    rows = execute("SELECT value FROM about WHERE name = 'version'")
    return int(rows[0][0]) if rows else 0


def _execute(connection: Connection, statement: str, /, **values: Any) -> list[Row]:
    from sqlalchemy import text

    result = connection.execute(text(statement), values)
    return [tuple(row) for row in result] if result.returns_rows else []


@contextmanager
def _store_errors() -> Iterator[None]:
    from sqlalchemy import exc

    # Read-only after a failover is an internal error, tables that are gone a programming one.
    outside = (exc.OperationalError, exc.InterfaceError, exc.InternalError, exc.TimeoutError)
    try:
        yield
    except (*outside, exc.ProgrammingError) as error:
        cause = error.orig if isinstance(error, exc.DBAPIError) else error
        state = getattr(cause, "sqlstate", None)
        if isinstance(error, exc.ProgrammingError) and state not in _TABLES_GONE:
            raise
        raise StoreError(str(cause).partition("\n")[0], is_full=state == _DISK_FULL) from None
