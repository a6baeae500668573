"""Opening tables: one file, several, or a folder of them become one table."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from functools import partial
from itertools import chain
from pathlib import Path

from shopwright.catalogue.forms.delimited import open_csv
from shopwright.catalogue.forms.json_rows import open_json_lines
from shopwright.catalogue.forms.parquet import open_parquet
from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import InputError
from shopwright.files import reading

CSV, JSON_LINES, PARQUET = "csv", "jsonl", "parquet"
_ENDINGS = {
    ".csv": CSV, ".tsv": CSV, ".txt": CSV, ".jsonl": JSON_LINES, ".ndjson": JSON_LINES,
    ".parquet": PARQUET,
}  # fmt: skip


def open_table(
    sources: Sequence[Path],
    report: ImportReport,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
) -> Table:
    """Open one or several files as one table.

    Args:
        sources: the files, in order.
        report: gets ``file``, ``form``, the number of rows and what is broken.
        delimiter: what divides the cells of CSV; found out if None.
        encoding: of texts; found out if None.

    Raises:
        MissingFileError: there is no such file.
        CatalogueError: one has no header, or is no table of its form at all.
        InputError: no sources.
        UnavailableError: Parquet, and pyarrow is not installed.
    """
    if not sources:
        raise InputError("expected a table, got no file")
    first, *others = sources
    report.file = first.name if not others else f"{first.name} and {len(others)} more"
    forms = [_form_of(path) for path in sources]
    report.form = ", ".join(dict.fromkeys(forms))
    openers: dict[str, Callable[[Path, ImportReport], Table]] = {
        CSV: partial(open_csv, delimiter=delimiter, encoding=encoding),
        JSON_LINES: open_json_lines,
        PARQUET: open_parquet,
    }
    tables = [openers[form](path, report) for path, form in zip(sources, forms, strict=True)]
    names = dict.fromkeys(name for table in tables for name in table.names)
    rows: Iterator[Row] = chain.from_iterable(table.rows for table in tables)
    return Table([*names], rows)


def _form_of(path: Path) -> str:
    """A table's form by its name's ending, or by its first bytes if that says nothing."""
    with reading(path), path.open("rb") as file:
        start = file.read(4096)
    if path.suffix.lower() in _ENDINGS:
        return _ENDINGS[path.suffix.lower()]
    if start[:4] == b"PAR1":
        return PARQUET
    return JSON_LINES if start.lstrip(b"\xef\xbb\xbf \r\n\t")[:1] == b"{" else CSV
