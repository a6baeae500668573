"""Folders that appear whole, and take the place of others in one step.

While ``NAME`` is written there are beside it ``.NAME.lock``, which the writer holds
(:mod:`~shopwright.locks`), ``.NAME.new``, what it writes, and, on systems that cannot exchange two
folders, ``.NAME.old`` for a moment. The next writer removes what a killed one left.
"""

from __future__ import annotations

import contextlib
import ctypes
import math
import os
import shutil
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

from shopwright.errors import InputError
from shopwright.files import NEW, sync_folder, synced_together
from shopwright.locks import beside, locked

OLD = "old"

# Of Linux's renameat2(2): relative to the working directory; both names change places.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


def kept(folder: Path, write: Callable[[Path], None]) -> Path:
    """Return a folder that holds what was computed once, after that was done if need be. Whoever
    wants it meanwhile waits.

    Args:
        folder: in a folder of nothing but such ones.
        write: given the folder to write into.
    """
    if not folder.is_dir():
        with locked(folder, wait_seconds=math.inf):
            if not folder.is_dir():
                for left in folder.parent.glob(f".*.{NEW}"):
                    of = left.with_name(left.name[1:].removesuffix(f".{NEW}"))
                    with contextlib.suppress(InputError), locked(of, wait_seconds=0):
                        clean_up(of)
                with replacing_folder(folder) as new:
                    write(new)
    return folder


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Make a hidden folder beside ``path``: it replaces ``path`` on success and is removed on an
    exception. Only who holds the lock of ``path``, or of a folder that it is in, may call this."""
    clean_up(path)
    new = beside(path, NEW)
    new.mkdir(parents=True)
    try:
        with synced_together(new):
            yield new
        put_folder(new, path)
    except BaseException:
        shutil.rmtree(new, ignore_errors=True)
        raise


def put_folder(new: Path, path: Path) -> None:
    """Put a folder in the place of another, which is removed, or where nothing is.

    The two change places in one step where the system can do that (Linux): whoever looks finds one
    of them, and after a kill the old one lies where the new one was. Elsewhere there is a moment
    between two renamings in which nothing is there; :func:`restored` makes up for it.

    Args:
        new: the folder to put there, on the same file system and synced.
        path: the place.
    """
    if not path.exists():
        new.rename(path)
    elif _exchange(new, path):
        sync_folder(path.parent)
        shutil.rmtree(new, ignore_errors=True)
    else:
        old = beside(path, OLD)
        path.rename(old)
        new.rename(path)
        sync_folder(path.parent)
        shutil.rmtree(old, ignore_errors=True)
    sync_folder(path.parent)


def _exchange(one: Path, other: Path) -> bool:
    """Let two folders change places; False where the system cannot."""
    if sys.platform != "linux":
        return False
    rename = getattr(ctypes.CDLL(None, use_errno=True), "renameat2", None)
    if rename is None:  # A C library without it.
        return False
    names = (os.fsencode(one), os.fsencode(other))
    done: int = rename(_AT_FDCWD, names[0], _AT_FDCWD, names[1], _RENAME_EXCHANGE)
    return done == 0  # Else a file system without it, or the renamings say what is wrong.


def restored(path: Path) -> Path:
    """Return the path of a folder that others may replace: there again if a writer was killed just
    when it had taken the old one away."""
    if not path.exists() and beside(path, OLD).exists():
        with contextlib.suppress(InputError, OSError), locked(path):
            _put_back(path)
    return path


def clean_up(path: Path) -> None:
    """Remove what killed writers of a folder left beside it. Only who holds its lock may call
    this."""
    _put_back(path)
    for kind in (NEW, OLD):
        shutil.rmtree(beside(path, kind), ignore_errors=True)


def _put_back(path: Path) -> None:
    if not path.exists() and beside(path, OLD).exists():
        beside(path, OLD).rename(path)
