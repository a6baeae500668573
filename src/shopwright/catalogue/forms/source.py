"""Where the bytes of a table come from: a file, standard input, a file within an archive."""

from __future__ import annotations

import gzip
import io
import shutil
import sys
import tempfile
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path, PurePosixPath
from typing import Any, BinaryIO

from shopwright.catalogue.forms.table import quoted
from shopwright.errors import CatalogueError, InputError
from shopwright.files import reading

STANDARD_INPUT = Path("-")
# Tables shrink to a fifth or, if they repeat much, a fiftieth. What shrinks further is a bomb.
MOST_EXPANSION = 200
ALWAYS_ALLOWED_BYTES = 128 << 20
MOST_FILES = 10_000
_MOST_DEPTH = 2
DAMAGED = (EOFError, OSError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)


@dataclass
class Allowance:
    """How many bytes may be unpacked of a file that a user named, all together."""

    bytes: int

    def spend(self, size: int, source: Source) -> None:
        """Count what is found in an archive.

        Raises:
            CatalogueError: it is too much.
        """
        self.bytes -= size
        if self.bytes < 0:
            raise CatalogueError(
                f"{source.place}: expected an archive of tables, got one that unpacks to more than "
                f"{MOST_EXPANSION} times its size; unpack it first"
            )


@dataclass(frozen=True)
class Source:
    """Bytes that can be read again from the start.

    Attributes:
        name: what reports call it: "feed.zip/products.csv".
        place: what messages call it: the path as it was given.
        opener: opens it.
        is_file: whether it opens as a file with random access.
        depth: in how many archives it lies.
        allowance: how much may still be unpacked of the file that it lies in.
    """

    name: str
    place: str
    opener: Callable[[], BinaryIO]
    is_file: bool = True
    depth: int = 0
    allowance: Allowance = field(default_factory=lambda: Allowance(ALWAYS_ALLOWED_BYTES))

    def open(self) -> BinaryIO:
        """Open it at its start.

        Raises:
            MissingFileError: there is no such file.
            InputError: it cannot be read.
        """
        with reading(Path(self.place)):
            return self.opener()

    def start(self, size: int = 1 << 16) -> bytes:
        """Return its first bytes."""
        with reading(Path(self.place)), self.open() as stream:
            return stream.read(size)

    def open_file(self) -> BinaryIO:
        """Open it with random access; what lies in an archive is unpacked to a temporary file."""
        if self.is_file:
            return self.open()
        with self.open() as stream:
            return _copied(stream)()

    def inner(self, name: str, opener: Callable[[], BinaryIO]) -> Source:
        """Return what lies within this, as a source.

        Raises:
            CatalogueError: in an archive, in an archive, in an archive.
        """
        if self.depth >= _MOST_DEPTH:
            raise CatalogueError(
                f"{self.place}: expected tables, got archives in archives in archives; unpack them"
            )
        return Source(
            name=f"{self.name}/{name}" if name else self.name,
            place=f"{self.place}/{name}" if name else self.place,
            opener=opener,
            is_file=False,
            depth=self.depth + 1,
            allowance=self.allowance,
        )


def source_of(path: Path) -> Source:
    """Return a file, or standard input for ``-``, as a source.

    Raises:
        MissingFileError: there is no such file.
        InputError: it cannot be read.
    """
    place = "standard input" if path == STANDARD_INPUT else str(path)

    def opener() -> BinaryIO:
        return path.open("rb")

    with reading(path):
        if path == STANDARD_INPUT:
            opened = _copied(sys.stdin.buffer)
        elif path.exists() and not path.is_file():
            # A pipe, which can be read once only.
            with opener() as stream:
                opened = _copied(stream)
        else:
            opened = opener
        with opened() as stream:
            size = stream.seek(0, io.SEEK_END)
    name = quoted(path.name, 200)[1:-1] if path != STANDARD_INPUT else place
    allowance = Allowance(max(ALWAYS_ALLOWED_BYTES, MOST_EXPANSION * size))
    return Source(name, place, opened, allowance=allowance)


def _copied(stream: BinaryIO) -> Callable[[], BinaryIO]:
    """Copy what can be read once to a temporary file that lives as long as the opener of it."""
    folder = tempfile.TemporaryDirectory(prefix="shopwright-table-")
    path = Path(folder.name) / "table"
    with path.open("wb") as file:
        shutil.copyfileobj(stream, file, 1 << 20)

    def opener(_keep: object = folder) -> BinaryIO:
        file = path.open("rb")
        file.__dict__["folder"] = _keep  # The file may outlive the source.
        return file

    return opener


class _Unpacked(io.RawIOBase):
    """A stream of an archive whose damages are told in one line."""

    def __init__(self, stream: Any, source: Source) -> None:
        self._stream = stream
        self._source = source

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        try:
            content = self._stream.read(len(buffer))
        except DAMAGED as error:
            raise damaged(self._source, error) from None
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        self._stream.close()
        super().close()


def damaged(source: Source, error: BaseException) -> CatalogueError:
    """Return what to raise where an archive cannot be unpacked."""
    got = f"a damaged one ({quoted(str(error) or type(error).__name__)[1:-1]})"
    if isinstance(error, EOFError):
        got = "one that is cut off"
    return CatalogueError(
        f"{source.place}: expected an archive that can be unpacked, got {got}; copy or export it "
        "anew"
    )


def of_gzip(source: Source) -> Source:
    """Return what a gzip file holds.

    Raises:
        CatalogueError: it is damaged, or unpacks to far more than its size.
    """

    def opener() -> BinaryIO:
        return _unpacked(gzip.GzipFile(fileobj=source.open()), source)

    # What it says itself of its size cannot be relied on.
    with opener() as stream:
        while chunk := stream.read(1 << 20):
            source.allowance.spend(len(chunk), source)
    return source.inner("", opener)


def _unpacked(stream: Any, source: Source) -> BinaryIO:
    return io.BufferedReader(_Unpacked(stream, source), 1 << 16)


def entries_of_zip(source: Source) -> list[zipfile.ZipInfo]:
    """Return the entries of a zip archive.

    Raises:
        CatalogueError: it is damaged, or has too many.
    """
    with source.open_file() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = archive.infolist()
        except DAMAGED as error:
            raise damaged(source, error) from None
    if len(entries) > MOST_FILES:
        raise CatalogueError(
            f"{source.place}: expected at most {MOST_FILES:,} files, got {len(entries):,}"
        )
    return entries


def of_zip(source: Source) -> Iterator[Source]:
    """Yield the files of a zip archive that may be tables.

    Raises:
        CatalogueError: it is damaged, has too many files, or unpacks to far more than its size.
    """
    entries = {
        entry.filename: entry
        for entry in entries_of_zip(source)
        if not entry.is_dir() and not is_hidden(PurePosixPath(entry.filename))
    }
    # No more than an entry's stated size is ever unpacked of it.
    source.allowance.spend(sum(entry.file_size for entry in entries.values()), source)
    for name in sorted(entries):

        def opener(name: str = name) -> BinaryIO:
            try:
                archive = zipfile.ZipFile(source.open_file())
                return _unpacked(archive.open(name), source)
            except (*DAMAGED, KeyError) as error:
                raise damaged(source, error) from None

        yield source.inner(quoted(name, 200)[1:-1], opener)


def of_folder(folder: Path) -> Iterator[Source]:
    """Yield the files below a folder, in the order of their names.

    Raises:
        InputError: it has too many.
    """
    paths = sorted(path for path in folder.rglob("*") if path.is_file())
    paths = [path for path in paths if not is_hidden(path.relative_to(folder))]
    if len(paths) > MOST_FILES:
        raise InputError(f"{folder}: expected at most {MOST_FILES:,} files, got {len(paths):,}")
    for path in paths:
        source = source_of(path)
        yield replace(source, name=f"{folder.name}/{path.relative_to(folder).as_posix()}")


def is_hidden(path: PurePosixPath | Path) -> bool:
    """Whether a file is of the system's own, such as ``__MACOSX/`` and ``_SUCCESS``."""
    return any(part.startswith((".", "_")) for part in path.parts)
