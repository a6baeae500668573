"""Rows of Parquet files."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError, UnavailableError

_BATCH_ROWS = 4096


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


def open_parquet(path: Path, report: ImportReport) -> Table:
    """Open a Parquet file.

    Raises:
        CatalogueError: it is none.
        UnavailableError: pyarrow is not installed.
    """
    pyarrow = import_pyarrow(path)
    try:
        file = pyarrow.parquet.ParquetFile(path)
        names = list(file.schema_arrow.names)
    except (pyarrow.ArrowException, OSError) as error:
        first = str(error).splitlines()[0]
        raise CatalogueError(f"{path}: expected a Parquet file, got: {first}") from None
    return Table(names, _rows(file, path, report))


def _rows(file: Any, path: Path, report: ImportReport) -> Iterator[Row]:
    pyarrow = import_pyarrow(path)
    number = 0
    try:
        for batch in file.iter_batches(batch_size=_BATCH_ROWS):
            for record in batch.to_pylist():
                number += 1
                report.rows += 1
                yield Row(path.name, number, record)
    except (pyarrow.ArrowException, OSError, UnicodeDecodeError) as error:
        first = str(error).splitlines()[0]
        raise CatalogueError(f"{path}, after row {number}: cannot be read: {first}") from None
