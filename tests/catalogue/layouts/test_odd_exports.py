"""Exports that differ from what a platform usually writes, and what they must not be taken for."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import orjson
import pytest

from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.catalogue.tables import read_table
from shopwright.errors import InputError


@pytest.fixture
def read(tmp_path: Path):
    def read(content: str | list[Any] | dict[str, Any], **options: Any):
        is_text = isinstance(content, str)
        path = tmp_path / ("table.csv" if is_text else "table.json")
        path.write_bytes(content.encode() if is_text else orjson.dumps(content))
        report = ImportReport()
        return read_table(path, report, **options), report

    return read


def prices(product: Product) -> list[tuple[dict[str, str], float | None]]:
    return [(dict(variant.options), variant.price_dollars) for variant in product.variants]


def states(report: ImportReport) -> dict[str, str]:
    return {each.asin: each.state for each in report.not_for_sale}


def woocommerce(number: int, status: str, stock: str) -> dict[str, Any]:
    return {
        "id": number, "name": f"Mug {number}", "slug": f"mug-{number}", "type": "simple",
        "permalink": f"https://x.test/mug-{number}", "status": status, "sku": f"M-{number}",
        "regular_price": "10", "price": "9", "stock_status": stock,
        "categories": [{"id": 1, "name": "Mugs"}], "tags": [], "images": [],
        "attributes": [{"name": "Color", "options": ["Red", "Blue"]}],
    }  # fmt: skip


def test_woocommerce_json_is_not_taken_for_its_csv(read):
    (mug,), report = read(
        [
            woocommerce(1, "publish", "instock"),
            woocommerce(2, "draft", "instock"),
            woocommerce(3, "publish", "outofstock"),
        ]
    )
    assert report.layout == "woocommerce_json"
    assert (mug.pricing_dollars, mug.options) == ((9.0,), {"color": ("red", "blue")})
    assert states(report) == {"2": "draft", "3": "out of stock"}


def test_an_unlisted_product_is_hidden(read):
    _, report = read(
        "Handle,Title,Option1 Name,Option1 Value,Price,Status\n"
        "hat,Hat,Title,Default Title,7,Unlisted\ncup,Cup,Title,Default Title,7,Active\n"
    )
    assert states(report) == {"hat": "hidden"}


def test_a_forced_layout_is_refused_where_products_have_no_id_of_its_own(read):
    feed = "id,title,price,image_link,availability\na,Tee,10 USD,https://x.test/a.jpg,in stock\n"
    for layout, column in (("shopify", "handle"), ("wix", "handleId"), ("magento", "sku")):
        with pytest.raises(InputError, match=f"column for the id .*'{column}'.* {layout}"):
            read(feed, layout=layout)
    (tee,), _ = read(feed, layout="shopify", mapping={"id": "id"})
    assert tee.asin == "a"


def test_the_id_of_a_product_group_is_no_category(read):
    variant = {"@type": "Product", "offers": {"price": 10, "priceCurrency": "EUR"}}
    (coat,), _ = read(
        [
            {
                "@context": "https://schema.org", "@type": "ProductGroup", "name": "Rain Coat",
                "productGroupID": "44E01",
                "hasVariant": [{**variant, "sku": "S", "size": "S"}, {**variant, "size": "L"}],
            }
        ]
    )  # fmt: skip
    assert (coat.asin, coat.category, coat.product_category) == ("44E01", "", "")
    assert "44e01" not in coat.query
