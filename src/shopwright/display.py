"""How notebooks show a result: one table of HTML."""

from __future__ import annotations

import html
from collections.abc import Iterable, Sequence


def html_table(title: str, columns: Sequence[str], rows: Iterable[Sequence[object]]) -> str:
    """Return a table; every text is escaped.

    Args:
        title: its caption.
        columns: their names.
        rows: the cells.
    """
    head = _row(columns, "th")
    body = "".join(_row(cells, "td") for cells in rows)
    return f"<table><caption>{html.escape(title)}</caption>{head}{body}</table>"


def _row(cells: Iterable[object], tag: str) -> str:
    joined = "".join(f"<{tag}>{html.escape(str(cell))}</{tag}>" for cell in cells)
    return f"<tr>{joined}</tr>"
