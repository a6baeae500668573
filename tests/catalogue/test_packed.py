"""Products and groups of rows as bytes."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from shopwright import workers
from shopwright.catalogue import packed
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.packed import PackedProducts, packed_part
from shopwright.catalogue.product import Instruction, Product, Variant
from shopwright.catalogue.tables import read_table


def products() -> list[Product]:
    first, *others = generate_products(23)
    variants = tuple(Variant(options={"size": size}, stock=n) for n, size in enumerate("sml"))
    asked = Instruction(text="a mug", attributes=("blue",), options=())
    return [replace(first, variants=variants, human_instructions=(asked,), stock=3), *others]


@pytest.mark.parametrize("most_unpacked", [10, 100])
def test_products_come_back_as_they_were(
    most_unpacked: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(packed, "PART", 5)
    monkeypatch.setattr(packed, "MOST_UNPACKED", most_unpacked)
    given = products()
    kept = PackedProducts(iter(given))
    assert list(kept) == given
    assert len(kept) == 23
    assert [kept[row] for row in range(-23, 23)] == given + given
    assert kept[3:17:4] == given[3:17:4]
    assert [product for rows in kept.parts for product in kept[rows]] == given
    assert [*kept.values("title", "stock")] == [(each.title, each.stock) for each in given]
    kept.extend(PackedProducts(given[:7]))
    assert [kept[rows] for rows in kept.parts[-3:]] == [given[20:], given[:5], given[5:7]]
    assert kept[21:26] == [*given[21:], *given[:3]]
    kept = PackedProducts(given)
    kept.replace(kept.parts[-1], packed_part(given[:3]))
    assert list(kept) == given[:20] + given[:3]


def test_a_changed_product_is_another_with_the_other_fields_of_the_first():
    for product in products():
        before = replace(product)
        fields = {"price_dollars": 3.0, "nouns": ("mug",), "brand": "Norvik"}
        assert packed.changed(product, **fields) == replace(product, **fields)  # type: ignore[arg-type]
        assert product == before


# In each the rows of several products take turns.
TABLES = {
    "groups": """id,item_group_id,title,price,color
1,A,Mug,5,red
2,B,Bowl,7,red
3,A,Mug,6,blue
4,,Plate,9,
5,B,Bowl,8,blue
3,A,Mug,6,blue
""",
    "parents": """ID,Type,SKU,Name,Parent,Regular price,Attribute 1 name,Attribute 1 value(s)
1,variation,M-R,Mug,M,5,Color,red
2,variation,B-R,Bowl,B,7,Color,red
3,variable,M,Mug,,,Color,"red, blue"
4,variation,M-B,Mug,M,6,Color,blue
5,variable,B,Bowl,,,Color,"red, blue"
6,variation,B-B,Bowl,id:5,8,Color,blue
""",
    "listed": """sku,product_type,name,price,configurable_variations,attribute_set_code
M-R,simple,Mug red,5,,Default
B-R,simple,Bowl red,7,,Default
M-B,simple,Mug blue,6,,Default
B-B,simple,Bowl blue,8,,Default
M,configurable,Mug,,"sku=M-R,color=Red|sku=M-B,color=Blue",Default
B,configurable,Bowl,,"sku=B-R,color=Red|sku=B-B,color=Blue",Default
""",
}


@pytest.mark.parametrize("most_unpacked", [0, 2])
@pytest.mark.parametrize("name", TABLES)
def test_groups_may_be_packed_at_any_time(
    name: str, most_unpacked: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / "table.csv"
    path.write_text(TABLES[name])
    expected, report = read_table(path, ImportReport()), ImportReport()
    assert max(len(product.variants) for product in expected) == 2
    monkeypatch.setattr(packed, "MOST_UNPACKED", most_unpacked)
    monkeypatch.setattr(packed, "MOST_OPEN", 1)
    assert read_table(path, report) == expected
    assert len(report.problems) == (name == "groups")


@pytest.mark.parametrize("processes", [1, 2])
def test_products_and_the_report_are_the_same_part_by_part(
    processes: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    rows = ["id,title,price,availability,description"]
    for n in range(11):
        title = "" if n == 4 else f"Mug {n}"
        price = "?" if n == 7 else f"{n + 1}.50"
        rows.append(f"{n},{title},{price},{'out of stock' if n % 3 == 1 else 'in stock'},")
    path = tmp_path / "table.csv"
    path.write_text("\n".join(rows))
    monkeypatch.setattr(workers, "cores", lambda: processes)
    whole, parts = ImportReport(), ImportReport()
    expected = read_table(path, whole)
    monkeypatch.setattr(packed, "PART", 2)
    assert read_table(path, parts) == expected
    assert parts.to_record() == whole.to_record()
    assert whole.problems
    assert whole.not_for_sale
