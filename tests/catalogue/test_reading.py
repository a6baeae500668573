"""Rows are read side by side, and give what they give one by one."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from typing import Any

import pytest

from shopwright import workers
from shopwright.catalogue import reading, tables
from shopwright.catalogue.articles import ProductGroup
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.tables import read_given
from shopwright.errors import CatalogueError

# Line 4 has a cell too many, line 6 repeats an id, the options of line 9 are none.
ROWS = (
    b"id,title,price,options\n"
    b"a,Red mug,5,\n"
    b"b,Blue mug,6,\n"
    b"c,Green mug,7,,x\n"
    b"d,Oak table,80,\n"
    b"a,Pine table,70,\n"
    b"e,Steel pan,30,\n"
    b"f,Coffee cup,4,\n"
    b"g,Tin cup,3,nothing of the kind\n"
    b"h,Glass cup,2,\n"
)


def in_batches_of(rows: int, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "PART", rows)
    monkeypatch.setattr(workers, "cores", lambda: 2)


@pytest.mark.parametrize("rows", [1, 2, 3, 100])
def test_problems_are_told_in_the_order_of_their_places(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(rows, monkeypatch)
    (tmp_path / "a.csv").write_bytes(ROWS)
    (tmp_path / "b.csv").write_bytes(ROWS.replace(b"\na,", b"\nz,"))
    report = ImportReport()
    products = read_given(tmp_path, report)
    assert [product.asin for product in products] == ["a", "b", "d", "e", "f", "g", "h", "z"]
    told = [(Path(problem.file).name, problem.line, problem.kind) for problem in report.problems]
    assert told == [
        ("a.csv", 4, "broken row"),
        ("a.csv", 6, "duplicate"),
        ("a.csv", 9, "bad value"),
        ("b.csv", 3, "duplicate"),
        ("b.csv", 4, "broken row"),
        ("b.csv", 5, "duplicate"),
        ("b.csv", 6, "duplicate"),
        ("b.csv", 7, "duplicate"),
        ("b.csv", 8, "duplicate"),
        ("b.csv", 9, "duplicate"),
        ("b.csv", 10, "duplicate"),
    ]


def test_a_strict_import_refuses_the_first_problem_whoever_finds_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(tables, "_LOOKED_AT", 2)  # So many are read before any is grouped.
    in_batches_of(100, monkeypatch)
    path = tmp_path / "a.csv"
    path.write_bytes(ROWS.replace(b"7,,x", b"7,").replace(b"2,\n", b"2,,x\n"))
    with pytest.raises(CatalogueError, match=r"a\.csv, line 6, column id: expected each id once"):
        read_given(path, ImportReport(strict=True))


@pytest.mark.parametrize("rows", [1, 2, 100])
def test_rows_of_a_product_may_be_read_apart(
    rows: int, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    in_batches_of(rows, monkeypatch)
    path = tmp_path / "feed.csv"
    sold = [(shirt, size) for shirt in "ABC" for size in ("s", "m", "l")]
    lines = [f"{a}{s},{a},Linen shirt {a},{n} USD,in_stock,{s}" for n, (a, s) in enumerate(sold, 1)]
    header = "id,item_group_id,title,price,availability,size"
    path.write_text("\n".join([header, *lines]) + "\n")
    found = read_given(path, ImportReport())
    assert [product.title for product in found] == [f"Linen shirt {a}" for a in "ABC"]
    told = [(v.options["size"], v.price_dollars) for p in found for v in p.variants]
    assert told == [(size, float(n)) for n, (_, size) in enumerate(sold, 1)]


def test_nested_variants_are_the_articles_of_their_product(tmp_path: Path) -> None:
    path = tmp_path / "products.json"
    variants = [{"id": f"p-{s}", "title": s, "option1": s, "price": "11.00"} for s in "SM"]
    shirt = {"id": 1, "title": "Linen shirt", "handle": "shirt", "vendor": "Loom"}
    shirt |= {"options": [{"name": "Size", "values": ["S", "M"]}], "variants": variants}
    path.write_text(json.dumps({"products": [shirt]}))
    (product,) = read_given(path, ImportReport())
    assert product.brand == "Loom"
    assert [dict(each.options) for each in product.variants] == [{"size": "s"}, {"size": "m"}]
    assert [each.price_dollars for each in product.variants] == [11.0, 11.0]


def test_what_rows_say_stands_in_the_order_in_which_they_first_say_it() -> None:
    group = ProductGroup("a", "a", labels={"1": "color"}, details={"width": "2"})
    group.take_choices(
        ProductGroup("", "", labels={"0": "size", "1": "hue"}, details={"depth": "1", "width": "3"})
    )
    assert list(group.labels.items()) == [("1", "color"), ("0", "size")]
    assert list(group.details.items()) == [("width", "2"), ("depth", "1")]
    group.take_texts(ProductGroup("", "", cells={"brand": "Loom"}), is_product=False)
    said = ProductGroup("", "", cells={"rating": "4", "brand": "Warp"})
    group.take_texts(said, is_product=False)
    assert list(group.cells.items()) == [("brand", "Loom"), ("rating", "4")]
    group.take_texts(said, is_product=True)
    assert list(group.cells.items()) == [("brand", "Warp"), ("rating", "4")]


def test_fewer_long_rows_are_read_at_once(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(reading, "BATCH_CHARACTERS", 1_000)
    sizes: list[int] = []

    def spread(function: Callable[[Any], Any], batches: Iterable[list[Any]]) -> Iterator[Any]:
        for batch in batches:
            sizes.append(len(batch))
            yield function(batch)

    monkeypatch.setattr(reading, "spread", spread)
    path = tmp_path / "a.jsonl"
    rows = [{"id": f"{n}", "title": "Mug", "price": 5, "sizes": "s"} for n in range(5)]
    rows += [{**row, "id": f"long {row['id']}", "title": "Mug " * 100} for row in rows]
    rows += [{**row, "id": f"wide {row['id']}", "sizes": ("s " * 250)[:500]} for row in rows[:5]]
    path.write_text("".join(json.dumps(row) + "\n" for row in rows))
    assert len(read_given(path, ImportReport())) == 15
    # 10 characters each of the first five, then 412, then 510.
    assert sizes == [8, 3, 2, 2]
