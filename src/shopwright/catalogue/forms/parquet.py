"""Rows of Parquet files."""

from __future__ import annotations

import datetime
import math
import os
from collections.abc import Callable, Iterator
from decimal import Decimal
from functools import partial
from pathlib import Path
from typing import Any

from shopwright import forks
from shopwright.catalogue.forms.source import Source
from shopwright.catalogue.forms.table import (
    MOST_CELL_CHARACTERS,
    MOST_COLUMNS,
    FoundTable,
    Row,
    quoted,
)
from shopwright.catalogue.import_report import MOST_ROWS, FileRead, ImportReport
from shopwright.errors import CatalogueError, UnavailableError

_BATCH_ROWS = 1024
# What rows that are read together may come to. Of texts that repeat a file holds one.
_MOST_BATCH_BYTES = 1 << 30
# Of a value that is a run of one with others, the file holds next to nothing.
_VALUE_BYTES = 8


def import_pyarrow(path: Path | str) -> Any:
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


def open_parquet(source: Source, report: ImportReport) -> FoundTable:
    """Open a Parquet file.

    Raises:
        CatalogueError: it is none, or has too many columns or rows.
        UnavailableError: pyarrow is not installed.
    """
    pyarrow = import_pyarrow(source.place)
    file = source.open_file()
    try:
        table = pyarrow.parquet.ParquetFile(file)
        texts = [column.path for column in _columns(table) if column.physical_type == "BYTE_ARRAY"]
        # Texts that repeat stay folded until they are counted.
        table = pyarrow.parquet.ParquetFile(file, read_dictionary=texts)
        names = list(table.schema_arrow.names)
        count = table.metadata.num_rows
    except (pyarrow.ArrowException, OSError, ValueError) as error:
        raise CatalogueError(
            f"{source.place}: expected a Parquet file, got: {_first_line(error)}"
        ) from None
    if len(names) > MOST_COLUMNS or len({*names}) != len(names):
        got = f"{len(names):,}" if len(names) > MOST_COLUMNS else "some of one name"
        raise CatalogueError(
            f"{source.place}: expected at most {MOST_COLUMNS:,} columns of different names, "
            f"got {got}"
        )
    if count > MOST_ROWS:
        raise CatalogueError(f"{source.place}: expected at most {MOST_ROWS:,} rows, got {count:,}")
    source.allowance.spend(_least_size(table.metadata, source.place), source)
    read = FileRead(source.name, "parquet")
    return FoundTable(names, _rows(table, source, report, read), read)


def _columns(table: Any) -> list[Any]:
    """The columns of values, of which a column of lists or records has one or several."""
    return [table.schema.column(number) for number in range(len(table.schema))]


def _least_size(metadata: Any, place: str) -> int:
    """How many bytes the values take at least, by what the file says of them.

    A fork asks, as pyarrow ends the process that asks of columns whose description contradicts
    itself.
    """
    if not forks.can_fork():
        return next(_sizes(metadata))
    asking = forks.start(partial(_quietly, metadata))
    try:
        return int(forks.received(asking.results))
    except UnavailableError:
        raise CatalogueError(
            f"{place}: expected a Parquet file, got one whose description of its columns "
            "contradicts itself"
        ) from None
    finally:
        forks.end(asking)


def _quietly(metadata: Any) -> Iterator[int]:
    """The sizes; whatever ends this process says nothing."""
    with open(os.devnull, "wb") as nothing:
        os.dup2(nothing.fileno(), 2)
    return _sizes(metadata)


def _sizes(metadata: Any) -> Iterator[int]:
    yield sum(
        max(column.total_uncompressed_size, _VALUE_BYTES * column.num_values)
        for group in map(metadata.row_group, range(metadata.num_row_groups))
        for column in map(group.column, range(group.num_columns))
    )


def _unfolded(array: Any) -> int:
    """How many bytes the texts of an array come to, each as often as it stands there."""
    from pyarrow import compute, types

    if types.is_dictionary(array.type):
        lengths = compute.binary_length(array.dictionary).cast("int64")
        return compute.sum(lengths.take(array.indices)).as_py() or 0
    if types.is_nested(array.type):
        within = array.flatten()
        return sum(map(_unfolded, within if isinstance(within, list) else [within]))
    return 0


def _first_line(error: Exception) -> str:
    return quoted((str(error) or type(error).__name__).splitlines()[0], 120)[1:-1]


def _rows(table: Any, source: Source, report: ImportReport, read: FileRead) -> Iterator[Row]:
    pyarrow = import_pyarrow(source.place)
    plain = {field.name for field in table.schema_arrow if _is_plain(field.type, pyarrow.types)}
    others = [name for name in table.schema_arrow.names if name not in plain]
    number = 0
    try:
        for batch in table.iter_batches(batch_size=_BATCH_ROWS):
            size = sum(map(_unfolded, batch.columns))
            source.allowance.spend(size, source)
            if size > _MOST_BATCH_BYTES:
                raise CatalogueError(
                    f"{source.place}, after row {number}: expected at most {_MOST_BATCH_BYTES:,} "
                    f"bytes in {_BATCH_ROWS:,} rows, got {size:,}"
                )
            for record in batch.to_pylist():
                number += 1
                report.count_row(read)
                for name in others:
                    record[name] = plain_value(record[name])
                _check_lengths(record, f"{source.place}, row {number}")
                yield Row(read.file, number, record)
    except CatalogueError:
        raise
    except (pyarrow.ArrowException, OSError, ValueError, OverflowError) as error:
        raise CatalogueError(
            f"{source.place}, after row {number}: cannot be read: {_first_line(error)}"
        ) from None


def _is_plain(kind: Any, types: Any) -> bool:
    """Whether values are cells as they are."""
    if types.is_dictionary(kind):
        kind = kind.value_type
    tests = (types.is_string, types.is_large_string, types.is_integer, types.is_boolean)
    return any(test(kind) for test in tests)


def _check_lengths(record: dict[str, Any], place: str) -> None:
    for name, value in record.items():
        if isinstance(value, str) and len(value) > MOST_CELL_CHARACTERS:
            raise CatalogueError(
                f"{place}, column {quoted(name)}: expected at most {MOST_CELL_CHARACTERS:,} "
                f"characters, got {len(value):,}"
            )


def plain_value(value: Any) -> Any:
    """Return a value as cells hold it: numbers that are none as None, dates as ISO 8601 texts."""
    convert = _PLAIN.get(type(value))
    if convert is None:
        return value if value is None or isinstance(value, str | int) else str(value)
    return convert(value)


def _plain_float(value: float) -> float | int | None:
    if not math.isfinite(value):
        return None
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _plain_datetime(value: datetime.datetime) -> str:
    if value.time() == datetime.time() and value.tzinfo is None:
        return value.date().isoformat()
    return value.isoformat()


def _plain_list(values: list[Any]) -> Any:
    if values and all(isinstance(each, tuple) and len(each) == 2 for each in values):
        return {str(plain_value(name)): plain_value(value) for name, value in values}  # A map.
    return [plain_value(value) for value in values]


_PLAIN: dict[type, Callable[[Any], Any]] = {
    float: _plain_float,
    Decimal: lambda value: _plain_float(float(value)) if value.is_finite() else None,
    bytes: lambda value: value.decode("utf-8", "replace"),
    datetime.datetime: _plain_datetime,
    datetime.date: datetime.date.isoformat,
    datetime.time: datetime.time.isoformat,
    datetime.timedelta: str,
    list: _plain_list,
    tuple: lambda values: [plain_value(value) for value in values],
    dict: lambda record: {str(name): plain_value(value) for name, value in record.items()},
}
