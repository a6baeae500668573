"""A store in an SQLite file: made, told from other databases before anything is written, copied.

Write-ahead log with ``synchronous=FULL``: when a transaction ends, what it wrote is on the disk and
survives the process being killed and the power going. It holds people's requests: only its owner
may read it. Several processes of one machine may have it open.
"""

from __future__ import annotations

import math
import os
import sqlite3
import threading
from collections.abc import Iterator
from contextlib import closing, contextmanager
from functools import cache
from itertools import chain
from pathlib import Path
from typing import Any

from shopwright.errors import InputError, MissingFileError, StoreError
from shopwright.files import PRIVATE
from shopwright.store.database import Execute, Row
from shopwright.store.schema import PROBE, SET_VERSION, VERSION, VERSIONS

# Whoever holds the file for longer makes requests fail at once rather than wait; among processes
# that write it in turns, one has to wait for several others.
WAIT_SECONDS, SHARED_WAIT_SECONDS = 0.2, 2.0
# Says in an SQLite file's header whose it is. Older stores have 0, as most databases.
APPLICATION_ID = int.from_bytes(b"shwr", "big")

# At least this much must be free again on a disk that was full.
_ROOM_BYTES = 1 << 20
_OBJECTS = "SELECT type, name, sql FROM sqlite_schema WHERE name NOT LIKE 'sqlite%' ORDER BY name"


class SqliteDatabase:
    """An opened store; may be used from several threads.

    Attributes:
        place: the file.
        connection: in autocommit mode, so that transactions begin and end where they say.
    """

    def __init__(
        self, place: str, connection: sqlite3.Connection, path: Path | None = None
    ) -> None:
        self.place = place
        self.connection = connection
        self._lock = threading.RLock()
        self._path = path and path.absolute()
        self._file = _file_at(path)
        self._was_full = False

    @classmethod
    def open(cls, path: Path, *, shared: bool = False) -> SqliteDatabase:
        """Open a store to write; make it if it is not there.

        Args:
            shared: whether other processes write it, too.

        Raises:
            InputError: it is no store, or of a later version; nothing is written.
        """
        wait_seconds = SHARED_WAIT_SECONDS if shared else WAIT_SECONDS
        try:
            return cls(str(path), _open_to_write(path, wait_seconds), path)
        except sqlite3.Error as error:
            raise InputError(f"{path}: expected a service's feedback, got: {error}") from None
        except OSError as error:
            reason = error.strerror or error
            raise InputError(f"{path}: expected a place for a store, got: {reason}") from None

    def read(self, query: str, /, **values: Any) -> list[Row]:
        """Return a query's rows."""
        with self._lock, _store_errors():
            return self._execute(query, **values)

    @contextmanager
    def transaction(self) -> Iterator[Execute]:
        """Return what executes statements that take effect together."""
        with self._lock:
            before = self.connection.total_changes
            try:
                with _store_errors(), self.connection:
                    # What is read within is not changed by another process before it is written.
                    self.connection.execute("BEGIN IMMEDIATE")
                    self._check_file()
                    yield self._execute
            except StoreError as error:
                self._was_full |= error.is_full
                raise
            if self.connection.total_changes > before:
                self._was_full = False

    def check(self) -> None:
        """Raise an error where nothing can be written now."""
        # What is written for this is less than a request's.
        if self._was_full and self._path and _free_bytes(self._path.parent) < _ROOM_BYTES:
            raise StoreError("database or disk is full", is_full=True)
        with self.transaction() as execute:
            execute(PROBE)

    def _check_file(self) -> None:
        """Raise an error where the file has gone from its path: what is written into it is lost."""
        if self._path is not None and _file_at(self._path) != self._file:
            raise StoreError("the file was removed or replaced; start the service again")

    def _execute(self, statement: str, /, **values: Any) -> list[Row]:
        return self.connection.execute(statement, values).fetchall()

    def sweep(self) -> None:
        """Take what was deleted out of the log beside the file, too; what another process reads
        meanwhile goes with the next change."""
        with self._lock, _store_errors():
            self._execute("PRAGMA wal_checkpoint(TRUNCATE)")

    def close(self) -> None:
        """Close the file."""
        with self._lock:
            self.connection.close()


def _file_at(path: Path | None) -> tuple[int, int] | None:
    """Which file stands at a path: its device and its number there; None if none does."""
    try:
        found = path.stat() if path else None
    except OSError:
        return None
    return found and (found.st_dev, found.st_ino)


def _free_bytes(folder: Path) -> float:
    """How much can be written to a folder's disk; without limit where nothing says."""
    try:
        disk = os.statvfs(folder)
    except OSError:
        return math.inf
    return disk.f_bavail * disk.f_frsize


@contextmanager
def _store_errors() -> Iterator[None]:
    try:
        yield
    except (sqlite3.IntegrityError, sqlite3.ProgrammingError):
        raise
    except sqlite3.DatabaseError as error:
        is_full = getattr(error, "sqlite_errorcode", None) == sqlite3.SQLITE_FULL
        raise StoreError(str(error), is_full=is_full) from None


def copy_of(path: Path) -> sqlite3.Connection:
    """Return a store's content in memory, of the newest version.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is no store, or of a later version.
    """
    connection = new_in_memory(0)
    try:
        with closing(open_to_read(path)) as source:
            source.backup(connection)
    except sqlite3.Error as error:
        raise InputError(f"{path}: expected a service's feedback, got: {error}") from None
    _upgrade(connection, path)
    return connection


def new_in_memory(version: int = VERSION) -> sqlite3.Connection:
    """Return an empty store in memory."""
    connection = sqlite3.connect(":memory:", check_same_thread=False, isolation_level=None)
    for statement in chain(*VERSIONS[:version]):
        connection.execute(statement)
    return connection


def _open_to_write(path: Path, wait_seconds: float) -> sqlite3.Connection:
    path.parent.mkdir(parents=True, exist_ok=True)
    if path.exists():
        open_to_read(path).close()
    else:
        path.touch(PRIVATE)
    connection = sqlite3.connect(
        path, check_same_thread=False, timeout=wait_seconds, isolation_level=None
    )
    connection.execute("PRAGMA journal_mode=WAL")
    connection.execute("PRAGMA synchronous=FULL")
    connection.execute("PRAGMA foreign_keys=ON")
    connection.execute("PRAGMA secure_delete=ON")  # Of what was deleted no letter stays.
    _upgrade(connection, path)
    return connection


def open_to_read(path: Path) -> sqlite3.Connection:
    """Open a store so that it cannot be written.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is another database, or of a later version.
    """
    if not path.is_file():
        raise MissingFileError(f"{path}: expected the file of a service's feedback, found none")
    # Who has it open to write has its log beside it; without one nobody changes the file.
    logged = path.with_name(f"{path.name}-wal").exists()
    mode = "mode=ro" if logged else "mode=ro&immutable=1"
    connection = sqlite3.connect(f"{path.absolute().as_uri()}?{mode}", uri=True, timeout=10.0)
    try:
        _version_of(connection, path)
    except BaseException:
        connection.close()
        raise
    return connection


def _version_of(connection: sqlite3.Connection, path: Path) -> int:
    """Which version's tables a database has; 0 if it has none: its first writer was killed."""
    objects = connection.execute(_OBJECTS).fetchall()
    for version in range(VERSION + 1):
        if _mark(connection) in (0, APPLICATION_ID) and objects == _objects_of(version):
            return version
    raise InputError(
        f"{path}: expected a service's feedback of version 1 to {VERSION}, got another database, "
        "or one of a later version; name another file"
    )


@cache
def _objects_of(version: int) -> list[Row]:
    with closing(new_in_memory(version)) as connection:
        return connection.execute(_OBJECTS).fetchall()


def _mark(connection: sqlite3.Connection) -> int:
    (found,) = connection.execute("PRAGMA application_id").fetchone()
    return int(found)


def _upgrade(connection: sqlite3.Connection, path: Path) -> None:
    """Bring the tables to the newest version, and mark the file."""
    if _version_of(connection, path) == VERSION and _mark(connection):
        return
    with connection:
        connection.execute("BEGIN IMMEDIATE")
        for statement in chain(*VERSIONS[_version_of(connection, path) :]):
            connection.execute(statement)
        connection.execute(SET_VERSION, {"version": str(VERSION)})
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
