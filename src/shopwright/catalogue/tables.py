"""Products from a shop's own table, in any form (forms).

Google Merchant feeds and Shopify exports are known by their columns (columns.py). Rows are read
each for itself (reading.py); those that are variants of one product become one product with options
(grouping.py, assembly.py). Whatever is left out or mended is in the import report with its place.
Attributes and requests are derived from the texts (attributes.py), except for a table that
shopwright exported, which is read back exactly.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from itertools import chain, islice
from pathlib import Path

from shopwright.catalogue.assembly import Assembly
from shopwright.catalogue.attributes import derive_packed
from shopwright.catalogue.export import product_of_cells
from shopwright.catalogue.forms.opening import open_table
from shopwright.catalogue.forms.table import Row, Table
from shopwright.catalogue.grouping import ProductGroups
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.layouts.description import PLAIN, SHOPWRIGHT
from shopwright.catalogue.lookalikes import lookalikes
from shopwright.catalogue.packed import PackedProducts
from shopwright.catalogue.product import Product
from shopwright.catalogue.recognition import recognise
from shopwright.errors import CatalogueError, InputError

# So many rows show which columns there are, and so many what is nested in them.
_LOOKED_AT = 1_000
_LOOKED_INTO = 100


def read_table(
    source: Path | Sequence[Path],
    report: ImportReport,
    mapping: Mapping[str, str] | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    layout: str | None = None,
    include: Collection[str] = (),
    currency: str | None = None,
    seed: int = 0,
) -> list[Product]:
    """Return the products of a table, in the order of their first rows, with attributes and
    requests.

    Args:
        source, report, mapping, delimiter, encoding, layout, include, currency: as of
            :func:`read_given`, also its errors.
        seed: decides which attributes the derived requests ask for.
    """
    products = read_given(
        source,
        report,
        mapping,
        delimiter=delimiter,
        encoding=encoding,
        layout=layout,
        include=include,
        currency=currency,
    )
    derive_lacking(products, report, seed)
    return list(products)


def read_given(
    source: Path | Sequence[Path],
    report: ImportReport,
    mapping: Mapping[str, str] | None = None,
    *,
    delimiter: str | None = None,
    encoding: str | None = None,
    layout: str | None = None,
    include: Collection[str] = (),
    currency: str | None = None,
) -> PackedProducts:
    """Return the products of a table as it gives them, in the order of their first rows.

    Args:
        source: the file, or several in order.
        report: gets the account of the import.
        mapping: field → column where the names are not known ones; fields as in columns.py.
        delimiter, encoding: of the files, as :func:`open_table` takes them.
        layout: whose columns they are; found out if None.
        include: states, as in layouts/description.py, of products that are taken although they are
            not for sale, e.g. "draft".
        currency: the ISO 4217 code of prices that name none.

    Raises:
        MissingFileError: there is no such file.
        CatalogueError: it is no table, or has no product; with a strict report, the first problem.
        InputError: the mapping is wrong, or no column can be the title.
        UnavailableError: Parquet, and pyarrow is not installed.
    """
    sources = [source] if isinstance(source, Path) else source
    table = open_table(sources, report, delimiter=delimiter, encoding=encoding)
    products = products_in(
        table, report, mapping, layout=layout, include=include, currency=currency
    )
    if not products:
        raise CatalogueError(
            f"{report.file}: expected at least one product, got none of {report.rows:,} rows"
            + report.why_nothing()
        )
    return products


def derive_lacking(products: PackedProducts, report: ImportReport, seed: int) -> None:
    """Give the products of a table the attributes and requests that it does not give, except those
    that shopwright exported.

    Args:
        products: what :func:`read_given` returned.
        report: gets what was derived.
        seed: decides which attributes the requests ask for.
    """
    if report.layout != SHOPWRIGHT:
        brands = {*filter(None, products.values("brand"))}
        report.derived.update(derive_packed(products, brands=brands, seed=seed))


def products_in(
    table: Table,
    report: ImportReport,
    mapping: Mapping[str, str] | None = None,
    *,
    layout: str | None = None,
    include: Collection[str] = (),
    currency: str | None = None,
    title_of: Callable[[str], str] | None = None,
) -> PackedProducts:
    """Return the products of an opened table as it gives them, without what is derived of them.

    Args:
        table: the table.
        report, mapping, layout, include, currency: as of :func:`read_table`, also its errors.
        title_of: where the table has changes of known products: asin → title, empty if there is no
            such product. Then ids do, without the other columns that a layout needs.
    """
    rows = iter(table.rows)
    first = list(islice(rows, _LOOKED_AT))
    names = [*dict.fromkeys([*table.names, *(name for row in first for name in row.cells)])]
    try:
        columns = recognise(
            names,
            mapping,
            samples=[row.cells for row in first[:_LOOKED_INTO]],
            layout=layout,
            ids_do=title_of is not None,
        )
    except InputError as error:
        raise InputError(f"{report.file}: {error}") from None
    report.layout = columns.layout.name
    report.columns, report.columns_not_used = columns.to_record(), list(columns.unused)
    if columns.layout.name == PLAIN:
        missing = {"title", "price"} - columns.of_field.keys()
        report.lookalikes = lookalikes(columns.unused, [row.cells for row in first], missing)
    if columns.layout.name == SHOPWRIGHT:
        products = PackedProducts(_own_products(chain(first, rows), report))
    else:
        groups = ProductGroups(columns, report)
        groups.add(chain(first, rows))
        del first
        assembly = Assembly(
            columns,
            groups.finished(),
            report,
            include=include,
            currency=currency,
            title_of=title_of,
        )
        products = assembly.products()
    report.products = len(products)
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
