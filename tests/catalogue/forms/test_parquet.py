"""Parquet from strangers: what unfolds to more than it may is refused before it does."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.forms.table import MOST_CELL_CHARACTERS
from shopwright.catalogue.import_report import ImportReport
from shopwright.errors import CatalogueError

pyarrow = pytest.importorskip("pyarrow", reason="needs pyarrow (the extra tables)")
from pyarrow import parquet

ALLOWED = 1 << 20


@pytest.fixture
def report() -> ImportReport:
    return ImportReport()


@pytest.fixture
def rows_of(
    tmp_path: Path, report: ImportReport, monkeypatch: pytest.MonkeyPatch
) -> Callable[..., list[Any]]:
    """Writes columns, and reads them as a table."""

    def read(allowed: int = ALLOWED, **columns: Any) -> list[Any]:
        monkeypatch.setattr("shopwright.catalogue.forms.source.ALWAYS_ALLOWED_BYTES", allowed)
        path = tmp_path / "table.parquet"
        parquet.write_table(pyarrow.table(columns), path, compression="zstd")
        assert 200 * path.stat().st_size < ALLOWED
        return [row.cells for row in open_table([path], report).rows]

    return read


def folded(text: str, count: int) -> Any:
    """A text again and again, of which a file holds one."""
    return pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * count), pyarrow.array([text]))


def lists(values: Any, count: int) -> Any:
    """As many lists of the same length."""
    return pyarrow.FixedSizeListArray.from_arrays(values, len(values) // count).cast(
        pyarrow.list_(values.type)
    )


BOMBS: dict[str, Callable[[], Any]] = {
    "texts": lambda: folded("a" * 10_000, 1000),
    "texts in lists": lambda: lists(folded("a" * 10_000, 1000), 10),
    "texts in records": lambda: pyarrow.StructArray.from_arrays(
        [folded("a" * 10_000, 1000)], ["name"]
    ),
    "numbers in lists": lambda: lists(pyarrow.repeat(7, 200_000), 10),
    "one text": lambda: pyarrow.array(["a" * (ALLOWED + 1)]),
}


@pytest.mark.parametrize("bomb", BOMBS)
def test_what_unfolds_too_far_is_refused_before_it_does(
    rows_of: Callable[..., list[Any]], report: ImportReport, bomb: str
) -> None:
    with pytest.raises(CatalogueError, match="unpacks to more than 200 times its size"):
        rows_of(title=BOMBS[bomb]())
    assert report.rows == 0


def test_a_cell_that_is_too_long_is_named(rows_of: Callable[..., list[Any]]) -> None:
    expected = "row 2, column 'title': expected at most 4,194,304 characters, got 4,194,305"
    with pytest.raises(CatalogueError, match=expected):
        rows_of(1 << 30, title=["Mug", "a" * (MOST_CELL_CHARACTERS + 1)])


def test_texts_that_repeat_are_read_as_they_are(rows_of: Callable[..., list[Any]]) -> None:
    tags = pyarrow.array([["red", "large"], None, []] * 700)
    rows = rows_of(title=folded("Mug", 2100), tags=tags, price=[1.5, None, 3.0] * 700)
    assert len(rows) == 2100
    assert rows[0] == {"title": "Mug", "tags": ["red", "large"], "price": 1.5}
    assert rows[2099] == {"title": "Mug", "tags": [], "price": 3}
