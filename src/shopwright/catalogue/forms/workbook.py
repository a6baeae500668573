"""Rows of Excel workbooks (.xlsx): the values of their cells, those of formulas included."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Iterator
from typing import Any

from shopwright.catalogue.forms.header import Header, header_place
from shopwright.catalogue.forms.parquet import plain_value
from shopwright.catalogue.forms.source import DAMAGED, Source, damaged
from shopwright.catalogue.forms.table import (
    MOST_CELL_CHARACTERS,
    MOST_COLUMNS,
    FoundTable,
    Row,
    quoted,
)
from shopwright.catalogue.import_report import FileRead, ImportReport
from shopwright.errors import CatalogueError, UnavailableError

_LOOKED_AT_ROWS = 30
# The reader holds a sheet whole, empty cells included, and all texts.
_MOST_CELLS = 25_000_000
_MOST_TEXT_BYTES = 512 << 20
_TEXTS = "sharedstrings.xml"
_CHUNK_BYTES = 1 << 20
_OVERLAP_BYTES = 64
_REFERENCE = re.compile(rb"""\br\s*=\s*["']([A-Za-z]{1,3})(\d{1,7})["']""")
_ERRORS = ("#N/A", "#REF!", "#VALUE!", "#NAME?", "#DIV/0!", "#NULL!", "#NUM!")


def open_workbook(source: Source, report: ImportReport) -> list[FoundTable]:
    """Open the sheets of a workbook that have cells.

    Raises:
        CatalogueError: it is damaged, larger than memory, or has no cells.
        UnavailableError: python-calamine is not installed.
    """
    try:
        from python_calamine import CalamineWorkbook
    except ImportError:
        raise UnavailableError(
            f"{source.place}: workbooks need python-calamine; install it with: "
            "pip install 'shopwright[tables]'"
        ) from None
    _check(source)
    try:
        workbook = CalamineWorkbook.from_filelike(source.open_file())
        sheets = [(name, workbook.get_sheet_by_name(name)) for name in workbook.sheet_names]
    except BaseException as error:
        raise _wrong(source, error) from None
    tables = [
        _open_sheet(sheet, name if len(sheets) > 1 else "", source, report)
        for name, sheet in sheets
        if sheet.height
    ]
    if not tables:
        raise CatalogueError(f"{source.place}: expected a sheet with cells, got none")
    return tables


def _wrong(source: Source, error: BaseException) -> BaseException:
    """What to raise instead of an error of the reader, whose panics are no exceptions."""
    if isinstance(error, KeyboardInterrupt | SystemExit | MemoryError):
        return error
    reason = (str(error) or type(error).__name__).splitlines()[0]
    return CatalogueError(
        f"{source.place}: expected an Excel workbook, got: {quoted(reason, 120)[1:-1]}; "
        "save it anew, or as CSV UTF-8"
    )


def _check(source: Source) -> None:
    """Unpack a workbook once, piece by piece, and refuse what would not fit into memory."""
    with source.open_file() as file:
        try:
            with zipfile.ZipFile(file) as archive:
                entries = [e for e in archive.infolist() if e.filename.lower().endswith(".xml")]
                source.allowance.spend(sum(entry.file_size for entry in entries), source)
                for entry in entries:
                    _check_part(archive, entry, source)
        except DAMAGED as error:
            raise damaged(source, error) from None


def _check_part(archive: zipfile.ZipFile, entry: zipfile.ZipInfo, source: Source) -> None:
    rows, columns = 1, {b"A"}
    is_sheet = "/worksheets/" in entry.filename
    if entry.filename.lower().endswith(_TEXTS) and entry.file_size > _MOST_TEXT_BYTES:
        raise CatalogueError(
            f"{source.place}: expected texts of at most {_MOST_TEXT_BYTES >> 20} MB, got "
            f"{entry.file_size >> 20:,}; save it as CSV UTF-8"
        )
    with archive.open(entry) as part:
        rest = b""
        cell_bytes = 0  # since the last tag
        while chunk := part.read(_CHUNK_BYTES):
            tag = chunk.rfind(b"<")
            cell_bytes = len(chunk) - tag if tag >= 0 else cell_bytes + len(chunk)
            if cell_bytes > MOST_CELL_CHARACTERS:
                raise CatalogueError(
                    f"{source.place}: expected cells of at most {MOST_CELL_CHARACTERS:,} "
                    "characters, got a longer one; save it as CSV UTF-8 and cut it"
                )
            if not is_sheet:
                continue
            for column, row in _REFERENCE.findall(rest + chunk):
                columns.add(column)
                rows = max(rows, int(row))
            rest = chunk[-_OVERLAP_BYTES:]
    cells = rows * max(map(_column_number, columns))
    if cells > _MOST_CELLS:
        raise CatalogueError(
            f"{source.place}: expected sheets of at most {_MOST_CELLS:,} cells, got {cells:,}, "
            "empty ones included; save it as CSV UTF-8"
        )


def _column_number(letters: bytes) -> int:
    number = 0
    for letter in letters.upper():
        number = 26 * number + letter - 64
    return number


def _open_sheet(sheet: Any, name: str, source: Source, report: ImportReport) -> FoundTable:
    first = sheet.start[0] if sheet.start else 0
    beginning = []
    for cells in sheet.iter_rows():
        beginning.append([_text(cell) for cell in cells])
        if len(beginning) == _LOOKED_AT_ROWS:
            break
    place = header_place(beginning)
    header = beginning[place]
    if len(header) > MOST_COLUMNS:
        raise CatalogueError(
            f"{source.place}: expected at most {MOST_COLUMNS:,} columns, got {len(header):,}"
        )
    columns = Header(header)
    shown = f"{source.name}[{quoted(name, 100)[1:-1]}]" if name else source.name
    read = FileRead(shown, "xlsx", header_line=first + place + 1)
    return FoundTable(columns.names, _rows(sheet, columns, report, read, place, first), read)


def _rows(
    sheet: Any, header: Header, report: ImportReport, read: FileRead, place: int, first: int
) -> Iterator[Row]:
    for number, cells in enumerate(sheet.iter_rows()):
        if number <= place:
            continue
        values = [_plain(cell) for cell in cells]
        if any(value not in ("", None) for value in values):
            report.count_row(read)
            yield Row(read.file, first + number + 1, header.row(values))


def _plain(cell: Any) -> Any:
    if isinstance(cell, str):
        return "" if cell.startswith("#") and cell in _ERRORS else cell
    return plain_value(cell)


def _text(cell: Any) -> str:
    value = _plain(cell)
    return "" if value is None else str(value)
