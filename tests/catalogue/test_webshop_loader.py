"""WebShop's files, by the rules of WebShop's loader."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from shopwright.catalogue.product import DEFAULT_ATTRIBUTE, Instruction, Product
from shopwright.catalogue.webshop import parse_pricing, read_webshop
from shopwright.errors import CatalogueError, InputError, MissingFileError


def item(**fields: Any) -> dict[str, Any]:
    """A record as WebShop's file has it."""
    standard: dict[str, Any] = {
        "asin": "B000000001",
        "name": "Lamp",
        "full_description": "A lamp.",
        "small_description": ["bright", "warm"],
        "pricing": "$12.99",
        "customization_options": {},
        "category": "garden",
        "query": " Desk Lamps ",
        "product_category": "Home › Lamps",
        "images": ["https://example.test/1.jpg", "https://example.test/2.jpg"],
    }
    return {**standard, **fields}


class Files:
    """WebShop's three files in a folder; records on a line each."""

    def __init__(self, folder: Path) -> None:
        self.items = folder / "items.json"
        self.attributes = folder / "attributes.json"
        self.human = folder / "human.json"
        self.write([item()], {}, {})

    def write(self, items: list[Any], attributes: Any = None, human: Any = None) -> None:
        self.items.write_text("[\n" + ",\n".join(map(json.dumps, items)) + "\n]")
        self.attributes.write_text(json.dumps(attributes or {}, indent=1))
        self.human.write_text(json.dumps(human or {}, indent=1))

    def read(self, **arguments: Any) -> list[Product]:
        return list(read_webshop(self.items, self.attributes, self.human, **arguments))


@pytest.fixture
def files(tmp_path: Path) -> Files:
    return Files(tmp_path)


def test_fields(files: Files) -> None:
    files.write(
        [item()],
        {"B000000001": {"attributes": ["bright"], "instruction": "Find me lamps",
                        "instruction_attributes": ["bright", "warm"]}},
        {"B000000001": [{"instruction": "a lamp.", "instruction_attributes": [],
                         "instruction_options": ["red"]}]},
    )  # fmt: skip
    assert files.read() == [
        Product(
            asin="B000000001",
            title="Lamp",
            description="A lamp.",
            bullets=("bright", "warm"),
            pricing_dollars=(12.99,),
            price_tag="$12.99",
            price_dollars=12.99,
            attributes=("bright",),
            category="garden",
            query="desk lamps",
            product_category="Home › Lamps",
            image="https://example.test/1.jpg",
            instruction="Find me lamps",
            instruction_attributes=("bright", "warm"),
            human_instructions=(Instruction(text="a lamp.", attributes=(), options=("red",)),),
        )
    ]


@pytest.mark.parametrize(
    ("pricing", "prices", "tag"),
    [
        (None, (100.0,), "$100.0"),
        ("", (100.0,), "$100.0"),
        ("$5", (5.0,), "$5.0"),
        ("$1,017.50", (1017.5,), "$1017.5"),
        ("$10.00 - $20.00", (10.0, 20.0), "$10.0 to $20.0"),
        ("$10.00$20.00$30.00", (10.0, 20.0), "$10.0 to $20.0"),
        ("from $7 (each)", (7.0,), "$7.0"),
        ("$20 to $10", (20.0, 10.0), "$20.0 to $10.0"),
    ],
)
def test_pricing(pricing: str | None, prices: tuple[float, ...], tag: str) -> None:
    assert parse_pricing(pricing) == (prices, tag)


@pytest.mark.parametrize(
    "pricing", ["12.99", "$", "free", "$1.2.3", "$nan", "$" + "9" * 400, 12.99, True, ["$1"]]
)
def test_invalid_pricing_is_refused(pricing: object) -> None:
    with pytest.raises(CatalogueError, match=r'field pricing: expected a text such as "\$12.99"'):
        parse_pricing(pricing)


def test_options(files: Files) -> None:
    options = {
        "Size": [{"value": " Large/XL "}, {"value": "S", "image": None}],
        "Gone": None,
        "COLOR": [{"value": "Red/White/Blue"}],
        "empty": [],
    }
    files.write([item(customization_options=options)])
    assert files.read()[0].options == {
        "size": ("large | xl", "s"),
        "color": ("red | white | blue",),
        "empty": (),
    }
    for nothing in (None, {}, [], ""):
        files.write([item(customization_options=nothing)])
        assert files.read()[0].options == {}


def test_products_that_the_original_skips_are_skipped(files: Files) -> None:
    files.write(
        [
            item(asin="nan"),
            item(asin="B0000000011"),
            item(asin="B1", name="first"),
            item(asin="B1", name="second", pricing="no price"),
            item(asin="B2"),
        ]
    )
    assert [(p.asin, p.title) for p in files.read()] == [("B1", "first"), ("B2", "Lamp")]
    assert [p.asin for p in files.read(limit=3)] == ["B1"]  # Records, not products.


def test_one_bullet_and_no_attributes(files: Files) -> None:
    files.write([item(small_description="only one")])
    (product,) = files.read()
    assert product.bullets == ("only one",)
    assert product.attributes == (DEFAULT_ATTRIBUTE,)
    assert product.instruction is None
    files.write([item()], {"B000000001": {"attributes": [], "instruction": None}})
    assert files.read()[0].attributes == ()


def test_human_instructions_are_optional(files: Files) -> None:
    assert len(list(read_webshop(files.items, files.attributes))) == 1


WRONG_ITEMS: list[tuple[dict[str, Any], str]] = [
    ({"asin": 5}, "field asin: expected a text, got 5"),
    ({"asin": ""}, "field asin: expected a text that is not empty"),
    ({"name": None}, "field name: expected a text, got None"),
    ({"full_description": 1}, "field full_description: expected a text, got 1"),
    ({"small_description": [1]}, "field small_description: expected a list of texts"),
    ({"small_description": []}, "field small_description: expected at least one text"),
    ({"pricing": "cheap"}, "field pricing: expected a text such as"),
    ({"pricing": 5}, "field pricing: expected a text such as"),
    ({"customization_options": "red"}, "field customization_options: expected an object"),
    ({"customization_options": {"c": "red"}}, "field customization_options.c: expected a list"),
    ({"customization_options": {"c": ["red"]}}, "customization_options.c: expected options with a"),
    ({"customization_options": {"c": [{"value": 1}]}}, "customization_options.c: expected options"),
    ({"category": []}, "field category: expected a text"),
    ({"query": None}, "field query: expected a text"),
    ({"product_category": 0}, "field product_category: expected a text"),
    ({"images": []}, "field images: expected a list of addresses"),
    ({"images": None}, "field images: expected a list of addresses"),
]


@pytest.mark.parametrize(("change", "message"), WRONG_ITEMS)
def test_invalid_items_are_refused(change: dict[str, Any], message: str, files: Files) -> None:
    files.write([item(asin="GOOD"), {**item(), **change}])
    with pytest.raises(CatalogueError) as error:
        files.read()
    assert str(error.value).startswith(f"{files.items}, line 3, product 2, ")
    assert message in str(error.value)
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("field", sorted(set(item()) - {"pricing", "customization_options"}))
def test_missing_fields_are_refused(field: str, files: Files) -> None:
    record = item()
    del record[field]
    files.write([record])
    with pytest.raises(CatalogueError, match=f"line 2, product 1, field {field}: .*got nothing"):
        files.read()


@pytest.mark.parametrize("record", [None, "text", 3, []])
def test_items_other_than_objects_are_refused(record: object, files: Files) -> None:
    files.write([item(), record])
    with pytest.raises(CatalogueError, match=r"line 3, product 2, .*expected an object"):
        files.read()


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ([], "B000000001: expected an object"),
        ({"attributes": "bright"}, "field attributes: expected a list of texts"),
        (
            {"instruction": "Find", "instruction_attributes": []},
            "expected attributes beside its instruction",
        ),
        ({"instruction": "Find"}, "field instruction_attributes: expected a list of texts"),
        (
            {"instruction": "", "instruction_attributes": ["x"]},
            "field instruction: expected a text",
        ),
    ],
)
def test_invalid_attributes_are_refused(entry: object, message: str, files: Files) -> None:
    files.write([item()], {"OTHER": {}, "B000000001": entry})
    with pytest.raises(CatalogueError, match=message) as error:
        files.read()
    assert str(error.value).startswith(f"{files.attributes}, line 3, ")


@pytest.mark.parametrize(
    ("entry", "message"),
    [
        ({}, "expected a list of objects"),
        (["text"], "expected an object with"),
        ([{"instruction": "x", "instruction_attributes": []}], "field instruction_options"),
        ([{"instruction": 1}], "field instruction: expected a text"),
    ],
)
def test_invalid_human_instructions_are_refused(entry: object, message: str, files: Files) -> None:
    files.write([item()], {}, {"B000000001": entry})
    with pytest.raises(CatalogueError, match=message) as error:
        files.read()
    assert str(error.value).startswith(f"{files.human}, line 2, ")


@pytest.mark.parametrize("name", ["items", "attributes", "human"])
def test_truncated_missing_and_other_files_are_refused(name: str, files: Files) -> None:
    path: Path = getattr(files, name)
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(InputError, match=r"line \d+, column \d+: expected JSON") as error:
        files.read()
    assert str(error.value).startswith(f"{path}, line")
    path.write_text("3")
    with pytest.raises(CatalogueError, match=f"{path}: expected an? (list|object)"):
        files.read()
    path.unlink()
    with pytest.raises(MissingFileError, match=str(path)):
        files.read()


@pytest.mark.parametrize(
    ("fields", "message"),
    [
        ({"asin": ""}, "a product's asin"),
        ({"asin": " A"}, "without white space around"),
        ({"asin": "A" * 201}, "expected at most 200 characters"),
        ({"asin": "A\0"}, "without null characters"),
        ({"bullets": ()}, "at least one bullet"),
        ({"pricing_dollars": ()}, "expected one price or two, got 0"),
        ({"pricing_dollars": (1.0, 2.0, 3.0)}, "expected one price or two, got 3"),
        ({"pricing_dollars": (float("nan"),)}, "expected prices from 0 dollars, got nan"),
        ({"price_dollars": float("inf")}, "expected prices from 0 dollars, got inf"),
        ({"price_dollars": -1.0}, "expected prices from 0 dollars, got -1"),
        ({"instruction": "Find"}, "expected attributes beside its instruction"),
    ],
)
def test_products_are_validated(fields: dict[str, Any], message: str) -> None:
    with pytest.raises(CatalogueError, match=message):
        Product(**{"asin": "A", "title": "x", **fields})


def test_search_text() -> None:
    product = Product(
        asin="A", title="Red SHIRT", description="Soft.", bullets=("Washable", "not indexed"),
        options={"size": ("s", "m"), "color": ("red",)},
    )  # fmt: skip
    assert product.search_text == "red shirt soft. washable size: s, m, and color: red"
