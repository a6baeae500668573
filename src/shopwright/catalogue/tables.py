"""Products from a shop's own table: CSV, JSON lines or Parquet.

Google Merchant feeds and Shopify exports are known by their columns (columns.py). Rows that are
variants of one product become one product with options (grouping.py). Whatever is left out or
mended is in the import report with its place. Attributes and requests are derived from the texts
(attributes.py), except for a table that shopwright exported, which is read back exactly.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from shopwright.catalogue.attributes import derive
from shopwright.catalogue.columns import SHOPWRIGHT, recognise
from shopwright.catalogue.export import product_of_cells
from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.forms.table import Row
from shopwright.catalogue.grouping import ProductGroups
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.errors import CatalogueError, InputError


def read_table(
    source: Path | Sequence[Path],
    report: ImportReport,
    mapping: Mapping[str, str] | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    seed: int = 0,
) -> list[Product]:
    """Return the products of a table, in the order of their first rows.

    Args:
        source: the file, or several in order.
        report: gets the account of the import.
        mapping: field → column where the names are not known ones; fields as in columns.py.
        delimiter, encoding: of the files, as :func:`open_table` takes them.
        seed: decides which attributes the derived requests ask for.

    Raises:
        MissingFileError: there is no such file.
        CatalogueError: it is no table, or has no product; with a strict report, the first problem.
        InputError: the mapping is wrong, or no column can be the title.
        UnavailableError: Parquet, and pyarrow is not installed.
    """
    sources = [source] if isinstance(source, Path) else source
    table = open_table(sources, report, delimiter=delimiter, encoding=encoding)
    try:
        columns = recognise(table.names, mapping)
    except InputError as error:
        raise InputError(f"{report.file}: {error}") from None
    report.layout = columns.layout
    report.columns, report.columns_not_used = columns.to_record(), list(columns.unused)
    if columns.layout == SHOPWRIGHT:
        products = list(_own_products(table.rows, report))
    else:
        groups = ProductGroups(columns, report)
        for row in table.rows:
            groups.add(row)
        products, derived = derive(groups.products(), brands=groups.brands, seed=seed)
        report.derived.update(derived)
    report.products = len(products)
    if not products:
        problems = [f"; first: {each.place}: {each.reason}" for each in report.problems[:1]]
        raise CatalogueError(
            f"{report.file}: expected at least one product, got none of {report.rows:,} rows"
            + "".join(problems)
        )
    return products


def _own_products(rows: Iterator[Row], report: ImportReport) -> Iterator[Product]:
    seen: dict[str, int] = {}
    for row in rows:
        try:
            product = product_of_cells(row.cells)
        except InputError as error:
            report.add(row.file, row.line, None, "broken row", str(error))
            continue
        if product.asin in seen:
            reason = (
                f"expected each asin once, got {product.asin!r} as in line {seen[product.asin]}"
            )
            report.add(row.file, row.line, "asin", "duplicate", reason)
            continue
        seen[product.asin] = row.line
        yield product
