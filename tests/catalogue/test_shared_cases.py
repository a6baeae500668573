"""The public cases of tables that once came out wrong, with what is right, written down by hand.

They are not in the repository; where they are at hand, all of them are read.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import NO_PRICE_TAG, Product
from shopwright.catalogue.tables import read_table
from shopwright.errors import CatalogueError

# What most cases hold.
FOUR = [
    ("Norvik Rain Jacket", 49.9),
    ("Tallow Rain Coat", 59.9),
    ("Ferrin Canvas Bag", 19.9),
    ("Pim Canvas Sack", 24.9),
]
# File → (title, price) of each product; what else is right is below.
RIGHT: dict[str, list[tuple[str, float | tuple[float, float] | None]]] = {
    "array.json": FOUR,
    "backslash-quotes.csv": [
        ('Norvik "Storm" Jacket', 49.9), ('Tallow "Drizzle" Coat', 59.9), FOUR[2],
    ],
    "bigcommerce.csv": [FOUR[0], FOUR[2]],
    "blank-id-with-sku.csv": FOUR[:2],
    "category-not-searchable.csv": [
        ("Norvik Macrame Mini", 99.0), ("Tallow Stripe Tote", 89.0), ("Pim Barbell Gold", 29.0),
    ],
    "currency-signs.csv": [
        (title, price) for (title, _), price in zip(FOUR, [150e3, 160e3, 99e3, 89e3], strict=True)
    ],
    "dong.csv": [
        (title, price) for (title, _), price in zip(FOUR, [19e4, 29e4, 39e4, 49e4], strict=True)
    ],
    "draft.csv": FOUR[:1],
    "empty-header-cell.csv": FOUR,
    "empty-sku.csv": FOUR,
    "german-thousands.csv": [
        (title, price) for (title, _), price in zip(FOUR, [1299, 899, 2490, 749], strict=True)
    ],
    "google-feed.xml": FOUR,
    "header-twice.csv": FOUR,
    "lines-gz.jsonl.gz": FOUR,
    "long-id.csv": FOUR[:1],
    "magento2.csv": FOUR[:1],
    "option-list.csv": FOUR,
    "pandas-index.csv": FOUR,
    "python-list.csv": FOUR,
    "refusal-not-true.jsonl": [("Norvik Ring", 23.0), ("Tallow Ring", 22.0)],
    "sale-price-zero.csv": FOUR,
    "sep-line.csv": FOUR,
    "small-shop.csv": FOUR,
    "square.csv": [("Norvik Soap", (4.0, 7.0))],
    "type-says-product.jsonl": FOUR,
    "uncategorized.csv": FOUR[:2],
    "variant-prices.csv": [("Norvik Pot", (20.0, 400.0)), ("Tallow Pot", (25.0, 380.0))],
    "vendor-as-attribute.csv": [
        ("Blue Vase", 10.0), ("Red Bowl", 11.0), ("Oak Tray", 12.0), ("Wool Throw", 13.0),
        ("Linen Sheet", 14.0), ("Brass Hook", 15.0),
    ],
    "wix.csv": [("Norvik Tee", (20.0, 25.0))],
    "woocommerce.csv": [("Norvik Rain Jacket", (45.0, 49.9))],
    "word-before-price.csv": [
        (title, price) for (title, _), price in zip(FOUR, [499, 599, 299, 19.99], strict=True)
    ],
    "zero-price.csv": [(FOUR[0][0], None), (FOUR[1][0], None), *FOUR[2:]],
}  # fmt: skip


@pytest.fixture(scope="module")
def cases(shared: Path) -> Path:
    folder = shared / "cases" / "tables"
    if not folder.is_dir():
        pytest.skip(f"needs the public cases, which are not at {folder}")
    return folder


def read(cases: Path, name: str, **options: Any) -> tuple[list[Product], ImportReport]:
    report = ImportReport()
    products = read_table(cases / name, report, **options)
    account = report.products + report.rows_joined + report.rows_left_out
    assert report.rows == account + report.rows_without_content
    return products, report


def test_every_case_is_written_down(cases):
    files = {path.name for path in cases.iterdir() if path.suffix != ".md"}
    assert files == {*RIGHT, "bar-in-header.csv", "workbook.xlsx"}


@pytest.mark.parametrize("name", RIGHT)
def test_titles_and_prices(cases, name):
    products, _ = read(cases, name)
    found = [
        (
            product.title,
            None if product.price_tag == NO_PRICE_TAG
            else product.pricing_dollars if len(product.pricing_dollars) > 1
            else product.pricing_dollars[0],
        )
        for product in products
    ]  # fmt: skip
    assert found == RIGHT[name]


def test_a_workbook_that_is_none_is_refused_in_words(cases):
    pytest.importorskip("python_calamine")
    with pytest.raises(CatalogueError, match=r"expected an Excel workbook, got: [\w ]+; save it"):
        read(cases, "workbook.xlsx")


def test_a_bar_within_a_column_name_divides_nothing(cases):
    products, _ = read(cases, "bar-in-header.csv", mapping={"title": "title | en"})
    assert [(product.title, product.pricing_dollars[0]) for product in products] == FOUR
    assert products[0].description == "Waterproof shell, taped seams."
    # Without --map the additions to the names do not matter.
    assert read(cases, "bar-in-header.csv")[0] == products


@pytest.mark.parametrize(
    ("name", "options", "prices"),
    [
        ("bigcommerce.csv", [{"color": "red"}, {"color": "blue"}], [49.9, 49.9]),
        ("magento2.csv", [{"color": "red"}, {"color": "blue"}], [49.9, 49.9]),
        ("square.csv", [{"size": "small"}, {"size": "large"}], [4.0, 7.0]),
        ("variant-prices.csv", [{"size": "small"}, {"size": "large"}], [20.0, 400.0]),
        ("wix.csv", [{"size": "s"}, {"size": "m"}], [20.0, 25.0]),
        ("woocommerce.csv", [{"colour": "red"}, {"colour": "blue"}], [49.9, 45.0]),
    ],
)
def test_each_variant_has_its_own_price(cases, name, options, prices):
    product = read(cases, name)[0][0]
    assert [variant.options for variant in product.variants] == options
    assert [variant.price_dollars for variant in product.variants] == prices
    names = {name for each in options for name in each}
    assert product.options == {n: tuple(each[n] for each in options) for n in names}


@pytest.mark.parametrize(
    ("name", "kind", "path"),
    [
        ("bigcommerce.csv", "coats", "Clothing › Coats"),
        ("blank-id-with-sku.csv", "coats", "Coats"),
        ("magento2.csv", "coats", "Clothing › Coats"),
        ("python-list.csv", "jackets", "Home › Jackets"),
        ("type-says-product.jsonl", "coats", "Clothing › Coats"),
        ("uncategorized.csv", "rain jacket", ""),
        ("woocommerce.csv", "coats", "Clothing › Coats"),
    ],
)
def test_kinds_are_kinds(cases, name, kind, path):
    product = read(cases, name)[0][0]
    assert (product.query, product.product_category) == (kind, path)


def test_what_is_not_for_sale_is_left_out_and_counted(cases):
    _, report = read(cases, "draft.csv")
    assert "2 not for sale (1 draft, 1 archived)" in report.summary()
    products, _ = read(cases, "draft.csv", include=["draft", "archived"])
    assert [product.availability for product in products] == ["", "draft", "archived"]
    assert "1 not for sale (1 hidden)" in read(cases, "woocommerce.csv")[1].summary()


def test_ids_that_are_not_there_are_derived_and_the_report_says_so(cases):
    products, report = read(cases, "empty-sku.csv")
    assert [product.asin for product in products] == ["A1", "ROW0000003", "ROW0000004", "A4"]
    assert "2 ids made from row numbers" in report.summary()
    products, report = read(cases, "blank-id-with-sku.csv")
    assert [product.asin for product in products] == ["SK-1", "SK-2"]
    assert "2 ids from SKU" in report.summary()
    _, report = read(cases, "long-id.csv")
    (problem,) = report.problems
    assert (problem.line, problem.column, problem.consequence) == (3, "sku", "row left out")


def test_lists_and_images(cases):
    product = read(cases, "option-list.csv")[0][0]
    assert product.options == {"color": ("red", "blue"), "size": ("s", "m", "l")}
    product = read(cases, "python-list.csv")[0][0]
    assert product.bullets == ("Waterproof shell", "taped seams")
    product = read(cases, "woocommerce.csv")[0][0]
    assert product.image == "https://example.com/1.jpg"
    assert product.images == ("https://example.com/2.jpg",)
    product = read(cases, "type-says-product.jsonl")[0][0]
    assert product.options == {"color": ("red",)}
    assert product.image == "https://example.com/1.jpg"
    product = read(cases, "magento2.csv")[0][0]
    assert product.image == "/r.jpg"


def test_currencies(cases):
    expected = {"currency-signs.csv": "IDR", "dong.csv": "VND", "german-thousands.csv": "EUR"}
    found = {name: read(cases, name)[0][0].currency for name in expected}
    assert found == expected


def test_categories_and_brands_are_searchable(cases):
    for product in read(cases, "category-not-searchable.csv")[0]:
        assert product.query in product.search_text
        assert "accessories" in product.search_text
    assert "meadow lane" in read(cases, "vendor-as-attribute.csv")[0][0].search_text
