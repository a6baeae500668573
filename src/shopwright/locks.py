"""Locks between processes: who writes a file or a folder does it alone.

The system lets go of a lock when its process ends, however that ends. The empty file that was
locked, hidden beside what it stands for, may then stay: it says nothing.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import time
from collections.abc import Iterator
from pathlib import Path

from shopwright.errors import InputError

try:
    import fcntl
except ImportError:  # No such thing on this system: two writers at a time go unnoticed.
    fcntl = None  # type: ignore[assignment]

WAIT_SECONDS = 10.0
_PAUSE_SECONDS = 0.005
# Where nothing can be made, nobody else can write either.
_READ_ONLY = (errno.EACCES, errno.EPERM, errno.EROFS)

_held: set[io.FileIO] = set()


def beside(path: Path, kind: str) -> Path:
    """Return the hidden neighbour of a file or folder of this kind."""
    return path.with_name(f".{path.name}.{kind}")


@contextlib.contextmanager
def locked(path: Path, *, to: str = "write", wait_seconds: float = WAIT_SECONDS) -> Iterator[None]:
    """Hold the lock of those who do something to a file or folder, whether it is there or not.

    It is no one's twice: a second time in the same process waits as another process does.

    Args:
        to: what; each has a lock of its own.

    Raises:
        InputError: somebody else held it all the time.
    """
    path = path.resolve()
    lock = beside(path, "lock" if to == "write" else f"{to}.lock")
    lock.parent.mkdir(parents=True, exist_ok=True)
    until = time.monotonic() + wait_seconds
    try:
        while (file := _taken(lock)) is None:
            if time.monotonic() >= until:
                waited = f" for {wait_seconds:g} s" if wait_seconds else ""
                raise InputError(
                    f"{path}: expected that no other process {to}s it{waited}, got one that does"
                )
            time.sleep(_PAUSE_SECONDS)
    except OSError as error:
        if error.errno not in _READ_ONLY:
            raise
        file = None
    try:
        yield
    finally:
        if file is not None and not file.closed:
            lock.unlink(missing_ok=True)
            _held.discard(file)
            file.close()


def _taken(lock: Path) -> io.FileIO | None:
    """The file, opened and locked; None if another process holds it, or just let go of it."""
    file = io.FileIO(lock, "a")
    if _try_lock(file):
        with contextlib.suppress(FileNotFoundError):
            if os.path.samestat(os.fstat(file.fileno()), lock.stat()):
                _held.add(file)
                return file
    file.close()
    return None


def _try_lock(file: io.FileIO) -> bool:
    if fcntl is None:
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    except OSError:  # A file system without locks.
        return True
    return True


def _let_go() -> None:
    """Close in a fork what its parent holds: a lock must not outlive who took it."""
    while _held:
        _held.pop().close()


if hasattr(os, "register_at_fork"):
    os.register_at_fork(after_in_child=_let_go)
