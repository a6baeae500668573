"""What every form of table comes to: named columns and rows."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from shopwright.catalogue.import_report import FileRead

# Bounds that keep a damaged or hostile file from taking all memory; real tables stay far below.
MOST_COLUMNS = 4096
MOST_CELL_CHARACTERS = 4 << 20
MOST_ROW_CHARACTERS = 16 << 20


@dataclass(frozen=True, slots=True)
class Row:
    """A row.

    Attributes:
        file: the name of the file that it is from.
        line: where it begins, from 1; in forms without lines the row's number.
        cells: column → value: texts (CSV), or texts, numbers, truth values, None, lists and objects
            (the other forms).
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


@dataclass(frozen=True)
class FoundTable(Table):
    """A table that was found in a file.

    Attributes:
        read: what the report says of it.
    """

    read: FileRead


def quoted(text: str, most: int = 60) -> str:
    """Return text of a file as messages show it: on one line, without control characters, short."""
    return repr(text if len(text) <= most else f"{text[:most]}…")
