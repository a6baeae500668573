"""Files: written whole or not at all, read with errors that name them."""

from __future__ import annotations

import contextlib
import hashlib
import io
import os
import threading
import tokenize
from collections.abc import Callable, Iterable, Iterator
from contextvars import ContextVar
from pathlib import Path
from typing import IO, Any, TypeVar

import orjson

from shopwright.errors import InputError, MissingFileError, WriteError
from shopwright.locks import beside, locked

Parsed = TypeVar("Parsed")

# Python 3.11 before 3.11.8 cannot parse Python in several threads at a time (cpython issue 106905).
parsing_python = threading.Lock()

# A file or folder on its way, until it is whole.
NEW = "new"
# Lines of JSON are far shorter; parsed, one takes some twenty times as much memory.
MOST_LINE_BYTES = 16 << 20
# The permissions of files with what people asked for.
PRIVATE = 0o600

_write = io.FileIO.write
_together: ContextVar[Path | None] = ContextVar("_together", default=None)


class _File(io.FileIO):
    """A file that is written: every byte that is to stay goes through one of these.

    Args:
        path: its name now.
        mode: "x" to make it, "a" to add to it, "r+" to change it.
        names: what its errors name, if that is another file.
        permissions: of a new one, as far as the umask leaves them.
    """

    def __init__(
        self, path: Path, mode: str, *, names: Path | None = None, permissions: int = 0o666
    ) -> None:
        self._names = names or path
        with writing(self._names):
            super().__init__(
                path, mode, opener=lambda each, flags: os.open(each, flags, permissions)
            )

    def write(self, content: Any) -> int:
        """Write some of the content, and return how many bytes."""
        with writing(self._names):
            return _write(self, content)

    def sync(self) -> None:
        """Have on the disk what was written."""
        with writing(self._names):
            os.fsync(self.fileno())


@contextlib.contextmanager
def writing(path: Path) -> Iterator[None]:
    """Turn what the operating system says while a file is written into errors that name it.

    Raises:
        WriteError: it cannot be written.
    """
    try:
        yield
    except WriteError:
        raise
    except OSError as error:
        raise WriteError(error.errno, f"{path}: cannot be written: {error.strerror}") from None


@contextlib.contextmanager
def replacing(path: Path, *, permissions: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a hidden file beside ``path`` for writing: it replaces ``path`` on success and is
    removed on an exception. Then it is on the disk, name and all.

    Args:
        permissions: of the new file, as far as the umask leaves them.

    Raises:
        WriteError: it cannot be written.
        InputError: another process is writing it.
    """
    new = beside(path, NEW)
    with locked(path):
        new.unlink(missing_ok=True)  # Of a writer that was killed.
        file = _File(new, "x", names=path, permissions=permissions)
        try:
            with io.BufferedWriter(file) as buffered:
                yield buffered
                buffered.flush()
                if not _is_synced_later(path):
                    file.sync()
            with writing(path):
                os.replace(new, path)
        except BaseException:
            new.unlink(missing_ok=True)
            raise
        if not _is_synced_later(path):
            sync_folder(path.parent)


@contextlib.contextmanager
def synced_together(folder: Path) -> Iterator[None]:
    """Have what is written in a folder on the disk at the end of this block, not file by file,
    which takes longer. The folder must not be in its place yet."""
    before = _together.set(folder)
    try:
        yield
    finally:
        _together.reset(before)
    for within, _, files in os.walk(folder):
        for name in files:
            sync_file(Path(within) / name)
        sync_folder(Path(within))


def _is_synced_later(path: Path) -> bool:
    folder = _together.get()
    return folder is not None and path.is_relative_to(folder)


@contextlib.contextmanager
def changing(path: Path, *, mode: str = "a", permissions: int = 0o666) -> Iterator[IO[bytes]]:
    """Open a file to add to it, or with mode "r+" to change it in place; what was written is on the
    disk afterwards. Whoever does this makes up for a kill in the middle of it.

    Args:
        permissions: of a new file.
    """
    file = _File(path, mode, permissions=permissions)
    with io.BufferedWriter(file) as buffered:
        yield buffered
        buffered.flush()
        file.sync()


def add(path: Path, content: bytes) -> None:
    """Add to a file that a kill may leave half written; :func:`sync_file` has it on the disk."""
    with io.BufferedWriter(_File(path, "a")) as file:
        file.write(content)


def reserve(file: IO[bytes], size: int, path: Path) -> None:
    """Take the room for a file that will be mapped: on a full disk this fails, where writing to
    mapped memory would end the process.

    Args:
        size: in bytes, at least one.
        path: what errors name.

    Raises:
        WriteError: there is no such room.
    """
    if hasattr(os, "posix_fallocate"):
        with writing(path):
            os.posix_fallocate(file.fileno(), 0, size)


def link_or_copy(source: Path, target: Path) -> None:
    """Make ``target`` a hard link to ``source``, or a copy where the file system has no hard
    links. Files are replaced, never changed in place, so sharing one is safe.
    """
    new = beside(target, NEW)
    with locked(target):
        new.unlink(missing_ok=True)
        try:
            new.hardlink_to(source)
            new.replace(target)
            new.unlink(missing_ok=True)  # Where both were the same file already.
            sync_folder(target.parent)
            return
        except OSError:
            new.unlink(missing_ok=True)
    with replacing(target) as file:
        file.write(read_bytes(source))


def sync_file(path: Path) -> None:
    """Have on the disk what was written into a file.

    Raises:
        WriteError: the system could not write it.
    """
    with writing(path), path.open("rb") as file:
        os.fsync(file.fileno())


def sync_folder(path: Path) -> None:
    """Have on the disk what was made, renamed and removed in a folder, where the system can."""
    with contextlib.suppress(OSError):
        handle = os.open(path, os.O_RDONLY)
        try:
            os.fsync(handle)
        finally:
            os.close(handle)


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, keys in the order given."""
    with replacing(path) as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


@contextlib.contextmanager
def reading(path: Path) -> Iterator[None]:
    """Turn what the operating system says about a file into errors that name it.

    Raises:
        MissingFileError: there is no such file.
        InputError: it cannot be read.
    """
    try:
        yield
    except FileNotFoundError:
        raise MissingFileError(f"{path}: expected a file, found none") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


@contextlib.contextmanager
def as_written(path: Path, error: type[InputError]) -> Iterator[None]:
    """Turn what goes wrong with what files hold, where nobody wrote it as it should be, into an
    error that names them.

    Raises:
        InputError: as raised in the block.
        error: for any other mistake in names, types or values.
    """
    try:
        yield
    except InputError:
        raise
    # NumPy reads the head of an array as Python.
    except (
        LookupError,
        TypeError,
        ValueError,
        AttributeError,
        RuntimeError,
        SyntaxError,
        tokenize.TokenError,
    ) as wrong:
        what = f"{type(wrong).__name__}: {wrong}".splitlines()[0]
        raise error(f"{path}: expected what this version writes, got: {what:.200}") from None


def read_bytes(path: Path) -> bytes:
    """Return the content of a file; raises what :func:`reading` does."""
    with reading(path):
        return path.read_bytes()


def read_json(path: Path) -> Any:
    """Return the value of a JSON file.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is not JSON, e.g. truncated; the message names line and column.
    """
    content = read_bytes(path)
    try:
        return orjson.loads(content)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {error.lineno}, column {error.colno}: expected JSON, got {error.msg}"
        ) from None


def write_json_lines(path: Path, values: Iterable[Any], *, permissions: int = 0o666) -> int:
    """Write values as JSON, one a line; return how many there are.

    Args:
        permissions: as of :func:`replacing`.
    """
    count = 0
    with replacing(path, permissions=permissions) as file:
        for value in values:
            file.write(orjson.dumps(value, option=orjson.OPT_APPEND_NEWLINE))
            count += 1
    return count


def read_json_lines(
    path: Path, parse: Callable[[Any], Parsed], error: type[InputError]
) -> Iterator[Parsed]:
    """Yield what ``parse`` makes of each line of a JSON lines file, holding one line at a time;
    blank lines are skipped.

    Args:
        parse: raises InputError where a value is not what it should be.
        error: what is raised for a wrong line, with file and line before the message.

    Raises:
        MissingFileError: there is no such file.
        InputError: it cannot be read.
        error: a line is not JSON, not what it should be, or longer than
            :data:`MOST_LINE_BYTES`.
    """
    with reading(path), path.open("rb") as file:
        lines = iter(lambda: file.readline(MOST_LINE_BYTES + 1), b"")
        for number, line in enumerate(lines, start=1):
            if len(line) > MOST_LINE_BYTES:
                raise error(
                    f"{path}, line {number}: expected at most {MOST_LINE_BYTES:,} bytes, got more"
                )
            if not line.strip():
                continue
            try:
                parsed = parse(orjson.loads(line))
            except orjson.JSONDecodeError as wrong:
                raise error(
                    f"{path}, line {number}, column {wrong.colno}: expected JSON, got {wrong.msg}"
                ) from None
            except InputError as wrong:
                raise error(f"{path}, line {number}, {wrong}") from None
            yield parsed


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
