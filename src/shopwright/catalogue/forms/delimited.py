"""Rows of CSV."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError

_DELIMITERS = ",\t;|"
MOST_CELL_CHARACTERS = 4 << 20
# What undecodable bytes become while a file is read as UTF-8; found again and mended per cell.
_ESCAPED = re.compile("[\udc80-\udcff]")


class _Lines(Iterator[str]):
    """The lines of a file; those that a record took are known and can be put back."""

    def __init__(self, file: io.TextIOBase) -> None:
        self._file = file
        self._waiting: deque[str] = deque()
        self.taken: list[str] = []
        self.number = 0

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else next(self._file)
        self.taken.append(line)
        self.number += 1
        return line

    def put_back_all_but_first(self) -> None:
        rest = self.taken[1:]
        self.number -= len(rest)
        self._waiting.extendleft(reversed(rest))
        self.taken = self.taken[:1]


def open_csv(
    path: Path, report: ImportReport, *, delimiter: str | None = None, encoding: str | None = None
) -> Table:
    """Open a file of rows whose cells are divided by commas, semicolons, tabs or bars.

    Args:
        path: the file.
        report: gets what is broken.
        delimiter: found out if None.
        encoding: found out if None.

    Raises:
        CatalogueError: it has no header.
    """
    with path.open("rb") as file:
        start = file.read(4)
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    errors = "replace" if wide or encoding else "surrogateescape"
    encoding = encoding or ("utf-16" if wide else "utf-8-sig")
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    # newline="\n": line breaks within cells stay as they are.
    lines = _Lines(path.open(encoding=encoding, errors=errors, newline="\n"))
    header = _header(lines, path)
    delimiter = delimiter or max(_DELIMITERS, key=header.count)
    try:
        names = next(csv.reader([header], delimiter=delimiter, strict=True))
    except csv.Error as error:
        raise CatalogueError(f"{path}, line 1: expected a header, got: {error}") from None
    names = [name.strip() for name in names]
    while names and not names[-1]:
        names.pop()
    if len(set(names)) != len(names) or not all(names):
        twice = next((name for name in names if names.count(name) > 1 or not name), "")
        raise CatalogueError(
            f"{path}, line 1: expected a header of different names, got {twice!r} twice or empty"
        )
    return Table(names, _rows(path.name, lines, names, delimiter, report))


def _header(lines: _Lines, path: Path) -> str:
    for line in lines:
        if line.strip():
            return line
    raise CatalogueError(f"{path}: expected a header and rows, got an empty file")


def _rows(
    file: str, lines: _Lines, names: list[str], delimiter: str, report: ImportReport
) -> Iterator[Row]:
    reader = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        lines.taken = []
        line = lines.number + 1
        try:
            cells = next(reader)
        except StopIteration:
            return
        except csv.Error as error:
            # An unclosed quote takes in rows that are whole: only its first line is given up.
            lines.put_back_all_but_first()
            reader = csv.reader(lines, delimiter=delimiter, strict=True)
            report.rows += 1
            reason = f"expected cells in balanced quotes, got: {error}"
            report.add(file, line, None, "broken row", reason)
            continue
        while len(cells) > len(names) and not cells[-1]:
            cells.pop()
        if not cells or cells == [""] or not any(cell.strip() for cell in cells):
            if cells and any(text.strip() for text in lines.taken):
                report.rows += 1
                report.rows_without_content += 1
            continue
        report.rows += 1
        if len(cells) != len(names):
            if len(lines.taken) > 1:
                lines.put_back_all_but_first()
                reader = csv.reader(lines, delimiter=delimiter, strict=True)
            reason = f"expected {len(names)} cells, got {len(cells)}"
            column = names[min(len(cells), len(names) - 1)]
            report.add(file, line, column, "broken row", reason)
            continue
        row = dict(zip(names, cells, strict=True))
        yield Row(file, line, _mended(row, file, line, report))


def _mended(row: dict[str, str], file: str, line: int, report: ImportReport) -> dict[str, str]:
    """A row's cells as valid Unicode; bytes that are no UTF-8 are read as Windows-1252."""
    for name, cell in row.items():
        if cell.isascii() or not _ESCAPED.search(cell):
            continue
        raw = cell.encode("utf-8", "surrogateescape")
        row[name] = raw.decode("cp1252", "replace")
        report.add(
            file, line, name, "encoding", "expected UTF-8, got other bytes", "read as Windows-1252"
        )
    return row
