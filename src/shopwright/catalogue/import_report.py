"""What became of the rows of a table: everything left out or mended, with its place."""

from __future__ import annotations

from collections import Counter
from dataclasses import asdict, dataclass, field, fields
from typing import Any

from shopwright.errors import CatalogueError

REPORT_NAME = "import-report.json"
# Five times as many as a build was measured with.
MOST_ROWS = 5_000_000
_SHOWN_CHARACTERS = 120


@dataclass(frozen=True, slots=True)
class Problem:
    """Something wrong in a table.

    Attributes:
        file: the file's name.
        line: from 1; in forms without lines the number of the row, element or entry.
        column: the column's name as the file has it; in broken JSON the character; None for the
            whole row.
        kind: "broken row", "duplicate", "bad value", "encoding" or "currency".
        reason: expected and got.
        consequence: "row left out", or how it was mended.
        unit: what ``line`` counts: "line", "row", "element" or "entry".
    """

    file: str
    line: int
    column: str | None
    kind: str
    reason: str
    consequence: str
    unit: str = "line"

    @property
    def place(self) -> str:
        """Where it stands, as messages name it."""
        column = "" if self.column is None else f", column {self.column}"
        return f"{self.file}, {self.unit} {self.line}{column}"


@dataclass(frozen=True, slots=True)
class NotForSale:
    """A product that is left out because it is not for sale.

    Attributes:
        file, line: where its first row stands.
        asin: its identifier.
        state: why: "draft", "archived", "hidden", "discontinued" or "out of stock".
        price_dollars: of the row of a list of changes, what it says that it costs.
    """

    file: str
    line: int
    asin: str
    state: str
    price_dollars: float | None = None


ROW_LEFT_OUT = "row left out"
# What the rows of a form are called that has no lines.
_UNITS = {"json": "entry", "xml": "element", "parquet": "row", "xlsx": "row"}


@dataclass
class FileRead:
    """A table that was read, and what was found out about it.

    Attributes:
        file: the file's name; within an archive behind the archive's, a sheet's in brackets.
        form: "csv", "json", "jsonl", "parquet", "xlsx" or "xml".
        encoding: of a text, as Python calls it.
        delimiter: what divides the cells of CSV.
        header_line: the line of its header; 0 where it has none.
        rows_at: where in the document its rows are: "products", "rss/channel/item".
        rows: rows read.
        short_rows: rows of them that end early; their last cells are empty.
    """

    file: str
    form: str
    encoding: str = ""
    delimiter: str = ""
    header_line: int = 0
    rows_at: str = ""
    rows: int = 0
    short_rows: int = 0

    @property
    def remarks(self) -> str:
        """What was found out that is not as usual, for people."""
        parts = [self.encoding] if self.encoding not in ("", "utf-8", "utf-8-sig") else []
        if self.delimiter not in ("", ","):
            parts.append(f"cells divided by {self.delimiter!r}")
        if self.header_line > 1:
            parts.append(f"header in line {self.header_line}")
        if self.rows_at:
            parts.append(f"rows at {self.rows_at}")
        return "; ".join(parts)


@dataclass
class ImportReport:
    """The account of an import: every row became a product, joined one, has only a picture, or is
    listed with the reason why it was left out.

    Attributes:
        strict: whether the first problem is refused.
        file, form, layout: the table's name; its form, as of FileRead; whose columns it has.
        files: what it was read from. files_not_read: what was passed over → why.
        columns: field → column.
        columns_not_used: the other columns.
        lookalikes: what ``--map`` could say of the columns that are not used: field → column.
        rows: rows read. products: products made. rows_joined: rows that are further variants of a
            product. rows_without_content: rows that carry only a picture, or nothing.
        missing: field → products without it.
        derived: what was derived → for how many products.
        currencies: code → rows. currency_assumed: whether nothing says a currency, so that USD is
            taken.
        not_for_sale: what is left out because it is not for sale.
        rows_not_for_sale: how many rows that is.
        variants_not_for_sale: state → variants that are left out of products that are taken.
        stock_ignored: products that are taken although their stock is 0, as it is everywhere.
        problems: everything wrong.
    """

    strict: bool = False
    file: str = ""
    form: str = ""
    files: list[FileRead] = field(default_factory=list)
    files_not_read: dict[str, str] = field(default_factory=dict)
    layout: str = ""
    columns: dict[str, str] = field(default_factory=dict)
    columns_not_used: list[str] = field(default_factory=list)
    lookalikes: dict[str, str] = field(default_factory=dict)
    rows: int = 0
    products: int = 0
    rows_joined: int = 0
    rows_without_content: int = 0
    missing: Counter[str] = field(default_factory=Counter)
    derived: Counter[str] = field(default_factory=Counter)
    currencies: Counter[str] = field(default_factory=Counter)
    currency_assumed: bool = False
    not_for_sale: list[NotForSale] = field(default_factory=list)
    rows_not_for_sale: int = 0
    stock_ignored: int = 0
    variants_not_for_sale: Counter[str] = field(default_factory=Counter)
    problems: list[Problem] = field(default_factory=list)
    _units: dict[str, str] = field(default_factory=dict, init=False)

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
        unit = self._units.get(file, "line")
        problem = Problem(file, line, column, kind, _short(reason), consequence, unit)
        if self.strict:
            raise CatalogueError(f"{problem.place}: {problem.reason} (--strict)")
        self.problems.append(problem)

    def sort_problems(self) -> None:
        """Put the problems in the order of their places."""
        order = {read.file: number for number, read in enumerate(self.files)}
        self.problems.sort(key=lambda problem: (order.get(problem.file, 0), problem.line))

    def leave_out(self, product: NotForSale, *, rows: int) -> None:
        """Note a product that is not for sale."""
        self.not_for_sale.append(product)
        self.rows_not_for_sale += rows

    def of_part(self) -> ImportReport:
        """Return an empty account, of a part of the products, for :meth:`add_part`."""
        part = ImportReport(strict=self.strict)
        part._units = self._units
        return part

    def add_part(self, part: ImportReport) -> None:
        """Add what became of the products of a part."""
        self.problems += part.problems
        self.not_for_sale += part.not_for_sale
        self.missing.update(part.missing)
        self.rows_joined += part.rows_joined
        self.rows_not_for_sale += part.rows_not_for_sale
        self.stock_ignored += part.stock_ignored
        self.variants_not_for_sale.update(part.variants_not_for_sale)

    @property
    def broken_rows(self) -> int:
        """How many rows were left out because of a problem."""
        return sum(problem.consequence == ROW_LEFT_OUT for problem in self.problems)

    def count_row(self, read: FileRead) -> None:
        """Count a row that was read.

        Raises:
            CatalogueError: there are too many.
        """
        self.rows += 1
        read.rows += 1
        if read.rows == 1:
            self._units[read.file] = _UNITS.get(read.form, "line")
        if self.rows > MOST_ROWS:
            raise CatalogueError(f"{read.file}: expected at most {MOST_ROWS:,} rows, got more")

    @property
    def rows_left_out(self) -> int:
        """How many rows were left out, because of a problem or as not for sale."""
        return self.broken_rows + self.rows_not_for_sale

    def why_nothing(self) -> str:
        """Why no product is left, as the end of a message."""
        left_out = [each for each in self.problems if each.consequence == ROW_LEFT_OUT]
        shown = left_out or self.problems
        first = "".join(f"; first: {each.place}: {each.reason}" for each in shown[:1])
        if not self.not_for_sale:
            return first
        states = Counter(each.state for each in self.not_for_sale)
        counts = ", ".join(f"{count:,} {state}" for state, count in states.items())
        named = " ".join(state.replace(" ", "-") for state in states)
        wrong = f"; {_count(len(left_out), 'row')} left out as wrong{first}" if left_out else ""
        return f": not for sale are {counts}; --include {named} takes them{wrong}"

    def to_record(self) -> dict[str, Any]:
        """Return the report as JSON types."""
        record = {each.name: getattr(self, each.name) for each in fields(self)}
        del record["strict"], record["_units"]
        return {
            **record,
            "files": [asdict(read) for read in self.files],
            "rows_left_out": self.rows_left_out,
            "not_for_sale": [
                {name: value for name, value in asdict(each).items() if value is not None}
                for each in self.not_for_sale
            ],
            "not_for_sale_counts": Counter(each.state for each in self.not_for_sale),
            "problem_counts": Counter(problem.kind for problem in self.problems),
            "problems": [asdict(problem) for problem in self.problems],
        }

    def summary(self) -> str:
        """Return the account in one line."""
        parts = [f"{self.rows:,} rows, {self.products:,} products"]
        if self.rows_joined:
            parts.append(_count(self.rows_joined, "row") + " joined as variants")
        if self.rows_without_content:
            parts.append(_count(self.rows_without_content, "row") + " without content")
        states = Counter(each.state for each in self.not_for_sale)
        if states:
            counts = ", ".join(f"{count:,} {state}" for state, count in states.most_common())
            parts.append(f"{len(self.not_for_sale):,} not for sale ({counts})")
        if self.variants_not_for_sale:
            counts = ", ".join(f"{n:,} {state}" for state, n in self.variants_not_for_sale.items())
            number = self.variants_not_for_sale.total()
            parts.append(f"{_count(number, 'variant')} not for sale ({counts})")
        if self.stock_ignored:
            parts.append(f"stock ignored: 0 of each of {_count(self.stock_ignored, 'product')}")
        if self.broken_rows:
            parts.append(_count(self.broken_rows, "row") + " left out")
        values = [p.consequence for p in self.problems if p.consequence != ROW_LEFT_OUT]
        left_out = sum(consequence.endswith("left out") for consequence in values)
        if left_out:
            parts.append(_count(left_out, "value") + " left out")
        if len(values) > left_out:
            parts.append(_count(len(values) - left_out, "value") + " changed")
        if made := self.derived.get("id"):
            parts.append(_count(made, "id") + " made from row numbers")
        columns = {n[8:]: c for n, c in self.derived.items() if n.startswith("id from ")}
        parts += [f"{_count(count, 'id')} from {column}" for column, count in columns.items()]
        # Attributes are derived where there are none.
        shown = {name: count for name, count in self.missing.items() if name != "attributes"}
        parts += [f"{count:,} without {name}" for name, count in shown.items() if count]
        return ", ".join(parts)


def _count(number: int, what: str) -> str:
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def _short(text: str) -> str:
    cut = text[: 2 * _SHOWN_CHARACTERS]
    return cut if len(text) <= len(cut) else f"{cut}…"
