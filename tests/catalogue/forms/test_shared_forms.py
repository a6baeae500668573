"""The recorded cases of forms that were read wrongly, where they are at hand."""

from __future__ import annotations

import pytest

from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError

NAMES = (
    "array.json", "backslash-quotes.csv", "bar-in-header.csv", "empty-header-cell.csv",
    "google-feed.xml", "header-twice.csv", "lines-gz.jsonl.gz", "pandas-index.csv", "sep-line.csv",
)  # fmt: skip


@pytest.mark.parametrize("name", NAMES)
def test_every_row_of_a_case_has_its_title(shared, name):
    path = shared / "cases" / "tables" / name
    if not path.is_file():
        pytest.skip(f"needs the recorded case {path}")
    if name.endswith(".xml"):
        pytest.importorskip("defusedxml")
    report = ImportReport()
    table = open_table([path], report)
    rows = list(table.rows)
    title = next(column for column in table.names if column.startswith("title"))
    assert len(rows) in (3, 4)
    assert all(len(str(row.cells[title]).split()) >= 2 for row in rows)
    assert all(str(row.cells["id"]).startswith("P") for row in rows)
    assert not report.problems


def test_a_workbook_that_is_none_is_refused_with_the_remedy(shared):
    pytest.importorskip("python_calamine")
    path = shared / "cases" / "tables" / "workbook.xlsx"
    if not path.is_file():
        pytest.skip(f"needs the recorded case {path}")
    with pytest.raises(CatalogueError, match="expected an Excel workbook, .* as CSV UTF-8"):
        open_table([path], ImportReport())
