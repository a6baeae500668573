"""What people see of a product."""

from __future__ import annotations

from pathlib import Path

import pytest

from shopwright.catalogue.export import product_of_cells, write_table
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.catalogue.tables import read_table
from shopwright.catalogue.webshop import parse_pricing


@pytest.mark.parametrize(
    ("tag", "shown"),
    [
        ("$27.0", "$27.00"),
        ("$12.99 to $30.5", "$12.99 to $30.50"),
        ("$1017.99", "$1017.99"),
        ("€1299.00", "€1299.00"),
        ("$100.0", "$100.00"),
        (NO_PRICE_TAG, NO_PRICE_TAG),
    ],
)
def test_prices_have_two_decimals(tag: str, shown: str) -> None:
    assert Product(asin="x", title="x", price_tag=tag).shown_price == shown


def test_a_default_price_is_not_shown() -> None:
    prices, tag = parse_pricing(None)
    product = Product(asin="x", title="x", pricing_dollars=prices, price_tag=tag, priced=False)
    assert product.price_tag == "$100.0"  # As the original's pages show it.
    assert product.shown_price == NO_PRICE_TAG


@pytest.mark.parametrize("ending", ["csv", "jsonl"])
def test_an_export_says_whether_there_is_a_price(ending: str, tmp_path: Path) -> None:
    products = [
        Product(asin="a", title="Mug", priced=False),
        Product(asin="b", title="Mug", price_tag="$100.0"),
    ]
    path = tmp_path / f"own.{ending}"
    write_table(path, products)
    again = read_table(path, ImportReport())
    assert [product.shown_price for product in again] == [NO_PRICE_TAG, "$100.00"]


def test_an_export_without_the_column_is_read() -> None:
    cells = {
        "asin": "a", "title": "Mug", "description": "", "bullets": [""],
        "pricing_dollars": [100.0], "price_tag": NO_PRICE_TAG, "options": {}, "attributes": ["x"],
        "category": "", "query": "", "product_category": "", "image": "", "rating": "N.A.",
        "instruction": None, "instruction_attributes": [], "human_instructions": [],
    }  # fmt: skip
    assert not product_of_cells(cells).priced
    assert product_of_cells({**cells, "price_tag": "$5.0"}).priced


def test_short_forms() -> None:
    product = Product(
        asin="MUG1", title="A mug <b> " * 20, price_tag="$5.0", options={"color": ("red", "blue")}
    )
    assert repr(product).startswith("<Product MUG1 'A mug <b> A mug")
    assert repr(product).endswith("…', $5.00>")
    assert len(repr(product)) < 100
    table = product._repr_html_()
    assert "<b>" not in table
    assert "color: red, blue" in table
    assert "$5.00" in table
