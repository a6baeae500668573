"""A catalogue as one table that reads back exactly: ``shop export --table`` and its reader.

Every field of a product is a column; lists and option groups are JSON in CSV and Parquet, and JSON
itself in JSON lines. What a shop decides when it is built (the price drawn from a range, nouns) is
no column: the same products in the same order give the same again.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable, Mapping
from itertools import islice
from pathlib import Path
from typing import Any

import orjson

from shopwright.catalogue.columns import LATER_COLUMNS, OWN_COLUMNS
from shopwright.catalogue.forms.parquet import import_pyarrow
from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.errors import InputError
from shopwright.files import replacing, write_json_lines
from shopwright.json_fields import are_texts, take, take_texts, wrong

ENDINGS = (".csv", ".jsonl", ".parquet")
_TEXTS = frozenset(
    (
        "asin title description price_tag category query product_category image rating instruction "
        "currency brand address barcode availability keywords goal_rule"
    ).split()
)
_BATCH_ROWS = 4096


def write_table(path: Path, products: Iterable[Product]) -> int:
    """Write products as a table, whole or not at all, and return how many there are.

    Args:
        path: the file; its ending, .csv, .jsonl or .parquet, decides the form.
        products: in order.

    Raises:
        InputError: the ending is another.
        UnavailableError: Parquet, and pyarrow is not installed.
    """
    ending = path.suffix.lower()
    if ending == ".csv":
        return _write_csv(path, products)
    if ending == ".jsonl":
        return write_json_lines(path, map(_cells, products))
    if ending == ".parquet":
        return _write_parquet(path, products)
    raise InputError(f"{path}: expected a name that ends in {', '.join(ENDINGS)}")


def _cells(product: Product) -> dict[str, Any]:
    return {name: getattr(product, name) for name in OWN_COLUMNS}


def _texts(product: Product) -> dict[str, str | None]:
    """A product's cells as texts; None for no instruction."""
    return {
        name: value if name in _TEXTS else orjson.dumps(value).decode()
        for name, value in _cells(product).items()
    }


def _write_csv(path: Path, products: Iterable[Product]) -> int:
    with replacing(path) as file:
        text = io.TextIOWrapper(file, encoding="utf-8", newline="", write_through=True)
        # All quoted: a lone carriage return or a cell of blanks stays as it is.
        writer = csv.writer(text, lineterminator="\n", quoting=csv.QUOTE_ALL)
        writer.writerow(OWN_COLUMNS)
        count = 0
        for product in products:
            writer.writerow(_texts(product).values())
            count += 1
        text.detach()
    return count


def _write_parquet(path: Path, products: Iterable[Product]) -> int:
    pyarrow = import_pyarrow(path)
    schema = pyarrow.schema([(name, pyarrow.string()) for name in OWN_COLUMNS])
    count = 0
    with replacing(path) as file, pyarrow.parquet.ParquetWriter(file, schema) as writer:
        iterator = iter(products)
        while batch := [_texts(product) for product in islice(iterator, _BATCH_ROWS)]:
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=schema))
            count += len(batch)
    return count


def product_of_cells(cells: Mapping[str, Any]) -> Product:
    """Return the product of a row that :func:`write_table` wrote.

    Raises:
        InputError: a cell does not hold what its column should; the message names it.
    """
    record: dict[str, Any] = {}
    for name in OWN_COLUMNS:
        if name in LATER_COLUMNS and name not in cells:
            continue
        value = cells.get(name)
        if name in _TEXTS:
            if not (name == "instruction" and value is None):
                take(cells, name, str)
        elif isinstance(value, str):
            try:
                value = orjson.loads(value)
            except orjson.JSONDecodeError:
                raise wrong(cells, name, "JSON") from None
        record[name] = value
    if "priced" not in record:
        record["priced"] = record["price_tag"] != NO_PRICE_TAG
    _check(record)
    # A CSV has no other way to say that there is none.
    if record["instruction"] == "" and not record["instruction_attributes"]:
        record["instruction"] = None
    record["price_dollars"] = record["pricing_dollars"][0]
    record["nouns"] = []
    return Product.from_record(record)


def _check(record: Mapping[str, Any]) -> None:
    for name in ("bullets", "attributes", "instruction_attributes"):
        take_texts(record, name)
    prices = take(record, "pricing_dollars", list)
    if not prices or not all(type(price) in (int, float) for price in prices):
        raise wrong(record, "pricing_dollars", "one number or two")
    if not all(map(are_texts, take(record, "options", dict).values())):
        raise wrong(record, "options", "lists of texts by name")
    for instruction in take(record, "human_instructions", list):
        take(instruction, "text", str)
        take_texts(instruction, "attributes")
        take_texts(instruction, "options")
    take(record, "priced", bool)
    if "derived" in record:
        take_texts(record, "derived")
    for variant in record.get("variants", ()):
        take(variant, "options", dict)
