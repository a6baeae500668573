"""What became of the rows of a table: everything left out or mended, with its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from shopwright.errors import CatalogueError

REPORT_NAME = "import-report.json"
_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a table.

    Attributes:
        file: the file's name.
        line: from 1; of a Parquet file the row.
        column: the column's name as the file has it; in broken JSON the character; None for the
            whole row.
        kind: "broken row", "duplicate", "bad value", "encoding" or "currency".
        reason: expected and got.
        consequence: "row left out", or how it was mended.
    """

    file: str
    line: int
    column: str | None
    kind: str
    reason: str
    consequence: str

    @property
    def place(self) -> str:
        """Where it stands, as messages name it."""
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}, line {self.line}{column}"


ROW_LEFT_OUT = "row left out"


@dataclass
class ImportReport:
    """The account of an import: every row became a product, joined one, has only a picture, or is
    listed with the reason why it was left out.

    Attributes:
        strict: whether the first problem is refused.
        file, form, layout: the table's name; "csv", "jsonl" or "parquet"; whose columns it has.
        columns: field → column.
        columns_not_used: the other columns.
        rows: rows read. products: products made. rows_joined: rows that are further variants of a
            product. rows_without_content: rows that carry only a picture, or nothing.
        missing: field → products without it.
        derived: what was derived → for how many products.
        currencies: code → rows.
        problems: everything wrong.
    """

    strict: bool = False
    file: str = ""
    form: str = ""
    layout: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    columns_not_used: list[str] = field(default_factory=list)
    rows: int = 0
    products: int = 0
    rows_joined: int = 0
    rows_without_content: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    derived: Counter[str] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)

    def add(
        self,
        file: str,
        line: int,
        column: str | None,
        kind: str,
        reason: str,
        consequence: str = ROW_LEFT_OUT,
    ) -> None:
        """Note a problem.

        Raises:
            CatalogueError: the import is strict.
        """
        problem = Problem(file, line, column, kind, _short(reason), consequence)
        if self.strict:
            raise CatalogueError(f"{problem.place}: {problem.reason} (--strict)")
        self.problems.append(problem)

    @property
    def rows_left_out(self) -> int:
        """How many rows were left out, each with a problem that says why."""
        return sum(problem.consequence == ROW_LEFT_OUT for problem in self.problems)

    def to_record(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        record = {each.name: getattr(self, each.name) for each in fields(self)}
        del record["strict"]
        return {
            **record,
            "rows_left_out": self.rows_left_out,
            "problem_counts": Counter(problem.kind for problem in self.problems),
            "problems": [asdict(problem) for problem in self.problems],
        }

    def summary(self) -> str:
        """Return the account in one line."""
        parts = [f"{self.rows:,} rows, {self.products:,} products"]
        if self.rows_joined:
            parts.append(f"{self.rows_joined:,} rows joined as variants")
        if self.rows_without_content:
            parts.append(f"{self.rows_without_content:,} rows without content")
        if self.rows_left_out:
            parts.append(_count(self.rows_left_out, "row") + " left out")
        mended = len(self.problems) - self.rows_left_out
        if mended:
            parts.append(_count(mended, "value") + " mended")
        # Attributes are derived where there are none.
        shown = {name: count for name, count in self.missing.items() if name != "attributes"}
        parts += [f"{count:,} without {name}" for name, count in shown.items() if count]
        return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _short(text: str) -> str:
    cut = text[: 2 * _SHOWN_CHARACTERS]
    return cut if len(text) <= len(cut) else f"{cut}…"
