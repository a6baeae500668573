"""Writes the demo catalogue as a Shopify product export: something to try the own-shop path with.

    python examples/shopify_export.py products.csv [--products 1000]

Variants are rows, descriptions are HTML, prices have currency signs, some have no category; a few
rows are broken on purpose, as in real exports.
"""

from __future__ import annotations

import argparse
import csv
import html
import itertools
from collections.abc import Iterator
from pathlib import Path

from shopwright import Product, generate_products

COLUMNS = (
    "Handle", "Title", "Body (HTML)", "Vendor", "Product Category", "Type", "Tags",
    "Option1 Name", "Option1 Value", "Option2 Name", "Option2 Value", "Option3 Name",
    "Option3 Value", "Variant SKU", "Variant Price", "Image Src",
)  # fmt: skip
VARIANTS_AT_MOST = 30


def rows_of(product: Product) -> Iterator[dict[str, str]]:
    """A product's rows: the first with its texts, one for each further variant."""
    bullets = "".join(f"<li>{html.escape(bullet)}</li>" for bullet in product.bullets)
    groups = list(product.options.items())[:3]
    combinations = itertools.product(*(values for _, values in groups))
    for number, values in enumerate(itertools.islice(combinations, VARIANTS_AT_MOST)):
        row = dict.fromkeys(COLUMNS, "")
        row["Handle"] = product.asin.lower()
        row["Variant SKU"] = f"{product.asin}-{number}"
        prices = product.pricing_dollars
        row["Variant Price"] = f"${prices[min(number, len(prices) - 1)]:,.2f}"
        for place, ((name, _), value) in enumerate(zip(groups, values, strict=True), start=1):
            row[f"Option{place} Value"] = value
            if number == 0:
                row[f"Option{place} Name"] = name
        if number == 0:
            row["Title"] = product.title
            row["Body (HTML)"] = f"<p>{html.escape(product.description)}</p><ul>{bullets}</ul>"
            row["Vendor"] = product.title.split(" ")[0]
            row["Product Category"] = product.product_category.replace("›", ">")
            row["Type"] = product.query
        yield row


def main() -> None:
    """Read the command line and write the file."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").split("\n")[0])
    parser.add_argument("out", type=Path, help="the file to write")
    parser.add_argument("--products", type=int, default=1_000, help="how many")
    arguments = parser.parse_args()
    with arguments.out.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS)
        writer.writeheader()
        for number, product in enumerate(generate_products(arguments.products, seed=0)):
            rows = list(rows_of(product))
            if number % 100 == 50:
                rows[0]["Product Category"] = rows[0]["Type"] = ""
            if number % 200 == 120:
                rows[0]["Variant Price"] = "on request"
            if number % 400 == 399:
                rows.append(rows[-1])
            writer.writerows(rows)


if __name__ == "__main__":
    main()
