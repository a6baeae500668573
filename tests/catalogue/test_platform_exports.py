"""Every platform's exports: no row lost, every variant's options and price kept."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from platform_exports import EXPORTS, Export, Item, invent
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Product
from shopwright.catalogue.tables import read_table

by_name = pytest.mark.parametrize("export", EXPORTS, ids=lambda export: export.name)


def read(tmp_path: Path, export: Export, items: list[Item]) -> tuple[list[Product], ImportReport]:
    path = tmp_path / export.name
    path.write_bytes(export.write(items))
    report = ImportReport()
    products = read_table(path, report)
    assert report.layout == export.layout
    return products, report


def check(products: list[Product], items: list[Item]) -> None:
    assert [product.title for product in products] == [item.title for item in items]
    for product, item in zip(products, items, strict=True):
        expected = {
            name.lower(): {value.lower() for value in values}
            for name, values in item.groups.items()
        }
        assert {name: set(values) for name, values in product.options.items()} == expected
        for article in item.articles:
            chosen = {name.lower(): value.lower() for name, value in article.options.items()}
            assert product.price_with(chosen) == pytest.approx(article.price_cents / 100)


@by_name
@settings(
    max_examples=4,
    deadline=None,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)
@given(seed=st.integers(0, 2**32), count=st.integers(1, 12))
def test_options_and_prices_of_every_variant_are_kept(tmp_path, export, seed, count):
    items = invent(count, seed, groups=export.groups, one_price=export.one_price)
    products, report = read(tmp_path, export, items)
    check(products, items)
    assert report.rows_left_out == 0


@by_name
def test_no_row_is_lost_without_a_word(tmp_path, export):
    items = invent(40, 7, groups=export.groups, one_price=export.one_price)
    products, report = read(tmp_path, export, items)
    assert len(products) == len(items) == report.products
    accounted = (
        report.products + report.rows_joined + report.rows_left_out + report.rows_without_content
    )
    assert report.rows == accounted
