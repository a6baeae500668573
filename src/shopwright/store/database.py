"""The interface of a store's database: what a concept's queries are written against.

Each query is written once, for both implementations, with values as ``:name``. SQLite and
PostgreSQL agree on more than one would think: ``ON CONFLICT``, ``RETURNING``, ``FILTER``, window
functions, ``json_array_length``. Truth values are written out (``CASE WHEN ... THEN 1``).
"""

from __future__ import annotations

import os
import re
from contextlib import AbstractContextManager, closing
from pathlib import Path
from typing import Any, Protocol

from shopwright.errors import InputError

Row = tuple[Any, ...]
# Where a store is: an SQLite file, or the address of a PostgreSQL database.
Place = str | os.PathLike[str]

_SCHEMES = ("postgresql://", "postgres://")
_SCHEME = re.compile(r"[A-Za-z][A-Za-z0-9+.-]+://|file:")


class Execute(Protocol):
    """Carries out a statement of a transaction, and returns its rows."""

    def __call__(self, statement: str, /, **values: Any) -> list[Row]: ...


class Database(Protocol):
    """An opened database; may be used from several threads.

    Every method raises :class:`~shopwright.errors.StoreError` where it cannot be done now.

    Attributes:
        place: what messages call it; no password.
    """

    place: str

    def read(self, query: str, /, **values: Any) -> list[Row]:
        """Return a query's rows."""

    def transaction(self) -> AbstractContextManager[Execute]:
        """Return what executes statements that take effect together. They are on the disk when the
        block ends; an exception undoes them.

        In SQLite one transaction goes on at a time. In PostgreSQL several do: begin with an UPDATE
        of the row that all depends on, which others then wait for.
        """

    def check(self) -> None:
        """Raise an error where nothing can be written now."""

    def sweep(self) -> None:
        """Take what was deleted from the disk, as far as the database leaves it there."""

    def close(self) -> None:
        """Let go of it."""


def is_address(place: Place) -> bool:
    """Whether a store is in PostgreSQL."""
    return isinstance(place, str) and place.startswith(_SCHEMES)


def place_of(text: str) -> Place:
    """Return a place as a command line names it: an address, or the path of a file.

    Raises:
        InputError: it is the address of another kind of database.
    """
    scheme = _SCHEME.match(text)
    if scheme is None:
        return Path(text)
    address = scheme[0].lower() + text[scheme.end() :]
    if not is_address(address):
        raise InputError(
            f"store: expected a file or postgresql://USER@HOST:PORT/DATABASE, got {scheme[0]}…"
        )
    return address


def open_database(place: Place, *, shared: bool = False) -> Database:
    """Open a store to write. A file is made if it is not there; PostgreSQL's tables are made by
    ``shopwright store migrate``.

    Args:
        shared: whether other processes write it, too.

    Raises:
        InputError: it is no store, or of another version; nothing is written.
        StoreError: the server cannot be reached.
    """
    if is_address(place):
        from shopwright.store.postgresql import PostgresDatabase

        return PostgresDatabase(str(place))
    from shopwright.store.sqlite import SqliteDatabase

    return SqliteDatabase.open(Path(place), shared=shared)


def open_copy(place: Place) -> Database:
    """Return what a store holds now, in memory: whoever only reads works on a copy.

    Raises:
        MissingFileError: there is no such file.
        InputError, StoreError: as :func:`open_database`.
    """
    from shopwright.store.sqlite import SqliteDatabase, copy_of

    if not is_address(place):
        return SqliteDatabase(str(place), copy_of(Path(place)))
    from shopwright.store.postgresql import PostgresDatabase

    with closing(PostgresDatabase(str(place))) as database:
        return SqliteDatabase(database.place, database.copy())
