"""What building a shop from a table costs, form by form.

    python benchmarks/tables.py [--rows 100000] [--forms csv "google xml" ...] [--out FILE.json]

An invented catalogue of so many products is written in every form that `shop build --table` reads,
and a shop is built of each file by the command line, in a process of its own. Prints seconds,
processor time and peak memory of the whole build; 60 s and 1,500 MB are promised for 100,000 rows.
Every title is another, as in most catalogues of one row a product.
"""

from __future__ import annotations

import argparse
import gzip
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from itertools import islice
from pathlib import Path

from shopwright import generate_products
from shopwright.catalogue.export import write_table
from shopwright.catalogue.feeds.write import write_feed
from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Product
from shopwright.console import print_table
from shopwright.files import write_json

RESULTS = Path(__file__).resolve().parent / "results" / "tables.json"
COLUMNS = ("id", "title", "description", "price", "category", "brand", "features", "color")


def bare_products(count: int) -> Iterator[Product]:
    """Invented products without the attributes and requests that they were invented with, each
    with one value an option, so that each is a row."""
    for number, product in enumerate(generate_products(count)):
        options = {name: values[:1] for name, values in product.options.items()}
        yield replace(
            product,
            title=f"{product.title} {number}",
            options=options,
            attributes=(DEFAULT_ATTRIBUTE,),
            instruction=None,
            instruction_attributes=(),
        )


def plain_rows(products: Iterable[Product]) -> Iterator[dict[str, object]]:
    """Rows as somebody's own table has them."""
    for product in products:
        yield {
            "id": product.asin,
            "title": product.title,
            "description": product.description,
            "price": product.pricing_dollars[0],
            "category": product.product_category.replace("›", ">"),
            "brand": product.title.split(" ", 1)[0],
            "features": "|".join(product.bullets),
            "color": ", ".join(next(iter(product.options.values()), ())),
        }


def write_plain(path: Path, products: Iterable[Product], delimiter: str = ",") -> None:
    """Write a plain table."""
    import csv

    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS, delimiter=delimiter)
        writer.writeheader()
        writer.writerows(plain_rows(products))


def write_lines(path: Path, products: Iterable[Product]) -> None:
    """Write JSON lines."""
    with path.open("w", encoding="utf-8") as file:
        for row in plain_rows(products):
            file.write(json.dumps(row) + "\n")


def write_array(path: Path, products: Iterable[Product]) -> None:
    """Write one JSON array."""
    path.write_text(json.dumps(list(plain_rows(products))))


def write_workbook(path: Path, products: Iterable[Product]) -> None:
    """Write a workbook."""
    from openpyxl import Workbook

    book = Workbook(write_only=True)
    sheet = book.create_sheet("products")
    sheet.append(COLUMNS)
    for row in plain_rows(products):
        sheet.append([row[name] for name in COLUMNS])
    book.save(path)


def write_parquet(path: Path, products: Iterable[Product]) -> None:
    """Write Parquet."""
    import pyarrow
    import pyarrow.parquet

    rows = plain_rows(products)
    first = pyarrow.Table.from_pylist(list(islice(rows, 10_000)))
    with pyarrow.parquet.ParquetWriter(path, first.schema) as writer:
        writer.write_table(first)
        while batch := list(islice(rows, 10_000)):
            writer.write_table(pyarrow.Table.from_pylist(batch, schema=first.schema))


def write_gzip(path: Path, products: Iterable[Product]) -> None:
    """Write a gzipped CSV."""
    plain = path.with_suffix("")
    write_plain(plain, products)
    with gzip.open(path, "wb", compresslevel=1) as file:
        file.write(plain.read_bytes())
    plain.unlink()


def write_zip(path: Path, products: Iterable[Product]) -> None:
    """Write a zipped CSV."""
    plain = path.with_suffix(".csv")
    write_plain(plain, products)
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as file:
        file.write(plain, plain.name)
    plain.unlink()


def _feed(layout: str) -> Callable[[Path, Iterable[Product]], object]:
    return lambda path, products: write_feed(path, products, layout)


FORMS: dict[str, tuple[str, Callable[[Path, Iterable[Product]], object]]] = {
    "csv": ("plain.csv", write_plain),
    "tsv": ("plain.tsv", lambda path, products: write_plain(path, products, "\t")),
    "json lines": ("plain.jsonl", write_lines),
    "json array": ("plain.json", write_array),
    "workbook": ("plain.xlsx", write_workbook),
    "parquet": ("plain.parquet", write_parquet),
    "csv.gz": ("plain.csv.gz", write_gzip),
    "csv.zip": ("plain.zip", write_zip),
    "google xml": ("google.xml", _feed("google")),
    "google tsv": ("google.tsv", _feed("google")),
    "shopify": ("shopify.csv", _feed("shopify")),
    "acp": ("products.jsonl", _feed("acp")),
    "ucp": ("products.json", _feed("ucp")),
    "own export": ("own.csv", write_table),
}


def build(table: Path, shop: Path) -> dict[str, float]:
    """Build a shop of a table in a process of its own; return seconds and peak megabytes."""
    code = "import sys; from shopwright.cli import main; sys.exit(main())"
    command = [sys.executable, "-c", code, "shop", "build", "--table", str(table)]
    started = time.perf_counter()
    process = subprocess.Popen([*command, "--out", str(shop)], stdout=subprocess.DEVNULL)
    _, status, usage = os.wait4(process.pid, 0)
    if status:
        sys.exit(f"{table.name}: the build failed")
    return {
        "seconds": time.perf_counter() - started,
        "processor_seconds": usage.ru_utime + usage.ru_stime,
        "megabytes": usage.ru_maxrss * 1024 / 1e6,
    }


def main() -> None:
    """Read the command line and measure."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("--rows", type=int, default=100_000, help="rows of a table")
    parser.add_argument("--forms", nargs="+", choices=FORMS, default=[*FORMS], metavar="FORM")
    parser.add_argument("--out", type=Path, default=RESULTS, help="where to write the figures")
    arguments = parser.parse_args()
    figures = {}
    with tempfile.TemporaryDirectory() as temporary:
        for form in arguments.forms:
            name, write = FORMS[form]
            table = Path(temporary) / name
            write(table, bare_products(arguments.rows))
            size = table.stat().st_size / 1e6
            figures[form] = {"file_megabytes": size, **build(table, Path(temporary) / "shop")}
            table.unlink()
            print(f"{form}: {figures[form]}", file=sys.stderr)
    print_table(
        f"Shops of {arguments.rows:,} rows",
        ("form", "file, MB", "seconds", "processor, s", "peak, MB"),
        [[form, *(f"{figure:,.0f}" for figure in row.values())] for form, row in figures.items()],
    )
    write_json(arguments.out, {"rows": arguments.rows, "forms": figures})


if __name__ == "__main__":
    main()
