"""Reading a table from content, as the tests of all forms do."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.import_report import ImportReport

Read = Callable[..., tuple[list[dict[str, Any]], ImportReport]]


@pytest.fixture
def read(tmp_path: Path) -> Read:
    """Reads the rows of a file that has some content; returns their cells and the report."""

    def read_content(
        content: str | bytes, name: str = "table", **settings: str
    ) -> tuple[list[dict[str, Any]], ImportReport]:
        path = tmp_path / name
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        report = ImportReport()
        rows = [dict(row.cells) for row in open_table([path], report, **settings).rows]
        assert report.rows == sum(read.rows for read in report.files)
        return rows, report

    return read_content
