"""Who may change a shop folder: one writer at a time, who first removes what killed ones left.

Beside a shop ``NAME`` there may be, while it is written: ``.NAME.lock``, which the writer holds;
``.NAME.partial``, a build under way or one that was killed and goes on; ``.NAME.compact``, a
compaction; ``.NAME.old.*``, on systems without an exchange of two folders, the old shop while the
new one takes its place.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import IO

from shopwright.errors import InputError

try:
    import fcntl
except ImportError:  # No such thing on this system: two writers at a time go unnoticed.
    fcntl = None  # type: ignore[assignment]

PARTIAL, COMPACT = "partial", "compact"
WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.005

Identity = tuple[int, int, int]


def identity_of(folder: Path) -> Identity:
    """Return what tells a shop folder from another that took its place.

    Raises:
        FileNotFoundError: there is none.
    """
    status = os.stat(folder / "manifest.json")
    return status.st_dev, status.st_ino, status.st_mtime_ns


def beside(folder: Path, kind: str) -> Path:
    """Return the hidden neighbour of a shop folder of this kind."""
    return folder.with_name(f".{folder.name}.{kind}")


@contextmanager
def writers_lock(folder: Path, *, wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of those who change a shop folder, or replace it.

    Raises:
        InputError: somebody else held it all the time.
    """
    path = beside(folder, "lock")
    path.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    while (file := _locked(path)) is None:
        if time.monotonic() > until:
            raise InputError(
                f"{folder}: expected that no other process writes it for {wait_seconds:g} s, "
                "got one that does"
            )
        time.sleep(_PAUSE_SECONDS)
    with file:
        try:
            yield
        finally:
            path.unlink(missing_ok=True)


def _locked(path: Path) -> IO[bytes] | None:
    """The file, opened and locked; None if another process holds it, or just let go of it."""
    file = path.open("ab")
    if try_lock(file):
        with suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), path.stat()):
                return file
    file.close()
    return None


def try_lock(file: IO[bytes]) -> bool:
    """Lock a file until it is closed; False if another process holds it."""
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def clean_up(folder: Path) -> None:
    """Remove what killed writers left in and beside a shop folder. Only who holds the writers'
    lock may call this. A build that was killed stays: the next one goes on from there."""
    for old in folder.parent.glob(f".{folder.name}.old.*"):
        if not folder.exists() and (old / folder.name).is_dir():
            (old / folder.name).rename(folder)
        shutil.rmtree(old, ignore_errors=True)
    for unfinished in folder.glob(".*.jsonl.*"):
        unfinished.unlink(missing_ok=True)
    _remove_unless_locked(beside(folder, COMPACT), "")
    _remove_unless_locked(beside(folder, PARTIAL), "shop")


def _remove_unless_locked(partial: Path, name: str) -> None:
    with suppress(FileNotFoundError), (partial / "lock").open("r+b") as lock:
        if try_lock(lock):
            shutil.rmtree(partial / name, ignore_errors=True)
