"""What is left of a folder when its process is killed or the power goes, at any moment.

Kept are the contents that were synced, file by file, and the names that were synced, folder by
folder. Before and after each sync and renaming, three states may be found afterwards:

- killed: all names and contents as they are;
- renamed: all names as they are, but of contents only what was synced, zeros for the rest (as file
  systems do that write names before contents);
- synced: only names and contents that were synced.
"""

from __future__ import annotations

import os
import stat
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shopwright import folders

# Path within the folder → the content of a file; None for a folder.
Tree = dict[str, bytes | None]


class Disk:
    """Watches what this process does in a folder. All that is there at the beginning is synced.

    Attributes:
        states: (kind, tree) of each different state, in order.
    """

    def __init__(self, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.root = root
        self.states: list[tuple[str, Tree]] = []
        self._contents: dict[int, bytes] = {}
        self._names: dict[int, dict[str, tuple[int, bool]]] = {}
        self._open: list[int] = []  # So that no number of a file that is gone comes again.
        for within, _, files in os.walk(root):
            for path in (Path(within), *(Path(within) / name for name in files)):
                handle = os.open(path, os.O_RDONLY)
                self._take(handle)
                os.close(handle)
        fsync = os.fsync
        monkeypatch.setattr(os, "fsync", lambda file: self._moment(self._synced, fsync, file))
        for name in ("replace", "rename", "rmdir"):
            self._watch(monkeypatch, os, name)
        self._watch(monkeypatch, folders, "_exchange")

    def close(self) -> None:
        """Let go of the files."""
        while self._open:
            os.close(self._open.pop())

    def _watch(self, monkeypatch: pytest.MonkeyPatch, module: Any, name: str) -> None:
        original = getattr(module, name)
        monkeypatch.setattr(
            module, name, lambda *names, **how: self._moment(original, *names, **how)
        )

    def _moment(self, do: Callable[..., Any], *arguments: Any, **how: Any) -> Any:
        self._look()
        result = do(*arguments, **how)
        self._look()
        return result

    def _synced(self, fsync: Callable[[Any], None], file: Any) -> None:
        fsync(file)
        self._take(file if isinstance(file, int) else file.fileno())

    def _take(self, handle: int) -> None:
        status = os.fstat(handle)
        if status.st_ino not in {*self._contents, *self._names}:
            self._open.append(os.dup(handle))
        if stat.S_ISDIR(status.st_mode):
            entries = os.scandir(handle)
            self._names[status.st_ino] = {e.name: (e.inode(), e.is_dir()) for e in entries}
        else:
            path = f"/proc/self/fd/{handle}"  # It may be open for writing alone.
            self._contents[status.st_ino] = Path(path).read_bytes()

    def _look(self) -> None:
        killed = dict(self._tree(self.root, ""))
        renamed: Tree = {}
        for name, content in killed.items():
            renamed[name] = content and self._kept(os.stat(self.root / name).st_ino, content)
        synced: Tree = dict(self._synced_tree(os.stat(self.root).st_ino, ""))
        for state in (("killed", killed), ("renamed", renamed), ("synced", synced)):
            if state not in self.states[-6:]:
                self.states.append(state)

    def _tree(self, folder: Path, prefix: str) -> Iterator[tuple[str, bytes | None]]:
        for entry in sorted(os.scandir(folder), key=lambda each: each.name):
            if entry.is_dir():
                yield prefix + entry.name, None
                yield from self._tree(Path(entry.path), f"{prefix}{entry.name}/")
            else:
                yield prefix + entry.name, Path(entry.path).read_bytes()

    def _kept(self, inode: int, content: bytes) -> bytes:
        synced = self._contents.get(inode, b"")[: len(content)]
        return synced + bytes(len(content) - len(synced))

    def _synced_tree(self, folder: int, prefix: str) -> Iterator[tuple[str, bytes | None]]:
        for name, (inode, is_folder) in sorted(self._names.get(folder, {}).items()):
            if is_folder:
                yield prefix + name, None
                yield from self._synced_tree(inode, f"{prefix}{name}/")
            else:
                yield prefix + name, self._contents.get(inode, b"")


def put(tree: Tree, folder: Path) -> Path:
    """Make a folder of a state."""
    folder.mkdir()
    for name, content in tree.items():
        if content is None:
            (folder / name).mkdir()
        else:
            (folder / name).write_bytes(content)
    return folder
