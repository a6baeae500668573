"""What writers of a shop folder go by: who it is, and what killed ones left.

Beside a shop ``NAME`` there may be, besides what folders.py names: ``.NAME.partial``, a build under
way or one that was killed and goes on; ``.NAME.compact``, a compaction.
"""

from __future__ import annotations

import os
import shutil
from contextlib import suppress
from pathlib import Path

from shopwright import folders
from shopwright.errors import InputError
from shopwright.files import NEW
from shopwright.locks import beside, locked

# Each is also what is done there, and has a lock of its own.
BUILD, COMPACT = "build", "compact"

Identity = tuple[int, int, int]


def identity_of(folder: Path) -> Identity:
    """Return what tells a shop folder from another that took its place.

    Raises:
        FileNotFoundError: there is none.
    """
    status = os.stat(folder / "manifest.json")
    return status.st_dev, status.st_ino, status.st_mtime_ns


def partial_of(folder: Path, to: str) -> Path:
    """Return where a shop is written: that of :data:`BUILD` or :data:`COMPACT`."""
    return beside(folder, "partial" if to == BUILD else to)


def clean_up(folder: Path) -> None:
    """Remove what killed writers left in and beside a shop folder. Only who holds its lock may call
    this. A build that was killed stays: the next one goes on from there."""
    folders.clean_up(folder)
    for unfinished in folder.glob(f".*.{NEW}"):
        unfinished.unlink(missing_ok=True)
    for to, left in (
        (BUILD, partial_of(folder, BUILD) / "shop"),
        (COMPACT, partial_of(folder, COMPACT)),
    ):
        with suppress(InputError), locked(folder, to=to, wait_seconds=0):
            shutil.rmtree(left, ignore_errors=True)
