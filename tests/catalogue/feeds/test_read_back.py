"""What was read of a platform comes back the same from our export for it."""

from __future__ import annotations

import pytest

from platform_exports import EXPORTS, invent
from shopwright.catalogue.feeds.write import WRITERS, write_feed
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_table

SAME = [
    (export, layout, ending)
    for export in EXPORTS
    for layout, forms in WRITERS.items()
    for ending in forms
    if export.layout == layout
]


@pytest.mark.parametrize(
    ("export", "layout", "ending"), SAME, ids=[f"{e.name}-{ending}" for e, _, ending in SAME]
)
def test_an_export_reads_back_as_what_was_exported(tmp_path, export, layout, ending):
    original = tmp_path / export.name
    original.write_bytes(export.write(invent(30, 3, groups=export.groups)))
    products = read_table(original, ImportReport())
    path = tmp_path / f"again{ending}"
    write_feed(path, products, layout)
    report = ImportReport()
    assert read_table(path, report) == products
    assert report.layout == layout
    assert not report.problems


@pytest.mark.parametrize("layout", WRITERS)
def test_every_platform_keeps_options_prices_and_titles_of_another(tmp_path, layout):
    (woocommerce,) = (export for export in EXPORTS if export.layout == "woocommerce")
    original = tmp_path / woocommerce.name
    original.write_bytes(woocommerce.write(invent(30, 4)))
    products = read_table(original, ImportReport())
    path = tmp_path / f"other{next(iter(WRITERS[layout]))}"
    write_feed(path, products, layout)
    again = read_table(path, ImportReport())
    assert [each.title for each in again] == [each.title for each in products]
    assert [each.options for each in again] == [each.options for each in products]
    for one, other in zip(products, again, strict=True):
        for variant in one.variants:
            assert other.price_with(variant.options) == variant.price_dollars


@pytest.mark.parametrize("layout", WRITERS)
def test_what_is_sold_out_stays_so_everywhere(tmp_path, layout):
    table = tmp_path / "feed.csv"
    table.write_text(
        "id,title,item_group_id,color,price,availability\n"
        "R,Vase,V,red,1.00,in_stock\nB,Vase,V,blue,2.00,out_of_stock\n"
    )
    (vase,) = read_table(table, ImportReport())
    path = tmp_path / f"other{next(iter(WRITERS[layout]))}"
    write_feed(path, [vase], layout)
    (again,) = read_table(path, ImportReport())
    assert [variant.available for variant in again.variants] == [True, False]
