"""Copies of a store, as one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path

from shopwright.errors import InputError
from shopwright.files import NEW, PRIVATE, sync_file, sync_folder
from shopwright.locks import beside, locked
from shopwright.store.database import Place, is_address
from shopwright.store.sqlite import open_to_read


def back_up(place: Place, out: Path) -> int:
    """Copy a store, which may be served meanwhile, into a new file that only its owner may read.

    Args:
        place: a file, or the address of a PostgreSQL database.

    Returns:
        How many recommendations it holds.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is no store, or there is something at ``out`` already.
        StoreError: the server cannot be reached.
    """
    if out.exists():
        raise InputError(f"{out}: expected a path where nothing is, got one that is taken")
    copy = beside(out, NEW)
    with locked(out):
        copy.unlink(missing_ok=True)  # Of one that was killed.
        copy.touch(PRIVATE)
        try:
            with closing(_open(place)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # All of it in one file.
                (count,) = target.execute("SELECT COUNT(*) FROM recommendations").fetchone()
            sync_file(copy)
            copy.rename(out)
        except sqlite3.Error as error:
            raise InputError(f"{place}: cannot be copied to {out}: {error}") from None
        finally:
            copy.unlink(missing_ok=True)
    sync_folder(out.parent)
    return int(count)


def _open(place: Place) -> sqlite3.Connection:
    if not is_address(place):
        return open_to_read(Path(place))
    from shopwright.store.postgresql import PostgresDatabase

    with closing(PostgresDatabase(str(place))) as database:
        return database.copy()
