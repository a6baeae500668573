"""Rows of JSON lines."""

from __future__ import annotations

from pathlib import Path

import orjson

from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError


def open_json_lines(path: Path, report: ImportReport) -> Table:
    """Open a file of JSON, one object a line.

    Raises:
        CatalogueError: it has no object.
    """
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
                report.add(path.name, line, f"character {error.colno}", "broken row", reason)
                continue
            if isinstance(record, dict):
                rows.append(Row(path.name, line, record))
            else:
                reason = f"expected an object, got a {type(record).__name__}"
                report.add(path.name, line, None, "broken row", reason)
    if not rows:
        raise CatalogueError(f"{path}: expected a JSON object a line, got none")
    return Table([*dict.fromkeys(name for row in rows for name in row.cells)], iter(rows))
