"""A shop exported as a table builds the same shop."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import orjson
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from shopwright.catalogue.export import write_table
from shopwright.catalogue.generate import generate_products
from shopwright.catalogue.import_report import ImportReport
from shopwright.catalogue.product import Instruction, Product
from shopwright.catalogue.tables import read_table
from shopwright.errors import InputError
from shopwright.shop.nouns import WordTagger
from shopwright.shop.shop import build_shop

ENDINGS = [".csv", ".jsonl", ".parquet"]


def back(path: Path, products: list[Product]) -> list[Product]:
    assert write_table(path, products) == len(products)
    report = ImportReport(strict=True)
    read = read_table(path, report)
    assert report.layout == "shopwright"
    return read


@pytest.mark.parametrize("ending", ENDINGS)
def test_an_exported_table_builds_the_same_shop(tmp_path, small_shop, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    products = back(tmp_path / f"table{ending}", list(small_shop.catalogue))
    again = build_shop(products, tmp_path / "shop", source={}, tagger=WordTagger())
    assert again.manifest["files"] == small_shop.manifest["files"]


@pytest.mark.parametrize("ending", ENDINGS)
def test_the_demo_catalogue_is_read_back_exactly(tmp_path, ending):
    if ending == ".parquet":
        pytest.importorskip("pyarrow")
    products = list(generate_products(40, seed=3))
    read = back(tmp_path / f"table{ending}", products)
    assert read == [
        replace(product, price_dollars=product.pricing_dollars[0], nouns=()) for product in products
    ]


@pytest.mark.parametrize("values", [(), ("red",)])
@pytest.mark.parametrize("name", ["nodes", "edges"])
def test_an_option_named_like_a_connection_of_graphql_is_an_option(tmp_path, name, values):
    product = Product(asin="A", title="Lamp", options={name: values})
    (read,) = back(tmp_path / "table.jsonl", [product])
    assert read.options == {name: values}


TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
NAMES = st.text(st.characters(exclude_categories=["Cs", "Z", "Cc"]), min_size=1, max_size=8)
PRODUCTS = st.builds(
    Product,
    asin=NAMES,
    title=TEXTS,
    description=TEXTS,
    bullets=st.lists(TEXTS, min_size=1, max_size=3).map(tuple),
    options=st.dictionaries(TEXTS, st.lists(TEXTS, max_size=2).map(tuple), max_size=2),
    attributes=st.lists(TEXTS, max_size=2).map(tuple),
    query=TEXTS,
    instruction=st.none() | TEXTS.filter(bool),
    instruction_attributes=st.lists(TEXTS, min_size=1, max_size=2).map(tuple),
    human_instructions=st.lists(
        st.builds(Instruction, text=TEXTS, attributes=st.just(()), options=st.just(("x",))),
        max_size=1,
    ).map(tuple),
)


@settings(
    max_examples=80, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(st.lists(PRODUCTS, min_size=1, max_size=4, unique_by=lambda product: product.asin))
def test_any_product_is_read_back_exactly(tmp_path, products):
    for ending in ENDINGS[:2]:
        read = back(tmp_path / f"table{ending}", products)
        for got, expected in zip(read, products, strict=True):
            if ending == ".csv" and expected.instruction is None:
                assert got.instruction in (None, "")
                got = replace(got, instruction=None)
            assert got == expected


def test_a_damaged_cell_is_reported_with_its_place(tmp_path):
    path = tmp_path / "table.jsonl"
    write_table(path, generate_products(2, seed=0))
    records = [orjson.loads(line) for line in path.read_bytes().splitlines()]
    records[1]["bullets"] = "none"
    path.write_bytes(b"\n".join(map(orjson.dumps, records)))
    report = ImportReport()
    assert len(read_table(path, report)) == 1
    (problem,) = report.problems
    assert problem.line == 2
    assert "field bullets: expected" in problem.reason


def test_an_unknown_file_ending_is_refused(tmp_path):
    with pytest.raises(InputError, match=r"expected a name that ends in .csv, .jsonl, .parquet"):
        write_table(tmp_path / "x.xls", [])
    assert not list(tmp_path.iterdir())
