"""Copies of a store, as one SQLite file."""

from __future__ import annotations

import sqlite3
from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from shopwright.errors import InputError
from shopwright.files import sync_folder
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
    out.parent.mkdir(parents=True, exist_ok=True)
    with TemporaryDirectory(prefix=f".{out.name}.", dir=out.parent) as folder:
        copy = Path(folder) / out.name
        copy.touch(0o600)
        try:
            with closing(_open(place)) as source, closing(sqlite3.connect(copy)) as target:
                source.backup(target)
                target.execute("PRAGMA journal_mode=DELETE")  # All of it in one file.
                (count,) = target.execute("SELECT COUNT(*) FROM recommendations").fetchone()
        except sqlite3.Error as error:
            raise InputError(f"{place}: cannot be copied to {out}: {error}") from None
        copy.rename(out)
    sync_folder(out.parent)
    return int(count)


def _open(place: Place) -> sqlite3.Connection:
    if not is_address(place):
        return open_to_read(Path(place))
    from shopwright.store.postgresql import PostgresDatabase

    with closing(PostgresDatabase(str(place))) as database:
        return database.copy()
