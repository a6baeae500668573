"""The rows of a table, one by one, from CSV, JSON lines or Parquet; what cannot be read is reported
with its place and skipped."""

from __future__ import annotations

import csv
import io
import re
from collections import deque
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson

from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError, UnavailableError
from shopwright.files import reading

CSV, JSON_LINES, PARQUET = "csv", "jsonl", "parquet"
_ENDINGS = {
    ".csv": CSV, ".tsv": CSV, ".txt": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}  # fmt: skip
_DELIMITERS = ",\t;|"
MOST_CELL_CHARACTERS = 4 << 20
_BATCH_ROWS = 4096
# What undecodable bytes become while a file is read as UTF-8; found again and mended per cell.
_ESCAPED = re.compile("[\udc80-\udcff]")


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        line: where it begins, from 1; of a Parquet file the row's number.
        cells: column → value: texts (CSV), JSON types (JSON lines) or Parquet's values.
    """

    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """An opened table.

    Attributes:
        names: its columns, in order; of JSON lines those of all rows.
        rows: its rows; reading them reports what is broken.
    """

    names: list[str]
    rows: Iterator[Row]


def form_of(path: Path) -> str:
    """Return a table's form by its name's ending, or by its first bytes if that says nothing.

    Raises:
        MissingFileError: there is no such file.
        InputError: it is a folder or cannot be read.
    """
    with reading(path), path.open("rb") as file:
        start = file.read(4096)
    if path.suffix.lower() in _ENDINGS:
        return _ENDINGS[path.suffix.lower()]
    if start[:4] == b"PAR1":
        return PARQUET
    return JSON_LINES if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" else CSV


def open_table(path: Path, report: ImportReport) -> Table:
    """Open a table.

    Args:
        path: the file.
        report: gets ``file``, ``form``, the number of rows and what is broken.

    Raises:
        MissingFileError: there is no such file.
        CatalogueError: it has no header, or is no table of its form at all.
        UnavailableError: Parquet, and pyarrow is not installed.
    """
    report.file, report.form = path.name, form_of(path)
    if report.form == PARQUET:
        return _open_parquet(path, report)
    if report.form == JSON_LINES:
        return _open_json_lines(path, report)
    return _open_csv(path, report)


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


def _open_csv(path: Path, report: ImportReport) -> Table:
    with path.open("rb") as file:
        start = file.read(4)
    wide = start[:2] in (b"\xff\xfe", b"\xfe\xff")
    encoding, errors = ("utf-16", "replace") if wide else ("utf-8-sig", "surrogateescape")
    csv.field_size_limit(MOST_CELL_CHARACTERS)
    # newline="\n": line breaks within cells stay as they are.
    lines = _Lines(path.open(encoding=encoding, errors=errors, newline="\n"))
    header = _header(lines, path)
    delimiter = max(_DELIMITERS, key=header.count)
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
    return Table(names, _csv_rows(lines, names, delimiter, report))


def _header(lines: _Lines, path: Path) -> str:
    for line in lines:
        if line.strip():
            return line
    raise CatalogueError(f"{path}: expected a header and rows, got an empty file")


def _csv_rows(
    lines: _Lines, names: list[str], delimiter: str, report: ImportReport
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
            report.add(line, None, "broken row", f"expected cells in balanced quotes, got: {error}")
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
            report.add(line, column, "broken row", reason)
            continue
        row = dict(zip(names, cells, strict=True))
        yield Row(line, _mended(row, line, report))


def _mended(row: dict[str, str], line: int, report: ImportReport) -> dict[str, str]:
    """A row's cells as valid Unicode; bytes that are no UTF-8 are read as Windows-1252."""
    for name, cell in row.items():
        if cell.isascii() or not _ESCAPED.search(cell):
            continue
        raw = cell.encode("utf-8", "surrogateescape")
        row[name] = raw.decode("cp1252", "replace")
        report.add(
            line, name, "encoding", "expected UTF-8, got other bytes", "read as Windows-1252"
        )
    return row


def _open_json_lines(path: Path, report: ImportReport) -> Table:
    rows: list[Row] = []
    with path.open("rb") as file:
        for line, content in enumerate(file, start=1):
            if not content.strip():
                continue
            report.rows += 1
            try:
                record = orjson.loads(content.removeprefix(b"\xef\xbb\xbf"))
            except orjson.JSONDecodeError as error:
                reason = f"expected JSON, got {error.msg}"
                report.add(line, f"character {error.colno}", "broken row", reason)
                continue
            if isinstance(record, dict):
                rows.append(Row(line, record))
            else:
                reason = f"expected an object, got a {type(record).__name__}"
                report.add(line, None, "broken row", reason)
    if not rows:
        raise CatalogueError(f"{path}: expected a JSON object a line, got none")
    return Table([*dict.fromkeys(name for row in rows for name in row.cells)], iter(rows))


def import_pyarrow(path: Path) -> Any:
    """Return the module pyarrow, its ``parquet`` loaded.

    Raises:
        UnavailableError: it is not installed.
    """
    try:
        import pyarrow
        import pyarrow.parquet
    except ImportError:
        raise UnavailableError(
            f"{path}: Parquet needs pyarrow; install it with: pip install 'shopwright[tables]'"
        ) from None
    return pyarrow


def _open_parquet(path: Path, report: ImportReport) -> Table:
    pyarrow = import_pyarrow(path)
    try:
        file = pyarrow.parquet.ParquetFile(path)
        names = list(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise CatalogueError(f"{path}: expected a Parquet file, got: {first}") from None
    return Table(names, _parquet_rows(file, path, report))


def _parquet_rows(file: Any, path: Path, report: ImportReport) -> Iterator[Row]:
    pyarrow = import_pyarrow(path)
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for record in batch.to_pylist():
                number += 1
                report.rows += 1
                yield Row(number, record)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise CatalogueError(f"{path}, after row {number}: cannot be read: {first}") from None
