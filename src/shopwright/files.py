"""Files written whole or not at all, and read with errors that name them."""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import IO, Any

import orjson

from shopwright.errors import InputError, MissingFileError


@contextlib.contextmanager
def replacing(path: Path) -> Iterator[IO[bytes]]:
    """Open a temporary file beside ``path`` for writing; on success it takes the place of
    ``path``, on an exception nothing remains of it."""
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
    """Make ``target`` the same file as ``source``, so that the disk holds it once; a copy where the
    file system has no hard links. Files are replaced, never changed, so neither can spoil the
    other.

    Raises:
        InputError: the source cannot be read.
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
    """Make a temporary folder beside ``path`` to write into; on success it takes the place of
    ``path``, on an exception nothing remains of it."""
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = Path(tempfile.mkdtemp(prefix=f".{path.name}.", dir=path.parent))
    try:
        yield temporary
        temporary.chmod(0o755)
        if path.exists():
            old = Path(tempfile.mkdtemp(prefix=f".{path.name}.old.", dir=path.parent))
            path.rename(old / path.name)
            temporary.rename(path)
            shutil.rmtree(old)
        else:
            temporary.rename(path)
    except BaseException:
        shutil.rmtree(temporary, ignore_errors=True)
        raise


def write_json(path: Path, value: Any) -> None:
    """Write a value as indented JSON, keys in the order given."""
    with replacing(path) as file:
        file.write(orjson.dumps(value, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))


def read_bytes(path: Path) -> bytes:
    """Return a file's content.

    Raises:
        MissingFileError: there is no such file.
        InputError: it cannot be read.
    """
    try:
        return path.read_bytes()
    except FileNotFoundError:
        raise MissingFileError(f"{path}: expected a file, found none") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


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


def read_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield (line number from 1, value) of a JSON lines file; blank lines are passed over.

    Raises:
        MissingFileError: there is no such file.
        InputError: a line is not JSON; the message names it.
    """
    for number, line in enumerate(read_bytes(path).split(b"\n"), start=1):
        if line.strip():
            yield number, _json_line(path, number, line)


def stream_json_lines(path: Path) -> Iterator[tuple[int, Any]]:
    """Yield what :func:`read_json_lines` does, holding one line at a time.

    Raises:
        MissingFileError: there is no such file.
        InputError: it cannot be read, or a line is not JSON; the message names it.
    """
    try:
        with path.open("rb") as file:
            for number, line in enumerate(file, start=1):
                if line.strip():
                    yield number, _json_line(path, number, line)
    except FileNotFoundError:
        raise MissingFileError(f"{path}: expected a file, found none") from None
    except OSError as error:
        raise InputError(f"{path}: cannot be read: {error.strerror}") from None


def _json_line(path: Path, number: int, line: bytes) -> Any:
    try:
        return orjson.loads(line)
    except orjson.JSONDecodeError as error:
        raise InputError(
            f"{path}, line {number}, column {error.colno}: expected JSON, got {error.msg}"
        ) from None


def sha256(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file's content."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
