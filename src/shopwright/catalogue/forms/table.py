"""What every form of table comes to: named columns and rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        file: the name of the file that it is from.
        line: where it begins, from 1; in forms without lines the row's number.
        cells: column → value: texts (CSV), JSON types (JSON, XML) or the file's own values
            (Parquet, workbooks).
    """

    file: str
    line: int
    cells: Mapping[str, Any]


@dataclass(frozen=True)
class Table:
    """An opened table.

    Attributes:
        names: its columns, in order; of JSON and XML those of the first rows: cells may have more.
        rows: its rows; reading them reports what is broken.
    """

    names: list[str]
    rows: Iterator[Row]
