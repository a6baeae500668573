"""Rows of CSV, whatever divides their cells."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator
from typing import TextIO

from shopwright.catalogue.forms.charset import UTF_8, WINDOWS_1252, encoding_of
from shopwright.catalogue.forms.dialect import Dialect, dialect_of, with_doubled_quotes
from shopwright.catalogue.forms.header import Header
from shopwright.catalogue.forms.source import Source
from shopwright.catalogue.forms.table import (
    MOST_CELL_CHARACTERS,
    MOST_COLUMNS,
    MOST_ROW_CHARACTERS,
    FoundTable,
    Row,
    quoted,
)
from shopwright.catalogue.import_report import FileRead, ImportReport
from shopwright.errors import CatalogueError

_SAMPLE_CHARACTERS = 256 << 10
# An unclosed quote is looked for to the end of a cell that long; not for each of many.
_MOST_LOOKED_AHEAD_CHARACTERS = 16 * MOST_CELL_CHARACTERS
# What undecodable bytes become while a file is read as UTF-8; found again and mended per cell.
_ESCAPED = re.compile("[\udc80-\udcff]")


class _Lines(Iterator[str]):
    """The lines of a file; those that a record took are known and can be put back."""

    def __init__(self, file: TextIO, place: str, dialect: Dialect) -> None:
        self._file = file
        self._place = place
        self._dialect = dialect
        self._waiting: deque[str] = deque()
        self._looked_ahead = 0
        self.taken: list[str] = []
        self.number = 0

    def __next__(self) -> str:
        line = self._waiting.popleft() if self._waiting else self._read()
        self.taken.append(line)
        self.number += 1
        return line

    def _read(self) -> str:
        line = self._file.readline(MOST_ROW_CHARACTERS)
        if not line:
            raise StopIteration
        if len(line) == MOST_ROW_CHARACTERS:
            raise CatalogueError(
                f"{self._place}, line {self.number + 1}: expected lines of at most "
                f"{MOST_ROW_CHARACTERS:,} characters, got a longer one"
            )
        if "\0" in line and not self._dialect.has_zeros:
            line = line.replace("\0", "")
        if self._dialect.has_backslashes and "\\" in line:
            line = with_doubled_quotes(line)
        return line

    def put_back_all_but_first(self) -> None:
        rest = self.taken[1:]
        self._looked_ahead += sum(map(len, rest))
        if self._looked_ahead > _MOST_LOOKED_AHEAD_CHARACTERS:
            raise CatalogueError(
                f"{self._place}, line {self.number - len(rest)}: expected cells in balanced "
                "quotes, got too many that are not closed"
            )
        self.number -= len(rest)
        self._waiting.extendleft(reversed(rest))
        self.taken = self.taken[:1]


def open_csv(
    source: Source,
    report: ImportReport,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> FoundTable:
    """Open a text whose rows are lines of divided cells.

    Args:
        source: the file.
        report: gets what is broken, while the rows are read.
        delimiter: what divides cells; found out if None.
        encoding: found out if None.

    Raises:
        CatalogueError: it has no header.
    """
    encoding = encoding or encoding_of(source)
    with _text(source, encoding, "\n") as file:
        sample = file.read(_SAMPLE_CHARACTERS)
        if len(sample) == _SAMPLE_CHARACTERS:
            # Whole lines, unless one is that long.
            end = max(sample.rfind("\n"), sample.rfind("\r"))
            sample = sample[: end + 1] or sample
    dialect = dialect_of(_mended(sample), delimiter)
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    with _text(source, encoding, dialect.line_end) as file:
        try:
            cells = _header_cells(_lines_from_header(file, source, dialect), dialect)
        except csv.Error as error:
            place = f"{source.place}, line {dialect.lines_before + 1}"
            raise CatalogueError(f"{place}: expected a header, got: {error}") from None
    cells = [_mended(cell) for cell in cells]
    if not any(map(str.strip, cells)):
        raise CatalogueError(f"{source.place}: expected a header and rows, got an empty file")
    if len(cells) > MOST_COLUMNS:
        raise CatalogueError(
            f"{source.place}, line {dialect.lines_before + 1}: expected at most {MOST_COLUMNS:,} "
            f"columns, got {len(cells):,}; if {quoted(dialect.delimiter)} does not divide them, "
            "name what does with --delimiter"
        )
    header = Header(["", *cells] if dialect.has_row_names else cells)
    if not header.names:
        raise CatalogueError(f"{source.place}: expected a header with names, got none")
    read = FileRead(
        source.name,
        "csv",
        encoding=encoding,
        delimiter=dialect.delimiter,
        header_line=dialect.lines_before + 1,
    )
    return FoundTable(header.names, _rows(source, header, dialect, report, read), read)


def _text(source: Source, encoding: str, line_end: str) -> TextIO:
    errors = "surrogateescape" if encoding in (UTF_8, "utf-8-sig") else "replace"
    # A line's end is as it is told: line breaks of other kinds stay in their cells.
    return io.TextIOWrapper(source.open(), encoding=encoding, errors=errors, newline=line_end)


def _lines_from_header(file: TextIO, source: Source, dialect: Dialect) -> _Lines:
    lines = _Lines(file, source.place, dialect)
    for _ in range(dialect.lines_before):
        next(lines)
    return lines


def _header_cells(lines: _Lines, dialect: Dialect) -> list[str]:
    return next(csv.reader(lines, delimiter=dialect.delimiter, strict=True), [])


def _rows(
    source: Source, header: Header, dialect: Dialect, report: ImportReport, read: FileRead
) -> Iterator[Row]:
    with _text(source, read.encoding, dialect.line_end) as file:
        lines = _lines_from_header(file, source, dialect)
        _header_cells(lines, dialect)
        yield from _rows_below(lines, header, dialect, report, read)


def _rows_below(
    lines: _Lines, header: Header, dialect: Dialect, report: ImportReport, read: FileRead
) -> Iterator[Row]:
    file, names, width = read.file, header.names, header.width
    reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
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
            reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
            report.count_row(read)
            reason = f"expected cells in balanced quotes, got: {error}"
            report.add(file, line, None, "broken row", reason)
            continue
        while len(cells) > width and (len(cells) <= header.widest or not cells[-1]):
            cells.pop()  # It stands in no column, or in one without a name.
        if not any(cell.strip() for cell in cells):
            if any(text.strip() for text in lines.taken):
                report.count_row(read)
                report.rows_without_content += 1
            continue
        report.count_row(read)
        if len(cells) > width or (len(cells) < width and len(lines.taken) > 1):
            # Too few over several lines: a quote that was not closed took in the next rows.
            if len(lines.taken) > 1:
                lines.put_back_all_but_first()
                reader = csv.reader(lines, delimiter=dialect.delimiter, strict=True)
            reason = f"expected {width} cells, got {len(cells)}"
            report.add(file, line, names[-1], "broken row", reason)
            continue
        if len(cells) < width:
            read.short_rows += 1
            cells += [""] * (width - len(cells))
        row = header.row(cells)
        for name, cell in row.items():
            if isinstance(cell, str) and not cell.isascii() and _ESCAPED.search(cell):
                row[name] = _mended(cell)
                reason = "expected UTF-8, got other bytes"
                report.add(file, line, name, "encoding", reason, "read as Windows-1252")
        yield Row(file, line, row)


def _mended(text: str) -> str:
    """A text as valid Unicode; where bytes are no UTF-8, all are read as Windows-1252."""
    if text.isascii() or not _ESCAPED.search(text):
        return text
    return text.encode(UTF_8, "surrogateescape").decode(WINDOWS_1252, "replace")
