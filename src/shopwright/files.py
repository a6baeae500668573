"""Files: written whole or not at all, read with errors that name them."""

from __future__ import annotations

import contextlib
import ctypes
import hashlib
import os
import shutil
import sys
import tempfile
import threading
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import IO, Any, TypeVar

import orjson

from shopwright.errors import InputError, MissingFileError

Parsed = TypeVar("Parsed")

# Python 3.11 before 3.11.8 cannot parse Python in several threads at a time (cpython issue 106905).
parsing_python = threading.Lock()

# Of Linux's renameat2(2): relative to the working directory; both names change places.
_AT_FDCWD = -100
_RENAME_EXCHANGE = 2


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` for writing: it replaces ``path`` on success and is
    removed on an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(prefix=f".{path.name}.", dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        with contextlib.suppress(FileNotFoundError):
            os.unlink(temporary)
        raise


def link_or_copy(source: Path, target: Path) -> None:
    """Make ``target`` a hard link to ``source``, or a copy where the file system has no hard
    links. Files are replaced, never changed in place, so sharing one is safe.
    """
    with tempfile.TemporaryDirectory(prefix=f".{target.name}.", dir=target.parent) as folder:
        linked = Path(folder) / target.name
        try:
            linked.hardlink_to(source)
            linked.replace(target)
        except OSError:
            with replacing(target) as file:
                file.write(read_bytes(source))


@contextlib.contextmanager
def replacing_folder(path: Path) -> Iterator[Path]:
    """Make a temporary folder beside ``path``: it replaces ``path`` on success and is removed on
    an exception."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        put_folder(temporary, path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def put_folder(new: Path, path: Path) -> None:
    """Put a folder in the place of another, which is removed, or where nothing is.

    The two change places in one step where the system can do that (Linux): whoever looks finds one
    of them, and after a kill the old one lies where the new one was. Elsewhere there is a moment
    between two renamings in which nothing is there; after a kill in it the old folder lies beside
    its place, in ``.NAME.old.*``.

    Args:
        new: the folder to put there, on the same file system.
        path: the place.
    """
    if not path.exists():
        new.rename(path)
    elif _exchange(new, path):
        shutil.rmtree(new)
    else:
        old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
        path.rename(old / path.name)
        new.rename(path)
        shutil.rmtree(old)
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


def sync_folder(path: Path) -> None:
    """Make what was renamed in a folder last, where the system can."""
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


def write_json_lines(path: Path, values: Iterable[Any]) -> int:
    """Write values as JSON, one a line; return how many there are."""
    count = 0
    with replacing(path) as file:
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
        error: a line is not JSON, or not what it should be.
    """
    with reading(path), path.open("rb") as file:
        for number, line in enumerate(file, start=1):
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
