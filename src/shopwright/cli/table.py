"""Tables of one's own: what `shop build` takes and tells of them, and `shop layouts`."""

from __future__ import annotations

from argparse import Namespace
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from shopwright.cli.command import UNUSED_SEED, Argument, Command, path, switch
from shopwright.console import note, print_line
from shopwright.errors import InputError

if TYPE_CHECKING:
    from shopwright.catalogue.import_report import ImportReport
    from shopwright.catalogue.packed import PackedProducts

OWN = "products of a table of your own"
ALL = "all"
_MOST_SHOWN = 5

# What goes only with --table, by the names of the parsed arguments.
TABLE_ONLY = ("map", "strict", "delimiter", "encoding", "layout", "include", "currency")

ARGUMENTS = (
    path(
        "--table",
        "FILE",
        "the export of a shop or a feed, see `shop layouts`: CSV, JSON, XML, Excel, Parquet, also "
        "packed; several files, a folder, or - for standard input",
        nargs="+",
        group=OWN,
    ),
    Argument(
        "--layout",
        group=OWN,
        metavar="NAME",
        help="whose columns they are, as `shop layouts` lists them (default: found out)",
    ),
    Argument(
        "--map",
        group=OWN,
        nargs="+",
        action="extend",
        metavar="FIELD=COLUMN",
        help="the column of a field whose name is not a usual one: title=name price=cost",
    ),
    Argument(
        "--include",
        group=OWN,
        nargs="+",
        action="extend",
        metavar="STATE",
        help="take what is not for sale, too: draft, archived, hidden, discontinued, "
        "out-of-stock, or all",
    ),
    Argument(
        "--currency",
        group=OWN,
        metavar="CODE",
        help="of prices that name none, e.g. EUR; also says which dollars or crowns a sign means",
    ),
    Argument(
        "--delimiter",
        group=OWN,
        metavar="CHARACTER",
        help="what divides the cells of CSV, also `tab` (default: found out)",
    ),
    Argument(
        "--encoding",
        group=OWN,
        metavar="NAME",
        help="of the texts, e.g. windows-1251 (default: found out)",
    ),
    switch("--strict", "refuse a table in which anything is wrong", group=OWN),
)


def read_products(arguments: Namespace, report: ImportReport) -> PackedProducts:
    """Return the products of the table that the arguments name, as it gives them.

    Args:
        arguments: those of :data:`ARGUMENTS`.
        report: gets the account of the import.

    Raises:
        InputError: an argument is wrong, or the table lacks a column.
        CatalogueError: the table cannot be read, or has no product.
    """
    from shopwright.catalogue.tables import read_given

    return read_given(
        arguments.table,
        report,
        _mapping(arguments.map or []),
        delimiter=arguments.delimiter,
        encoding=arguments.encoding,
        layout=arguments.layout,
        include=_states(arguments.include or []),
        currency=arguments.currency,
    )


def read_changes(
    arguments: Namespace, report: ImportReport, title_of: Callable[[str], str], currency: str
) -> PackedProducts:
    """Return the products of a table of changes as it gives them, perhaps none.

    Args:
        arguments, report: as of :func:`read_products`, also its errors.
        title_of: asin → the title of a product of the shop, empty if it has none.
        currency: the shop's, in which prices are that name none.

    Raises:
        InputError: its prices are in another currency, too.
    """
    from shopwright.catalogue.forms.opening import open_table
    from shopwright.catalogue.tables import products_in

    table = open_table(
        arguments.table, report, delimiter=arguments.delimiter, encoding=arguments.encoding
    )
    products = products_in(
        table,
        report,
        _mapping(arguments.map or []),
        layout=arguments.layout,
        include=_states(arguments.include or []),
        currency=arguments.currency or currency,
        title_of=title_of,
    )
    for product in products:
        if product.priced and product.currency != currency:
            raise InputError(
                f"{report.file}: expected prices in {currency}, as the shop has them, got "
                f"{product.currency}; convert them"
            )
    return products


def tell(report: ImportReport, folder: Path) -> None:
    """Write the account of an import beside the shop, and say the most of it."""
    from shopwright.catalogue.import_report import REPORT_NAME
    from shopwright.catalogue.layouts.description import PLAIN
    from shopwright.files import write_json

    # A remark on how the shop came about, no part of it: the manifest does not list it.
    write_json(folder / REPORT_NAME, report.to_record())
    for read in report.files[:_MOST_SHOWN]:
        if read.remarks:
            note(f"{read.file}: {read.remarks}")
    for name, reason in islice(report.files_not_read.items(), _MOST_SHOWN):
        note(f"not read: {name}: {reason}")
    if report.layout == PLAIN:
        used = ", ".join(f"{name} = {column}" for name, column in report.columns.items())
        note(f"{report.file}: no layout is recognised; taken by customary names: {used}")
        for name, column in report.lookalikes.items():
            kind = "an option" if name.startswith("option:") else f"a {name}"
            note(f"not used, and looks like {kind}: --map {_word(f'{name}={column}')}")
    note(f"{report.file}: {report.summary()}")
    if report.currency_assumed:
        note("nothing says a currency; prices are taken as USD; --currency CODE names another")
    if report.not_for_sale:
        states = dict.fromkeys(each.state.replace(" ", "-") for each in report.not_for_sale)
        note(f"what is not for sale is left out; to take it: --include {' '.join(states)}")
    if report.problems:
        first = report.problems[0]
        note(f"first problem: {first.place}: {first.reason} ({first.consequence})")
        note(f"all of them: {folder / REPORT_NAME}")


def _word(text: str) -> str:
    return f"'{text}'" if " " in text else text


def _mapping(entries: Iterable[str]) -> dict[str, str]:
    mapping: dict[str, str] = {}
    for entry in entries:
        name, separator, column = entry.partition("=")
        if not (name and separator and column):
            raise InputError(f"--map: expected FIELD=COLUMN, got {entry!r}")
        if name in mapping:
            raise InputError(f"--map: expected each field once, got {name!r} twice")
        mapping[name] = column
    return mapping


def _states(words: Iterable[str]) -> list[str]:
    from shopwright.catalogue.layouts.description import NOT_FOR_SALE

    states: list[str] = []
    for word in words:
        state = word.replace("-", " ")
        if state != ALL and state not in NOT_FOR_SALE:
            known = ", ".join(each.replace(" ", "-") for each in reversed(NOT_FOR_SALE))
            raise InputError(f"--include: expected {known} or {ALL}, got {word!r}")
        states += NOT_FOR_SALE if state == ALL else [state]
    return states


def _layouts(_: Namespace) -> dict[str, Any]:
    from shopwright.catalogue.layouts.description import layouts

    return {"layouts": [layout.to_record() for layout in layouts().values()]}


def _show_layouts(record: Mapping[str, Any]) -> None:
    for layout in record["layouts"]:
        print_line(f"{layout['name']}: {layout['title']}")
        for name in ("told by", "variants", "not for sale"):
            if layout[name]:
                print_line(f"  {name}: {layout[name]}")
        fields = ", ".join(f"{name} = {columns[0]}" for name, columns in layout["columns"].items())
        print_line(f"  columns: {fields}" if fields else "  columns: all of them")


COMMANDS = {
    "shop layouts": Command(
        description=(
            "Lists whose tables `shop build --table` knows, and what it reads of each.\n"
            "What fits none is read by customary names, or with --map."
        ),
        example="shopwright shop layouts",
        arguments=(),
        run=_layouts,
        show=_show_layouts,
        seed=UNUSED_SEED,
    ),
}
